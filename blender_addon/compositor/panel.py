"""What a person sees of a Neural Style node: on the node itself, and in the node editor's sidebar."""

import bpy
from bpy.types import Context, Node, Panel, UILayout

from ...style_core.job import UserError
from .. import jobs
from ..host.versions import handles, sequencer_scene
from ..host.ways_in import shown_by
from ..job_fields import ANIMATED
from ..later import live, live_source, upstream
from ..sentence import draw_sentence, frames_are
from ..sequencer.queue_panel import draw_stops, draw_unfinished, icon_of
from ..setting_panels import EFFORT, METHOD, MOVEMENT, STROKES, draw_no_painter, draw_settings, draw_simple
from ..task import Task
from . import live_window
from .bake_node import BakeNode
from .changing import MULTIPLIED
from .convert import ConvertToGroup
from .in_strip import place_of, places_of
from .node import active_node, name_of, scene_of
from .settings import SOURCE, STOP
from .tree import STRENGTH


def draw_on_node(node: Node, context: Context, layout: UILayout) -> None:
    """Picture, look, and the button, on the node."""
    own = node.node_tree.stylestrip_node
    layout.prop(own.settings, "picture", text="")
    layout.prop(own.settings, "look", text="")
    draw_mode(layout, node, context)
    if not own.is_live:
        draw_bake(layout, node)
    layout.label(**short_state_of(node, context))


def draw_mode(layout: UILayout, node: Node, context: Context) -> None:
    """The choice of when frames are painted; a strip's modifier is rendered by nothing that could wait for them."""
    own = node.node_tree.stylestrip_node
    if own.is_live or scene_of(node, context):
        layout.row().prop(own, "mode", expand=True)


def draw_if_missing(layout: UILayout, node: Node, context: Context) -> None:
    """The choice of what a render does at a frame without paint: of a strip's, it cannot wait for that."""
    own = node.node_tree.stylestrip_node
    if scene_of(node, context):
        layout.prop(own, "if_missing")
        return
    layout.label(text="If Not Painted")
    choices = layout.row(align=True)
    choices.use_property_split = False
    for choice in (STOP, SOURCE):
        choices.prop_enum(own, "if_missing", choice)
    if own.paints_now:
        words = "'Paint It Now' is for a scene's compositor: a frame that is not painted stops the render here."
        draw_sentence(layout, context, words, "INFO")


def draw_bake(layout: UILayout, node: Node, is_old: bool = False) -> None:
    """The button that begins to paint, blue where what is painted `is_old`; or how far it is."""
    task = task_of(node)
    if task and task.state == "running":
        layout.progress(factor=task.fraction, text=task.words)
        draw_stops(layout, task)
        return
    row = layout.row(align=True)
    row.operator(BakeNode.bl_idname, icon="BRUSH_DATA", depress=is_old).node = node.name
    again = row.operator(BakeNode.bl_idname, text="", icon="RENDER_ANIMATION")
    again.node, again.render_again = node.name, True


def task_of(node: Node) -> Task | None:
    """What was asked for last about a node."""
    ticket = node.node_tree.stylestrip_node.ticket
    return next((task for task in reversed(jobs.queue) if ticket and task.identifier == ticket), None)


def state_of(node: Node, context: Context) -> tuple[str, str]:
    """An icon and words on whether the frame that is shown has its paint."""
    own, frame = node.node_tree.stylestrip_node, moment(node, context)
    if own.is_live:
        return live_state_of(node, context)
    if not own.count:
        return "INFO", "Not painted yet"
    if (problem := own.problem(frame)) and is_seen(node, frame):
        remedy = "press Bake" if bakes(node, context) else "the scene's frames do not reach it"
        return "ERROR", f"{begun(problem)}: {remedy}."
    return "CHECKMARK", f"{frames_are(own.first, own.last).capitalize()} painted"


def bakes(node: Node, context: Context) -> bool:
    """Whether Bake would paint the frame that is shown."""
    scene = scene_of(node, context)
    return scene is None or scene.frame_start <= moment(node, context) <= scene.frame_end


def begun(words: str) -> str:
    """The end of a sentence as one of its own."""
    return words[:1].upper() + words[1:]


def live_state_of(node: Node, context: Context) -> tuple[str, str]:
    """An icon and words on how frames are painted while they are rendered."""
    scene = scene_of(node, context)
    if not scene:
        return "ERROR", "Only a node in a scene's compositor is painted live: choose Cache, and press Bake"
    if live_window.words:
        return "RENDER_ANIMATION", live_window.words
    if reason := live.why_not_live(scene, node):
        return "ERROR", f"{begun(reason).rstrip('.')}."
    if live_source.shows_scenes(node) and not live_source.is_direct(scene, node):
        return "INFO", (
            "Painted when it is rendered. What comes in is rendered once more, by a second Blender: connect the first "
            "view layer's Image directly to render it once"
        )
    return "INFO", "Each frame is painted when it is rendered"


def short_state_of(node: Node, context: Context) -> dict[str, str]:
    """The same in a few words, and its icon, as a label takes them."""
    own, frame = node.node_tree.stylestrip_node, moment(node, context)
    icon, words = state_of(node, context)
    if own.is_live:
        return {"text": "Cannot be painted live" if icon == "ERROR" else "Painted when rendered", "icon": icon}
    if icon == "ERROR":
        is_there = own.first <= frame <= own.last and own.file(frame).is_file()
        words = "Painted by other settings" if is_there else f"Frame {frame} is not painted"
    return {"text": words, "icon": icon}


