"""Starts the worker, sends it jobs and collects what it says, without ever waiting for it. Needs no Blender."""

import collections
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ..style_core import protocol
from ..style_core.job import Job

LOG_LINES = 200
MOST_MESSAGES = 1000  # taken in at once
HELLO_SECONDS = 60.0  # a Python on a cold disk is slow, one that hangs is not coming
NICENESS = 10  # of 19: what yields to nobody has 0
QUIT_SECONDS = 3.0  # until a worker that was asked to go, or that has said its last, is killed

Message = dict[str, Any]


def apart(yielding: bool = False) -> dict[str, Any]:
    """Arguments of Popen for a child that opens no console and that Ctrl-C in Blender's terminal does not reach.

    One that is `yielding` lets others go first on Windows; elsewhere that is said to it by `lower_priority`.
    """
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        return {"creationflags": flags | (subprocess.BELOW_NORMAL_PRIORITY_CLASS if yielding else 0)}
    return {"start_new_session": True}


def lower_priority(pid: int) -> None:
    """Lets a process that has just been started yield to others: Blender's window is drawn while it paints."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # ended already, or not allowed
            os.setpriority(os.PRIO_PROCESS, pid, NICENESS)


def end(process: subprocess.Popen) -> None:
    """Ends a process that runs `apart`, and all that it has started: those would go on writing, and hold its pipes."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(command, capture_output=True, creationflags=subprocess.CREATE_NO_WINDOW)
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


