"""Painted strips: each stands above its source, knows it, and shows one version of its paint out of several."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import bpy
from bpy.types import Scene, Strip

from ...style_core.job import FRAME_ENDINGS, Job, UserError, frame_name
from . import growing, versions
from .headers import picture_size
from .likeness import Likeness, copy_masks, give, give_again, likeness
from .made_of import inputs_of
from .own_modifier import JOB_KEY
from .ways_in import (
    LINEAR_ALPHA,
    LINEAR_COLOURS,
    LINEAR_ENDINGS,
    USUAL_ALPHA,
    USUAL_COLOURS,
    WayIn,
    shown_by,
    speed_effects_of,
)

CHANNELS = 128
# By which painted strips are told from others at a glance.
COLOUR_TAG = "COLOR_06"


class Paint(NamedTuple):
    """Painted frames, and where on the timeline they are seen."""

    folder: Path
    frames: list[int]
    """The source's frame at every frame of the timeline from `left` on."""
    left: int
    mark: str = ""
    """By which a strip is found that has grown to show them; empty: there is none."""

    @property
    def files(self) -> list[str]:
        """The names of the frames' files, one for every frame of the timeline; a picture that is held has one."""
        ending = self.ending
        names = [frame_name(number, ending) for number in self.frames]
        return names[:1] if len(set(names)) == 1 else names

    @property
    def ending(self) -> str:
        """How the names of the files end."""
        there = [ending for ending in FRAME_ENDINGS if (self.folder / frame_name(self.frames[0], ending)).is_file()]
        return [*there, FRAME_ENDINGS[-1]][0]

    @property
    def right(self) -> int:
        """The frame of the timeline after the last."""
        return self.left + len(self.frames)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the painted frames."""
        return picture_size(self.folder / self.files[0])

    def missing(self) -> list[str]:
        """The names of frames that are not there, each once."""
        if not self.folder.is_dir():
            return sorted(set(self.files))
        with os.scandir(self.folder) as there:  # quicker by far than paths
            return sorted(set(self.files).difference(file.name for file in there))

    def require(self) -> None:
        """Raises UserError if a frame is missing."""
        missing = self.missing()
        if missing:
            raise UserError(
                f"Painted frame '{self.folder / missing[0]}' is missing: start the strip again to paint it."
            )


def add_painted_strip(scene: Scene, strip: Strip, paint: Paint, job: Job, way: WayIn) -> tuple[Strip, Likeness]:
    """Adds the painted strip of `strip` on the next free channel, and mutes `strip` and what it is shown through.

    Args:
        scene: the scene of the strip.
        strip: the source of the paint.
        paint: its frames.
        job: what was painted, kept with the new strip.
        way: how the frames came to the painter.

    Returns:
        The new strip, and what it took over from its source.

    Raises:
        UserError: a painted frame is missing, or there is no free channel.
    """
    paint.require()
    grown = growing.taken(siblings(scene, strip), paint.mark)
    painted = put_over(scene, strip, paint, grown) if grown else first_of(scene, strip, paint)
    for name in paint.files[len(painted.elements) :]:
        painted.elements.append(name)
    versions.set_right_handle(painted, paint.right)
    taken = likeness(scene, strip, paint.size, way)
    give(painted, taken)
    copy_masks(painted, scene, strip, way)
    painted.color_tag = COLOUR_TAG
    show(painted, paint, job)
    # The source stays the active strip, with its settings in the sidebar for another try; both move together.
    painted.select = strip.select
    for one in (strip, *speed_effects_of(strip, scene), *covered_inputs(strip)):
        one.mute = True
    return painted, taken


def first_of(scene: Scene, strip: Strip, paint: Paint) -> Strip:
    """A strip that shows the first frame of a strip's paint all the time, above that on the next free channel.

    Raises UserError if there is no free channel.
    """
    channel, file = channel_over(scene, strip, paint), str(paint.folder / paint.files[0])
    first = siblings(scene, strip).new_image(f"{strip.name} painted", file, channel, paint.left)
    versions.set_right_handle(first, paint.right)
    return first


def put_over(scene: Scene, strip: Strip, paint: Paint, grown: Strip) -> Strip:
    """A strip that has grown to show a strip's paint, over that wherever it is by now; raises as `first_of` does."""
    grown.channel = channel_over(scene, strip, paint, grown)
    versions.set_content_start(grown, paint.left)
    versions.set_left_handle(grown, paint.left)
    return grown


