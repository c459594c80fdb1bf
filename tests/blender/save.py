"""Saves a file with one strip."""

import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage


def play(plan: dict) -> dict:
    scene = stage.new_scene()
    scene.sequence_editor.strips.new_movie("Clip", plan["film"], 1, 1)
    bpy.ops.wm.save_as_mainfile(filepath=plan["file"])
    return {"file": plan["file"]}


stage.perform(play)
