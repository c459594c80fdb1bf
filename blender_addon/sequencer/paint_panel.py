"""What the tab shows of a painted strip: its versions, its source, and how to paint it again."""

import bpy
from bpy.types import Context, Menu, Strip, UILayout

from ..host.counterparts import is_paint
from ..host.own_modifier import paint_modifier
from ..paint_within import mix_of
from .paint_tools import DeleteCache, SelectCounterpart, ShowVersion, UseItsSettings, paint_at_hand


class SEQUENCER_MT_stylestrip_versions(Menu):
    """All versions of this paint: choose one to show it again"""

    bl_label = "Version"

    def draw(self, context: Context) -> None:
        draw_versions(self.layout, context)


def draw_versions(layout: UILayout, context: Context) -> None:
    """The versions of the paint at hand, the newest first."""
    own = paint_at_hand(context)[0].stylestrip_paint
    for index, version in reversed(list(enumerate(own.versions))):
        icon = "RADIOBUT_ON" if index == own.shown else "RADIOBUT_OFF"
        layout.operator(ShowVersion.bl_idname, text=version.name, icon=icon).version = index


def draw_paint(layout: UILayout, context: Context) -> None:
    """A line about the paint at hand, if there is any: which version is seen, and what can be done with it."""
    painted = next(iter(paint_at_hand(context)), None)
    if painted is None or not painted.stylestrip_paint.versions:
        return
    own, is_within = painted.stylestrip_paint, not is_paint(painted)
    row = layout.row(align=True)
    row.menu(SEQUENCER_MT_stylestrip_versions.__name__, text=own.versions[own.shown].name, icon="RENDERLAYERS")
    row.operator(UseItsSettings.bl_idname, text="", icon="LOOP_BACK")
    if not is_within:
        row.operator(SelectCounterpart.bl_idname, text="", icon="RESTRICT_SELECT_OFF")
    row.operator(DeleteCache.bl_idname, text="", icon="TRASH")
    if is_within:
        draw_within(layout, painted)


def draw_within(layout: UILayout, strip: Strip) -> None:
    """Where the paint of a strip is that is in its modifier, and how much of it is seen."""
    modifier = paint_modifier(strip)
    row = layout.row(align=True)
    row.label(text=f"In its modifier '{modifier.name}'", icon="MODIFIER")
    row.prop(modifier, "mute", text="", icon="HIDE_ON" if modifier.mute else "HIDE_OFF", emboss=False)
    if mix := mix_of(modifier):
        layout.prop(mix, "value", text="Paint Seen", slider=True)


register, unregister = bpy.utils.register_classes_factory((SEQUENCER_MT_stylestrip_versions,))
