"""Looks with a name: those that come along, and one's own as presets of Blender, which are files to give to others."""

from typing import Any

import bpy
from bl_operators.presets import AddPresetBase
from bpy.types import Context, Menu, Operator, UILayout

from ..host.versions import active_strip
from ..job_fields import JOB_FIELDS, LOOKS

FOLDER = "stylestrip"
# What belongs to one film, one machine or one try, and not to a look.
NOT_OF_A_LOOK = ("size", "depth", "cuts", "flow_path", "flow_weights", "rest", "device", "precision")
SAVED = ("look", *(name for name in JOB_FIELDS if name not in NOT_OF_A_LOOK), "preset")


class SEQUENCER_MT_stylestrip_looks(Menu):
    """Choose what kind of painting it shall be; this sets the numbers under More"""

    bl_label = "Look"
    preset_subdir = FOLDER
    preset_operator = "script.execute_preset"

    def draw(self, context: Context) -> None:
        self.layout.props_enum(active_strip(context).stylestrip, "look")
        if any(bpy.utils.preset_paths(FOLDER)):
            self.layout.separator()
            self.draw_preset(context)


class SaveLook(AddPresetBase, Operator):
    """Keep how this strip is painted as a look of your own, or remove the one that is chosen"""

    bl_idname = "stylestrip.save_look"
    bl_label = "Save Look"
    preset_menu = "SEQUENCER_MT_stylestrip_looks"
    preset_subdir = FOLDER
    preset_defines = ("settings = bpy.context.active_strip.stylestrip",)
    preset_values = tuple(f"settings.{name}" for name in SAVED)

    @classmethod
    def poll(cls, context: Context) -> bool:
        if active_strip(context) is None:
            cls.poll_message_set("Select a strip")
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        own = active_strip(context).stylestrip
        is_removed = self.remove_name or self.remove_active
        if not is_removed and not self.as_filename(self.name):
            self.report({"ERROR"}, f"'{self.name}' is no name for a look: write some letters or digits.")
            return {"CANCELLED"}
        # The file has it as well: who chooses this look later shall see its name.
        before, own.preset = own.preset, "" if is_removed else self.name.strip()
        outcome = super().execute(context)
        if outcome != {"FINISHED"}:
            own.preset = before
        return outcome


def draw_look(layout: UILayout, settings: Any) -> None:
    """The look that is chosen, a menu of all, and buttons that keep and remove one's own."""
    row = layout.row(align=True)
    name = settings.preset or LOOKS[settings.look].name
    row.menu(SEQUENCER_MT_stylestrip_looks.__name__, text=name)
    row.operator(SaveLook.bl_idname, text="", icon="ADD")
    remove = row.row(align=True)
    remove.enabled = bool(settings.preset)
    button = remove.operator(SaveLook.bl_idname, text="", icon="REMOVE")
    button.name, button.remove_name = SaveLook.as_filename(settings.preset), True


CLASSES = (SEQUENCER_MT_stylestrip_looks, SaveLook)


register, unregister = bpy.utils.register_classes_factory(CLASSES)
