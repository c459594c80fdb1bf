"""What an object looks like, and what lies around it: remembered places of frames with known mattes."""

from typing import NamedTuple

import cv2
import numpy as np
import torch

# How many places are remembered of the first frame, and of each later one, on the object and off it; of those off it,
# the share that lies nearer than the object is large, where it is needed most.
FIRST, LATER, NEAR = (700, 1800), (350, 900), 0.7
# Of how many later frames: what was first is never forgotten, or a matte that has gone astray would confirm itself.
FRAMES = 3
# A place of a later frame is remembered if its matte is so sure.
SURE = 0.85
# Log-odds for a place that is far nearer to the object's looks than to the others, and what differs by less is noise.
STRENGTH, NOISE = 9.0, 0.05
# Remembered places are drawn by chance, always the same.
SEED = 3


class Looks(NamedTuple):
    """Remembered vectors."""

    on: np.ndarray
    """(N, C), on the object."""
    off: np.ndarray
    """(N, C), off it."""


class Appearance:
    """Tells by nearest neighbours whether places look like the object or like its surroundings."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(SEED)
        self.known: list[Looks] = []
        self.recent: list[Looks] = []

    def learn(self, features: np.ndarray, matte: np.ndarray) -> None:
        """Remembers a frame for good: features (h, w, C), and its matte (h, w) in 0..1."""
        self.known.append(self.drawn(features, matte, 0.5, FIRST))

    def follow(self, features: np.ndarray, matte: np.ndarray) -> None:
        """Remembers a frame for a while, where the matte is sure."""
        self.recent = [*self.recent, self.drawn(features, matte, SURE, LATER)][-FRAMES:]

    def drawn(self, features: np.ndarray, matte: np.ndarray, sure: float, counts: tuple[int, int]) -> Looks:
        """Places of a frame by chance."""
        away = distance_from(matte)
        size = np.sqrt(max(1, (matte > 0.5).sum()))
        off = matte < 1 - sure
        near, far = off & (away < size), off & (away >= size)
        on = self.some(features, matte > sure, counts[0])
        return Looks(
            on,
            np.concatenate(
                [
                    self.some(features, near, round(NEAR * counts[1])),
                    self.some(features, far, round((1 - NEAR) * counts[1])),
                ]
            ),
        )

    def some(self, features: np.ndarray, where: np.ndarray, count: int) -> np.ndarray:
        """At most so many vectors (N, C) of the places (h, w) bool."""
        places = np.flatnonzero(where)
        if len(places) > count:
            places = self.random.choice(places, count, replace=False)
        return features.reshape(-1, features.shape[-1])[places]

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Log-odds (h, w) that places (h, w, C) belong to the object; 0 where nothing is known of it or the rest."""
        vectors = np.ascontiguousarray(features).reshape(-1, features.shape[-1])
        memory = self.known + self.recent
        on, off = np.concatenate([one.on for one in memory]), np.concatenate([one.off for one in memory])
        if not len(on) or not len(off):
            return np.zeros(features.shape[:2], np.float32)
        to_on, to_off = nearest(vectors, on), nearest(vectors, off)
        return (STRENGTH * (to_off - to_on) / (to_off + to_on + NOISE)).reshape(features.shape[:2])


def nearest(vectors: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Distance of each vector (N, C) from the nearest of (M, C), (N,)."""
    x, y = torch.from_numpy(vectors), torch.from_numpy(among)
    squares = torch.addmm((y * y).sum(1), x, y.T, alpha=-2).amin(1) + (x * x).sum(1)
    return squares.clamp(min=0).sqrt().numpy()


def distance_from(matte: np.ndarray) -> np.ndarray:
    """How far each pixel lies outside of a matte (H, W) in 0..1; 0 inside, everywhere far if it is empty."""
    outside = (matte <= 0.5).astype(np.uint8)
    if outside.all():
        return np.full(matte.shape, float(sum(matte.shape)), np.float32)
    return cv2.distanceTransform(outside, cv2.DIST_L2, 3)
