"""Which frames of its source a strip shows, for panels and overlays: those may neither wait nor open files."""

import math
import time
from contextlib import suppress

import bpy
from bpy.types import Scene, Strip

from ...style_core.job import UserError
from ..host import versions
from ..host.strips import frames_of
from ..host.ways_in import FILES, way_into

# By everything that decides it: the source's frame at every visible frame of the timeline.
known: dict[tuple, list[int]] = {}
# When it was asked for, by the monotonic clock.
asked: dict[tuple, float] = {}
MOST = 64
AGAIN_SECONDS = 2.0  # until what could not be told is asked for again: a lost file may be back


def shown_frames(scene: Scene, strip: Strip) -> list[int]:
    """The source's frame at every frame of the timeline from the strip's left handle on.

    It is empty where that is not known: a moment later it is, and the window is drawn again.
    """
    key = key_of(scene, strip)
    if key not in known and time.monotonic() - asked.get(key, -math.inf) > AGAIN_SECONDS:
        asked[key] = time.monotonic()
        names = scene.name, strip.name
        bpy.app.timers.register(lambda: find(key, *names), first_interval=0.0)
    return known.get(key, [])


def moment_of(scene: Scene, strip: Strip, number: int) -> int | None:
    """The frame of the timeline that first shows this frame of the source; None: there is none, or not yet known."""
    frames = shown_frames(scene, strip)
    return versions.handles(strip)[0] + frames.index(number) if number in frames else None


def key_of(scene: Scene, strip: Strip) -> tuple:
    """All that decides which frames are shown."""
    render = scene.render
    times = versions.handles(strip), versions.content_span(strip)
    if strip.type not in FILES:
        return scene.name, strip.name, times
    path = strip.filepath if strip.type == "MOVIE" else (strip.directory, len(strip.elements))
    pace = strip.use_reverse_frames, strip.strobe, len(strip.retiming_keys), render.fps, render.fps_base
    return scene.name, strip.name, path, times, versions.content_trim(strip), pace, way_into(strip, scene)


def find(key: tuple, scene: str, strip: str) -> None:
    """Finds out what was asked for, and draws the sequencers again."""
    found = bpy.data.scenes.get(scene)
    own = found and found.sequence_editor and found.sequence_editor.strips_all.get(strip)
    if not own:
        return
    for memory in (known, asked):
        while len(memory) >= MOST:
            memory.pop(next(iter(memory)))
    # Where it cannot be told, the panel says why beside the button that paints the strip.
    with suppress(UserError):
        known[key] = frames_of(own, found)
        redraw()


def redraw() -> None:
    """Draws all sequencers again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "SEQUENCE_EDITOR":
                area.tag_redraw()
