"""Which frame of the source a strip shows at which frame of the timeline. Needs no bpy.

The arithmetic is Blender's own, found by rendering films whose frames tell their number.
"""

import math
from typing import NamedTuple

# Blender counts in single precision, so that an exact half stays one; here the last digits are cut off instead.
DIGITS = 4


class Timing(NamedTuple):
    """How a strip runs through its source."""

    left: int
    """First visible frame on the timeline."""
    right: int
    """The frame after the last visible one."""
    start: float
    """Where on the timeline the content begins; the handles may lie before it."""
    length: int
    """Length of the content on the timeline."""
    count: int
    """Frames of the source between its trimmed ends."""
    skipped: int = 0
    """Frames of the source that are trimmed away before them."""
    rate: float = 1.0
    """Frames of the source for each frame of the timeline."""
    reverse: bool = False
    strobe: float = 0.0

    def source_frame(self, frame: int) -> int:
        """The source's frame, counted from 1, that is shown at `frame`; beyond its ends the content is held."""
        index = self.start + self.length - 1 - frame if self.reverse else frame - self.start
        index = min(max(index, 0.0) * self.rate, self.count - 1)
        if self.strobe > 1:
            index -= math.fmod(index, self.strobe)
        return self.skipped + math.floor(round(index, DIGITS) + 0.5) + 1

    def source_frames(self) -> list[int]:
        """The source's frame at every visible frame of the timeline."""
        return [self.source_frame(frame) for frame in range(self.left, self.right)]
