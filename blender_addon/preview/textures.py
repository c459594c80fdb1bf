"""The pictures that are drawn, in the graphics card's memory; read while the window is not drawn."""

from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import bpy
from bpy.types import Scene, Strip
from gpu.types import GPUTexture

from ..arrays import np
from ..host.screen import is_rendering
from ..regions.shown_frames import redraw
from .display import displayed, found, values_of, view_key
from .upload import Upload

MOST = 16
BETWEEN_PARTS = 0.01  # seconds, in which the window is drawn
AGAIN_SECONDS = 0.5  # until a render may have ended that nothing may disturb

# A file, when it was written, and all that decides its colours on the screen.
Key = tuple


@dataclass
class Read:
    """A picture as the preview shows it."""

    values: np.ndarray | None
    """(H, W, 4) float32; None: it cannot be read, or it is on its way to the card."""
    upload: Upload | None = None
    """Begun when it is first drawn, as only then there is a graphics card to hold it."""
    texture: GPUTexture | None = None
    """There once all of the picture is on the card."""

    def advance(self) -> None:
        """Brings some of it to the card. Only while the window is drawn."""
        if self.values is not None:
            self.upload, self.values = Upload(self.values), None
        if self.upload is not None and (texture := self.upload.advance()):
            self.upload, self.texture = None, texture


known: OrderedDict[Key, Read] = OrderedDict()
# What is about to be read, and the rest of what is being read.
asked: set[Key] = set()
reading: dict[Key, Generator[None, None, np.ndarray]] = {}
# What was last drawn of each thing that is drawn, until its newest picture is read.
drawn: dict[object, Key] = {}


def texture_for(what: object, file: Path, scene: Scene, strip: Strip | None) -> GPUTexture | None:
    """The texture of a file; while that is read, what was drawn of the same thing before it, or None.

    Args:
        what: tells the thing from others.
        file: the newest picture of it.
        scene: whose view it is seen through.
        strip: whose saturation and brightness it gets; None: nobody's.
    """
    key = key_of(file, scene, strip)
    if key is not None and key not in known and key not in asked:
        asked.add(key)
        # Not while the window is drawn: it makes a datablock for a moment.
        names = scene.name, strip and strip.name
        bpy.app.timers.register(lambda: read(key, *names), first_interval=0.0)
    if newest := known.get(key):
        newest.advance()
        if newest.upload is None:
            drawn[what] = key
        else:
            bpy.app.timers.register(redraw, first_interval=0.0)
    if drawn.get(what) not in known:
        return None
    known.move_to_end(drawn[what])
    return known[drawn[what]].texture


def key_of(file: Path, scene: Scene, strip: Strip | None) -> Key | None:
    """By what a picture is known again; None if its file is gone."""
    try:
        written = file.stat().st_mtime_ns
    except OSError:
        return None
    colours = (strip.color_multiply, strip.color_saturation) if strip else ()
    return str(file), written, view_key(scene), *colours


def read(key: Key, scene: str, strip: str | None) -> float | None:
    """Reads a part of a picture, and when all is read draws the sequencers again; the seconds until the next part."""
    if is_rendering():
        return AGAIN_SECONDS
    if key not in asked:  # it was forgotten meanwhile
        return None
    try:
        next(reading.setdefault(key, values_for(Path(key[0]), scene, strip)))
        return BETWEEN_PARTS
    except StopIteration as ended:
        known[key] = Read(ended.value)
    except (RuntimeError, OSError):  # it was removed meanwhile: another one has come
        known[key] = Read(None)
    asked.discard(key)
    del reading[key]
    while len(known) > MOST:
        known.popitem(last=False)
    redraw()
    return None


def values_for(file: Path, scene: str, strip: str | None) -> Generator[None, None, np.ndarray]:
    """What is drawn of a picture, bit by bit; raises as `displayed` does."""
    pixels = yield from displayed(file, *found(scene, strip))
    return (yield from values_of(pixels))


def forget() -> None:
    """Leaves the graphics card."""
    for one in reading.values():
        one.close()
    reading.clear()
    known.clear()
    asked.clear()
    drawn.clear()
