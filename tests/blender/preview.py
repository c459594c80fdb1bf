"""In the real window: a frame is previewed, drawn, compared, played and put away, and nothing of the file changes."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import stage
from cutting import PATIENCE, part
from pictures import Picturing
from visit import SETTLE, begin

STEPS = 60  # that are enough to be looked at
MIDDLE = 3  # the frame of the source that is previewed
BESIDE = 20  # pixels of the screen that are looked at to the right of the frame
# What is done in one visit.
ACTS = {
    "frame": ("preview_frame", "look_around", "drag_line", "enlarge", "change_settings"),
    "shot": ("preview_shot", "cancel"),
    "painted": ("paint", "see_as_painted", "compare", "undo_all"),
}


class Previewing(Picturing):
    """Somebody who wants to see paint at once."""

    def steps(self) -> Iterator[float]:
        yield from self.open_workspace()
        yield from self.close("FILE_BROWSER")
        yield from self.close("PROPERTIES")
        part("preferences").preferences().cache_folder = self.plan["cache"]
        yield from self.add_strip()
        yield from self.open_tab(self.timeline())
        for act in ACTS[self.plan["act"]]:
            yield from getattr(self, act)()

    def add_strip(self) -> Iterator[float]:
        scene = stage.new_scene("Cut", *self.plan["resolution"])
        strip = scene.sequence_editor.strips.new_image("Clip", self.plan["files"][0], 1, 1, fit_method="ORIGINAL")
        for file in self.plan["files"][1:]:
            strip.elements.append(Path(file).name)
        scene.sequence_editor.active_strip, strip.select = strip, True
        scene.frame_end, scene.frame_current = len(self.plan["files"]), MIDDLE
        own = strip.stylestrip
        own.style, own.size, own.steps, own.first_size = self.plan["style"], self.plan["size"], STEPS, 64
        own.steps_per_frame, own.device = 3, "cpu"
        scene.view_settings.view_transform = "AgX"
        yield SETTLE
        space = self.preview().spaces.active
        with self.override(self.preview(), "PREVIEW"):
            bpy.ops.sequencer.view_zoom_ratio(ratio=3.0)
            bpy.ops.ed.undo_push(message="Ready")
        space.show_overlays = False
        yield SETTLE

    # What is seen

    @property
    def region(self) -> bpy.types.Region:
        return next(one for one in self.preview().regions if one.type == "PREVIEW")

    def box(self) -> tuple[int, int, int, int]:
        """The strip's picture in the window: left, lower, right and upper."""
        width, height = self.plan["resolution"]
        view, region = self.region.view2d, self.region
        low = view.view_to_region(-width / 2, -height / 2, clip=False)
        high = view.view_to_region(width / 2, height / 2, clip=False)
        return region.x + low[0], region.y + low[1], region.x + high[0], region.y + high[1]

    def seen(self, name: str) -> np.ndarray:
        """What is seen in the strip's place, (H, W, 3) in 0..255, rows upwards."""
        left, lower, right, upper = self.box()
        # A busy machine may not have come to draw what was changed last.
        with bpy.context.temp_override(window=self.window):
            bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=1)
        return np.rint(255 * self.screen(name)[lower:upper, left:right])

    def kept(self, name: str, shown: np.ndarray) -> np.ndarray:
        """Writes down what was seen, for the test."""
        path = str(Path(self.plan["folder"]) / f"{name}.npy")
        np.save(path, shown)
        self.told[name + " pixels"] = path
        return shown

    def frames(self):
        return part("preview.frames")

    def press(self, **given: object) -> None:
        with self.override(self.timeline(), "UI"):
            bpy.ops.stylestrip.preview("INVOKE_DEFAULT", **given)

    def facts(self) -> list:
        """What undo would take back, as far as a preview could have changed it."""
        scene = bpy.data.scenes["Cut"]
        strips = [[one.name, one.mute, one.channel] for one in scene.sequence_editor.strips]
        return [strips, scene.use_preview_range, scene.frame_current, len(bpy.data.scenes), len(bpy.data.images)]

    def drawn_anew(self) -> Iterator[float]:
        """Waits until the preview is seen through the view of now."""
        textures, display = part("preview.textures"), part("preview.display")
        view = display.view_key(bpy.data.scenes["Cut"])
        yield from self.wait(lambda: any(view in key for key in textures.drawn.values()), PATIENCE)
        yield 2 * SETTLE

    # What is done

    def preview_frame(self) -> Iterator[float]:
        """Preview is pressed, and pictures come."""
        self.kept("source", self.seen("before"))
        self.before = self.facts()
        tasks, begun = part("preview.previewing"), time.monotonic()
        self.press()
        yield SETTLE
        yield SETTLE
        self.picture("getting ready")
        self.told["words"] = tasks.running().words
        pictures = self.frames().latest.pictures
        yield from self.wait(lambda: MIDDLE in pictures, PATIENCE)
        self.told["first picture"] = time.monotonic() - begun
        self.told["unfinished"] = not pictures[MIDDLE].is_finished
        # It is read and brought to the card bit by bit, and on a busy machine that takes its time.
        known = part("preview.textures").known
        yield from self.wait(lambda: any(one.texture for one in known.values()), PATIENCE)
        yield 2 * SETTLE
        self.kept("growing", self.seen("growing"))
        yield from self.wait(lambda: tasks.running() is None, PATIENCE)
        self.told["finished"] = time.monotonic() - begun
        yield 2 * SETTLE
        self.told["file"] = str(pictures[MIDDLE].file)
        self.kept("preview", self.seen("preview"))
        self.told["unchanged"] = self.before == self.facts()
        self.told["left"] = [one.name for one in Path(bpy.app.tempdir).glob("stylestrip_*")]

    def look_around(self) -> Iterator[float]:
        """The playhead is moved away and back, and the preview is hidden and shown."""
        scene, manager = bpy.data.scenes["Cut"], bpy.context.window_manager
        scene.frame_set(MIDDLE + 1)
        yield SETTLE
        self.kept("moved", self.seen("moved"))
        scene.frame_set(MIDDLE)
        yield SETTLE
        manager.stylestrip_show_preview = False
        yield SETTLE
        self.kept("hidden", self.seen("hidden"))
        manager.stylestrip_show_preview = True
        yield SETTLE

    def drag_line(self) -> Iterator[float]:
        """The line is dragged from the left edge to the middle."""
        left, lower, right, upper = self.box()
        y, middle = (lower + upper) / 2, (left + right) / 2
        self.event("MOUSEMOVE", "NOTHING", (left + 40, y + 20))
        yield SETTLE
        self.event("MOUSEMOVE", "NOTHING", (left + 2, y))
        yield SETTLE
        self.picture("touched")
        self.told["touched"] = part("preview.overlay").is_touched
        yield from self.drag([(left + 2, y), (left + 30, y), (middle - 20, y), (middle, y)])
        yield SETTLE
        self.event("MOUSEMOVE", "NOTHING", (middle + 60, y - 40))
        yield SETTLE
        self.told["split"] = bpy.context.window_manager.stylestrip_split
        self.kept("parted", self.seen("parted"))

    def enlarge(self) -> Iterator[float]:
        """The strip grows beyond the frame, as somebody does to show a part of it alone."""
        _, lower, right, upper = self.box()
        beside = np.s_[lower:upper, right + 2 : right + BESIDE]
        self.told["room beside"] = self.region.x + self.region.width - right
        self.kept("beside", self.screen("beside")[beside])
        transform = self.strip.transform
        transform.scale_x = transform.scale_y = 1.5
        yield 2 * SETTLE
        self.kept("enlarged", self.seen("enlarged"))
        self.kept("beside it enlarged", self.screen("beside it enlarged")[beside])
        manager = bpy.context.window_manager
        manager.stylestrip_show_preview = False
        yield 2 * SETTLE
        self.kept("enlarged source", self.seen("enlarged source"))
        manager.stylestrip_show_preview, transform.scale_x, transform.scale_y = True, 1.0, 1.0
        yield SETTLE

    def change_settings(self) -> Iterator[float]:
        """Another brush makes the preview one of earlier; Ctrl-Z has nothing to do with it."""
        self.strip.stylestrip.brush_size = 1.5
        yield SETTLE
        self.picture("settings changed")
        self.told["up to date"] = [self.frames().latest.is_up_to_date]
        self.strip.stylestrip.brush_size = 1.0
        yield SETTLE
        self.told["up to date"].append(self.frames().latest.is_up_to_date)

    def preview_shot(self) -> Iterator[float]:
        """Five frames, which are played."""
        tasks, loop = part("preview.previewing"), part("preview.loop")
        self.before = self.facts()
        self.press(frames=5)
        yield from self.wait(lambda: tasks.running() is None, PATIENCE)
        yield 2 * SETTLE
        self.told["shot"] = sorted(self.frames().latest.pictures)
        with self.override(self.timeline(), "UI"):
            bpy.ops.stylestrip.play_preview()
        played = set()
        for _ in range(60):
            played.add(loop.number())
            yield 0.03
        self.picture("playing")
        self.told["played"] = sorted(played)
        self.told["playhead"] = bpy.data.scenes["Cut"].frame_current
        with self.override(self.timeline(), "UI"):
            bpy.ops.stylestrip.play_preview()
        yield SETTLE
        bpy.data.scenes["Cut"].frame_set(MIDDLE + 1)
        yield SETTLE
        self.kept("next", self.seen("next"))
        bpy.data.scenes["Cut"].frame_set(MIDDLE)
        yield SETTLE

    def cancel(self) -> Iterator[float]:
        """Esc in the preview, while another one is painted."""
        tasks = part("preview.previewing")
        self.strip.stylestrip.steps = 3000
        self.press()
        pictures = self.frames().latest.pictures
        yield from self.wait(lambda: MIDDLE in pictures, PATIENCE)
        left, lower, right, upper = self.box()
        self.event("MOUSEMOVE", "NOTHING", ((left + right) / 2, (lower + upper) / 2))
        yield SETTLE
        yield from self.key("ESC", ((left + right) / 2, (lower + upper) / 2))
        yield from self.wait(lambda: tasks.running() is None, PATIENCE)
        yield SETTLE
        self.told["cancelled"] = [tasks.newest().state, self.frames().latest is None]
        self.told["left"] = [one.name for one in Path(bpy.app.tempdir).glob("stylestrip_*")]
        self.kept("away", self.seen("away"))
        self.told["unchanged"] = self.before == self.facts()

    def paint(self) -> Iterator[float]:
        """The strip from its third frame on, so that this is the first of the film."""
        jobs = part("jobs")
        stage.change(self.strip, left=MIDDLE, right=MIDDLE + 2)
        with self.override(self.timeline(), "UI"):
            bpy.ops.ed.undo_push(message="Shorter")
        yield SETTLE
        with self.override(self.timeline(), "UI"):
            bpy.ops.stylestrip.stylize_strip("INVOKE_DEFAULT")
        yield from self.wait(lambda: not jobs.is_running(), PATIENCE)
        yield 2 * SETTLE
        self.told["painted"] = [jobs.queue[-1].state, jobs.queue[-1].message]

    def see_as_painted(self) -> Iterator[float]:
        """What Blender shows of the painted strip, in several views, and what the preview shows then."""
        scene, manager, tasks = bpy.data.scenes["Cut"], bpy.context.window_manager, part("preview.previewing")
        manager.stylestrip_split = 0.0
        for name, view in self.plan["views"].items():
            for key, value in view.items():
                setattr(scene.view_settings, key, value)
            yield 2 * SETTLE
            self.kept(f"{name} painted", self.seen(f"{name} painted"))
        scene.sequence_editor.active_strip = self.strip
        self.press(strip="Clip")
        yield from self.wait(lambda: tasks.running() is None, PATIENCE)
        yield 2 * SETTLE
        self.told["from the film"] = str(self.frames().latest.pictures[MIDDLE].file)
        for name, view in self.plan["views"].items():
            for key, value in view.items():
                setattr(scene.view_settings, key, value)
            yield from self.drawn_anew()
            self.kept(f"{name} preview", self.seen(f"{name} preview"))
        # The strip lies muted below its paint: left of the line it is seen all the same.
        manager.stylestrip_split = 0.5
        yield from self.wait(lambda: any(part("preview.sources").known.values()), PATIENCE)
        yield 2 * SETTLE
        self.kept("parted over paint", self.seen("parted over paint"))

    def compare(self) -> Iterator[float]:
        """The painted strip beside its source, without a preview."""
        manager = bpy.context.window_manager
        _, _, right, upper = self.box()
        scale = bpy.context.preferences.system.ui_scale
        yield from self.click((right - 18 * scale, upper - 18 * scale))
        self.told["crossed"] = self.frames().latest is None
        manager.stylestrip_compare = True
        yield 4 * SETTLE
        self.kept("compared", self.seen("compared"))
        with self.override(self.preview(), "PREVIEW"):
            bpy.ops.stylestrip.put_preview_away()
        self.told["not compared"] = not manager.stylestrip_compare

    def undo_all(self) -> Iterator[float]:
        """One step takes the paint back, one more the length."""
        for name in ("paint", "length"):
            with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
                bpy.ops.ed.undo()
            yield SETTLE
            strips = bpy.data.scenes["Cut"].sequence_editor.strips
            self.told[f"undone {name}"] = [len(strips), getattr(strips["Clip"], stage.RIGHT)]


if __name__ == "__main__":
    begin(Previewing)
