"""Serves jobs over stdin and stdout, in the words of `protocol`; the same loop the command line calls.

The thread that reads stdin only takes messages in; all painting is done in the main thread.
"""

import gc
import os
import queue
import sys
import threading
import time
import traceback
from typing import IO, Any

from . import __version__, protocol
from .doctor import why_incomplete
from .job import Job, UserError
from .setting import build


class Worker:
    """Takes messages from `incoming` and answers on `outgoing` until QUIT or the end of the input."""

    def __init__(self, incoming: IO[str], outgoing: IO[str]) -> None:
        self.incoming, self.outgoing = incoming, outgoing
        self.waiting: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.cancelled: set[str] = set()
        self.quitting = threading.Event()
        self.told = 0.0

    def serve(self) -> None:
        """Greets, then paints one job after the other."""
        self.say(protocol.HELLO, protocol=protocol.PROTOCOL_VERSION, version=__version__, pid=os.getpid())
        threading.Thread(target=self.listen, daemon=True).start()
        while (message := self.waiting.get()) is not None:
            self.answer(str(message.get("id")), message.get("job"))

    def listen(self) -> None:
        """Sorts what comes in; an input that ends is a client that is gone."""
        for line in self.incoming:
            try:
                message = protocol.decode(line)
            except protocol.ProtocolError as error:
                self.fail(None, str(error), "")
                continue
            if message["type"] == protocol.QUIT:
                break
            if message["type"] == protocol.RUN:
                self.waiting.put(message)
            elif message["type"] == protocol.CANCEL:
                self.cancelled.add(str(message.get("id")))
            else:
                self.fail(None, f"Unknown message '{message['type']}'.", line)
        self.quitting.set()
        self.waiting.put(None)

    def answer(self, identifier: str, description: Any) -> None:
        """Paints one job and ends with exactly one final message about it."""
        try:
            self.paint(identifier, build(Job, description, "job"))
        except UserError as error:
            self.fail(identifier, str(error), traceback.format_exc(), wrong_input=True)
        except ImportError as error:
            # The painter's parts are loaded with the first job, so that a Python without them can still say so.
            self.fail(identifier, why_incomplete(error), traceback.format_exc())
        except Exception as error:
            # Whatever it is, the client must hear of it; the worker stays for the next job.
            message = f"Painting failed unexpectedly ({type(error).__name__}: {error}). Finished frames are kept."
            self.fail(identifier, message, traceback.format_exc())
        finally:
            give_memory_back()

    def paint(self, identifier: str, job: Job) -> None:
        """Paints a job, telling the client how far it is."""
        from .sequence import Cancelled, Progress, paint_job

        latest: Progress | None = None

        def tell(progress: Progress) -> None:
            nonlocal latest
            latest = progress
            self.report(identifier, progress)

        try:
            result = paint_job(job, tell, lambda: identifier in self.cancelled or self.quitting.is_set())
        except Cancelled:
            done, total = (latest.done, latest.total) if latest else (0, 0)
            self.say(protocol.CANCELLED, id=identifier, done=done, total=total)
            return
        self.say(
            protocol.DONE,
            id=identifier,
            folder=str(result.folder),
            frames=len(result.files),
            reused=result.reused,
            seconds=round(result.seconds, 3),
            device=result.device,
            output=job.output.path,
            report=str(result.report) if result.report else "",
        )

    def report(self, identifier: str, progress: "Progress") -> None:  # noqa: F821 - loaded with the first job
        """Passes progress on: every finished frame, and steps at a rate that a window can follow."""
        counts = {"id": identifier, "done": progress.done, "total": progress.total}
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
    torch = sys.modules.get("torch")
    if torch and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


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
