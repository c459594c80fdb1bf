"""Calls the operator with what it cannot paint, and tells its sentences."""

import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage


def play(plan: dict) -> dict:
    stage.enable()
    preferences = bpy.context.preferences.addons[stage.EXTENSION].preferences
    preferences.cache_folder = str(Path(plan["folder"]) / "cache")
    said = {}
    for name, case in plan["cases"].items():
        scene = stage.new_scene(name)
        strips = scene.sequence_editor.strips
        preferences.python = case.get("python", "")
        if case["kind"] == "film":
            strip = strips.new_movie("Clip", case["file"], 1, 1)
        elif case["kind"] == "scene":
            strip = strips.new_scene("Clip", bpy.data.scenes.new("Empty"), 1, 1)
        else:
            strip = strips.new_image("Clip", case["file"], 1, 1)
        for number in case.get("lose", []):
            strip.elements.pop(number)
        strip.stylestrip.picture = case.get("picture", strip.stylestrip.picture)
        if case.get("move"):
            Path(case["file"]).rename(case["move"])
        try:
            said[name] = sorted(bpy.ops.stylestrip.stylize_strip(**case["arguments"]))
        except RuntimeError as error:  # that is how an operator's report reaches a script
            said[name] = str(error)
        painted = [other.name for other in scene.sequence_editor.strips_all if other.get("stylestrip_job")]
        assert not painted and not strip.mute, f"{name} left {painted}"
    return said


stage.perform(play)
