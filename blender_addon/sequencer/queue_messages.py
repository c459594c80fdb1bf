"""How a painting ended, told to a person wherever they are: a report, and the status bar while it goes on."""

import bpy
from bpy.props import EnumProperty, StringProperty
from bpy.types import Context, Event, Header, Operator

from .. import jobs
from ..task import Task
from .queue_panel import slow_sentence
from .queue_rows import name_of

SOON = 0.01  # seconds until a report is made
STATUS_BARS = "STATUSBAR_HT_header"

told: set[int] = set()
"""Of tasks that are still there: those whose end has been told, or that they are slow."""
in_status_bar = ""


class Tell(Operator):
    """Show a message of Stylestrip"""

    bl_idname = "stylestrip.tell"
    bl_label = "Stylestrip"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender asks for a set

    __annotations__ = {
        "message": StringProperty(options={"SKIP_SAVE"}),
        "kind": EnumProperty(items=[(kind, kind, "") for kind in ("INFO", "WARNING", "ERROR")], options={"SKIP_SAVE"}),
    }

    def invoke(self, context: Context, event: Event) -> set[str]:
        # What an operator reports to a script that calls it never reaches the window; what it reports later does.
        self.timer = context.window_manager.event_timer_add(SOON, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> set[str]:
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        context.window_manager.event_timer_remove(self.timer)
        self.report({self.kind}, self.message)
        return {"FINISHED"}


def tell(message: str, kind: str) -> None:
    """Shows a message in the status bar, an error also where the pointer is."""
    window = next(iter(bpy.context.window_manager.windows), None)
    if window is not None:
        with bpy.context.temp_override(window=window):
            bpy.ops.stylestrip.tell("INVOKE_DEFAULT", message=message, kind=kind)


def tell_ended() -> None:
    """Tells of what has ended or turned out to be slow since the last time; who cancels something knows it."""
    tasks = jobs.queue + jobs.errands
    told.intersection_update({sign for task in tasks for sign in (end_of(task), slow_of(task))})
    for task in tasks:
        if task.state in ("done", "failed") and end_of(task) not in told:
            told.add(end_of(task))
            # A preview that is done is seen.
            if task in jobs.queue or task.state == "failed":
                name = f"{name_of(task)}: " if task.state == "failed" and name_of(task) else ""
                tell(name + task.message, "INFO" if task.state == "done" else "ERROR")
        elif not task.is_over:
            told.discard(end_of(task))
            if slow_sentence(task) and slow_of(task) not in told:
                told.add(slow_of(task))
                tell(slow_sentence(task), "INFO")


def end_of(task: Task) -> int:
    """The sign that a task's end has been told."""
    return id(task)


def slow_of(task: Task) -> int:
    """The sign that a person was told that a task is slow."""
    return -id(task)


def draw_status(header: Header, context: Context) -> None:
    """The strip that is being painted, at the end of the status bar: what others show there stays."""
    if in_status_bar:
        header.layout.label(text=in_status_bar, icon="BRUSH_DATA")


def show_status() -> None:
    """Has the status bar drawn anew when its words have changed."""
    global in_status_bar
    words = status()
    if words != in_status_bar:
        in_status_bar = words
        # Blender gives scripts no other way to its status bar, which draws itself anew when a window's layer changes.
        bpy.msgbus.publish_rna(key=(bpy.types.Window, "view_layer"))


def status() -> str:
    """What the status bar says; nothing where nothing is being done."""
    task = next(iter(jobs.running()), None)
    if task is None:
        return "Stylestrip: the queue is paused" if jobs.paused and any(not one.is_over for one in jobs.queue) else ""
    waiting = sum(one.state == "waiting" for one in jobs.queue)
    name = f"{name_of(task)}: " if name_of(task) else ""
    return f"{name}{task.words}" + (f", {waiting} waiting" if waiting else "")


WATCHERS = (tell_ended, show_status)


def register() -> None:
    bpy.utils.register_class(Tell)
    if not bpy.app.background:
        jobs.watchers.extend(WATCHERS)
        getattr(bpy.types, STATUS_BARS).append(draw_status)


def unregister() -> None:
    if not bpy.app.background:
        getattr(bpy.types, STATUS_BARS).remove(draw_status)
        for watcher in WATCHERS:
            jobs.watchers.remove(watcher)
    bpy.utils.unregister_class(Tell)
