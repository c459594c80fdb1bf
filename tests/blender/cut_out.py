"""Cuts a red thing out in the real window, in all three editors: rectangles, strokes, Enter, Esc, undo."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import stage
from visit import SETTLE, Place, Visit, begin

PATIENCE = 120.0
MARGIN = 8  # pixels of the screen around the thing
FRAME = 2  # that is shown at first


def part(name: str):
    """A module of the add-on."""
    return importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")


def running():
    """The operator while it is at work."""
    return part("regions.cut_out").running


class CuttingOut(Visit):
    """What somebody does who wants the red thing."""

    def steps(self) -> Iterator[float]:
        yield from self.open_workspace()
        part("preferences").preferences().cache_folder = self.plan["folder"] + "/cache"
        yield from self.add_strip()
        yield from self.refuse()
        yield from self.cut_strip()
        yield from self.correct()
        yield from self.leave()
        yield from self.make_mask_of_region()
        yield from self.cut_in("image")
        yield from self.cut_in("clip")
        yield from self.compare_places()

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

    # One thing after the other

    def compare_places(self) -> Iterator[float]:
        """How far on the screen the thing is from where it is said to be, whatever changes the preview."""
        scene, area, distances = bpy.data.scenes["Cut"], self.preview(), {}
        space, targets = area.spaces.active, part("regions.cut_targets")
        region = next(one for one in area.regions if one.type == "PREVIEW")

        def compare(name: str) -> Iterator[float]:
            yield from self.find_red(area, "PREVIEW")
            picture = targets.in_preview(scene, self.strip)
            place = targets.moved(targets.to_screen(picture, region), [self.plan["middle"]])[0]
            distances[name] = float(np.hypot(*(place + np.array((region.x, region.y)) - self.middle)))

        def with_area(operator: Callable[..., object], **given: object) -> None:
            with self.override(area, "PREVIEW"):
                operator(**given)

        yield from compare("all in view")
        with_area(bpy.ops.view2d.zoom_in)
        with_area(bpy.ops.view2d.pan, deltax=37, deltay=-21)
        yield from compare("zoomed and panned")
        space.proxy_render_size = "PROXY_25"
        yield from compare("a quarter of the size")
        space.proxy_render_size, scene.render.resolution_percentage = "SCENE", 50
        yield from compare("half of the resolution")
        scene.render.resolution_percentage, scene.render.pixel_aspect_x = 100, 1.5
        yield from compare("broad pixels")
        scene.render.pixel_aspect_x = 1
        stage.put_into_meta(scene, self.strip)
        meta = scene.sequence_editor.strips["Meta"]
        stage.change(meta.transform, offset_x=-30, rotation=-0.2, scale_x=0.8)
        yield from compare("in a meta")
        scene.sequence_editor.display_stack(meta)
        with_area(bpy.ops.sequencer.refresh_all)
        yield from compare("in an open meta")
        self.told["distances"] = distances

    def refuse(self) -> Iterator[float]:
        """What cannot be cut."""
        scene = bpy.data.scenes["Cut"]
        scene.frame_current = 50
        try:
            yield from self.start(self.area("SEQUENCE_EDITOR", "SEQUENCER"))
        except RuntimeError as error:
            self.told["refused"] = str(error)
        scene.frame_current = FRAME
        yield SETTLE

    def cut_strip(self) -> Iterator[float]:
        """A rectangle, strokes, zoom, Enter, undo, redo."""
        yield from self.find_red(self.preview(), "PREVIEW")
        yield from self.start(self.area("SEQUENCE_EDITOR", "SEQUENCER"))
        yield from self.drag_rectangle()
        self.picture("rectangle")
        self.told["inside"] = [self.cut_out_at(self.middle)]
        before = running().scale()
        self.event("WHEELUPMOUSE", "PRESS", self.middle)
        yield SETTLE
        self.told["zoom"] = running().scale() / before
        yield from self.find_red(self.preview(), "PREVIEW")
        for action in (
            self.stroke(self.middle, button="RIGHTMOUSE"),
            self.key("Z", self.middle, ctrl=True),
            self.stroke(self.middle, ctrl=True),
            self.stroke(self.middle),
            self.key("Z", self.middle, ctrl=True),
        ):
            yield from action
            yield from self.answered()
            self.told["inside"].append(self.cut_out_at(self.middle))
        self.picture("strokes")
        yield from self.key("RET", self.middle)
        yield from self.ended()
        self.told["accepted"] = self.regions()
        for name in ("undo", "redo"):
            yield from self.undo(name)
            self.told[name] = self.regions()

    def correct(self) -> Iterator[float]:
        """The object is followed, and corrected in another frame."""
        jobs = part("jobs")
        with self.override(self.area("SEQUENCE_EDITOR", "SEQUENCER"), "UI"):
            bpy.ops.stylestrip.follow_object()
        yield from self.wait(lambda: not jobs.is_running(), PATIENCE)
        own, keyframes = self.strip.stylestrip.regions[0], part("regions.keyframes")
        self.told["following"] = [jobs.latest.state, jobs.latest.message, keyframes.is_followed(own)]
        self.told["sure"] = keyframes.confidences(own, bpy.data.scenes["Cut"])
        self.told["followed"] = self.files(bpy.path.abspath(own.followed))
        bpy.context.window_manager.stylestrip_show_region = True
        bpy.data.scenes["Cut"].frame_set(FRAME + 1)
        yield 2 * SETTLE
        self.picture("shown")
        yield from self.start(self.area("SEQUENCE_EDITOR", "SEQUENCER"))
        yield from self.answered()
        self.told["begins with"] = running().cut.share
        yield from self.key("RET", self.middle)
        yield from self.ended()
        self.told["corrected"] = self.regions()
        self.told["stale"] = not keyframes.is_followed(self.strip.stylestrip.regions[0])

    def leave(self) -> Iterator[float]:
        """Esc while the worker is at it."""
        before = [self.regions(), self.files(self.plan["folder"] + "/cache")]
        yield from self.start(self.area("SEQUENCE_EDITOR", "SEQUENCER"), new=True)
        yield from self.drag_rectangle()
        canvas, cut, folder = running().canvas, running().cut, running().folder.name
        yield from self.stroke(self.middle)
        busy = cut.is_busy
        yield from self.key("ESC", self.middle)
        yield from self.wait(lambda: not Path(folder).exists(), PATIENCE)
        yield SETTLE
        try:
            canvas.remove()
            handler = "is there"
        except ValueError:
            handler = "is gone"
        self.picture("after esc")
        self.told["left"] = {
            "busy": busy,
            "running": running() is not None,
            "same": before == [self.regions(), self.files(self.plan["folder"] + "/cache")],
            "folder": Path(folder).exists(),
            "handler": handler,
        }

    def make_mask_of_region(self) -> Iterator[float]:
        """A mask with a key at every frame."""
        jobs, scene = part("jobs"), bpy.data.scenes["Cut"]
        with self.override(self.area("SEQUENCE_EDITOR", "SEQUENCER"), "UI"):
            bpy.ops.stylestrip.region_to_mask(step=1)
        yield from self.wait(lambda: not jobs.is_running(), PATIENCE)
        own = self.strip.stylestrip.regions[0]
        self.told["to mask"] = [jobs.latest.state, jobs.latest.message, own.source]
        drawn = part("host.mattes").mask_in_strip_space(
            scene, self.strip, own.mask, Path(self.plan["folder"]) / "drawn"
        )
        self.told["drawn"] = self.files(str(drawn.path))
        yield SETTLE

    def cut_in(self, kind: str) -> Iterator[float]:
        """A mask in the image or the clip editor."""
        area = self.area("FILE_BROWSER") if kind == "image" else self.area("IMAGE_EDITOR")
        area.type = "IMAGE_EDITOR" if kind == "image" else "CLIP_EDITOR"
        space, files = area.spaces.active, self.plan["files"]
        if kind == "image":
            space.image = bpy.data.images.load(files[FRAME - 1])
        else:
            space.clip = bpy.data.movieclips.load(files[0])
            bpy.data.scenes["Cut"].frame_set(FRAME)
        yield SETTLE
        with self.override(area, "WINDOW"):
            (bpy.ops.image if kind == "image" else bpy.ops.clip).view_all(fit_view=True)
            bpy.ops.ed.undo_push(message="Ready")
        yield SETTLE
        yield from self.find_red(area, "WINDOW")
        yield from self.start(area)
        yield from self.drag_rectangle()
        yield from self.key("RET", self.middle)
        yield from self.ended()
        self.picture(kind)
        mask = space.mask
        self.told[f"{kind} mask"] = mask and {
            "mode": space.mode,
            "points": [list(point.co) for layer in mask.layers for spline in layer.splines for point in spline.points],
        }
        name = mask and mask.name
        yield from self.undo("undo")
        self.told[f"{kind} undone"] = name not in bpy.data.masks


begin(CuttingOut)
