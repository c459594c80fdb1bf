"""What is done for a region of a strip while Blender goes on, and given to it as one step to undo."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import bpy
from bpy.types import Scene, Strip

from ..task import Task
from ..tickets import find_region, find_strip
from .settings import StylestripRegion
from .shown_frames import redraw


@dataclass(kw_only=True, eq=False)
class RegionTask(Task):
    """Something on its way for a region, which may be renamed or moved meanwhile."""

    errand: ClassVar[str] = "a region"
    undo: ClassVar[str]
    """What the step is called that undoes it."""

    scene: str
    strip: str
    region: str

    def place(self) -> tuple[Scene, Strip]:
        """The strip and its scene; raises UserError if it is gone."""
        return find_strip(self.identifier, self.scene, self.strip)

    def deliver(self, folder: Path) -> str:
        """Gives the region what it was done for, as one step to undo."""
        scene, strip = self.place()
        message = self.hand_over(folder, scene, strip, find_region(strip, self.identifier, self.region))
        if not bpy.app.background:
            bpy.ops.ed.undo_push(message=self.undo)
        redraw()  # while something is painted, only the sidebars are
        return message

    def hand_over(self, folder: Path, scene: Scene, strip: Strip, region: StylestripRegion) -> str:
        """Gives a region of a strip what the worker's folder has for it, and says so; may raise UserError."""
        raise NotImplementedError
