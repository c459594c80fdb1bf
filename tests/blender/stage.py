"""What the scripts in this folder share: the add-on switched on, a small scene, and a result written down."""

import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import bpy

EXTENSION = "bl_ext.user_default.stylestrip"
NEW_NAMES = bpy.app.version >= (5, 2, 0)
LEFT, RIGHT = ("left_handle", "right_handle") if NEW_NAMES else ("frame_final_start", "frame_final_end")
TRIM = ("content_trim_start", "content_trim_end") if NEW_NAMES else ("animation_offset_start", "animation_offset_end")
START = "content_start" if NEW_NAMES else "frame_start"
NAMES = {"left": LEFT, "right": RIGHT, "trim_start": TRIM[0], "trim_end": TRIM[1]}


def enable() -> None:
    """Switches the add-on on; the modules forget that between runs."""
    bpy.ops.preferences.addon_enable(module=EXTENSION)


def new_scene(name: str = "Film", width: int = 96, height: int = 64) -> bpy.types.Scene:
    """An empty sequencer whose colours are those of its strips."""
    scene = bpy.data.scenes.new(name)
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = width, height, 100
    scene.render.fps = 24
    scene.view_settings.view_transform = "Standard"
    scene.sequence_editor_create()
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format, settings.color_mode = "PNG", "RGBA"
    show(scene)
    return scene


def show(scene: bpy.types.Scene) -> None:
    """Makes a scene the one that the sequencer works on."""
    bpy.context.window_manager.windows[0].scene = scene
    if hasattr(bpy.context.workspace, "sequencer_scene"):
        bpy.context.workspace.sequencer_scene = scene


def change(strip: bpy.types.Strip, **values: object) -> bpy.types.Strip:
    """Sets properties in this order; handles and trims by names that hold in every version."""
    for name, value in values.items():
        setattr(strip, NAMES.get(name, name), value)
    return strip


def length_of_effect(start: int, length: int) -> dict[str, int]:
    """How long a new effect strip is: before 5.0 Blender asks for its end."""
    return {"length": length} if bpy.app.version >= (5, 0, 0) else {"frame_end": start + length}


def put_into_meta(scene: bpy.types.Scene, strip: bpy.types.Strip) -> None:
    """Moves a strip into a meta strip, as Ctrl-G does."""
    meta = scene.sequence_editor.strips.new_meta("Meta", 3, getattr(strip, LEFT))
    strip.move_to_meta(meta)
    change(meta, left=getattr(strip, LEFT), right=getattr(strip, RIGHT))


def render(scene: bpy.types.Scene, first: int, last: int, folder: Path) -> None:
    """Renders frames of the timeline to folder/0001.png and so on."""
    scene.frame_start, scene.frame_end = first, last
    scene.render.filepath = f"{folder}/"
    bpy.ops.render.render(animation=True, scene=scene.name)


def plan() -> dict:
    """What the test asks for."""
    return json.loads(Path(sys.argv[-1]).read_text())


def perform(play: Callable[[dict], dict]) -> None:
    """Runs a script's `play` with its plan, writes down what it returns, and ends this Blender."""
    code = 9
    try:
        Path(plan()["result"]).write_text(json.dumps(play(plan())))
        code = 0
    except Exception:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the 4.5 module hangs when Python ends the usual way
