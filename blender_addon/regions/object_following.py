"""An object on its way through its strip, from the frames in which it was cut out."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from bpy.types import Scene, Strip

from ...style_core.job import MatteJob, Output
from .. import jobs
from ..host.painted import blend_relative
from ..host.strips import source_of
from ..task import Task
from .asking import ask_for_mattes
from .capture import matte_region
from .keyframes import doubtful, knowledge
from .region_task import RegionTask
from .settings import StylestripRegion


@dataclass(kw_only=True, eq=False)
class Following(RegionTask):
    """An object on its way through its strip."""

    undo: ClassVar[str] = "Follow Object"

    known: str
    """What it is followed from."""

    def hand_over(self, folder: Path, scene: Scene, strip: Strip, region: StylestripRegion) -> str:
        """Gives the region its mattes."""
        region.followed, region.followed_from = blend_relative(folder), self.known
        more = " Look at the frames named below." if doubtful(region, scene) else ""
        return f"'{region.name}' is followed through the strip.{more}"


def begin(scene: Scene, strip: Strip, own: StylestripRegion) -> Task:
    """Asks the worker to follow an object; raises UserError if it cannot be."""
    source, _ = source_of(strip, scene)
    job = MatteJob(source, matte_region(own, scene, ""), Output(cache=str(jobs.cache_folder())))
    task = Following(scene=scene.name, strip=strip.name, region=own.name, known=knowledge(own))
    return ask_for_mattes(task, job, strip, own)
