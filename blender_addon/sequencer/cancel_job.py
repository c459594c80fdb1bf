"""The operator that stops a painting."""

import bpy
from bpy.types import Context, Operator

from .. import jobs


class CancelJob(Operator):
    """Stop painting; finished frames are kept, and Stylize goes on from there. Press again to stop at once"""

    bl_idname = "stylestrip.cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return jobs.is_running()

    def execute(self, context: Context) -> set[str]:
        jobs.cancel()
        return {"FINISHED"}


def register() -> None:
    bpy.utils.register_class(CancelJob)


def unregister() -> None:
    bpy.utils.unregister_class(CancelJob)
