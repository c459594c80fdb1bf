"""Moving a picture along optical flow."""

import cv2
import numpy as np


def warp(picture: np.ndarray, flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fetches, for each pixel, what `picture` shows where the flow points.

    Cubic interpolation: bilinear would soften the paint a little more with every frame of the film.

    Args:
        picture: (H, W, 3) uint8.
        flow: (H, W, 2) float32, pixels to the right and down.

    Returns:
        The moved picture, (H, W, 3) uint8, and where it is valid, (H, W) bool: False where the flow points outside.
    """
    height, width = flow.shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    moved = cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    return moved, inside


def consistent(forward: np.ndarray, backward: np.ndarray) -> np.ndarray:
    """Where two flows undo each other; elsewhere the frame shows something that was hidden before.

    The forward-backward check of Sundaram et al. (2010, eq. 5) as Ruder et al. (2016) use it.

    Args:
        forward: flow from the earlier frame to the later, (H, W, 2).
        backward: flow from the later frame to the earlier, (H, W, 2).

    Returns:
        (H, W) bool on the later frame's grid.
    """
    height, width = backward.shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    there = cv2.remap(forward, columns + backward[..., 0], rows + backward[..., 1], cv2.INTER_LINEAR)
    gap = np.square(there + backward).sum(-1)
    return gap <= 0.01 * (np.square(there).sum(-1) + np.square(backward).sum(-1)) + 0.5
