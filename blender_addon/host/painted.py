"""From painted frames to a strip that stands above its source and looks like it in everything but the paint."""

import struct
from pathlib import Path

import bpy
from bpy.types import AnimData, FCurve, Scene, Strip

from ...style_core.job import Job, UserError
from . import versions
from .strips import files_of, picture_size

# The name under which a painted strip keeps the JSON of its job.
JOB_KEY = "stylestrip_job"

CHANNELS = 128
SAME_LOOK = ("blend_type", "blend_alpha", "use_flip_x", "use_flip_y", "color_saturation", "color_multiply")
SAME_PLACE = ("offset_x", "offset_y", "rotation", "origin", "filter")


def add_painted_strip(scene: Scene, strip: Strip, left: int, frames: list[int], folder: Path, job: Job) -> Strip:
    """Adds the painted strip of `strip` on the next free channel, and mutes `strip`.

    Args:
        scene: the scene of the strip.
        strip: the source of the paint.
        left: the first frame on the timeline.
        frames: the source's frame at every frame of the timeline from there on.
        folder: has the painted frames, named by the source's frames.
        job: what was painted, kept with the new strip.

    Raises:
        UserError: a painted frame is missing, or there is no free channel.
    """
    files = [f"{number:06d}.png" for number in frames]
    missing = sorted({name for name in files if not (folder / name).is_file()})
    if missing:
        raise UserError(f"Painted frame '{folder / missing[0]}' is missing: start the strip again to paint it.")
    strips = siblings(scene, strip)
    channel = free_channel(strips, strip.channel, left, left + len(frames))
    held = len(set(files)) == 1
    painted = strips.new_image(f"{strip.name} painted", str(folder / files[0]), channel, left)
    for name in [] if held else files[1:]:
        painted.elements.append(name)
    versions.set_right_handle(painted, left + len(frames))
    painted.directory = blend_relative(folder)
    match_look(painted, strip, picture_size(strip, files_of(strip, scene)[0]), png_size(folder / files[0]))
    painted[JOB_KEY] = job.to_json()
    # The source stays the active strip, with its settings in the sidebar for another try; both move together.
    painted.select = strip.select
    strip.mute = True
    return painted


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


def match_look(painted: Strip, strip: Strip, size: tuple[int, int], painted_size: tuple[int, int]) -> None:
    """Gives a painted strip the place on screen, crop and blending of its source.

    Blender counts scale and crop in the strip's own pixels, and painted frames may have fewer of them.
    """
    larger = size[0] / painted_size[0], size[1] / painted_size[1]
    for name in SAME_LOOK:
        setattr(painted, name, getattr(strip, name))
    for name in SAME_PLACE:
        setattr(painted.transform, name, getattr(strip.transform, name))
    painted.transform.scale_x = strip.transform.scale_x * larger[0]
    painted.transform.scale_y = strip.transform.scale_y * larger[1]
    for side in ("min_x", "max_x", "min_y", "max_y"):
        setattr(painted.crop, side, round(getattr(strip.crop, side) / larger[side.endswith("y")]))
    painted.alpha_mode = "STRAIGHT"
    painted.colorspace_settings.name = "sRGB"


def left_behind(scene: Scene, strip: Strip) -> list[str]:
    """What of a strip its painted twin does not get, in words."""
    own = scene.animation_data
    curves = [curve.data_path for curve in curves_of(own)] if own else []
    curves += [driver.data_path for driver in own.drivers] if own else []
    place = f'sequence_editor.strips_all["{bpy.utils.escape_identifier(strip.name)}"].'
    is_animated = any(path.startswith(place) for path in curves)
    return ["keys"] * is_animated + ["modifiers"] * bool(len(strip.modifiers))


def curves_of(own: AnimData) -> list[FCurve]:
    """The F-curves that act on a datablock."""
    action, slot = own.action, own.action_slot
    if action is None or slot is None:
        return []
    bags = [strip.channelbag(slot) for layer in action.layers for strip in layer.strips]
    return [curve for bag in bags if bag for curve in bag.fcurves]


def png_size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG file, from its header."""
    with path.open("rb") as file:
        return struct.unpack(">II", file.read(24)[16:24])
