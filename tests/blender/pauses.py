"""What is done in Blender's window that might hold it up, and for how long it does."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage
from cutting import part
from pictures import Picturing
from slices import Slices
from visit import SETTLE, begin

PATIENCE = 200.0
TICK = 0.005  # seconds between two looks at the clock
IDLE_SECONDS = 4.0
REDRAWN = 8


class Pausing(Picturing):
    """A visit that notes how late a timer of its own comes, and how long the add-on's calls take."""

    def steps(self) -> Iterator[float]:
        yield from self.open_workspace()
        yield from self.close("FILE_BROWSER")
        yield from self.close("PROPERTIES")
        self.folder = Path(self.plan["folder"])
        part("preferences").preferences().cache_folder = str(self.folder / "cache")
        self.slices, self.told["jitter"] = Slices(), {}
        overlay = part("preview.overlay")
        overlay.draw_sides = self.slices.timed(overlay.draw_sides)
        yield from self.act()
        self.told["slices"] = self.slices.longest()

    def act(self) -> Iterator[float]:
        """What is done."""
        raise NotImplementedError

    def until(self, enough: Callable[[], bool], name: str, seconds: float = PATIENCE) -> Iterator[float]:
        """Waits, and notes under a name how late the window's thread was."""
        last = began = time.monotonic()
        while not enough() and last - began < seconds:
            yield TICK
            now = time.monotonic()
            self.told["jitter"].setdefault(name, []).append(round(now - last - TICK, 4))
            last = now
        if seconds == PATIENCE and not enough():
            raise RuntimeError(f"{name}: {[(task.state, task.words) for task in part('jobs').queue]}")

    def press(self, name: str, **values: object) -> None:
        """Calls an operator as its button does."""
        with self.override(self.timeline(), "UI"):
            getattr(bpy.ops.stylestrip, name)("INVOKE_DEFAULT", **values)

    def begin_file(self, strip: bpy.types.Strip) -> Iterator[float]:
        """A saved file with one strip, seen whole, whose settings are those of the plan; and how smooth Blender is."""
        scene = bpy.data.scenes["Cut"]
        for key, value in self.plan["settings"].items():
            setattr(strip.stylestrip, key, value)
        scene.sequence_editor.active_strip, strip.select = strip, True
        bpy.ops.wm.save_as_mainfile(filepath=str(self.folder / "cut.blend"))
        with self.override(self.timeline(), "WINDOW"):
            bpy.ops.sequencer.view_all()
        yield from self.open_tab(self.timeline())
        yield from self.until(lambda: False, "nothing running", IDLE_SECONDS)
        # What Blender takes to draw the editor of the strips anew, which the add-on asks for now and then.
        for _ in range(REDRAWN):
            self.timeline().tag_redraw()
            yield from self.until(lambda: False, "drawn anew", IDLE_SECONDS / REDRAWN)

    def paint(self) -> Iterator[float]:
        """Presses Stylize and waits."""
        self.press("stylize_strip")
        task = part("jobs").queue[0]
        yield from self.until(lambda: task.is_over, "painting")
        yield from self.until(lambda: False, "afterwards", 2.0)
        self.told["end"] = [task.state, task.message]


class ManyFrames(Pausing):
    """A strip of very many pictures is painted, and its paint laid over it, which one undo takes back."""

    def act(self) -> Iterator[float]:
        strip = self.add_pictures()
        yield SETTLE
        yield from self.begin_file(strip)
        with bpy.context.temp_override(window=self.window):
            bpy.ops.ed.undo_push(message="Ready")
        yield from self.paint()
        self.told["added"] = self.strips()
        self.picture("many")
        for name in ("undo", "redo"):
            with bpy.context.temp_override(window=self.window):
                getattr(bpy.ops.ed, name)()
            yield SETTLE
            self.told[name] = self.strips()
        # What Blender itself takes to draw such strips anew.
        bpy.data.scenes["Cut"].sequence_editor.strips["A painted"].mute = True
        yield from self.until(lambda: False, "muted by hand", 2.0)

    def add_pictures(self) -> bpy.types.Strip:
        """A strip of all pictures of the plan."""
        files = [str(path) for path in sorted(Path(self.plan["pictures"]).iterdir())]
        strip = stage.new_scene("Cut", 32, 18).sequence_editor.strips.new_image("A", files[0], 1, 1)
        for file in files[1:]:
            strip.elements.append(Path(file).name)
        return stage.change(strip, right=1 + len(files))

    def strips(self) -> list:
        """Name, number of pictures and whether it is muted, of each strip."""
        strips = bpy.data.scenes["Cut"].sequence_editor.strips
        return sorted([one.name, len(one.elements), one.mute] for one in strips)


class Rendered(ManyFrames):
    """A strip that is rendered apart first."""

    def act(self) -> Iterator[float]:
        strip = self.add_pictures()
        strip.modifiers.new("Bright", "BRIGHT_CONTRAST").bright = 0.1
        yield from self.begin_file(strip)
        yield from self.paint()


class Previewed(Pausing):
    """A full HD frame is previewed through AgX."""

    def act(self) -> Iterator[float]:
        scene = stage.new_scene("Cut", 1920, 1080)
        scene.view_settings.view_transform = "AgX"
        strip = scene.sequence_editor.strips.new_image("A", self.plan["picture"], 1, 1)
        yield from self.begin_file(strip)
        self.press("preview")
        tasks = part("preview.previewing")
        yield from self.until(lambda: tasks.running() is None, "previewing")
        textures = part("preview.textures")
        yield from self.until(lambda: textures.known and not textures.asked, "reading it")
        yield from self.until(lambda: False, "afterwards", 2.0)
        self.told["end"] = [tasks.newest().state, tasks.newest().message]
        self.picture("previewed")


VISITS = {"many frames": ManyFrames, "rendered": Rendered, "previewed": Previewed}

if __name__ == "__main__":
    begin(VISITS[stage.plan()["visit"]])
