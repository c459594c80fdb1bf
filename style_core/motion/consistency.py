"""Where paint may be carried along the flow, and where something comes into sight that was hidden.

Ruder et al. 2016, section 5.2, with their thresholds, after Sundaram et al. 2010.
"""

from typing import NamedTuple

import cv2
import numpy as np

from .light import Light, light_of
from .warp import at, grid, inside, warp

# Two flows that undo each other leave a gap below this share of their squared lengths, plus this in pixels^2 (eq. 5).
SHARE_OF_LENGTH, SLACK = 0.01, 0.5
# What is the same thing differs by less than this in colour, as a mean over the channels in 0..255, after a change of
# the light over so many pixels around has been taken off; and over how many pixels it is looked at.
DIFFERENCE, LIGHT, DETAIL = 22.0, 8.0, 0.7
# Of an even surface: its standard deviation in 0..255, and over how many pixels around.
EVEN, SURFACE = 2.0, 2.0
# Colours over a surface that differ by less than this (0..255) are the same; a light that changes by more than that
# from one frame to the next is a flash, in which paint would burn out and not come back.
SAME_COLOUR, SUDDEN = 12.0, 60.0
# Flows that miss each other by more than this, in pixels^2, are of two things and no doubt about one.
MOST_GAP = 16.0
# What is alike over less than this is alike by chance.
PATCH = np.ones((7, 7), np.uint8)
# What is moved is drawn out where it keeps less than this of its density, beside what is kept over so many pixels
# around. What is not as long as this is a doubt about the flow.
DENSITY, NEIGHBOURS, LENGTH = 0.6, 31, 12
# At the edge of a motion, the squared gradient of the flow is above this (eq. 6).
EDGE_SHARE, EDGE_SLACK = 0.01, 0.002


def visible(forward: np.ndarray, backward: np.ndarray) -> np.ndarray:
    """How far a pixel of the later frame was in sight in the earlier one: whether going backward and forward again
    leads to where one was.

    Soft where the original decides: full weight up to half of a threshold, none from one and a half of it on, so that
    a half is where the original has its step.

    Args:
        forward: flow from the earlier frame to the later, (H, W, 2) in pixels.
        backward: flow from the later frame to the earlier, (H, W, 2).

    Returns:
        (H, W) float32 in 0..1 on the later frame's grid; 0 also where the flow leaves the frame.
    """
    return agreement(forward, backward)[0]


def agreement(forward: np.ndarray, backward: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What `visible` tells, and the gap between where one was and where going backward and forward again leads, (H, W)
    in pixels^2."""
    places = grid(backward) + backward
    there = at(forward, places)
    gap = np.square(there + backward).sum(-1)
    limit = SHARE_OF_LENGTH * (np.square(there).sum(-1) + np.square(backward).sum(-1)) + SLACK
    return softly(gap, limit) * inside(places), gap


def smooth(backward: np.ndarray) -> np.ndarray:
    """How far a pixel is from the edges of motions, (H, W) in 0..1."""
    down, across = np.gradient(backward, axis=(0, 1))
    gradient = np.square(down).sum(-1) + np.square(across).sum(-1)
    return softly(gradient, EDGE_SHARE * np.square(backward).sum(-1) + EDGE_SLACK)


def parted(backward: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Where things part, however slowly: lines that show nothing of the earlier frame, and across which the flow
    stretches what it moves.

    The determinant of the Jacobian of the way back tells how much of the earlier frame a pixel is drawn from: less than
    1 is drawn out. It is compared with the median around, as a thing that comes nearer is drawn out as a whole.

    Args:
        backward: flow from the later frame to the earlier, (H, W, 2) in pixels.
        hidden: what is not to be seen in the earlier frame, (H, W) bool.

    Returns:
        (H, W) bool on the later frame's grid.
    """
    down, across = np.gradient(backward, axis=(0, 1))
    density = (1 + across[..., 0]) * (1 + down[..., 1]) - across[..., 1] * down[..., 0]
    around = cv2.medianBlur(np.rint(100 * density).clip(0, 255).astype(np.uint8), NEIGHBOURS) / np.float32(100)
    lines = ((density < DENSITY * around) & hidden).astype(np.uint8)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    lengths = boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(1)
    return (lines > 0) & (lengths >= LENGTH)[labels]


class Sight(NamedTuple):
    """What a later frame shows of an earlier one."""

    seen: np.ndarray
    """How far each pixel shows what the earlier frame did, (H, W) in 0..1."""
    same: np.ndarray
    """(H, W) bool: where whole patches look alike, though the flows agree but nearly, or not at all."""
    looks: np.ndarray
    """How far each pixel has the colours that the earlier frame had there, (H, W) in 0..1."""
    light: Light
    """How the light has changed."""


def sight(forward: np.ndarray, backward: np.ndarray, earlier: np.ndarray, later: np.ndarray) -> Sight:
    """What a frame shows of an earlier one, (H, W, 3) uint8 both: where the flows agree, and the frames do.

    In an even surface flows are free to disagree, and on a smooth thing that stretches they never agree quite: there
    the colours tell, as they are and not but for a change of light around them, or what has been uncovered would pass
    for what had covered it.
    """
    in_view, gap = agreement(forward, backward)
    moved = warp(earlier.astype(np.float32), backward)
    light = light_of(moved, later, in_view)
    lit = light.on(moved)
    looks, coloured = alike(lit, later), coloured_alike(lit, later)
    even = softly(contrast(later), np.float32(EVEN)) * inside(grid(backward) + backward) * coloured
    steady = softly(np.abs(lit - moved).max(-1), np.float32(SUDDEN))
    seen = np.minimum(np.maximum(in_view, even), looks) * steady
    same = ((looks == 1) & (coloured == 1) & (steady == 1) & (gap < MOST_GAP)).astype(np.uint8)
    return Sight(seen, cv2.morphologyEx(same, cv2.MORPH_OPEN, PATCH).astype(bool), looks, light)


def coloured_alike(moved: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """How far a pixel and those around it have the colour of another frame, warped to this one and brought to its
    light, (H, W) in 0..1."""
    change = cv2.GaussianBlur(moved - frame, (0, 0), SURFACE)
    return softly(np.abs(change).max(-1), np.float32(SAME_COLOUR))


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
