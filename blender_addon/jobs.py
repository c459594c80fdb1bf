"""What there is to do: a queue of tasks, one after the other, and errands before it. The driver moves them on."""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from ..style_core import protocol
from ..style_core.job import UserError
from . import connection
from .client import Message
from .preferences import preferences, user_folder
from .task import Task

KEPT_ERRANDS = 20  # of which the panel can still say how they ended
CANCELLED = "Cancelled. Finished frames are kept."
BUSY = "Something is being painted, or waits in the queue: wait until it is done, or cancel it."
CANCELLED_WAITING = "Taken out of the queue before it was painted."

queue: list[Task] = []
"""What is done one after the other, and what of it has ended until somebody removes it."""
errands: list[Task] = []
"""What goes before the queue, since a person waits for it: previews, regions."""
latest: Task | None = None
"""What was begun last."""
paused = False
"""Whether a person has paused the queue; errands are still run."""
watchers: list[Callable[[], None]] = []
"""Called whenever a task has come, gone on or ended."""


def is_running() -> bool:
    """Whether anything is being done, or is about to be."""
    waiting = any(task.state == "waiting" for task in ([] if paused else queue) + errands)
    return waiting or bool(running())


def running() -> list[Task]:
    """What is being done: at most one errand, and one task of the queue."""
    return [task for task in errands + queue if task.state == "running"]


def is_at_work() -> bool:
    """Whether something is being done, or waits, be it paused."""
    return any(not task.is_over for task in queue + errands)


def is_on_errand() -> bool:
    """Whether something is being done that a person waits for; another such thing would have to wait."""
    return any(not task.is_over for task in errands)


def cache_folder() -> Path:
    """Where painted frames go: the chosen folder, else beside the .blend file, else the extension's own folder."""
    chosen = preferences().cache_folder
    # "//" is beside the .blend file, which a file that was never saved has no place for.
    if chosen and (bpy.data.filepath or not chosen.startswith("//")):
        return Path(bpy.path.abspath(chosen))
    if bpy.data.filepath:
        return Path(bpy.data.filepath).parent / "stylestrip_cache"
    return user_folder() / "cache"


# What comes in


def begin(task: Task, kind: str, job: dict[str, Any], urgent: bool = False) -> None:
    """Puts a task at the end of the queue, which begins it when its turn comes; at once if nothing else is done.

    An urgent task is an errand: it goes before the queue. What is being painted is asked to leave off if the errand
    needs the worker, keeps its frames, and goes on by itself when the errand is over. Errands run one after the other.

    Args:
        kind, job: what the worker is asked for; nothing, if the task makes its files itself.

    Raises UserError if there is no painter, or the task is begun at once and cannot be rendered.
    """
    if kind and not running():  # who is at work has one, even if the preferences name another Python by now
        connection.ready_worker()
    task.identifier, task.request, task.state = task.identifier or connection.new_identifier(), (kind, job), "waiting"
    place = errands if urgent else queue
    place.append(task)
    try:
        go_on()
    except UserError:
        place.remove(task)
        raise
    del errands[:-KEPT_ERRANDS]
    changed()


def go_on() -> None:
    """Begins what is next, if its time has come; raises UserError if that cannot be begun."""
    errand = next((task for task in errands if not task.is_over), None)
    if errand and errand.state == "waiting":
        if can_proceed(errand):
            start(errand)
        else:
            make_way(errand)
    following = next((task for task in queue if task.state == "waiting"), None)
    is_free = not any(task.state == "running" for task in queue)
    if following and is_free and not errand and not paused:
        start(following)


def is_worker_free() -> bool:
    """Whether the worker has answered all that it was asked for."""
    return not any(task.asked for task in running())


def can_proceed(task: Task) -> bool:
    """Whether the worker is free, or a task has nothing to ask it."""
    return is_worker_free() or not task.request[0]


def make_way(errand: Task) -> None:
    """Asks the worker to leave the task of the queue for later."""
    for task in queue:
        if task.asked and task.state == "running" and task.stopped_for is None:
            stop(task, errand.errand)


def start(task: Task) -> None:
    """Begins a task or goes on with it; raises UserError if it cannot be rendered or there is no painter."""
    global latest
    task.renew()
    proceed(task)
    task.state, latest = "running", task
    changed()


def proceed(task: Task) -> None:
    """Begins with what is missing for a task, or sends it to the worker; raises UserError as `start` does."""
    task.rendering = task.prepare()
    if task.rendering is None and task.folder is None:
        send(task)


