"""Soft pastel on dark rough paper: hills at sunset beside water, in broken strokes of many chalks.

Broad strokes with the side of the chalk come first, then short ones with its edge. A chalk lays powder on the bumps of
the paper; how deep it gets between them is how hard it is pressed. Every place gets colours beside its own.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .canvas import Colour, Random, clouds, curve, finished, mix, tapered, tooth
from .landscape import HILL, SKY, SUN, TREE, WATER, View, landscape

PAPER = (88, 74, 104)
# From shade to light, for each kind of thing.
CHALKS: dict[int, tuple[Colour, ...]] = {
    SKY: ((92, 84, 168), (146, 116, 196), (226, 140, 176), (250, 176, 140), (255, 222, 160)),
    SUN: ((255, 214, 120), (255, 236, 170), (255, 246, 214)),
    HILL: ((52, 50, 122), (112, 70, 140), (74, 132, 122), (150, 178, 92), (244, 202, 112)),
    TREE: ((34, 40, 92), (30, 92, 98), (62, 146, 92), (170, 196, 80), (252, 216, 110)),
    WATER: ((38, 62, 138), (48, 118, 176), (106, 182, 194), (240, 162, 170), (255, 218, 170)),
}
# Chalks that are put beside a thing's own: they make its colour glow.
ACCENTS: tuple[Colour, ...] = ((236, 84, 106), (64, 196, 196), (255, 152, 64), (150, 96, 214), (250, 240, 220))


@dataclass(frozen=True)
class Chalk:
    """Strokes of one size: how many, how broad and long as parts of the side, and how hard they are pressed; how far
    they stray from their place's colour, and how many of them are accents."""

    strokes: int
    width: float
    length: float
    press: float
    stray: float
    accents: float


ORDER = (
    Chalk(900, 0.070, 0.19, 0.60, 10, 0.00),
    Chalk(1000, 0.038, 0.16, 0.46, 16, 0.04),
    Chalk(1200, 0.021, 0.110, 0.56, 20, 0.08),
    Chalk(900, 0.012, 0.075, 1.00, 24, 0.12),
)


def colour_at(view: View, column: int, row: int, chalk: Chalk, random: Random) -> np.ndarray:
    """The chalk that is taken for a place: one of its thing's, or an accent."""
    if random.random() < chalk.accents:
        return np.array(ACCENTS[random.integers(len(ACCENTS))], float)
    ramp = CHALKS[int(view.kind[row, column])]
    place = np.clip(view.light[row, column] + random.normal(0, 0.07), 0, 0.999) * len(ramp)
    return np.clip(np.array(ramp[int(place)]) + random.normal(0, chalk.stray, 3) * 0.7, 0, 255)


def pastel(side: int, seed: int = 14) -> np.ndarray:
    """The picture (side, side, 3), RGB, 8 bit."""
    random, large = np.random.default_rng(seed), 2 * side
    view = landscape(large, random, sun=(0.34, 0.24, 0.075), horizon=0.40, hills=3)
    grain = tooth(large, random, 1.5)
    picture = np.array(PAPER) * (1 + 0.08 * clouds(large, 4, 3, random) + 0.05 * grain)[..., None]
    for n, chalk in enumerate(ORDER):
        for x, y in random.uniform(0, 1, (chalk.strokes, 2)):
            stroke(picture, grain, view, chalk, (x, y), random)
        if n == 0:
            # The ground is rubbed into the paper with the hand.
            picture = 0.35 * picture + 0.65 * cv2.GaussianBlur(picture, (0, 0), large / 90)
    return finished(picture, side)


def stroke(
    picture: np.ndarray, grain: np.ndarray, view: View, chalk: Chalk, at: tuple[float, float], random: Random
) -> None:
    """One stroke of a chalk along the form, drawn into `picture`."""
    side = len(picture)
    column, row = int(at[0] * side), int(at[1] * side)
    colour = colour_at(view, column, row, chalk, random)
    angle = view.angle[row, column] + random.normal(0, 0.16)
    ahead = np.array([np.cos(angle), np.sin(angle)])
    aside = np.array([-ahead[1], ahead[0]]) * chalk.length * random.normal(0, 0.07)
    length = chalk.length * random.uniform(0.6, 1.2)
    middle = np.array(at)
    points = curve(np.array([middle - ahead * length / 2, middle + aside, middle + ahead * length / 2]), 8)
    width = chalk.width * side * random.uniform(0.7, 1.2)
    reach = int(length * side / 2 + width) + 3
    left, top = max(column - reach, 0), max(row - reach, 0)
    window = np.s_[top : row + reach, left : column + reach]
    seen = picture[window]
    whole = max(seen.shape[:2])
    field = np.zeros((whole, whole), np.uint8)
    moved = (points - np.array([left, top]) / side) * side / whole
    tapered(field, moved, np.full(8, width) * random.uniform(0.85, 1.1, 8), 255)
    body = cv2.GaussianBlur(field, (0, 0), 1.2)[: seen.shape[0], : seen.shape[1]] / 255.0
    press = chalk.press + random.normal(0, 0.18)
    powder = np.clip(0.5 + 0.42 * (grain[window] + press * 2.2 - 1.0), 0, 1) * body
    seen[:] = mix(seen, colour, 0.92 * powder)
