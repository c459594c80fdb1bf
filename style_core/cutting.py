"""An object cut out of one picture of a clip while a person draws: the last picture stays at hand for the next cut."""

import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .identity import identity
from .job import Source, UserError
from .media.clip import open_clip
from .media.frame import resize
from .media.pictures import write_grey
from .regions.features import Features
from .regions.finding import read_matte
from .regions.grabcut import Cutout
from .setting import Checked, require_file, setting
from .whole import write_bytes

# Longer side of an overlay, at most: a window shows no more, and it has to become a texture at once.
OVERLAY_SIDE = 960


@dataclass(frozen=True)
class Stroke(Checked):
    """What a person has painted over with a round brush."""

    points: tuple[tuple[float, float], ...] = ()
    """x and y of each, in pixels of the picture from its upper left corner."""
    radius: float = setting(1.0, "Radius", "Half of the brush's width", low=0.0, high=1.6e4, unit="pixels")
    keep: bool = True
    """Whether it belongs to the object."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for point in self.points:
            require_numbers(point, 2, "A point of a stroke", "x and y")
        if not self.points:
            raise UserError("A stroke has no points: give it at least one, x and y.")


@dataclass(frozen=True)
class Cut(Checked):
    """What shall be cut out of which picture."""

    source: Source = field(default_factory=Source)
    frame: int = setting(1, "Frame", "The picture of the source, from 1", low=1)
    rectangle: tuple[float, ...] | None = None
    """x, y, width and height of what the object lies in, in pixels from the upper left corner."""
    strokes: tuple[Stroke, ...] = ()
    begin: str = ""
    """A matte that is to be corrected by the strokes, where there is no rectangle."""
    overlay: str = ""
    """A PGM to write, small, for quick display; empty: none."""
    matte: str = ""
    """A PNG to write at full size; empty: none."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rectangle is not None:
            require_numbers(self.rectangle, 4, "The rectangle", "x, y, width and height")


def require_numbers(values: tuple[float, ...], count: int, what: str, names: str) -> None:
    """Raises UserError unless these are so many numbers, and all of them finite."""
    if len(values) != count or not all(map(math.isfinite, values)):
        raise UserError(f"{what} is {list(values)}: give {names}, in pixels.")


class Cutter:
    """Cuts objects out of pictures; as long as the picture is the same, it is not read and looked at again."""

    def __init__(self) -> None:
        # What tells the picture at hand from others; it, and what sees its places alike.
        self.name: tuple[object, ...] = ()
        self.rgb, self.eye = np.zeros((0, 0, 3), np.uint8), Features()
        # What the cut-out was begun from: its rectangle, or the matte that is corrected.
        self.begun: tuple[object, ...] = ()
        self.cutout: Cutout | None = None

    def cut(self, cut: Cut) -> dict[str, Any]:
        """Cuts, writes what is wanted, and tells what there is to tell about it.

        Raises:
            UserError: the picture or the matte to begin from cannot be read, they do not fit, the rectangle lies
                outside, or nothing can be written.
        """
        since = time.monotonic()
        if cut.begin:
            require_file(cut.begin, "matte to begin from")
        cutout = self.prepared(cut)
        cutout.strokes.clear()
        for stroke in cut.strokes:
            cutout.draw_stroke(stroke.points, stroke.radius, stroke.keep)
        matte = cutout.matte()
        if cut.overlay:
            write_bytes(Path(cut.overlay), graymap(matte))
        if cut.matte:
            write_grey(Path(cut.matte), matte)
        return {
            "overlay": cut.overlay,
            "matte": cut.matte,
            "size": list(matte.shape[::-1]),
            "share": float(matte.mean()) / 255,
            "seconds": round(time.monotonic() - since, 3),
        }

    def prepared(self, cut: Cut) -> Cutout:
        """The object as it is before any stroke."""
        name = cut.source.path, cut.source.files, cut.frame, written(cut.source, cut.frame)
        if name != self.name:
            self.name, self.cutout = (), None
            self.rgb, self.eye = read(cut.source, cut.frame), Features()
            self.name = name
        begun = cut.rectangle, cut.begin, identity(Path(cut.begin)) if cut.begin else ""
        if self.cutout is None or begun != self.begun:
            self.cutout = self.begin(cut)
            self.begun = begun
        return self.cutout

    def begin(self, cut: Cut) -> Cutout:
        """The object by its rectangle, or else by the matte that it begins from."""
        cutout = Cutout(self.rgb, features=self.eye)
        if cut.rectangle:
            cutout.draw_rectangle(cut.rectangle)
        elif cut.begin:
            cutout.begin(read_matte(cut.begin, self.rgb.shape[1::-1]))
        return cutout


def read(source: Source, frame: int) -> np.ndarray:
    """A picture of a clip, (H, W, 3) uint8; raises UserError if there is none such."""
    source.require_inputs()
    clip = open_clip(source.path, source.files)
    if frame > clip.count:
        raise UserError(
            f"Frame {frame} is to be cut, but '{source.path}' has {clip.count} (1-{clip.count}): choose one within it."
        )
    return clip.read(frame).seen


def written(source: Source, frame: int) -> tuple[int, ...]:
    """What tells whether a clip's file was written again: when each of those that hold a frame was."""
    places = [Path(source.path), *(Path(source.path) / name for name in source.files[frame - 1 : frame])]
    return tuple(place.stat().st_mtime_ns for place in places if place.exists())


def graymap(matte: np.ndarray) -> bytes:
    """A matte (H, W) uint8 as a binary PGM, with a longer side of OVERLAY_SIDE pixels at most."""
    factor = min(1.0, OVERLAY_SIDE / max(matte.shape))
    width, height = (max(1, round(side * factor)) for side in matte.shape[::-1])
    small = matte if factor == 1 else resize(matte, width, height)
    return b"P5\n%d %d\n255\n" % (width, height) + small.tobytes()
