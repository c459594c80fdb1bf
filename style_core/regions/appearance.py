"""What an object looks like, and what lies around it: remembered places of frames with known mattes."""

from typing import NamedTuple

import cv2
import numpy as np
import torch

from ..engine.precision import choose_precision, matching

# How many places are remembered of a frame that is known, on the object and off it; of those off it, the share that
# lies nearer than the object is large, where it is needed most.
ON, OFF, NEAR = 700, 1400, 0.7
# Of so many later frames so many places are remembered that are surely not the object, further away from it than this
# share of its size, and so many that surely are, so deep in it. No others: a matte that has gone astray would confirm
# itself.
FRAMES, LATER, SURELY_OFF, SURELY_ON = 3, 300, 0.3, 0.3
# Log-odds for a place that is far nearer to the object's looks than to the others, and what differs by less is noise.
STRENGTH, NOISE = 9.0, 0.05
# What is added to squared distances from the looks in other keyframes than the one that is followed from: a correction
# outdoes the fault that it puts right.
FARTHER = 0.1
# How many places are compared with all others at once: so few that what comes out stays near the processor.
AT_ONCE = 256
# Remembered places are drawn by chance, always the same.
SEED = 3


class Looks(NamedTuple):
    """Remembered vectors."""

    on: np.ndarray
    """(N, C), on the object."""
    off: np.ndarray
    """(N, C), off it."""


class Appearance:
    """Tells by nearest neighbours whether places look like the object or like its surroundings.

    Args:
        frames: how many frames will be remembered for good: of several, less is remembered of each.
    """

    def __init__(self, frames: int = 1) -> None:
        self.share = 2 / (frames + 1)
        self.random = np.random.default_rng(SEED)
        self.known: list[Looks] = []
        self.recent: list[Looks] = []

    def learn(self, features: np.ndarray, matte: np.ndarray) -> None:
        """Remembers a frame for good: features (h, w, C), and its matte (h, w) in 0..1. The first counts the most."""
        on, away, size = matte > 0.5, distance_from(matte), size_of(matte)
        near = self.some(features, ~on & (away < size), round(self.share * NEAR * OFF))
        far = self.some(features, ~on & (away >= size), round(self.share * (1 - NEAR) * OFF))
        inside = self.some(features, on, round(self.share * ON))
        self.known.append(Looks(inside, np.concatenate([near, far])))

    def follow(self, features: np.ndarray, matte: np.ndarray) -> None:
        """Remembers for a while what lies deep in the object in a frame, and what around it."""
        away, depth, size = distance_from(matte), distance_from(1 - matte), size_of(matte)
        on = self.some(features, depth > SURELY_ON * size, LATER)
        off = self.some(features, (away > SURELY_OFF * size) & (away < (1 + SURELY_OFF) * size), LATER)
        self.recent = [*self.recent, Looks(on, off)][-FRAMES:]

    def some(self, features: np.ndarray, where: np.ndarray, count: int) -> np.ndarray:
        """At most so many vectors (N, C) of the places (h, w) bool."""
        places = np.flatnonzero(where)
        if len(places) > count:
            places = self.random.choice(places, count, replace=False)
        return features.reshape(-1, features.shape[-1])[places]

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Log-odds (h, w) that places (h, w, C) belong to the object; 0 where nothing is known of it or the rest."""
        vectors = np.ascontiguousarray(features).reshape(-1, features.shape[-1])
        first, *others = self.known
        memory = [first, *self.recent, *others]
        on, off = np.concatenate([one.on for one in memory]), np.concatenate([one.off for one in memory])
        if not (len(on) and len(off)):
            return np.zeros(features.shape[:2], np.float32)
        to_on, to_off = (
            nearest(vectors, known, sum(len(one[side]) for one in others)) for side, known in enumerate((on, off))
        )
        return STRENGTH * leaning(to_on, to_off).reshape(features.shape[:2])


def nearer(vectors: np.ndarray, on: np.ndarray, off: np.ndarray) -> np.ndarray:
    """How much nearer each vector (N, C) is to the nearest of `on` (M, C) than to that of `off`, (N,) in -1..1; 0 where
    one of them is empty."""
    if not (len(vectors) and len(on) and len(off)):
        return np.zeros(len(vectors), np.float32)
    return leaning(nearest(vectors, on), nearest(vectors, off))


def leaning(to_on: np.ndarray, to_off: np.ndarray) -> np.ndarray:
    """How much shorter distances are to one side than to the other, -1..1."""
    return (to_off - to_on) / (to_off + to_on + NOISE)


def nearest(vectors: np.ndarray, among: np.ndarray, farther: int = 0) -> np.ndarray:
    """Distance of each vector (N, C) from the nearest of (M, C), (N,); the last `farther` of those seem FARTHER."""
    x, y = filled(torch.from_numpy(vectors)), filled(torch.from_numpy(among))
    lengths, turned = (y * y).sum(1), y.T
    if farther:
        lengths[len(among) - farther :] += FARTHER
    with matching(choose_precision("auto", x.device)):
        found = [torch.addmm(lengths, some, turned, alpha=-2).amin(1) for some in x.split(AT_ONCE)]
    return (torch.cat(found) + (x * x).sum(1)).clamp(min=0).sqrt().numpy()[: len(vectors)]


def filled(vectors: torch.Tensor) -> torch.Tensor:
    """Vectors (N, C) with the last of them repeated until there are a multiple of AT_ONCE.

    For every size of a product that it has not met before, torch keeps some MB: there must not be many.
    """
    missing = -len(vectors) % AT_ONCE
    return torch.cat([vectors, vectors[-1:].expand(missing, -1)]) if missing else vectors


def size_of(matte: np.ndarray) -> float:
    """The side of a square as large as the object in a matte (H, W), in pixels, at least 1."""
    return float(np.sqrt(max(1, np.count_nonzero(matte > 0.5))))


def distance_from(matte: np.ndarray) -> np.ndarray:
    """How far each pixel lies outside of a matte (H, W) in 0..1; 0 inside, everywhere far if it is empty."""
    outside = (matte <= 0.5).astype(np.uint8)
    if outside.all():
        return np.full(matte.shape, float(sum(matte.shape)), np.float32)
    return cv2.distanceTransform(outside, cv2.DIST_L2, 3)
