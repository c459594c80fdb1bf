"""Oil: suns over a swirling night, in long ridged strokes.

A painter's order: long broad strokes first, short fine ones over them, every stroke along a swirling flow. A stroke is
a bundle of bristles, each with its own shade and its own load of paint; the paint's relief is lit from the upper left.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .canvas import Random, along, finished, grid, noise

# Deep blues to turquoise on one side, ochre to warm yellow and orange on the other; RGB, dark to light.
COLD = ((10, 14, 52), (17, 34, 105), (26, 70, 168), (38, 122, 190), (64, 176, 186), (158, 218, 204))
WARM = ((96, 36, 16), (168, 70, 18), (216, 112, 20), (238, 160, 34), (250, 206, 74), (255, 240, 176))


@dataclass(frozen=True)
class Brush:
    """Strokes of one size: how many, how wide and long as a part of the picture's side, how many bristles."""

    strokes: int
    width: float
    length: float
    bristles: int
    shade: float  # how far a stroke strays from the colour below it


BRUSHES = (
    Brush(900, 0.060, 0.26, 34, 0.10),
    Brush(1500, 0.030, 0.17, 18, 0.16),
    Brush(2200, 0.016, 0.11, 11, 0.22),
    Brush(1500, 0.008, 0.07, 6, 0.30),
)
# Where the paint swirls: x, y, radius as parts of the side, turning sense, warmth in the middle.
WHIRLS = (
    (0.68, 0.27, 0.19, 1.0, 1.0),
    (0.27, 0.38, 0.23, -1.0, 0.35),
    (0.14, 0.10, 0.11, 1.0, 0.9),
    (0.50, 0.66, 0.16, 1.0, 0.15),
    (0.88, 0.62, 0.13, -1.0, 0.8),
    (0.22, 0.80, 0.15, -1.0, 0.75),
)
STEP = 0.008  # of the side, between two points of a stroke


def stream(side: int, random: Random) -> np.ndarray:
    """The stream function (side, side): paint flows along its contour lines, so nothing wells up or drains away."""
    x, y = grid(side)
    psi = 0.055 * noise(side, 3, random) + 0.020 * noise(side, 7, random) + 0.10 * (y + 0.10 * np.sin(5 * x))
    for cx, cy, radius, sense, _ in WHIRLS:
        distance = np.hypot(x - cx, y - cy) / radius
        psi += sense * 0.16 * radius / 0.19 * np.exp(-(distance**2))
    return psi


def colours(psi: np.ndarray, random: Random) -> np.ndarray:
    """What is to be painted (side, side, 3), RGB 0..255: bands along the flow, warm where the whirls glow."""
    side = len(psi)
    x, y = grid(side)
    warmth = 0.16 * noise(side, 6, random) + 0.62 * np.clip((y - 0.80) * 4, 0, 1)
    light = 0.40 + 0.30 * np.sin(psi * 150 + 2 * noise(side, 4, random)) + 0.14 * noise(side, 9, random)
    for cx, cy, radius, _, glow in WHIRLS:
        distance = np.hypot(x - cx, y - cy) / radius
        warmth += 1.25 * glow * np.exp(-((distance / 0.85) ** 4))
        light += 0.48 * glow * np.exp(-((distance / 0.55) ** 2))
    light *= 1 - 0.30 * np.clip((y - 0.80) * 4, 0, 1)
    share = 1 / (1 + np.exp(-14 * (warmth - 0.5)))[..., None]
    return (1 - share) * along(COLD, light) + share * along(WARM, light)


def paths(psi: np.ndarray, brush: Brush, random: Random) -> tuple[np.ndarray, np.ndarray]:
    """Middle lines of all strokes (strokes, points, 2) in pixels, and the normals to them."""
    side = len(psi)
    down, right = np.gradient(psi)
    points = max(4, round(brush.length / STEP))
    at = random.uniform(-0.02, 1.02, (brush.strokes, 2)) * side
    sense = random.choice((-1.0, 1.0), brush.strokes)[:, None]
    line, normal = [], []
    for _ in range(points):
        column, row = np.clip(at, 0, side - 1).astype(int).T
        flow = np.stack([down[row, column], -right[row, column]], axis=-1)
        flow /= np.linalg.norm(flow, axis=1, keepdims=True) + 1e-9
        line.append(at)
        normal.append(flow[:, ::-1] * (-1, 1))
        at = at + sense * flow * STEP * side
    return np.stack(line, axis=1), np.stack(normal, axis=1)


def paint(
    canvas: np.ndarray, relief: np.ndarray, wanted: np.ndarray, psi: np.ndarray, brush: Brush, random: Random
) -> None:
    """Lays all strokes of one brush onto `canvas` (RGB 0..255) and their thickness onto `relief` (0..1)."""
    side = len(psi)
    lines, normals = paths(psi, brush, random)
    across = np.linspace(-0.5, 0.5, brush.bristles)
    thick = max(1, round(1.7 * brush.width * side / brush.bristles))
    for line, normal in zip(lines, normals, strict=True):
        column, row = np.clip(line[len(line) // 3], 0, side - 1).astype(int)
        base = wanted[row, column] * (1 + brush.shade * random.normal()) + random.normal(0, 60 * brush.shade, 3)
        width = brush.width * side * random.uniform(0.6, 1.15)
        load = random.uniform(0.55, 1.0)
        for place in random.permutation(across):
            first, last = random.integers(0, 2 + len(line) // 8), len(line) - random.integers(0, 2 + len(line) // 3)
            taper = 1 - 0.35 * np.linspace(0, 1, len(line))[:, None] ** 3
            bristle = (line + normal * (place * width) * taper)[first:last]
            points = np.round(bristle * 16).astype(np.int32)[:, None]
            shade = base * random.normal(1.0, 0.10)
            # A brush pushes paint to the rims of its stroke: they stand highest.
            height = load * (0.45 + 0.55 * abs(place) * 2) * random.uniform(0.55, 1.0)
            cv2.polylines(canvas, [points], False, np.clip(shade, 0, 255).tolist(), thick, cv2.LINE_AA, 4)
            cv2.polylines(relief, [points], False, float(height * 255), thick, cv2.LINE_AA, 4)


def light(canvas: np.ndarray, relief: np.ndarray) -> np.ndarray:
    """The painting under a lamp at the upper left: slopes of the paint catch or lose its light, wet ridges shine."""
    height = cv2.GaussianBlur(relief.astype(np.float32) / 255, (0, 0), 0.8)
    down, right = np.gradient(height)
    slope = np.clip(1.5 * (right + down), -0.9, 0.9)[..., None]
    shine = np.clip(slope - 0.22, 0, 1) ** 1.5
    return np.clip(canvas * (1 + 0.55 * slope) + 150 * shine, 0, 255).astype(np.uint8)


def oil_swirl(side: int, seed: int = 7) -> np.ndarray:
    """The picture (side, side, 3), RGB, 8 bit."""
    random, large = np.random.default_rng(seed), side * 3 // 2
    psi = stream(large, random)
    wanted = colours(psi, random)
    canvas = np.ascontiguousarray(wanted.astype(np.uint8))
    relief = np.zeros((large, large), np.uint8)
    for brush in BRUSHES:
        paint(canvas, relief, wanted, psi, brush, random)
    return finished(light(canvas, relief), side)
