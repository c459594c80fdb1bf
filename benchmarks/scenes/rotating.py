"""A globe and a vase with handles turn in front of a wallpaper; the camera stands still."""

import bpy
import numpy as np

from . import stage
from .canvas import Canvas
from .forms import ball, floor, lathe, sheet, tube

GLOBE_SPEED, VASE_SPEED = 3.0, -4.0  # degrees a frame
VASE_START = 75.0  # degrees: its handles sweep past its sides then
TILT = 0.3  # of the globe's axis, radians
# (radius, height) from the top down, in metres.
VASE = ((0.2, 1.5), (0.24, 1.44), (0.17, 1.3), (0.24, 1.08), (0.44, 0.82), (0.5, 0.58), (0.42, 0.32), (0.26, 0.12),
        (0.34, 0.0))  # fmt: skip
VASE_SIDES = 6
HANDLE = ((0.2, 1.36), (0.46, 1.4), (0.62, 1.22), (0.6, 0.98), (0.4, 0.8))  # beside the vase's axis, and up
STAND = ((0.07, 0.36), (0.09, 0.24), (0.06, 0.18), (0.12, 0.1), (0.4, 0.05), (0.42, 0.0))
BOOK_COLOURS = ("#a83a30", "#2f5f7a", "#d8a840", "#4f7a4a", "#7a4a70", "#e0d0b0", "#36405f", "#b86a38")


def build(frames: int) -> None:
    """Table and wall, and what turns on the table."""
    stage.add_camera((0, 0, 1.35), pitch=-4, lens=50)
    stage.add("Wall", sheet(8, 4.6, (0, 8.2, 1.5)), stage.paint("Wall", wall()))
    stage.add("Table", floor(7.2, 3.6, 7.6, 0), stage.paint("Table", cloth()))
    stage.add("Stand", lathe(STAND, 24), stage.paint("Stand", wood()), (-0.85, 6, 0))
    globe = stage.add("Globe", ball(0.72), stage.paint("Globe", world()), (-0.85, 6, 1.08))
    vase = stage.add("Vase", lathe(VASE, VASE_SIDES), stage.paint("Vase", glaze()), (0.95, 5.6, 0))
    handles = stage.add("Handles", np.stack([handle(1), handle(-1)]), stage.paint("Handles", wood()))
    handles.parent = vase
    globe.rotation_mode = "ZYX"  # about its own axis first, which leans to the right then
    turn_steadily(globe, frames, 0, GLOBE_SPEED, TILT)
    turn_steadily(vase, frames, VASE_START, VASE_SPEED, 0)


def turn_steadily(thing: bpy.types.Object, frames: int, start: float, speed: float, tilt: float) -> None:
    """Turns a thing about its upright axis by degrees a frame, counter-clockwise seen from above."""
    stage.animate(thing, "rotation_euler", frames, lambda frame: (0, tilt, np.radians(start + speed * frame)))


def handle(side: int) -> np.ndarray:
    """One of the vase's two, on its right (1) or its left (-1)."""
    place = np.linspace(0, len(HANDLE) - 1, 30)
    x, z = (np.interp(place, range(len(HANDLE)), values) for values in np.transpose(HANDLE))
    return tube(np.stack([side * x, np.zeros_like(x), z], axis=-1), 0.055)


def wall() -> np.ndarray:
    """A wallpaper of stripes and flowers, a shelf of books and a painting in a frame."""
    canvas = Canvas(1.74, ("#d8c8a0", "#c8b088"), seed=31, rows=560)
    for left in np.arange(0, 1.74, 0.09):
        canvas.box(left, 0, left + 0.04, 1, "#b8c0a0")
    for row, down in enumerate(np.arange(0.05, 1, 0.1)):
        for right in np.arange(0.065 + 0.045 * (row % 2), 1.74, 0.09):
            for angle in np.linspace(0, 2 * np.pi, 6)[1:]:
                petal = (right + 0.014 * np.cos(angle), down + 0.014 * np.sin(angle))
                canvas.dab(petal, (0.011, 0.007), ("#b84a40", "#4a6f9a")[row % 2], angle)
            canvas.dab((right, down), (0.006, 0.006), "#f4d870")
    paint_shelf(canvas)
    paint_picture(canvas, 0.5, 0.3)
    canvas.strokes(5000, (0.011, 0.0045), 0.1)
    return canvas.pixels


def paint_shelf(canvas: Canvas) -> None:
    """Books of all sizes on a board."""
    left = 0.92
    while left < 1.52:
        breadth, height = canvas.random.uniform(0.018, 0.045), canvas.random.uniform(0.16, 0.25)
        colour = BOOK_COLOURS[canvas.random.integers(len(BOOK_COLOURS))]
        canvas.box(left, 0.46 - height, left + breadth, 0.46, colour)
        canvas.box(left, 0.46 - height * 0.8, left + breadth, 0.46 - height * 0.72, "#f0d890")
        left += breadth + 0.003
    canvas.box(0.88, 0.46, 1.56, 0.485, "#6a4428")


