"""One thing that the worker does for a person: how far it is, and how it ended."""

import math
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from ..style_core import protocol
from ..style_core.job import UserError
from .client import Message

# What is done before anything is painted.
REGION_STAGES = {
    "finding": "Finding the region",
    "refining": "Refining its edges",
    "outlining": "Drawing its outlines",
}

# What is done before the worker is asked.
RENDERING = "rendering"
# What is done when all is painted.
CHECKING = "checking"
# What is done before a frame is painted.
PREPARING = "preparing"

END = object()
# For how long an end that was told counts more than a new one: as a part of what is left, and at least, in seconds.
INERTIA, SHORTEST_INERTIA = 0.2, 2.0
SLOW_SECONDS = 10.0  # from then on, rendering a frame says for how long
PACE_FRAMES = 6  # of which the time is told that a frame takes


class Rendering(Protocol):
    """What Blender renders or draws before the worker can begin."""

    total: int
    words: str
    """What is being done, for a person."""
    cancelled: str
    """What is kept if it is cancelled now, a sentence."""

    @property
    def done(self) -> int:
        """How many are there."""

    @property
    def is_complete(self) -> bool:
        """Whether all frames are there."""

    def advance(self) -> None:
        """Goes on, or looks how far it is; raises UserError if that fails."""

    def end(self) -> None:
        """Stops at once; finished frames are kept."""


