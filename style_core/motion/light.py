"""How the light has changed between two frames, so that paint which is carried along changes with it."""

from typing import NamedTuple

import cv2
import numpy as np

# A change of light is even over so many pixels around; where fewer were in sight than this share of them, it is that of
# a part of the frame so many times as large.
REACH, ENOUGH, FARTHER = 8.0, 0.2, 8
# Contrast that changes by less than this is that of the same light: grain and what comes into the frame change it too.
STEADY = 0.02
# From one frame to the next it grows and shrinks by no more than this: what was painted in the dark would come back
# from it many times as strong.
GROWTH, SHRINKAGE = 1.2, 0.5


class Light(NamedTuple):
    """What the light of an earlier frame must be multiplied by, and what must be added, to have that of now."""

    gain: float
    offset: np.ndarray
    """(H, W, 3) float32 in -255..255."""

    def on(self, picture: np.ndarray) -> np.ndarray:
        """A picture of the earlier frame (H, W, 3) in the light of now, float32, beyond 0..255 where that burns out."""
        return self.gain * picture + self.offset


def light_of(moved: np.ndarray, frame: np.ndarray, seen: np.ndarray) -> Light:
    """How the light has changed since an earlier frame.

    The gain is that of a fade: the same all over the frame. What it leaves is added, around each pixel by itself.
    Summed over a shot that comes to the change from its first frame to its last: paint that follows it does not drift.

    Args:
        moved: the earlier frame, warped to this one, (H, W, 3) in 0..255.
        frame: (H, W, 3) uint8.
        seen: how far each pixel was in sight in the earlier one, (H, W) in 0..1: what has been uncovered has another
            colour by itself.
    """
    moved = moved.astype(np.float32)
    if not cv2.subtract(frame, moved, dtype=cv2.CV_32F).any():
        return Light(1.0, np.zeros_like(moved))
    gain = gain_of(moved, frame, seen)
    change = cv2.subtract(frame, gain * moved, dtype=cv2.CV_32F)
    weighted = np.dstack((change * seen[..., None], seen.astype(np.float32)))
    near = cv2.GaussianBlur(weighted, (0, 0), REACH)
    height, width = seen.shape
    small = (max(1, width // FARTHER), max(1, height // FARTHER))
    far = cv2.GaussianBlur(cv2.resize(weighted, small, interpolation=cv2.INTER_AREA), (0, 0), REACH)
    # Of a frame of which nothing at all was in sight, nothing is known.
    far = cv2.resize(far[..., :3] / np.maximum(far[..., 3:], 1e-3), (width, height), interpolation=cv2.INTER_LINEAR)
    share = np.clip(near[..., 3:] / ENOUGH, 0, 1)
    return Light(gain, share * near[..., :3] / np.maximum(near[..., 3:], 1e-6) + (1 - share) * far)


def gain_of(moved: np.ndarray, frame: np.ndarray, seen: np.ndarray) -> float:
    """How many times the contrast of an earlier frame a frame has, where both show the same."""
    mass = max(float(seen.sum()), 1e-6)
    spreads = []
    for picture in (moved, frame):
        grey = cv2.cvtColor(picture.astype(np.float32), cv2.COLOR_RGB2GRAY)
        mean = float((grey * seen).sum()) / mass
        spreads.append(float((np.square(grey - mean) * seen).sum()) / mass)
    # A variance of less than one level is rounding.
    gain = ((spreads[1] + 1) / (spreads[0] + 1)) ** 0.5
    return 1.0 if abs(gain - 1) < STEADY else min(max(gain, SHRINKAGE), GROWTH)


def relit(painted: np.ndarray, before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Paint of a frame in which nothing moves, in the light of the next frame, (H, W, 3) float32 in 0..255.

    Args:
        painted, before: the paint and what it was painted from, (H, W, 3) uint8.
        now: the next frame, (H, W, 3) uint8.
    """
    return light_of(before, now, np.ones(now.shape[:2], np.float32)).on(painted.astype(np.float32)).clip(0, 255)
