"""Frames of a strip's source as pictures, which the worker reads: Blender has no way to show what lies below."""

import math
import time
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import bpy

from ...style_core import protocol
from ...style_core.job import Source, UserError
from .. import connection
from ..client import Message
from ..regions.shown_frames import AGAIN_SECONDS, redraw

HEAR_SECONDS = 0.05
MOST = 200

# A source's path, its files, and the number of a frame.
Key = tuple[str, tuple[str, ...], int]

known: dict[Key, Path | None] = {}
"""Where the frames are; None: not there yet."""
problem = ""
"""Why the newest one cannot be shown."""
folder: TemporaryDirectory | None = None
waiting: set[Key] = set()
failed: dict[Key, float] = {}
"""What could not be read, and when, by the monotonic clock."""


def file_of(source: Source, number: int) -> Path | None:
    """A picture of a frame; None where it is still to be read, which is asked for, and after a while once more."""
    key = source.path, source.files, number
    if key not in known and time.monotonic() - failed.get(key, -math.inf) > AGAIN_SECONDS:
        known[key] = None
        # Not while the window is drawn: a process may be started.
        bpy.app.timers.register(lambda: ask(key, source), first_interval=0.0)
    return known.get(key)


def ask(key: Key, source: Source) -> None:
    """Asks the worker for a frame."""
    global folder, problem
    folder = folder or TemporaryDirectory(prefix="stylestrip_", dir=bpy.app.tempdir)
    while len(known) > MOST:
        gone = known.pop(next(iter(known)))
        if gone:
            gone.unlink(missing_ok=True)
    path = Path(folder.name) / f"{len(known)}-{key[-1]}-{connection.new_identifier()}.png"
    problem = ""

    def take(message: Message) -> None:
        waiting.discard(key)
        if message["type"] == protocol.SHOWN:
            known[key] = path
        else:
            fail(key, message["message"])
        redraw()

    try:
        connection.ask(protocol.SHOW, take, source=asdict(source), frame=key[-1], path=str(path))
    except UserError as error:
        fail(key, str(error))
        return
    waiting.add(key)
    if not bpy.app.timers.is_registered(hear):
        bpy.app.timers.register(hear, first_interval=HEAR_SECONDS)


def fail(key: Key, sentence: str) -> None:
    """Says why a frame cannot be shown, and lets it be asked for again later: a lost file may be back."""
    global problem
    problem = sentence
    known.pop(key, None)
    while len(failed) >= MOST:
        failed.pop(next(iter(failed)))
    failed[key] = time.monotonic()


def hear() -> float | None:
    """Hears what the worker says, as long as something is waited for."""
    connection.hear()
    return HEAR_SECONDS if waiting else None


def forget() -> None:
    """Removes all pictures."""
    global folder, problem
    known.clear()
    waiting.clear()
    failed.clear()
    problem = ""
    if folder is not None:
        folder.cleanup()
    folder = None
