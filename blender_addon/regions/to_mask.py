"""The operator that makes a mask of a region's matte, for the mask editor."""

from dataclasses import dataclass, replace

import bpy
from bpy.props import IntProperty

from ...style_core import protocol
from ...style_core.job import Look, MatteJob, Output, Region, UserError
from .. import jobs
from ..host import projections, versions
from ..host.moments import moments_of
from ..host.outlines import add_mask
from ..host.strips import source_of
from ..task import Task
from ..tickets import find_region, find_strip
from .asking import AsksWorker, ask
from .capture import matte_file
from .outlining import Outlining, request
from .settings import SOURCES, StylestripRegion, region_of


@dataclass(kw_only=True)
class MaskMaking(Outlining):
    """A region whose matte becomes a mask."""

    scene: str
    strip: str
    region: str

    def deliver(self, folder: object) -> str:
        """Makes the mask and gives it to the region, as one step to undo."""
        scene, strip = find_strip(self.identifier, self.scene, self.strip)
        region = find_region(strip, self.identifier, self.region)
        mask = add_mask(region.name, self.found, self.picture_size, scene.frame_current)
        before = SOURCES[region.source][0]
        region.source, region.mask, region.mask_lies_over = "MASK", mask, "STRIP"
        # The keys are at frames of the timeline; so they go along when the strip is moved.
        start, length = versions.content_span(strip)
        mask.frame_start, mask.frame_end = round(start), round(start) + length
        # Blender knows no mask that begins before frame 0.
        region.mask_time = "RELATIVE" if mask.frame_start == round(start) else "ABSOLUTE"
        if not bpy.app.background:
            bpy.ops.ed.undo_push(message="To Mask")
        return (
            f"'{region.name}' is now where the mask '{mask.name}' is: edit it in the image or clip editor. Matte: "
            f"{before} goes back."
        )


class RegionToMask(AsksWorker):
    """Make an editable mask with few points of the region's matte, and let the region be where the mask is"""

    bl_idname = "stylestrip.region_to_mask"
    bl_label = "To Mask"

    __annotations__ = {
        "step": IntProperty(
            name="Every", description="Frames from one key to the next; 0: the current frame alone", min=0, default=0
        )
    }

    def ask(self, scene: bpy.types.Scene, strip: bpy.types.Strip, own: StylestripRegion) -> Task:
        return begin(scene, strip, own, self.step)


def begin(scene: bpy.types.Scene, strip: bpy.types.Strip, own: StylestripRegion, step: int) -> Task:
    """Asks the worker for the outlines of a region; raises UserError if its matte cannot be had."""
    if own.source == "MASK":
        raise UserError(f"Region '{own.name}' is a mask already.")
    moments = key_moments(scene, strip, step)
    source, _ = source_of(strip, scene)
    cache = jobs.cache_folder()
    region = matte_region(own, scene, matte_file(own, scene, strip, cache))
    job = MatteJob(source, region, Output(cache=str(cache)))
    job.require_inputs()
    task = MaskMaking(moments=moments, scene=scene.name, strip=strip.name, region=own.name)
    return ask(task, protocol.OUTLINE, request(job, moments, projections.size_of(strip, scene)), strip, own)


def matte_region(own: StylestripRegion, scene: bpy.types.Scene, mask: str) -> Region:
    """Where a region is, without what is painted there."""
    return replace(region_of(own, Look(), scene, mask, {}), look=None)


def key_moments(scene: bpy.types.Scene, strip: bpy.types.Strip, step: int) -> dict[int, int]:
    """Frames of the source that shall have a key, and when they are first seen; UserError if the strip is not."""
    shown = moments_of(strip, scene)
    if not step:
        left, right = versions.handles(strip)
        if not left <= scene.frame_current < right:
            raise UserError(f"Strip '{strip.name}' is not seen at frame {scene.frame_current}: go to where it is.")
        number = source_of(strip, scene)[1][scene.frame_current - left]
        return {number: scene.frame_current}
    chosen = sorted({*list(shown)[::step], max(shown)})
    return {number: shown[number] for number in chosen}


register, unregister = bpy.utils.register_classes_factory((RegionToMask,))
