"""Where another shot begins."""

import cv2
import numpy as np

from ..job import Motion
from .flows import Shot
from .warp import warp

# Longer side at which frames are compared: details do not tell shots apart.
SIDE = 128
# A frame whose brightness differs by less than this (standard deviation, 0..255) shows nothing: black, or a flash. A
# shot that ends in one at once, and not by fading, has at least so much the frame before.
FLAT, SHOWN = 4.0, 12.0
# Below this not even fog or snow is seen in it.
NOTHING = 1.5
# Mean of a frame, 0..255, that is black to people.
BLACK = 8.0
# Two frames of one shot have outlines in common, moved along the flow, and colours; of the cuts in footage that was
# looked at, none comes up to either, and no other pair of frames falls short of the second.
OUTLINES, OUTLINES_AND_COLOURS = 0.21, 0.9
# Rows and columns at the border that differ by less than this are the bars of another format.
BAR = 24
# Contrast to which frames are brought, so that a fade changes nothing.
CONTRAST = 48


class Cuts:
    """Hard cuts as they are named, or found."""

    def __init__(self, motion: Motion) -> None:
        self.named = motion.named_cuts()

    def between(self, shot: Shot, other: Shot) -> bool:
        """Whether two frames that follow each other, in either order, belong to different shots."""
        earlier, later = sorted((shot, other), key=lambda one: one.number)
        if self.named is not None:
            return any(earlier.number < first <= later.number for first in self.named)
        return is_cut(earlier.rgb, later.rgb)

    def before(self, shot: Shot, shown: Shot | None, flat: Shot | None) -> Shot | None:
        """The frame that a frame goes on from; None: it begins a shot.

        A flash, or the black between two fades, is no shot: what comes after it goes on from what was before it. Flat
        frames go on from one another, be they black, fog or snow.

        Args:
            shot: the frame.
            shown: the newest frame before it that is not flat, of the same shot as far as that is known.
            flat: the newest flat frame that has followed `shown`.
        """
        last = flat if flat and is_flat(shot.rgb) else shown
        return None if last is None or self.between(last, shot) else last


def is_cut(earlier: np.ndarray, later: np.ndarray) -> bool:
    """Whether a frame shows something else than the one before, (H, W, 3) uint8 both.

    Not told by brightness, which a flash changes as well: outlines are compared where the flow says that they have
    gone, in both directions, as of two shots neither explains the other.
    """
    contrasts = [contrast(frame) for frame in (earlier, later)]
    if min(contrasts) < FLAT:
        return max(contrasts) > SHOWN
    pair = without_bars(*(small(frame) for frame in (earlier, later)))
    colours = common_colours(*pair)
    if colours >= OUTLINES_AND_COLOURS:
        return False  # whatever the outlines are, which take far longer
    outlines = common_outlines(*pair)
    return outlines < OUTLINES and outlines + colours < OUTLINES_AND_COLOURS


def is_flat(frame: np.ndarray) -> bool:
    """Whether a frame (H, W, 3) uint8 shows nothing, or hardly anything: black, a flash, fog."""
    return contrast(frame) < FLAT


def is_empty(frame: np.ndarray) -> bool:
    """Whether a frame (H, W, 3) uint8 shows nothing at all, so that nothing can be seen to move in it."""
    return contrast(frame) < NOTHING


def is_black(frame: np.ndarray) -> bool:
    """Whether a frame (H, W, 3) uint8 is black all over, but for grain."""
    return is_empty(frame) and frame.mean() < BLACK


def contrast(frame: np.ndarray) -> float:
    """Standard deviation of the brightness, 0..255."""
    return float(cv2.cvtColor(small(frame), cv2.COLOR_RGB2GRAY).std())


def small(frame: np.ndarray) -> np.ndarray:
    """(H, W, 3) with a longer side of SIDE pixels."""
    factor = SIDE / max(frame.shape[:2])
    size = [max(16, round(side * factor)) for side in frame.shape[1::-1]]
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA)


def without_bars(frame: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two pictures (H, W, 3) without the bars that both have: their edges would be outlines in common."""
    light, dark = np.maximum(frame, other).max(-1), np.minimum(frame, other).min(-1)
    part = []
    for axis in (1, 0):
        lines = np.flatnonzero(light.max(axis) - dark.min(axis) >= BAR)
        part.append(slice(lines[0], lines[-1] + 1) if len(lines) else slice(None))
    return frame[tuple(part)], other[tuple(part)]


def common_outlines(frame: np.ndarray, other: np.ndarray) -> float:
    """Correlation of the outlines of two small pictures, moved along the flow, in the better direction; -1..1."""
    grey = [evened(picture) for picture in (frame, other)]
    found = []
    for one, two in (grey, grey[::-1]):
        flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(two, one, None)
        both = [outlines(picture).ravel() for picture in (warp(one.astype(np.float32), flow), two.astype(np.float32))]
        found.append(float(np.corrcoef(*both)[0, 1]))
    return max(found)


def evened(picture: np.ndarray) -> np.ndarray:
    """Brightness (H, W) uint8 with the same mean and contrast for all pictures; at least 16 pixels a side."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    grey = (grey - grey.mean()) * (CONTRAST / max(float(grey.std()), FLAT / 2)) + 128
    rows, columns = (max(0, 16 - side) for side in grey.shape)
    return cv2.copyMakeBorder(grey.clip(0, 255).astype(np.uint8), 0, rows, 0, columns, cv2.BORDER_REFLECT)


def outlines(grey: np.ndarray) -> np.ndarray:
    """Length of the gradient of (H, W) float32."""
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))


def common_colours(frame: np.ndarray, other: np.ndarray) -> float:
    """How much the colour histograms of two small pictures overlap, 0..1."""
    histograms = []
    for picture in (frame, other):
        counts = cv2.calcHist([cv2.GaussianBlur(picture, (0, 0), 1)], [0, 1, 2], None, [8] * 3, [0, 256] * 3)
        histograms.append(counts / counts.sum())
    return float(np.minimum(*histograms).sum())
