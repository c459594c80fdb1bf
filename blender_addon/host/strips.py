"""Strips to files and back: what a strip shows at each timeline frame, and the painted strip above it."""

import math
from dataclasses import dataclass
from pathlib import Path

import bpy

from ...style_core.job import Source, UserError
from . import versions

KINDS = ("MOVIE", "IMAGE")
# Tells a painted strip from others, and what it was painted with.
JOB_TAG = "stylestrip_job"
COPIED = ("blend_type", "blend_alpha", "use_flip_x", "use_flip_y")


@dataclass(frozen=True)
class Shot:
    """What a strip shows."""

    source: Source
    numbers: tuple[int, ...]
    """The source's frame, counted from 1, for every timeline frame of the strip."""


def shot_of(strip: bpy.types.Strip) -> Shot:
    """What a movie or image strip shows; raises UserError for what cannot be read straight from its files."""
    if strip.type not in KINDS:
        raise UserError(
            f"'{strip.name}' is a {strip.type.replace('_', ' ').lower()} strip; Stylestrip paints movie and image strips. "
            "Render it to a film and paint that."
        )
    if len(strip.retiming_keys) > 0:
        raise UserError(f"'{strip.name}' is retimed: render it to a film first, and paint that.")
    numbers = source_numbers(strip)
    path, files = media(strip)
    if not Path(path).exists():
        raise UserError(f"The file of strip '{strip.name}' is missing: '{path}'. Find it with File > External Data.")
    return Shot(Source(path=path, files=files, first=min(numbers), last=max(numbers)), numbers)


def source_numbers(strip: bpy.types.Strip) -> tuple[int, ...]:
    """For every timeline frame of the strip, the frame of its source, as Blender's renderer chooses it."""
    start, end = versions.handles(strip)
    if end <= start:
        raise UserError(f"The strip '{strip.name}' is empty: it shows no frames.")
    length = versions.content_length(strip)
    pace = length / max(1.0, versions.timeline_length(strip))
    strobe = max(1.0, strip.strobe)
    numbers = []
    for frame in range(start, end):
        index = min(max((frame - versions.content_start(strip)) * pace, 0), length - 1)
        if strip.use_reverse_frames:
            index = length - 1 - index
        index -= math.fmod(index, strobe)
        numbers.append(versions.skipped_frames(strip) + math.floor(index + 1e-4) + 1)
    return tuple(numbers)


def media(strip: bpy.types.Strip) -> tuple[str, tuple[str, ...]]:
    """The film's path, or the folder and the names of the pictures, in the order of the strip's content."""
    library = strip.id_data.library
    if strip.type == "MOVIE":
        return bpy.path.abspath(strip.filepath, library=library), ()
    folder = bpy.path.abspath(strip.directory, library=library)
    return folder, tuple(element.filename for element in strip.elements)


def channel_above(scene: bpy.types.Scene, strip: bpy.types.Strip) -> int:
    """The next channel over the strip that is free for its whole length; raises UserError if none is."""
    start, end = versions.handles(strip)
    taken = set()
    for other in scene.sequence_editor.strips:
        first, last = versions.handles(other)
        if first < end and start < last:
            taken.add(other.channel)
    channel = next((c for c in range(strip.channel + 1, 129) if c not in taken), None)
    if channel is None:
        raise UserError(f"No channel above '{strip.name}' is free: move some strips to another place.")
    return channel


def add_painted_strip(
    scene: bpy.types.Scene, strip: bpy.types.Strip, shot: Shot, folder: Path, job_json: str
) -> bpy.types.Strip:
    """Lays the painted frames over the strip: same trim, place, transform and blend; the source is muted.

    Args:
        folder: holds the painted frames, named by the source's frame with six digits.
    """
    files = [f"{number:06d}.png" for number in shot.numbers]
    start, end = versions.handles(strip)
    painted = scene.sequence_editor.strips.new_image(
        name=f"{strip.name} painted",
        filepath=str(folder / files[0]),
        channel=channel_above(scene, strip),
        frame_start=start,
    )
    # One picture held for the strip's length stays one picture, and trims like one.
    for name in files[1:] if len(set(files)) > 1 else ():
        painted.elements.append(name)
    versions.set_right_handle(painted, end)
    copy_appearance(strip, painted)
    painted.colorspace_settings.name = "sRGB"
    painted[JOB_TAG] = job_json
    strip.mute = True
    for other in scene.sequence_editor.strips:
        other.select = other == painted
    scene.sequence_editor.active_strip = painted
    return painted


def copy_appearance(strip: bpy.types.Strip, painted: bpy.types.Strip) -> None:
    """Gives the painted strip the place on screen of the source, whatever size it was painted in."""
    for name in COPIED:
        setattr(painted, name, getattr(strip, name))
    for name in ("offset_x", "offset_y", "rotation", "origin", "filter"):
        setattr(painted.transform, name, getattr(strip.transform, name))
    before, after = strip.elements[0], painted.elements[0]
    across = before.orig_width / after.orig_width if before.orig_width and after.orig_width else 1.0
    down = before.orig_height / after.orig_height if before.orig_height and after.orig_height else 1.0
    painted.transform.scale_x = strip.transform.scale_x * across
    painted.transform.scale_y = strip.transform.scale_y * down
    for name, ratio in (("min_x", across), ("max_x", across), ("min_y", down), ("max_y", down)):
        setattr(painted.crop, name, round(getattr(strip.crop, name) / ratio))
