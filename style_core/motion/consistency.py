"""Where paint may be carried along the flow, and where something comes into sight that was hidden.

Ruder et al. 2016, section 5.2, with their thresholds, after Sundaram et al. 2010.
"""

import numpy as np

from .warp import at, grid, inside

# Two flows that undo each other leave a gap below this share of their squared lengths, plus this in pixels^2 (eq. 5).
SHARE_OF_LENGTH, SLACK = 0.01, 0.5
# At the edge of a motion, the squared gradient of the flow is above this (eq. 6).
EDGE_SHARE, EDGE_SLACK = 0.01, 0.002


def consistency(forward: np.ndarray, backward: np.ndarray) -> np.ndarray:
    """How far a pixel of the later frame may be taken for the one that the flow finds in the earlier frame.

    Soft where the original decides: full weight up to half of a threshold, none from one and a half of it on, so that
    a half is where the original has its step.

    Args:
        forward: flow from the earlier frame to the later, (H, W, 2) in pixels.
        backward: flow from the later frame to the earlier, (H, W, 2).

    Returns:
        (H, W) float32 in 0..1 on the later frame's grid; 0 also where the flow leaves the frame, and at the edges of
        motions, where it is not to be trusted.
    """
    return np.minimum(visible(forward, backward), smooth(backward))


def visible(forward: np.ndarray, backward: np.ndarray) -> np.ndarray:
    """How far a pixel of the later frame was in sight in the earlier one, (H, W) in 0..1: whether going backward and
    forward again leads to where one was."""
    places = grid(backward) + backward
    there = at(forward, places)
    gap = np.square(there + backward).sum(-1)
    limit = SHARE_OF_LENGTH * (np.square(there).sum(-1) + np.square(backward).sum(-1)) + SLACK
    return softly(gap, limit) * inside(places)


def smooth(backward: np.ndarray) -> np.ndarray:
    """How far a pixel is from the edges of motions, (H, W) in 0..1."""
    down, across = np.gradient(backward, axis=(0, 1))
    gradient = np.square(down).sum(-1) + np.square(across).sum(-1)
    return softly(gradient, EDGE_SHARE * np.square(backward).sum(-1) + EDGE_SLACK)


def softly(value: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """1 where the value is far below its limit, 0 where it is far above."""
    return np.clip(1.5 - value / limit, 0, 1).astype(np.float32)
