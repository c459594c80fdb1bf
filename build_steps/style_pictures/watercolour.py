"""Watercolour: a garden in transparent washes of red, blue and green, wet in wet, on rough white paper.

A wash is an outline that is roughened again and again, laid many times over itself, each time a little otherwise: its
edge is soft in some places and crisp in others. Pigment gathers at the rim and in the valleys of the paper.
"""

import cv2
import numpy as np

from .canvas import Colour, Random, clouds, curve, filled, finished, grid, step, tapered, tooth

PAPER = (250, 247, 238)
POPPIES: tuple[Colour, ...] = ((226, 44, 32), (240, 92, 36), (206, 24, 70), (246, 140, 60))
BLUES: tuple[Colour, ...] = ((42, 84, 190), (86, 66, 176), (30, 130, 196))
GREENS: tuple[Colour, ...] = ((74, 132, 48), (34, 104, 84), (140, 162, 44), (24, 78, 60))
SKY: tuple[Colour, ...] = ((120, 176, 222), (182, 168, 222), (246, 208, 150), (158, 210, 196))


def roughened(outline: np.ndarray, times: int, spread: float, random: Random) -> np.ndarray:
    """An outline (N, 2) with twice as many points each time, the new ones moved aside at random."""
    for _ in range(times):
        after = np.roll(outline, -1, axis=0)
        length = np.linalg.norm(after - outline, axis=1, keepdims=True)
        middle = (outline + after) / 2 + random.normal(0, spread, outline.shape) * length
        outline = np.stack([outline, middle], axis=1).reshape(-1, 2)
    return outline


def blob(x: float, y: float, wide: float, high: float, turn: float, points: int = 9) -> np.ndarray:
    """An ellipse (points, 2), turned by `turn` radians."""
    t = np.linspace(0, 2 * np.pi, points, endpoint=False)
    across, down = wide * np.cos(t), high * np.sin(t)
    cos, sin = np.cos(turn), np.sin(turn)
    return np.stack([x + cos * across - sin * down, y + sin * across + cos * down], axis=1)


class Sheet:
    """Paper that pigment is laid on: light goes through all of it twice, so that washes multiply."""

    def __init__(self, side: int, random: Random) -> None:
        self.side, self.random = side, random
        self.grain = tooth(side, random, 2.2)
        self.light = np.array(PAPER) / 255 * (1 + 0.014 * self.grain)[..., None]

    def lay(self, colour: Colour, load: np.ndarray) -> None:
        """Pigment of a colour as thick as `load` (side, side) says; 1 shows the colour itself."""
        self.light *= np.exp(np.log((np.array(colour) + 4) / 262) * load[..., None])

    def wash(
        self, colour: Colour, outline: np.ndarray, strength: float, spread: float = 0.28, layers: int = 18
    ) -> None:
        """A wash of a colour inside an outline."""
        rough = roughened(outline, 2, spread, self.random)
        load = np.zeros((self.side, self.side), np.float32)
        for _ in range(layers):
            load += filled(self.side, roughened(rough, 3, spread * 0.75, self.random))
        load /= layers
        inner = cv2.GaussianBlur(load, (0, 0), self.side / 130)
        rim = np.clip(load - inner, 0, 1)
        pools = 1 + 0.50 * clouds(self.side, 7, 4, self.random, 0.6)
        granules = 1 - 0.16 * self.grain
        self.lay(colour, strength * (load * pools * granules * 0.75 + 1.1 * rim))

    def bloom(self, x: float, y: float, radius: float) -> None:
        """Water that fell into a wet wash: it pushes pigment to a frayed rim."""
        across, down = grid(self.side)
        around = np.hypot(across - x, down - y) / radius + 0.20 * clouds(self.side, 16, 4, self.random)
        washed = step(around, 1.0, 0.3)
        self.light = self.light ** (1 - 0.55 * washed)[..., None]
        self.light = self.light ** (1 + 0.5 * np.exp(-(((around - 1.0) / 0.055) ** 2)))[..., None]


