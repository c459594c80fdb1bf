"""Tells which strips a saved file holds."""

import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage


def play(plan: dict) -> dict:
    bpy.ops.wm.open_mainfile(filepath=plan["file"])
    found = {}
    for scene in bpy.data.scenes:
        for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
            found[strip.name] = {"mute": strip.mute, "channel": strip.channel}
            if strip.type == "IMAGE":
                found[strip.name] |= {"directory": strip.directory, "elements": [e.filename for e in strip.elements]}
    return found


stage.perform(play)
