"""Serves jobs over stdin and stdout, in the words of `protocol`; the same loop the command line calls.

The thread that reads stdin only takes messages in; all work is done in the main thread.
"""

import gc
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from . import __version__, protocol
from .doctor import why_incomplete
from .job import Job, MatteJob, Source, UserError
from .setting import build

if TYPE_CHECKING:  # the painter's parts are loaded with the first job
    from .arrivals import Arrivals
    from .cutting import Cutter
    from .previewing import Viewer
    from .sequence import Progress

Result = TypeVar("Result")
Tell = Callable[["Progress"], None]
Stopped = Callable[[], bool]

# What the worker does for the client, for sentences about it.
TASKS = {
    protocol.RUN: "Painting",
    protocol.PREVIEW: "The preview",
    protocol.MATTE: "Finding the region",
    protocol.OUTLINE: "Drawing outlines",
    protocol.ARRIVE: "Painting",
    protocol.CUT: "Cutting out",
    protocol.SHOW: "Reading the frame",
}
# Those that are done between two steps of the others, as a person is waiting.
AT_ONCE = (protocol.CUT, protocol.SHOW)


class Worker:
    """Takes messages from `incoming` and answers on `outgoing` until QUIT or the end of the input."""

    def __init__(self, incoming: IO[str], outgoing: IO[str]) -> None:
        self.incoming, self.outgoing = incoming, outgoing
        self.waiting: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.cancelled: set[str] = set()
        # What is answered in the midst of other work: a person is drawing, or looking.
        self.urgent: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.newest_cut = ""
        self.cutter: Cutter | None = None
        self.viewer: Viewer | None = None
        self.arrivals: Arrivals | None = None
        self.quitting = threading.Event()
        self.told = 0.0

    def serve(self) -> None:
        """Greets, then does one thing after the other."""
        self.say(protocol.HELLO, protocol=protocol.PROTOCOL_VERSION, version=__version__, pid=os.getpid())
        threading.Thread(target=self.listen, daemon=True).start()
        while (message := self.waiting.get()) is not None:
            if message["type"] in AT_ONCE:
                self.answer_urgent()
            elif message["type"] == protocol.FORGET:
                self.forget()
            else:
                self.answer(message)

    def listen(self) -> None:
        """Sorts what comes in; an input that ends is a client that is gone."""
        try:
            for line in self.incoming:
                if not self.take(line):
                    break
        finally:
            # Whatever happens here: a worker that hears nothing any more must not stay.
            self.quitting.set()
            self.waiting.put(None)

    def take(self, line: str) -> bool:
        """Takes a message in; returns whether more may come."""
        try:
            message = protocol.decode(line)
        except protocol.ProtocolError as error:
            self.fail(None, str(error), "")
            return True
        if message["type"] in TASKS:
            if message["type"] == protocol.CUT:
                self.newest_cut = str(message.get("id"))
            if message["type"] in AT_ONCE:
                self.urgent.put(message)
            self.waiting.put(message)
        elif message["type"] == protocol.FORGET:
            self.waiting.put(message)
        elif message["type"] == protocol.CANCEL:
            self.cancelled.add(str(message.get("id")))
        elif message["type"] != protocol.QUIT:
            self.fail(None, f"Unknown message '{message['type']}'.", line)
        return message["type"] != protocol.QUIT

    def answer_urgent(self) -> None:
        """Answers all cuts and looks that wait."""
        while not self.urgent.empty():
            self.answer(self.urgent.get())

    def answer(self, message: dict[str, Any]) -> None:
        """Does one thing and ends with exactly one final message about it."""
        tasks = {
            protocol.RUN: self.paint,
            protocol.PREVIEW: self.preview,
            protocol.MATTE: self.find,
            protocol.OUTLINE: self.outline,
            protocol.ARRIVE: self.arrive,
            protocol.CUT: self.cut,
            protocol.SHOW: self.show,
        }
        identifier = str(message.get("id"))
        try:
            tasks[message["type"]](identifier, message)
        except UserError as error:
            self.fail(identifier, str(error), traceback.format_exc(), wrong_input=error.wrong_input)
        except ImportError as error:
            # The painter's parts are loaded with the first job, so that a Python without them can still say so.
            self.fail(identifier, why_incomplete(error), traceback.format_exc())
        except Exception as error:
            # Whatever it is, the client must hear of it; the worker stays for the next job.
            what = f"{TASKS[message['type']]} failed unexpectedly ({type(error).__name__}: {error})."
            is_long = message["type"] in (protocol.RUN, protocol.ARRIVE, protocol.MATTE)
            kept = " Finished frames are kept." if is_long else ""
            self.fail(identifier, what + kept, traceback.format_exc())
        finally:
            # Between two strokes of a brush there is no time for it.
            if message["type"] not in (*AT_ONCE, protocol.ARRIVE):
                give_memory_back()

    def paint(self, identifier: str, message: dict[str, Any]) -> None:
        """Paints a job, telling the client how far it is."""
        from .sequence import paint_job

        job = build(Job, message.get("job"), "job")
        result = self.watched(identifier, lambda tell, stopped: paint_job(job, tell, stopped))
        if result:
            report = str(result.report) if result.report else ""
            self.say_done(identifier, result, output=job.output.path, report=report)

    def preview(self, identifier: str, message: dict[str, Any]) -> None:
        """Paints some frames of a job, showing them to the client meanwhile."""
        from .previewing import Album, PreviewJob, ready

        preview = build(PreviewJob, message.get("job"), "job")
        result = ready(preview)
        if result is None:
            from .sequence import paint_job

            def tell_picture(number: int, path: Path) -> None:
                self.say(protocol.PICTURE, id=identifier, number=number, path=str(path))

            show = Album(Path(preview.pictures), tell_picture).show if preview.pictures else None
            of = preview.job.source
            result = self.watched(
                identifier, lambda tell, stopped: paint_job(preview.part, tell, stopped, show=show, of=of)
            )
        if result:
            files = [str(file) for file in result.files]
            self.say_done(identifier, result, output="", report="", files=files)

    def find(self, identifier: str, message: dict[str, Any]) -> None:
        """Makes the mattes of a region, telling the client how far it is."""
        from .matting import make_mattes

        job = build(MatteJob, message.get("job"), "job")
        result = self.watched(identifier, lambda tell, stopped: make_mattes(job, tell, stopped))
        if result:
            self.say_done(identifier, result, output=job.output.path)

    def outline(self, identifier: str, message: dict[str, Any]) -> None:
        """Draws the outlines of a region, telling the client how far it is."""
        from .outlining import OutlineJob, draw_outlines

        job = build(OutlineJob, message.get("job"), "job")
        result = self.watched(identifier, lambda tell, stopped: draw_outlines(job, tell, stopped))
        if result:
            self.say(protocol.OUTLINES, id=identifier, **result)

    def arrive(self, identifier: str, message: dict[str, Any]) -> None:
        """Paints a frame of a film whose frames come one by one."""
        from .arrivals import Arrival, Arrivals

        self.arrivals = self.arrivals or Arrivals()
        arrival = build(Arrival, message.get("arrival"), "arrival")

        def work(tell: Tell, stopped: Stopped) -> None:
            found = self.arrivals.take(arrival, tell, stopped)
            path, beginning = (str(found.path), found.beginning) if found else ("", "")
            was_known = bool(found and found.was_known)
            self.say(protocol.ARRIVED, id=identifier, path=path, beginning=beginning, was_known=was_known)

        self.watched(identifier, work)

    def forget(self) -> None:
        """Lets the films go whose frames came one by one; what is painted of them is kept."""
        if self.arrivals:
            self.arrivals.forget()
            self.arrivals = None
        give_memory_back()

    def cut(self, identifier: str, message: dict[str, Any]) -> None:
        """Cuts an object out of a picture, unless a newer wish is waiting."""
        from .cutting import Cut, Cutter

        if identifier != self.newest_cut or identifier in self.cancelled:
            self.say(protocol.CANCELLED, id=identifier, done=0, total=1)
            return
        self.cutter = self.cutter or Cutter()
        wish = {name: value for name, value in message.items() if name not in ("type", "id")}
        done = self.cutter.cut(build(Cut, wish, "cut"))
        self.say(protocol.CUT_DONE, id=identifier, **done)

    def show(self, identifier: str, message: dict[str, Any]) -> None:
        """Writes a frame of a clip as it is."""
        from .previewing import Viewer

        self.viewer = self.viewer or Viewer()
        source, path = build(Source, message.get("source"), "source"), str(message.get("path"))
        self.viewer.show(source, int(message.get("frame", 0)), Path(path))
        self.say(protocol.SHOWN, id=identifier, path=path)

    def watched(self, identifier: str, work: Callable[[Tell, Stopped], Result]) -> Result | None:
        """What some work makes that tells its progress and asks whether to stop; None where it has stopped."""
        from .sequence import Cancelled, Progress

        latest: Progress | None = None

        def tell(progress: Progress) -> None:
            nonlocal latest
            latest = progress
            self.report(identifier, progress)
            self.answer_urgent()

        try:
            return work(tell, lambda: identifier in self.cancelled or self.quitting.is_set())
        except Cancelled:
            done, total = (latest.done, latest.total) if latest else (0, 0)
            self.say(protocol.CANCELLED, id=identifier, done=done, total=total)
            return None

    def say_done(self, identifier: str, result: Any, **values: Any) -> None:
        """Says what has been made, frames or mattes."""
        self.say(
            protocol.DONE,
            id=identifier,
            folder=str(result.folder),
            frames=len(result.files),
            reused=result.reused,
            seconds=round(result.seconds, 3),
            device=result.device,
            notes=list(result.notes),
            **values,
        )

    def report(self, identifier: str, progress: "Progress") -> None:
        """Passes progress on: every finished frame, and steps at a rate that a window can follow."""
        counts = {"id": identifier, "done": progress.done, "total": progress.total, "notes": list(progress.notes)}
        if progress.finished:
            self.say(protocol.FRAME, number=progress.frame, path=str(progress.finished), **counts)
        elif progress.step in (0, 1) or time.monotonic() - self.told >= protocol.PROGRESS_INTERVAL_SECONDS:
            self.told = time.monotonic()
            self.say(
                protocol.PROGRESS,
                stage=progress.stage,
                frame=progress.frame,
                step=progress.step,
                steps=progress.steps,
                loss=progress.loss,
                seconds_left=progress.seconds_left,
                **counts,
            )

    def fail(self, identifier: str | None, sentence: str, details: str, *, wrong_input: bool = False) -> None:
        """Says that a job, or a message about none, has failed."""
        self.say(protocol.ERROR, id=identifier, message=sentence, details=details, wrong_input=wrong_input)

    def say(self, kind: str, **values: Any) -> None:
        """Sends one message; one call writes one line, so lines of two threads never mix."""
        self.outgoing.write(protocol.encode(kind, **values))
        self.outgoing.flush()


def give_memory_back() -> None:
    """Leaves the graphics card's memory to Blender while there is nothing to paint."""
    gc.collect()
    if "torch" in sys.modules:
        from .engine.memory import give_back

        give_back()


def serve() -> int:
    """Serves on this process's stdin and stdout; returns the exit code."""
    # Libraries, also those in C, print where they like: from here on stdout is stderr, and only messages go out.
    messages = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    try:
        Worker(sys.stdin, messages).serve()
    except BrokenPipeError:
        return 1  # the client is gone, and nobody is left to be told
    return 0
