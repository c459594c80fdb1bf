"""What Blender lists and shows of the queue: a row for each strip in it, and the newest painted frame."""

import time
from typing import Any

import bpy
import bpy.utils.previews
from bpy.props import CollectionProperty, IntProperty, StringProperty
from bpy.types import Context, PropertyGroup

from .. import jobs
from ..task import Task

LOOK_SECONDS = 1.0  # between two looks at the newest frame
NEWEST = "newest"

# Blender's store of thumbnails, which frame is in it, and when that was put there.
thumbnails: Any = None
shown = ""
shown_at = 0.0
# What was being painted when somebody last looked.
at_work = ""


class StylestripQueueRow(PropertyGroup):
    """A place in the queue, for Blender's list."""

    __annotations__ = {"name": StringProperty(name="Strip", description="The strip's name when it was queued")}


def name_of(task: Task) -> str:
    """What a task of the queue is called."""
    return getattr(task, "strip", "")


def chosen(context: Context, strip: str = "") -> Task | None:
    """The task of the queue whose strip has this name, the last one of several; of no name: that of the chosen row."""
    if strip:
        return next((task for task in reversed(jobs.queue) if name_of(task) == strip), None)
    index = context.window_manager.stylestrip_queue_index
    return jobs.queue[index] if 0 <= index < len(jobs.queue) else None


def choose(context: Context, task: Task) -> None:
    """Lets a task's row be the chosen one."""
    sync()
    context.window_manager.stylestrip_queue_index = jobs.queue.index(task)


def sync() -> None:
    """Gives Blender's list as many rows as the queue has tasks, under their names."""
    manager = bpy.context.window_manager
    rows, names = manager.stylestrip_queue, [name_of(task) for task in jobs.queue]
    if [row.name for row in rows] == names:
        return
    rows.clear()
    for name in names:
        rows.add().name = name
    manager.stylestrip_queue_index = min(manager.stylestrip_queue_index, max(0, len(names) - 1))


def refresh_thumbnail() -> None:
    """Loads the newest painted frame, now and then: never while something is drawn."""
    global shown, shown_at, at_work
    running = next((task for task in jobs.queue if task.state == "running"), None)
    if running and running.identifier != at_work:
        at_work = running.identifier
        choose(bpy.context, running)
        thumbnails.clear()
        shown = ""
    newest = running and running.newest
    if newest is None or str(newest) == shown or time.monotonic() - shown_at < LOOK_SECONDS:
        return
    thumbnails.clear()
    thumbnails.load(NEWEST, str(newest), "IMAGE")
    shown, shown_at = str(newest), time.monotonic()


def thumbnail() -> int:
    """The icon of the newest painted frame; 0 if there is none."""
    return thumbnails[NEWEST].icon_id if shown and NEWEST in thumbnails else 0


WATCHERS = (sync, refresh_thumbnail)


def register() -> None:
    global thumbnails
    bpy.utils.register_class(StylestripQueueRow)
    bpy.types.WindowManager.stylestrip_queue = CollectionProperty(type=StylestripQueueRow, options={"SKIP_SAVE"})
    bpy.types.WindowManager.stylestrip_queue_index = IntProperty(
        name="Chosen Strip", description="The strip of the queue that the buttons are about", options={"SKIP_SAVE"}
    )
    thumbnails = bpy.utils.previews.new()
    if not bpy.app.background:
        jobs.watchers.extend(WATCHERS)


def unregister() -> None:
    for watcher in WATCHERS if not bpy.app.background else ():
        jobs.watchers.remove(watcher)
    bpy.utils.previews.remove(thumbnails)
    del bpy.types.WindowManager.stylestrip_queue, bpy.types.WindowManager.stylestrip_queue_index
    bpy.utils.unregister_class(StylestripQueueRow)
