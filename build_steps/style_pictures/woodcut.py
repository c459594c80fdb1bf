"""A colour woodcut: a wave, a mountain and a sun, carved with gouges, printed from four blocks that do not quite agree.

The black block is what the gouge left: its cuts follow the form, thin in the shade and broad in the light, and end in
points. The colour blocks show the grain of the wood.
"""

import cv2
import numpy as np

from .canvas import Colour, Random, clouds, finished, grid, mix, step, tapered

PAPER, BLACK = (243, 233, 208), (24, 26, 38)
INDIGO, SEA, RED, OCHRE = (38, 72, 122), (112, 168, 176), (206, 66, 44), (226, 168, 84)


class Block:
    """What is drawn, at every pixel; all fields are (side, side)."""

    def __init__(self, side: int) -> None:
        self.x, self.y = grid(side)
        self.light = np.zeros((side, side))
        """How much is carved away: 0 leaves the block as it is, 1 leaves nothing."""
        self.angle = np.zeros((side, side))
        """Direction of the cuts, in radians."""
        self.thing = np.zeros((side, side), int)
        self.colours = {name: np.zeros((side, side), bool) for name in ("indigo", "sea", "red", "ochre")}

    def put(self, inside: np.ndarray, light: np.ndarray, angle: np.ndarray | float, colour: str, thing: int) -> None:
        """Puts a thing of a colour (none: paper) in front of all others."""
        self.light, self.angle = np.where(inside, light, self.light), np.where(inside, angle, self.angle)
        self.thing[inside] = thing
        for name, block in self.colours.items():
            block[inside] = name == colour


def drawn(side: int, random: Random) -> Block:
    """Sun and clouds, a mountain, and two waves that break."""
    block = Block(side)
    x, y = block.x, block.y
    everywhere = np.ones((side, side), bool)
    reach = np.hypot(x - 0.31, y - 0.27)
    rays = np.arctan2(y - 0.27, x - 0.31)
    block.put(everywhere, 0.56 + 0.34 * np.cos(rays * 26 + 3 * reach), rays, "ochre", 1)
    block.put(y < 0.055 + 0.02 * np.sin(9 * x), 0.12, 0.0, "indigo", 2)
    block.put(reach < 0.165, 0.93 - 1.4 * reach * (x > 0.31), rays + np.pi / 2, "red", 3)
    for n, (cx, cy, wide) in enumerate(
        ((0.12, 0.36, 0.20), (0.62, 0.14, 0.24), (0.88, 0.24, 0.18), (0.40, 0.42, 0.15)), 4
    ):
        puffs = [np.hypot((x - cx - d * wide) / s, (y - cy - 0.012 * k) / (0.8 * s)) for k, (d, s) in
                 enumerate(((-0.7, 0.035), (-0.3, 0.052), (0.1, 0.045), (0.45, 0.055), (0.85, 0.03)))]  # fmt: skip
        near = np.minimum.reduce(puffs)
        which = np.argmin(puffs, axis=0)
        inside = (near < 1) & (y < cy + 0.028)
        centre = cx + np.array([-0.7, -0.3, 0.1, 0.45, 0.85])[which] * wide
        block.put(
            inside,
            1.0 - 0.75 * step(y, cy - 0.02, cy + 0.03),
            np.arctan2(y - cy, x - centre) + np.pi / 2,
            "",
            10 * n + which.mean().astype(int),
        )
    crest = (
        0.60 - 0.27 * np.exp(-((np.abs(x - 0.70) / 0.17) ** 1.25)) + 0.012 * np.sin(40 * x) * (np.abs(x - 0.7) < 0.3)
    )
    cap = y < 0.43 + 0.035 * np.sin(38 * x) + 0.02 * np.sin(91 * x)
    block.put((y > crest) & (y < 0.64), np.where(x > 0.71, 0.10, 0.42), np.where(x > 0.70, 0.95, 2.2), "indigo", 70)
    block.put((y > crest) & cap, np.where(x > 0.71, 0.62, 1.0), np.where(x > 0.70, 0.95, 2.2), "", 71)
    sea(block, random)
    return block


def sea(block: Block, random: Random) -> None:
    """Waves from the back to the front, each with a crest of foam."""
    x, y = block.x, block.y
    side = len(x)
    for n, (base, height, length, phase) in enumerate(
        ((0.60, 0.030, 8.0, 0.4), (0.665, 0.055, 5.6, 2.2), (0.755, 0.085, 4.2, 0.2), (0.87, 0.11, 3.1, 2.9))
    ):
        wave = x * length + phase
        # Steep in front and flat behind: the wave leans over.
        lean = wave + 0.62 * np.sin(wave * 2 * np.pi / 2 + 0.6) / 1.6
        crest = base - height * np.abs(np.sin(lean * np.pi / 2)) ** 1.5 + 0.006 * np.sin(50 * x + n)
        depth = y - crest
        run = np.arctan(np.gradient(crest, axis=1) * side)
        stripes = np.sin(depth * (150 - 22 * n) + 1.5 * np.sin(wave * 3))
        light = np.clip(0.40 + 0.45 * stripes - 0.9 * depth, 0, 1)
        colour = "sea" if n % 2 else "indigo"
        block.put(depth > 0, light, run * np.exp(-np.clip(depth, 0, 1) * 5) + 0.06, colour, 80 + n)
        other = (depth > 0) & (stripes > 0.55)
        block.colours["sea"][other & (colour == "indigo")] = True
        block.colours["indigo"][other & (colour == "indigo")] = False
        teeth = 0.014 + 0.016 * np.abs(np.sin(x * (64 - 9 * n) + 2 * np.sin(9 * x))) + 0.012 * np.sin(23 * x + n)
        block.put((depth > 0) & (depth < teeth * (0.8 + 0.5 * n)), 0.97, run, "", 90 + n)
        curls(block, crest[0] if crest.ndim > 1 else crest, n, random)


