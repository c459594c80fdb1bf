"""Shots that the tests draw, of a thing that moves before a ground, with the mask of every frame."""

from pathlib import Path

import cv2
import numpy as np
from clips import write_png

HEIGHT, WIDTH = 96, 128
RADIUS = 20


def shot(count: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """An orange disc that goes to the right before a blue ground, (H, W, 3) uint8, and its masks, (H, W) uint8."""
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 120, (HEIGHT, 3 * WIDTH, 3), np.uint8)
    ground = cv2.GaussianBlur(noise[:, :WIDTH], (0, 0), 2) + np.uint8((0, 20, 90))
    cover = cv2.GaussianBlur(noise[:, WIDTH:], (0, 0), 1) + np.uint8((120, 40, 0))
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    frames, masks = [], []
    for number in range(count):
        mask = np.hypot(x - middle(number)[0], y - middle(number)[1]) < RADIUS
        frames.append(np.where(mask[..., None], np.roll(cover, 4 * number, 1)[:, :WIDTH], ground).astype(np.uint8))
        masks.append(255 * mask.astype(np.uint8))
    return frames, masks


def middle(number: int) -> tuple[int, int]:
    """x and y of the disc's middle in a frame, the first of which is 0."""
    return 36 + 4 * number, 48


def write_shot(folder: Path, count: int) -> tuple[Path, Path]:
    """The folders with a shot's frames and with its masks, both named by frames."""
    frames, masks = shot(count)
    for name, pictures in (("clip", frames), ("true", masks)):
        (folder / name).mkdir()
        for number, picture in enumerate(pictures, 1):
            write_png(folder / name / f"{number:06d}.png", picture)
    return folder / "clip", folder / "true"


def likeness(one: np.ndarray, two: np.ndarray) -> float:
    """Of two masks (H, W) uint8, their common part as a share of both together."""
    both = one > 127, two > 127
    return np.logical_and(*both).sum() / np.logical_or(*both).sum()
