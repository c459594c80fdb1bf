"""Pixel art: an evening by the sea in sixteen colours, in squares, with ordered dither between neighbouring colours."""

import numpy as np

from .canvas import Colour, Random, clouds, grid, step

CELLS = 32
# One palette for all, each ramp from dark to light.
NIGHT: tuple[Colour, ...] = (
    (20, 12, 40),
    (46, 26, 86),
    (104, 40, 128),
    (186, 54, 132),
    (244, 96, 96),
    (255, 162, 74),
    (255, 226, 120),
)
SEA: tuple[Colour, ...] = ((12, 18, 56), (18, 52, 112), (22, 106, 158), (52, 178, 186), (152, 238, 202))
LEAF: tuple[Colour, ...] = ((12, 22, 34), (16, 62, 54), (42, 122, 58), (132, 186, 60))
SNOW: Colour = (250, 246, 255)
# Bayer's matrix: at which share of two colours each of 16 squares takes the lighter one.
ORDER = (np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) + 0.5) / 16


def dithered(ramp: tuple[Colour, ...], value: np.ndarray) -> np.ndarray:
    """Values 0..1 (n, n) in the ramp's own colours, two of them in a pattern where a value lies between."""
    n = len(value)
    place = np.clip(value, 0, 1) * (len(ramp) - 1)
    threshold = np.tile(ORDER, (n // 4 + 1, n // 4 + 1))[:n, :n]
    return np.array(ramp, float)[np.minimum((place + threshold).astype(int), len(ramp) - 1)]


def ridge(cells: int, base: float, height: float, bumps: int, random: Random) -> np.ndarray:
    """A crest (cells,) as a part of the height."""
    return base - height * clouds(cells, bumps, 3, random)[cells // 2]


def pixel(side: int, seed: int = 3) -> np.ndarray:
    """The picture (side, side, 3), RGB, 8 bit."""
    random, n = np.random.default_rng(seed), CELLS
    x, y = grid(n)
    sun = np.hypot(x - 0.62, y - 0.40)
    glow = 0.08 + 0.72 * (y / 0.58) ** 1.5 + 0.22 * np.exp(-((sun / 0.2) ** 2))
    puffs = clouds(n, 4, 3, random)
    streaks = np.round(np.roll(puffs, 1, 0) * 3 + y * 20) % 5 == 0
    picture = dithered(NIGHT, glow * 0.86 + 0.22 * np.where(puffs > 0.12, puffs, 0) * (y < 0.5))
    picture = np.where(
        ((streaks & (puffs > -0.1)) & (y > 0.22) & (y < 0.55))[..., None], dithered(NIGHT, glow + 0.12), picture
    )
    picture[(random.random((n, n)) < 0.008) & (y < 0.26)] = SNOW
    picture[sun < 0.115] = dithered(NIGHT, 1.12 - 1.5 * (y - 0.34))[sun < 0.115]
    for base, height, bumps, shade in ((0.54, 0.16, 5, 0.30), (0.60, 0.12, 7, 0.14)):
        crest = ridge(n, base, height, bumps, random)[None, :]
        slope = np.gradient(np.broadcast_to(crest, (n, n)), axis=1) * n
        lit = shade + 0.16 * np.sign(-slope) * (clouds(n, 12, 2, random) > -0.2) + 0.3 * step(y - crest, 0.1, 0)
        inside = (y >= crest) & (y < 0.64)
        picture[inside] = dithered(NIGHT, lit * 0.9)[inside]
        caps = inside & (y < crest + 0.022 + 0.02 * (puffs > 0)) & (crest < base - 0.02)
        picture[caps] = SNOW
    sea = y >= 0.62
    shine = np.exp(-(((x - 0.62) / (0.05 + 0.5 * (y - 0.6))) ** 2)) * (0.55 + 0.5 * np.sin(y * n * 2.1 + 5 * puffs))
    waves = 0.28 + 0.26 * np.sin(y * 60 + 12 * puffs + 6 * x) + 0.22 * clouds(n, 16, 1, random)
    picture[sea] = dithered(SEA, waves)[sea]
    gleam = sea & (shine > 0.42)
    picture[gleam] = dithered(NIGHT, 0.55 + 0.5 * shine)[gleam]
    return np.repeat(np.repeat(plants(picture, random), side // n, 0), side // n, 1).astype(np.uint8)


def plants(picture: np.ndarray, random: Random) -> np.ndarray:
    """A dark shore with pines, bushes and flowers before it all."""
    n = len(picture)
    x, y = grid(n)
    crest = ridge(n, 0.90, 0.07, 4, random)[None, :]
    leaves = 0.30 + 0.45 * clouds(n, 20, 2, random) + 0.25 * step(y - crest, 0.06, 0)
    shore = y > crest
    picture[shore] = dithered(LEAF, leaves)[shore]
    for cx, top, foot, wide in ((0.10, 0.30, 0.92, 0.105), (0.235, 0.50, 0.93, 0.075), (0.90, 0.42, 0.94, 0.09)):
        rise = (y - top) / (foot - top)
        tiers = 0.35 + 0.65 * ((rise * 7) % 1.0)
        inside = (np.abs(x - cx) < wide * tiers * np.clip(rise + 0.1, 0, 1)) & (rise > 0) & (rise < 1)
        lit = 0.25 + 0.5 * (x > cx) * tiers + 0.35 * clouds(n, 24, 1, random)
        picture[inside] = dithered(LEAF, lit)[inside]
        picture[(np.abs(x - cx) < 0.012) & (rise > 0.9) & (rise < 1.08)] = NIGHT[0]
    for colour in (NIGHT[4], NIGHT[5], SNOW, NIGHT[3]):
        picture[shore & (random.random((n, n)) < 0.03)] = colour
    return picture
