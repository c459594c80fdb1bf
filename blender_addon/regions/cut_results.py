"""What becomes of a thing that was cut out: a keyframe of a strip's region, or a mask in the image or clip editor."""

from dataclasses import replace

import bpy

from ...style_core import protocol
from ...style_core.job import MatteJob, Output, Region, UserError
from .. import connection, jobs
from ..host.outlines import add_mask
from .cut_targets import Target
from .cutting import Cutting
from .keyframes import chosen_object, kept, matte_at, set_keyframe, strip_named
from .list_regions import added
from .outlining import Outlining, request
from .settings import SOURCES

MASK_NAME = "Cut-Out"


def begin_of(target: Target, new: bool) -> str:
    """The matte that a cut begins from: what is known of the chosen object in this frame; empty if it is nothing."""
    if new or not target.strip:
        return ""
    scene, strip = strip_named(target.scene, target.strip)
    region = chosen_object(strip)
    return matte_at(region, target.picture.frame, scene) if region else ""


class StripResult:
    """A keyframe of the chosen object, or of a new one.

    Args:
        target: what is cut out.
        new: whether a region is begun, even if the chosen one is an object.
    """

    def __init__(self, target: Target, new: bool) -> None:
        self.target, self.new = target, new
        self.cut: Cutting | None = None

    def is_ready(self, cut: Cutting) -> bool:
        """Whether the matte is there; UserError if it shows nothing. That a known thing is not in a frame is much."""
        region = None if self.new else chosen_object(strip_named(self.target.scene, self.target.strip)[1])
        if not cut.share and not (region and region.keyframes):
            raise UserError("Nothing is cut out: paint over the thing.")
        self.cut = cut
        return cut.file is not None

    def keep(self) -> str:
        """Keeps the matte, and says so."""
        matte = kept(self.cut.file, jobs.cache_folder())
        _, strip = strip_named(self.target.scene, self.target.strip)
        region = (None if self.new else chosen_object(strip)) or added(strip.stylestrip, "OBJECT", SOURCES["OBJECT"][0])
        set_keyframe(region, self.target.picture.frame, matte)
        return f"'{region.name}' is cut out in this frame. Follow it through the strip, or stylize at once."


class MaskResult:
    """A mask that can be edited, in the editor whose picture was cut.

    Args:
        target: what is cut out.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.outlining: Outlining | None = None

    def is_ready(self, cut: Cutting) -> bool:
        """Whether the outlines are there, which are asked for when the matte is; UserError if there is none."""
        if not cut.share:
            raise UserError("Nothing is cut out: paint over the thing.")
        if self.outlining is None and cut.file is not None:
            self.ask(cut)
        if self.outlining is not None and self.outlining.state == "failed":
            failed, self.outlining = self.outlining, None
            raise UserError(failed.message)
        return self.outlining is not None and bool(self.outlining.found)

    def ask(self, cut: Cutting) -> None:
        """Asks for the outlines of the matte."""
        picture, cache = self.target.picture, jobs.cache_folder()
        source = replace(picture.source, first=picture.frame, last=picture.frame)
        job = MatteJob(source, Region(mask=str(kept(cut.file, cache))), Output(cache=str(cache)))
        moments = {picture.frame: bpy.data.scenes[self.target.scene].frame_current}
        self.outlining = Outlining(moments=moments)
        connection.ask(protocol.OUTLINE, self.outlining.take, job=request(job, moments, picture.size))

    def keep(self) -> str:
        """Makes the mask, shows it, and says so."""
        frame = next(iter(self.outlining.found))
        mask = add_mask(MASK_NAME, self.outlining.found, self.outlining.picture_size, frame)
        space = self.target.area.spaces.active
        space.mode, space.mask = "MASK", mask
        points = sum(len(spline.points) for layer in mask.layers for spline in layer.splines)
        return f"The mask '{mask.name}' has {points} points: drag them to change it."


def result_for(target: Target, new: bool) -> StripResult | MaskResult:
    """What shall become of what is cut out of a picture."""
    return StripResult(target, new) if target.strip else MaskResult(target)
