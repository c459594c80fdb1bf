"""What somebody at Blender's window does to cut a thing out of a strip."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np
import stage
from visit import SETTLE, Place, Visit

PATIENCE = 120.0
MARGIN = 8  # pixels of the screen around the thing
FRAME = 2  # that is shown at first


def part(name: str):
    """A module of the add-on."""
    return importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")


def running():
    """The operator while it is at work."""
    return part("regions.cut_out").running


class Cutting(Visit):
    """A visit with a strip."""

    def open_strip(self) -> Iterator[float]:
        """The strip in its workspace, and an empty cache."""
        yield from self.open_workspace()
        part("preferences").preferences().cache_folder = self.plan["folder"] + "/cache"
        yield from self.add_strip()

    # Where things are

    def area(self, kind: str, view: str = "") -> bpy.types.Area:
        """An area of the window."""
        areas = [area for area in self.window.screen.areas if area.type == kind]
        return next(area for area in areas if not view or area.spaces.active.view_type == view)

    def preview(self) -> bpy.types.Area:
        """The sequencer's picture."""
        return self.area("SEQUENCE_EDITOR", "PREVIEW")

    @property
    def strip(self) -> bpy.types.Strip:
        """The one that is cut."""
        return bpy.data.scenes["Cut"].sequence_editor.strips_all["Clip"]

    def find_red(self, area: bpy.types.Area, kind: str) -> Iterator[float]:
        """Where in an editor something pure red is seen, once it stays there: `self.box`, and its `self.middle`."""
        region = next(one for one in area.regions if one.type == kind)
        self.box = before = None
        while self.box is None or self.box != before:
            before = self.box
            picture = self.screen("screen")[region.y : region.y + region.height, region.x : region.x + region.width]
            red, green, blue = np.moveaxis(picture, 2, 0)
            rows, columns = np.nonzero((red > 0.8) & (green < 0.25) & (blue < 0.25))
            corner = np.array((region.x, region.y))
            places = np.stack([columns, rows], axis=1) + corner
            low, high = places.min(axis=0), places.max(axis=0)
            self.box = [tuple((low - MARGIN).tolist()), tuple((high + MARGIN).tolist())]
            self.middle = tuple(((low + high) / 2).tolist())
            yield SETTLE

    def middle_of(self, area: bpy.types.Area) -> Place:
        """The middle of an area."""
        return area.x + area.width / 2, area.y + area.height / 2

    def override(self, area: bpy.types.Area, kind: str):
        """The context of a region in an area."""
        region = next(one for one in area.regions if one.type == kind)
        return bpy.context.temp_override(window=self.window, area=area, region=region)

    def files(self, folder: str) -> list[str]:
        """All files below a folder."""
        return sorted(str(path) for path in Path(folder).rglob("*") if path.is_file())

    # What is done

    def add_strip(self) -> Iterator[float]:
        """A strip of pictures in a scene of its own, all of it in view."""
        scene, files = stage.new_scene("Cut", *self.plan["resolution"]), self.plan["files"]
        strip = scene.sequence_editor.strips.new_image("Clip", files[0], 1, 1, fit_method="ORIGINAL")
        for file in files[1:]:
            strip.elements.append(Path(file).name)
        stage.change(strip, right=1 + len(files), **self.plan["change"])
        stage.change(strip.transform, **self.plan["transform"])
        stage.change(strip.crop, **self.plan["crop"])
        scene.sequence_editor.active_strip, strip.select = strip, True
        scene.frame_end, scene.frame_current = len(files), FRAME
        yield SETTLE
        with self.override(self.preview(), "PREVIEW"):
            bpy.ops.sequencer.view_all_preview()
            bpy.ops.ed.undo_push(message="Ready")
        yield SETTLE

    def start(self, area: bpy.types.Area, **given: object) -> Iterator[float]:
        """Presses Cut Out."""
        with self.override(area, "UI"):
            bpy.ops.stylestrip.cut_out("INVOKE_DEFAULT", **given)
        yield SETTLE

    def answered(self) -> Iterator[float]:
        """Waits for the cut."""
        own = running()
        yield 0.1
        yield from self.wait(lambda: not (own.cut.is_busy or own.cut.changed), PATIENCE)
        yield SETTLE

    def ended(self) -> Iterator[float]:
        """Waits for the end of the operator."""
        yield from self.wait(lambda: running() is None, PATIENCE)
        yield SETTLE

    def drag_rectangle(self) -> Iterator[float]:
        """Around the red thing."""
        low, high = self.box
        yield from self.drag([low, ((low[0] + high[0]) / 2, high[1]), high])
        yield from self.answered()

    def stroke(self, place: Place, **keys: object) -> Iterator[float]:
        """A short stroke around a place."""
        x, y = place
        yield from self.drag([(x - 3, y), (x, y), (x + 3, y)], **keys)

    def cut_out_at(self, place: Place) -> int:
        """What the newest matte shows under a place of the window."""
        own = running()
        x, y = own.spot((place[0] - own.target.region.x, place[1] - own.target.region.y))
        height, width = own.cut.matte.shape
        size = own.target.picture.size
        return int(own.cut.matte[int(y * height / size[1]), int(x * width / size[0])])

    def undo(self, name: str) -> Iterator[float]:
        """Undo or redo."""
        with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
            getattr(bpy.ops.ed, name)()
        yield SETTLE

    def regions(self) -> list[dict]:
        """What the strip's regions are."""
        return [
            {
                "name": region.name,
                "source": region.source,
                "keyframes": [[keyframe.frame, bpy.path.abspath(keyframe.matte)] for keyframe in region.keyframes],
            }
            for region in self.strip.stylestrip.regions
        ]
