"""Starts the worker, sends it jobs and collects what it says, without ever waiting for it. Needs no Blender."""

import collections
import json
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
HELLO_SECONDS = 60.0  # a Python on a cold disk is slow, one that hangs is not coming
QUIT_SECONDS = 3.0  # until a worker that was asked to go is killed

Message = dict[str, Any]


def apart() -> dict[str, Any]:
    """Arguments of Popen for a child that opens no console and that Ctrl-C in Blender's terminal does not reach."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


class Worker:
    """A worker process. `poll` gives what it has said since; a dead worker is told as an ERROR message.

    Args:
        python: the runtime's interpreter.
        folder: the process's working folder.
        environment: its environment variables.
        command: what the interpreter runs, for tests of a worker that misbehaves.
    """

    def __init__(
        self,
        python: Path,
        folder: Path,
        environment: dict[str, str],
        command: tuple[str, ...] = ("-m", "style_core", "serve"),
    ) -> None:
        self.python = python
        folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [str(python), *command],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            **apart(),
        )
        self.started = time.monotonic()
        self.said: queue.Queue[Message] = queue.Queue()
        self.unsent: queue.Queue[str | None] = queue.Queue()
        self.log: collections.deque[str] = collections.deque(maxlen=LOG_LINES)
        self.closing = False
        self.greeted = False
        self.readers = [threading.Thread(target=read, daemon=True) for read in (self.read_log, self.read_messages)]
        self.writer = threading.Thread(target=self.write_messages, daemon=True)
        for thread in (*self.readers, self.writer):
            thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs and speaks our language."""
        return self.process.poll() is None and not self.closing

    def read_log(self) -> None:
        """Keeps the newest lines of the worker's log."""
        for line in self.process.stderr:
            self.log.append(line.rstrip())

    def read_messages(self) -> None:
        """Takes messages in until the worker ends, then says how it ended."""
        for line in self.process.stdout:
            try:
                self.take(protocol.decode(line))
            except protocol.ProtocolError as error:
                self.fail(str(error))
                return
        code = self.process.wait()
        self.readers[0].join(timeout=1.0)
        if not self.closing:
            self.fail(
                f"The painter stopped unexpectedly ({ending(code)}). Finished frames are kept; start again to go on "
                f"from there.{self.last_words()}"
            )

    def write_messages(self) -> None:
        """Sends what is to be said: a long job may fill the pipe, and then this thread waits and not the window."""
        try:
            while (line := self.unsent.get()) is not None:
                self.process.stdin.write(line)
                self.process.stdin.flush()
            self.process.stdin.close()
        except (OSError, ValueError) as error:  # a worker that has died is told by `poll`, not here
            self.log.append(f"(could not be sent: {error})")

    def take(self, message: Message) -> None:
        """Checks the greeting and queues what follows."""
        if self.greeted:
            self.said.put(message)
            return
        protocol.check_hello(message)
        self.greeted = True

    def fail(self, sentence: str) -> None:
        """Ends the worker's service with an error about every job."""
        self.closing = True
        self.process.kill()
        self.said.put({"type": protocol.ERROR, "id": None, "message": sentence, "details": "\n".join(self.log)})

    def last_words(self) -> str:
        """The last line of the log, where it explains the end."""
        return f" It last said: {self.log[-1]}" if self.log else ""

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
        """All messages that have come since the last call; never waits."""
        if not self.greeted and not self.closing and time.monotonic() - self.started > HELLO_SECONDS:
            self.fail(f"The painter's Python '{self.python}' did not answer within {HELLO_SECONDS:g} seconds.")
        messages = []
        while True:
            try:
                messages.append(self.said.get_nowait())
            except queue.Empty:
                return messages

    def close(self) -> None:
        """Lets the worker go; one that does not go is killed."""
        self.closing = True
        self.say(protocol.QUIT)
        self.unsent.put(None)
        try:
            self.process.wait(timeout=QUIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for thread in (*self.readers, self.writer):
            thread.join(timeout=1.0)
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()


def ending(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return f"killed by {name}"
