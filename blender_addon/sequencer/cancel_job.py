"""The operator that stops a painting."""

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Operator

from .. import jobs
from .queue_rows import chosen


class CancelJob(Operator):
    """Stop painting; finished frames are kept, and Stylize goes on from there. Press again to stop at once"""

    bl_idname = "stylestrip.cancel"
    bl_label = "Cancel"

    __annotations__ = {
        "strip": StringProperty(
            name="Strip",
            description="Name of a strip in the queue; empty: what is being done now",
            options={"SKIP_SAVE"},
        ),
        # Of several strips with one name, which.
        "task": StringProperty(options={"HIDDEN", "SKIP_SAVE"}),
    }

    @classmethod
    def poll(cls, context: Context) -> bool:
        if all(task.is_over for task in jobs.queue + jobs.errands):
            cls.poll_message_set("Nothing is being painted")
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        tasks = jobs.running() + jobs.errands + jobs.queue
        task = chosen(context, self.strip) if self.strip else None
        if self.strip and task is None:
            self.report({"ERROR"}, f"There is no strip '{self.strip}' in the queue.")
            return {"CANCELLED"}
        if self.task:
            task = next((one for one in tasks if one.identifier == self.task), None)
            if task is None:
                return {"CANCELLED"}  # it has left the queue since the button was drawn
        # Where all is paused, what would go on first.
        jobs.cancel(task or next((one for one in tasks if not one.is_over), None))
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((CancelJob,))
