"""Paints strips with the operator, one case after the other, and tells how painted strip and timeline look."""

import json
import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage

TOLD = ("blend_type", "blend_alpha", "use_flip_x", "use_flip_y", "mute", "channel", "select", "color_multiply")
PLACED = ("offset_x", "offset_y", "scale_x", "scale_y", "rotation", "filter")


def told(strip: bpy.types.Strip) -> dict:
    """What a test wants to know about a strip."""
    facts = {name: getattr(strip, name) for name in TOLD}
    facts |= {name: getattr(strip.transform, name) for name in PLACED}
    facts |= {"origin": list(strip.transform.origin), "name": strip.name}
    return facts | {"left": getattr(strip, stage.LEFT), "right": getattr(strip, stage.RIGHT)}


def rendered(scene: bpy.types.Scene, frames: list[int], folder: Path) -> list[str]:
    """Pictures of the timeline at these frames."""
    for frame in frames:
        stage.render(scene, frame, frame, folder)
    return [str(folder / f"{frame:04d}.png") for frame in frames]


def add(scene: bpy.types.Scene, case: dict) -> bpy.types.Strip:
    """The strip of a case; further strips in its way if the case has any."""
    strips = scene.sequence_editor.strips
    if len(case["files"]) == 1 and case["files"][0].endswith(".mp4"):
        strip = strips.new_movie("Clip", case["files"][0], 1, 5)
    else:
        strip = strips.new_image("Clip", case["files"][0], 1, 5)
        for file in case["files"][1:]:
            strip.elements.append(Path(file).name)
    for channel in range(2, case.get("next_free", 2)):
        cover = strips.new_effect("Title", "TEXT", channel, frame_start=8, **stage.length_of_effect(8, 4))
        cover.mute = True
    stage.change(strip, **case.get("change", {}))
    stage.change(strip.transform, **case.get("transform", {}))
    stage.change(strip.crop, **case.get("crop", {}))
    return strip


def paint(name: str, case: dict, folder: Path) -> dict:
    """Paints the strip of one case."""
    scene = stage.new_scene(name)
    strip = add(scene, case)
    if case.get("meta"):
        stage.put_into_meta(scene, strip)
    before = rendered(scene, case["frames"], folder / name / "before")
    scene.sequence_editor.active_strip, strip.select = strip, True
    for setting, value in case.get("settings", {}).items():
        setattr(strip.stylestrip, setting, value)
    outcome = bpy.ops.stylestrip.stylize_strip(strip="Clip", **case["arguments"])
    painted = next(other for other in scene.sequence_editor.strips_all if other.get("stylestrip_job"))
    cache = Path(bpy.path.abspath(painted.directory))
    after = rendered(scene, case["frames"], folder / name / "after")
    return {
        "outcome": sorted(outcome),
        "source": told(strip),
        "painted": told(painted),
        "active": scene.sequence_editor.active_strip.name,
        "parent": painted.parent_meta().name if painted.parent_meta() else None,
        "files": [str(cache / element.filename) for element in painted.elements],
        "job": json.loads(painted["stylestrip_job"]),
        "before": before,
        "after": after,
    }


def play(plan: dict) -> dict:
    stage.enable()
    folder = Path(plan["folder"])
    bpy.context.preferences.addons[stage.EXTENSION].preferences.cache_folder = str(folder / "cache")
    return {name: paint(name, case, folder) for name, case in plan["cases"].items()}


stage.perform(play)
