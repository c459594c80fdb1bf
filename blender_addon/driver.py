"""Moves what there is to do further: by a timer in the window, or by a loop without one."""

import math
import time
from collections.abc import Callable

import bpy
from bpy.app.handlers import persistent
from bpy.types import Region

from . import connection, jobs
from .host import handlers
from .task import Task

POLL_SECONDS = 0.1
SLICE_SECONDS = 0.005  # for which the window is held up by what takes long
BETWEEN_SLICES = 0.02
CANCEL_SECONDS = 5.0  # until a worker that was asked to stop, and does not, is ended
TELL_SECONDS = 5.0  # between two lines on a terminal
REDRAW_SECONDS = 0.5  # between two looks of a person at the progress: a large window takes its time to be drawn
TAB = "Stylestrip"
EDITORS = ("SEQUENCE_EDITOR", "NODE_EDITOR")  # that have it

drawn: list[str] = []
drawn_at = 0.0
"""What the sidebar shows, and since when."""


def keep_going() -> None:
    """Lets the window's timer go on with what there is."""
    if not bpy.app.timers.is_registered(on_timer):
        bpy.app.timers.register(on_timer, first_interval=POLL_SECONDS, persistent=True)


def on_timer() -> float | None:
    """Takes in what the worker has said, and shows it."""
    # Only here: whoever waits for a task holds the window up, and with it the end of the render.
    advance(is_rendering(), SLICE_SECONDS)
    jobs.changed()
    redraw()
    if any(task.readying for task in jobs.running()):
        return BETWEEN_SLICES
    return POLL_SECONDS if jobs.is_running() else None


def is_rendering() -> bool:
    """Whether Blender is rendering in the background of its window, which a new strip would disturb."""
    return bpy.app.is_job_running("RENDER")


class Telling:
    """Prints now and then how far a task is, where there is no window that would show it."""

    def __init__(self) -> None:
        self.said, self.at = "", time.monotonic()

    def __call__(self, task: Task) -> None:
        words, now = task.words, time.monotonic()
        if bpy.app.background and words != self.said and now - self.at > TELL_SECONDS:
            self.said, self.at = words, now
            print(f"Stylestrip: {words}", flush=True)


def wait(task: Task, tell: Callable[[Task], None] | None = None) -> None:
    """Waits for the end of a task and of all before it; Ctrl-C cancels it, and once more ends the worker.

    Args:
        tell: is told what is being done, again and again; None: it is printed.
    """
    tell = tell or Telling()
    if task in jobs.queue:
        jobs.resume()
    while not task.is_over:
        try:
            advance()
            tell(next(iter(jobs.running()), task))
            time.sleep(POLL_SECONDS / 2)
        except KeyboardInterrupt:
            jobs.cancel(task)
    tell(task)


def advance(hold: bool = False, seconds: float = math.inf) -> None:
    """Takes in what the worker has said about the tasks.

    Args:
        hold: leaves the timeline alone for now.
        seconds: after which what takes long is left for the next time.
    """
    before = [task.state for task in jobs.queue + jobs.errands]
    try:
        connection.hear()
    except Exception as error:
        # Whatever it is, what is called running must not hang for ever; the person gets a sentence.
        for task in jobs.running():
            jobs.fail(task, error)
    for task in jobs.running():
        try:
            advance_one(task, hold, seconds)
        except Exception as error:
            jobs.fail(task, error)
    jobs.begin_next()
    if before != [task.state for task in jobs.queue + jobs.errands]:
        jobs.changed()


def advance_one(task: Task, hold: bool, seconds: float) -> None:
    """Brings one task further."""
    if task.rendering:
        task.rendering.advance()
        task.show_rendering()
        # Meanwhile an errand may be with the worker.
        if task.rendering.is_complete and jobs.can_proceed(task):
            jobs.proceed(task)
    if task.folder and not hold:
        task.finish(seconds)
    # Where all frames are there, the painter has answered: what is waited for is the end of a render.
    if task.state == "running" and task.cancelled_at is not None and not task.folder:
        give_up_in_time(task)


def give_up_in_time(task: Task) -> None:
    """Ends a worker that was asked to stop and has not answered: it may hang, and the person must get on."""
    if time.monotonic() - task.cancelled_at > CANCEL_SECONDS:
        jobs.abandon(
            task,
            f"Cancelled. The painter did not answer within {CANCEL_SECONDS:g} seconds and was ended; finished frames "
            "are kept.",
        )


def redraw() -> None:
    """Shows the progress in every sidebar with our tab in front, now and then; all of the editors at the end."""
    global drawn, drawn_at
    busy, now = jobs.is_running(), time.monotonic()
    telling = [task.words for task in jobs.queue + jobs.errands]
    if busy and (telling == drawn or now - drawn_at < REDRAW_SECONDS):
        return
    drawn, drawn_at = telling, now
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in EDITORS:
                # On a node there is more to see than in the sidebar.
                is_all = not busy or area.type == "NODE_EDITOR"
                for part in [area] if is_all else filter(has_our_tab, area.regions):
                    part.tag_redraw()


def has_our_tab(region: Region) -> bool:
    """Whether a region is a sidebar that shows how far we are."""
    return region.type == "UI" and region.active_panel_category == TAB


@persistent
def on_load(*_: object) -> None:
    """Another file is open, which has no place for the strips that were being painted."""
    jobs.abandon_all("Another file was opened.")
    jobs.queue.clear()
    jobs.errands.clear()


# Not before it is open: where that fails, all goes on in this one.
HANDLERS = (("load_post", on_load),)


def register() -> None:
    """Watches for other files; a worker is started only with the first task."""
    if not bpy.app.background:  # else nobody opens another file during a job
        handlers.attach(HANDLERS)
        jobs.watchers.append(keep_going)


def unregister() -> None:
    """Lets the worker go."""
    if keep_going in jobs.watchers:
        jobs.watchers.remove(keep_going)
    handlers.detach(HANDLERS)
    if bpy.app.timers.is_registered(on_timer):
        bpy.app.timers.unregister(on_timer)
    jobs.abandon_all("Stylestrip was switched off.")