def send(task: Task) -> None:
    """Sends a task's job to the worker, now that it can read all; raises UserError if there is no painter."""
    kind, job = task.request
    # The worker keeps in mind what it was asked to stop: who goes on needs another name.
    task.asked = connection.new_identifier()
    connection.ask(kind, lambda message: take(task, message), task.asked, job=job)


def take(task: Task, message: Message) -> None:
    """Passes a message on; the last one of a request leaves the worker free."""
    if message["type"] in protocol.FINAL:
        task.asked = ""
    task.take(message)


# What goes on


def changed() -> None:
    """Tells everybody who wants to know."""
    for watcher in list(watchers):
        try:
            watcher()
        except Exception:
            # What is watched goes on all the same: whoever calls has work to take in, or a timer that would end.
            traceback.print_exc()


def begin_next() -> None:
    """Begins what is next; what cannot be begun has failed."""
    while True:
        waiting = [task for task in errands + queue if task.state == "waiting"]
        try:
            go_on()
            return
        except Exception as error:
            # Only one is begun at a time: an errand, or else the first of the queue.
            fail(waiting[0], error)


def fail(task: Task, error: Exception) -> None:
    """Ends a task with what has gone wrong."""
    task.leave_off()
    task.state, task.asked = "failed", ""
    if isinstance(error, UserError):
        task.message, task.wrong_input = str(error), error.wrong_input
        return
    task.details = "".join(traceback.format_exception(error))
    task.message = f"Stylestrip failed ({type(error).__name__}: {error}). Painted frames are kept."
    traceback.print_exception(error)


# What a person asks for


def stop(task: Task, reason: str = "") -> None:
    """Leaves a task of the queue for later: for an errand, or since a person wants it. Frames are kept."""
    if task.folder or task.cancelled_at is not None:
        return  # it is as good as over
    task.stopped_for = reason
    if task.asked:
        connection.cancel(task.asked)
    else:
        task.leave_off()
        task.state = "waiting"


def pause() -> None:
    """Pauses the queue: what is being done of it is left for later, and nothing else of it begins."""
    global paused
    paused = True
    for task in queue:
        if task.state == "running":
            stop(task)
    changed()


def resume() -> None:
    """Goes on with the queue."""
    global paused
    paused = False
    begin_next()
    changed()


def cancel(task: Task | None = None) -> None:
    """Asks the worker to stop a task, that which is being done if none is named; frames are kept.

    Asked a second time, or where nothing is left to stop, ends it and the worker with it.
    """
    task = task or next(iter(running()), None)
    if task is None or task.is_over:
        return
    if task.state == "waiting" or task.rendering:
        told = task.rendering.cancelled if task.rendering else ""
        task.leave_off()
        task.state = "cancelled"
        task.message = told or (CANCELLED_WAITING if task.stopped_for is None else CANCELLED)
    elif task.cancelled_at is not None or task.folder or not task.asked:
        abandon(task, CANCELLED)
    else:
        task.cancel()
        connection.cancel(task.asked)
    changed()


def try_again(task: Task) -> None:
    """Puts a task that has ended at the end of the queue once more; what is finished of it is kept."""
    task.renew()
    queue.remove(task)
    queue.append(task)
    begin_next()
    changed()


def move(task: Task, steps: int) -> None:
    """Moves a task that waits down by so many of those that wait, or up if they are negative; all else stays."""
    places = [place for place, one in enumerate(queue) if one.state == "waiting"]
    waiting = [queue[place] for place in places]
    place = waiting.index(task)
    waiting.insert(min(max(0, place + steps), len(waiting) - 1), waiting.pop(place))
    for place, one in zip(places, waiting, strict=True):
        queue[place] = one
    changed()


def remove(task: Task) -> None:
    """Takes a task that waits or has ended out of the queue; frames are kept."""
    if task.state != "running":
        queue.remove(task)
    changed()


def abandon(task: Task, message: str) -> None:
    """Ends a task at once, and the worker if it is at it; finished frames are kept."""
    task.leave_off()
    is_at_work = bool(task.asked)
    task.state, task.message, task.asked = "cancelled", message, ""
    if is_at_work:  # else it may be busy with another one
        connection.close(at_once=True)


def abandon_all(message: str) -> None:
    """Ends all tasks and the worker at once; finished frames are kept."""
    busy = running()
    for task in queue + errands:
        if not task.is_over:
            task.leave_off()
            task.state, task.message, task.asked = "cancelled", message, ""
    connection.close(at_once=bool(busy))
