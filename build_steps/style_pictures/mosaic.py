"""A mosaic of glass and gold: a sun over waves with fish, its stones laid in rows along every contour.

Stones are the cells of points that are spread evenly, measured along and across the contour so that cells become
squares (Hausner, "Simulating Decorative Mosaics", SIGGRAPH 2001).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .canvas import Colour, Random, clouds, finished, grid, noise

GROUT = (58, 52, 50)
GOLD: tuple[Colour, ...] = ((150, 92, 22), (206, 146, 40), (242, 198, 84), (255, 232, 160))
RED: tuple[Colour, ...] = ((112, 22, 28), (176, 40, 34), (214, 84, 48), (232, 132, 84))
BLUE: tuple[Colour, ...] = ((16, 26, 92), (24, 62, 150), (38, 110, 186), (104, 172, 214))
SEA: tuple[Colour, ...] = ((8, 66, 84), (14, 118, 122), (44, 168, 150), (152, 218, 190))
CREAM: tuple[Colour, ...] = ((206, 190, 160), (230, 218, 190), (244, 238, 220), (255, 252, 244))
BLACK: tuple[Colour, ...] = ((22, 20, 30), (34, 32, 48), (48, 44, 66), (70, 62, 84))
RAMPS = (BLUE, GOLD, RED, SEA, CREAM, BLACK)
SUN = (0.40, 0.30)
# Fish: x, y, length, turn in radians, ramp of the body.
FISH = (
    (0.30, 0.735, 0.30, 0.10, 2),
    (0.74, 0.865, 0.26, 3.05, 1),
    (0.77, 0.650, 0.20, -0.22, 2),
    (0.18, 0.93, 0.18, 0.2, 4),
)
ROUNDS = 9  # of spreading the stones evenly


@dataclass
class Drawing:
    """The cartoon under the stones; all fields are (side, side)."""

    ramp: np.ndarray
    """Index of the colours in RAMPS."""
    shade: np.ndarray
    """0 dark, 1 light."""
    contour: np.ndarray
    """Rows of stones run where it is the same."""


def drawing(side: int, random: Random) -> Drawing:
    """A sun with rays in a blue sky with clouds, waves below, and fish in them."""
    x, y = grid(side)
    around, reach = np.arctan2(y - SUN[1], x - SUN[0]), np.hypot(x - SUN[0], y - SUN[1])
    rays = np.cos(around * 14 + 2.2 * np.sin(reach * 16))
    ramp = np.where(np.sin(reach * 44) > -0.2, 0, 5)
    shade = 0.45 + 0.30 * np.sin(reach * 44 + 1.5) + 0.12 * clouds(side, 5, 2, random)
    contour = reach.copy()
    glow = reach < 0.285 + 0.035 * rays
    ramp = np.where(glow, np.where(rays > 0.1, 1, np.where(rays > -0.55, 2, 4)), ramp)
    shade = np.where(glow, 0.95 - 2.2 * (reach - 0.13), shade)
    ring, disc, face = reach < 0.158, reach < 0.138, reach < 0.085
    ramp = np.where(ring, 5, ramp)
    ramp, shade = np.where(disc, 1, ramp), np.where(disc, 0.95 - 3 * reach, shade)
    ramp, shade = np.where(face, 4, ramp), np.where(face, 1.0 - 6 * reach, shade)
    ramp = np.where(reach < 0.038, 2, ramp)
    ramp, shade, contour = cloud_banks(x, y, (ramp, shade, contour))
    swell = 0.052 * np.abs(np.sin(x * 10.5 + 0.5)) + 0.02 * np.sin(x * 5)
    depth = y - (0.60 - swell) + 0
    water = depth > 0
    bands = (depth * 17) % 1.0
    number = np.floor(depth * 17).astype(int)
    ramp = np.where(water, np.choose(np.clip(number, 0, 6), (4, 3, 3, 0, 3, 0, 5)), ramp)
    shade = np.where(water, 0.9 - 0.62 * bands - 0.04 * number, shade)
    contour = np.where(water, depth, contour)
    for cx, cy, length, turn, body in FISH:
        fish(x, y, (cx, cy, length, turn, body), (ramp, shade, contour))
    return Drawing(ramp, np.clip(shade + 0.07 * clouds(side, 12, 2, random), 0, 1), contour)


def cloud_banks(x: np.ndarray, y: np.ndarray, fields: tuple) -> tuple:
    """Curled clouds at both sides of the sun, as `fields`: ramp, shade and contour."""
    ramp, shade, contour = fields
    for cx, cy, size in ((0.88, 0.13, 0.11), (0.76, 0.19, 0.08), (0.97, 0.26, 0.09), (0.84, 0.42, 0.06),
                         (0.06, 0.10, 0.08), (0.03, 0.22, 0.06), (0.08, 0.50, 0.05)):  # fmt: skip
        reach = np.hypot(x - cx, (y - cy) * 1.15) / size
        inside = reach < 1
        curl = np.sin(np.arctan2(y - cy, x - cx) + reach * 9)
        ramp = np.where(inside, np.where(reach > 0.86, 5, np.where(curl > -0.25, 4, 3)), ramp)
        shade = np.where(inside, 0.85 - 0.3 * reach + 0.15 * curl, shade)
        contour = np.where(inside, reach * size, contour)
    return ramp, shade, contour


def fish(x: np.ndarray, y: np.ndarray, which: tuple, fields: tuple) -> None:
    """A fish with scales, a fin and an eye, drawn into `fields`: ramp, shade and contour."""
    cx, cy, length, turn, body = which
    ramp, shade, contour = fields
    cos, sin = np.cos(turn), np.sin(turn)
    u = ((x - cx) * cos + (y - cy) * sin) / length
    v = (-(x - cx) * sin + (y - cy) * cos) / length
    half = 0.235 * np.sqrt(np.clip(1 - (2 * u) ** 2, 0, 1)) * (1.1 - 0.4 * u)
    tail = (u < -0.36) & (u > -0.66) & (np.abs(v) < 0.05 + (-0.36 - u) * 0.75) & (np.abs(v) > (-0.52 - u) * 1.2)
    fins = (
        (np.abs(v) > half * 0.9) & (np.abs(v) < half + 0.09 * np.clip(1 - (u / 0.24) ** 2, 0, 1)) & (np.abs(u) < 0.24)
    )
    trunk = np.abs(v) < half
    rim = (np.abs(v) < half + 0.035) & ~trunk & (np.abs(u) < 0.52)
    scales = np.hypot((u * 11 + (np.floor(v * 11) % 2) * 0.5) % 1 - 0.5, (v * 11) % 1 - 0.5)
    eye = np.hypot(u - 0.36, v + 0.035)
    for inside, colour, light in (
        (rim, 5, 0.3), (tail, 1 if body != 1 else 2, 0.55 + 0.4 * np.sin(v * 60)), (fins, 5, 0.9),
        (trunk, body, 0.9 - 1.1 * scales + 0.6 * (0.1 - v)), (trunk & (u > 0.26), 4, 0.6 - v),
        (trunk & (v > 0.13), 4, 0.8), (trunk & (np.abs(u - 0.25) < 0.022), 5, 0.2), (eye < 0.045, 4, 1.0),
        (eye < 0.022, 5, 0.0),
    ):  # fmt: skip
        ramp[inside] = colour
        np.copyto(shade, light, where=inside)
    np.copyto(contour, v * length, where=trunk | tail | fins | rim)


def stones(angle: np.ndarray, size: np.ndarray, random: Random) -> np.ndarray:
    """The number of the stone that lies at each pixel, (side, side).

    Args:
        angle: of the rows (side, side), in radians.
        size: of a stone (side, side), in pixels.
    """
    side = len(angle)
    chance = 1 / size.ravel() ** 2
    count = int(chance.sum())
    places = random.choice(side * side, count, replace=False, p=chance / chance.sum())
    points = np.stack([places % side, places // side], axis=1).astype(float)
    for _ in range(ROUNDS):
        owner = cells(points, angle, size)
        weight = np.bincount(owner.ravel(), minlength=count).clip(1)
        y, x = np.mgrid[0:side, 0:side]
        points = np.stack([np.bincount(owner.ravel(), f.ravel(), count) / weight for f in (x, y)], axis=1)
    return cells(points, angle, size)


def cells(points: np.ndarray, angle: np.ndarray, size: np.ndarray) -> np.ndarray:
    """The number of each pixel's nearest point, as the larger of the distances along and across the rows says."""
    side = len(angle)
    nearest, owner = np.full((side, side), np.inf, np.float32), np.zeros((side, side), int)
    for n, (px, py) in enumerate(points):
        column, row = min(int(px), side - 1), min(int(py), side - 1)
        half, turn = size[row, column], angle[row, column]
        reach = int(half * 1.7)
        left, top = max(column - reach, 0), max(row - reach, 0)
        window = np.s_[top : row + reach + 1, left : column + reach + 1]
        near = nearest[window]
        dx = np.arange(left, left + near.shape[1]) - px
        dy = np.arange(top, top + near.shape[0])[:, None] - py
        cos, sin = np.cos(turn), np.sin(turn)
        distance = np.maximum(np.abs(dx * cos + dy * sin), np.abs(dy * cos - dx * sin)) * 2 / half
        closer = distance < near
        near[closer] = distance[closer]
        owner[window][closer] = n
    return owner


