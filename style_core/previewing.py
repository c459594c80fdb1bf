"""A few frames of a film, painted at once and shown while they are painted.

What the film has there already is taken from it. Else a shot begins with the first of them, as the film's own first
frame begins one: there both are the same, and the film goes on from the preview's.
"""

import itertools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from .cache import cache_root
from .job import FRAME_ENDINGS, Job, Source, UserError, frame_name
from .media.clip import Clip, open_clip
from .media.frame import Frame, fitted_size
from .media.pictures import write_picture
from .setting import Checked

# Longer side of pictures that are only looked at, at most.
LONGEST = 960


@dataclass(frozen=True)
class PreviewJob(Checked):
    """Some frames of a job, in one row."""

    job: Job = field(default_factory=Job)
    """All of it."""
    first: int = 0
    """The first frame to paint, as the source counts."""
    last: int = 0
    """The last one."""
    pictures: str = ""
    """A folder for pictures of frames that are not finished yet; empty: nobody looks at them."""

    @property
    def numbers(self) -> range:
        """The frames to paint; raises UserError if the job has no such frames."""
        source = self.job.source
        if not source.first <= self.first <= self.last or (source.last and self.last > source.last):
            painted = f"{source.first}-{source.last}" if source.last else f"from {source.first} on"
            raise UserError(
                f"Frames {self.first}-{self.last} are to be previewed, but frames {painted} are painted: choose some "
                "of those."
            )
        return range(self.first, self.last + 1)

    @property
    def part(self) -> Job:
        """The job that paints those frames and nothing else."""
        source = replace(self.job.source, first=self.first, last=self.last)
        curves = tuple(curve.later(self.first - self.job.source.first) for curve in self.job.curves)
        output = replace(self.job.output, path="", report=False)
        return replace(self.job, source=source, curves=curves, output=output)


@dataclass(frozen=True)
class Ready:
    """Frames that the film has already."""

    folder: Path
    files: list[Path]
    seconds: float = 0.0
    device: str = ""
    notes: tuple[str, ...] = ()

    @property
    def reused(self) -> int:
        """How many of them were not painted now."""
        return len(self.files)


def ready(preview: PreviewJob) -> Ready | None:
    """The frames, if the film has all of them; what paints is not loaded for that.

    Raises UserError if an input is missing.
    """
    preview.job.require_inputs()
    folder = cache_root(preview.job) / preview.job.fingerprint()
    files = [finished(folder, number) for number in preview.numbers]
    return Ready(folder, files) if all(files) else None


def finished(folder: Path, number: int) -> Path | None:
    """The file with a finished frame, in whatever depth; None if there is none."""
    files = (folder / frame_name(number, ending) for ending in FRAME_ENDINGS)
    return next((file for file in files if file.is_file()), None)


class Album:
    """Pictures of unfinished frames, each in a file of its own: whoever reads one may take his time.

    Args:
        folder: exists, and is emptied by whoever looks at them.
        tell: told of the frame's number and the file.
    """

    def __init__(self, folder: Path, tell: Callable[[int, Path], None]) -> None:
        self.folder, self.tell, self.counter = folder, tell, itertools.count(1)

    def show(self, number: int, frame: Frame) -> None:
        """Writes a frame as it is by now."""
        path = self.folder / f"{number:06d}-{next(self.counter)}.png"
        # A picture that cannot be written is not seen; the painting is not to blame.
        with suppress(UserError):
            write_picture(path, small(frame).at("png8"))
            self.tell(number, path)


class Viewer:
    """Shows frames of clips as they are; the clip at hand stays open."""

    def __init__(self) -> None:
        self.source = Source()
        self.clip: Clip | None = None

    def show(self, source: Source, number: int, path: Path) -> None:
        """Writes a frame to a file; raises UserError if there is none such, or it cannot be written."""
        if self.clip is None or self.source != source:
            source.require_inputs()
            self.source, self.clip = source, open_clip(source.path, source.files)
        write_picture(path, small(self.clip.read(number)))


def small(frame: Frame) -> Frame:
    """A frame of LONGEST pixels at most."""
    return frame if max(frame.size) <= LONGEST else frame.resized(*fitted_size(*frame.size, LONGEST))
