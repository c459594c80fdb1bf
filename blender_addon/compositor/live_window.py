"""What a live render needs of a window while it waits: things done in the main thread, Esc, and words on its progress.

In a window handlers run in the render's own thread, where nothing of Blender may be made, opened or saved; without one
they run in the main thread, where only a signal can stop them.
"""

import queue
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Context, Event, Operator

from .. import interrupt
from .live_painter import Stopped

PUMP_SECONDS = 0.05
# After which a window that does nothing any more is taken to wait for the end of the render itself.
PATIENCE_SECONDS = 20.0
EDITORS = ("IMAGE_EDITOR", "NODE_EDITOR")


@dataclass(eq=False)
class Wish:
    """What shall be done in the main thread."""

    work: Callable[[], Any]
    take_back: Callable[[Any], None] | None = None
    """Ends what the work has made after nobody waited for it any more."""
    result: Any = None
    error: Exception | None = None
    is_given_up: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fulfil(self) -> None:
        """Does it, unless it is given up."""
        if self.is_given_up:
            return
        try:
            self.result = self.work()
        except Exception as error:  # it belongs to the thread that waits
            self.error = error
        with self.lock:
            self.done.set()
            is_late = self.is_given_up and self.error is None
        if is_late and self.take_back:
            self.take_back(self.result)

    def give_up(self) -> bool:
        """Waits for it no more; returns whether it was not done until now."""
        with self.lock:
            self.is_given_up = not self.done.is_set()
        return self.is_given_up


wishes: queue.SimpleQueue[Wish] = queue.SimpleQueue()
"""What waits for the main thread."""
folders: set[Path] = set()
"""The folders with the frames that renders paint from now."""
words = ""
"""How far the render is; empty: none is painted live."""
is_on = False
"""Whether a render is painted live."""
is_asked = False
"""Whether a person wants it to stop."""
alive_at = 0.0
"""When the main thread was last seen, by the monotonic clock."""


def begin() -> None:
    """A live render begins."""
    global is_on, is_asked, alive_at
    is_on, is_asked, alive_at = True, False, time.monotonic()


def end() -> None:
    """It is over."""
    global is_on, is_asked, words
    is_on, is_asked, words = False, False, ""
    folders.clear()


def is_wanted() -> bool:
    """Whether a person wants it to stop: Esc, or Ctrl-C."""
    return is_asked or interrupt.pressed


def is_stopped() -> bool:
    """Whether it shall stop: somebody wants that, or the window waits for nothing else."""
    if threading.current_thread() is threading.main_thread():
        return is_wanted()
    return is_asked or time.monotonic() - alive_at > PATIENCE_SECONDS


def in_main(work: Callable[[], Any], take_back: Callable[[Any], None] | None = None) -> Any:
    """Does something in the main thread and waits for it; raises what that raises, and Stopped.

    Args:
        work: what is done there.
        take_back: ends what the work makes, if that is ready only after the wait was stopped.
    """
    if threading.current_thread() is threading.main_thread():
        return work()
    wish = Wish(work, take_back)
    wishes.put(wish)
    while not wish.done.wait(PUMP_SECONDS):
        if is_stopped() and wish.give_up():
            raise Stopped
    if wish.error:
        raise wish.error
    return wish.result


def later_in_main(work: Callable[[], Any]) -> None:
    """Does something in the main thread as soon as that is free: what cleans up must not wait, nor be stopped."""

    def tried() -> None:
        try:
            work()
        except Exception:  # nobody waits for it
            traceback.print_exc()

    if threading.current_thread() is threading.main_thread():
        work()
    else:
        wishes.put(Wish(tried))


def tell(sentence: str, print_it: bool = False) -> None:
    """Says how far it is, where a person looks."""
    global words
    words = sentence
    if print_it and bpy.app.background:
        print(f"Stylestrip: {sentence}", flush=True)


def pump() -> float:
    """Does what the render's thread asks for, and shows how far it is."""
    global alive_at
    alive_at = time.monotonic()
    while not wishes.empty():
        wishes.get().fulfil()
    if is_on:
        watch_windows()
        show()
    elif shown:
        show()
    return PUMP_SECONDS


shown = ""
"""What is seen of `words`."""


def show() -> None:
    """Draws the words anew where they have changed."""
    global shown
    if shown == words:
        return
    shown = words
    for window in bpy.context.window_manager.windows:
        window.workspace.status_text_set(words or None)
        for area in window.screen.areas:
            if area.type in EDITORS:
                area.tag_redraw()


def draw() -> None:
    """Writes the words over the render, below Blender's own line on it."""
    import blf

    context = bpy.context
    image = context.space_data.image
    if not words or image is None or image.type != "RENDER_RESULT":
        return
    scale = context.preferences.system.ui_scale
    blf.size(0, 13 * scale)
    blf.color(0, 1, 1, 1, 1)
    blf.enable(0, blf.SHADOW)
    blf.shadow(0, 5, 0, 0, 0, 1)
    blf.position(0, 12 * scale, context.region.height - 62 * scale, 0)
    blf.draw(0, words)
    blf.disable(0, blf.SHADOW)


class WatchEsc(Operator):
    """Notices Esc while a frame is painted during a render"""

    bl_idname = "stylestrip.watch_esc"
    bl_label = "Watch Esc"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender asks for a set

    def invoke(self, context: Context, event: Event) -> set[str]:
        watched.add(context.window.as_pointer())
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> set[str]:
        global is_asked
        if not is_on:
            watched.discard(context.window.as_pointer() if context.window else 0)
            return {"FINISHED", "PASS_THROUGH"}
        if event.type == "ESC" and event.value == "PRESS":
            is_asked = True
        return {"PASS_THROUGH"}


watched: set[int] = set()
"""The windows in which Esc is noticed."""


def watch_windows() -> None:
    """Has Esc noticed in every window, that of the render among them."""
    for window in bpy.context.window_manager.windows:
        if window.as_pointer() not in watched:
            with bpy.context.temp_override(window=window):
                bpy.ops.stylestrip.watch_esc("INVOKE_DEFAULT")


handle = None


def register() -> None:
    """In a window the main thread is at hand from now on."""
    global handle
    bpy.utils.register_class(WatchEsc)
    if not bpy.app.background:
        bpy.app.timers.register(pump, first_interval=PUMP_SECONDS, persistent=True)
        handle = bpy.types.SpaceImageEditor.draw_handler_add(draw, (), "WINDOW", "POST_PIXEL")


def unregister() -> None:
    global handle
    if bpy.app.timers.is_registered(pump):
        bpy.app.timers.unregister(pump)
    if handle:
        bpy.types.SpaceImageEditor.draw_handler_remove(handle, "WINDOW")
        handle = None
    bpy.utils.unregister_class(WatchEsc)