def channel_over(scene: Scene, strip: Strip, paint: Paint, leave: Strip | None = None) -> int:
    """The next free channel for a strip's paint, `leave` left aside; raises UserError if there is none."""
    above = max(strip.channel, shown_by(strip, scene).channel)
    return free_channel([one for one in siblings(scene, strip) if one != leave], above, paint.left, paint.right)


def grow_paint(scene: Scene, strip: Strip, paint: Paint) -> Iterator[None]:
    """Lets a strip grow under the paint's mark that `add_painted_strip` takes; raises UserError as that does."""
    paint.require()
    return growing.plant(first_of(scene, strip, paint), paint.files, paint.mark)


def show(painted: Strip, paint: Paint, job: Job) -> None:
    """Lets a painted strip show these frames, as far as they are its elements."""
    painted.directory = blend_relative(paint.folder)
    is_linear = paint.ending in LINEAR_ENDINGS
    painted.alpha_mode = LINEAR_ALPHA if is_linear else USUAL_ALPHA
    painted.colorspace_settings.name = LINEAR_COLOURS if is_linear else USUAL_COLOURS
    painted[JOB_KEY] = job.to_json()


def repaint(painted: Strip, old: Paint, paint: Paint, job: Job, before: Likeness, values: Likeness) -> None:
    """Lets a painted strip show other frames than it does.

    Edges that were not trimmed go to those of the new frames, and trimmed ones stay; so does all else that a person
    has changed at the strip.

    Args:
        painted: the strip.
        old: what it shows.
        paint: what it shall show; `old.left` and this one's are of the same time.
        job: what was painted.
        before: what the strip had been given with the frames that it shows.
        values: what goes with the new ones.

    Raises:
        UserError: a painted frame is missing.
    """
    paint.require()
    left, right = versions.handles(painted)
    was_whole = left == old.left, right == old.right
    elements = painted.elements
    while len(elements) > len(paint.files):
        elements.pop(len(elements) - 1)
    for place, name in enumerate(paint.files):
        if place < len(elements):
            # To write takes longer than to read, and most names stay.
            if elements[place].filename != name:
                elements[place].filename = name
        else:
            elements.append(name)
    versions.set_content_start(painted, paint.left)
    ends = [
        within if is_whole else min(max(now, paint.left), paint.right)
        for now, is_whole, within in zip((left, right), was_whole, (paint.left, paint.right), strict=True)
    ]
    versions.set_left_handle(painted, min(ends[0], paint.right - 1))
    versions.set_right_handle(painted, max(ends[1], versions.handles(painted)[0] + 1))
    give_again(painted, before, values)
    show(painted, paint, job)


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


def free_channel(strips: Iterable[Strip], above: int, left: int, right: int) -> int:
    """The first channel over `above` with nothing in it from `left` to before `right`."""
    spans = [(other.channel, *versions.handles(other)) for other in strips]
    taken = {channel for channel, start, end in spans if start < right and end > left}
    for channel in range(above + 1, CHANNELS + 1):
        if channel not in taken:
            return channel
    raise UserError(f"There is no free channel above channel {above}: delete a strip that is no longer needed.")


def number_in(file: str) -> int:
    """The number of the frame that a file's name tells."""
    return int(Path(file).stem)


def blend_relative(folder: Path) -> str:
    """The folder as seen from the .blend file if it lies beside or below that, so that both can be moved together."""
    home = Path(bpy.data.filepath).parent if bpy.data.filepath else None
    if home and folder.resolve().is_relative_to(home.resolve()):
        return bpy.path.relpath(str(folder.resolve()), start=str(home.resolve()))
    return str(folder)