def flower(sheet: Sheet, x: float, y: float, size: float, colours: tuple[Colour, ...]) -> None:
    """Petals over each other, on paper that was kept nearly clean.

    No heart and no seeds: a film that is painted in this style shall get its washes, not its flowers.
    """
    random = sheet.random
    across, down = grid(sheet.side)
    around = np.hypot(across - x, down - y) / size + 0.30 * clouds(sheet.side, 9, 4, random)
    sheet.light = sheet.light ** (1 - 0.62 * step(around, 1.15, 0.25))[..., None]
    first = random.uniform(0, 2 * np.pi)
    for n in range(random.integers(5, 9)):
        turn = first + n * 2.4 + random.normal(0, 0.3)
        reach = size * random.uniform(0.15, 0.95)
        petal = blob(x + reach * np.cos(turn), y + 0.8 * reach * np.sin(turn), size * random.uniform(0.22, 0.80),
                     size * random.uniform(0.16, 0.50), turn + random.normal(0, 0.5))  # fmt: skip
        sheet.wash(colours[random.integers(len(colours))], petal, random.uniform(0.25, 0.95))


def stem(sheet: Sheet, x: float, y: float) -> None:
    """A stem from a flower to the foot of the sheet, with leaves."""
    random = sheet.random
    foot = np.array([x + random.normal(0, 0.07), 1.03])
    points = curve(np.array([[x, y], [x + random.normal(0, 0.03), (y + 1) / 2], foot]), 30)
    field, t = np.zeros((sheet.side, sheet.side), np.uint8), np.linspace(0, 1, 30)
    tapered(field, points, (5 + 6 * t) * sheet.side / 1024, 255)
    sheet.lay(GREENS[random.integers(2)], field / 255 * (0.75 + 0.3 * clouds(sheet.side, 9, 2, random)))
    for _ in range(random.integers(2, 5)):
        at = points[random.integers(8, 28)]
        turn = random.choice((-1, 1)) * random.uniform(0.3, 1.1) - np.pi / 2
        length = random.uniform(0.06, 0.13)
        middle = at + length * np.array([np.cos(turn), np.sin(turn)])
        leaf = blob(*middle, length, length * random.uniform(0.16, 0.30), turn, 10)
        sheet.wash(GREENS[random.integers(len(GREENS))], leaf, random.uniform(0.5, 1.0), 0.16, 12)


def watercolour(side: int, seed: int = 21) -> np.ndarray:
    """The picture (side, side, 3), RGB, 8 bit."""
    random, large = np.random.default_rng(seed), 2 * side
    sheet = Sheet(large, random)
    for n in range(9):
        x, y = random.uniform(-0.05, 1.05), 0.07 + 0.62 * random.uniform(0, 1) ** 1.2
        sheet.wash(
            SKY[n % 4],
            blob(x, y, random.uniform(0.16, 0.34), random.uniform(0.08, 0.17), random.normal(0, 0.2)),
            0.55,
            0.55,
        )
    for n in range(8):
        outline = blob(random.uniform(0, 1), random.uniform(0.78, 1.0), random.uniform(0.12, 0.25), 0.10, 0)
        sheet.wash(GREENS[n % 4], outline, 0.42, 0.55)
    for _ in range(7):
        sheet.bloom(random.uniform(0, 1), random.uniform(0.05, 0.9), random.uniform(0.035, 0.10))
    flowers = [(0.20, 0.26, 0.125, POPPIES), (0.68, 0.16, 0.100, POPPIES), (0.50, 0.47, 0.140, POPPIES),
               (0.87, 0.44, 0.100, BLUES), (0.08, 0.56, 0.090, BLUES), (0.74, 0.72, 0.115, POPPIES),
               (0.28, 0.78, 0.090, BLUES), (0.44, 0.08, 0.070, BLUES), (0.94, 0.14, 0.060, GREENS),
               (0.56, 0.90, 0.080, BLUES), (0.95, 0.90, 0.090, POPPIES), (0.06, 0.92, 0.070, POPPIES)]  # fmt: skip
    for x, y, *_ in flowers[::2]:
        stem(sheet, x, y)
    for x, y, size, colours in flowers:
        flower(sheet, x, y, size, colours)
    drops = np.zeros((large, large), np.uint8)
    for x, y in random.uniform(0, 1, (70, 2)):
        cv2.circle(drops, (int(x * large), int(y * large)), int(1 + min(random.pareto(1.8), 7)), 255, -1, cv2.LINE_AA)
    sheet.lay(POPPIES[2], drops / 255 * 0.6 * (clouds(large, 5, 2, random) > 0))
    sheet.lay(BLUES[0], drops / 255 * 0.6 * (clouds(large, 5, 2, random) > 0.3))
    return finished(sheet.light * 255, side)
