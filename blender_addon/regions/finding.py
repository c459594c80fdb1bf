"""Regions whose mattes are being found, by the painter or by Blender, to be shown before anything is painted."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from bpy.types import Scene, Strip

from ...style_core.job import MatteJob, Output, Region
from .. import jobs
from ..host.matte_drawing import Places
from ..host.rendering import Rendering
from ..host.strips import source_of
from ..task import Task
from .asking import ask, ask_for_mattes
from .capture import drawing_of, mask_of, matte_region
from .region_task import RegionTask
from .settings import FOUND, StylestripRegion, see


@dataclass(kw_only=True, eq=False)
class Finding(RegionTask):
    """People or faces that are being found."""

    undo: ClassVar[str] = "Find Region"

    source: str
    """What the region was when it was asked for."""

    def hand_over(self, folder: Path, scene: Scene, strip: Strip, region: StylestripRegion) -> str:
        """Lets the region be shown."""
        see(region, folder, self.source)
        return "" if self.notes else f"'{region.name}' is found in the strip, and tinted in the preview."


@dataclass(kw_only=True, eq=False)
class Showing(Finding):
    """A matte that Blender draws, which needs no painter."""

    cache: Path
    address: str
    places: Places = field(default_factory=dict)

    def prepare(self) -> Rendering | None:
        """Draws it."""
        scene, strip = self.place()
        if drawing := drawing_of([Region(mask=self.address)], scene, strip, self.cache, self.places):
            return drawing
        self.folder = Path(self.places[self.address])
        return None


def begin(scene: Scene, strip: Strip, own: StylestripRegion) -> Task:
    """Asks for what a region is now; raises UserError if it cannot be found."""
    cache = jobs.cache_folder()
    named = {"scene": scene.name, "strip": strip.name, "region": own.name, "source": own.source}
    if own.source not in FOUND:
        return ask(Showing(cache=cache, address=mask_of(own, scene), **named), "", {}, strip, own)
    source, _ = source_of(strip, scene)
    job = MatteJob(source, matte_region(own, scene, ""), Output(cache=str(cache)))
    return ask_for_mattes(Finding(**named), job, strip, own)
