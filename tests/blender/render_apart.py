"""A strip that is rendered before it is painted, in the real window: what the person sees, cancels and goes on with."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage
from kinds import part, retime
from visit import Visit, begin

PATIENCE = 100.0
TICK = 0.01  # seconds between two looks at the clock


class RenderingApart(Visit):
    """A retimed film is stylized, cancelled, stylized again and cut meanwhile."""

    def steps(self) -> Iterator[float]:
        yield from self.open_workspace()
        part("preferences").preferences().cache_folder = str(Path(self.plan["folder"]) / "cache")
        scene = stage.new_scene("Cut", *self.plan["size"])
        strip = scene.sequence_editor.strips.new_movie("Clip", self.plan["film"], 1, 1)
        yield 0.5
        retime(scene, strip, 50)
        stage.change(strip, right=1 + self.plan["frames"])
        scene.sequence_editor.active_strip = strip
        self.told["saved"] = bpy.data.filepath
        yield from self.cancelled()
        yield from self.killed()
        yield from self.finished(scene)
        yield from self.drawn(scene)

    def stylize(self) -> None:
        """Presses the button."""
        with bpy.context.temp_override(window=self.window):
            bpy.ops.stylestrip.stylize_strip("EXEC_DEFAULT", **self.plan["arguments"])

    def frames(self) -> dict[str, float]:
        """The rendered frames, and when they were written."""
        found = sorted(Path(self.plan["folder"], "cache").glob("render-*/[0-9]*.png"))
        return {file.name: file.stat().st_mtime_ns for file in found}

    def others(self) -> list[str]:
        """What else lies beside them."""
        found = Path(self.plan["folder"], "cache").glob("render-*/**/*")
        return sorted(file.name for file in found if not file.name[0].isdigit())

    def until(self, enough: Callable[[], bool], seconds: float = PATIENCE, name: str = "pause") -> Iterator[float]:
        """Waits, and notes the longest pause of the window's thread under a name."""
        last = began = time.monotonic()
        while not enough() and last - began < seconds:
            yield TICK
            now = time.monotonic()
            self.told[name] = max(self.told.get(name, 0.0), now - last)
            last = now

    def cancelled(self) -> Iterator[float]:
        jobs = part("jobs")
        began = time.monotonic()
        self.stylize()
        self.told["begin"] = time.monotonic() - began
        yield from self.until(lambda: len(self.frames()) >= 3)
        child = jobs.latest.rendering.child.process
        yield from self.until(lambda: jobs.latest.done >= 3)
        self.told["words"], self.told["fraction"] = jobs.latest.words, jobs.latest.fraction
        self.told["during"] = self.others()
        self.picture("rendering")
        began = time.monotonic()
        bpy.ops.stylestrip.cancel()
        child.wait(timeout=5)
        self.told["cancel"] = time.monotonic() - began
        self.told["state"], self.told["message"] = jobs.latest.state, jobs.latest.message
        self.told["kept"] = self.frames()
        yield from self.until(lambda: not self.others(), 5.0, "tidying")
        self.told["left"] = self.others()
        yield 0.2

    def killed(self) -> Iterator[float]:
        """The other Blender dies."""
        jobs = part("jobs")
        self.stylize()
        count = len(self.frames())
        yield from self.until(lambda: len(self.frames()) > count)
        jobs.latest.rendering.child.process.kill()
        yield from self.until(lambda: jobs.latest.state != "running")
        self.told["killed"] = [jobs.latest.state, jobs.latest.message]

    def finished(self, scene) -> Iterator[float]:
        jobs, strips = part("jobs"), scene.sequence_editor.strips
        self.stylize()
        yield from self.until(lambda: jobs.latest.rendering is None)
        strip = strips["Clip"]
        strip.name = "Renamed"
        stage.change(strip, left=4)
        yield from self.until(lambda: jobs.latest.state != "running", name="painting")
        self.told["end"] = [jobs.latest.state, jobs.latest.message]
        self.told["frames"] = self.frames()
        self.told["leftover"] = self.others()
        self.told["scenes"] = [scene.name for scene in bpy.data.scenes]
        self.told["saved since"] = bpy.data.filepath
        painted = next(strip for strip in strips if strip.get("stylestrip_job"))
        self.told["painted"] = [getattr(painted, stage.LEFT), getattr(painted, stage.RIGHT), painted.name]
        self.told["elements"] = [element.filename for element in painted.elements]
        yield 1.0

    def drawn(self, scene) -> Iterator[float]:
        """A film that is painted where another one is bright, which Blender draws first."""
        jobs, strips = part("jobs"), scene.sequence_editor.strips
        strip, _ = (strips.new_movie(name, self.plan["film"], 5 + at, 1) for at, name in enumerate(("Film", "Matte")))
        region = strip.stylestrip.regions.add()
        region.name, region.source, region.strip = "Bright", "STRIP", "Matte"
        with bpy.context.temp_override(window=self.window):
            bpy.ops.stylestrip.stylize_strip("EXEC_DEFAULT", strip="Film", **self.plan["arguments"])
        words = []
        yield from self.until(lambda: bool(words.append(jobs.latest.words) or jobs.latest.is_over), name="drawing")
        self.told["drawn"] = {"words": sorted(set(words)), "end": [jobs.latest.state, jobs.latest.message]}
        folder = Path(bpy.path.abspath(strip.stylestrip.regions["Bright"].seen))
        self.told["drawn"]["mattes"] = [str(file) for file in sorted(folder.iterdir())]
        self.told["drawn"]["left"] = [file.name for file in Path(self.plan["folder"], "cache").glob("rendering-*")]


begin(RenderingApart)
