"""The operator that finds where a region is, so that it can be shown before anything is painted."""

from dataclasses import asdict, dataclass
from pathlib import Path

import bpy
from bpy.types import Context, Scene, Strip

from ...style_core import protocol
from ...style_core.job import MatteJob, Output, UserError
from .. import jobs
from ..host.strips import source_of
from ..host.versions import active_strip, sequencer_scene
from ..task import Task
from ..tickets import find_region, find_strip
from .capture import matte_file
from .list_regions import ForOneRegion
from .settings import FOUND, StylestripRegion, see
from .to_mask import matte_region

# Those that are known as soon as they are chosen.
KNOWN = ("OBJECT", "FILE")


@dataclass(kw_only=True)
class Finding(Task):
    """People or faces that are being found."""

    scene: str
    strip: str
    region: str
    source: str
    """What the region was when it was asked for."""

    def deliver(self, folder: Path) -> str:
        """Lets the region be shown, as one step to undo."""
        _, strip = find_strip(self.identifier, self.scene, self.strip)
        region = find_region(strip, self.identifier, self.region)
        see(region, folder, self.source)
        if not bpy.app.background:
            bpy.ops.ed.undo_push(message="Find Region")
        return f"'{region.name}' is found in the strip: Show Region tints it."


class FindRegion(ForOneRegion):
    """Find where the region is as it is set now, for Show Region"""

    bl_idname = "stylestrip.find_region"
    bl_label = "Find"

    @classmethod
    def poll(cls, context: Context) -> bool:
        if jobs.is_running():
            cls.poll_message_set("The painter is busy: wait for it, or cancel it")
            return False
        if not super().poll(context):
            return False
        own = active_strip(context).stylestrip
        if own.regions[own.region_index].source in KNOWN:
            cls.poll_message_set("This region is known already: Show Region tints it")
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        scene, strip = sequencer_scene(context), active_strip(context)
        own = strip.stylestrip.regions[strip.stylestrip.region_index]
        try:
            if own.source not in FOUND:
                matte_file(own, scene, strip, jobs.cache_folder())
                return {"FINISHED"}
            task = begin(scene, strip, own)
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if bpy.app.background:
            jobs.wait(task)
            if task.state != "done":
                self.report({"ERROR"}, task.message)
                return {"CANCELLED"}
        return {"FINISHED"}


def begin(scene: Scene, strip: Strip, own: StylestripRegion) -> Finding:
    """Asks the worker for people or faces; raises UserError if it cannot be asked."""
    source, _ = source_of(strip, scene)
    job = MatteJob(source, matte_region(own, scene, ""), Output(cache=str(jobs.cache_folder())))
    job.require_inputs()
    task = Finding(scene=scene.name, strip=strip.name, region=own.name, source=own.source)
    jobs.begin(task, protocol.MATTE, asdict(job))
    strip.stylestrip.ticket = own.ticket = task.identifier
    return task


def register() -> None:
    bpy.utils.register_class(FindRegion)


def unregister() -> None:
    bpy.utils.unregister_class(FindRegion)
