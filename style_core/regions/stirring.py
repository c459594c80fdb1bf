"""What moves otherwise than the camera: motion as evidence of where an object is in a rectangle."""

from collections.abc import Sequence

import cv2
import numpy as np

from ..motion.warp import grid
from .strokes import Rectangle, slices

# Log-odds of what moves as the thing does, or as the surroundings do.
STRENGTH = 2.5
# How many points of the surroundings tell the camera's motion, and how far they may miss it in pixels.
POINTS, MISS = 900, 1.0
FEWEST = 12
# Of the motion left in the rectangle, this share of places moves less than the thing; of the surroundings, this share
# less than what the camera's model leaves. Below this, in pixels, motion is none.
OF_THING, OF_REST, LEAST = 0.75, 0.8, 0.4
# The thing must move so much more than that for its motion to tell everything.
CLEAR = 3.0


def stirring(rgb: np.ndarray, others: Sequence[np.ndarray], rectangle: Rectangle) -> np.ndarray:
    """Log-odds (h, w) that pixels move with what is in a rectangle; 0 where motion tells nothing.

    Args:
        rgb: (h, w, 3) uint8.
        others: frames of the same shot near it, (h, w, 3) each.
        rectangle: (x, y, width, height) in pixels of these frames.
    """
    inside = np.zeros(rgb.shape[:2], bool)
    inside[slices(rectangle, rgb.shape[:2])] = True
    found = [told(left_over(rgb, other, inside), inside) for other in others]
    return np.mean(found, 0) if found else np.zeros(rgb.shape[:2], np.float32)


def left_over(rgb: np.ndarray, other: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """How far each pixel moves apart from the camera, (h, w) in pixels; all 0 where there is no camera's motion."""
    estimator = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = estimator.calc(*(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in (rgb, other)), None)
    flow = cv2.medianBlur(flow, 5)
    places = grid(rgb)
    outside = np.flatnonzero(~inside)
    if len(outside) < FEWEST:
        return np.zeros(inside.shape, np.float32)
    some = outside[:: max(1, len(outside) // POINTS)]
    here = places.reshape(-1, 2)[some]
    there = here + flow.reshape(-1, 2)[some]
    cv2.setRNGSeed(1)
    camera, _ = cv2.findHomography(here, there, cv2.RANSAC, MISS)
    if camera is None:
        return np.zeros(inside.shape, np.float32)
    expected = cv2.perspectiveTransform(places.reshape(1, -1, 2), camera).reshape(places.shape)
    return np.linalg.norm(places + flow - expected, axis=-1).astype(np.float32)


def told(moves: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Log-odds by how far pixels move apart from the camera, (h, w) both."""
    if inside.all() or not inside.any():
        return np.zeros(inside.shape, np.float32)
    side = max(3, round(np.sqrt(inside.sum()) / 2))
    ring = cv2.dilate(inside.astype(np.uint8), np.ones((side, side), np.uint8)).astype(bool) & ~inside
    rest = max(LEAST, float(np.quantile(moves[ring], OF_REST)) if ring.any() else LEAST)
    thing = float(np.quantile(moves[inside], OF_THING))
    if thing <= rest:
        return np.zeros(inside.shape, np.float32)
    middle = np.sqrt(rest * thing)
    clear = min(1.0, np.log(thing / rest) / np.log(CLEAR))
    scaled = np.log(np.maximum(moves, 1e-3) / middle) / np.log(thing / middle)
    return (STRENGTH * clear * np.clip(scaled, -1, 1)).astype(np.float32)