def curls(block: Block, crest: np.ndarray, wave: int, random: Random) -> None:
    """Claws of foam and drops above a crest."""
    side = len(crest)
    for _ in range(16 + 4 * wave):
        cx = random.uniform(0, 1)
        radius = random.uniform(0.006, 0.014) * (0.7 + 0.35 * wave)
        cy = crest[int(cx * side) % side] + random.uniform(-2.2, 0.8) * radius
        reach = np.hypot(block.x - cx, block.y - cy)
        curl = np.arctan2(block.y - cy, block.x - cx) / (2 * np.pi) + reach / radius * 0.9
        block.put((reach < radius) & ((curl % 1) < 0.72), 1.0, 0.0, "", 100 + wave)


def carved(block: Block, random: Random) -> np.ndarray:
    """What the gouge has taken out of the black block, (side, side) in 0..1."""
    side = len(block.x)
    field = np.zeros((side, side), np.uint8)
    across = 118
    cells = np.stack(np.divmod(random.permutation(across**2), across), axis=1)
    for px, py in np.clip((cells + random.uniform(0.1, 0.9, cells.shape)) / across, 0, 0.9999):
        column, row = int(px * side), int(py * side)
        light, thing = block.light[row, column], block.thing[row, column]
        if light < 0.10 or light < 0.16 * random.random():
            continue
        angle = block.angle[row, column] + random.normal(0, 0.05)
        ahead = np.array([np.cos(angle), np.sin(angle)])
        length = random.uniform(0.022, 0.048) * (0.55 + light)
        t = np.linspace(-0.5, 0.5, 9)
        points = np.array([px, py]) + ahead * (t * length)[:, None]
        spots = np.clip(points * side, 0, side - 1).astype(int)
        within = block.thing[spots[:, 1], spots[:, 0]] == thing
        if within.sum() < 4:
            continue
        points, t = points[within], np.linspace(0, 1, within.sum())
        width = side / across * (0.10 + 1.25 * light**1.6) * random.uniform(0.8, 1.15)
        # A gouge goes in quickly and comes out slowly.
        tapered(field, points, np.maximum(width * np.sin(np.pi * t**0.65) ** 0.8, 0.4), 255)
    return np.maximum(field / 255.0, step(block.light, 0.90, 0.95))


def printed(block: np.ndarray, wood: np.ndarray, aside: tuple[float, float], random: Random) -> np.ndarray:
    """How much ink a block leaves (side, side) in 0..1: shifted `aside` (parts of the side), uneven like its wood."""
    side = len(block)
    soft = cv2.GaussianBlur(block.astype(np.float32), (0, 0), 0.9)
    shift = np.float32([[1, 0, aside[0] * side], [0, 1, aside[1] * side]])
    moved = cv2.warpAffine(soft, shift, (side, side), borderMode=cv2.BORDER_REPLICATE)
    ink = 0.90 + 0.10 * wood + 0.05 * clouds(side, 5, 3, random)
    return np.clip(moved * np.clip(ink, 0.35, 1), 0, 1)


def wood_grain(side: int, random: Random) -> np.ndarray:
    """Long fibres with knots (side, side), mean 0, deviation 1."""
    x, y = grid(side)
    bend = y + 0.05 * clouds(side, 2, 2, random) + 0.05 * np.exp(-(((x - 0.72) / 0.10) ** 2 + ((y - 0.55) / 0.06) ** 2))
    rings = np.sin(bend * 170 + 3 * noise_along(bend, random)) + 0.6 * np.sin(bend * 410)
    fibres = cv2.GaussianBlur(random.normal(size=(side, side)), (0, 0), sigmaX=28, sigmaY=0.9)
    both = 0.7 * rings + fibres / fibres.std()
    return (both - both.mean()) / both.std()


def noise_along(value: np.ndarray, random: Random) -> np.ndarray:
    """Smooth noise of one number, about -1..1."""
    knots = random.uniform(-1, 1, 40)
    return np.interp(np.clip(value, 0, 1), np.linspace(0, 1, 40), knots)


def woodcut(side: int, seed: int = 8) -> np.ndarray:
    """The picture (side, side, 3), RGB, 8 bit."""
    random, large = np.random.default_rng(seed), 2 * side
    block = drawn(large, random)
    wood = wood_grain(large, random)
    picture = np.array(PAPER) * (1 + 0.02 * clouds(large, 5, 4, random) + 0.012 * wood)[..., None]
    inks: tuple[tuple[str, Colour, tuple[float, float]], ...] = (
        ("ochre", OCHRE, (0.002, -0.001)), ("sea", SEA, (-0.003, 0.002)), ("red", RED, (0.004, 0.002)),
        ("indigo", INDIGO, (-0.002, -0.002)),
    )  # fmt: skip
    for name, colour, aside in inks:
        picture = mix(picture, colour, printed(block.colours[name], wood, aside, random))
    left = 1 - carved(block, random)
    contour = cv2.morphologyEx(block.thing.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((5, 5))) > 0
    thick = cv2.GaussianBlur(contour.astype(np.float32), (0, 0), 2.2) * 1.7
    key = np.maximum(left, step(thick + 0.2 * clouds(large, 40, 2, random), 0.45, 0.6))
    return finished(mix(picture, BLACK, printed(key, wood * 0.6, (0, 0), random)), side)
