"""The queue in Blender's window: what a person sees of it, how smooth the window stays, and what outlives Blender."""

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage
from cutting import part
from pictures import Picturing
from visit import SETTLE, begin

PATIENCE = 150.0
TICK = 0.005  # seconds between two looks at the clock
IDLE_SECONDS = 4.0


class Queueing(Picturing):
    """A visit with some strips, whose button is pressed."""

    def steps(self) -> Iterator[float]:
        yield from self.open_workspace()
        yield from self.close("FILE_BROWSER")
        yield from self.close("PROPERTIES")
        self.folder = Path(self.plan["folder"])
        self.time_ours()
        part("preferences").preferences().cache_folder = str(self.folder / "cache")
        yield from self.act()

    @property
    def strips(self):
        """Those of the scene."""
        return bpy.data.scenes["Cut"].sequence_editor.strips

    def new_file(self, names: str, frames: int, name: str = "cut.blend") -> Iterator[float]:
        """A saved file with a strip for each letter, all of them selected, and the tab in front."""
        scene = stage.new_scene("Cut", 256, 144)
        for channel, letter in enumerate(names, 1):
            strip = scene.sequence_editor.strips.new_movie(letter, self.plan["film"], channel, 1)
            stage.change(strip, right=1 + frames, select=True)
            strip.stylestrip.picture = "FILE"
            for key, value in self.plan["settings"].items():
                setattr(strip.stylestrip, key, value)
        scene.sequence_editor.active_strip = self.strips[names[0]]
        scene.frame_end = frames
        if name:
            bpy.ops.wm.save_as_mainfile(filepath=str(self.folder / name))
        yield SETTLE
        with self.override(self.timeline(), "WINDOW"):
            bpy.ops.sequencer.view_all()
        self.timeline().spaces.active.timeline_overlay.show_strip_source = False
        yield from self.move_border(self.preview(), 260)
        yield from self.open_tab(self.timeline())
        yield SETTLE

    def press(self, name: str, **values: object) -> None:
        """Calls an operator as its button does."""
        with self.override(self.timeline(), "UI"):
            getattr(bpy.ops.stylestrip, name)("INVOKE_DEFAULT", **values)

    def until(self, enough: Callable[[], bool], name: str = "other", seconds: float = PATIENCE) -> Iterator[float]:
        """Waits, and notes under a name how late the window's thread was at its worst."""
        last = began = time.monotonic()
        while not enough() and last - began < seconds:
            yield TICK
            now = time.monotonic()
            self.told.setdefault("pauses", {}).setdefault(name, []).append(round(now - last - TICK, 4))
            last = now
        if seconds == PATIENCE and not enough():
            raise RuntimeError(f"{name}: {[(task.state, task.words) for task in part('jobs').queue]}")

    def time_ours(self) -> None:
        """Notes how long each tick of our own timer takes."""
        driver, ours = part("driver"), self.told.setdefault("ours", [])
        tick = driver.on_timer

        def timed() -> float | None:
            began = time.monotonic()
            again = tick()
            ours.append(round(time.monotonic() - began, 4))
            return again

        driver.on_timer = timed

    def states(self) -> list[str]:
        """What has become of each task."""
        return [f"{task.strip} {task.state}" for task in part("jobs").queue]

    def notes(self) -> list[str]:
        """The strips in every note of what is unfinished."""
        files = sorted(self.folder.rglob("queue-*.json"))
        return [" ".join(strip["strip"] for strip in json.loads(file.read_text())["strips"]) for file in files]


class Watching(Queueing):
    """Several strips at once, paused, gone on with, one of which fails; the file gets another name meanwhile."""

    def act(self) -> Iterator[float]:
        jobs = part("jobs")
        yield from self.new_file("ABC", self.plan["frames"])
        own = Path(shutil.copy(self.plan["film"], self.folder / "own.mp4"))
        self.strips["B"].filepath = str(own)
        yield from self.until(lambda: False, "idle", IDLE_SECONDS)
        self.press("stylize_strip")
        self.told["queued"] = self.states()
        yield from self.until(lambda: jobs.queue[0].done >= 3, "painting")
        yield SETTLE
        self.picture("running")
        (self.folder / "broken.blend").write_bytes(b"BLENDER")
        with suppress(RuntimeError):
            bpy.ops.wm.open_mainfile(filepath=str(self.folder / "broken.blend"))
        yield SETTLE
        self.told["not opened"] = [Path(bpy.data.filepath).name, self.states(), self.notes()]
        self.press("pause")
        yield from self.until(lambda: jobs.queue[0].state == "waiting")
        yield SETTLE
        self.picture("paused")
        self.told["paused"] = self.states()
        self.told["notes"] = self.notes()
        bpy.ops.wm.save_as_mainfile(filepath=str(self.folder / "sub" / "other.blend"))
        self.told["renamed"] = [Path(bpy.data.filepath).name, self.notes()]
        own.rename(self.folder / "gone.mp4")
        bpy.data.scenes["Cut"].sequence_editor.active_strip = self.strips["B"]
        self.press("queue_move", strip="B", direction="UP")
        self.press("resume")
        yield from self.until(lambda: jobs.queue[0].is_over)
        yield 2 * SETTLE
        self.picture("failed")
        yield SETTLE
        self.told["failed"] = [jobs.queue[0].strip, jobs.queue[0].state, jobs.queue[0].message]
        (self.folder / "gone.mp4").rename(own)
        self.press("queue_retry", strip="B")
        yield from self.until(lambda: all(task.is_over for task in jobs.queue if task.strip == "A"), "painting")
        yield from self.until(lambda: not jobs.is_running(), "painting")
        yield 2 * SETTLE
        self.picture("done")
        self.told["end"] = [[task.strip, task.state, task.message] for task in jobs.queue]
        self.told["left"] = self.notes()
        self.told["painted"] = sorted(strip.name for strip in self.strips if strip.get("stylestrip_job"))
        self.press("queue_clear")
        self.told["cleared"] = self.states()
        self.told["cache"] = sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("[0-9a-f]" * 32))


class Dying(Queueing):
    """Blender is killed while it paints the first of two strips."""

    def act(self) -> Iterator[float]:
        yield from self.new_file("AB", self.plan["frames"])
        self.press("stylize_strip")
        yield from self.until(lambda: part("jobs").queue[0].done >= 2)
        self.told["done"] = part("jobs").queue[0].done
        Path(self.plan["result"]).write_text(json.dumps(self.told))
        os.kill(os.getpid(), signal.SIGKILL)


class ComingBack(Queueing):
    """The file of a Blender that was killed is opened again."""

    def act(self) -> Iterator[float]:
        unfinished, jobs = part("unfinished"), part("jobs")
        bpy.ops.wm.open_mainfile(filepath=str(self.folder / "cut.blend"))
        yield 2 * SETTLE
        self.window = bpy.context.window_manager.windows[0]
        yield from self.open_tab(self.timeline())
        self.told["left"] = [one.strip for one in unfinished.left]
        self.picture("offered")
        self.press("unfinished_go_on")
        yield from self.until(lambda: not jobs.is_running())
        yield SETTLE
        self.picture("gone on")
        self.told["end"] = [[task.strip, task.state, task.message] for task in jobs.queue]
        self.told["notes"] = self.notes()
        self.told["painted"] = sorted(strip.name for strip in self.strips if strip.get("stylestrip_job"))


VISITS = {"watching": Watching, "dying": Dying, "coming back": ComingBack}

if __name__ == "__main__":
    begin(VISITS[stage.plan()["visit"]])
