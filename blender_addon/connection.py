"""The worker of this Blender: started when it is needed, and who hears what it says."""

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from ..style_core import protocol
from .client import Message, Worker
from .later import painter
from .preferences import settings, user_folder

# Takes what is said about one request, or about all of them: that the worker has died.
Listener = Callable[[Message], None]

# After so long without a request the worker is let go: even at rest it holds hundreds of megabytes of the graphics
# card, which Blender may want. To start another takes seconds.
IDLE_SECONDS, LOOK_SECONDS = 300.0, 30.0

ENDED = "The painter was ended: try again."

worker: Worker | None = None
listeners: dict[str, Listener] = {}
used_at = 0.0
"""When it was last asked for something or has answered, by the monotonic clock."""


def new_identifier() -> str:
    """A name for a request that no other one has."""
    return uuid.uuid4().hex


def ask(kind: str, listener: Listener, identifier: str = "", **values: Any) -> str:
    """Sends a request to the worker, which `listener` hears the answers to; returns the request's identifier.

    Raises UserError if there is no painter.
    """
    ready = ready_worker()
    identifier = identifier or new_identifier()
    listeners[identifier] = listener
    note_use()
    ready.say(kind, id=identifier, **values)
    return identifier


def note_use() -> None:
    """The worker is in use now; sees to it that it is let go when it has not been for long. In the window alone."""
    global used_at
    used_at = time.monotonic()
    if not bpy.app.background and not bpy.app.timers.is_registered(let_idle_go):
        bpy.app.timers.register(let_idle_go, first_interval=LOOK_SECONDS, persistent=True)


def let_idle_go() -> float | None:
    """Lets a worker go that nobody has asked for long; how long until it is looked at again."""
    if worker is None:
        return None
    if listeners or time.monotonic() - used_at < IDLE_SECONDS:
        return LOOK_SECONDS
    close()
    return None


def ready_worker() -> Worker:
    """The worker, started if there is none or the last one has died. Raises UserError if there is no painter."""
    global worker
    if worker is not None and (not worker.is_alive or worker.python != chosen_python()):
        hear()  # how it ended, or what it had still done
        close()
    if worker is None:
        worker = new_worker(yielding=not bpy.app.background)
    return worker


def chosen_python() -> Path:
    """The Python that paints; raises UserError if there is none."""
    return painter.python_of(settings())


def new_worker(yielding: bool) -> Worker:
    """Another worker, which lets other programs go first or does not. Raises UserError if there is no painter."""
    python = chosen_python()
    return Worker(python, user_folder(), painter.environment_of(python), yielding=yielding)


def cancel(identifier: str) -> None:
    """Asks the worker to stop what it does for a request."""
    if worker is not None:
        worker.cancel(identifier)


def hear() -> None:
    """Passes on what the worker has said since the last call; never waits."""
    for message in worker.poll() if worker else ():
        about = message.get("id")
        heard = list(listeners) if about is None else [about]
        for identifier in heard:
            listener = listeners.pop(identifier, None)
            if listener is None:
                continue
            if message["type"] in protocol.FINAL:
                note_use()
            else:
                listeners[identifier] = listener
            listener(message)


def close(at_once: bool = False) -> None:
    """Lets the worker go, if there is one, without waiting for it. Who still waits for an answer hears an error."""
    global worker
    waiting, leaving = list(listeners.values()), worker
    listeners.clear()
    worker = None
    if leaving:
        leaving.let_go(at_once)
    error = {"type": protocol.ERROR, "id": None, "message": ENDED, "details": "", "wrong_input": False}
    for listener in waiting:
        listener(error)
