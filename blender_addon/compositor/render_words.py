"""What Blender says of a render on its way, heard only while a node needs it, and never while Cycles renders.

A window could stand still for ever otherwise. While Cycles prepares a scene, nobody else may have it, and it tells of
every step: whoever listens in Python is waited for. An image editor that shows the render waits for the scene, to draw
it, and as Cycles draws by Python, nothing else in Python goes on meanwhile. What a node waits for is said after that.
"""

from collections.abc import Callable

from bpy.app.handlers import persistent
from bpy.types import Depsgraph, RenderEngine

from ..host import handlers

CYCLES = "CYCLES"

listener: Callable[[str], None] | None = None
cycles: tuple[type[RenderEngine], Callable[..., None]] | None = None
"""Cycles, and how it renders by itself."""


def listen(heard: Callable[[str], None]) -> None:
    """Has a function called with what Blender says of renders, in their thread, until `listen_no_more`."""
    global listener
    is_first, listener = listener is None, heard
    if is_first:
        handlers.attach(HANDLERS)
        leave_cycles_alone()


def listen_no_more() -> None:
    """Nobody needs it now."""
    global listener, cycles
    listener = None
    handlers.detach(HANDLERS)
    if cycles:
        engine, by_itself = cycles
        engine.render, cycles = by_itself, None


@persistent
def on_stats(message: str, *_: object) -> None:
    """Blender says how far a render is. Not documented: a test of ours says so if that changes."""
    heard = listener  # another thread may take it away
    if heard:
        heard(message)


HANDLERS = (("render_stats", on_stats),)


def leave_cycles_alone() -> None:
    """From now on nobody listens while Cycles renders."""
    global cycles
    engine = RenderEngine.bl_rna_get_subclass_py(CYCLES, None)
    if engine is None:
        return
    by_itself = engine.render

    def render(self: RenderEngine, depsgraph: Depsgraph) -> None:
        if self.is_preview:  # of a material, beside the render: nothing is heard of it
            by_itself(self, depsgraph)
            return
        handlers.detach(HANDLERS)
        try:
            by_itself(self, depsgraph)
        finally:
            if listener:
                handlers.attach(HANDLERS)

    cycles, engine.render = (engine, by_itself), render
