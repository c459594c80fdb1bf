"""A view of hills, trees, sky and water, as what is to be drawn: its light and its forms, without any technique."""

from dataclasses import dataclass

import numpy as np

from .canvas import Random, clouds, grid, step

SKY, SUN, HILL, TREE, WATER = range(5)


@dataclass
class View:
    """What is seen at every pixel; all fields are (side, side)."""

    kind: np.ndarray
    """SKY, SUN, HILL, TREE or WATER."""
    light: np.ndarray
    """How brightly it is lit, 0..1."""
    near: np.ndarray
    """0 at the horizon, 1 in front."""
    angle: np.ndarray
    """The direction of the form, in radians: down a slope, around a tree, along the clouds."""


def landscape(side: int, random: Random, sun: tuple[float, float, float], horizon: float, hills: int) -> View:
    """A view under a sun at (x, y, radius), all in parts of the side; water fills what lies before the last hill."""
    x, y = grid(side)
    billows = clouds(side, 3, 4, random, 0.55)
    kind = np.full((side, side), SKY)
    light = np.clip(0.72 + 0.55 * billows - 0.25 * (horizon - y), 0.05, 1)
    near, angle = np.zeros((side, side)), 0.5 * billows
    around = np.hypot(x - sun[0], y - sun[1]) / sun[2]
    light = np.maximum(light, 0.9 * step(around, 2.6, 1.0))
    kind[around < 1] = SUN
    light[around < 1] = 1.0
    angle = np.where(around < 2.6, np.arctan2(y - sun[1], x - sun[0]) + np.pi / 2, angle)
    for n in range(hills):
        depth = (n + 1) / hills
        base = horizon + (0.86 - horizon) * depth**1.4 * 0.9
        crest = base - (0.16 - 0.05 * depth) * clouds(side, 2 + n, 3, random)[side // 2]
        slopes = clouds(side, 4, 4, random, 0.6)
        down, right = np.gradient(slopes)
        inside = y > crest[None, :]
        shade = 0.52 + 26 * side / 1024 * (right * 0.9 - down * 0.5) + 0.25 * slopes - 0.16 * depth
        light = np.where(inside, np.clip(shade + 0.2 * step(y - crest[None, :], 0.05, 0), 0.02, 1), light)
        angle = np.where(inside, 1.15 + 1.1 * slopes + 0.5 * np.sin(3 * x + n), angle)
        near, kind = np.where(inside, depth, near), np.where(inside, HILL, kind)
        trees(x, y, crest, depth, random, (kind, light, near, angle))
    shore = 0.86 + 0.03 * clouds(side, 3, 3, random)[side // 3][None, :]
    water = y > shore
    mirrored = np.clip(2 * shore - y - 0.02, 0, 1)
    wave = 0.012 * np.sin(y * 260 + 9 * clouds(side, 4, 2, random))
    column = np.clip((x + wave) * side, 0, side - 1).astype(int)
    reflected = light[(mirrored * side).astype(int).clip(0, side - 1), column]
    light = np.where(water, np.clip(0.8 * reflected + 0.22 * np.sin(y * 420 + 14 * noise_of(x, y)), 0.02, 1), light)
    return View(np.where(water, WATER, kind), evened(light), np.where(water, 1.0, near), np.where(water, 0.05, angle))


def evened(light: np.ndarray) -> np.ndarray:
    """The same light with as much dark as middle and bright, (side, side) in 0..1."""
    known, counts = np.unique(np.round(light * 500), return_counts=True)
    share = (np.cumsum(counts) - counts / 2) / light.size
    return 0.25 * light + 0.75 * np.interp(light * 500, known, share)


def noise_of(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A few waves across each other, about -1..1."""
    return np.sin(9 * x + 4 * y) * np.cos(17 * y - 6 * x)


def trees(x: np.ndarray, y: np.ndarray, crest: np.ndarray, depth: float, random: Random, fields: tuple) -> None:
    """Round trees along a hill's crest, larger the nearer it is, drawn into `fields`: kind, light, near and angle."""
    kind, light, near, angle = fields
    side = len(crest)
    for _ in range(round(26 - 12 * depth)):
        cx = random.uniform(0.0, 1.0)
        radius = random.uniform(0.010, 0.026) * (0.7 + 2.6 * depth)
        cy = crest[int(cx * side)] + random.uniform(-0.3, 2.2) * radius
        dx, dy = (x - cx) / radius, (y - cy) / (radius * random.uniform(1.0, 1.7))
        bumps = 0.13 * np.sin(7 * np.arctan2(dy, dx) + 6 * cx * 9)
        inside = np.hypot(dx, dy) < 1 + bumps
        shade = 0.42 - 0.42 * dx - 0.34 * dy - 0.1 * depth
        kind[inside], near[inside] = TREE, depth
        light[inside] = np.clip(shade, 0.02, 0.95)[inside]
        angle[inside] = (np.arctan2(dy, dx) + np.pi / 2)[inside]
