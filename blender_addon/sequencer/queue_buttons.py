"""The operators with which a person orders, stops and goes on with the queue."""

import bpy
from bpy.props import EnumProperty, StringProperty
from bpy.types import Context, Operator

from .. import jobs, unfinished
from ..task import Task
from .queue_rows import choose, chosen

EMPTY = "Nothing waits in the queue: press Stylize first"


class PauseQueue(Operator):
    """Stop painting for now; finished frames are kept, and Go On paints the rest of the same film"""

    bl_idname = "stylestrip.pause"
    bl_label = "Pause"

    @classmethod
    def poll(cls, context: Context) -> bool:
        if jobs.paused:
            cls.poll_message_set("The queue is paused already")
            return False
        if all(task.is_over for task in jobs.queue):
            cls.poll_message_set(EMPTY)
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        jobs.pause()
        return {"FINISHED"}


class ResumeQueue(Operator):
    """Go on with what was paused, and with what waits in the queue"""

    bl_idname = "stylestrip.resume"
    bl_label = "Go On"

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not jobs.paused:
            cls.poll_message_set("The queue is not paused")
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        jobs.resume()
        return {"FINISHED"}


class OneOfTheQueue(Operator):
    """What operators have in common that are about one strip of the queue."""

    __annotations__ = {
        "strip": StringProperty(
            name="Strip",
            description="Name of a strip in the queue; empty: that of the chosen row",
            options={"SKIP_SAVE"},
        )
    }

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not jobs.queue:
            cls.poll_message_set(EMPTY)
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        task = chosen(context, self.strip)
        problem = f"There is no strip '{self.strip}' in the queue." if task is None else self.why_not(task)
        if problem:
            self.report({"ERROR"}, problem)
            return {"CANCELLED"}
        self.act(context, task)
        return {"FINISHED"}

    def why_not(self, task: Task) -> str:
        """A sentence that says why this cannot be done with a task; empty if it can."""
        return ""

    def act(self, context: Context, task: Task) -> None:
        """Does it."""
        raise NotImplementedError


class MoveInQueue(OneOfTheQueue):
    """Paint this strip earlier or later"""

    bl_idname = "stylestrip.queue_move"
    bl_label = "Move in Queue"

    __annotations__ = OneOfTheQueue.__annotations__ | {
        "direction": EnumProperty(
            name="Direction",
            description="Towards the beginning or the end of the queue",
            items=(("UP", "Up", "Earlier"), ("DOWN", "Down", "Later")),
            options={"SKIP_SAVE"},
        )
    }

    def why_not(self, task: Task) -> str:
        return "" if task.state == "waiting" else f"'{task.strip}' does not wait: only what waits can be moved."

    def act(self, context: Context, task: Task) -> None:
        jobs.move(task, -1 if self.direction == "UP" else 1)
        choose(context, task)


class RemoveFromQueue(OneOfTheQueue):
    """Take this strip out of the queue; finished frames are kept"""

    bl_idname = "stylestrip.queue_remove"
    bl_label = "Remove from Queue"

    def why_not(self, task: Task) -> str:
        return f"'{task.strip}' is being painted: cancel it first." if task.state == "running" else ""

    def act(self, context: Context, task: Task) -> None:
        jobs.remove(task)


class TryAgain(OneOfTheQueue):
    """Paint this strip once more with the settings that it had; what is finished is kept"""

    bl_idname = "stylestrip.queue_retry"
    bl_label = "Try Again"

    def why_not(self, task: Task) -> str:
        is_open = task.state not in ("failed", "cancelled")
        return f"'{task.strip}' has neither failed nor was cancelled." if is_open else ""

    def act(self, context: Context, task: Task) -> None:
        jobs.try_again(task)
        choose(context, task)


class ClearQueue(Operator):
    """Take all strips out of the queue whose painting has ended"""

    bl_idname = "stylestrip.queue_clear"
    bl_label = "Clear Finished"

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not any(task.is_over for task in jobs.queue):
            cls.poll_message_set("Nothing in the queue has ended yet")
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        for task in [task for task in jobs.queue if task.is_over]:
            jobs.remove(task)
        return {"FINISHED"}


class GoOnWithUnfinished(Operator):
    """Paint the rest of what was not finished when Blender was closed, with the settings that it had then"""

    bl_idname = "stylestrip.unfinished_go_on"
    bl_label = "Go On"

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not unfinished.left:
            cls.poll_message_set("Nothing of this file was left unfinished")
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        problems = unfinished.go_on_with_all()
        if problems:
            self.report({"ERROR"}, " ".join(map(str, problems)))
        return {"FINISHED"}


class ForgetUnfinished(Operator):
    """Ask no more about what was not finished; its frames stay, and Stylize or Bake takes them up again"""

    bl_idname = "stylestrip.unfinished_forget"
    bl_label = "Forget"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return bool(unfinished.left or unfinished.problem)

    def execute(self, context: Context) -> set[str]:
        unfinished.forget()
        return {"FINISHED"}


CLASSES = (
    PauseQueue,
    ResumeQueue,
    MoveInQueue,
    RemoveFromQueue,
    TryAgain,
    ClearQueue,
    GoOnWithUnfinished,
    ForgetUnfinished,
)


register, unregister = bpy.utils.register_classes_factory(CLASSES)
