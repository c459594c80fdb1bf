"""A thing that moves over a ground, and where it is: made by formulas, so that the truth is known to the pixel."""

import cv2
import numpy as np

SIZE = 96, 160  # height and width


def ground(size=SIZE, seed=1):
    """Blue and green blotches, (H, W, 3) uint8."""
    noise = np.random.default_rng(seed).normal(0, 1, (*size, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.5)
    return np.clip((70, 115, 125) + 110 * soft, 0, 255).astype(np.uint8)


def shown(place, radius=16, size=SIZE, below=None):
    """A striped orange disc at (x, y) before a ground, (H, W, 3) uint8, and its mask, (H, W) bool."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    mask = np.hypot(x - place[0], y - place[1]) < radius
    stripes = 25 * np.sin((x - place[0]) * 0.9)[..., None]
    thing = np.clip(stripes + np.array((215, 130, 45)), 0, 255)
    picture = np.where(mask[..., None], thing, ground(size) if below is None else below)
    return cv2.GaussianBlur(picture.astype(np.uint8), (0, 0), 0.6), mask


def likeness(matte, mask):
    """Their common part as a share of both together; 1 if both are empty."""
    inside = matte > 127
    union = np.count_nonzero(inside | mask)
    return np.count_nonzero(inside & mask) / union if union else 1.0


def as_matte(mask):
    """A mask as a matte, uint8."""
    return mask.astype(np.uint8) * 255
