"""From painted frames to a strip that stands above its source and looks like it in everything but the paint."""

import struct
from pathlib import Path

import bpy
from bpy.types import Scene, Strip, StripModifier

from ...style_core.job import Job, UserError
from . import versions
from .keys import keyed
from .made_of import inputs_of
from .projections import frame_size, size_of
from .screen import shown
from .ways_in import BLENDING, USUAL_COLOURS, WayIn, changes_of, masks_of, shown_by, speed_effects_of

# The name under which a painted strip keeps the JSON of its job.
JOB_KEY = "stylestrip_job"

CHANNELS = 128
FLIPS, COLOURS = ("use_flip_x", "use_flip_y"), ("color_saturation", "color_multiply")
SAME_PLACE = ("offset_x", "offset_y", "rotation", "origin", "filter")


def add_painted_strip(
    scene: Scene, strip: Strip, left: int, frames: list[int], folder: Path, job: Job, way: WayIn
) -> Strip:
    """Adds the painted strip of `strip` on the next free channel, and mutes `strip` and what it is shown through.

    Args:
        scene: the scene of the strip.
        strip: the source of the paint.
        left: the first frame on the timeline.
        frames: the source's frame at every frame of the timeline from there on.
        folder: has the painted frames, named by the source's frames.
        job: what was painted, kept with the new strip.
        way: how the frames came to the painter.

    Raises:
        UserError: a painted frame is missing, or there is no free channel.
    """
    files = [f"{number:06d}.png" for number in frames]
    missing = sorted({name for name in files if not (folder / name).is_file()})
    if missing:
        raise UserError(f"Painted frame '{folder / missing[0]}' is missing: start the strip again to paint it.")
    strips = siblings(scene, strip)
    above = max(strip.channel, shown_by(strip, scene).channel)
    channel = free_channel(strips, above, left, left + len(frames))
    held = len(set(files)) == 1
    painted = strips.new_image(f"{strip.name} painted", str(folder / files[0]), channel, left)
    for name in [] if held else files[1:]:
        painted.elements.append(name)
    versions.set_right_handle(painted, left + len(frames))
    painted.directory = blend_relative(folder)
    match_look(painted, scene, strip, png_size(folder / files[0]), way)
    painted[JOB_KEY] = job.to_json()
    # The source stays the active strip, with its settings in the sidebar for another try; both move together.
    painted.select = strip.select
    for one in (strip, *speed_effects_of(strip, scene), *covered_inputs(strip)):
        one.mute = True
    return painted


def covered_inputs(strip: Strip) -> list[Strip]:
    """The strips that an effect hides while it is seen, as far as they are seen at no other time."""
    left, right = versions.handles(strip)
    spans = [(one, versions.handles(one)) for one in inputs_of(strip)]
    within = [one for one, (start, end) in spans if left <= start and end <= right]
    return within + [other for one in within for other in covered_inputs(one)]


def siblings(scene: Scene, strip: Strip) -> "bpy.types.StripsTopLevel | bpy.types.StripsMeta":
    """The strips beside a strip: those of its meta strip, or of the scene."""
    meta = strip.parent_meta()
    return meta.strips if meta else scene.sequence_editor.strips


def free_channel(strips: "bpy.types.StripsTopLevel", above: int, left: int, right: int) -> int:
    """The first channel over `above` with nothing in it from `left` to before `right`."""
    spans = [(other.channel, *versions.handles(other)) for other in strips]
    taken = {channel for channel, start, end in spans if start < right and end > left}
    for channel in range(above + 1, CHANNELS + 1):
        if channel not in taken:
            return channel
    raise UserError(f"There is no free channel above channel {above}: delete a strip that is no longer needed.")


def blend_relative(folder: Path) -> str:
    """The folder as seen from the .blend file if it lies beside or below that, so that both can be moved together."""
    home = Path(bpy.data.filepath).parent if bpy.data.filepath else None
    if home and folder.resolve().is_relative_to(home.resolve()):
        return bpy.path.relpath(str(folder.resolve()), start=str(home.resolve()))
    return str(folder)


def match_look(painted: Strip, scene: Scene, strip: Strip, painted_size: tuple[int, int], way: WayIn) -> None:
    """Gives a painted strip the blending of its source and, unless they are in its frames, place, crop and colours.

    Blender counts scale and crop in the strip's own pixels, and painted frames may have fewer of them.
    """
    size = frame_size(scene) if way.covers_frame else size_of(strip, scene)
    larger = size[0] / painted_size[0], size[1] / painted_size[1]
    painted.transform.scale_x, painted.transform.scale_y = larger
    for name in BLENDING:
        setattr(painted, name, getattr(shown_by(strip, scene), name))
    if not way.is_render:
        for name in COLOURS:
            setattr(painted, name, getattr(strip, name))
    if not way.covers_frame:
        match_place(painted, strip, larger)
        with shown(scene):
            copy_masks(painted, strip)
    painted.alpha_mode = "STRAIGHT"
    painted.colorspace_settings.name = USUAL_COLOURS


def match_place(painted: Strip, strip: Strip, larger: tuple[float, float]) -> None:
    """Gives a painted strip the place, crop and flips of its source, whose pictures are so many times larger."""
    for name in FLIPS:
        setattr(painted, name, getattr(strip, name))
    for name in SAME_PLACE:
        setattr(painted.transform, name, getattr(strip.transform, name))
    painted.transform.scale_x *= strip.transform.scale_x
    painted.transform.scale_y *= strip.transform.scale_y
    for side in ("min_x", "max_x", "min_y", "max_y"):
        setattr(painted.crop, side, round(getattr(strip.crop, side) / larger[side.endswith("y")]))


def copy_masks(painted: Strip, strip: Strip) -> None:
    """Gives a painted strip the mask modifiers of its source."""
    for own in filter(lambda one: is_kept(one, strip), masks_of(strip)):
        copy = painted.modifiers.new(own.name, own.type)
        for name in ("input_mask_type", "mask_time", "input_mask_id", "input_mask_strip"):
            setattr(copy, name, getattr(own, name))


def is_kept(mask: StripModifier, strip: Strip) -> bool:
    """Whether a mask modifier does the same to the painted strip, whose content begins at its left handle."""
    starts = versions.content_span(strip)[0] == versions.handles(strip)[0]
    return mask.input_mask_type == "STRIP" or mask.mask_time == "ABSOLUTE" or starts


def left_behind(scene: Scene, strip: Strip, way: WayIn) -> list[str]:
    """What of a strip its painted twin does not get, in words."""
    keys = keyed(scene, strip)
    if way.is_render:
        keys = [name for name in keys if name.startswith(BLENDING)]
    lost = [] if way.covers_frame else [one for one in masks_of(strip) if not is_kept(one, strip)]
    lost += [] if way.is_render else changes_of(strip)
    return ["keys"] * bool(keys) + ["modifiers"] * bool(lost)


def png_size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG file, from its header."""
    with path.open("rb") as file:
        return struct.unpack(">II", file.read(24)[16:24])