@dataclass(eq=False)
class Task:
    """Something on its way to being done."""

    identifier: str = ""
    """By which the things of Blender that it is about are found again: their ticket."""
    request: tuple[str, dict[str, Any]] = ("", {})
    """What the worker is asked for: a kind, and a job."""
    asked: str = ""
    """While the worker is at it, the identifier of that request: each time it is asked, another one."""
    rendering: Rendering | None = None
    """What the request waits for."""
    doing: str = ""
    """What is being done then."""
    errand: ClassVar[str] = "a preview"
    """Where it goes before the queue: what the queue is paused for."""
    done: int = 0
    total: int = 0
    fraction: float = 0.0
    rendered_at: float = 0.0
    """When the frame that is being rendered for it was begun, by the monotonic clock."""
    within: float = 0.0
    """How much of the frame in work is painted."""
    ends_at: float | None = None
    """When it will have ended as far as can be told, by the monotonic clock."""
    told_at: float = 0.0
    """When that was last told."""
    stage: str = ""
    state: str = "waiting"
    """waiting, running, done, cancelled or failed."""
    stopped_for: str | None = None
    """Where it waits after it had begun, or soon will: what it is paused for; empty: since a person wants it."""
    message: str = ""
    """When it has ended, a sentence that says how."""
    details: str = ""
    """For a report: where it failed."""
    wrong_input: bool = False
    """Where it failed, whether what was asked for is to blame."""
    cancelled_at: float | None = None
    """When Cancel was pressed, by the monotonic clock."""
    folder: Path | None = None
    """Where the worker's files are, as soon as all are there."""
    newest: Path | None = None
    """The newest finished frame."""
    finished_at: deque[float] = field(default_factory=lambda: deque(maxlen=PACE_FRAMES + 1))
    """When the last frames were finished, by the monotonic clock."""
    readying: Iterator[None] | None = None
    """While the worker's files are made ready to be delivered, the rest of that."""
    notes: tuple[str, ...] = ()
    """What the worker has to say, though all goes well: a sentence each."""

    @property
    def words(self) -> str:
        """Where it is, for a person."""
        if self.state == "waiting":
            return self.words_of_waiting
        if self.state != "running":
            return self.message
        if self.cancelled_at is not None:
            return "Cancelling ..."
        if self.is_stopping:
            return "Pausing ..."
        if self.readying is not None:
            return "Adding the painted frames"
        if self.folder:
            return "Done, and waiting for the render to end"
        if self.stage == RENDERING:
            where = f"{self.doing}, frame {min(self.done + 1, self.total)} of {self.total}"
            waited = time.monotonic() - self.rendered_at
            return f"{where}, for {duration(waited)}" if waited > SLOW_SECONDS else where
        if self.stage in REGION_STAGES:
            return f"{REGION_STAGES[self.stage]}, frame {min(self.done + 1, self.total)} of {self.total}"
        if self.stage == CHECKING:
            return "Measuring how steady the film is"
        if not self.total or self.stage in ("", PREPARING):
            return "Getting ready"
        where = "Painting" if self.total == 1 else f"Frame {min(self.done + 1, self.total)} of {self.total}"
        if self.seconds_left is not None:
            return f"{where}, {duration(self.seconds_left)} left" if self.seconds_left >= 1 else f"{where}, nearly done"
        # Until something is known of how long frames take, no time is told: that it goes on is seen all the same.
        return f"{where}, {self.within:.0%} of it" if self.within and self.total > 1 else where

    @property
    def short_words(self) -> str:
        """The same, for a row."""
        if self.state == "running" and self.cancelled_at is None and not self.is_stopping and self.total:
            return f"{self.done} of {self.total}"
        return self.words.partition(",")[0].partition(":")[0] if not self.is_over else self.state.capitalize()

    @property
    def seconds_left(self) -> float | None:
        """How long it will still take; None where that cannot be told yet."""
        return None if self.ends_at is None else max(0.0, self.ends_at - time.monotonic())

    def expect(self, seconds: float | None) -> None:
        """Brings the end up to date with what the worker says is left; within a frame, steps take unlike long, and
        what it says jumps: so the end that was told before counts for as long as a part of what is left."""
        now = time.monotonic()
        if seconds is None or self.ends_at is None:
            self.ends_at = None if seconds is None else now + seconds
        else:
            fresh = 1 - math.exp((self.told_at - now) / max(SHORTEST_INERTIA, INERTIA * seconds))
            self.ends_at += fresh * (now + seconds - self.ends_at)
        self.told_at = now

    @property
    def seconds_per_frame(self) -> float | None:
        """How long the last frames took, each; None where too few are finished."""
        if len(self.finished_at) < 2:
            return None
        return (self.finished_at[-1] - self.finished_at[0]) / (len(self.finished_at) - 1)

    @property
    def words_of_waiting(self) -> str:
        """Why it does not go on, for a person."""
        if self.stopped_for is None:
            return "Waiting"
        kept = f", {self.done} of {self.total} frames are there" if self.total else ""
        return "Paused" + (f" for {self.stopped_for}" if self.stopped_for else "") + kept

    @property
    def is_over(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.state not in ("waiting", "running")

    @property
    def is_stopping(self) -> bool:
        """Whether the worker was asked to leave it for later."""
        return self.state == "running" and self.stopped_for is not None

    def prepare(self) -> Rendering | None:
        """Begins with the next thing that the worker needs and is missing; called until nothing is, and anew whenever
        the task goes on.

        Raises UserError if nothing can be rendered.
        """
        return None

    def show_rendering(self) -> None:
        """Brings the task up to date with what is rendered for it."""
        if (self.stage, self.done) != (RENDERING, self.rendering.done):
            self.rendered_at = time.monotonic()
        self.stage, self.done, self.total = RENDERING, self.rendering.done, self.rendering.total
        self.doing = self.rendering.words
        self.fraction = self.done / max(1, self.total)

    def take(self, message: Message) -> None:
        """Brings the task up to date with one message."""
        # Once all is there, not even the worker's death matters.
        if self.state != "running" or self.folder:
            return
        kind = message["type"]
        if kind in (protocol.PROGRESS, protocol.FRAME):
            self.notes = tuple(message["notes"])
        if kind == protocol.PROGRESS:
            self.done, self.total, self.stage = message["done"], message["total"], message["stage"]
            self.within = message["step"] / message["steps"] if message["steps"] else 0.0
            self.fraction = (message["done"] + self.within) / max(1, message["total"])
            self.expect(message["seconds_left"])
        elif kind == protocol.FRAME:
            self.done, self.total = message["done"], message["total"]
            self.fraction = message["done"] / max(1, message["total"])
            self.newest = Path(message["path"])
            self.finished_at.append(time.monotonic())
        elif kind == protocol.DONE:
            self.folder, self.notes = Path(message["folder"]), tuple(message["notes"])
        elif kind == protocol.CANCELLED:
            # Asked to leave it for later, or for good.
            self.state = "waiting" if self.is_stopping and self.cancelled_at is None else "cancelled"
            kept = message["done"]
            frames = "frame is" if kept == 1 else "frames are"
            self.message = f"Cancelled. {kept or 'No'} finished {frames} kept" + (", to go on from." if kept else ".")
        elif kind == protocol.ERROR:
            self.state, self.message, self.details = "failed", message["message"], message["details"]
            self.wrong_input = message["wrong_input"]

    def finish(self, seconds: float) -> None:
        """Takes the worker's files into the timeline; what takes longer than so many seconds goes on with later."""
        try:
            if not self.make_ready(seconds):
                return
            message = self.deliver(self.folder)
        except UserError as error:
            self.leave_off()
            self.state, self.message, self.wrong_input = "failed", str(error), error.wrong_input
            return
        self.leave_off()
        self.state, self.fraction, self.ends_at = "done", 1.0, time.monotonic()
        self.message = " ".join(filter(None, (message, *self.notes)))

    def make_ready(self, seconds: float) -> bool:
        """Goes on with what takes long of the delivery; whether that is all done, and there is time for the rest."""
        began = time.monotonic()
        if self.readying is None:
            self.readying = self.ready(self.folder)
        has_worked = False
        while next(self.readying, END) is not END:
            has_worked = True
            if time.monotonic() - began > seconds:
                return False
        return not has_worked or seconds == math.inf

    def leave_off(self) -> None:
        """Ends what is on its way for it: a render, or a delivery."""
        if self.rendering:
            self.rendering.end()
        if self.readying:
            self.readying.close()
        self.rendering = self.readying = None

    def ready(self, folder: Path) -> Iterator[None]:
        """Does what takes long of `deliver` before that, bit by bit; what it leaves is taken back when it is closed."""
        yield from ()

    def deliver(self, folder: Path) -> str:
        """Does with the worker's files what they are for, and says so if the notes do not; may raise UserError."""
        raise NotImplementedError

    def renew(self) -> None:
        """Forgets how it ended: it waits as if it had not begun."""
        self.state, self.message, self.details, self.stopped_for = "waiting", "", "", None
        self.cancelled_at = self.folder = self.ends_at = None
        self.notes, self.wrong_input, self.stage = (), False, ""
        self.finished_at.clear()

    def cancel(self) -> None:
        """Notes that the person has asked for an end."""
        self.cancelled_at = time.monotonic()


def duration(seconds: float) -> str:
    """A stretch of time for a person."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
