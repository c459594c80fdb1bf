"""The painter of live renders: a worker of their own, which the render's thread speaks to and waits for."""

import json
import time
from collections.abc import Callable

from bpy.app.handlers import persistent

from ...style_core import protocol
from ...style_core.job import Job, UserError
from .. import connection
from ..client import Message, Worker
from ..host import handlers

LOOK_SECONDS = 0.02  # between two looks at what it has said

worker: Worker | None = None
"""Kept for the next render, without its films: to start it takes seconds."""


class Stopped(Exception):  # noqa: N818 - stopping on request is no error
    """The render shall stop."""


def begin() -> None:
    """Starts it while Blender renders its first frame; raises UserError if there is none. In the main thread."""
    global worker
    if worker is not None and worker.python != connection.chosen_python():
        end()
    if worker is None or not worker.is_alive:
        worker = connection.new_worker(yielding=False)


def paint(
    job: Job, render: str, only_known: bool, tell: Callable[[Message], None], stop: Callable[[], bool]
) -> Message | None:
    """The paint of the last frame of a job, in the words of protocol.ARRIVED; None if only what is known was asked for,
    and it is not. Waits for it.

    Args:
        job: its source has the frames that have come so far.
        render: by which this render is known.
        only_known: whether nothing is painted now.
        tell: told of every step.
        stop: asked all the time.

    Raises:
        UserError: it cannot be painted, or the painter has died.
        Stopped: `stop` said so; the worker is gone.
    """
    identifier = connection.new_identifier()
    if worker is None or not worker.is_alive:
        raise UserError(connection.ENDED)
    arrival = {"job": json.loads(job.to_json()), "render": render, "only_known": only_known}
    worker.say(protocol.ARRIVE, id=identifier, arrival=arrival)
    while True:
        for message in worker.poll():
            if message["type"] == protocol.ERROR and message.get("id") in (identifier, None):
                raise UserError(message["message"])
            if message.get("id") != identifier:
                continue
            if message["type"] == protocol.ARRIVED:
                return message if message["path"] else None
            tell(message)
        if stop():
            end()
            raise Stopped
        time.sleep(LOOK_SECONDS)


def rest() -> None:
    """The render is over: it gives the memory of the graphics card back, and waits for the next one."""
    if worker is not None and worker.is_alive:
        worker.say(protocol.FORGET)


def end() -> None:
    """Ends it at once."""
    global worker
    leaving, worker = worker, None
    if leaving:
        leaving.let_go(at_once=True)


@persistent
def on_load(*_: object) -> None:
    """Another file is open, and may never be rendered."""
    end()


HANDLERS = (("load_post", on_load),)


def register() -> None:
    """Watches for other files."""
    handlers.attach_in_program(HANDLERS)


def unregister() -> None:
    handlers.detach(HANDLERS)
    end()
