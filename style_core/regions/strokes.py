"""Rectangles and strokes of a person, and boxes around them."""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from ..setting import UserError
from .reduction import fitted

# x, y, width and height in pixels from the top left.
Rectangle = tuple[int, int, int, int]
# Points (x, y), the radius of the brush, and whether it marks the object or what is not.
Stroke = tuple[tuple[tuple[float, float], ...], float, bool]
# Points between pixels are drawn to this power of two of a pixel.
SHIFT = 4
# Points are brought to this far from the picture at most, in pixels: a line to them is the same, and OpenCV counts so
# far.
FURTHEST = 1 << 20
# A stroke that covers this share of a reduced pixel says what it is.
COVERED = 0.25


def within(rectangle: tuple[float, float, float, float], size: tuple[int, int]) -> Rectangle:
    """The pixels of a rectangle (x, y, width, height) in a picture of this width and height.

    Raises UserError if that is nothing.
    """
    x, y, width, height = rectangle
    left, top = max(math.floor(x), 0), max(math.floor(y), 0)
    right, bottom = min(math.ceil(x + width), size[0]), min(math.ceil(y + height), size[1])
    if width <= 0 or height <= 0:
        raise UserError(f"The rectangle is {width:g} x {height:g} pixels: draw one that is wider and higher.")
    if right <= left or bottom <= top:
        raise UserError(
            f"The rectangle {x:g},{y:g},{width:g},{height:g} lies outside of the picture of {size[0]} x {size[1]} "
            "pixels: draw it around the object."
        )
    return left, top, right - left, bottom - top


def slices(rectangle: Rectangle, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of a rectangle in a picture of this height and width, at least one of each."""
    x, y, width, height = rectangle
    top, left = min(max(y, 0), shape[0] - 1), min(max(x, 0), shape[1] - 1)
    return slice(top, max(top + 1, y + height)), slice(left, max(left + 1, x + width))


def box_of(stroke: Stroke, size: tuple[int, int]) -> Rectangle | None:
    """The pixels that a stroke may cover in a picture of this width and height; None if there are none."""
    points, radius, _ = stroke
    places = np.array(points, np.float64).reshape(-1, 2)
    low, high = places.min(0) - radius - 1, places.max(0) + radius + 2
    left, top = np.clip(np.floor(low), 0, size).astype(int).tolist()
    right, bottom = np.clip(np.ceil(high), 0, size).astype(int).tolist()
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None


def united(boxes: Sequence[Rectangle | None]) -> Rectangle | None:
    """The least box around all that are there; None if there are none."""
    there = np.array([box for box in boxes if box is not None]).reshape(-1, 4)
    if not len(there):
        return None
    left, top = there[:, :2].min(0).tolist()
    right, bottom = (there[:, :2] + there[:, 2:]).max(0).tolist()
    return left, top, right - left, bottom - top


def grown(box: Rectangle, margin: int) -> Rectangle:
    """A box larger by so many pixels on every side."""
    x, y, width, height = box
    return x - margin, y - margin, width + 2 * margin, height + 2 * margin


def drawn(strokes: Sequence[Stroke], window: Rectangle) -> np.ndarray:
    """What strokes say in a part of the picture: 1 object, -1 not, 0 nothing, (H, W) int8; later ones lie above."""
    said = np.zeros(window[:1:-1], np.uint8)
    for points, radius, keep in strokes:
        draw(said, np.array(points, np.float64).reshape(-1, 2) - window[:2], radius, 1 if keep else 255)
    return said.view(np.int8)


def draw(onto: np.ndarray, points: np.ndarray, radius: float, value: int) -> None:
    """Draws a round stroke through points (N, 2) into (H, W) uint8, at least a pixel thick."""
    unit = 1 << SHIFT
    places = np.round(np.clip(points, -FURTHEST, FURTHEST) * unit).astype(np.int32)
    for place in places:
        cv2.circle(onto, place.tolist(), max(0, round(radius * unit)), value, -1, cv2.LINE_8, SHIFT)
    cv2.polylines(onto, [places], False, value, max(1, round(2 * radius)), cv2.LINE_8, SHIFT)


def small_strokes(said: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """What strokes say, (H, W) in -1..1, at a smaller size, (h, w) int8."""
    on, off = (fitted(said == side, shape) for side in (1, -1))
    return np.where(np.maximum(on, off) < COVERED, 0, np.where(on >= off, 1, -1)).astype(np.int8)
