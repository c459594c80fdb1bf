"""Which frames of its source a strip shows, for panels and overlays: those may neither wait nor open files."""

import bpy
from bpy.types import Scene, Strip

from ...style_core.job import UserError
from ..host import versions
from ..host.strips import source_of

# By everything that decides it: the source's frame at every visible frame of the timeline. Empty: it cannot be told.
known: dict[tuple, list[int]] = {}
asked: set[tuple] = set()
MOST = 64


def shown_frames(scene: Scene, strip: Strip) -> list[int]:
    """The source's frame at every frame of the timeline from the strip's left handle on.

    It is empty where that is not known: a moment later it is, and the window is drawn again.
    """
    key = key_of(scene, strip)
    if key not in known and key not in asked:
        asked.add(key)
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
    times = versions.handles(strip), versions.content_span(strip), versions.content_trim(strip)
    path = strip.filepath if strip.type == "MOVIE" else (strip.directory, len(strip.elements))
    pace = strip.use_reverse_frames, strip.strobe, len(strip.retiming_keys), render.fps, render.fps_base
    return scene.name, strip.name, path, times, pace


def find(key: tuple, scene: str, strip: str) -> None:
    """Finds out what was asked for, and draws the sequencers again."""
    asked.discard(key)
    found = bpy.data.scenes.get(scene)
    own = found and found.sequence_editor and found.sequence_editor.strips_all.get(strip)
    while len(known) >= MOST:
        known.pop(next(iter(known)))
    try:
        known[key] = source_of(own, found)[1] if own else []
    except UserError:
        known[key] = []  # the panel says why where it offers to paint the strip
    redraw()


def redraw() -> None:
    """Draws all sequencers again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "SEQUENCE_EDITOR":
                area.tag_redraw()
