"""Watches what lies on the disk: the limit is kept when the last painting has ended, and what files show is in use."""

import bpy
from bpy.app.handlers import persistent

from . import jobs
from .host import handlers
from .later import disk
from .preferences import preferences
from .runtime.sizes import GIGABYTE

had_work = False
"""Whether something was being done when the queue was looked at last."""


def on_change() -> None:
    """Keeps the limit when the last painting has ended."""
    global had_work
    has_work, before = jobs.is_at_work(), had_work
    had_work = has_work
    most = preferences().cache_limit * GIGABYTE
    if most and before and not has_work:
        disk.keep_the_limit(int(most))


@persistent
def on_file(*_: object) -> None:
    """A file was opened or saved."""
    disk.note_use()


HANDLERS = (("load_post", on_file), ("save_post", on_file))


def register() -> None:
    jobs.watchers.append(on_change)
    if not bpy.app.background:  # else nobody opens another file
        handlers.attach(HANDLERS)


def unregister() -> None:
    jobs.watchers.remove(on_change)
    handlers.detach(HANDLERS)
