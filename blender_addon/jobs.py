"""What the worker is doing: one task at a time, driven by a timer in the window or by a loop without one."""

import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
from bpy.app.handlers import persistent

from ..style_core.job import UserError
from . import connection
from .preferences import preferences, user_folder
from .task import Rendering, Task

POLL_SECONDS = 0.1
CANCEL_SECONDS = 5.0  # until a worker that was asked to stop, and does not, is ended
CANCELLED = "Cancelled. Finished frames are kept."
CANCELLED_RENDERING = "Cancelled. {} of {} rendered frames are kept."

latest: Task | None = None


def is_running() -> bool:
    """Whether the worker is busy with a task."""
    return latest is not None and latest.state == "running"


def cache_folder() -> Path:
    """Where painted frames go: the chosen folder, else beside the .blend file, else the extension's own folder."""
    chosen = preferences().cache_folder
    # "//" is beside the .blend file, which a file that was never saved has no place for.
    if chosen and (bpy.data.filepath or not chosen.startswith("//")):
        return Path(bpy.path.abspath(chosen))
    if bpy.data.filepath:
        return Path(bpy.data.filepath).parent / "stylestrip_cache"
    return user_folder() / "cache"


def begin(task: Task, kind: str, job: dict[str, Any], prepare: Callable[[], Rendering | None] = lambda: None) -> None:
    """Sends a task's job to the worker, as soon as what `prepare` begins to render is there.

    Raises UserError if another one is on its way, there is no painter, or nothing can be rendered.
    """
    global latest
    if is_running():
        raise UserError("Stylestrip is busy with another strip: wait for it, or cancel it.")
    connection.ready_worker()
    task.identifier, task.request, task.rendering = connection.new_identifier(), (kind, job), prepare()
    if task.rendering is None:
        send(task)
    latest = task
    if not bpy.app.background and not bpy.app.timers.is_registered(on_timer):
        bpy.app.timers.register(on_timer, first_interval=POLL_SECONDS, persistent=True)


def send(task: Task) -> None:
    """Sends a task's job to the worker, now that it can read all; raises UserError if there is no painter."""
    task.rendering = None
    kind, job = task.request
    connection.ask(kind, task.take, task.identifier, job=job)


def on_timer() -> float | None:
    """Takes in what the worker has said, and shows it."""
    # Only here: whoever waits for a task holds the window up, and with it the end of the render.
    advance(hold=is_rendering())
    redraw()
    return POLL_SECONDS if is_running() else None


def is_rendering() -> bool:
    """Whether Blender is rendering in the background of its window, which a new strip would disturb."""
    return bpy.app.is_job_running("RENDER")


def wait(task: Task, tell: Callable[[Task], None] = lambda task: None) -> None:
    """Waits for the end of a task; Ctrl-C cancels it, and once more ends the worker."""
    while task.state == "running":
        try:
            advance()
            tell(task)
            time.sleep(POLL_SECONDS / 2)
        except KeyboardInterrupt:
            cancel()
    tell(task)


def advance(hold: bool = False) -> None:
    """Takes in what the worker has said about the task; `hold` leaves the timeline alone for now."""
    if not is_running():
        return
    try:
        connection.hear()
        if latest.rendering:
            render(latest)
        if latest.folder and not hold:
            latest.finish()
        if is_running() and latest.cancelled_at is not None:
            give_up_in_time(latest.cancelled_at)
    except Exception as error:
        # Whatever it is, a task that is called running must not hang for ever; the person gets a sentence.
        latest.state, latest.details = "failed", traceback.format_exc()
        latest.message = f"Stylestrip failed ({type(error).__name__}: {error}). Painted frames are kept."
        end_rendering()
        traceback.print_exc()


def render(task: Task) -> None:
    """Goes on with what is rendered before the worker can begin, and sends the job when that is done."""
    try:
        task.rendering.advance()
        task.show_rendering()
        if task.rendering.is_complete:
            send(task)
    except UserError as error:
        task.rendering.end()
        task.rendering, task.state, task.message = None, "failed", str(error)


def cancel() -> None:
    """Asks the worker to stop; asked a second time, or where nothing is left to stop, ends it. Frames are kept."""
    if not is_running():
        return
    if latest.rendering:
        rendering = latest.rendering
        end_rendering()
        latest.state = "cancelled"
        latest.message = CANCELLED_RENDERING.format(rendering.done, rendering.total)
        return
    if latest.cancelled_at is not None or latest.folder:
        abandon(CANCELLED)
        return
    latest.cancel()
    connection.cancel(latest.identifier)


def give_up_in_time(cancelled_at: float) -> None:
    """Ends a worker that was asked to stop and has not answered: it may hang, and the person must get on."""
    if time.monotonic() - cancelled_at > CANCEL_SECONDS:
        abandon(
            f"Cancelled. The painter did not answer within {CANCEL_SECONDS:g} seconds and was ended; finished frames "
            "are kept."
        )


def abandon(message: str) -> None:
    """Ends a running task and its worker at once; finished frames are kept."""
    busy = is_running()
    if busy:
        end_rendering()
        latest.state, latest.message = "cancelled", message
    connection.close(at_once=busy)


def end_rendering() -> None:
    """Ends what is rendered for the task, if anything is."""
    if latest.rendering:
        latest.rendering.end()
        latest.rendering = None


@persistent
def on_load(*_: object) -> None:
    """Another file is opened, which has no place for the strip that is being painted."""
    if is_running():
        abandon("Another file was opened. Painted frames are kept: open the first file and stylize again to go on.")


def redraw() -> None:
    """Shows the progress in every sequencer; pictures and strips are drawn again only when it has ended."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "SEQUENCE_EDITOR":
                for part in [part for part in area.regions if part.type == "UI"] if is_running() else [area]:
                    part.tag_redraw()


def register() -> None:
    """Watches for other files; a worker is started only with the first task."""
    # Without a window nobody opens another file during a job, and the 4.5 module hangs at its end with a handler left.
    if not bpy.app.background:
        bpy.app.handlers.load_pre.append(on_load)


def unregister() -> None:
    """Lets the worker go."""
    if on_load in bpy.app.handlers.load_pre:
        bpy.app.handlers.load_pre.remove(on_load)
    if bpy.app.timers.is_registered(on_timer):
        bpy.app.timers.unregister(on_timer)
    abandon("Stylestrip was switched off.")
