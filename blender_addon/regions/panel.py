"""The list of regions in the sequencer's sidebar."""

import bpy
from bpy.types import Context, Menu, Panel, UILayout, UIList, bpy_struct

from ..gallery import draw_picture
from ..host.versions import active_strip, sequencer_scene
from ..job_fields import PEOPLE_FIELDS
from ..sentence import draw_sentence
from ..sequencer.panel import SidebarPanel
from ..settings import StylestripSettings
from .cut_out import CutOut
from .find import KNOWN, FindRegion
from .list_regions import AddRegion, MoveRegion, ProtectFaces, RemoveRegion, why_no_regions
from .new_mask import NewMask
from .object_panel import draw_object
from .settings import OF_SCENES, SOURCES, StylestripRegion
from .show_region import why_not_shown
from .to_mask import RegionToMask

ICONS = {
    "OBJECT": "GREASEPENCIL",
    "MASK": "MOD_MASK",
    "PEOPLE": "COMMUNITY",
    "FACES": "USER",
    "MODIFIER": "MODIFIER",
    "STRIP": "SEQUENCE",
    "ALPHA": "IMAGE_ALPHA",
    "FILE": "FILE_IMAGE",
    "CRYPTOMATTE": "OUTLINER_OB_GROUP_INSTANCE",
    "INDEX": "LINENUMBERS_ON",
}


class SEQUENCER_UL_stylestrip_regions(UIList):
    """One line for each region."""

    def draw_item(
        self,
        context: Context,
        layout: UILayout,
        data: bpy_struct,
        region: StylestripRegion,
        icon: int,
        active_data: bpy_struct,
        active_property: str,
    ) -> None:
        layout.prop(region, "enabled", text="")
        row = layout.row()
        row.active = region.enabled
        row.prop(region, "name", text="", emboss=False, icon=ICONS[region.source])


class SEQUENCER_MT_stylestrip_add_region(Menu):
    """A click for each kind of region."""

    bl_label = "Add Region"

    def draw(self, context: Context) -> None:
        # Where there are no regions yet, the panel has buttons for these.
        has_regions = bool(active_strip(context).stylestrip.regions)
        if has_regions:
            self.layout.operator(CutOut.bl_idname, text=SOURCES["OBJECT"][0], icon=ICONS["OBJECT"]).new = True
        for source, (name, _) in SOURCES.items():
            if source != "OBJECT" and source not in OF_SCENES:
                self.layout.operator(AddRegion.bl_idname, text=name, icon=ICONS[source]).source = source
        if has_regions:
            self.layout.separator()
            self.layout.operator(ProtectFaces.bl_idname, icon=ICONS["FACES"])


class SEQUENCER_MT_stylestrip_to_mask(Menu):
    """At which frames the mask has keys."""

    bl_label = "To Mask"

    def draw(self, context: Context) -> None:
        for name, step in (("This Frame", 0), ("Key Every Frame", 1), ("Key Every 5th Frame", 5)):
            self.layout.operator(RegionToMask.bl_idname, text=name).step = step


class SEQUENCER_PT_stylestrip_regions(SidebarPanel, Panel):
    """Where to paint what."""

    bl_label = "Regions"
    bl_parent_id = "SEQUENCER_PT_stylestrip"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender asks for a set

    @classmethod
    def poll(cls, context: Context) -> bool:
        return not why_no_regions(active_strip(context))

    def draw(self, context: Context) -> None:
        layout, own = self.layout, active_strip(context).stylestrip
        if not own.regions:
            layout.label(text="Everything is painted.")
            layout.operator(CutOut.bl_idname, icon=ICONS["OBJECT"])
            layout.operator(ProtectFaces.bl_idname, icon=ICONS["FACES"])
            layout.menu(SEQUENCER_MT_stylestrip_add_region.__name__, icon="ADD")
            return
        draw_list(layout, own, SEQUENCER_MT_stylestrip_add_region)
        if own.region_index < len(own.regions):
            region = own.regions[own.region_index]
            draw_region(layout, region, context)


