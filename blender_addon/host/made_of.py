"""Which strips a strip's picture is made of."""

from bpy.types import Scene, Strip

from .ways_in import shown_by

# Kinds that show what lies below them.
OVER_OTHERS = ("ADJUSTMENT", "MULTICAM")


def made_of(strip: Strip, scene: Scene) -> list[Strip]:
    """All strips that a strip's picture depends on, itself among them, in the order of the scene."""
    names, waiting = set(), [strip, shown_by(strip, scene)]
    while waiting:
        one = waiting.pop()
        if one.name not in names:
            names.add(one.name)
            waiting += parts_of(one, scene)
    return [one for one in scene.sequence_editor.strips_all if one.name in names]


def parts_of(strip: Strip, scene: Scene) -> list[Strip]:
    """The strips that a strip takes from: what an effect acts on, what masks it, what it holds or lies above."""
    parts = inputs_of(strip)
    parts += [modifier.input_mask_strip for modifier in strip.modifiers]
    if strip.type == "META":
        parts += strip.strips
    if strip.type in OVER_OTHERS:
        meta = strip.parent_meta()
        beside = meta.strips if meta else scene.sequence_editor.strips
        parts += [other for other in beside if lies_below(other, strip)]
    return [part for part in parts if part is not None]


def inputs_of(strip: Strip) -> list[Strip]:
    """The strips that an effect acts on."""
    found = [getattr(strip, f"input_{number + 1}", None) for number in range(getattr(strip, "input_count", 0))]
    return [one for one in found if one is not None]


def lies_below(other: Strip, strip: Strip) -> bool:
    """Whether a strip is seen through another one that shows what is below it."""
    return strip.type in OVER_OTHERS and other.channel < strip.channel and not other.mute
