"""What Blender says of a render on its way, heard only while a node needs it.

A window could stand still for ever where somebody always listens. While Cycles prepares a scene, nobody else may have
it, and it tells of every step: whoever listens in Python is waited for. An image editor that shows the render waits
for the scene to draw it, and as Cycles draws by Python, nothing else in Python goes on meanwhile. So while a node
listens in a window, Cycles' picture is drawn only where samples are rendered: then nobody holds the scene.
"""

from collections.abc import Callable
from typing import Any

import bpy
from bpy.app.handlers import persistent
from bpy.types import Context, Depsgraph, RenderEngine

from ..host import handlers

CYCLES = "CYCLES"
# What Cycles says where it renders samples; before that, and between two frames, it says something else.
SAMPLING = "Sample "

listener: Callable[[str], None] | None = None
is_sampling = False
"""Whether the last that was heard is that samples are rendered."""
drawing: tuple[type[RenderEngine], Callable[..., None]] | None = None
"""Cycles, and how it draws while nobody listens."""


def listen(heard: Callable[[str], None]) -> None:
    """Has a function called with all that Blender says of renders, in their thread, until `listen_no_more`."""
    global listener
    if listener is None:
        handlers.attach(HANDLERS)
        hold_drawing()
    listener = heard


def listen_no_more() -> None:
    """Nobody needs it now."""
    global listener
    if listener is None:
        return
    listener = None
    handlers.detach(HANDLERS)
    release_drawing()


@persistent
def on_stats(message: str, *_: object) -> None:
    """Blender says how far a render is. Not documented: a test of ours says so if that changes."""
    global is_sampling
    is_sampling = SAMPLING in message
    if listener:
        listener(message)


HANDLERS = (("render_stats", on_stats),)


def hold_drawing() -> None:
    """Lets Cycles draw where samples are rendered alone; it has nothing to show before."""
    global drawing, is_sampling
    is_sampling = False
    engine = RenderEngine.bl_rna_get_subclass_py(CYCLES, None)
    if bpy.app.background or engine is None:
        return

    def draw(self: RenderEngine, context: Context, depsgraph: Depsgraph) -> Any:
        if is_sampling:
            original(self, context, depsgraph)

    original = engine.draw
    drawing = engine, original
    engine.draw = draw


def release_drawing() -> None:
    """Cycles draws as ever."""
    global drawing
    if drawing:
        engine, original = drawing
        engine.draw = original
        drawing = None
