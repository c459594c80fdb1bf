"""One frame in memory."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Frame:
    """A picture as the eye shall see it: display-referred sRGB, 8 bit.

    Attributes:
        rgb: (H, W, 3) uint8, not multiplied by alpha.
        alpha: (H, W) uint8, or None where the source has none.
    """

    rgb: np.ndarray
    alpha: np.ndarray | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]

    def resized(self, width: int, height: int) -> "Frame":
        """The frame at another size; itself if it has that size."""
        if self.size == (width, height):
            return self
        alpha = None if self.alpha is None else resize(self.alpha, width, height)
        return Frame(resize(self.rgb, width, height), alpha)


def resize(array: np.ndarray, width: int, height: int) -> np.ndarray:
    """(H, W) or (H, W, C) at another size: averaged where it gets smaller, cubic where it gets larger."""
    shrinks = width * height < array.shape[0] * array.shape[1]
    return cv2.resize(array, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)


def fitted_size(width: int, height: int, longer_side: int) -> tuple[int, int]:
    """Width and height with the longer side as wanted (0: unchanged), at least 16 pixels each."""
    if longer_side == 0:
        return width, height
    factor = longer_side / max(width, height)
    return max(16, round(width * factor)), max(16, round(height * factor))