def draw_setting(layout: UILayout, node: Node, name: str) -> None:
    """A setting of a node; what may change through the film with the dot that keys it."""
    strength = node.inputs.get(STRENGTH)
    if name == MULTIPLIED and strength is not None:  # the same thing, which the socket gives and keys
        layout.prop(strength, "default_value", text=STRENGTH)
        return
    column = layout.column()
    column.use_property_decorate = name in ANIMATED
    column.prop(node.node_tree.stylestrip_node.settings, name)


def where(node: Node, context: Context) -> tuple[str, str]:
    """What Bake paints, by where a node is, and an icon; empty where nothing is baked."""
    try:
        place = place_of(node)
    except UserError as error:
        return str(error), "ERROR"
    if place:
        return f"It is in modifier {place.words}: Bake paints the frames at which the strip is seen.", "SEQUENCE"
    if scene := scene_of(node, context):
        if node.node_tree.stylestrip_node.is_live:
            return "", "NONE"  # what is said of that is all
        first, last = scene.frame_start, scene.frame_end
        frames = f"frame {first}" if first == last else f"frames {first} to {last}"
        return f"Bake paints {frames} of scene '{scene.name}'.", "SCENE_DATA"
    return "It is inside a node group, and cannot be baked there: take it out (Ctrl Alt G).", "ERROR"


def moment(node: Node, context: Context) -> int:
    """The frame of the timeline that a node shows: of strips, that of the video editor's scene."""
    is_of_strip = node.node_tree.stylestrip_node.is_of_strip
    return (sequencer_scene(context) if is_of_strip else context.scene).frame_current


def is_seen(node: Node, frame: int) -> bool:
    """Whether a node shows anything at a frame of the timeline: in a strip's modifier it need not."""
    if not node.node_tree.stylestrip_node.is_of_strip:
        return True
    spans = [handles(shown_by(place.strip, place.scene)) for place in places_of(node.id_data)]
    return any(left <= frame < right for left, right in spans)


class NodePanel:
    """Where the panels stand."""

    bl_space_type = "NODE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Stylestrip"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return active_node(context) is not None


class NODE_PT_stylestrip(NodePanel, Panel):
    """Picture, size, and the button."""

    bl_label = "Stylestrip"

    def draw(self, context: Context) -> None:
        layout, node = self.layout, active_node(context)
        layout.use_property_split, layout.use_property_decorate = True, False
        own = node.node_tree.stylestrip_node
        draw_unfinished(layout, context)
        layout.label(text=name_of(node), icon=node.bl_icon)
        draw_simple(layout, own.settings, lambda name: draw_setting(layout, node, name))
        draw_mode(layout, node, context)
        button = layout.column()
        button.scale_y = 1.5
        icon, words = state_of(node, context)
        if not own.is_live:
            draw_bake(button, node, is_old=icon == "ERROR" and bakes(node, context))
        task = task_of(node)
        if task and task.state not in ("done", "running"):
            draw_sentence(layout, context, task.words, icon_of(task))
            if task.state == "waiting":
                draw_stops(layout, task)
        if not task or task.state != "running":
            draw_sentence(layout, context, words, icon)
        draw_sentence(layout, context, *where(node, context))
        draw_if_missing(layout, node, context)
        draw_no_painter(layout, context)
        layout.operator(ConvertToGroup.bl_idname, icon="NODETREE")


class NODE_PT_stylestrip_further(NodePanel, Panel):
    """Everything else."""

    bl_label = "More"
    bl_order = 1  # below Regions
    bl_parent_id = "NODE_PT_stylestrip"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender asks for a set

    def draw(self, context: Context) -> None:
        """Its panels say all."""


class Further(NodePanel):
    """A panel under More."""

    bl_parent_id = "NODE_PT_stylestrip_further"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender asks for a set
    settings: tuple[str, ...] = ()

    def draw(self, context: Context) -> None:
        node = active_node(context)
        own = node.node_tree.stylestrip_node.settings
        draw_settings(self.layout, own, self.settings, lambda name: draw_setting(self.layout, node, name))


class NODE_PT_stylestrip_strokes(Further, Panel):
    """How it is painted."""

    bl_label = "Strokes and Colours"
    bl_options: set[str] = set()  # noqa: RUF012 - Blender asks for a set
    settings = STROKES


class NODE_PT_stylestrip_movement(Further, Panel):
    """What holds paint still from frame to frame."""

    bl_label = "Movement"
    settings = MOVEMENT

    def draw(self, context: Context) -> None:
        super().draw(context)
        node = active_node(context)
        self.layout.prop(node.node_tree.stylestrip_node, "exact_motion")
        scene = scene_of(node, context)
        if scene and node.node_tree.stylestrip_node.exact_motion and node.inputs["Image"].links:
            reason = upstream.why_no_vectors(scene, node)
            words = f"Motion is looked for in the frames: {reason}." if reason else "Motion is taken from the scene."
            draw_sentence(self.layout, context, words, "INFO")


class NODE_PT_stylestrip_effort(Further, Panel):
    """How long it may take."""

    bl_label = "Time and Quality"
    settings = EFFORT


class NODE_PT_stylestrip_method(Further, Panel):
    """What nobody has to know."""

    bl_label = "Method"
    settings = ("depth", *METHOD)


CLASSES = (
    NODE_PT_stylestrip,
    NODE_PT_stylestrip_further,
    NODE_PT_stylestrip_strokes,
    NODE_PT_stylestrip_movement,
    NODE_PT_stylestrip_effort,
    NODE_PT_stylestrip_method,
)


register, unregister = bpy.utils.register_classes_factory(CLASSES)
