"""The list of regions of a Neural Style node, in the node editor's sidebar."""

import bpy
from bpy.types import Context, Menu, Node, Panel, Scene, UILayout, UIList, bpy_struct

from ..job_fields import PEOPLE_FIELDS
from ..later import node_passes, upstream
from ..regions.list_regions import AddRegion, ProtectFaces
from ..regions.panel import ICONS, draw_list, draw_paint
from ..regions.settings import OF_NODES, OF_SCENES, SOURCES, StylestripRegion, StylestripThing
from ..sentence import draw_sentence
from .list_things import AddSelectedThings, AddThing, RemoveThing
from .node import active_node, scene_of
from .panel import NodePanel

# What things are known by, and its icon; assets have no index.
THING_ICONS = {"object": "OBJECT_DATA", "material": "MATERIAL", "asset": "OUTLINER_OB_EMPTY"}
KINDS, KINDS_WITH_INDEX = tuple(THING_ICONS), ("object", "material")


class NODE_UL_stylestrip_things(UIList):
    """One line for each thing."""

    def draw_item(
        self,
        context: Context,
        layout: UILayout,
        data: bpy_struct,
        thing: StylestripThing,
        icon: int,
        active_data: bpy_struct,
        active_property: str,
    ) -> None:
        known, of = "materials" if data.known_by == "material" else "objects", THING_ICONS[data.known_by]
        # A pattern of names, and what is in a linked scene, may be typed as well.
        layout.prop_search(thing, "name", bpy.data, known, text="", icon=of, results_are_suggestions=True)


class NODE_MT_stylestrip_add_region(Menu):
    """A click for each kind of region."""

    bl_label = "Add Region"

    def draw(self, context: Context) -> None:
        for source in OF_NODES:
            row = self.layout.row()
            row.enabled = not (source in OF_SCENES and why_not(context, source))
            row.operator(AddRegion.bl_idname, text=SOURCES[source][0], icon=ICONS[source]).source = source
        self.layout.separator()
        # It has its own way in, which costs no painting; what is cut out by hand is followed in films, and not here.
        self.layout.label(text="Masks: connect a Mask node to Mask", icon=ICONS["MASK"])
        self.layout.operator(ProtectFaces.bl_idname, icon=ICONS["FACES"])


def why_not(context: Context, source: str) -> str:
    """Why the active node's image does not tell where a region of this source is; empty if it does."""
    node = active_node(context)
    scene = scene_of(node, context)
    if scene is None or not node.inputs["Image"].links:
        return "Connect Render Layers to Image first"
    return node_passes.why_not_known(scene, node, source)


class NODE_PT_stylestrip_regions(NodePanel, Panel):
    """Where to paint what."""

    bl_label = "Regions"
    bl_parent_id = "NODE_PT_stylestrip"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender asks for a set

    def draw(self, context: Context) -> None:
        layout, own = self.layout, active_node(context).node_tree.stylestrip_node.settings
        if not own.regions:
            layout.label(text="Everything is painted.")
            problem = why_not(context, "CRYPTOMATTE")
            if problem:
                draw_sentence(layout, context, f"{problem}.", "INFO")
            else:
                button = layout.operator(AddRegion.bl_idname, text="Add Cryptomatte", icon=ICONS["CRYPTOMATTE"])
                button.source = "CRYPTOMATTE"
            layout.menu(NODE_MT_stylestrip_add_region.__name__, icon="ADD")
            return
        draw_list(layout, own, NODE_MT_stylestrip_add_region)
        if own.region_index < len(own.regions):
            column = layout.column()
            column.use_property_split, column.use_property_decorate = True, False
            draw_source(column, own.regions[own.region_index], context)
            draw_paint(column, own.regions[own.region_index])


def draw_source(column: UILayout, region: StylestripRegion, context: Context) -> None:
    """Where a region is."""
    column.prop(region, "source")
    if region.source in OF_SCENES:
        if problem := why_not(context, region.source):
            draw_sentence(column, context, f"{problem}.", "ERROR")
        row = column.row(align=True)
        row.use_property_split = False
        for known_by in KINDS if region.source == "CRYPTOMATTE" else KINDS_WITH_INDEX:
            row.prop_enum(region, "known_by", known_by)
        draw_layer(column, region, context)
    if region.source == "CRYPTOMATTE":
        draw_things(column, region)
    elif region.source == "INDEX":
        column.prop(region, "pass_index")
    elif region.source == "FILE":
        column.prop(region, "path")
    elif region.source == "PEOPLE":
        column.prop(region, "network")
        if region.network != PEOPLE_FIELDS["network"].spec.default:
            column.prop(region, "network_weights")


def draw_layer(column: UILayout, region: StylestripRegion, context: Context) -> None:
    """The view layer, where there is a choice."""
    node: Node = active_node(context)
    scene: Scene | None = scene_of(node, context)
    layers = upstream.layers_of(scene, node) if scene and node.inputs["Image"].links else []
    if len(layers) > 1 or region.layer not in ("", *layers):
        column.prop_search(region, "layer", scene or context.scene, "view_layers")


def draw_things(column: UILayout, region: StylestripRegion) -> None:
    """The list of what belongs to a region, and its buttons."""
    row = column.row()
    row.template_list(NODE_UL_stylestrip_things.__name__, "", region, "things", region, "thing_index", rows=3)
    buttons = row.column(align=True)
    buttons.operator(AddThing.bl_idname, text="", icon="ADD")
    buttons.operator(RemoveThing.bl_idname, text="", icon="REMOVE")
    buttons.separator()
    buttons.operator(AddSelectedThings.bl_idname, text="", icon="RESTRICT_SELECT_OFF")
    if not region.things:
        column.operator(AddSelectedThings.bl_idname, icon="RESTRICT_SELECT_OFF")


register, unregister = bpy.utils.register_classes_factory(
    (NODE_UL_stylestrip_things, NODE_MT_stylestrip_add_region, NODE_PT_stylestrip_regions)
)
