"""What can be a matte, as a person chooses it: masks, mask modifiers and other strips."""

from typing import NamedTuple

from bpy.types import Mask, Scene, Strip

from ...style_core.job import UserError
from . import versions

# Kinds of strips that can be a matte for others: what has a picture by itself.
MATTES = ("MOVIE", "IMAGE", "MASK", "MOVIECLIP", "SCENE", "META", "COLOR", "TEXT")
# Whether a mask goes with the timeline or with the content of what it masks, as Blender's mask modifiers call it.
TIMES = ("ABSOLUTE", "RELATIVE")


class Input(NamedTuple):
    """What a mask modifier takes its mask from."""

    mask: Mask | Strip
    time: str = TIMES[0]
    """ABSOLUTE: a Mask is as at the same frame of the timeline; RELATIVE: it begins with the strip's content."""

    @property
    def is_mask(self) -> bool:
        """Whether it is drawn in the mask editor."""
        return isinstance(self.mask, Mask)


def existing(mask: Mask | None) -> Mask:
    """The mask, if it still exists."""
    gone = "The mask of the region has been deleted: choose another one."
    if mask is None:
        raise UserError(gone)
    try:
        mask.name  # noqa: B018 - Blender tells only who asks for something of it
    except ReferenceError as error:
        raise UserError(gone) from error
    return mask


def inputs_of(strip: Strip) -> list[Input]:
    """What a strip's mask modifiers, those that are switched on, take their masks from; UserError if it is nothing."""
    inputs = []
    for modifier in strip.modifiers:
        if modifier.type == "MASK" and not modifier.mute:
            is_mask = modifier.input_mask_type == "ID"
            mask = modifier.input_mask_id if is_mask else modifier.input_mask_strip
            if mask is None:
                raise UserError(
                    f"The mask modifier '{modifier.name}' of strip '{strip.name}' has no mask: choose one, or switch "
                    "the modifier off."
                )
            inputs.append(Input(mask, modifier.mask_time if is_mask else "ABSOLUTE"))
    if not inputs:
        raise UserError(f"Strip '{strip.name}' has no mask modifier that is switched on: add one, or another matte.")
    return inputs


def matte_named(name: str, strip: Strip, scene: Scene, times: list[int]) -> Strip:
    """The strip of that name as a matte for `strip`; UserError if it cannot be one."""
    matte = scene.sequence_editor.strips_all.get(name)
    if matte is None:
        raise UserError(f"There is no strip '{name}' to be the matte of '{strip.name}': choose another one.")
    if matte == strip:
        raise UserError(f"Strip '{name}' cannot be its own matte: choose another strip, or its alpha.")
    if matte.type not in MATTES:
        kind = matte.bl_rna.properties["type"].enum_items[matte.type].name.lower()
        raise UserError(f"Strip '{name}' is of the kind '{kind}', which cannot be a matte: choose a film or pictures.")
    left, right = versions.handles(matte)
    missing = [time for time in times if not left <= time < right]
    if missing:
        raise UserError(
            f"Strip '{name}' is at frames {left}-{right - 1} of the timeline, and '{strip.name}' is also at frames "
            f"{spans(missing)}: lengthen it at its handles, or put its pieces into a meta strip (Ctrl+G) and choose "
            "that as the matte."
        )
    return matte


def spans(frames: list[int]) -> str:
    """Frames in order, those that follow one another in short: "3-7, 9"."""
    starts = [frame for frame, before in zip(frames, [None, *frames], strict=False) if before != frame - 1]
    ends = [frame for frame, after in zip(frames, [*frames[1:], None], strict=True) if after != frame + 1]
    return ", ".join(f"{start}-{end}" if end > start else f"{start}" for start, end in zip(starts, ends, strict=True))
