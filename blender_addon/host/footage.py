"""What of a strip is painted: its source, and which frame of that is seen when."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from bpy.types import Scene, Strip

from ...style_core.job import Source, UserError, frame_name
from . import versions
from .fineness import is_fine
from .isolation import BYTES, LIGHT
from .made_of import made_of
from .moved import has_start
from .strip_state import state_of
from .strips import direct_frames, files_of, frames_of, source_of
from .ways_in import FILES, WayIn, shown_by, way_into, why_retimed

# Where rendered strips go, in the cache.
FOLDER = "render-{}"
RENDERED = re.compile(FOLDER.format("[0-9a-f]{16}"))


@dataclass(frozen=True)
class Footage:
    """The frames of one strip at one time; later it may have been moved or cut."""

    source: Source
    frames: list[int]
    """The source's frame at every visible frame of the timeline."""
    left: int
    """The first of those frames of the timeline."""
    way: WayIn
    start: float
    """Where on the timeline the strip's content begins."""
    wanted: range | None = None
    """Where the strip is rendered, the frames that are; None: all of them."""

    @property
    def numbers(self) -> range:
        """Of a strip that is rendered, the frames that are, from 1."""
        return range(1, len(self.frames) + 1) if self.wanted is None else self.wanted

    @property
    def folder(self) -> Path:
        """Where the frames of a strip lie that is rendered."""
        return Path(self.source.path)

    @property
    def ending(self) -> str:
        """How the names of its files end there."""
        return Path(self.source.files[0]).suffix

    def part(self, numbers: range) -> "Footage":
        """A strip of which only these frames are rendered; in the place of all others are the nearest of them."""
        names = [self.source.files[min(max(number, numbers[0]), numbers[-1]) - 1] for number in self.frames]
        return replace(self, source=replace(self.source, files=tuple(names)), wanted=numbers)

    def frames_now(self, strip: Strip, scene: Scene) -> list[int]:
        """The source's frame at every frame of the timeline that a strip shows by now, which was this one, or a piece
        of it; those below 1 or above the last were not seen before.

        Raises UserError if its times cannot be compared any more.
        """
        if not self.way.is_render:
            retimed = why_retimed(strip, scene)
            if retimed:
                raise UserError(
                    f"Strip '{strip.name}' was changed while it was painted: {retimed}. Its frames are kept: undo "
                    "that and stylize it again to get them at once."
                )
            return direct_frames(strip, scene)[1]
        left, right = versions.handles(shown_by(strip, scene))
        if not has_start(strip):
            # Its length tells a strip that was moved from one that was cut.
            same = right - left == len(self.frames)
            first = 1 if same else left - self.left + 1
        else:
            first = round((left - versions.content_span(strip)[0]) - (self.left - self.start)) + 1
        return list(range(first, first + right - left))


def is_of_render(source: Source) -> bool:
    """Whether the frames of a source were rendered, with all that was done to the strip."""
    return RENDERED.fullmatch(Path(source.path).name) is not None


def footage_of(strip: Strip, scene: Scene, cache: Path) -> Footage:
    """What of a strip is painted; if it is rendered, its frames are still to be made in a folder of `cache`.

    Raises UserError if the strip cannot be painted, a file is missing, or the strip must be rendered and lies before
    frame 0.
    """
    way, start = way_into(strip, scene), versions.content_span(strip)[0]
    left, _ = versions.handles(shown_by(strip, scene))
    if not way.is_render:
        return Footage(*source_of(strip, scene), left, way, start)
    frames = frames_of(strip, scene)
    for one in made_of(strip, scene):
        if one.type in FILES:
            files_of(one, scene)  # what Blender cannot find, it shows in black
    if left < 0:
        raise UserError(
            f"Strip '{strip.name}' begins at frame {left} and is painted from a render of it, as {way.reason}: move it "
            "to frame 0 or later, as Blender renders nothing before that."
        )
    folder = cache / FOLDER.format(state_of(strip, scene, way))
    ending = LIGHT if is_fine(strip, scene) else BYTES
    names = tuple(frame_name(number, ending) for number in frames)
    return Footage(Source(str(folder), names, 1, len(frames)), frames, left, way, start)


def footage_again(strip: Strip, scene: Scene, before: Footage) -> Footage:
    """What of a rendered strip is painted by now. Where it cannot be told whether the strip is still the same, what was
    rendered of the same frames is gone on with: else it would never be finished after a pause.

    Raises UserError as `footage_of` does.
    """
    now = footage_of(strip, scene, before.folder.parent)
    if not now.way.is_render or now.folder.name == FOLDER.format(state_of(strip, scene, now.way)):
        return now  # it can be told
    is_kept = before.folder.is_dir() and now.left - now.start == before.left - before.start
    is_kept = is_kept and (now.way, now.frames, now.ending) == (before.way, before.frames, before.ending)
    return replace(now, source=before.source) if is_kept else now
