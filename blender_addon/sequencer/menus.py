"""Stylestrip in Blender's own menus, and the keys of the sequencer: where people look for what a strip can do."""

from typing import Any, NamedTuple

import bpy
from bpy.types import Context, Menu

from ..preview.paint_preview import PreviewStrip
from .cancel_job import CancelJob
from .copy_settings import CopySettings
from .paint_tools import DeleteCache, SelectCounterpart
from .stylize_strip import StylizeStrip


class SEQUENCER_MT_stylestrip(Menu):
    """Paint strips in the style of a picture"""

    bl_label = "Stylestrip"

    def draw(self, context: Context) -> None:
        layout = self.layout
        # In the sidebar's words; over the timeline a menu calls operators without asking for their settings.
        layout.operator(PreviewStrip.bl_idname, icon="RESTRICT_VIEW_OFF")
        layout.operator(StylizeStrip.bl_idname, icon="BRUSH_DATA")
        layout.operator(CancelJob.bl_idname, icon="CANCEL")
        layout.separator()
        layout.operator(CopySettings.bl_idname, icon="COPYDOWN")
        layout.operator(SelectCounterpart.bl_idname, icon="RESTRICT_SELECT_OFF")
        layout.operator(DeleteCache.bl_idname, icon="TRASH")


def draw_in_strip_menu(menu: Menu, context: Context) -> None:
    """All of it, in the menu Strip and in that of the right mouse button."""
    menu.layout.separator()
    menu.layout.menu(SEQUENCER_MT_stylestrip.__name__, icon="BRUSH_DATA")


def draw_in_add_menu(menu: Menu, context: Context) -> None:
    """Paint is a strip that is added."""
    menu.layout.separator()
    menu.layout.operator(StylizeStrip.bl_idname, text="Painted Strip", icon="BRUSH_DATA")


MENUS = (
    ("SEQUENCER_MT_strip", draw_in_strip_menu),
    ("SEQUENCER_MT_context_menu", draw_in_strip_menu),
    ("SEQUENCER_MT_add", draw_in_add_menu),
)


class Key(NamedTuple):
    """A key that calls an operator; people find and change it in the preferences, under Keymap."""

    operator: str
    key: str
    modifiers: dict[str, bool]


# None of them is taken by Blender in this editor.
KEYS = (Key(StylizeStrip.bl_idname, "Y", {"shift": True}), Key(PreviewStrip.bl_idname, "Y", {"alt": True}))
# The timeline's and the preview's.
KEYMAP = "SequencerCommon"

added: list[tuple[Any, Any]] = []


def register() -> None:
    """Adds menus and keys; without a window Blender has no keys."""
    bpy.utils.register_class(SEQUENCER_MT_stylestrip)
    for name, draw in MENUS:
        getattr(bpy.types, name).append(draw)
    known = bpy.context.window_manager.keyconfigs.addon
    if known is not None:
        keymap = known.keymaps.new(name=KEYMAP, space_type="SEQUENCE_EDITOR")
        added.extend((keymap, keymap.keymap_items.new(key.operator, key.key, "PRESS", **key.modifiers)) for key in KEYS)


def unregister() -> None:
    """Takes them away."""
    for keymap, item in added:
        keymap.keymap_items.remove(item)
    added.clear()
    for name, draw in MENUS:
        getattr(bpy.types, name).remove(draw)
    bpy.utils.unregister_class(SEQUENCER_MT_stylestrip)
