"""A live render in Blender's window: how far it is, and Esc."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage
from node import KIND, compositor, new_scene, objects, part
from visit import SETTLE, Visit, begin

PATIENCE = 200.0


class Rendering(Visit):
    """An animation is begun, looked at and stopped."""

    def steps(self) -> Iterator[float]:
        stage.enable()
        view = bpy.context.preferences.view
        view.show_splash, view.render_display_type = False, "AREA"
        folder = Path(self.plan["folder"])
        part("preferences").preferences().cache_folder = str(folder / "cache")
        scene = new_scene({"size": (96, 64)}, 48)
        objects(scene)
        tree, result = compositor(scene)
        layers, node = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new(KIND)
        layers.scene, layers.layer = scene, scene.view_layers[0].name
        tree.links.new(layers.outputs["Image"], node.inputs["Image"])
        tree.links.new(node.outputs["Image"], result)
        own = node.node_tree.stylestrip_node
        for name, value in self.plan["settings"].items():
            setattr(own.settings, name, value)
        own.mode = "LIVE"
        (folder / "out").mkdir()
        scene.render.filepath = f"{folder}/out/"
        yield SETTLE
        live, painter, check = (part(f"compositor.{name}") for name in ("live_window", "live_painter", "check"))
        bpy.ops.render.render("INVOKE_DEFAULT", animation=True, scene=scene.name)
        yield from self.wait(lambda: "step" in live.words, PATIENCE)
        self.told["words"] = live.words
        yield SETTLE
        self.picture("during")
        process = painter.worker.process
        subprocess.run(["xdotool", "mousemove", "600", "400"], check=True)
        yield SETTLE
        subprocess.Popen(["xdotool", "key", "Escape"])
        began = time.monotonic()
        while bpy.app.is_job_running("RENDER") and time.monotonic() - began < PATIENCE:
            yield 0.02
        self.told["seconds"] = time.monotonic() - began
        yield SETTLE
        self.told["painter"] = [painter.worker is None, process.poll() is not None]
        self.told["told"], self.told["words after"] = list(check.told), live.words
        self.told["files"] = sorted(file.name for file in (folder / "out").iterdir())


begin(Rendering)
