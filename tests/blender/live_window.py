"""A live render in Blender's window: how far it is, and Esc."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
from node import part
from rendering import Rendering
from visit import SETTLE, begin

PATIENCE = 200.0


class Stopping(Rendering):
    """An animation is begun, looked at and stopped."""

    def steps(self) -> Iterator[float]:
        self.set_up(frames=48)
        self.add_live_node()
        scene, folder = self.scene, self.folder
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


begin(Stopping)
