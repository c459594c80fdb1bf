"""Whether a strip's picture is finer than eight bits, or brighter than white: a render of it must keep that."""

from pathlib import Path

import bpy
from bpy.types import Scene, Strip

from .made_of import made_of
from .strips import absolute, files_of
from .ways_in import FILES, USUAL_COLOURS, active_modifiers

# What computes in floats, whatever comes in, as a kind of strip and as a modifier.
IN_FLOATS = "COMPOSITOR"
# Colour spaces in which Blender leaves bytes as they are.
AS_BYTES = (USUAL_COLOURS, "Non-Color")


def is_fine(strip: Strip, scene: Scene, within: tuple[Scene, ...] = ()) -> bool:
    """Whether Blender holds a strip's picture in floats; `within` are the scenes that this one is shown in.

    Raises UserError if a file is missing.
    """
    # In other colours than those of a screen, bytes are other colours too.
    if scene.sequencer_colorspace_settings.name != USUAL_COLOURS:
        return True
    return any(is_in_floats(one, scene, within) for one in made_of(strip, scene))


def is_in_floats(strip: Strip, scene: Scene, within: tuple[Scene, ...]) -> bool:
    """Whether a strip makes floats by itself."""
    if strip.type == IN_FLOATS or any(one.type == IN_FLOATS for one in active_modifiers(strip)):
        return True
    if getattr(strip, "use_float", False):
        return True
    if strip.type in FILES:
        path, names = files_of(strip, scene)
        file = path / names[0] if len(names) > 1 else path
        return strip.colorspace_settings.name not in AS_BYTES or is_float_file(file)
    if strip.type == "MOVIECLIP" and strip.clip:
        return is_float_file(Path(absolute(strip.clip.filepath, scene)))
    if strip.type == "SCENE":
        return is_fine_scene(strip, (*within, scene))
    return False


def is_fine_scene(strip: Strip, within: tuple[Scene, ...]) -> bool:
    """Whether a scene strip shows what is rendered, or strips that are fine; a scene within itself shows no more."""
    shown = strip.scene
    if shown in within:
        return False
    if shown and strip.scene_input == "CAMERA":
        return True
    editor = shown.sequence_editor if shown else None
    return bool(editor) and any(is_fine(one, shown, within) for one in editor.strips if one.type != "SOUND")


def is_float_file(path: Path) -> bool:
    """Whether Blender reads a film or picture as floats: it has more than eight bits. One that is missing has none."""
    if not path.is_file():
        return False
    image = bpy.data.images.load(str(path))
    try:
        return image.is_float
    finally:
        bpy.data.images.remove(image)
