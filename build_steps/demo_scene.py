"""Run in Blender, the program or the module: demo_scene.py [--] PLAN.json. Paints a strip and renders the timeline."""

import json
import os
import sys
import time
import traceback
from pathlib import Path

import bpy

EXTENSION = "bl_ext.user_default.stylestrip"
RENDER_SIDE = 768  # pixels of the rendered film's longer side


def enable(archive: str) -> None:
    """Installs the zip and switches the add-on on."""
    bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=True)
    # The operator calls itself finished even where nothing was installed.
    if EXTENSION not in bpy.context.preferences.addons or not hasattr(bpy.types.Strip, "stylestrip"):
        raise RuntimeError(f"{archive} was not installed")


def make_scene(plan: dict) -> tuple[bpy.types.Scene, bpy.types.Strip]:
    """A timeline of the clip's own size and rate, with the clip's chosen frames on it from frame 1."""
    scene = bpy.context.scene
    if hasattr(bpy.context.workspace, "sequencer_scene"):
        bpy.context.workspace.sequencer_scene = scene
    width, height, available = measure(plan["clip"])
    larger = RENDER_SIDE / max(width, height)
    scene.render.resolution_x, scene.render.resolution_y = (round(side * larger / 2) * 2 for side in (width, height))
    scene.render.resolution_percentage = 100
    strips = scene.sequence_editor_create().strips
    strip = strips.new_movie("Clip", plan["clip"], channel=1, frame_start=2 - plan["first"], fit_method="ORIGINAL")
    scene.render.fps = max(1, round(strip.fps))
    scene.render.fps_base = scene.render.fps / strip.fps
    strip.transform.scale_x = scene.render.resolution_x / width
    strip.transform.scale_y = scene.render.resolution_y / height
    frames = min(plan["frames"], available - plan["first"] + 1)
    new_names = bpy.app.version >= (5, 2, 0)
    setattr(strip, "left_handle" if new_names else "frame_final_start", 1)
    setattr(strip, "right_handle" if new_names else "frame_final_end", 1 + frames)
    scene.frame_start, scene.frame_end = 1, frames
    return scene, strip


def measure(path: str) -> tuple[int, int, int]:
    """Width, height and number of frames of a film."""
    clip = bpy.data.movieclips.load(path)
    found = (*clip.size, clip.frame_duration)
    bpy.data.movieclips.remove(clip)
    if not found[0]:
        raise RuntimeError(f"{path} is no film that Blender can read")
    return found


def render(scene: bpy.types.Scene, film: str) -> None:
    """The timeline as an H.264 film, in the colours of the strips."""
    scene.render.use_sequencer = True
    scene.view_settings.view_transform = "Standard"
    scene.view_settings.look = "None"
    if hasattr(scene.render, "compositor_device"):
        scene.render.compositor_device = "CPU"
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "VIDEO"
    settings.file_format = "FFMPEG"
    scene.render.ffmpeg.format = "MPEG4"
    scene.render.ffmpeg.codec = "H264"
    scene.render.ffmpeg.constant_rate_factor = "HIGH"
    scene.render.filepath = film
    bpy.ops.render.render(animation=True)


def main(plan: dict) -> None:
    """Zip, scene, paint, film."""
    enable(plan["zip"])
    scene, strip = make_scene(plan)
    # Saved before painting too: the painted frames are kept beside it.
    bpy.ops.wm.save_as_mainfile(filepath=plan["blend"])
    begun = time.monotonic()
    bpy.ops.stylestrip.stylize_strip(strip=strip.name, style=plan["style"], size=plan["size"], wait=True)
    seconds = time.monotonic() - begun
    painted = [other.name for other in scene.sequence_editor.strips if other.channel > strip.channel]
    if len(painted) != 1:
        raise RuntimeError(f"the operator left {len(painted)} painted strips")
    print(f"Demo: strip '{painted[0]}' is painted; rendering the timeline.", flush=True)
    render(scene, plan["film"])
    bpy.ops.wm.save_mainfile()
    result = {"frames": scene.frame_end, "seconds": seconds, "blender": bpy.app.version_string}
    Path(plan["result"]).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    code = 1
    try:
        main(json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8")))
        code = 0
    except Exception:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the 4.5 module hangs when Python ends the usual way
