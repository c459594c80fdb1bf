"""Strokes change a matte near them, and leave the rest of it."""

import cv2
import numpy as np

from .appearance import distance_from, size_of
from .edges import graph_cut
from .reduction import fitted
from .sides import colours, regression

# How far strokes reach, as a share of the object's size, and as a multiple of how thick they are.
REACH, THICK = 0.3, 3.0
# Log-odds of the matte as it was, where a stroke reaches it least; of the regression, and of colours.
WAS, MODEL, COLOUR = 3.0, 3.0, 0.5
# What a stroke, or the matte out of reach, says is certain.
CERTAIN = 50.0
# A place under a stroke teaches as much as so many others.
TEACHES = 20.0


def corrected(matte: np.ndarray, said: np.ndarray, rgb: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """A matte that is what strokes say, and follows them in what is around them and looks alike, (h, w) in 0..1.

    Args:
        matte: (h, w) in 0..1, as it was.
        said: 1 where strokes say object, -1 where they say background, (h, w).
        rgb: (h, w, 3) uint8.
        vectors: what places look like, of any size, (H, W, C).
    """
    was = matte > 0.5
    freed = np.zeros(was.shape, np.float32)  # 1 beside a stroke that says otherwise, 0 out of its reach
    for side in (1, -1):
        told = said == side
        if told.any():
            reach = REACH * size_of(np.maximum(was, said > 0)) + THICK * thickness(told)
            near = np.clip(1 - distance_from(told.astype(np.float32)) / reach, 0, 1)
            freed = np.maximum(freed, np.where(was == (side > 0), 0, near))
    before = np.where(was, 1, -1) * np.where(freed > 0, WAS * (1 - freed), CERTAIN)
    fixed = np.where(said != 0, CERTAIN * said, before).astype(np.float32)
    labels = np.where(said != 0, said > 0, was).astype(np.float32)
    # What is in doubt teaches nothing, or it would stay what it was.
    weights = np.where(said != 0, TEACHES, np.where(freed > 0, 0, 1)).astype(np.float32)
    grid = vectors.shape[:2]
    learned = regression(vectors, fitted(labels, grid), fitted(weights, grid))
    alike = MODEL * fitted(learned, was.shape) + COLOUR * colours(rgb, labels, weights)
    cut = graph_cut(fixed + np.where(said != 0, 0, alike), rgb)
    return np.where(touched((cut > 0.5) != was, said), cut, matte).astype(np.float32)


def thickness(told: np.ndarray) -> float:
    """Half of the width of strokes (h, w), in pixels."""
    return float(cv2.distanceTransform(told.astype(np.uint8), cv2.DIST_L2, 3).max())


def touched(changed: np.ndarray, said: np.ndarray) -> np.ndarray:
    """The pieces of what has changed that strokes touch, and the pixels around them, (h, w) bool."""
    around = np.ones((3, 3), np.uint8)
    _, labels = cv2.connectedComponents(cv2.dilate((changed | (said != 0)).astype(np.uint8), around))
    names = np.unique(labels[said != 0])
    pieces = np.isin(labels, names[names > 0]) & (changed | (said != 0))
    return cv2.dilate(pieces.astype(np.uint8), around).astype(bool)
