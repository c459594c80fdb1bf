"""What the style pictures share: noise, colours along a ramp, paper, and strokes. Pictures are (side, side, 3), RGB."""

import cv2
import numpy as np

Colour = tuple[int, int, int]
Random = np.random.Generator


def grid(side: int) -> tuple[np.ndarray, np.ndarray]:
    """x to the right and y downwards of every pixel, (side, side) in 0..1."""
    y, x = np.mgrid[0:side, 0:side] / side
    return x, y


def noise(side: int, cells: int, random: Random) -> np.ndarray:
    """Smooth noise (side, side), about -1..1, with `cells` bumps a side."""
    return cv2.resize(random.uniform(-1, 1, (cells + 3, cells + 3)), (side, side), interpolation=cv2.INTER_CUBIC)


def clouds(side: int, cells: int, octaves: int, random: Random, fade: float = 0.5) -> np.ndarray:
    """Noise (side, side) in octaves, about -1..1; each is twice as fine as the one before, and weaker by `fade`."""
    layers = [fade**n * noise(side, min(cells << n, side // 2), random) for n in range(octaves)]
    return sum(layers) / sum(fade**n for n in range(octaves)) * 1.4


def along(ramp: tuple[Colour, ...], value: np.ndarray) -> np.ndarray:
    """The ramp's colour for values 0..1."""
    stops = np.linspace(0, 1, len(ramp))
    return np.stack([np.interp(value, stops, [colour[i] for colour in ramp]) for i in range(3)], axis=-1)


def step(value: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below `low`, 1 above `high`, smooth between; `low` may be the larger one."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(below: np.ndarray, above: np.ndarray | Colour, share: np.ndarray) -> np.ndarray:
    """One picture, or one colour, over another, as far as `share` (side, side) in 0..1 says."""
    return below + (np.asarray(above, float) - below) * share[..., None]


def filled(side: int, outline: np.ndarray) -> np.ndarray:
    """1 inside an outline of points (N, 2) in 0..1, 0 outside; (side, side) float32 with soft edges."""
    field = np.zeros((side, side), np.uint8)
    cv2.fillPoly(field, [fixed(outline, side)], 255, cv2.LINE_AA, SHIFT)
    return field.astype(np.float32) / 255


SHIFT = 4  # OpenCV's places have so many binary digits after the point


def fixed(points: np.ndarray, side: int) -> np.ndarray:
    """Points (N, 2) in 0..1 as OpenCV's functions take them with SHIFT."""
    return np.round(points * side * (1 << SHIFT)).astype(np.int32)[:, None]


def line(field: np.ndarray, points: np.ndarray, value: float | Colour, width: float) -> None:
    """Draws a line through points (N, 2) in 0..1, `width` pixels broad."""
    cv2.polylines(field, [fixed(points, len(field))], False, value, max(1, round(width)), cv2.LINE_AA, SHIFT)


def tapered(field: np.ndarray, points: np.ndarray, widths: np.ndarray, value: float) -> None:
    """Fills a stroke along points (N, 2) in 0..1, as broad at each of them as `widths` (N,) says, in pixels."""
    ahead = np.gradient(points, axis=0)
    normal = ahead[:, ::-1] * (-1, 1) / (np.linalg.norm(ahead, axis=1, keepdims=True) + 1e-9)
    half = normal * (widths / 2 / len(field))[:, None]
    cv2.fillPoly(
        field, [fixed(np.vstack([points + half, (points - half)[::-1]]), len(field))], value, cv2.LINE_AA, SHIFT
    )


def curve(knots: np.ndarray, points: int) -> np.ndarray:
    """A smooth line (points, 2) from the first knot (N, 2) to the last, near those between (Catmull-Rom)."""
    ends = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    t = np.linspace(0, len(knots) - 1 - 1e-9, points)
    i, f = t.astype(int), (t % 1)[:, None]
    a, b, c, d = (ends[i + n] for n in range(4))
    return 0.5 * (2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3)


def tooth(side: int, random: Random, size: float = 2.0) -> np.ndarray:
    """The grain of rough paper (side, side): mean 0, deviation 1, with bumps about `size` pixels wide."""
    fine = cv2.GaussianBlur(random.normal(size=(side, side)), (0, 0), size)
    coarse = cv2.GaussianBlur(random.normal(size=(side, side)), (0, 0), 3 * size)
    both = fine / fine.std() + 0.6 * coarse / coarse.std()
    return both / both.std()


def finished(picture: np.ndarray, side: int) -> np.ndarray:
    """A picture of any size as 8 bit, (side, side, 3)."""
    whole = np.clip(picture, 0, 255).astype(np.uint8)
    return whole if len(whole) == side else cv2.resize(whole, (side, side), interpolation=cv2.INTER_AREA)