def paint_picture(canvas: Canvas, right: float, down: float) -> None:
    """A seascape in a golden frame about this middle."""
    canvas.dab((right, down), (0.24, 0.17), "#b8862c", corners=True)
    canvas.dab((right, down), (0.21, 0.14), "#f0d8a8", corners=True)
    canvas.box(right - 0.21, down + 0.02, right + 0.21, down + 0.14, "#2f6a8a")
    canvas.dab((right + 0.08, down - 0.03), (0.04, 0.04), "#e86a30")
    for wave in canvas.random.uniform((-0.18, 0.03), (0.18, 0.13), (60, 2)):
        canvas.dab((right + wave[0], down + wave[1]), (0.025, 0.004), canvas.one_of(("#8fc0c8", "#1f4a6a")))


def cloth() -> np.ndarray:
    """A chequered table cloth."""
    canvas = Canvas(1.8, ("#9a5a4a", "#c87a60"), seed=32)
    for row, down in enumerate(np.arange(0, 1, 0.1)):
        for right in np.arange(0.075 * (row % 2), 1.8, 0.15):
            canvas.box(right, down, right + 0.075, down + 0.1, "#f0e0c4")
            canvas.dab((right + 0.0375, down + 0.05), (0.018, 0.02), "#4a6a4a")
    canvas.strokes(4500, (0.014, 0.006), 0.11)
    return canvas.pixels


def wood() -> np.ndarray:
    """Turned wood, lighter on its left."""
    canvas = Canvas(2.0, ("#b07a40", "#7a4a24"), seed=33, rows=160)
    canvas.light((0.8, 1.3, 0.7, 0.5, 0.8))
    canvas.strokes(500, (0.05, 0.012), 0.15)
    return canvas.pixels


def world() -> np.ndarray:
    """Seas and continents, with circles of latitude."""
    canvas = Canvas(2.0, ("#d8ecec", "#4a90b0", "#2a6f9f", "#2a6f9f", "#4a90b0", "#d8ecec"), seed=34)
    canvas.scatter(500, (0.04, 0.012), ("#3a80a8", "#24608f", "#5aa0b8"))
    for down in np.arange(1, 6) / 6:
        canvas.box(0, down - 0.004, 2.0, down + 0.004, "#e8dca0")
    for right in np.arange(12) / 6:
        canvas.box(right - 0.004, 0, right + 0.004, 1, "#e8dca0")
    for number in range(6):
        paint_continent(canvas, (0.17 + 0.33 * number, canvas.random.uniform(0.3, 0.7)))
    canvas.scatter(60, (0.022, 0.014), ("#c8a84a", "#8fa048"))
    canvas.strokes(4500, (0.014, 0.007), 0.11, turn_stray=0.9)
    return canvas.pixels


def paint_continent(canvas: Canvas, middle: tuple[float, float]) -> None:
    """A coast, green land, and deserts and mountains in it."""
    places = middle + canvas.random.normal(0, (0.05, 0.11), (16, 2))
    for size, colours in (
        (0.066, ("#f0e4b0",)),
        (0.052, ("#5f9a48", "#86a840", "#4a8050")),
        (0.022, ("#d89a48", "#a8683c")),
    ):
        for at in places:
            colour = canvas.one_of(colours)
            canvas.dab(at, (size, size * 0.8), colour, canvas.random.uniform(0, 3))


def glaze() -> np.ndarray:
    """Bands, diamonds and flowers on a vase, one figure a side; each side has a shade of its own."""
    canvas = Canvas(2.4, ("#204a5a", "#2f7a7a", "#205060"), seed=35)
    step = 2.4 / VASE_SIDES
    for down, colour in ((0.1, "#e8b040"), (0.24, "#d85a38"), (0.4, "#f0e0c0"), (0.8, "#e8b040"), (0.94, "#d85a38")):
        canvas.box(0, down - 0.025, 2.4, down + 0.025, colour)
    for side in range(VASE_SIDES):
        middle = (side + 0.5) * step
        canvas.dab((middle, 0.6), (0.085, 0.085), ("#d85a38", "#e8b040", "#f0e0c0")[side % 3], np.pi / 4, corners=True)
        for angle in np.linspace(0, 2 * np.pi, 7)[1:]:
            canvas.dab((middle + 0.04 * np.cos(angle), 0.6 + 0.04 * np.sin(angle)), (0.035, 0.018), "#f6f0dc", angle)
        canvas.dab((middle, 0.6), (0.018, 0.018), "#a83a30")
        canvas.dab((middle, 0.31), (0.05, 0.03), ("#88b890", "#f0e0c0", "#d88a70")[side % 3])
        canvas.pixels[:, round(side * step * 512) : round((side + 1) * step * 512)] *= (1.0, 0.82, 0.92)[side % 3]
    canvas.strokes(2600, (0.018, 0.007), 0.1)
    return canvas.pixels
