"""What differs between Blender 4.5 and 5.2, in one place: nothing else in the add-on asks for the version."""

import bpy

RENAMED = bpy.app.version >= (5, 2, 0)  # strip times got new names; the old ones warn and end with 6.0


def sequencer_scene(context: bpy.types.Context) -> bpy.types.Scene:
    """The scene whose timeline the sequencer shows (from 5.0 on not always the window's)."""
    return getattr(context, "sequencer_scene", None) or context.scene


def handles(strip: bpy.types.Strip) -> tuple[int, int]:
    """First frame of the strip on the timeline and the one after its last."""
    if RENAMED:
        return int(strip.left_handle), int(strip.right_handle)
    return int(strip.frame_final_start), int(strip.frame_final_end)


def set_right_handle(strip: bpy.types.Strip, frame: int) -> None:
    """Moves the end of the strip: `frame` is the first that it does not show."""
    setattr(strip, "right_handle" if RENAMED else "frame_final_end", frame)


def content_start(strip: bpy.types.Strip) -> float:
    """The timeline frame at which the strip's content begins, before any trim."""
    return float(strip.content_start if RENAMED else strip.frame_start)


def content_length(strip: bpy.types.Strip) -> int:
    """Number of media frames that the strip can show."""
    return int(strip.content_duration if RENAMED else strip.frame_duration)


def timeline_length(strip: bpy.types.Strip) -> float:
    """How many timeline frames the whole content takes, trims undone; other than its length where the rates differ."""
    start, end = handles(strip)
    if RENAMED:
        return float(strip.content_end - strip.content_start)
    return end - start + strip.frame_offset_start + strip.frame_offset_end


def skipped_frames(strip: bpy.types.Strip) -> int:
    """Media frames cut off before the content begins."""
    return int(strip.content_trim_start if RENAMED else strip.animation_offset_start)
