"""The operator that gives other strips the settings of the active one."""

import bpy
from bpy.props import BoolProperty
from bpy.types import Context, Operator, Strip

from ..host.own_modifier import JOB_KEY
from ..host.strips import why_not_paintable
from ..host.versions import active_strip
from ..values import copy


class CopySettings(Operator):
    """Give the selected strips the picture, the look and all other settings of the active one"""

    bl_idname = "stylestrip.copy_settings"
    bl_label = "Copy Style to Selected Strips"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender asks for a set

    regions: BoolProperty(
        name="Regions",
        description="Give them the regions, too; a mask or a cut-out then lies where it does in the active strip",
    )

    @classmethod
    def poll(cls, context: Context) -> bool:
        if active_strip(context) is None or not others(context):
            cls.poll_message_set("Select the strips that shall get the settings, and last the one that has them")
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        own, chosen = active_strip(context).stylestrip, others(context)
        for strip in chosen:
            copy(own, strip.stylestrip, ("ticket", "region_index", *(() if self.regions else ("regions",))))
        names = ", ".join(f"'{strip.name}'" for strip in chosen)
        self.report({"INFO"}, f"{names}: painted as '{active_strip(context).name}' from now on.")
        return {"FINISHED"}


def others(context: Context) -> list[Strip]:
    """The selected strips that can be painted, without the active one, and without paint, which is selected with it."""
    active = active_strip(context)
    chosen = [strip for strip in context.selected_strips or () if strip != active and JOB_KEY not in strip]
    return [strip for strip in chosen if not why_not_paintable(strip)]


register, unregister = bpy.utils.register_classes_factory((CopySettings,))
