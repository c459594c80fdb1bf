"""Cuts a red thing out in the real window, in all three editors: rectangles, strokes, Enter, Esc, undo."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import stage
from cutting import FRAME, PATIENCE, Cutting, part, running
from visit import SETTLE, begin


class CuttingOut(Cutting):
    """What somebody does who wants the red thing."""

    def steps(self) -> Iterator[float]:
        yield from self.open_strip()
        yield from self.refuse()
        yield from self.cut_strip()
        yield from self.correct()
        yield from self.leave()
        yield from self.make_mask_of_region()
        yield from self.cut_in("image")
        yield from self.cut_in("clip")
        yield from self.compare_places()

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
        self.told["proxies"] = self.build_proxy()
        with_area(bpy.ops.sequencer.refresh_all)
        yield from compare("from a proxy")
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

    def build_proxy(self) -> list[str]:
        """Builds the strip's proxy of a quarter of the size, and names its files."""
        self.strip.select, self.strip.use_proxy = True, True
        self.strip.proxy.use_proxy_custom_directory = True
        self.strip.proxy.directory = str(Path(self.plan["folder"]) / "proxies")
        self.strip.proxy.build_25 = True
        with self.override(self.area("SEQUENCE_EDITOR", "SEQUENCER"), "WINDOW"):
            bpy.ops.sequencer.rebuild_proxy()
        return sorted(file.name for file in (Path(self.plan["folder"]) / "proxies").rglob("*") if file.is_file())

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
        yield from self.start(self.area("SEQUENCE_EDITOR", "SEQUENCER"))
        yield from self.key("RET", self.middle_of(self.preview()))
        self.told["too early"] = running().canvas.words
        region = running().target.region
        corner = (region.x + region.width - 200, region.y + 20)
        yield from self.drag([corner, (corner[0] + 40, corner[1] + 40)])
        self.told["beside"] = running().canvas.words
        yield from self.key("ESC", corner)
        yield from self.ended()

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
        yield from self.show_region()
        yield from self.cover()
        yield from self.start(self.area("SEQUENCE_EDITOR", "SEQUENCER"))
        yield from self.answered()
        self.told["begins with"] = running().cut.share
        self.told["covered"] = [self.mutes()]
        yield from self.key("RET", self.middle)
        yield from self.ended()
        self.told["corrected"] = self.regions()
        self.told["covered"].append(self.mutes())
        for name in ("undo", "redo"):
            yield from self.undo(name)
            self.told["covered"].append(self.mutes())
        self.told["stale"] = not keyframes.is_followed(self.strip.stylestrip.regions[0])

    def cover(self) -> Iterator[float]:
        """Paint lies over the strip, which is muted."""
        strips = bpy.data.scenes["Cut"].sequence_editor.strips
        paint = strips.new_image("Paint", self.plan["files"][0], 4, 1)
        paint["stylestrip_job"] = "{}"
        stage.change(paint, right=1 + len(self.plan["files"]))
        self.strip.mute = True
        with self.override(self.preview(), "PREVIEW"):
            bpy.ops.ed.undo_push(message="Painted")
        yield SETTLE

    def mutes(self) -> dict[str, bool]:
        """Which strips are muted."""
        return {strip.name: strip.mute for strip in bpy.data.scenes["Cut"].sequence_editor.strips}

    def show_region(self) -> Iterator[float]:
        """The overlay is switched on where the object was followed to."""
        bpy.data.scenes["Cut"].frame_set(FRAME + 1)
        yield 2 * SETTLE
        region = next(one for one in self.preview().regions if one.type == "PREVIEW")
        rows, columns = np.s_[region.y : region.y + region.height], np.s_[region.x : region.x + region.width]
        before = self.screen("not shown")[rows, columns]
        bpy.context.window_manager.stylestrip_show_region = True
        overlay = part("regions.show_region")
        # It is drawn before the matte is read, and again when it is, which a busy machine takes its time for.
        yield from self.wait(lambda: overlay.latest is not None and overlay.latest.texture is not None, PATIENCE)
        yield 2 * SETTLE
        changed = np.abs(self.screen("shown")[rows, columns] - before).max(axis=2) > 0.02
        red = (before[..., 0] > 0.8) & (before[..., 1:] < 0.25).all(axis=2)
        self.told["tinted"] = [float(changed[red].mean()), float(changed[~red].mean())]
        yield from self.enlarge_region(region)

    def enlarge_region(self, region: bpy.types.Region) -> Iterator[float]:
        """The strip grows until the thing lies across the frame's edges, with the overlay and without."""
        manager, transform = bpy.context.window_manager, self.strip.transform
        kept = transform.scale_x, transform.scale_y
        transform.scale_x, transform.scale_y = (8 * one for one in kept)
        shown = []
        for manager.stylestrip_show_region in (False, True):
            yield 3 * SETTLE
            shown.append(self.screen(f"enlarged, {manager.stylestrip_show_region}"))
        changed = np.abs(shown[1] - shown[0]).max(axis=2) > 0.02
        render = bpy.data.scenes["Cut"].render
        half = np.divide((render.resolution_x, render.resolution_y), 2)
        (left, low), (right, high) = (region.view2d.view_to_region(*place, clip=False) for place in (-half, half))
        # With the pixels that it covers in part.
        frame = np.s_[region.y + low : region.y + high + 1, region.x + left : region.x + right + 1]
        self.told["tinted within the frame"] = float(changed[frame].mean())
        around = changed[region.y : region.y + region.height, region.x : region.x + region.width].sum()
        self.told["tinted beyond the frame"] = int(around - changed[frame].sum())
        transform.scale_x, transform.scale_y = kept
        yield SETTLE

    def leave(self) -> Iterator[float]:
        """Esc while the worker is at it."""
        before = [self.regions(), self.files(self.plan["folder"] + "/cache")]
        yield from self.start(self.area("SEQUENCE_EDITOR", "SEQUENCER"), new=True)
        yield from self.drag_rectangle()
        canvas, folder = running().canvas, running().folder.name
        busy = []
        yield from self.stroke_and_leave(busy)
        yield from self.wait(lambda: not Path(folder).exists(), PATIENCE)
        self.told["covered"].append(self.mutes())
        strips = bpy.data.scenes["Cut"].sequence_editor.strips
        strips.remove(strips["Paint"])
        self.strip.mute = False
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

    def stroke_and_leave(self, busy: list[bool]) -> Iterator[float]:
        """A stroke whose end and Esc come in one breath, as a worker that is quick answers before another; notes
        whether it was busy then."""
        module, (x, y) = part("regions.cutting"), self.middle
        leave = module.leave

        def watched(cut: object, folder: object) -> None:
            busy.append(cut.is_busy)
            leave(cut, folder)

        module.leave = watched
        self.event("MOUSEMOVE", "NOTHING", (x, y))
        yield 0.05
        self.event("LEFTMOUSE", "PRESS", (x, y))
        yield 0.05
        for kind, value in (("MOUSEMOVE", "NOTHING"), ("LEFTMOUSE", "RELEASE"), ("ESC", "PRESS"), ("ESC", "RELEASE")):
            self.event(kind, value, (x + 40, y))
        yield from self.ended()
        module.leave = leave

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
