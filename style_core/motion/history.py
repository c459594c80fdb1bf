"""What a frame takes over from the painted frames before it."""

import math
from collections import deque
from copy import copy
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from ..job import Motion
from ..media.frame import rounded
from ..regions.matte import PAINTED
from .consistency import parted, sight, smooth
from .cuts import contrast
from .flow import Flows
from .flows import Shot
from .light import Light
from .palette import in_paints_colours
from .warp import at, grid, inside, warp

# A pixel of which less than this was seen before is painted anew.
COVERED = 0.5
# Paint that has been in sight for so many frames is as strong as any; younger paint may still change, and is trusted
# less the younger it is: what comes in at a border, a line of pixels at a time, is too little to be painted well at
# once, and held as it is, it would stay as pale for ever.
MATURE = 12
# For so many frames it is painted by itself, beside the frame's own steps.
YOUNG = 4
# How fast paint finds back to the brightness that it has beside the film, as the light changes: this much for a light
# that changes by the whole of itself.
FINDS_BACK = 4.0
# What is smaller is no gap in the paint.
GAP = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Finished:
    """A painted frame, and what it was painted from."""

    shot: Shot
    painted: np.ndarray
    """(H, W, 3) in 0..255."""
    mask: np.ndarray | None = None
    """A region and its surroundings, (H, W) in 0..1: there is paint where it is at least PAINTED. None: everywhere."""
    age: np.ndarray | None = None
    """How many frames before it each pixel came into sight, at most MATURE, (H, W) uint8; None: long ago."""

    @property
    def is_painted(self) -> np.ndarray:
        """Where there is paint, (H, W) bool."""
        return np.ones(self.painted.shape[:2], bool) if self.mask is None else self.mask >= PAINTED


class Tone(NamedTuple):
    """By how much the paint of a shot's first frame is lighter and more colourful than what it shows."""

    difference: np.ndarray
    """Mean of paint less source, (3,) in -255..255."""
    contrast: float
    """Of the source, its standard deviation in 0..255."""

    def of(self, frame: np.ndarray) -> np.ndarray:
        """What the difference shall be for another frame (H, W, 3) uint8 of the shot: less in a light that is weaker,
        as black stays black; and in one that is stronger, as what a dark frame lacks in contrast a bright one has."""
        now = contrast(frame)
        return self.difference * min(now, self.contrast) / max(now, self.contrast, 1.0)


def tone_of(first: Finished) -> Tone:
    """The tone of a shot that begins with this frame."""
    where = first.is_painted
    difference = first.painted[where].astype(np.float32) - first.shot.rgb[where]
    return Tone(difference.mean(0) if len(difference) else np.zeros(3, np.float32), contrast(first.shot.rgb))


class Moved(NamedTuple):
    """A painted frame at the places of now."""

    paint: np.ndarray
    """(H, W, 3) float32 in 0..255, in the light of now."""
    seen: np.ndarray
    """How far it was in sight, (H, W) in 0..1."""
    trusted: np.ndarray
    """How far it is to be trusted, (H, W) in 0..1."""
    same: np.ndarray
    """(H, W) bool: where whole patches have the colours of now, whatever the flows say."""
    looks: np.ndarray
    """How far each pixel has the colours of now, (H, W) in 0..1."""
    age: np.ndarray
    """How many frames ago each pixel came into sight, at most MATURE, (H, W) uint8."""
    backward: np.ndarray
    """Flow from now to then, (H, W, 2) in pixels."""


@dataclass(frozen=True)
class Carried:
    """Earlier paint, moved to where its things are now."""

    paint: np.ndarray
    """(H, W, 3) of the content's type: each pixel from the nearest frame in which it is seen; the content in the
    paint's colours where there is none."""
    fresh: np.ndarray
    """(H, W) bool: what was in none of them."""
    target: np.ndarray
    """(H, W, 3) float32 in 0..255: what the temporal loss compares with."""
    trust: np.ndarray
    """(H, W) float32 in 0..1: how far that is to be trusted."""
    age: np.ndarray
    """(H, W) uint8: how many frames ago it came into sight, at most MATURE."""

    @property
    def young(self) -> np.ndarray:
        """(H, W) bool: what came into sight so few frames ago that its paint has only been begun."""
        return self.age < YOUNG


