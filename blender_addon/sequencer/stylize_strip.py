"""The operator that paints a strip."""

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Menu, Operator, Strip

from ...style_core.job import UserError
from .. import jobs
from ..host.counterparts import is_paint, source_of_paint
from ..host.footage import footage_of
from ..host.strips import why_not_paintable
from ..host.versions import sequencer_scene
from ..job_fields import JOB_FIELDS, REGION_FIELDS
from ..painting import start
from ..properties import blender_property, look_property, values_of
from ..settings import job_of

# What a script gave for one strip must not come back when the button is pressed for the next.
ONCE = {"SKIP_SAVE"}
# Those of regions hold for all of them.
SETTINGS = JOB_FIELDS | REGION_FIELDS


class StylizeStrip(Operator):
    """Paint the active strip in the style of its picture, and lay the painted strip over it. If that is there already, it gets a new version, and only what has changed is painted"""  # noqa: E501

    bl_idname = "stylestrip.stylize_strip"
    bl_label = "Stylize Strip"
    # No "UNDO": the painted strip comes later, and makes its own step to undo.
    bl_options = {"REGISTER"}  # noqa: RUF012 - Blender asks for a set

    __annotations__ = {
        "strip": StringProperty(name="Strip", description="Name of the strip; empty: the active one", options=ONCE),
        "style": StringProperty(
            name="Style", description="Picture to use instead of the strip's", subtype="FILE_PATH", options=ONCE
        ),
        "mask": StringProperty(
            name="Mask", description="Mask to use instead of the strip's regions", subtype="FILE_PATH", options=ONCE
        ),
        "look": look_property(options=ONCE),
        "as_new": BoolProperty(
            name="New Strip", description="Add another painted strip even if there is one already", options=ONCE
        ),
        "wait": BoolProperty(name="Wait", description="Return only when the strip is painted", options=ONCE),
        **{name: blender_property(field, options=ONCE) for name, field in SETTINGS.items()},
    }

    @classmethod
    def poll(cls, context: Context) -> bool:
        scene = sequencer_scene(context)
        if jobs.is_running():
            cls.poll_message_set("A strip is being painted: wait for it, or cancel it")
            return False
        if not scene or not scene.sequence_editor or not scene.sequence_editor.strips_all:
            cls.poll_message_set("Add a film or a picture to the sequencer first")
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        scene = sequencer_scene(context)
        try:
            strip = self.chosen(scene)
            cache = jobs.cache_folder()
            footage = footage_of(strip, scene, cache)
            given = values_of(self, [name for name in SETTINGS if self.properties.is_property_set(name)])
            styles = (self.style,) if self.style else ()
            look = self.look if self.properties.is_property_set("look") else ""
            given = {"look": look, "styles": styles, "mask": self.mask, "overrides": given}
            job = job_of(scene, strip, footage.source, cache, is_there=not footage.way.is_render, **given)
            painting = start(scene, strip, job, footage, as_new=self.as_new)
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if self.wait or bpy.app.background:
            jobs.wait(painting)
            if painting.state != "done":
                self.report({"ERROR"}, painting.message)
                return {"CANCELLED"}
        return {"FINISHED"}

    def chosen(self, scene: bpy.types.Scene) -> Strip:
        """The strip to paint; raises UserError if there is none such or it cannot be painted."""
        strips = scene.sequence_editor.strips_all
        strip = strips.get(self.strip) if self.strip else scene.sequence_editor.active_strip
        if strip is None:
            names = ", ".join(f"'{s.name}'" for s in strips)
            raise UserError(
                f"There is no strip '{self.strip}'; there are {names}." if self.strip else "Select a strip."
            )
        if is_paint(strip) and not self.strip:
            # What is meant is the strip whose settings it was painted with.
            strip = source_of_paint(scene, strip) or strip
        problem = why_not_paintable(strip)
        if problem:
            raise UserError(problem)
        return strip


def draw_in_menu(menu: Menu, context: Context) -> None:
    """The operator in the sequencer's menus."""
    menu.layout.separator()
    menu.layout.operator(StylizeStrip.bl_idname, icon="BRUSH_DATA")


MENUS = ("SEQUENCER_MT_strip", "SEQUENCER_MT_context_menu", "SEQUENCER_MT_add")


def register() -> None:
    bpy.utils.register_class(StylizeStrip)
    for name in MENUS:
        getattr(bpy.types, name).append(draw_in_menu)


def unregister() -> None:
    for name in MENUS:
        getattr(bpy.types, name).remove(draw_in_menu)
    bpy.utils.unregister_class(StylizeStrip)
