"""One's own looks as presets of Blender, which are files to give to others, and the menu of all looks."""

from pathlib import Path
from typing import Any

import bpy
from bl_operators.presets import AddPresetBase
from bpy.props import StringProperty
from bpy.types import Context, Menu, Operator, UILayout

from ..style_core.job import UserError
from ..style_core.whole import written
from .compositor.node import active_node
from .host.versions import active_strip
from .job_fields import JOB_FIELDS
from .named_looks import FOLDER, NOT_OF_A_LOOK, SETTINGS, name_of, read_preset
from .painted_settings import look_name
from .properties import values_of
from .settings import StylestripSettings

SAVED = ("look", *(name for name in JOB_FIELDS if name not in NOT_OF_A_LOOK), "preset")
# How a preset begins: run as a script, as Blender's other presets are, it is for the active strip.
BEGINNING = f"import bpy\n{SETTINGS} = bpy.context.active_strip.stylestrip\n"


def settings_at_hand(context: Context) -> StylestripSettings | None:
    """Those of the active node in a node editor, and of the active strip elsewhere; None if there is none."""
    if context.space_data and context.space_data.type == "NODE_EDITOR":
        node = active_node(context)
        return node.node_tree.stylestrip_node.settings if node else None
    strip = active_strip(context)
    return strip.stylestrip if strip else None


class STYLESTRIP_MT_looks(Menu):
    """Choose what kind of painting it shall be; this sets the numbers under More"""

    bl_label = "Look"
    preset_subdir = FOLDER
    preset_operator = "stylestrip.use_look"

    def draw(self, context: Context) -> None:
        self.layout.props_enum(settings_at_hand(context), "look")
        if any(bpy.utils.preset_paths(FOLDER)):
            self.layout.separator()
            self.draw_preset(context)


class OfSettings:
    """An operator on the settings at hand."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        if settings_at_hand(context) is None:
            cls.poll_message_set("Select a strip or a Neural Style node")
            return False
        return True


class UseLook(OfSettings, Operator):
    """Paint in this look of your own; this sets the numbers under More"""

    bl_idname = "stylestrip.use_look"
    bl_label = "Use Look"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}  # noqa: RUF012 - Blender asks for a set

    filepath: StringProperty(name="Look", subtype="FILE_PATH", options={"SKIP_SAVE"})

    def execute(self, context: Context) -> set[str]:
        own, file = settings_at_hand(context), Path(self.filepath)
        try:
            values = read_preset(file)
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        # First, since the look sets the others.
        own.look, quality = values.pop("look", own.look), own.quality
        for name, value in values.items():
            setattr(own, name, value)
        own.preset = name_of(file)
        if quality != own.quality == "own":
            self.report({"INFO"}, f"'{own.preset}' was saved with its own steps: Quality is Custom now.")
        return {"FINISHED"}


class SaveLook(OfSettings, AddPresetBase, Operator):
    """Keep how this is painted as a look of your own, or remove the one that is chosen"""

    bl_idname = "stylestrip.save_look"
    bl_label = "Save Look"
    preset_menu = STYLESTRIP_MT_looks.__name__
    preset_subdir = FOLDER

    def execute(self, context: Context) -> set[str]:
        own = settings_at_hand(context)
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

    def add(self, context: Context, path: str) -> None:
        """Writes the preset; Blender calls this with its place."""
        values = values_of(settings_at_hand(context), list(SAVED))
        lines = [f"{SETTINGS}.{name} = {value!r}\n" for name, value in values.items()]
        with written(Path(path)) as part:
            part.write_text(BEGINNING + "".join(lines), encoding="utf-8")


def draw_look(layout: UILayout, settings: Any) -> None:
    """The look that is chosen, a menu of all, and buttons that keep and remove one's own."""
    row = layout.row(align=True)
    row.menu(STYLESTRIP_MT_looks.__name__, text=f"Look: {look_name(settings)}")
    row.operator(SaveLook.bl_idname, text="", icon="ADD")
    remove = row.row(align=True)
    remove.enabled = bool(settings.preset)
    button = remove.operator(SaveLook.bl_idname, text="", icon="REMOVE")
    button.name, button.remove_name = SaveLook.as_filename(settings.preset), True


CLASSES = (STYLESTRIP_MT_looks, UseLook, SaveLook)


register, unregister = bpy.utils.register_classes_factory(CLASSES)
