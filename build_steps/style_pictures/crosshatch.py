"""Hatching with pen and sepia ink on toned paper, heightened with white and red chalk.

Every patch of parallel strokes follows the form; the darker a place is, the more layers cross there.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .canvas import Colour, Random, clouds, finished, grid, mix, step, tapered, tooth

PAPER, INK, WHITE, RED = (226, 205, 168), (42, 26, 22), (255, 251, 236), (178, 66, 38)


@dataclass(frozen=True)
class Layer:
    """Patches of strokes in one direction, where the view is darker (or lighter) than `limit`."""

    patches: int
    turn: float
    """Against the form, in radians."""
    limit: float
    width: float
    """In thousandths of the side."""
    length: float
    gap: float
    """Between strokes; both in parts of the side."""


PEN = (
    Layer(330, 0.10, 0.84, 2.5, 0.078, 0.0115),
    Layer(370, 1.05, 0.62, 2.6, 0.066, 0.0110),
    Layer(420, -0.75, 0.44, 2.8, 0.056, 0.0100),
    Layer(480, 1.70, 0.28, 3.0, 0.046, 0.0092),
    Layer(560, 0.45, 0.15, 3.6, 0.036, 0.0084),
)
CHALK = Layer(420, 0.35, 0.86, 4.2, 0.064, 0.0135)
BLUSH = Layer(620, 0.75, 0.86, 3.8, 0.060, 0.0120)
LAMP = np.array([-0.52, -0.60, 0.61])  # where the light comes from: the upper left, in front
# Fruit: x, y, half width, half height, how much of its own red it has; from the back to the front.
FRUIT = (
    (0.17, 0.50, 0.115, 0.105, 0.2),
    (0.80, 0.47, 0.100, 0.095, 0.9),
    (0.60, 0.60, 0.135, 0.125, 1.0),
    (0.30, 0.70, 0.155, 0.145, 0.6),
    (0.84, 0.72, 0.120, 0.112, 0.1),
    (0.58, 0.86, 0.090, 0.082, 0.8),
    (0.10, 0.88, 0.095, 0.090, 1.0),
)
# A jug: its half width at heights from its mouth to its foot.
JUG_X, JUG_Y, JUG = 0.47, (0.07, 0.60), (0.085, 0.062, 0.058, 0.085, 0.138, 0.165, 0.155, 0.120, 0.098)


@dataclass
class View:
    """What is to be drawn; all fields are (side, side)."""

    light: np.ndarray
    """0..1."""
    angle: np.ndarray
    """The direction across the form, in radians."""
    red: np.ndarray
    """0..1."""
    thing: np.ndarray
    """A number for each thing, 0 for the wall."""


def still_life(side: int, random: Random) -> View:
    """A jug and fruit on a cloth before a wall."""
    x, y = grid(side)
    wall = np.clip(0.34 + 0.50 * x + 0.30 * (y - 0.2) + 0.20 * clouds(side, 3, 3, random), 0, 1)
    folds = 19 * (x + 0.55 * y + 0.16 * clouds(side, 2, 3, random)) + 6 * (y - 0.6) ** 2
    cloth = np.clip(0.66 + 0.34 * np.sin(folds) + 0.16 * np.sin(2.3 * folds + 4 * y), 0.04, 1)
    table = y > 0.50 + 0.03 * np.sin(7 * x + 1)
    angle = np.where(table, 0.55 * np.cos(folds) + 0.5, 0.75 + 0.25 * clouds(side, 2, 2, random))
    view = View(np.where(table, cloth, wall), angle, np.where(table, 0.0, 0.25), np.where(table, 1, 0))
    middle, (top, foot) = JUG_X, JUG_Y
    half = np.interp((y - top) / (foot - top), np.linspace(0, 1, len(JUG)), JUG)
    half = cv2.GaussianBlur(half, (0, 0), side / 45)
    inside = (
        (np.abs(x - middle) < half)
        & (y > top)
        & (y < foot + 0.02 * np.sqrt(np.clip(1 - ((x - middle) / half) ** 2, 0, 1)))
    )
    handle = np.abs(np.hypot((x - middle - 0.135) / 0.085, (y - 0.235) / 0.115) - 1) < 0.17
    shadow(view, x, y, middle, foot, 0.17)
    place(
        view,
        handle & (x > middle + 0.06),
        np.clip(0.62 - 2.4 * (x - middle - 0.16) - 0.6 * (y - 0.2), 0.05, 0.9),
        1.4,
        0.1,
        2,
    )
    across = np.clip((x - middle) / half, -1, 1)
    lit = 0.55 - 0.62 * across - 0.18 * across**2 + 0.35 * np.exp(-((across + 0.45) ** 2 + ((y - 0.36) / 0.1) ** 2) * 7)
    place(
        view,
        inside,
        lit + 0.16 * step(across, 0.72, 1.0),
        0.12 + 0.9 * across * np.gradient(half, axis=0) * side / 3,
        0.1,
        3,
    )
    for n, (cx, cy, wide, high, red) in enumerate(FRUIT, 4):
        dx, dy = (x - cx) / wide, (y - cy) / high
        around = np.arctan2(dy, dx)
        reach = np.hypot(dx, dy) / (
            1 + 0.035 * np.sin(3 * around + n) - 0.10 * np.exp(-((np.sin((around + np.pi / 2) / 2) / 0.16) ** 2))
        )
        up = np.sqrt(np.clip(1 - reach**2, 0, 1))
        lit = 0.18 + 0.86 * np.clip(dx * LAMP[0] + dy * LAMP[1] + up * LAMP[2], -0.2, 1) + 0.22 * step(reach, 0.78, 1.0)
        shadow(view, x, y, cx, cy + 0.8 * high, wide)
        place(view, reach < 1, lit, around + np.pi / 2, red, n)
        stalk = np.abs(dx - 0.10 * (dy + 0.85)) < 0.045
        place(view, stalk & (dy > -1.25) & (dy < -0.72), np.full_like(x, 0.1), 1.5, 0.0, n + 20)
    view.light = np.clip(view.light, 0, 1) ** 0.72
    return view


def shadow(view: View, x: np.ndarray, y: np.ndarray, cx: float, foot: float, wide: float) -> None:
    """Darkens the cloth where a thing keeps the lamp's light from it: to its right, and a little behind."""
    reach = np.hypot((x - cx - 0.75 * wide) / (1.55 * wide), (y - foot - 0.03) / (0.42 * wide))
    view.light = np.where(y > 0.42, view.light * (1 - 0.85 * step(reach, 1.0, 0.72)), view.light)


