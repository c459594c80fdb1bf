"""All that differs between Blender 4.5 and 5.x. No other file of the add-on asks for Blender's version."""

import bpy
from bpy.types import Context, Scene, Strip

# Blender 5.2 has new names for a strip's times; the old ones warn and go in 6.0.
NEW_STRIP_TIMES = bpy.app.version >= (5, 2, 0)

# Blender 4.5 draws masks without their last pixel, in the upper right corner: it shows what the memory held before.
MASKS_LACK_A_PIXEL = bpy.app.version < (5, 0, 0)

# Until 5.0 modifiers act on the frame with a strip in its place, since then on the strip's own picture, before flips.
MODIFIERS_SEE_THE_FRAME = bpy.app.version < (5, 0, 0)


def sequencer_scene(context: Context) -> Scene:
    """The scene whose strips the video editor shows; since 5.0 it need not be the window's scene."""
    return getattr(context, "sequencer_scene", None) or context.scene


def handles(strip: Strip) -> tuple[int, int]:
    """First visible frame of a strip on the timeline, and the one after its last."""
    if NEW_STRIP_TIMES:
        return strip.left_handle, strip.right_handle
    return strip.frame_final_start, strip.frame_final_end


def set_right_handle(strip: Strip, frame: int) -> None:
    """Ends a strip before `frame`."""
    if NEW_STRIP_TIMES:
        strip.right_handle = frame
    else:
        strip.frame_final_end = frame


def set_left_handle(strip: Strip, frame: int) -> None:
    """Begins a strip at `frame`; its content stays where it is."""
    if NEW_STRIP_TIMES:
        strip.left_handle = frame
    else:
        strip.frame_final_start = frame


def set_content_start(strip: Strip, frame: int) -> None:
    """Moves a strip in time, so that its content begins at `frame`; what is trimmed away stays as long."""
    if NEW_STRIP_TIMES:
        strip.content_start = frame
    else:
        strip.frame_start = frame


def content_span(strip: Strip) -> tuple[float, int]:
    """Where on the timeline a strip's trimmed content begins, and its length in timeline frames."""
    if NEW_STRIP_TIMES:
        return strip.content_start, strip.content_duration
    return strip.frame_start, strip.frame_duration


def content_trim(strip: Strip) -> tuple[int, int]:
    """Frames of the source that are cut off for good at its start and its end."""
    if NEW_STRIP_TIMES:
        return strip.content_trim_start, strip.content_trim_end
    return strip.animation_offset_start, strip.animation_offset_end


def active_strip(context: Context) -> Strip | None:
    """The strip that the sequencer's panels are about."""
    scene = sequencer_scene(context)
    return scene.sequence_editor.active_strip if scene and scene.sequence_editor else None
