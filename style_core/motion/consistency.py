"""Where paint may be carried along the flow, and where something comes into sight that was hidden.

Ruder et al. 2016, section 5.2, with their thresholds, after Sundaram et al. 2010.
"""

import cv2
import numpy as np

from .warp import at, grid, inside, warp

# Two flows that undo each other leave a gap below this share of their squared lengths, plus this in pixels^2 (eq. 5).
SHARE_OF_LENGTH, SLACK = 0.01, 0.5
# What is the same thing differs by less than this in colour, as a mean over the channels in 0..255, after a change of
# the light over so many pixels around has been taken off; and over how many pixels it is looked at.
DIFFERENCE, LIGHT, DETAIL = 22.0, 8.0, 0.7
# Of an even surface: its standard deviation in 0..255, and over how many pixels around.
EVEN, SURFACE = 2.0, 2.0
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


def in_sight(forward: np.ndarray, backward: np.ndarray, earlier: np.ndarray, later: np.ndarray) -> np.ndarray:
    """How far a pixel of the later frame shows what the earlier one did, (H, W) in 0..1: the flows agree, and the
    frames, (H, W, 3) uint8, do. In an even surface flows are free to disagree, and it means nothing."""
    even = softly(contrast(later), np.float32(EVEN)) * inside(grid(backward) + backward)
    return np.minimum(np.maximum(visible(forward, backward), even), alike(warp(earlier, backward), later))


def contrast(frame: np.ndarray) -> np.ndarray:
    """Standard deviation of the brightness around each pixel of (H, W, 3) uint8, (H, W) in 0..255."""
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)
    mean, square = (cv2.GaussianBlur(values, (0, 0), SURFACE) for values in (grey, grey * grey))
    return np.sqrt(np.maximum(square - mean * mean, 0))


def alike(moved: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """How far a pixel shows what the flow has fetched for it, (H, W) in 0..1.

    Two flows may agree and both be wrong, as where thin things move fast; their colours then mostly do not.

    Args:
        moved: the other frame, warped to this one, (H, W, 3) in 0..255.
        frame: (H, W, 3) uint8.
    """
    change = moved.astype(np.float32) - frame
    change -= cv2.GaussianBlur(change, (0, 0), LIGHT)
    found = cv2.GaussianBlur(np.abs(change).mean(-1), (0, 0), DETAIL)
    return softly(found, np.float32(DIFFERENCE))


def softly(value: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """1 where the value is far below its limit, 0 where it is far above."""
    return np.clip(1.5 - value / limit, 0, 1).astype(np.float32)
