"""Pictures and mattes at the size at which objects are looked for."""

import cv2
import numpy as np

# Longer side at which frames are looked at, and the least of both; edges are refined at full size.
SIDE, LEAST_SIDE = 432, 16


def reduced(rgb: np.ndarray, side: int = SIDE) -> np.ndarray:
    """A picture with a longer side of at most so many pixels, and at least LEAST_SIDE on each side."""
    factor = min(1.0, side / max(rgb.shape[:2]))
    size = [max(LEAST_SIDE, round(length * factor)) for length in rgb.shape[1::-1]]
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)


def fitted(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) as float32 at another size."""
    smaller = shape[0] < values.shape[0]
    interpolation = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cv2.resize(values.astype(np.float32), shape[1::-1], interpolation=interpolation)


def sigmoid(log_odds: np.ndarray) -> np.ndarray:
    """Probabilities of log-odds."""
    return (1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))).astype(np.float32)
