"""Progress of a job on a terminal, for people (Rich) or machines (JSON lines)."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import mean
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from .matting import Mattes
from .regions.finding import FINDING, REFINING
from .sequence import CHECKING, DELIVERING, PAINTING, PREPARING, Result
from .sequence import Progress as Painted

STAGES = {
    PREPARING: "Getting ready",
    FINDING: "Finding regions",
    REFINING: "Refining edges",
    PAINTING: "Painting",
    DELIVERING: "Writing",
    CHECKING: "Checking",
}
# What comes before counts frames of its own: a share of all is told from then on.
OF_ALL = (PAINTING, DELIVERING, CHECKING)
LINE_SECONDS = 5.0  # between lines of progress where there is no terminal


class Display(Protocol):
    """What is told about a job."""

    def progress(self, painted: Painted) -> None:
        """A step or frame is done."""

    def cancelled(self) -> None:
        """The job was stopped."""

    def done(self, result: Result, output: str) -> None:
        """The job has ended well."""

    def found(self, mattes: Mattes, least_sure: list[int]) -> None:
        """Mattes were made; the frames that are worth a look."""


@contextmanager
def shown(as_json: bool) -> Iterator[Display]:
    """A display for as long as a job runs."""
    if as_json:
        yield JsonLines()
        return
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(console)
        return
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}")
    with Progress(*columns, console=console, transient=True) as bar:
        yield Bar(bar, console)


class Sentences:
    """What a person is told at the end."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.latest: Painted | None = None

    def cancelled(self) -> None:
        done = self.latest.done if self.latest else 0
        kept = f"{done} finished frame{'s are' if done > 1 else ' is'} kept; the same command goes on from there."
        self.console.print(f"Stopped. {kept if done else 'No frame was finished yet.'}")

    def done(self, result: Result, output: str) -> None:
        new = len(result.files) - result.reused
        earlier = f"; finished earlier: {count(result.reused)}" if result.reused else ""
        what = f"Painted {count(new)} in {duration(result.seconds)} on {result.device}{earlier}"
        self.console.print(f"{what}: {output or result.folder}", highlight=False, soft_wrap=True)
        if result.report:
            self.console.print(f"How steady it is: {result.report}", highlight=False, soft_wrap=True)
        self.note(result.notes)

    def found(self, mattes: Mattes, least_sure: list[int]) -> None:
        earlier = f"; found earlier: {mattes.reused}" if mattes.reused else ""
        what = f"{count(len(mattes.files), 'matte')} in {duration(mattes.seconds)}{earlier}: {mattes.folder}"
        self.console.print(what, highlight=False, soft_wrap=True)
        self.note(mattes.notes)
        if not mattes.confidence:
            return
        sure = f"Mean confidence {mean(mattes.confidence.values()):.2f}"
        frames = [f"frame {number} ({mattes.confidence[number]:.2f})" for number in least_sure]
        look = f"; look at {', '.join(frames)}" if frames else ""
        self.console.print(sure + look, highlight=False, soft_wrap=True)

    def note(self, sentences: tuple[str, ...]) -> None:
        """Says what a person should know beside that all went well."""
        for sentence in sentences:
            self.console.print(f"Note: {sentence}", highlight=False, soft_wrap=True, markup=False)


class Bar(Sentences):
    """One bar over all frames, with the time left."""

    def __init__(self, bar: Progress, console: Console) -> None:
        super().__init__(console)
        self.bar = bar
        self.task = bar.add_task("Getting ready", total=None, words="")

    def progress(self, painted: Painted) -> None:
        self.latest = painted
        stage, words, completed = STAGES[painted.stage], words_of(painted), completed_of(painted)
        self.bar.update(self.task, description=stage, total=painted.total, completed=completed, words=words)


class Lines(Sentences):
    """Now and then a line, where there is no terminal."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self.told = time.monotonic()

    def progress(self, painted: Painted) -> None:
        self.latest = painted
        if time.monotonic() - self.told < LINE_SECONDS:
            return
        self.told = time.monotonic()
        share = completed_of(painted) / max(1, painted.total)
        share = f"{share:4.0%}" if painted.stage in OF_ALL else " " * 4
        line = f"{share}  {STAGES[painted.stage]}: {words_of(painted)}"
        self.console.print(line, highlight=False, soft_wrap=True)


class JsonLines:
    """One JSON object a line on stdout."""

    def progress(self, painted: Painted) -> None:
        finished = str(painted.finished) if painted.finished else None
        self.write("frame" if finished else "progress", **(vars(painted) | {"finished": finished}))

    def cancelled(self) -> None:
        self.write("cancelled")

    def done(self, result: Result, output: str) -> None:
        self.write(
            "done",
            output=output,
            folder=str(result.folder),
            files=[str(file) for file in result.files],
            reused=result.reused,
            seconds=result.seconds,
            device=result.device,
            report=str(result.report) if result.report else None,
            notes=result.notes,
        )

    def found(self, mattes: Mattes, least_sure: list[int]) -> None:
        self.write(
            "done",
            folder=str(mattes.folder),
            files=[str(file) for file in mattes.files],
            confidence=mattes.confidence,
            mean_confidence=mean(mattes.confidence.values()) if mattes.confidence else None,
            least_sure=least_sure,
            reused=mattes.reused,
            seconds=mattes.seconds,
            empty=mattes.empty,
            notes=mattes.notes,
        )

    def write(self, kind: str, **values: Any) -> None:
        print(json.dumps({"type": kind, **values}), flush=True)


def completed_of(painted: Painted) -> float:
    """How many frames are done, with the share of the one in work."""
    return painted.done + (painted.step / painted.steps if painted.steps else 0)


def words_of(painted: Painted) -> str:
    """At which frame a job is, and for how long it will go on."""
    words = f"frame {min(painted.done + 1, painted.total)} of {painted.total}"
    if painted.steps:
        words += f", step {painted.step} of {painted.steps}"
    if painted.seconds_left is not None:
        words += f", {duration(painted.seconds_left)} left"
    return words


def count(number: int, of: str = "frame") -> str:
    """ "1 frame", "2 frames"."""
    return f"{number} {of}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """A length of time in the two units that matter."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
