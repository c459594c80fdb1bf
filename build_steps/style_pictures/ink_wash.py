"""Ink on rice paper: mountains in wet washes, bamboo in quick strokes of a dry brush, spatters and a red seal."""

from itertools import pairwise

import cv2
import numpy as np

from .canvas import Random, clouds, curve, finished, grid, line, mix, step, tapered, tooth

PAPER, INK, SEAL = (240, 232, 214), (22, 23, 30), (190, 38, 30)


def washes(side: int, random: Random) -> np.ndarray:
    """The ink of the mountains (side, side) in 0..1: dark along each crest, thinned with water into mist below."""
    y = grid(side)[1]
    load = 0.10 * step(clouds(side, 2, 4, random), -0.1, 0.9) * step(y, 0.55, 0.05)
    for n, (base, height, strength) in enumerate(
        ((0.30, 0.16, 0.34), (0.40, 0.26, 0.50), (0.62, 0.20, 0.62), (0.80, 0.14, 0.80))
    ):
        peaks = clouds(side, 3 + n, 5, random, 0.55)[side // 2]
        crest = (base - height * np.abs(peaks) - 0.03 * peaks)[None, :]
        depth = y - crest + 0.012 * clouds(side, 40, 3, random)
        mist = np.exp(-np.clip(depth, 0, None) / (0.075 + 0.03 * clouds(side, 4, 2, random)))
        pools = 1 + 0.55 * clouds(side, 7, 4, random, 0.65)
        rim = 0.45 * np.exp(-((depth / 0.006) ** 2))
        load = np.maximum(
            load * (1 - 0.45 * step(depth, -0.002, 0.02)), step(depth, -0.003, 0.003) * strength * (mist * pools + rim)
        )
        creases(load, crest[0], strength, random)
    return np.clip(load, 0, 1)


def creases(load: np.ndarray, crest: np.ndarray, strength: float, random: Random) -> None:
    """Dry strokes of rock that run down from a crest, drawn into `load`."""
    side, dry = len(load), np.zeros_like(load)
    for _ in range(70):
        x = random.uniform(0, 1)
        y = crest[int(x * side) % side]
        lean = random.normal(0, 0.35) + 0.5 * np.sign(crest[min(int(x * side) + 9, side - 1)] - y)
        length = random.uniform(0.02, 0.11)
        knots = np.array([[x + lean * length * t, y + length * t] for t in (0, 0.4, 1)]) + random.normal(
            0, 0.004, (3, 2)
        )
        bristles(dry, curve(knots, 14), random.uniform(3, 16) * side / 1024, random.uniform(0.5, 1.0), random)
    load[:] = np.maximum(load, dry * min(1, strength * 1.25))


def bristles(field: np.ndarray, points: np.ndarray, width: float, wet: float, random: Random) -> None:
    """A stroke of a brush along points (N, 2), `width` pixels broad: the less `wet`, the sooner its hairs run dry."""
    side = len(field)
    stroke = np.zeros((side, side), np.uint8)
    profile = np.sin(np.pi * np.linspace(0.12, 0.97, len(points))) ** 0.5
    ahead = np.gradient(points, axis=0)
    normal = ahead[:, ::-1] * (-1, 1) / (np.linalg.norm(ahead, axis=1, keepdims=True) + 1e-9)
    for place in np.linspace(-0.5, 0.5, max(3, int(width / 1.6))):
        dries = int(len(points) * np.clip(wet + random.normal(0, 0.25), 0.12, 1.0))
        hair = points + normal * (place * width * profile / side)[:, None] + random.normal(0, 0.0006, 2)
        begin = random.integers(0, 2)
        if dries - begin > 1:
            shade = 255 * np.clip(random.normal(0.80, 0.16), 0.2, 1)
            line(stroke, hair[begin:dries], float(shade), random.uniform(1.0, 2.6))
    np.maximum(field, stroke.astype(field.dtype) / 255, out=field)


def bamboo(side: int, random: Random) -> np.ndarray:
    """Stalks with joints, twigs and leaves (side, side) in 0..1."""
    load = np.zeros((side, side))
    for x, lean, width, wet in ((0.13, 0.06, 34, 0.95), (0.225, -0.03, 22, 0.75), (0.87, -0.10, 28, 0.85)):
        joints = np.linspace(1.04, random.uniform(-0.05, 0.12), 8) + random.normal(0, 0.012, 8)
        for low, high in pairwise(joints):
            ends = np.array([[x + lean * (1 - at), at] for at in (low - 0.006, (low + high) / 2, high + 0.006)])
            bristles(load, curve(ends + random.normal(0, 0.002, (3, 2)), 24), width * side / 1024, wet, random)
            knot = np.array([x + lean * (1 - high), high])
            across = np.array([[-1, 0.22], [0, -0.1], [1, 0.22]]) * width / 1024 * 0.75
            bristles(load, curve(knot + across, 10), 7 * side / 1024, 1.0, random)
            twig(load, knot, random.choice((-1, 1)), random)
    return load


def twig(load: np.ndarray, knot: np.ndarray, sense: int, random: Random) -> None:
    """A twig with leaves that hang from its end."""
    end = knot + np.array([sense * random.uniform(0.06, 0.16), random.uniform(-0.08, 0.05)])
    line_of = curve(np.array([knot, (knot + end) / 2 + (0, -0.012), end]), 16)
    bristles(load, line_of, 5 * len(load) / 1024, 1.0, random)
    for _ in range(random.integers(3, 7)):
        foot = line_of[random.integers(7, 16)]
        angle = np.pi / 2 - sense * random.uniform(-0.5, 1.3)
        length = random.uniform(0.06, 0.15)
        tip = foot + length * np.array([np.cos(angle), np.sin(angle)])
        leaf = curve(np.array([foot, (foot + tip) / 2 + random.normal(0, 0.006, 2), tip]), 20)
        shape = np.zeros(load.shape, np.uint8)
        t = np.linspace(0, 1, 20)
        tapered(shape, leaf, random.uniform(13, 24) * len(load) / 1024 * np.sin(np.pi * t**0.7) * (1.02 - t * 0.3), 255)
        np.maximum(load, shape / 255 * random.choice((0.38, 0.62, 0.92, 1.0)), out=load)


def spatters(side: int, random: Random) -> np.ndarray:
    """Drops from a shaken brush (side, side) in 0..1, most of them small."""
    field = np.zeros((side, side), np.uint8)
    for x, y in random.normal((0.62, 0.55), (0.30, 0.30), (150, 2)):
        radius = random.pareto(2.0) * 1.6 + 0.8
        shade = float(255 * random.uniform(0.35, 0.95))
        cv2.circle(field, (int(x * side), int(y * side)), int(min(radius, 13)), shade, -1, cv2.LINE_AA)
    return field / 255.0


def seal(side: int, random: Random) -> np.ndarray:
    """A square stamp with signs cut into it (side, side) in 0..1, worn at its edges."""
    x, y = grid(side)
    u, v = (x - 0.70) / 0.062, (y - 0.86) / 0.075
    body = step(np.maximum(np.abs(u), np.abs(v)) + 0.05 * clouds(side, 50, 2, random), 0.52, 0.47)
    cut = (np.abs(u + 0.02) < 0.035) | ((np.abs(np.abs(v) - 0.24) < 0.04) & (np.abs(np.abs(u) - 0.24) < 0.16))
    cut |= (np.abs(np.abs(u) - 0.38) < 0.03) & (np.abs(v) < 0.36)
    return body * np.where(cut, 0.08, 1.0) * step(clouds(side, 90, 2, random), -0.9, -0.3)


def ink_wash(side: int, seed: int = 11) -> np.ndarray:
    """The picture (side, side, 3), RGB, 8 bit."""
    random, large = np.random.default_rng(seed), 2 * side
    grain = tooth(large, random, 1.3)
    fibres = cv2.GaussianBlur(random.normal(size=(large, large)), (0, 0), sigmaX=9, sigmaY=0.8)
    paper = np.array(PAPER) * (1 + 0.022 * clouds(large, 3, 3, random) + 0.10 * fibres + 0.008 * grain)[..., None]
    x, y = grid(large)
    sun = step(np.hypot(x - 0.60, y - 0.15), 0.067, 0.062) * (0.55 + 0.25 * clouds(large, 9, 3, random))
    picture = mix(paper, SEAL, np.clip(sun * (1 + 0.2 * grain), 0, 1))
    wash = washes(large, random)
    picture = mix(picture, INK, np.clip(wash * (0.92 + 0.16 * grain), 0, 1))
    for load in (bamboo(large, random), spatters(large, random)):
        picture = mix(picture, INK, np.clip(load * (0.96 + 0.10 * grain), 0, 1))
    return finished(mix(picture, SEAL, 0.92 * seal(large, random)), side)
