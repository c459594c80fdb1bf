"""The Stylestrip tab in the sequencer's sidebar."""

import bpy
from bpy.types import Context, Panel, Strip, UILayout

from ..host.counterparts import is_paint, paint_at, source_of_paint
from ..host.strips import why_not_paintable
from ..host.versions import active_strip, sequencer_scene
from ..host.ways_in import way_into
from ..job_fields import ANIMATED
from ..later import outlook, paint_state
from ..preview.panel import draw_news, draw_preview, draw_sides
from ..sentence import draw_sentence
from ..setting_panels import EFFORT, METHOD, MOVEMENT, STROKES, draw_no_painter, draw_settings, draw_simple
from .copy_settings import CopySettings, others
from .key_setting import draw_keyed
from .paint_panel import draw_paint
from .paint_tools import SelectCounterpart
from .queue_panel import draw_job, draw_unfinished
from .stylize_strip import StylizeStrip, meant

RESULT = ("place", "mix", "depth")


class SidebarPanel:
    """Where the panels stand."""

    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Stylestrip"


class SEQUENCER_PT_stylestrip(SidebarPanel, Panel):
    """Picture, size, and the button."""

    bl_label = "Stylestrip"

    def draw(self, context: Context) -> None:
        layout, strip = self.layout, active_strip(context)
        layout.use_property_split, layout.use_property_decorate = True, False
        draw_unfinished(layout, context)
        problem = why_not_paintable(strip) if strip else "Select a strip that has a picture."
        if problem:
            draw_sentence(layout, context, problem, "INFO")
        elif is_paint(strip):
            self.draw_of_paint(context, strip)
        else:
            self.draw_of_source(context, strip)
        if others(context):
            layout.operator(CopySettings.bl_idname, icon="COPYDOWN")
        draw_job(layout, context, strip)
        draw_no_painter(layout, context)

    def draw_of_source(self, context: Context, strip: Strip) -> None:
        """What shall be painted, and how."""
        layout, scene = self.layout, sequencer_scene(context)
        layout.label(text=strip.name, icon="SEQUENCE")
        why = paint_state.why_out_of_date(scene, strip)
        draw_simple(layout, strip.stylestrip, lambda name: draw_setting(layout, context, name))
        outlook.draw_outlook(layout, scene, strip, why)
        draw_preview(layout, context)
        self.draw_button(context, strip, why)
        # What comes and goes stands below the buttons, which stay where they are.
        paint_state.draw_state(layout, context, strip, why)
        draw_paint(layout, context)
        draw_sides(layout, context)
        draw_news(layout, context, strip)
        way = way_into(strip, scene)
        if way.is_render:
            draw_sentence(layout, context, way.sentence, "RENDER_STILL")

    def draw_of_paint(self, context: Context, strip: Strip) -> None:
        """Which version of the paint is seen; how it is painted is said at its source."""
        source = source_of_paint(sequencer_scene(context), strip)
        if source is None:
            draw_sentence(self.layout, context, "This strip is paint, and the strip that it is of is gone.", "INFO")
            return
        self.layout.label(text=f"Paint of '{source.name}'", icon="BRUSH_DATA")
        draw_paint(self.layout, context)
        draw_sides(self.layout, context)
        self.layout.operator(SelectCounterpart.bl_idname, text="Select Source to Change It", icon="SEQUENCE")
        why = paint_state.why_out_of_date(sequencer_scene(context), source)
        self.draw_button(context, source, why)
        paint_state.draw_state(self.layout, context, source, why)

    def draw_button(self, context: Context, strip: Strip, why: str | None) -> None:
        """The button that begins to paint: blue where the paint of the strip is not what is set by now."""
        scene, count = sequencer_scene(context), len(meant(sequencer_scene(context)))
        is_painted = bool(paint_at(scene, strip))
        row = self.layout.row()
        row.scale_y = 1.5
        text = ("Update" if is_painted else "Stylize") + (f" {count} Strips" if count > 1 else "")
        is_old = bool(why) and not paint_state.is_under_way(scene, strip)
        row.operator(StylizeStrip.bl_idname, text=text, icon="BRUSH_DATA", depress=is_old)


class SEQUENCER_PT_stylestrip_further(SidebarPanel, Panel):
    """Everything else."""

    bl_label = "More"
    bl_parent_id = "SEQUENCER_PT_stylestrip"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender asks for a set
    # After the regions, whose panel is registered later.
    bl_order = 1

    @classmethod
    def poll(cls, context: Context) -> bool:
        strip = active_strip(context)
        return strip is not None and not is_paint(strip)

    def draw(self, context: Context) -> None:
        """Its panels say all."""


class Further(SidebarPanel):
    """A panel under More."""

    bl_parent_id = "SEQUENCER_PT_stylestrip_further"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender asks for a set
    settings: tuple[str, ...] = ()

    def draw(self, context: Context) -> None:
        layout, own = self.layout, active_strip(context).stylestrip
        draw_settings(layout, own, self.settings, lambda name: draw_setting(layout, context, name))


def draw_setting(layout: UILayout, context: Context, name: str) -> None:
    """A setting of the active strip, with a button for its keys if it may have some."""
    if name in ANIMATED:
        draw_keyed(layout, context, name)
    else:
        layout.prop(active_strip(context).stylestrip, name)


class SEQUENCER_PT_stylestrip_strokes(Further, Panel):
    """How it is painted."""

    bl_label = "Strokes and Colours"
    bl_options: set[str] = set()  # noqa: RUF012 - Blender asks for a set
    settings = STROKES


class SEQUENCER_PT_stylestrip_movement(Further, Panel):
    """What holds paint still from frame to frame."""

    bl_label = "Movement"
    settings = MOVEMENT


class SEQUENCER_PT_stylestrip_effort(Further, Panel):
    """How long it may take."""

    bl_label = "Time and Quality"
    settings = EFFORT


class SEQUENCER_PT_stylestrip_result(Further, Panel):
    """Where it goes, and as what."""

    bl_label = "Result"
    settings = RESULT


class SEQUENCER_PT_stylestrip_method(Further, Panel):
    """What nobody has to know."""

    bl_label = "Method"
    settings = METHOD


CLASSES = (
    SEQUENCER_PT_stylestrip,
    SEQUENCER_PT_stylestrip_further,
    SEQUENCER_PT_stylestrip_strokes,
    SEQUENCER_PT_stylestrip_movement,
    SEQUENCER_PT_stylestrip_effort,
    SEQUENCER_PT_stylestrip_result,
    SEQUENCER_PT_stylestrip_method,
)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
