"""From a strip to the files that it shows."""

from pathlib import Path
from typing import Any

import bpy
from bpy.types import ID, Scene, Strip

from ...style_core.job import PICTURE_ENDINGS, Source, UserError
from . import versions
from .timing import Timing
from .ways_in import shown_by, way_into

# Two frame rates that differ by less than this are one and the same, written differently.
SAME_RATE = 1e-4
# Of so many of a strip's pictures it is asked, with every draw of a panel, whether they were replaced.
MOST_STAMPED = 16


def why_not_paintable(strip: Strip) -> str:
    """A sentence that says why this strip cannot be painted; empty if it can."""
    scene = strip.id_data
    if scene.library is not None:
        return f"Scene '{scene.name}' comes from another file: paint it there, or make it local."
    if strip.type == "SOUND":
        return f"Strip '{strip.name}' is sound: select a strip that has a picture."
    if strip.type == "MASK" and strip.mask is None:
        return f"Strip '{strip.name}' has lost its mask: choose one under Strip in the sidebar."
    if strip.type == "SCENE":
        return why_no_scene(strip)
    return ""


def why_no_scene(strip: Strip) -> str:
    """A sentence if a scene strip has nothing to show; empty if it has."""
    shown = strip.scene
    if shown is None:
        return f"Strip '{strip.name}' has lost its scene: choose one under Scene in the sidebar."
    if strip.scene_input == "CAMERA" and not (strip.scene_camera or shown.camera):
        return f"Scene '{shown.name}' of strip '{strip.name}' has no camera: add one there, or choose one here."
    if strip.scene_input == "SEQUENCER" and not shown.sequence_editor:
        return f"Strip '{strip.name}' shows the sequencer of scene '{shown.name}', which is empty: add strips there."
    return ""


def source_of(strip: Strip, scene: Scene) -> tuple[Source, list[int]]:
    """The files of a strip that is painted straight from them, and the source's frame at each of its visible frames.

    Raises UserError if the strip cannot be painted or is rendered first, or its files are missing.
    """
    problem, way = why_not_paintable(strip), way_into(strip, scene)
    if way.is_render and not problem:
        problem = (
            f"Strip '{strip.name}' is painted from a render of it, as {way.reason}: things are cut out of, found and "
            "followed in strips that are painted straight from their files alone; here choose a mask or a file as "
            "matte."
        )
    if problem:
        raise UserError(problem)
    return direct_frames(strip, scene)


def direct_frames(strip: Strip, scene: Scene) -> tuple[Source, list[int]]:
    """The same whatever else is done to the strip; raises UserError if its files are missing."""
    path, names = files_of(strip, scene)
    frames = timing_of(strip, scene, path, len(names)).source_frames()
    return Source(str(path), names if len(names) > 1 else (), min(frames), max(frames)), frames


def frames_of(strip: Strip, scene: Scene) -> list[int]:
    """The frame that is painted at each visible frame of a strip: that of its source, or of a render of it, from 1.

    Raises UserError if the strip cannot be painted, or its files are missing.
    """
    problem = why_not_paintable(strip)
    if problem:
        raise UserError(problem)
    if not way_into(strip, scene).is_render:
        return source_of(strip, scene)[1]
    left, right = versions.handles(shown_by(strip, scene))
    return list(range(1, right - left + 1))


def files_of(strip: Strip, scene: Scene) -> tuple[Path, tuple[str, ...]]:
    """The film, picture or folder of a strip, and for pictures the names of all its files.

    Raises UserError if there is none.
    """
    if strip.type == "MOVIE":
        path, names = Path(absolute(strip.filepath, scene)), ()
    else:
        path, names = Path(absolute(strip.directory, scene)), tuple(element.filename for element in strip.elements)
        if len(names) == 1:
            path /= names[0]
    if not path.exists():
        raise UserError(f"Strip '{strip.name}' has lost its file '{path}': find it with Strip > Inputs > Change Path.")
    return path, names


def absolute(path: str, owner: ID) -> str:
    """A path as the system knows it; "//" is the folder of the .blend file that its owner, mostly a scene, is from."""
    return str(Path(bpy.path.abspath(path, library=owner.library)).resolve())


def stamp_of(file: Path) -> list[Any]:
    """By what it is noticed that a file was replaced under its name, or pictures in a folder were; it may be gone."""
    try:
        if file.is_dir():
            pictures = sorted(one for one in file.iterdir() if one.suffix.lower() in PICTURE_ENDINGS)
            return [file.name, len(pictures), [stamp_of(pictures[place]) for place in spread(len(pictures))]]
        known = file.stat()
        return [file.name, known.st_size, known.st_mtime_ns]
    except OSError:
        return [file.name, None, None]


def spread(count: int) -> range:
    """The places of all of a few things, or of some of many: the same ones though a few things more are added."""
    return range(0, count, 1 << max(0, (count - 1).bit_length() - MOST_STAMPED.bit_length() + 1))


def timing_of(strip: Strip, scene: Scene, path: Path, pictures: int) -> Timing:
    """How a strip runs through the source at `path`, which has that many pictures (0: a film)."""
    left, right = versions.handles(strip)
    start, length = versions.content_span(strip)
    skipped, cut = versions.content_trim(strip)
    count, rate = (pictures - skipped - cut, 1.0) if pictures else film_pace(strip, scene, path, length, skipped + cut)
    return Timing(
        left, right, start, length, count, skipped, rate, reverse=strip.use_reverse_frames, strobe=strip.strobe
    )


def film_pace(strip: Strip, scene: Scene, path: Path, length: int, trimmed: int) -> tuple[int, float]:
    """Untrimmed frames of a film, and how many of them pass in a frame of the timeline.

    A film is either shown frame by frame or at its own rate, and Blender does not tell scripts which: its length on the
    timeline does. Where both lengths are equal, both show the same frames.
    """
    rate = strip.fps / (scene.render.fps / scene.render.fps_base)
    if abs(rate - 1) < SAME_RATE:
        return length, 1.0
    count = film_length(path) - trimmed
    return count, 1.0 if count == length else rate


def film_length(path: Path) -> int:
    """The number of frames that Blender sees in a film."""
    clip = bpy.data.movieclips.load(str(path))
    try:
        return clip.frame_duration
    finally:
        bpy.data.movieclips.remove(clip)


def picture_size(strip: Strip, path: Path) -> tuple[int, int]:
    """Width and height of a strip's frames before crop and transform."""
    first = strip.elements[0]
    if first.orig_width and first.orig_height:
        return first.orig_width, first.orig_height
    # Blender fills these in when it first draws the strip, which has not happened without a window.
    image = bpy.data.images.load(str(path / first.filename if path.is_dir() else path))
    try:
        return tuple(image.size)
    finally:
        bpy.data.images.remove(image)
