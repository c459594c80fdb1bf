"""The mattes of one region of a clip, and nothing else: for the command line, and to be looked at before painting."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .cache import cache_root
from .engine.painter import choose_device
from .job import MatteJob, UserError
from .media.clip import frame_range, open_clip
from .media.delivery import refuse_inputs, strangers
from .media.pictures import require_folder
from .regions.finding import CONFIDENCE, rounds_of
from .regions.missed import missed
from .sequence import Cancelled, Progress
from .whole import write_bytes


@dataclass(frozen=True)
class Mattes:
    """What a finished job has made."""

    folder: Path
    files: list[Path]
    """One for each frame, named by it."""
    confidence: dict[int, float]
    """Of an object: how sure its matte is in each frame, 0..1; of all else empty."""
    reused: int
    seconds: float
    device: str
    empty: bool = False
    """Whether nothing is in any of them."""
    notes: tuple[str, ...] = ()
    """What a person should know, though all went well: a sentence each."""


def make_mattes(
    job: MatteJob, on_progress: Callable[[Progress], None], cancelled: Callable[[], bool] = lambda: False
) -> Mattes:
    """Makes the mattes of a job as far as they are missing, and delivers them.

    Args:
        job: what of which clip.
        on_progress: told of every frame before it is looked at.
        cancelled: asked at every frame; True stops the job.

    Raises:
        UserError: an input is missing or does not fit, or nothing can be written.
        Cancelled: `cancelled` said so; finished mattes are kept in the cache.
    """
    began = time.monotonic()
    job.require_inputs()
    clip = open_clip(job.source.path, job.source.files)
    numbers = frame_range(job.source, clip)
    if job.output.path:
        check_folder(Path(job.output.path), job)
    left = TimeLeft()

    def tell(stage: str, number: int, done: int, total: int) -> None:
        if cancelled():
            raise Cancelled
        on_progress(Progress(stage, number, done, total, seconds_left=left(stage, done, total)))

    device = choose_device(job.device)
    rounds = rounds_of(job.region, job.source, clip, numbers, cache_root(job), device)
    reused = len(numbers) - len(rounds[-1].missing)
    for one in rounds:
        one.make(tell)
    confidence = {number: sure for number, sure in rounds[0].confidence.items() if number in numbers}
    files = [rounds[-1].file(number) for number in numbers]
    folder = Path(job.output.path) if job.output.path else rounds[-1].folder
    files = [delivered(file, folder) for file in files]
    if confidence and folder != rounds[0].folder:  # there it is, with that of other stretches
        write_bytes(folder / CONFIDENCE, json.dumps(confidence, indent=0).encode())
    nothing = missed(job.region, job.source.path, numbers, files)
    others = strangers(folder, files) if job.output.path else ""
    notes = tuple(filter(None, (nothing, others)))
    return Mattes(folder, files, confidence, reused, time.monotonic() - began, str(device), bool(nothing), notes)


def check_folder(path: Path, job: MatteJob) -> None:
    """Raises UserError, before any work is done, if mattes cannot be written to `path`, or a job's input would be."""
    refuse_inputs(path, job)
    if path.suffix and not path.is_dir():
        raise UserError(f"'{path}' ends in '{path.suffix}', but mattes are pictures in a folder: name a folder.")
    require_folder(path)


def delivered(file: Path, folder: Path) -> Path:
    """Where a file is once it is in this folder too; raises UserError if it cannot be written."""
    if file.parent != folder:
        write_bytes(folder / file.name, file.read_bytes())
    return folder / file.name


class TimeLeft:
    """How long a round goes on, by how long its frames have taken so far."""

    def __init__(self) -> None:
        self.stage, self.began, self.first = "", 0.0, 0

    def __call__(self, stage: str, done: int, total: int) -> float | None:
        """Seconds to the end of a round; None before its first frame is done."""
        if stage != self.stage:
            self.stage, self.began, self.first = stage, time.monotonic(), done
        made = done - self.first
        return (time.monotonic() - self.began) / made * (total - done) if made else None