class Worker:
    """A worker process. `poll` gives what it has said since; a dead worker is told as an ERROR message.

    A thread starts it: on a busy machine that takes its time. What it is told until then waits; that it cannot be
    started is told as its death is.

    Args:
        python: the runtime's interpreter.
        folder: the process's working folder.
        environment: its environment variables.
        command: what the interpreter runs, for tests of a worker that misbehaves.
        yielding: whether other programs go before it, where they need the processor as well.
    """

    def __init__(
        self,
        python: Path,
        folder: Path,
        environment: dict[str, str],
        command: tuple[str, ...] = ("-m", "style_core", "serve"),
        yielding: bool = False,
    ) -> None:
        self.python, self.folder, self.environment, self.command = python, folder, environment, command
        self.yielding = yielding
        self.begun: subprocess.Popen | None = None
        self.is_begun = threading.Event()
        self.started = time.monotonic()
        # Unlike a Queue, it has no lock that a talkative worker's thread could hold while the window wants to read.
        self.said: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.unsent: queue.Queue[str | None] = queue.Queue()
        self.log: collections.deque[str] = collections.deque(maxlen=LOG_LINES)
        self.closing = False
        self.greeted = False
        self.log_reader = threading.Thread(target=self.read_log, daemon=True)
        self.writer = threading.Thread(target=self.write_messages, daemon=True)
        self.reader = threading.Thread(target=self.serve, daemon=True)
        self.reader.start()

    @property
    def process(self) -> subprocess.Popen | None:
        """The process, waited for until it is started; None if it cannot be."""
        self.is_begun.wait()
        return self.begun

    @property
    def is_alive(self) -> bool:
        """Whether the process is being started, or runs and speaks our language."""
        return not self.closing and (self.begun is None or self.begun.poll() is None)

    def serve(self) -> None:
        """Starts the process, and takes in what it says until it ends."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            process = subprocess.Popen(
                [str(self.python), *self.command],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                **apart(self.yielding),
            )
        except OSError as error:
            self.is_begun.set()
            self.fail(
                f"The painter's Python '{self.python}' cannot be run ({error.strerror}): choose another one in the "
                "preferences of Stylestrip."
            )
            return
        if self.yielding:
            lower_priority(process.pid)
        self.begun = process
        self.log_reader.start()
        self.writer.start()
        self.is_begun.set()
        self.read_messages()

    def read_log(self) -> None:
        """Keeps the newest lines of the worker's log."""
        for line in self.process.stderr:
            self.log.append(line.rstrip())

    def read_messages(self) -> None:
        """Takes messages in until the worker ends, then says how it ended."""
        for line in self.process.stdout:
            if not line.endswith("\n"):
                break  # it died in the middle of a message
            try:
                self.take(protocol.decode(line))
            except protocol.ProtocolError as error:
                self.fail(str(error))
                return
        code = self.wait()
        self.log_reader.join(timeout=1.0)
        self.fail(
            f"The painter stopped unexpectedly ({ending(code)}). Finished frames are kept; start again to go on "
            f"from there.{self.last_words()}"
        )

    def write_messages(self) -> None:
        """Sends what is to be said: a long job may fill the pipe, and then this thread waits and not the window."""
        # A pipe that breaks is a worker that has died: `read_messages` tells of it.
        with contextlib.suppress(OSError):
            while (line := self.unsent.get()) is not None:
                self.process.stdin.write(line)
                self.process.stdin.flush()
        with contextlib.suppress(OSError):
            self.process.stdin.close()

    def wait(self) -> int:
        """The exit code of a worker that is on its way out; one that does not go is killed."""
        try:
            return self.process.wait(timeout=QUIT_SECONDS)
        except subprocess.TimeoutExpired:
            end(self.process)
            return self.process.wait()

    def take(self, message: Message) -> None:
        """Checks the greeting and queues what follows."""
        if self.greeted:
            self.said.put(message)
            return
        protocol.check_hello(message)
        self.greeted = True

    def fail(self, sentence: str) -> None:
        """Ends the worker's service with an error about every job; only the first one counts."""
        if self.closing:
            return
        self.closing = True
        if self.begun:
            end(self.begun)
        details = "\n".join(self.log)
        self.said.put(
            {"type": protocol.ERROR, "id": None, "message": sentence, "details": details, "wrong_input": False}
        )

    def last_words(self) -> str:
        """The last line of the log that says something, where there is one."""
        line = next((line for line in reversed(list(self.log)) if line), "")
        return f" It last said: {line}" if line else ""

    def run(self, identifier: str, job: Job) -> None:
        """Sends a job; its messages carry `identifier`."""
        self.say(protocol.RUN, id=identifier, job=json.loads(job.to_json()))

    def cancel(self, identifier: str) -> None:
        """Asks for a job to be stopped; CANCELLED follows."""
        self.say(protocol.CANCEL, id=identifier)

    def say(self, kind: str, **values: Any) -> None:
        """Sends one message, in time."""
        self.unsent.put(protocol.encode(kind, **values))

    def poll(self) -> list[Message]:
        """The messages that have come since the last call, of very many the first; never waits."""
        if not self.greeted and time.monotonic() - self.started > HELLO_SECONDS:
            self.fail(f"The painter's Python '{self.python}' did not answer within {HELLO_SECONDS:g} seconds.")
        # A worker that never stops talking must not hold the window up.
        return [self.said.get_nowait() for _ in range(min(self.said.qsize(), MOST_MESSAGES))]

    def let_go(self, at_once: bool) -> None:
        """Closes without holding anybody up; `at_once` kills a worker that is busy, and may be slow to listen."""
        self.closing = True
        if at_once and self.begun:
            end(self.begun)
        try:
            # No daemon: Blender, when it ends, leaves no worker behind.
            threading.Thread(target=self.close, args=(at_once,)).start()
        except RuntimeError:  # Python is ending and starts no more threads
            self.close(at_once)

    def close(self, at_once: bool = False) -> None:
        """Lets the worker go; one that does not go is killed."""
        self.closing = True
        if self.process is None:
            return
        if at_once:  # it may have been started only now
            end(self.process)
        self.say(protocol.QUIT)
        self.unsent.put(None)
        self.wait()
        readers = self.log_reader, self.reader
        for thread in (*readers, self.writer):
            thread.join(timeout=1.0)
        for reader, stream in zip(readers, (self.process.stderr, self.process.stdout), strict=True):
            # What the worker has started may still hold the pipe: to close it would wait for that, too.
            if not reader.is_alive():
                stream.close()


def ending(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return f"killed by {name}"
