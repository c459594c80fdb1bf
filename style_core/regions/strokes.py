"""Rectangles and strokes of a person, brought into a picture of another size."""

import cv2
import numpy as np

from ..setting import UserError

Rectangle = tuple[int, int, int, int]
# Points between pixels are drawn to this power of two of a pixel.
SHIFT = 4


def within(rectangle: Rectangle, size: tuple[int, int]) -> Rectangle:
    """What of a rectangle (x, y, width, height) lies in a picture of this width and height.

    Raises UserError if that is nothing.
    """
    x, y, width, height = rectangle
    right, bottom = min(x + width, size[0]), min(y + height, size[1])
    left, top = max(x, 0), max(y, 0)
    if width < 1 or height < 1:
        raise UserError(f"The rectangle is {width} x {height} pixels: draw one that is at least 1 pixel wide and high.")
    if right <= left or bottom <= top:
        raise UserError(
            f"The rectangle {x},{y},{width},{height} lies outside of the picture of {size[0]} x {size[1]} pixels: draw "
            "it around the object."
        )
    return left, top, right - left, bottom - top


def slices(rectangle: Rectangle, factor: float, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of a rectangle in a picture `factor` times as large, at least one of each."""
    x, y, width, height = rectangle
    top, left = min(int(y * factor), shape[0] - 1), min(int(x * factor), shape[1] - 1)
    bottom, right = int(np.ceil((y + height) * factor)), int(np.ceil((x + width) * factor))
    return slice(top, max(top + 1, bottom)), slice(left, max(left + 1, right))


def draw(onto: np.ndarray, points: tuple[tuple[float, float], ...], radius: float, value: int, factor: float) -> None:
    """Draws a round stroke into (H, W) uint8 of a picture `factor` times as large as the one of the points."""
    places = np.round(np.array(points, np.float64).reshape(-1, 2) * factor * (1 << SHIFT)).astype(np.int32)
    thick = max(1, round(2 * radius * factor))
    for place in places:
        cv2.circle(onto, place.tolist(), max(0, round(radius * factor * (1 << SHIFT))), value, -1, cv2.LINE_8, SHIFT)
    cv2.polylines(onto, [places], False, value, thick, cv2.LINE_8, SHIFT)
