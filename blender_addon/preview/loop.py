"""Plays the previewed frames, to and fro, over a timeline that stands still."""

import time

import bpy
from bpy.types import Context, Operator

from ..host import versions
from ..later import frames
from ..regions.shown_frames import redraw

# When it began, by the monotonic clock; None: nothing is played.
began: float | None = None
rate = 24.0


def numbers() -> list[int]:
    """The frames that can be played, as the source counts."""
    shown = frames.latest
    return sorted(number for number, picture in shown.pictures.items() if picture.is_finished) if shown else []


def number() -> int | None:
    """The frame that is played now; None if none is."""
    known = numbers()
    if began is None or len(known) < 2:
        return None
    there_and_back = [*known, *known[-2:0:-1]]
    return there_and_back[int((time.monotonic() - began) * rate) % len(there_and_back)]


class PlayPreview(Operator):
    """Play the previewed frames to and fro; press again to stop. The timeline stays where it is"""

    bl_idname = "stylestrip.play_preview"
    bl_label = "Play Preview"

    @classmethod
    def poll(cls, context: Context) -> bool:
        if len(numbers()) < 2:
            cls.poll_message_set("Preview several frames first")
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        global began, rate
        if began is not None:
            stop()
            return {"FINISHED"}
        render = versions.sequencer_scene(context).render
        began, rate = time.monotonic(), render.fps / render.fps_base
        if not bpy.app.timers.is_registered(tick):
            bpy.app.timers.register(tick, first_interval=0.0)
        return {"FINISHED"}


def tick() -> float | None:
    """Shows the next frame."""
    if number() is None:
        stop()
        return None
    redraw()
    return 1 / rate


def stop() -> None:
    """Shows the frame under the playhead again."""
    global began
    began = None
    redraw()


def register() -> None:
    bpy.utils.register_class(PlayPreview)


def unregister() -> None:
    stop()
    bpy.utils.unregister_class(PlayPreview)
