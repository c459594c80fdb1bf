"""The operators that say which objects, materials or assets of a scene are in a region of a node."""

import bpy
from bpy.types import Context

from ..presets import settings_at_hand
from ..regions.list_regions import ForOneInList, chosen_in, without_line
from ..regions.settings import StylestripRegion


class ForThings(ForOneInList):
    """What works on the things in the chosen region, if it is a Cryptomatte."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        return super().poll(context) and chosen_in(settings_at_hand(context)).source == "CRYPTOMATTE"


def chosen(context: Context) -> StylestripRegion:
    """The region whose things these are."""
    return chosen_in(settings_at_hand(context))


class AddThing(ForThings):
    """Add a line to the list of what belongs to the region"""

    bl_idname = "stylestrip.add_thing"
    bl_label = "Add"

    def execute(self, context: Context) -> set[str]:
        region = chosen(context)
        region.things.add()
        region.thing_index = len(region.things) - 1
        return {"FINISHED"}


class AddSelectedThings(ForThings):
    """Add what is selected in the scene: the objects, all of their materials, or what they belong to by their parents"""  # noqa: E501

    bl_idname = "stylestrip.add_selected_things"
    bl_label = "Add Selected Objects"

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not super().poll(context):
            return False
        if not context.view_layer.objects.selected:
            cls.poll_message_set("Select the objects in the 3D viewport or in the outliner first")
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        region, selected = chosen(context), context.view_layer.objects.selected
        if region.known_by == "material":
            found = [slot.material.name for one in selected for slot in one.material_slots if slot.material]
        else:
            found = [one.name for one in selected]
        added = [name for name in dict.fromkeys(found) if name not in region.things]
        for name in added:
            region.things.add().name = name
        region.thing_index = max(0, len(region.things) - 1)
        if not found:
            self.report({"WARNING"}, "The selected objects have no materials.")
        return {"FINISHED"}


class RemoveThing(ForThings):
    """Take the chosen line out of the list"""

    bl_idname = "stylestrip.remove_thing"
    bl_label = "Remove"

    def execute(self, context: Context) -> set[str]:
        region = chosen(context)
        region.thing_index = without_line(region.things, region.thing_index)
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((AddThing, AddSelectedThings, RemoveThing))
