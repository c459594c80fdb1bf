"""What stands still, though an estimate of flow says otherwise.

Paint that is moved by a hundredth of a pixel at every frame becomes soft and wanders, and paint that is moved by the
shades of a wall whose light changes is torn to shreds.
"""

import cv2
import numpy as np

from .consistency import contrast
from .warp import warp

# Side in pixels over which it is judged whether something stands still.
PATCH = 9
# Of an even backdrop: its standard deviation of brightness in 0..255, and what may be left of the mean squared
# difference of two frames when a change of the light over so many pixels around has been taken off: rounding to 8 bits,
# a film's grain and what its encoder leaves.
EVEN, GRAIN, LIGHT = 2.0, 3.0, 8.0
# A camera stands still where of all that has a standard deviation above this (0..255) at least this share moves by less
# than so many pixels. Beside what is darker than this (0..255) nothing is counted: bars stand still in every film.
DETAIL, SHARE, MOTION, BLACK = 4.0, 0.1, 0.3, 16
# A standard deviation from which on a surface shows by itself whether it moves.
TELLING = 6.0


def settled(there: np.ndarray, back: np.ndarray, frame: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both flows between two frames, none where things stand still, (H, W, 2) float32 each.

    In an even surface any motion explains what is seen. Before a camera that stands still there is none in it; before
    one that moves it keeps the estimate, as islands of stillness would tear the paint around them.

    Args:
        there: from `frame` to `other`, (H, W, 2) in pixels.
        back: from `other` to `frame`, (H, W, 2).
        frame, other: (H, W, 3) uint8.
    """
    ways = [Way(there, frame, other), Way(back, other, frame)]
    # One answer for both: flows that disagree would pass for something that comes into sight.
    stands = sum(way.resting for way in ways) >= SHARE * sum(way.telling for way in ways)
    one, two = (way.settled(stands) for way in ways)
    return one, two


class Way:
    """One of two flows between two frames."""

    def __init__(self, flow: np.ndarray, frame: np.ndarray, other: np.ndarray) -> None:
        self.flow, self.frame, self.other = flow, frame, other
        self.still, self.detail = unmoved(flow, frame, other), contrast(frame)
        lit = cv2.erode(frame.max(-1), np.ones((PATCH, PATCH), np.uint8)) >= BLACK
        shows = (self.detail > DETAIL) & lit
        length = np.square(flow).sum(-1) * np.square(1 - self.still)
        self.telling = int(shows.sum())
        """Pixels that show whether they move."""
        self.resting = int((shows & (length < MOTION**2)).sum())
        """Those of them that do not."""

    def settled(self, stands: bool) -> np.ndarray:
        """The flow without what stands still, by whether the camera does, (H, W, 2) float32."""
        if stands:
            still = np.maximum(self.still, backdrop(self.frame, self.other, self.detail))
        else:
            still = self.still * np.clip(2 * self.detail / TELLING - 1.5, 0, 1)
        return self.flow * (1 - still[..., None])


def unmoved(flow: np.ndarray, frame: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How far no motion explains the patch around a pixel nearly as well as the estimate does, (H, W) in 0..1.

    An estimate is never exactly zero. What it leaves unexplained tells how much noise there is; half a square of it
    more may come from interpolating.
    """
    with_motion, without = (patch_error(picture, frame) for picture in (warp(other, flow), other))
    return np.clip((2 * with_motion + 1 - without) / (0.5 * with_motion + 0.5), 0, 1)


def backdrop(frame: np.ndarray, other: np.ndarray, detail: np.ndarray) -> np.ndarray:
    """How far a pixel is of an even backdrop that has not moved, (H, W) in 0..1.

    A wall shows no motion, but when its light changes its shades wander, by many pixels at a small change. So where
    nothing is left of a difference but grain, once the light's change is taken off, the backdrop has not moved. It
    reaches the border of the frame: what is even and enclosed is of a thing, which may move before it.

    Args:
        frame, other: (H, W, 3) uint8.
        detail: standard deviation of the frame's brightness around each pixel, (H, W) in 0..255.
    """
    change = other.astype(np.float32) - frame
    change -= cv2.GaussianBlur(change, (0, 0), LIGHT)
    left = cv2.blur(np.square(change).mean(-1), (PATCH, PATCH), borderType=cv2.BORDER_REFLECT)
    even = np.clip(5 - 4 * detail / EVEN, 0, 1) * np.clip(2 - left / GRAIN, 0, 1)
    return even * reaching_border(even > 0)


def reaching_border(where: np.ndarray) -> np.ndarray:
    """The parts of a mask (H, W) that hang together with the frame's border, (H, W) bool."""
    parts = cv2.connectedComponents(where.astype(np.uint8), connectivity=4)[1]
    border = np.concatenate((parts[0], parts[-1], parts[:, 0], parts[:, -1]))
    return np.isin(parts, border[border > 0])


def patch_error(picture: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Mean squared difference around each pixel, (H, W), of two (H, W, 3) uint8."""
    difference = np.square(picture.astype(np.float32) - other).mean(-1)
    return cv2.blur(difference, (PATCH, PATCH), borderType=cv2.BORDER_REFLECT)