def mosaic(side: int, seed: int = 4) -> np.ndarray:
    """The picture (side, side, 3), RGB, 8 bit."""
    random, large = np.random.default_rng(seed), 2 * side
    plan = drawing(large, random)
    smooth = cv2.GaussianBlur(plan.contour, (0, 0), large / 300)
    down, right = np.gradient(smooth)
    angle = np.arctan2(down, right)
    size = large / 1024 * (19.5 + 3.5 * noise(large, 6, random))
    detail = cv2.dilate(
        (cv2.Laplacian(plan.ramp.astype(np.float32), cv2.CV_32F) != 0).astype(np.uint8), np.ones((5, 5))
    )
    size = size * (1 - 0.28 * cv2.GaussianBlur(detail.astype(np.float32), (0, 0), large / 90))
    owner = stones(angle, size, random)
    count = owner.max() + 1
    weight = np.bincount(owner.ravel(), minlength=count).clip(1)
    y, x = np.mgrid[0:large, 0:large]
    column, row = ((np.bincount(owner.ravel(), f.ravel(), count) / weight).astype(int) for f in (x, y))
    place = np.clip(plan.shade[row, column] + random.normal(0, 0.11, count), 0, 1) * 3
    low, share = np.minimum(place.astype(int), 2), (place % 1)[:, None]
    ramps = np.array(RAMPS, float)
    chosen = ramps[plan.ramp[row, column], low] * (1 - share) + ramps[plan.ramp[row, column], low + 1] * share
    chosen = chosen * random.normal(1, 0.055, (count, 1)) + random.normal(0, 6, (count, 3))
    # Every stone stands a little askew: one side of it catches the light.
    lean = random.normal(0, 1, (count, 2))
    along = ((x - column[owner]) * lean[owner, 0] + (y - row[owner]) * lean[owner, 1]) / 10
    edge = cv2.morphologyEx(owner.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((3, 3))) > 0
    inside = cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, 3)
    joint = np.clip((inside - 0.6 - 0.5 * random.random(count)[owner]) / 1.3, 0, 1)[..., None]
    body = chosen[owner] * (1 + 0.10 * along + 0.05 * clouds(large, 60, 2, random))[..., None]
    gleam = np.clip(along - 0.95, 0, 1) * np.isin(plan.ramp[row, column], (1, 4))[owner]
    body += 120 * gleam[..., None]
    bevel = np.clip(1 - inside / 4.5, 0, 1)
    slope_y, slope_x = np.gradient(cv2.GaussianBlur(inside, (0, 0), 1.2))
    body *= (1 + 0.40 * bevel * (slope_x + slope_y))[..., None]
    grout = np.array(GROUT) * (1 + 0.25 * clouds(large, 200, 2, random))[..., None]
    return finished(grout + (body - grout) * joint, side)
