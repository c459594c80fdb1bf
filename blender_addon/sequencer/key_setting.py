"""The operator that lets a setting of a strip change through the film."""

import bpy
from bpy.props import EnumProperty
from bpy.types import Context, Operator, UILayout

from ..host.curves import curve_of, has_key, remove_key, set_key
from ..host.versions import active_strip, sequencer_scene
from ..job_fields import ANIMATED, JOB_FIELDS
from .at_hand import has_paintable_strip


class KeySetting(Operator):
    """Keep this value for this frame, so that it changes on the way to others; or take the key at this frame away"""

    bl_idname = "stylestrip.key_setting"
    bl_label = "Key Setting"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender asks for a set

    setting: EnumProperty(
        name="Setting",
        description="What is keyed at the current frame",
        items=[(name, JOB_FIELDS[name].label, JOB_FIELDS[name].description) for name in ANIMATED],
    )

    @classmethod
    def poll(cls, context: Context) -> bool:
        return has_paintable_strip(cls, context)

    def execute(self, context: Context) -> set[str]:
        scene, strip = sequencer_scene(context), active_strip(context)
        place = scene, strip, self.setting, scene.frame_current
        (remove_key if has_key(*place) else set_key)(*place)
        return {"FINISHED"}


def draw_keyed(layout: UILayout, context: Context, name: str) -> None:
    """A setting of the active strip, and beside it the button that keys it."""
    scene, strip = sequencer_scene(context), active_strip(context)
    row = layout.row(align=True)
    row.prop(strip.stylestrip, name)
    icon = "DECORATE"
    if curve_of(scene, strip, name):
        icon = "DECORATE_KEYFRAME" if has_key(scene, strip, name, scene.frame_current) else "DECORATE_ANIMATE"
    row.operator(KeySetting.bl_idname, text="", icon=icon, emboss=False).setting = name


register, unregister = bpy.utils.register_classes_factory((KeySetting,))
