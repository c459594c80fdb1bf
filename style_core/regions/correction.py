"""Strokes change a matte near them, and leave the rest of it."""

import cv2
import numpy as np

from .appearance import distance_from, nearer, size_of
from .edges import graph_cut
from .reduction import fitted
from .sides import colours

# How far strokes reach, as a share of the object's size, and as a multiple of how thick they are.
REACH, THICK = 0.3, 3.0
# Log-odds of the matte as it was, where a stroke reaches it least; of what looks like one side alone, and of colours.
WAS, ALIKE, COLOUR = 2.0, 10.0, 0.5
# What a stroke, or the matte out of reach, says is certain.
CERTAIN = 50.0
# Places that a stroke reaches more than this do not tell what their side looks like: they may be on the other. A place
# under a stroke tells as much as so many others.
IN_DOUBT, TEACHES = 0.4, 20.0
# How many places tell what each side looks like, at most.
MOST_PLACES = 1500


def corrected(matte: np.ndarray, said: np.ndarray, rgb: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """A matte that is what strokes say, and follows them in what is around them and looks alike, (h, w) in 0..1.

    Args:
        matte: (h, w) in 0..1, as it was.
        said: 1 where strokes say object, -1 where they say background, (h, w).
        rgb: (h, w, 3) uint8.
        vectors: what places look like, of any size, (H, W, C).
    """
    was = matte > 0.5
    freed = reached(was, said)
    before = np.where(was, 1, -1) * np.where(freed > 0, WAS * (1 - freed), CERTAIN)
    labels = np.where(said != 0, said > 0, was).astype(np.float32)
    weights = np.where(said != 0, TEACHES, freed <= IN_DOUBT).astype(np.float32)
    alike = ALIKE * looks(vectors, labels, weights, freed > 0) + COLOUR * colours(rgb, labels, weights)
    cut = graph_cut(np.where(said != 0, CERTAIN * said, before + alike).astype(np.float32), rgb)
    return np.where(touched((cut > 0.5) != was, said), cut, matte).astype(np.float32)


def reached(was: np.ndarray, said: np.ndarray) -> np.ndarray:
    """How far strokes reach each place that they may change, (h, w): 1 beside one, falling to 0."""
    freed = np.zeros(was.shape, np.float32)
    for side in (1, -1):
        told = said == side
        if told.any():
            thick = float(cv2.distanceTransform(told.astype(np.uint8), cv2.DIST_L2, 3).max())
            reach = REACH * size_of(np.maximum(was, said > 0)) + THICK * thick
            near = np.clip(1 - distance_from(told.astype(np.float32)) / reach, 0, 1)
            freed = np.maximum(freed, np.where(was == (side > 0), 0, near))
    return freed


def looks(vectors: np.ndarray, labels: np.ndarray, weights: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Which side places look like, (h, w) in -1..1, by the nearest vectors of each; 0 where one of them is missing.

    Args:
        vectors: of any size, (H, W, C).
        labels: (h, w) in 0..1.
        weights: (h, w): those that are above 1 teach in any case, and of those above 0.5 so many as are needed.
        asked: (h, w) bool, the places that are to be told; of the others nothing is said.
    """
    grid = vectors.shape[:2]
    flat, on, counts = vectors.reshape(-1, vectors.shape[-1]), *(fitted(one, grid).ravel() for one in (labels, weights))
    sides = []
    for mine in (on > 0.5, on <= 0.5):
        some = np.flatnonzero(mine & (counts > 0.5) & (counts <= 1))
        some = some[:: -(-len(some) // MOST_PLACES) or 1]
        sides.append(flat[np.concatenate([some, np.flatnonzero(mine & (counts > 1))])])
    places = np.flatnonzero(fitted(asked, grid) > 0)
    result = np.zeros(len(flat), np.float32)
    result[places] = nearer(flat[places], *sides)
    return fitted(result.reshape(grid), labels.shape)


def touched(changed: np.ndarray, said: np.ndarray) -> np.ndarray:
    """The pieces of what has changed that strokes touch, and the pixels around them, (h, w) bool."""
    around = np.ones((3, 3), np.uint8)
    _, labels = cv2.connectedComponents(cv2.dilate((changed | (said != 0)).astype(np.uint8), around))
    names = np.unique(labels[said != 0])
    pieces = np.isin(labels, names[names > 0]) & (changed | (said != 0))
    return cv2.dilate(pieces.astype(np.uint8), around).astype(bool)