def place(
    view: View, inside: np.ndarray, light: np.ndarray, angle: np.ndarray | float, red: float, number: int
) -> None:
    """Puts a thing in front of what is there."""
    view.light = np.where(inside, np.clip(light, 0.02, 1), view.light)
    view.angle = np.where(inside, angle, view.angle)
    view.red, view.thing = np.where(inside, red, view.red), np.where(inside, number, view.thing)


def hatch(view: View, layer: Layer, wanted: np.ndarray, random: Random) -> np.ndarray:
    """How much of a layer lies at each pixel (side, side) in 0..1; its patches lie where `wanted` is true."""
    side = len(wanted)
    field = np.zeros((side, side), np.uint8)
    across = round(layer.patches**0.5)
    cells = np.stack(np.divmod(random.permutation(across**2), across), axis=1)
    for cx, cy in np.clip((cells + random.uniform(-0.2, 1.2, cells.shape)) / across, 0, 0.999):
        column, row = int(cx * side), int(cy * side)
        if not wanted[row, column]:
            continue
        angle = view.angle[row, column] + layer.turn + random.normal(0, 0.10)
        ahead, aside = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        strokes = random.integers(4, 10)
        bend = random.normal(0, 0.10)
        for n in range(strokes):
            middle = np.array([cx, cy]) + aside * layer.gap * (n - strokes / 2) + random.normal(0, 0.0011, 2)
            at = np.clip(middle * side, 0, side - 1).astype(int)
            if not wanted[at[1], at[0]]:
                continue
            t = np.linspace(-0.5, 0.5, 7)[:, None]
            length = layer.length * random.uniform(0.7, 1.25)
            points = middle + ahead * t * length + aside * bend * length * (t * t * 4 - 1) / 2
            press = layer.width * side / 1000 * random.uniform(0.7, 1.2)
            tapered(field, points, press * (0.3 + 0.7 * np.cos(2.8 * t[:, 0])), 255)
    return field.astype(np.float32) / 255


def outlines(view: View, random: Random) -> np.ndarray:
    """Ink along the edges of things, here and there broken, (side, side) in 0..1."""
    edge = cv2.morphologyEx(view.thing.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((3, 3))) > 0
    edge = cv2.dilate(edge.astype(np.float32), np.ones((3, 3)))
    pressed = np.clip(0.75 + 0.8 * clouds(len(edge), 14, 2, random), 0.1, 1)
    return np.clip(cv2.GaussianBlur(edge, (0, 0), 0.9) * pressed * 1.3, 0, 1)


def on_paper(picture: np.ndarray, colour: Colour, load: np.ndarray, grain: np.ndarray, hold: float) -> np.ndarray:
    """Pen or chalk on paper; what is dry catches on the grain alone, as `hold` says (0: ink, 1: chalk)."""
    caught = np.clip(1 + hold * (grain - 0.1) * 0.9, 0, 1)
    return mix(picture, colour, load * caught)


def crosshatch(side: int, seed: int = 5) -> np.ndarray:
    """The picture (side, side, 3), RGB, 8 bit."""
    random, large = np.random.default_rng(seed), 2 * side
    view = still_life(large, random)
    grain = tooth(large, random, 1.6)
    picture = np.array(PAPER) * (1 + 0.035 * clouds(large, 4, 3, random) + 0.018 * grain)[..., None]
    blush = hatch(view, BLUSH, (view.red > random.random(view.red.shape)) & (view.light < BLUSH.limit), random)
    picture = on_paper(picture, RED, 0.80 * blush, grain, 0.9)
    picture = on_paper(picture, WHITE, 0.95 * hatch(view, CHALK, view.light > CHALK.limit, random), grain, 0.8)
    for layer in PEN:
        picture = on_paper(picture, INK, 0.92 * hatch(view, layer, view.light < layer.limit, random), grain, 0.15)
    return finished(on_paper(picture, INK, 0.9 * outlines(view, random), grain, 0.2), side)
