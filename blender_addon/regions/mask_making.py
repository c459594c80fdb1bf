"""A region whose matte becomes a mask, for the mask editor."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from bpy.types import Scene, Strip

from ...style_core import protocol
from ...style_core.job import MatteJob, Output, UserError
from .. import jobs
from ..host import projections, versions
from ..host.matte_drawing import Places
from ..host.matte_wanted import wanted_at
from ..host.moments import moments_of
from ..host.outlines import add_mask
from ..host.rendering import Rendering
from ..host.strips import source_of
from ..task import Task
from .asking import ask
from .capture import drawing_of, mask_of, matte_region, with_mattes
from .outlining import Outlining, request
from .region_task import RegionTask
from .settings import SOURCES, StylestripRegion


@dataclass(kw_only=True, eq=False)
class MaskMaking(RegionTask, Outlining):
    """A region whose matte becomes a mask."""

    undo: ClassVar[str] = "To Mask"

    job: MatteJob
    places: Places = field(default_factory=dict)
    """Where the matte lies, if it was drawn for this."""

    def prepare(self) -> Rendering | None:
        """Draws the matte, if Blender does that."""
        scene, strip = self.place()
        if drawing := drawing_of([self.job.region], scene, strip, Path(self.job.output.cache), self.places):
            return drawing
        (region,) = with_mattes([self.job.region], self.places)
        size = projections.size_of(strip, scene)
        self.request = protocol.OUTLINE, request(replace(self.job, region=region), self.moments, size)
        return None

    def hand_over(self, folder: Path, scene: Scene, strip: Strip, region: StylestripRegion) -> str:
        """Makes the mask and gives it to the region."""
        mask = add_mask(region.name, self.found, self.picture_size, scene.frame_current)
        before = SOURCES[region.source][0]
        region.source, region.mask, region.mask_lies_over = "MASK", mask, "STRIP"
        # The keys are at frames of the timeline; so they go along when the strip is moved.
        start, length = versions.content_span(strip)
        mask.frame_start, mask.frame_end = round(start), round(start) + length
        # Blender knows no mask that begins before frame 0.
        region.mask_time = "RELATIVE" if mask.frame_start == round(start) else "ABSOLUTE"
        return (
            f"'{region.name}' is now where the mask '{mask.name}' is: edit it in the image or clip editor. Matte: "
            f"{before} goes back."
        )


def begin(scene: Scene, strip: Strip, own: StylestripRegion, step: int) -> Task:
    """Asks the worker for the outlines of a region; raises UserError if its matte cannot be had."""
    if own.source == "MASK":
        raise UserError(f"Region '{own.name}' is a mask already.")
    if step < 0:
        raise UserError(f"Every is {step}: name the frames from one key to the next, or 0 for the current frame alone.")
    moments = key_moments(scene, strip, step)
    source, _ = source_of(strip, scene)
    cache = jobs.cache_folder()
    job = MatteJob(source, matte_region(own, scene, mask_of(own, scene)), Output(cache=str(cache)))
    if wanted_at(job.region.mask):
        source.require_inputs()
    else:
        job.require_inputs()
    task = MaskMaking(moments=moments, scene=scene.name, strip=strip.name, region=own.name, job=job)
    return ask(task, protocol.OUTLINE, {}, strip, own)


def key_moments(scene: Scene, strip: Strip, step: int) -> dict[int, int]:
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
