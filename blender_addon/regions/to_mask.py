"""The operator that makes a mask of a region's matte, for the mask editor."""

import bpy
from bpy.props import IntProperty

from ..later import mask_making
from ..task import Task
from .asking import AsksWorker
from .settings import StylestripRegion


class RegionToMask(AsksWorker):
    """Make an editable mask with few points of the region's matte, and let the region be where the mask is"""

    bl_idname = "stylestrip.region_to_mask"
    bl_label = "To Mask"

    __annotations__ = {
        "step": IntProperty(
            name="Every",
            description="Frames from one key to the next; 0: the current frame alone",
            soft_min=0,
            default=0,
        )
    }

    def ask(self, scene: bpy.types.Scene, strip: bpy.types.Strip, own: StylestripRegion) -> Task:
        return mask_making.begin(scene, strip, own, self.step)


register, unregister = bpy.utils.register_classes_factory((RegionToMask,))
