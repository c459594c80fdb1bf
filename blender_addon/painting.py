"""The strip that is being painted, and where its painted twin goes."""

import json
from dataclasses import dataclass
from pathlib import Path

import bpy
from bpy.types import Scene, Strip

from ..style_core import protocol
from ..style_core.job import Job, UserError
from . import jobs
from .host import versions
from .host.painted import add_painted_strip
from .host.strips import source_of
from .task import Task


@dataclass(kw_only=True)
class Painting(Task):
    """One strip on its way to being painted."""

    scene: str
    strip: str
    left: int
    frames: list[int]
    job: Job
    result: str = ""
    """The name of the painted strip."""

    def deliver(self, folder: Path) -> str:
        """Puts the painted strip into the timeline, as one step to undo."""
        scene, strip = self.find()
        # The strip may have been moved or cut meanwhile: the paint goes where it is now.
        frames, left = source_of(strip, scene)[1], versions.handles(strip)[0]
        grown = not set(frames) <= set(self.frames)
        if grown:
            frames, left = self.frames, self.left
        self.result = add_painted_strip(scene, strip, left, frames, folder, self.job).name
        if not bpy.app.background:
            bpy.ops.ed.undo_push(message="Stylize Strip")
        more = " It shows more frames now than at the start: stylize it again to paint them too." if grown else ""
        return f"'{strip.name}' is painted.{more}"

    def find(self) -> tuple[Scene, Strip]:
        """The scene and strip, also when the strip was renamed; raises UserError if it is gone."""
        strips = [(s, strip) for s in bpy.data.scenes if s.sequence_editor for strip in s.sequence_editor.strips_all]
        ticketed = [(s, strip) for s, strip in strips if strip.stylestrip.ticket == self.identifier]
        # An undo may have taken the ticket back, and a copy of the strip has it too: then the name tells.
        for scene, strip in ticketed or strips:
            if (scene.name, strip.name) == (self.scene, self.strip):
                return scene, strip
        if ticketed:
            return ticketed[0]
        raise UserError(
            f"The strip '{self.strip}' was deleted while it was painted. Its frames are kept: undo, and stylize it "
            "again to get them at once."
        )


def start(scene: Scene, strip: Strip, job: Job, frames: list[int]) -> Painting:
    """Sends a strip's job to the worker. Raises UserError if something is being done or there is no painter."""
    left = versions.handles(strip)[0]
    painting = Painting(total=len(set(frames)), scene=scene.name, strip=strip.name, left=left, frames=frames, job=job)
    jobs.begin(painting, protocol.RUN, json.loads(job.to_json()))
    strip.stylestrip.ticket = painting.identifier
    return painting