class History:
    """The frames that were painted last, back to as far as the job looks back.

    Args:
        motion: how far that is.
        flows: between frames.
    """

    def __init__(self, motion: Motion, flows: Flows) -> None:
        self.distances = sorted({1, *motion.long_term})
        self.flows = flows
        self.first: Finished | None = None
        self.tone: Tone | None = None
        self.frames: deque[Finished] = deque(maxlen=self.distances[-1])

    @property
    def reach(self) -> int:
        """How many frames back one must go to know all of it: how old paint is depends on frames before them."""
        return self.distances[-1] + MATURE

    @property
    def last(self) -> Finished | None:
        """The frame that was painted last, if the chain goes on from it."""
        return self.frames[-1] if self.frames else None

    def begin(self, first: Finished) -> None:
        """Tells what the shot begins with, whose strength and brightness its frames shall have."""
        self.first, self.tone = first, None

    def add(self, finished: Finished) -> None:
        """A frame is done, and the next one may take over its paint."""
        self.frames.append(finished)

    def fork(self) -> "History":
        """Another history that goes on from the same frames."""
        other = copy(self)
        other.frames = self.frames.copy()
        return other

    def cut(self) -> None:
        """Forgets all: what comes is another shot."""
        self.frames.clear()
        self.first = self.tone = None

    def looked_back_to(self) -> list[Finished]:
        """The frames at the wanted distances, from the nearest."""
        return [self.frames[-distance] for distance in self.distances if distance <= len(self.frames)]

    def expect(self, now: Shot | None, coming: Shot) -> None:
        """Begins to find the flow that frame `coming` will need, while `now`, if there is one, is being painted."""
        shots = [*(finished.shot for finished in self.frames), *([now] if now else [])]
        for distance in self.distances:
            if distance <= len(shots):
                self.flows.ahead(coming, shots[-distance])

    def carry(self, shot: Shot, content: np.ndarray) -> Carried:
        """The paint for a frame, composed of the earlier ones; `content` (H, W, 3) stands where there is
        none, in the paint's colours.

        The weights are those of the long-term consistency of Ruder et al. 2016 (eq. 9): what a nearer frame knows is
        not asked of a farther one.
        """
        height, width = shot.rgb.shape[:2]
        paint = content.astype(np.float32)
        covered = np.zeros((height, width), bool)
        target, trust = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
        moved = [self.moved(shot, earlier) for earlier in self.looked_back_to()]
        seam = parted(moved[0].backward, moved[0].seen < COVERED) if moved else np.zeros_like(covered)
        for earlier in moved:
            new = (earlier.seen >= COVERED) & ~covered
            paint[new], covered = earlier.paint[new], covered | new
            own = np.maximum(earlier.trusted - trust, 0)
            target, trust = target + own[..., None] * earlier.paint, trust + own
        # On a smooth thing that stretches, flows never agree; begun anew at every frame it would stay as pale as the
        # source. Where the colours agree it begins with the paint, which is not held there; but not where things part:
        # the paint of one would be drawn out over what comes into sight beside it, and trail behind it for good.
        for earlier in moved:
            new = earlier.same & ~covered & ~seam
            paint[new], covered = earlier.paint[new], covered | new
        paint = np.where(covered[..., None], paint, in_paints_colours(content, paint, covered))
        target = target / np.maximum(trust, 1e-6)[..., None]
        # A gap of a pixel or two is a doubt about the flow, and would be a dot in the paint; not so at the border, and
        # where things part, which may go on for many frames, a line at a time.
        around = np.pad((~covered).astype(np.uint8), 1, constant_values=1)
        fresh = cv2.morphologyEx(around, cv2.MORPH_OPEN, GAP)[1:-1, 1:-1].astype(bool) | (seam & ~covered)
        age = np.full((height, width), MATURE, np.uint8)
        if moved:
            nearest, gaps = moved[0], ~covered & ~fresh
            # But what looks otherwise now is no doubt: a thin thing has gone, and would stay behind as a line.
            doubts = gaps & (nearest.looks >= COVERED)
            paint[doubts] = nearest.paint[doubts]
            followed = gaps | nearest.same | (nearest.seen >= COVERED)
            age[followed] = np.minimum(nearest.age[followed], MATURE)
        age[fresh] = 0
        trust = np.square(age / np.float32(MATURE)) * trust
        return Carried(rounded(paint, content.dtype), fresh, target, trust, age)

    def moved(self, shot: Shot, earlier: Finished) -> Moved:
        """Earlier paint at the places of now."""
        backward, forward = self.flows.between(shot, earlier.shot)
        places = grid(backward) + backward
        # Half a pixel beyond the border there is no paint: in a slow pan it would be drawn out into streaks.
        within = inside(places, 0.0)
        if earlier.mask is not None:  # what was not painted is no paint
            within = within & (at(earlier.mask, places) >= PAINTED)
        found = sight(forward, backward, earlier.shot.rgb, shot.rgb)
        seen = within * found.seen
        age = np.full(seen.shape, MATURE, np.uint8)
        if earlier.age is not None:
            age = cv2.remap(earlier.age, places, None, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE) + 1
        paint = self.toned(found.light.on(warp(earlier.painted.astype(np.float32), backward)), shot, seen, found.light)
        # An estimate is not to be trusted where one motion ends and another begins; what a scene knows is right there.
        trusted = seen if self.flows.is_exact else np.minimum(seen, smooth(backward))
        return Moved(paint, seen, trusted, within & found.same, found.looks, age, backward)

    def toned(self, paint: np.ndarray, shot: Shot, seen: np.ndarray, light: Light) -> np.ndarray:
        """Paint in the light of now, in 0..255, with the mean colour that it shall have beside the film.

        Only where the light has changed: otherwise what it is, it is by painting.
        """
        share = min(1.0, FINDS_BACK * abs(math.log(light.gain)))
        if self.first is None or not share or not seen.any():
            return paint.clip(0, 255)
        self.tone = self.tone or tone_of(self.first)
        difference = ((paint - shot.rgb) * seen[..., None]).sum((0, 1)) / seen.sum()
        return (paint + share * (self.tone.of(shot.rgb) - difference)).clip(0, 255)
