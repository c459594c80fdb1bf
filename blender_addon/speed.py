"""How fast this machine paints, learnt from what it has painted, so that a person is told before the next painting.

It is kept in a small file of the extension's own folder; panels only ask for what is in memory.
"""

import json
import time
from contextlib import suppress
from dataclasses import dataclass

import bpy

from ..style_core.whole import written
from . import jobs
from .host.painted_size import painted_size, source_size
from .later import painting
from .preferences import user_folder

FILE = "speed.json"
SOON = 0.1  # seconds after which the file is read
# How much the newest painting counts against what was known.
FRESH = 0.5
PAINTING = "painting"  # the painter's word for that

known: dict[str, dict[str, float]] = {}
"""By device and precision as they are set: seconds for a pixel and a step, of the first frame and of the others."""


@dataclass
class Watch:
    """A painting that is timed."""

    asked: str
    begun: float
    first: float | None = None
    """How long its first frame took; 0: it was there already."""
    is_told: bool = False


watch: Watch | None = None


def key_of(device: str, precision: str) -> str:
    """By what a speed is known again."""
    return f"{device} {precision}"


def seconds_for(
    settings: bpy.types.PropertyGroup, pixels: int, frames: int, layers: int, kept: int = 0
) -> float | None:
    """How long frames take that are painted with these settings; None where nothing is known.

    Args:
        settings: those of a strip or a node.
        pixels: of a painted frame.
        frames: how many there are.
        layers: how often each of them is painted: once for each region.
        kept: how many are painted already, of all passes together.
    """
    speed = known.get(key_of(settings.device, settings.precision))
    if speed is None or not frames:
        return None
    first = 0.0 if kept else speed.get("first", speed["next"]) * settings.steps
    following = speed["next"] * settings.steps_per_frame * (frames * settings.passes - max(1, kept))
    return (first + following) * pixels * layers


def learn() -> None:
    """Times what is being painted: from the first frame to the second, and how long all others take."""
    global watch
    task = next((one for one in jobs.queue if isinstance(one, painting.Painting) and one.state == "running"), None)
    if task is None or not task.asked or task.stage != PAINTING:
        return
    if watch is None or watch.asked != task.asked:
        # What is gone on with has no first frame of its own.
        watch = Watch(task.asked, time.monotonic()) if task.done == 0 else Watch(task.asked, 0.0, 0.0)
    elif watch.first is None and task.done == 1:
        watch.first = time.monotonic() - watch.begun
    pixels = pixels_of(task)
    if not watch.is_told and watch.first is not None and task.seconds_per_frame and task.done >= 3 and pixels:
        look, motion = task.job.look, task.job.motion
        work = pixels * max(1, len([one for one in task.job.layers if one.is_painted]))
        now = {"next": task.seconds_per_frame / (work * motion.steps)}
        now |= {"first": watch.first / (work * max(1, look.steps))} if watch.first else {}
        note(key_of(task.job.device, task.job.precision), now)
        watch.is_told = True


def note(key: str, now: dict[str, float]) -> None:
    """Keeps a speed, mixed with what was known."""
    before = known.get(key, {})
    known[key] = before | {name: FRESH * one + (1 - FRESH) * before.get(name, one) for name, one in now.items()}
    # What cannot be written is learnt anew the next time.
    with suppress(OSError), written(user_folder() / FILE) as part:
        part.write_text(json.dumps(known), encoding="utf-8")


def pixels_of(task: "painting.Painting") -> int:
    """How many pixels a frame has that is painted for a task; 0 where that is not known."""
    scene = bpy.data.scenes.get(task.scene)
    strip = scene and scene.sequence_editor and scene.sequence_editor.strips_all.get(task.strip)
    width, height = painted_size(source_size(scene, strip), task.job.output.size) if strip else (0, 0)
    return width * height


def read() -> None:
    """Reads what was learnt earlier."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        told = json.loads((user_folder() / FILE).read_text(encoding="utf-8"))
        found = {str(key): {name: float(one[name]) for name in one} for key, one in told.items()}
        known.update({key: one for key, one in found.items() if "next" in one})


def forget() -> None:
    """Removes what was learnt: another painter has another speed."""
    known.clear()
    with suppress(OSError):
        (user_folder() / FILE).unlink(missing_ok=True)


def register() -> None:
    """Learns in a window, where somebody is told."""
    if not bpy.app.background:
        jobs.watchers.append(learn)
        bpy.app.timers.register(read, first_interval=SOON)


def unregister() -> None:
    if learn in jobs.watchers:
        jobs.watchers.remove(learn)
    if bpy.app.timers.is_registered(read):
        bpy.app.timers.unregister(read)
