"""Renders by Cycles in a window that is drawn all the time: with the add-on alone, and with a node painted live."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
from node import part
from rendering import Rendering
from visit import SETTLE, begin

PATIENCE = 150.0
# So many that Cycles prepares them for longer than between two drawings of the window.
THINGS, CELLS = 200, 40


class Watching(Rendering):
    """A scene of many things is rendered twice."""

    def steps(self) -> Iterator[float]:
        self.set_up(frames=2)
        fill(self.scene)
        yield SETTLE
        self.watch_cycles()
        yield from self.rendered("alone")
        self.add_live_node()
        yield from self.rendered("live")
        self.told["told"] = list(part("compositor.check").told)
        self.told["after"] = sorted(listeners())
        part("compositor.live_painter").end()

    def watch_cycles(self) -> None:
        """From now on it is noted who listens when Cycles begins to render."""
        engine = bpy.types.RenderEngine.bl_rna_get_subclass_py("CYCLES")
        render = engine.render

        def rendered(*arguments: object) -> None:
            self.disturbed |= listeners()
            render(*arguments)

        engine.render = rendered

    def rendered(self, name: str) -> Iterator[float]:
        """Renders all frames; who listened at all and while Cycles rendered, and what is written."""
        self.listeners, self.disturbed = set(), set()
        folder = self.folder / name
        folder.mkdir()
        self.scene.render.filepath = f"{folder}/"
        engine = bpy.types.RenderEngine.bl_rna_get_subclass_py("CYCLES")
        render = engine.render
        bpy.ops.render.render("INVOKE_DEFAULT", animation=True, scene=self.scene.name)
        yield from self.wait(lambda: bpy.app.is_job_running("RENDER"), 10)
        yield from self.wait(self.is_over, PATIENCE)
        yield SETTLE
        self.told[name] = {
            "listeners": sorted(self.listeners),
            "disturbed": sorted(self.disturbed),
            "files": sorted(file.name for file in folder.iterdir()),
            "as before": engine.render is render,
        }

    def is_over(self) -> bool:
        """Whether nothing is rendered any more; all is drawn once more."""
        for area in self.window.screen.areas:
            area.tag_redraw()
        self.listeners |= listeners()
        return not bpy.app.is_job_running("RENDER")

    def wait(self, until: Callable[[], bool], seconds: float) -> Iterator[float]:
        """As ever, but looks more often."""
        deadline = time.monotonic() + seconds
        while not until() and time.monotonic() < deadline:
            yield 0.02


def listeners() -> set[str]:
    """Who is told now how far a render is."""
    return {one.__name__ for one in bpy.app.handlers.render_stats}


def fill(scene: bpy.types.Scene) -> None:
    """Puts many things into a scene, each with a material of its own."""
    places = [(x / CELLS, y / CELLS, 0) for x in range(CELLS) for y in range(CELLS)]
    corners = [x * CELLS + y for x in range(CELLS - 1) for y in range(CELLS - 1)]
    faces = [(one, one + 1, one + CELLS + 1, one + CELLS) for one in corners]
    for number in range(THINGS):
        mesh = bpy.data.meshes.new(f"Thing {number}")
        mesh.from_pydata(places, [], faces)
        material = bpy.data.materials.new(mesh.name)
        material.use_nodes = True
        mesh.materials.append(material)
        one = bpy.data.objects.new(mesh.name, mesh)
        one.location = number % 20 - 10, number // 20 - 5, -4
        scene.collection.objects.link(one)


begin(Watching)
