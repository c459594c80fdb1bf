"""Where exactly an object ends: a graph cut on log-odds, and an edge at full size."""

import cv2
import numpy as np

# Log-odds beyond this are certain; steps to which they are rounded in 8 bits.
MOST, LEVELS = 8.0, 30.0
# How much log-odds count against the cost of cutting between pixels that look alike, which OpenCV fixes at 50.
WEIGHT = 25.0
# Variance of a channel that shall not count in OpenCV's Gaussians.
WIDE = 1e7
# Of what is softened after a cut, in pixels.
SOFT = 0.7
# Window of the edge's refinement at the reduced size, in pixels; variance of brightness (0..1) below which nothing is
# an edge; how steep the refined edge is.
RADIUS, FLAT, STEEP = 2, 1e-4, 1.6


def graph_cut(log_odds: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """The cheapest cut between object and background (Boykov and Jolly 2001), (H, W) float32 in 0..1, soft by a pixel.

    OpenCV has the solver within GrabCut alone. Its likelihoods are those of Gaussians, so log-odds are handed over as
    a channel of the picture, with two Gaussians of one variance whose ratio is what was wanted.

    Args:
        log_odds: (H, W), positive for the object.
        rgb: (H, W, 3) uint8, whose edges the cut follows.
    """
    half = LEVELS / 2
    channel = np.clip(log_odds / MOST, -1, 1) * half + half
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)
    picture = np.dstack([np.round(channel).astype(np.uint8), lab[..., :2]])
    labels = np.where(log_odds > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    off, on = gaussian(0.0), gaussian(LEVELS)
    cv2.grabCut(picture, labels, None, off, on, 1, cv2.GC_EVAL_FREEZE_MODEL)
    return cv2.GaussianBlur((labels & 1).astype(np.float32), (0, 0), SOFT)


def gaussian(mean: float) -> np.ndarray:
    """OpenCV's model of five Gaussians of three channels of which the first alone counts, in the first channel."""
    model = np.zeros((1, 65))
    model[0, 0] = 1
    model[0, 5:8] = mean, 128, 128
    # The log of the ratio of two such is 2 * half * (x - half) / variance, and shall be WEIGHT * MOST at the ends.
    variance = LEVELS**2 / 2 / (WEIGHT * MOST)
    model[0, 20:29] = np.diag((variance, WIDE, WIDE)).ravel()
    for other in range(1, 5):
        model[0, 20 + 9 * other : 29 + 9 * other] = np.eye(3).ravel()
    return model


def refined_edge(matte: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """A matte (h, w) in 0..1 of a reduced size as one (H, W) float32 that follows the edges of the picture.

    A guided filter whose coefficients are those of the reduced size (He and Sun 2015), on the brightness, only where
    the matte is between.
    """
    height, width = rgb.shape[:2]
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, matte.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    side = (2 * RADIUS + 1,) * 2
    mean, level = cv2.blur(small, side), cv2.blur(matte, side)
    slope = (cv2.blur(small * matte, side) - mean * level) / (cv2.blur(small * small, side) - mean * mean + FLAT)
    slope, offset = cv2.blur(slope, side), cv2.blur(level - slope * mean, side)
    slope, offset, coarse = (cv2.resize(one, (width, height)) for one in (slope, offset, matte))
    fine = 0.5 + STEEP * (slope * (grey.astype(np.float32) / 255) + offset - 0.5)
    edge = cv2.dilate(cv2.absdiff(coarse, np.round(coarse)), np.ones((3, 3), np.uint8)) > 0.02
    return np.where(edge, np.clip(fine, 0, 1), np.round(coarse)).astype(np.float32)
