"""The operator that gives other strips the settings of the active one."""

import bpy
from bpy.props import BoolProperty
from bpy.types import Context, Menu, Operator, Strip

from ..host.painted import JOB_KEY
from ..host.strips import why_not_paintable
from ..host.versions import active_strip
from ..values import copy

MENUS = ("SEQUENCER_MT_strip", "SEQUENCER_MT_context_menu")


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


def draw_in_menu(menu: Menu, context: Context) -> None:
    """The operator in the sequencer's menus."""
    menu.layout.operator(CopySettings.bl_idname, icon="COPYDOWN")


def register() -> None:
    bpy.utils.register_class(CopySettings)
    for name in MENUS:
        getattr(bpy.types, name).append(draw_in_menu)


def unregister() -> None:
    for name in MENUS:
        getattr(bpy.types, name).remove(draw_in_menu)
    bpy.utils.unregister_class(CopySettings)
