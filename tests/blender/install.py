"""Installs the zip and tells what came of it."""

import sys
import time
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage


def play(plan: dict) -> dict:
    bpy.ops.extensions.package_install_files(filepath=plan["zip"], repo="user_default", enable_on_install=False)
    begun = time.perf_counter()
    stage.enable()
    seconds = time.perf_counter() - begun
    if bpy.app.binary_path:  # the program keeps it enabled; the modules start with factory preferences every time
        bpy.ops.wm.save_userpref()
    heavy = [name for name in ("torch", "torchvision", "cv2", "av", "style_core") if name in sys.modules]
    return {"seconds": seconds, "heavy": heavy, "enabled": stage.EXTENSION in bpy.context.preferences.addons}


stage.perform(play)
