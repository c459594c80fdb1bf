"""Moving a picture along optical flow."""

import cv2
import numpy as np


def grid(like: np.ndarray) -> np.ndarray:
    """Where the pixels of (H, W, ...) are: (H, W, 2) float32, x and y."""
    height, width = like.shape[:2]
    return np.stack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)), -1)


def at(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """`values` (H, W, C) between pixels, at places (H, W, 2); beyond the border, those of the border."""
    return cv2.remap(values, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def inside(places: np.ndarray, margin: float = 0.5) -> np.ndarray:
    """Whether places (H, W, 2) lie within the frame, (H, W) bool.

    Its border runs around its outer pixels, half a pixel from their middles; with a `margin` of 0 it runs through
    their middles, and all that is looked up inside lies between pixels that are there.
    """
    height, width = places.shape[:2]
    return ((places >= -margin) & (places <= (width - 1 + margin, height - 1 + margin))).all(-1)


def warp(picture: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """Fetches, for each pixel, what `picture` shows where the flow points; beyond the border, the border.

    Cubic interpolation: bilinear would soften the paint a little more with every frame of the film.

    Args:
        picture: (H, W, 3) uint8 or float32.
        flow: (H, W, 2) float32, pixels to the right and down.
    """
    return cv2.remap(picture, grid(flow) + flow, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
