"""Functions that Blender calls when something happens, such as a render or a save: taken on, and given up again."""

from collections.abc import Callable, Iterable

import bpy

Handlers = Iterable[tuple[str, Callable[..., None]]]
"""Names in `bpy.app.handlers`, and what is called there."""


def attach(handlers: Handlers) -> None:
    """Has Blender call functions from now on."""
    for name, handler in handlers:
        getattr(bpy.app.handlers, name).append(handler)


def attach_in_program(handlers: Handlers) -> None:
    """The same, but not in the module: that of 4.5 hangs at its end with a handler left."""
    if not bpy.app.module:
        attach(handlers)


def detach(handlers: Handlers) -> None:
    """Has Blender call them no more; those that it does not call are left alone."""
    for name, handler in handlers:
        known = getattr(bpy.app.handlers, name)
        if handler in known:
            known.remove(handler)
