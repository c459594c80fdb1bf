"""What has come into sight: what of the frame is looked at to paint it, at which sizes, and how it is laid in."""

from functools import cached_property

import numpy as np

from .box import Box
from .engine.scales import Scale
from .media.frame import rounded
from .regions.matte import AROUND, softened

# Less than this share of the frame is a seam that the frame's own steps close.
LEAST_SHARE = 0.0005
# Steps at half of the frame's size and at its own, in each of the frames in which it is young.
STEPS = {2: 8, 1: 6}
# How far around it the paint is looked at, and over what width new paint passes into old, as shares of the longer side.
SURROUNDINGS, SEAM = 0.06, 0.006
# Longer side below which little of a style is seen, and a step costs as much as at twice the size.
LEAST_SIDE = 96
# Where the surroundings of a region are less than this, nobody will see the paint: it is not worth painting anew.
SEEN = 0.95 * AROUND


class Fresh:
    """What has come into sight in a frame, or in the few before it.

    The style loss of a whole frame hardly notices a small part without paint. Here it is that of the part and what
    lies around it, so that it is painted as strongly as the rest. All of that may move, or a few pixels would have to
    make good for all others, but only the part itself is kept; and nothing beyond is computed.

    Args:
        fresh: where it is, (H, W) bool.
        mask: a region and its surroundings, (H, W) in 0..1; None: everywhere.
    """

    def __init__(self, fresh: np.ndarray, mask: np.ndarray | None) -> None:
        self.fresh = fresh if mask is None else fresh & (mask >= SEEN)
        self.mask = mask
        self.size = fresh.shape[1::-1]

    @property
    def is_worth_painting(self) -> bool:
        """Whether it is so much that it shows."""
        return self.fresh.mean() > LEAST_SHARE

    @cached_property
    def around(self) -> np.ndarray:
        """It and its surroundings, (H, W) float32 in 0..1."""
        around = softened(self.fresh.astype(np.float32), SURROUNDINGS * max(self.size))
        return around if self.mask is None else around * self.mask

    @cached_property
    def box(self) -> Box:
        """The part of the frame with all of that."""
        return Box.around(self.around)

    @property
    def scales(self) -> list[Scale]:
        """Sizes of the box, with strokes of the frame's size."""
        width, height = self.size
        return self.box.scales(
            [
                Scale(max(16, width // by), max(16, height // by), steps)
                for by, steps in STEPS.items()
                if by == 1 or max(self.size) // by >= LEAST_SIDE
            ]
        )

    def laid_in(self, anew: np.ndarray, paint: np.ndarray) -> np.ndarray:
        """A frame's paint (H, W, 3) in 0..255 with what was painted anew, the box alone, at its place."""
        fresh = self.fresh.astype(np.float32)
        share = np.maximum(fresh, softened(fresh, SEAM * max(self.size)))[self.box.inside][..., None]
        whole = paint.copy()
        mixed = share * anew + (1 - share) * paint[self.box.inside]
        whole[self.box.inside] = rounded(mixed, paint.dtype)
        return whole
