"""The Stylestrip tab in the sequencer's sidebar."""

import bpy
from bpy.types import Context, Panel

from .. import EXTENSION, preferences
from ..gallery import draw_picture
from ..host.painted import JOB_KEY
from ..host.strips import why_not_paintable
from ..host.versions import active_strip, sequencer_scene
from ..host.ways_in import way_into
from ..sentence import draw_sentence
from .copy_settings import CopySettings, others
from .presets import draw_look
from .queue_panel import draw_job
from .stylize_strip import StylizeStrip

# What stands under More: by what a person wants of the painting, and what only those need who know the method.
STROKES = (
    "brush_size",
    "style_weight",
    "content_weight",
    "keep_colours",
    "keep_colours_by",
    "smoothness",
    "coarse_weight",
    "rotation",
)
MOVEMENT = ("steadiness", "denoise", "cuts", "carry", "passes")
EFFORT = ("steps", "steps_per_frame", "good_enough", "tolerance", "first_size", "device", "precision")
METHOD = (
    "style_loss",
    "pooling",
    "start",
    "start_picture",
    "noise_mean",
    "seed",
    "optimiser",
    "learning_rate",
    "flow",
    "flow_path",
    "flow_weights",
    "flow_size",
)
# Settings that mean nothing but where another one has a certain value.
ASKED_FOR = {
    "keep_colours_by": lambda settings: settings.keep_colours > 0,
    "seed": lambda settings: settings.start == "random",
    "flow_path": lambda settings: settings.flow == "files",
    "flow_weights": lambda settings: settings.flow.startswith("raft"),
    "start_picture": lambda settings: settings.start == "picture",
    "noise_mean": lambda settings: settings.start == "random",
    "learning_rate": lambda settings: settings.optimiser == "adam",
}


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
        problem = why_not_paintable(strip) if strip else "Select a strip that has a picture."
        if problem:
            draw_sentence(layout, context, problem, "INFO")
        else:
            layout.label(text=strip.name, icon="SEQUENCE")
            if JOB_KEY in strip:
                draw_sentence(layout, context, "This strip is paint: to change it, select the one below.", "INFO")
            draw_picture(layout, strip.stylestrip, "Choose a picture above, or a file here")
            draw_look(layout, strip.stylestrip)
            layout.prop(strip.stylestrip, "size")
        row = layout.row()
        row.scale_y = 1.5
        row.enabled = not problem
        row.operator(StylizeStrip.bl_idname, text="Stylize", icon="BRUSH_DATA")
        if strip and not problem and JOB_KEY not in strip:
            way = way_into(strip, sequencer_scene(context))
            draw_sentence(layout, context, way.sentence, "RENDER_STILL" if way.is_render else "FILE")
        if others(context):
            layout.operator(CopySettings.bl_idname, icon="COPYDOWN")
        draw_job(layout, context, strip)
        icon, sentence = preferences.state()
        if icon == "ERROR":
            draw_sentence(layout, context, sentence, icon)
            layout.operator("preferences.addon_show", text="Open Preferences", icon="PREFERENCES").module = EXTENSION


class SEQUENCER_PT_stylestrip_further(SidebarPanel, Panel):
    """Everything else."""

    bl_label = "More"
    bl_parent_id = "SEQUENCER_PT_stylestrip"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender asks for a set
    # After the regions, whose panel is registered later.
    bl_order = 1

    @classmethod
    def poll(cls, context: Context) -> bool:
        return active_strip(context) is not None

    def draw(self, context: Context) -> None:
        """Its panels say all."""


class Further(SidebarPanel):
    """A panel under More."""

    bl_parent_id = "SEQUENCER_PT_stylestrip_further"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender asks for a set
    settings: tuple[str, ...] = ()

    def draw(self, context: Context) -> None:
        self.layout.use_property_split, self.layout.use_property_decorate = True, False
        own = active_strip(context).stylestrip
        for name in self.settings:
            if name not in ASKED_FOR or ASKED_FOR[name](own):
                self.layout.prop(own, name)


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
    SEQUENCER_PT_stylestrip_method,
)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
