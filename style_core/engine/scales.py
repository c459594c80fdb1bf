"""From coarse to fine: at which sizes a frame is painted, and for how many steps at each.

The network's eyes have a size in pixels. Beginning at a small size lets them see, and paint, what is large beside the
frame; every further size adds what is finer. As the first size is the same for a preview and for the final frame, so
are the strokes that it lays down.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

# Steps at each size, beside those at the size before: finer sizes begin nearly right, and each of their steps costs
# four times as much.
STEPS_RATIO = 0.5
LEAST_STEPS = 10
# The same for frames that go on from good paint: little is left to do, and all of it at their own size.
FOLLOWING_RATIO, LEAST_FOLLOWING = 0.5**0.5, 6
# A size is left out if the next one is less than this times larger.
CLOSEST = 1.4


@dataclass(frozen=True)
class Scale:
    """One size of the frame, and how long it is painted at it."""

    width: int
    height: int
    steps: int
    frame_area: int = 0
    """Pixels of the whole frame at this size, where only a part of it is painted; 0: it is painted as a whole."""

    @property
    def area(self) -> int:
        """Pixels of the whole frame, which the size of the strokes goes by."""
        return self.frame_area or self.width * self.height

    def part(self, share: tuple[float, float]) -> "Scale":
        """The same size, for a part of the frame that is so much of its width and height."""
        width, height = (max(16, round(s * side)) for s, side in zip(share, (self.width, self.height), strict=True))
        return Scale(width, height, self.steps, self.area)


def pyramid(width: int, height: int, first_size: int, steps: int) -> list[Scale]:
    """The sizes from coarse to fine; the last is the frame's own, each is half the next one.

    Args:
        width, height: of the frame, in pixels.
        first_size: longer side of the coarsest size; sizes below it are not painted.
        steps: for the coarsest size.
    """
    factors = [1.0]
    while max(width, height) * factors[-1] / 2 >= first_size:
        factors.append(factors[-1] / 2)
    coarsest = first_size / max(width, height)
    if factors[-1] / coarsest >= CLOSEST:
        factors.append(coarsest)
    return [
        Scale(max(16, round(width * f)), max(16, round(height * f)), steps_at(level, steps))
        for level, f in enumerate(reversed(factors))
    ]


def steps_at(level: int, steps: int) -> int:
    """Steps at the size `level` (0: coarsest), at least LEAST_STEPS where there were as many at the first."""
    return min(steps, max(LEAST_STEPS, round(steps * STEPS_RATIO**level)))


def following(scales: Sequence[Scale], steps: int) -> list[Scale]:
    """The sizes for a frame that goes on from good paint: nothing is painted but at its own.

    Args:
        scales: those of a frame that does not.
        steps: how many there would be if the first size were its own.
    """
    own = min(steps, max(LEAST_FOLLOWING, round(steps * FOLLOWING_RATIO ** (len(scales) - 1))))
    return [*(replace(scale, steps=0) for scale in scales[:-1]), replace(scales[-1], steps=own)]


def pixel_steps(scales: Sequence[Scale], steps: int | None = None) -> int:
    """The work of the first `steps` steps (None: of all), as pixels times steps."""
    left = sum(scale.steps for scale in scales) if steps is None else steps
    work = 0
    for scale in scales:
        taken = min(left, scale.steps)
        work, left = work + taken * scale.width * scale.height, left - taken
    return work
