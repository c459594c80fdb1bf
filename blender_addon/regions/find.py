"""The operator that finds where a region is, so that it can be shown before anything is painted."""

import bpy
from bpy.types import Context, Scene, Strip

from ..host.versions import active_strip
from ..later import finding
from ..task import Task
from .asking import AsksWorker
from .list_regions import UNDOABLE
from .settings import StylestripRegion

# Those that are known as soon as they are chosen.
KNOWN = ("OBJECT", "FILE")


class FindRegion(AsksWorker):
    """Draw or find where the region is, as it is set now, and tint it in the preview"""

    bl_idname = "stylestrip.find_region"
    bl_label = "Find Region"
    bl_options = UNDOABLE

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not super().poll(context):
            return False
        own = active_strip(context).stylestrip
        if own.regions[own.region_index].source in KNOWN:
            cls.poll_message_set("This region is known already: Show Region tints it")
            return False
        return True

    def ask(self, scene: Scene, strip: Strip, own: StylestripRegion) -> Task:
        bpy.context.window_manager.stylestrip_show_region = True
        return finding.begin(scene, strip, own)


register, unregister = bpy.utils.register_classes_factory((FindRegion,))
