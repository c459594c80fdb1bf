"""An object on its way through its strip, from the frames in which it was cut out."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import bpy
from bpy.types import Scene, Strip

from ...style_core.job import MatteJob, Output
from .. import jobs
from ..host.painted import blend_relative
from ..host.strips import source_of
from ..task import Task
from ..tickets import find_region, find_strip
from .asking import ask_for_mattes
from .capture import matte_region
from .keyframes import doubtful, knowledge
from .settings import StylestripRegion


@dataclass(kw_only=True, eq=False)
class Following(Task):
    """An object on its way through its strip."""

    errand: ClassVar[str] = "a region"

    scene: str
    strip: str
    region: str
    known: str
    """What it is followed from."""

    def deliver(self, folder: Path) -> str:
        """Gives the region its mattes, as one step to undo."""
        scene, strip = find_strip(self.identifier, self.scene, self.strip)
        region = find_region(strip, self.identifier, self.region)
        region.followed, region.followed_from = blend_relative(folder), self.known
        if not bpy.app.background:
            bpy.ops.ed.undo_push(message="Follow Object")
        more = " Look at the frames named below." if doubtful(region, scene) else ""
        return f"'{region.name}' is followed through the strip.{more}"


def begin(scene: Scene, strip: Strip, own: StylestripRegion) -> Task:
    """Asks the worker to follow an object; raises UserError if it cannot be."""
    source, _ = source_of(strip, scene)
    job = MatteJob(source, matte_region(own, scene, ""), Output(cache=str(jobs.cache_folder())))
    task = Following(scene=scene.name, strip=strip.name, region=own.name, known=knowledge(own))
    return ask_for_mattes(task, job, strip, own)
