"""The part of a frame that is worth looking at."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .engine.scales import Scale

# Sides of what is cut out are multiples of this: pixels of a layer after four poolings.
GRID = 16


class Box(NamedTuple):
    """A part of a frame, in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, mask: np.ndarray) -> "Box":
        """The smallest box with all of a mask (H, W) that is not 0, on a grid of whole pixels of every layer."""
        height, width = mask.shape
        down, across = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
        left, top = (int(found[0]) // GRID * GRID for found in (across, down))
        right, bottom = (-(-(int(found[-1]) + 1) // GRID) * GRID for found in (across, down))
        return cls(left, top, min(right, width), min(bottom, height))

    @property
    def inside(self) -> tuple[slice, slice]:
        """What cuts it out of (H, W, ...)."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def scales(self, of_frame: Sequence[Scale]) -> list[Scale]:
        """The sizes of the box where the frame has these, the last its own; strokes are those of the frame's size."""
        own = of_frame[-1]
        share = (self.right - self.left) / own.width, (self.bottom - self.top) / own.height
        return [scale.part(share) for scale in of_frame]
