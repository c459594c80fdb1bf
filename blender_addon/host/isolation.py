"""One strip alone: the frames that Blender makes of it, as pictures with alpha."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import bpy
from bpy.types import ImageFormatSettings, Scene, Strip

from ...style_core.job import frame_name
from .half_done import folder_for
from .keys import drop_keys, own_keys
from .made_of import lies_below
from .own_modifier import before_paint, is_paint_modifier
from .projections import frame_size, size_of, with_metas
from .screen import Screen, screen
from .ways_in import (
    BLENDING,
    COLOURS,
    LINEAR_COLOURS,
    PLACING,
    WayIn,
    active_modifiers,
    masks_of,
    shown_by,
    speed_effects_of,
)

# How the files of frames end: of 8 bits, and of light. Blender's own floats are kept to the last digit, so that what is
# not painted is as it was.
BYTES, LIGHT = ".png", ".exr"
# Where a frame lies that Blender is still writing: each render has its own, as two may make the same frames at once.
UNFINISHED = "rendering"


def render_missing(
    scene: Scene, strip: Strip, way: WayIn, folder: Path, left: int, numbers: range, ending: str
) -> Iterator[int]:
    """Renders the frames of a strip that are not in `folder` yet; gives after every frame how many are there.

    Args:
        scene: the scene of the strip.
        strip: what is rendered, with what it is made of, and nothing else.
        way: whether the frames show the strip in its place.
        folder: for `000001.png`, `000002.png`, ..., of a strip that begins with frame 1. A frame is complete or not
            there at all.
        left: the strip's first frame on the timeline.
        numbers: the frames that are wanted, from 1.
        ending: BYTES for RGBA of 8 bits, display-referred, alpha not multiplied in; LIGHT for RGBA of floats,
            scene-linear with the primaries of Rec.709, alpha multiplied in.

    Raises:
        UserError: Blender is rendering already, or cannot.
        OSError: the folder cannot be written.
    """
    with isolated(scene, strip, way) as own, unfinished_in(folder) as unfinished:
        set_format(own.scene.render.image_settings, ending)
        own.scene.render.filepath = f"{unfinished}/"
        for number in numbers:
            file = folder / frame_name(number, ending)
            if not file.is_file():
                own.file(left + number - 1).replace(file)
            yield number


def unfinished_in(folder: Path) -> AbstractContextManager[Path]:
    """A place of one's own on the disk of a folder, which is gone afterwards."""
    # A second Blender has its temporary files there already, and they go with it even if it is killed.
    temporary = Path(gettempdir())
    return folder_for(UNFINISHED, temporary if temporary.is_relative_to(folder) else folder)


def set_format(file: ImageFormatSettings, ending: str) -> None:
    """Has frames written as files of that ending."""
    if ending == BYTES:
        file.file_format, file.color_mode, file.color_depth = "PNG", "RGBA", "8"
        return
    file.file_format, file.color_mode, file.color_depth, file.exr_codec = "OPEN_EXR", "RGBA", "32", "ZIP"
    # Whatever the file computes in.
    file.color_management, file.linear_colorspace_settings.name = "OVERRIDE", LINEAR_COLOURS


def render_all(
    scene: str, strip: str, way: dict[str, Any], folder: str, left: int, first: int, last: int, ending: str
) -> None:
    """The same for a strip that is named, from one frame to another; the way is given by its fields."""
    own = bpy.data.scenes[scene]
    one = own.sequence_editor.strips_all[strip]
    for _ in render_missing(own, one, WayIn(**way), Path(folder), left, range(first, last + 1), ending):
        pass


@contextmanager
def isolated(scene: Scene, strip: Strip, way: WayIn) -> Iterator[Screen]:
    """A copy of the scene that shows one strip alone, in its place or unplaced; it is gone afterwards."""
    size = frame_size(scene) if way.covers_frame else size_of(strip, scene)
    # Blender takes the keys of strips away with them, and a copied scene shares them with the first one.
    with screen(size, scene) as own, own_keys(own.scene):
        take_out_of_metas(own.scene, strip.name)
        twin = own.scene.sequence_editor.strips_all[strip.name]
        shown = shown_by(twin, own.scene)
        drop_keys(own.scene, shown, BLENDING)
        show_only(own.scene, shown)
        if not way.is_placed:
            drop_keys(own.scene, twin, PLACING)
            straighten(twin)
        mute_modifiers(own.scene, twin, way)
        yield own


def mute_modifiers(scene: Scene, twin: Strip, way: WayIn) -> None:
    """Mutes the modifiers of a strip that are no part of what is painted, and takes from the speed effects that it is
    shown through what they do to its picture, where the paint goes below that."""
    muted = [one for one in twin.modifiers if is_paint_modifier(one)]
    muted += [] if way.is_placed else masks_of(twin)
    if way.within:  # what comes after the paint changes that once it is there
        before = before_paint(twin)
        muted += [one for one in twin.modifiers if one not in before]
    for effect in speed_effects_of(twin, scene) if way.within else ():
        drop_keys(scene, effect, (*PLACING, *COLOURS))
        straighten(effect)
        effect.color_saturation = effect.color_multiply = 1
        muted += active_modifiers(effect)
    for modifier in muted:
        modifier.mute = True


def take_out_of_metas(scene: Scene, name: str) -> None:
    """Dissolves the metas around a strip, which keeps its frames: what they do to it is no part of it."""
    strips = scene.sequence_editor.strips
    while len(chain := with_metas(scene.sequence_editor.strips_all[name])) > 1:
        # What is in the way would push the strips of the meta elsewhere.
        while neighbours := [other for other in strips if other != chain[-1]]:
            strips.remove(neighbours[0])
        chain[-1].separate()


def show_only(scene: Scene, shown: Strip) -> None:
    """Shows one strip as it is and, where it shows what lies below it, that too."""
    for other in scene.sequence_editor.strips:
        other.mute = not lies_below(other, shown)
    shown.mute = False
    # Over nothing, with which any other blending would multiply its colours and round them.
    shown.blend_type, shown.blend_alpha = "REPLACE", 1


def straighten(strip: Strip) -> None:
    """Takes from a strip all that changes where and how strongly its own picture is seen."""
    strip.transform.scale_x = strip.transform.scale_y = 1
    strip.transform.offset_x = strip.transform.offset_y = strip.transform.rotation = 0
    strip.crop.min_x = strip.crop.max_x = strip.crop.min_y = strip.crop.max_y = 0
    strip.use_flip_x = strip.use_flip_y = False
    strip.blend_alpha = 1
