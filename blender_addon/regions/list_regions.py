"""The operators that change the list of a strip's regions."""

import bpy
from bpy.props import EnumProperty
from bpy.types import Context, NodeTree, Operator, Strip, bpy_prop_collection

from ..host.own_modifier import JOB_KEY
from ..host.strips import why_not_paintable
from ..host.versions import active_strip
from ..presets import settings_at_hand
from ..settings import StylestripSettings
from .settings import OFFERED, SOURCES, StylestripRegion, choices

UNDOABLE = {"REGISTER", "UNDO"}
# How faces are protected: in this look, fading out over this share of the frame's width in percent.
GENTLE, SOFT = "portrait", 2.5


def why_no_regions(strip: Strip | None) -> str:
    """A sentence if a strip can have no regions; else empty."""
    if strip is None:
        return "Select a strip first"
    if JOB_KEY in strip:
        return f"Strip '{strip.name}' is painted: regions belong to the strip below it that it was painted from."
    return why_not_paintable(strip)


class ForList(Operator):
    """What works on the list of regions of the active strip, or of the active node in a node editor."""

    bl_options = UNDOABLE

    @classmethod
    def poll(cls, context: Context) -> bool:
        in_nodes = context.space_data is not None and context.space_data.type == "NODE_EDITOR"
        if in_nodes:
            problem = "" if settings_at_hand(context) else "Select a Neural Style node first"
        else:
            problem = why_no_regions(active_strip(context))
        if problem:
            cls.poll_message_set(problem)
        return not problem


class ForOneInList(ForList):
    """What works on the chosen one of them."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        return super().poll(context) and chosen_in(settings_at_hand(context)) is not None


def chosen_in(own: StylestripSettings) -> StylestripRegion | None:
    """The region that is chosen in the list; None if there is none."""
    return own.regions[own.region_index] if own.region_index < len(own.regions) else None


def without_line(lines: bpy_prop_collection, index: int) -> int:
    """Takes a line out of a list; the index of the one that is chosen then: what follows, or else the last."""
    lines.remove(index)
    return max(0, min(index, len(lines) - 1))


class ForRegions(Operator):
    """What works on the regions of the active strip."""

    bl_options = UNDOABLE

    @classmethod
    def poll(cls, context: Context) -> bool:
        problem = why_no_regions(active_strip(context))
        if problem:
            cls.poll_message_set(problem)
        return not problem


class ForOneRegion(ForRegions):
    """What works on the chosen region of the active strip."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not super().poll(context):
            return False
        own = active_strip(context).stylestrip
        return own.region_index < len(own.regions)


def added(own: StylestripSettings, source: str, name: str) -> StylestripRegion:
    """A new region of a strip or node, at the end of the list; if the name is taken, a number follows it."""
    region = own.regions.add()
    region.name, region.source = name, source
    own.region_index = len(own.regions) - 1
    return region


class AddRegion(ForList):
    """Add a region: a part of the picture that is painted, or kept as it is, by itself"""

    bl_idname = "stylestrip.add_region"
    bl_label = "Add Region"

    __annotations__ = {"source": EnumProperty(name="Matte", items=choices(SOURCES))}

    @classmethod
    def description(cls, context: Context, properties: "AddRegion") -> str:
        """What the tooltip says about each source."""
        return SOURCES[properties.source][1]

    def execute(self, context: Context) -> set[str]:
        own, name = settings_at_hand(context), SOURCES[self.source][0]
        is_node = isinstance(own.id_data, NodeTree)
        if self.source not in [item[0] for item in OFFERED[is_node]]:
            self.report({"ERROR"}, f"{'A node' if is_node else 'A strip'} can have no region of the kind '{name}'.")
            return {"CANCELLED"}
        added(own, self.source, name)
        return {"FINISHED"}


class ProtectFaces(ForList):
    """Paint all faces gently, so that they stay who they are; the edge is soft, and the rest is painted as it was"""

    bl_idname = "stylestrip.protect_faces"
    bl_label = "Protect Faces"

    def execute(self, context: Context) -> set[str]:
        own = settings_at_hand(context)
        # Without regions all was painted, and shall be.
        own.rest |= not own.regions
        region = added(own, "FACES", SOURCES["FACES"][0])
        # Not the photograph as it is: that would look pasted into the painting.
        region.paint, region.look, region.feather = "OWN", GENTLE, SOFT
        return {"FINISHED"}


class RemoveRegion(ForOneInList):
    """Remove the chosen region from the list"""

    bl_idname = "stylestrip.remove_region"
    bl_label = "Remove Region"

    def execute(self, context: Context) -> set[str]:
        own = settings_at_hand(context)
        own.region_index = without_line(own.regions, own.region_index)
        return {"FINISHED"}


class MoveRegion(ForOneInList):
    """Move the chosen region; where regions overlap, the lower one in the list lies over the others"""

    bl_idname = "stylestrip.move_region"
    bl_label = "Move Region"

    __annotations__ = {"way": EnumProperty(name="Way", items=[("UP", "Up", ""), ("DOWN", "Down", "")])}

    def execute(self, context: Context) -> set[str]:
        own = settings_at_hand(context)
        place = own.region_index + (1 if self.way == "DOWN" else -1)
        if not 0 <= place < len(own.regions):
            return {"CANCELLED"}
        own.regions.move(own.region_index, place)
        own.region_index = place
        return {"FINISHED"}


CLASSES = (AddRegion, ProtectFaces, RemoveRegion, MoveRegion)


register, unregister = bpy.utils.register_classes_factory(CLASSES)
