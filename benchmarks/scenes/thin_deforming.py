"""Reeds, a fishing net and lines with flags bend in the wind in front of a pond; the camera stands still."""

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np

from . import stage
from .canvas import Canvas
from .forms import lathe, ribbon, sheet

PERIOD = 32.0  # frames from gust to gust
REED_POINTS = 24
NET_CORDS, NET_POINTS = 15, 40  # slanting cords each way; the net is as many half meshes wide
NET_SLANT = 0.62  # of the net's width, that a cord goes sideways from its top to its bottom
NET_LEFT, NET_RIGHT, NET_TOP, NET_BOTTOM, NET_DISTANCE = -0.35, 2.35, 2.25, 0.85, 7.0
Bend = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Row:
    """Reeds that stand in the water side by side; lengths in metres."""

    distance: float
    count: int
    height: float
    head: float  # how much broader the brown head is than the stalk; 0: a leaf without one
    colours: tuple[str, ...]


ROWS = (
    Row(7.6, 40, 1.5, 0.0, ("#3a5a48", "#4a7a50")),
    Row(6.2, 16, 1.9, 0.065, ("#5a8a40", "#86a848")),
    Row(5.2, 22, 1.1, 0.0, ("#88a030", "#c8b048")),
)


def build(frames: int) -> None:
    """The pond, and what bends in front of it."""
    stage.add_camera((0, 0, 1.4), pitch=0, lens=50)
    stage.add("Pond", sheet(8.6, 4.9, (0, 11, 1.4)), stage.paint("Pond", pond()))
    post = lathe(((0.045, 2.5), (0.055, -0.6)), 7)
    wood = stage.paint("Wood", bark())
    stage.add("Left post", post, wood, (NET_LEFT, NET_DISTANCE, 0))
    stage.add("Right post", post, wood, (NET_RIGHT, NET_DISTANCE, 0))
    net = stage.add("Net", net_lines(lambda points: points), stage.paint("Twine", twine()))
    sway(net, frames, net_lines(bulge), net_lines(ripple))
    for number, row in enumerate(ROWS):
        add_reeds(row, number, frames)


def sway(thing: bpy.types.Object, frames: int, one: np.ndarray, other: np.ndarray) -> None:
    """Bends a thing to and fro between two shapes, a quarter of a period apart."""
    first, second = stage.add_bend(thing, "One", one), stage.add_bend(thing, "Other", other)
    stage.animate(first, "value", frames, lambda frame: np.sin(2 * np.pi * frame / PERIOD))
    stage.animate(second, "value", frames, lambda frame: np.cos(2 * np.pi * frame / PERIOD))


def pond() -> np.ndarray:
    """Dusk over a far shore, and its light on the water with lilies."""
    canvas = Canvas(1.76, ("#3a4a8a", "#8a6a9a", "#e08a6a", "#f6c878"), seed=41, rows=600)
    for at in canvas.random.uniform((0, 0.04), (1.76, 0.34), (22, 2)):
        for _ in range(7):
            puff = at + canvas.random.normal(0, (0.06, 0.008))
            canvas.stroke(puff, (0.05, 0.01), np.array((1, 0.7, 0.5)) * canvas.random.uniform(0.7, 1), 0, 0.1)
    canvas.dab((0.62, 0.4), (0.06, 0.06), "#fff0b0")
    canvas.ridge(0.43, 0.025, ("#6a5a8a", "#8a6a80"), 0.6)
    canvas.ridge(0.48, 0.015, ("#2f4a50", "#3f5a48"), 0.25)
    canvas.strokes(2600, (0.02, 0.006), 0.1)
    first = round(0.52 * canvas.rows)
    mirrored = canvas.pixels[first - (canvas.rows - first) : first][::-1]
    canvas.pixels[first:] = 0.75 * mirrored + np.array((0.0, 0.06, 0.1))
    water = (0, 0.525, 1.76, 1)
    canvas.strokes(1800, (0.035, 0.005), 0.16, turn_stray=0.05, area=water)
    for at in canvas.random.uniform((0, 0.6), (1.76, 0.98), (40, 2)):
        canvas.dab(at, (0.045 * at[1], 0.016 * at[1]), canvas.one_of(("#4a8a58", "#7aa850")), 0.05)
        canvas.dab(at - (0, 0.008), (0.012, 0.008), canvas.one_of(("#f6e8f0", "#e87a98")))
    canvas.strokes(4500, (0.010, 0.0035), 0.13, turn_stray=0.2)
    return canvas.pixels


