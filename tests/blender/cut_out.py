"""Cuts a thing out of a strip in the real window: a rectangle, strokes, Enter, Esc, undo; and takes pictures of it."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import stage
from visit import SETTLE, Visit, begin

PATIENCE = 120.0
MARGIN = 8  # pixels of the screen around a thing


def part(name: str):
    """A module of the add-on's regions."""
    return importlib.import_module(f"{stage.EXTENSION}.blender_addon.regions.{name}")


class CuttingOut(Visit):
    """The preview of a strip."""

    def area(self, kind: str, view: str = "") -> bpy.types.Area:
        """An area of the window."""
        areas = [area for area in self.window.screen.areas if area.type == kind]
        return next(area for area in areas if not view or area.spaces.active.view_type == view)

    def add_strip(self, files: list[str], frame: tuple[int, int]) -> bpy.types.Strip:
        """A strip of pictures in a scene of its own."""
        scene = stage.new_scene("Cut", *frame)
        strip = scene.sequence_editor.strips.new_image("Clip", files[0], 1, 1, fit_method="ORIGINAL")
        for file in files[1:]:
            strip.elements.append(Path(file).name)
        stage.change(strip, right=1 + len(files))
        stage.change(strip.transform, **self.plan.get("transform", {}))
        stage.change(strip.crop, **self.plan.get("crop", {}))
        stage.change(strip, **self.plan.get("change", {}))
        scene.sequence_editor.active_strip, strip.select = strip, True
        scene.frame_end, scene.frame_current = len(files), self.plan.get("frame", 1)
        return strip

    def look(self, kind: str, view: str, region: str) -> Iterator[float]:
        """Brings all of a picture into view."""
        area = self.area(kind, view)
        own = next(one for one in area.regions if one.type == region)
        with bpy.context.temp_override(window=self.window, area=area, region=own):
            bpy.ops.sequencer.view_all_preview()
        yield SETTLE

    def start(self, area: bpy.types.Area, **given: object) -> Iterator[float]:
        """Presses Cut Out."""
        region = next(one for one in area.regions if one.type == "UI")
        with bpy.context.temp_override(window=self.window, area=area, region=region):
            self.told["outcome"] = sorted(bpy.ops.stylestrip.cut_out("INVOKE_DEFAULT", **given))
        yield SETTLE

    def answered(self) -> Iterator[float]:
        """Waits for the cut."""
        running = part("cut_out").running
        yield 0.1
        yield from self.wait(lambda: not (running.cut.is_busy or running.cut.changed), PATIENCE)
        yield SETTLE

    def ended(self) -> Iterator[float]:
        """Waits for the end of the operator."""
        yield from self.wait(lambda: part("cut_out").running is None, PATIENCE)
        yield SETTLE

    def find_red(self, area: bpy.types.Area, kind: str) -> Iterator[float]:
        """Where in an editor something pure red is seen, once it stays there: a little larger, in `self.box`."""
        region = next(one for one in area.regions if one.type == kind)
        self.box = before = None
        while self.box is None or self.box != before:
            before = self.box
            picture = self.screen("ready")[region.y : region.y + region.height, region.x : region.x + region.width]
            red, green, blue = np.moveaxis(picture, 2, 0)
            rows, columns = np.nonzero((red > 0.8) & (green < 0.25) & (blue < 0.25))
            low, high = (columns.min(), rows.min()), (columns.max(), rows.max())
            corner = np.array((region.x, region.y))
            self.box = [tuple((corner + low - MARGIN).tolist()), tuple((corner + high + MARGIN).tolist())]
            yield SETTLE

    def regions(self) -> list[dict]:
        """What the strip's regions are."""
        strip = bpy.data.scenes["Cut"].sequence_editor.strips["Clip"]
        return [
            {
                "name": region.name,
                "source": region.source,
                "keyframes": [[keyframe.frame, bpy.path.abspath(keyframe.matte)] for keyframe in region.keyframes],
            }
            for region in strip.stylestrip.regions
        ]

    def undo(self, name: str) -> Iterator[float]:
        """Undo or redo."""
        with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
            getattr(bpy.ops.ed, name)()
        yield SETTLE
        self.told[name] = self.regions()

    def steps(self) -> Iterator[float]:
        yield from self.open_workspace()
        preferences = importlib.import_module(f"{stage.EXTENSION}.blender_addon.preferences").preferences()
        preferences.cache_folder = self.plan["folder"] + "/cache"
        self.add_strip(self.plan["files"], self.plan["resolution"])
        yield from self.look("SEQUENCE_EDITOR", "PREVIEW", "PREVIEW")
        with bpy.context.temp_override(window=self.window):
            bpy.ops.ed.undo_push(message="Ready")
        yield from self.find_red(self.area("SEQUENCE_EDITOR", "PREVIEW"), "PREVIEW")
        low, high = self.box
        yield from self.start(self.area("SEQUENCE_EDITOR", "SEQUENCER"))
        yield from self.drag([low, ((low[0] + high[0]) / 2, high[1]), high])
        yield from self.answered()
        self.picture("cut")
        yield from self.key("RET", high)
        yield from self.ended()
        self.told["accepted"] = self.regions()
        yield from self.undo("undo")
        yield from self.undo("redo")


begin(CuttingOut)
