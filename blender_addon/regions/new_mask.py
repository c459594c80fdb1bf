"""The operator that makes a mask for a region, to be edited in Blender's mask editor."""

import bpy
from bpy.types import Context

from ...style_core.job import UserError
from ..arrays import np
from ..host.versions import active_strip, sequencer_scene
from ..later import outlines, projections
from .list_regions import ForOneRegion

# Of the picture's sides, and of its longer side.
RADIUS, FEATHER = 0.3, 0.03
# How far the handles of a circle's four points are from them, of its radius.
REACH = 4 / 3 * (2**0.5 - 1)


class NewMask(ForOneRegion):
    """Make a mask for the region: an ellipse in the middle of the picture, with a soft edge, to be edited"""

    bl_idname = "stylestrip.new_mask"
    bl_label = "New Mask"

    def execute(self, context: Context) -> set[str]:
        scene, strip = sequencer_scene(context), active_strip(context)
        region = strip.stylestrip.regions[strip.stylestrip.region_index]
        try:
            size = (
                projections.size_of(strip, scene) if region.mask_lies_over == "STRIP" else projections.frame_size(scene)
            )
            region.mask = mask = outlines.add_mask(region.name, {scene.frame_current: [ellipse(size)]}, size, 0)
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for point in mask.layers[0].splines[0].points:
            point.weight = FEATHER
        self.report({"INFO"}, f"'{mask.name}' is an ellipse: edit it in the Mask mode of an image or clip editor.")
        return {"FINISHED"}


def ellipse(size: tuple[int, int]) -> "outlines.Outline":
    """An outline in the middle of a picture of that size."""
    ways = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)], np.float64)
    ahead = REACH * np.roll(ways, -1, axis=0)
    points = np.stack([ways, ways - ahead, ways + ahead], axis=1)
    return outlines.Outline((0.5 + RADIUS * points) * size)


register, unregister = bpy.utils.register_classes_factory((NewMask,))