def bark() -> np.ndarray:
    """A grey post, lighter on its left."""
    canvas = Canvas(0.5, ("#a08a70", "#6a5848"), seed=42, rows=300)
    canvas.light((1.2, 0.9, 0.6, 0.6))
    canvas.strokes(700, (0.012, 0.03), 0.15)
    return canvas.pixels


def twine() -> np.ndarray:
    """Pale cord with darker places."""
    canvas = Canvas(2.0, ("#f0e6cc", "#e0d0a8"), seed=43, rows=256)
    canvas.scatter(700, (0.03, 0.02), ("#f6f0e0", "#c8b080", "#a88858"))
    return canvas.pixels


def blades(row: Row, seed: int) -> np.ndarray:
    """Leaves or stalks beside each other, their tips above, with lighter and darker bands across."""
    canvas = Canvas(2.0, row.colours, seed, rows=400)
    canvas.scatter(2200, (0.012, 0.03), (*row.colours, "#f0d880", "#8a4a38"))
    if row.head:
        canvas.box(0, 0.06, 2.0, 0.22, "#5a2f18")
        canvas.scatter(900, (0.01, 0.012), ("#7a4424", "#4a2614", "#94602f"), (0, 0.07, 2.0, 0.21))
    return canvas.pixels


def net_lines(bend: Bend) -> np.ndarray:
    """The cords of the net, (cords, points, 2, 3), after `bend` has moved the points of their middle lines.

    Those that slant to the left lie before those to the right, so that it is clear which one is seen.
    """
    long = np.linspace(0, 1, NET_POINTS)
    lines = [hung(long, np.full(NET_POINTS, level)) for level in (0, 1)]
    for start in np.linspace(-NET_SLANT, 1, NET_CORDS + 2)[1:-1]:
        down = np.linspace(*np.clip((-start / NET_SLANT, (1 - start) / NET_SLANT), 0, 1), NET_POINTS)
        across = start + NET_SLANT * down
        lines += [hung(across, down), hung(1 - across, down) - (0, 0.03, 0)]
    return np.stack([ribbon(bend(line), 0.04) for line in lines])


def hung(across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Points of the net, (points, 3), at these parts of its width and height: it sags between the posts."""
    sag = 0.3 * np.sin(np.pi * across) * (0.4 + 0.6 * down)
    x = NET_LEFT + (NET_RIGHT - NET_LEFT) * across
    z = NET_TOP + (NET_BOTTOM - NET_TOP) * down - sag
    return np.stack([x, np.full_like(x, NET_DISTANCE), z], axis=-1)


def held(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How freely points of the net move, 0 at the posts to 1 in the middle, and where they are from left to right."""
    across = (points[:, 0] - NET_LEFT) / (NET_RIGHT - NET_LEFT)
    return np.sin(np.pi * across), across


def bulge(points: np.ndarray) -> np.ndarray:
    """The wind fills the net and lifts it."""
    free, _ = held(points)
    return points + free[:, None] * (0.12, -0.5, 0.14)


def ripple(points: np.ndarray) -> np.ndarray:
    """A wave runs along the net."""
    free, across = held(points)
    wave = free * np.sin(3 * np.pi * across + points[:, 2])
    return points + wave[:, None] * (0.05, 0.2, 0.12)


def add_reeds(row: Row, number: int, frames: int) -> None:
    """A row of reeds, each bending in its own time."""
    random = np.random.default_rng(44 + number)
    x, y = random.uniform(-0.42, 0.42, row.count), random.uniform(-0.02, 0.02, row.count)
    roots = np.stack([x, 1 + y, np.full(row.count, -0.6 / row.distance)], axis=-1) * row.distance
    heights = row.height * random.uniform(0.6, 1.4, row.count)
    lean, gust = random.normal(0, 0.16, row.count), random.normal(0, 0.15, (2, row.count))
    rest, one, other = (leaves(row, roots, heights, lean + more) for more in (0, *gust))
    reeds = stage.add(f"Reeds {number}", rest, stage.paint(f"Reeds {number}", blades(row, 47 + number)))
    sway(reeds, frames, one, other)


def leaves(row: Row, roots: np.ndarray, heights: np.ndarray, lean: np.ndarray) -> np.ndarray:
    """Reeds (reeds, points, 2, 3) from their roots (reeds, 3), whose tips lean over by parts of their height."""
    up = np.linspace(1, 0, REED_POINTS)
    breadth = 0.03 + 0.06 * (1 - up**3) * (row.head == 0) + row.head * (np.abs(up - 0.86) < 0.07)
    lines = [root + height * np.stack([bend * up**2, 0 * up, up - 0.4 * bend**2 * up**2], axis=-1)
             for root, height, bend in zip(roots, heights, lean, strict=True)]  # fmt: skip
    return np.stack([ribbon(line, breadth) for line in lines])