def draw_list(layout: UILayout, own: StylestripSettings, add: type[Menu]) -> None:
    """The list of regions with its buttons; `add` is the menu of kinds."""
    row = layout.row()
    row.template_list("SEQUENCER_UL_stylestrip_regions", "", own, "regions", own, "region_index", rows=3)
    column = row.column(align=True)
    column.menu(add.__name__, text="", icon="ADD")
    column.operator(RemoveRegion.bl_idname, text="", icon="REMOVE")
    column.separator()
    column.operator(MoveRegion.bl_idname, text="", icon="TRIA_UP").way = "UP"
    column.operator(MoveRegion.bl_idname, text="", icon="TRIA_DOWN").way = "DOWN"
    layout.prop(own, "rest")


def draw_region(layout: UILayout, region: StylestripRegion, context: Context) -> None:
    """The settings of the chosen region: where it is, what is painted there, and how it ends."""
    column = layout.column()
    column.use_property_split, column.use_property_decorate = True, False
    column.prop(region, "source")
    draw_source(column, region, context)
    is_known = region.source != "OBJECT" or region.keyframes
    if is_known:
        draw_show(column, region, context)
    draw_paint(column, region)
    if region.source != "MASK" and is_known:
        column.menu(SEQUENCER_MT_stylestrip_to_mask.__name__, icon=ICONS["MASK"])


def draw_paint(column: UILayout, region: StylestripRegion) -> None:
    """What is painted in a region, and how it ends."""
    column.separator()
    column.prop(region, "paint")
    if region.paint == "OWN":
        draw_picture(column, region, "As set above")
        column.prop(region, "look")
    if region.paint != "KEEP":
        column.prop(region, "strength")
    column.separator()
    column.prop(region, "feather")
    column.prop(region, "invert")
    if region.source not in OF_SCENES:
        column.prop(region, "refine")


def draw_show(layout: UILayout, region: StylestripRegion, context: Context) -> None:
    """The button that shows the region, which is found first if need be, and the one that finds it anew."""
    problem = why_not_shown(region, sequencer_scene(context))
    row = layout.row(align=True)
    if problem and region.source not in KNOWN:
        row.operator(FindRegion.bl_idname, text="Show Region", icon="OVERLAY")
        return
    button = row.row(align=True)
    button.enabled = not problem
    button.use_property_split = False
    button.prop(context.window_manager, "stylestrip_show_region", icon="OVERLAY", toggle=True)
    if region.source not in KNOWN:
        row.operator(FindRegion.bl_idname, text="", icon="FILE_REFRESH")
    if problem:
        draw_sentence(layout, context, problem, "INFO")


def draw_source(column: UILayout, region: StylestripRegion, context: Context) -> None:
    """What the matte of a region comes from."""
    if region.source == "OBJECT":
        draw_object(column, region, context)
    elif region.source == "PEOPLE":
        column.prop(region, "network")
        if region.network != PEOPLE_FIELDS["network"].spec.default:
            column.prop(region, "network_weights")
    elif region.source == "FILE":
        column.prop(region, "path")
    elif region.source == "MASK":
        column.template_ID(region, "mask", new=NewMask.bl_idname, text="Mask")
        column.prop(region, "mask_lies_over")
        column.prop(region, "mask_time")
    elif region.source == "STRIP":
        column.prop_search(region, "strip", sequencer_scene(context).sequence_editor, "strips_all")
        column.prop(region, "use_alpha")


CLASSES = (
    SEQUENCER_UL_stylestrip_regions,
    SEQUENCER_MT_stylestrip_add_region,
    SEQUENCER_MT_stylestrip_to_mask,
    SEQUENCER_PT_stylestrip_regions,
)


register, unregister = bpy.utils.register_classes_factory(CLASSES)
