"""For each case, the source frames that the add-on expects, and a render of what Blender shows."""

import importlib
import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage


def add_by_operator(scene: bpy.types.Scene, film: str) -> bpy.types.Strip:
    """Adds a film as a person does, which lets it run at its own rate."""
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    area.type = "SEQUENCE_EDITOR"
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.sequencer.movie_strip_add(
            filepath=film, frame_start=5, channel=1, sound=False, use_framerate=False, adjust_playback_rate=True
        )
    return scene.sequence_editor.strips[0]


def add(scene: bpy.types.Scene, case: dict, plan: dict) -> bpy.types.Strip:
    """The strip of a case."""
    strips, kind = scene.sequence_editor.strips, case["kind"]
    if kind == "operator":
        return add_by_operator(scene, plan["films"][str(case["rate"])])
    if kind == "film":
        return strips.new_movie("film", plan["films"][str(case["rate"])], 1, 5)
    strip = strips.new_image("pictures", plan["pictures"][0], 1, 5)
    for path in plan["pictures"][1 : case["count"]]:
        strip.elements.append(Path(path).name)
    return strip


def play(plan: dict) -> dict:
    stage.enable()
    strips = importlib.import_module(f"{stage.EXTENSION}.blender_addon.host.strips")
    found = {}
    for name, case in plan["cases"].items():
        scene = stage.new_scene(name)
        strip = stage.change(add(scene, case, plan), **case["change"])
        source, frames = strips.source_of(strip, scene)
        left, right = (getattr(strip, handle) for handle in (stage.LEFT, stage.RIGHT))
        folder = Path(plan["folder"]) / name
        stage.render(scene, left, right - 1, folder)
        pictures = [str(folder / f"{frame:04d}.png") for frame in range(left, right)]
        found[name] = {"expected": frames, "pictures": pictures, "first": source.first, "last": source.last}
    return found


if bpy.app.background:
    stage.perform(play)
else:
    bpy.app.timers.register(lambda: stage.perform(play), first_interval=2.0)
