"""From a strip to the files that it shows."""

from pathlib import Path

import bpy
from bpy.types import Scene, Strip

from ...style_core.job import Source, UserError
from . import versions
from .timing import Timing

PAINTABLE = ("MOVIE", "IMAGE")

# Two frame rates that differ by less than this are one and the same, written differently.
SAME_RATE = 1e-4


def why_not_paintable(strip: Strip) -> str:
    """A sentence that says why this strip cannot be painted as it is; empty if it can."""
    scene = strip.id_data
    if scene.library is not None:
        return f"Scene '{scene.name}' comes from another file: paint it there, or make it local."
    if strip.type not in PAINTABLE:
        kind = strip.bl_rna.properties["type"].enum_items[strip.type].name.lower()
        return (
            f"Strip '{strip.name}' is of the kind '{kind}', and only films and pictures can be painted: render it to a "
            "film and paint that."
        )
    if len(strip.retiming_keys):
        return f"Strip '{strip.name}' is retimed: remove its retiming keys, or render it to a film and paint that."
    return ""


def source_of(strip: Strip, scene: Scene) -> tuple[Source, list[int]]:
    """What to paint for a strip, and the source's frame at each of its visible frames.

    Raises UserError if the strip is of a kind that cannot be painted, or its files are missing.
    """
    problem = why_not_paintable(strip) or why_speed_differs(strip, scene)
    if problem:
        raise UserError(problem)
    path, names = files_of(strip, scene)
    frames = timing_of(strip, scene, path, len(names)).source_frames()
    return Source(str(path), names if len(names) > 1 else (), min(frames), max(frames)), frames


def why_speed_differs(strip: Strip, scene: Scene) -> str:
    """A sentence if an effect shows the strip at another speed; empty otherwise."""
    for other in scene.sequence_editor.strips_all:
        if other.type == "SPEED" and other.input_1 == strip:
            return (
                f"Strip '{strip.name}' is shown through the speed effect '{other.name}': remove it, or render both to "
                "a film and paint that."
            )
    return ""


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


def absolute(path: str, scene: Scene) -> str:
    """A path as the system knows it; "//" is the folder of the .blend file that the scene comes from."""
    return str(Path(bpy.path.abspath(path, library=scene.library)).resolve())


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
