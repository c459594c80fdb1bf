"""What operators have in common that ask the worker something about the chosen region."""

from dataclasses import asdict
from typing import Any

import bpy
from bpy.types import Context, Scene, Strip

from ...style_core import protocol
from ...style_core.job import MatteJob, UserError
from .. import driver, jobs
from ..host.versions import active_strip, sequencer_scene
from ..task import Task
from ..tickets import give
from .list_regions import ForOneRegion
from .settings import StylestripRegion


class AsksWorker(ForOneRegion):
    """An operator whose answer comes later, and makes its own step to undo; without a window it is waited for."""

    bl_options = {"REGISTER"}  # noqa: RUF012 - Blender asks for a set

    @classmethod
    def poll(cls, context: Context) -> bool:
        if jobs.is_on_errand():
            cls.poll_message_set("The painter is busy: wait for it, or cancel it")
            return False
        return super().poll(context)

    def ask(self, scene: Scene, strip: Strip, own: StylestripRegion) -> Task:
        """Asks; raises UserError if the worker cannot be asked."""
        raise NotImplementedError

    def execute(self, context: Context) -> set[str]:
        scene, strip = sequencer_scene(context), active_strip(context)
        try:
            task = self.ask(scene, strip, strip.stylestrip.regions[strip.stylestrip.region_index])
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if bpy.app.background:
            driver.wait(task)
            if task.state != "done":
                self.report({"ERROR"}, task.message)
                return {"CANCELLED"}
        return {"FINISHED"}


def ask(task: Task, kind: str, job: dict[str, Any], strip: Strip, own: StylestripRegion) -> Task:
    """Sends a task's job to the worker, before the queue, and marks strip and region, which may be renamed by then."""
    jobs.begin(task, kind, job, urgent=True)
    for marked in (strip.stylestrip, own):
        give(marked, task.identifier)
    return task


def ask_for_mattes(task: Task, job: MatteJob, strip: Strip, own: StylestripRegion) -> Task:
    """The same for the mattes of a region."""
    job.require_inputs()
    return ask(task, protocol.MATTE, asdict(job), strip, own)
