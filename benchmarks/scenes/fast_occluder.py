"""A sailing boat passes quickly in front of a harbour; the camera stands still."""

import bpy
import numpy as np

from . import stage
from .canvas import Canvas
from .forms import lathe, ribbon, sheet

LENS = 50.0
DISTANCE = 9.0  # from the camera to the boat, metres
WIDTH = DISTANCE * stage.SENSOR / LENS  # of what is seen there, metres
START = -2.7  # where the boat is before the first frame, metres
SLOWEST, FASTEST = 8.0 / 256, 12.0 / 256  # in the first and the 24th frame, parts of the picture's width a frame
QUAY, WATER = 0.56, 0.6  # where in the picture they begin
FACADES = ("#d8543c", "#f0c060", "#e8e0cc", "#6f98b8", "#e89a80", "#88a868", "#c86f90", "#f4e8a0", "#a86a48")


def build(frames: int) -> None:
    """The harbour, and the boat on its way to the right."""
    stage.add_camera((0, 0, 1.4), pitch=0, lens=LENS)
    stage.add("Harbour", sheet(9.4, 5.3, (0, 12, 1.4)), stage.paint("Harbour", harbour()))
    boat = bpy.data.objects.new("Boat", None)
    bpy.context.scene.collection.objects.link(boat)
    for part in boat_parts():
        part.parent = boat
    stage.animate(boat, "location", frames, lambda frame: (place(frame), DISTANCE, 0.05 + 0.03 * np.sin(0.5 * frame)))
    stage.animate(boat, "rotation_euler", frames, lambda frame: (0, 0.035 * np.sin(0.35 * frame), 0))


def place(frame: int) -> float:
    """How far to the right the boat is, in metres: it gathers speed."""
    return START + WIDTH * (SLOWEST * frame + (FASTEST - SLOWEST) / 24 * frame**2 / 2)


def harbour() -> np.ndarray:
    """Houses on a quay under an evening sky, and their reflection in the water."""
    canvas = Canvas(1.78, ("#5a78b8", "#a0a8cc", "#f0b890", "#f6d8a0"), seed=21, rows=640)
    for at in canvas.random.uniform((0, 0.03), (1.78, 0.2), (12, 2)):
        for _ in range(8):
            canvas.stroke(at + canvas.random.normal(0, (0.06, 0.01)), (0.05, 0.012), np.array((1, 0.86, 0.76)), 0, 0.1)
    canvas.ridge(0.3, 0.03, ("#7f86b0", "#a89ab0"), 0.6)
    canvas.strokes(1500, (0.022, 0.007), 0.07)
    left = -0.02
    while left < 1.78:
        breadth, top = canvas.random.uniform(0.09, 0.17), canvas.random.uniform(0.16, 0.34)
        paint_house(canvas, left, top, breadth)
        left += breadth
    canvas.box(0, QUAY, 1.78, WATER, "#8a7a6a")
    canvas.strokes(3500, (0.010, 0.0035), 0.1)
    paint_water(canvas)
    return canvas.pixels


def paint_house(canvas: Canvas, left: float, top: float, breadth: float) -> None:
    """A facade with gable, windows, shutters and a door."""
    wall = canvas.one_of(FACADES)
    middle, half = left + breadth / 2, breadth / 2
    canvas.dab((middle, top), (half * 0.72, half * 0.72), canvas.one_of(("#9a4a34", "#5f4a4a")), np.pi / 4,
               corners=True)  # fmt: skip
    canvas.box(left, top, left + breadth, QUAY, wall)
    shutter = canvas.one_of(("#3f6a58", "#7a3a34", "#35506f"))
    for down in np.arange(top + 0.03, QUAY - 0.09, 0.07):
        for right in np.linspace(left + 0.028, left + breadth - 0.028, 2 if breadth < 0.13 else 3):
            canvas.dab((right, down + 0.018), (0.018, 0.02), shutter, corners=True)
            canvas.dab((right, down + 0.018), (0.01, 0.02), canvas.one_of(("#2a3a50", "#f8d878")), 0, True)
    canvas.box(middle - 0.016, QUAY - 0.055, middle + 0.016, QUAY, "#4a3028")


def paint_water(canvas: Canvas) -> None:
    """The lower part: what stands above it upside down, broken by ripples."""
    first = round(WATER * canvas.rows)
    depth = canvas.rows - first
    mirrored = canvas.pixels[first - depth : first][::-1]
    canvas.pixels[first:] = 0.62 * mirrored + 0.3 * np.array((0.12, 0.32, 0.45))
    water = (0, WATER + 0.01, 1.78, 1)
    canvas.strokes(2200, (0.035, 0.0045), 0.12, turn_stray=0.05, area=water)
    canvas.scatter(260, (0.02, 0.0022), ("#f6dcb0", "#cfe4e8", "#2a5a70"), water, turn_stray=0.04)
    canvas.strokes(2500, (0.012, 0.003), 0.16, turn_stray=0.1, area=water)


def boat_parts() -> list[bpy.types.Object]:
    """Hull, cabin, mast, two sails and a pennant, about the middle of the water line."""
    mast_line = np.stack([np.full(9, 0.05), np.zeros(9), np.linspace(2.35, 0.3, 9)], axis=-1)
    wave = np.linspace(0, 1, 16)
    pennant = np.stack([0.05 - 0.5 * wave, -0.02 + 0 * wave, 2.38 + 0.05 * np.sin(7 * wave)], axis=-1)
    return [
        stage.add("Hull", hull(), stage.paint("Hull", stripes(("#a8302a", "#f4ead4", "#20406a", "#20406a"), 22))),
        stage.add("Cabin", lathe(((0, 0.68), (0.44, 0.66), (0.48, 0.3)), 4, np.pi / 4) * (1, 0.5, 1) + (-0.5, 0.1, 0),
                  stage.paint("Cabin", planks(windows=7))),
        stage.add("Mast", ribbon(mast_line, 0.075), stage.paint("Mast", planks(windows=0))),
        stage.add("Mainsail", sail(-0.98, 2.2, 0.48), stage.paint("Mainsail", sail_picture("#f2e2bc", "#d8582c", 23))),
        stage.add("Jib", sail(1.1, 1.95, 0.42), stage.paint("Jib", sail_picture("#e8b048", "#a8342c", 24))),
        stage.add("Pennant", ribbon(pennant, 0.12 * (1 - 0.85 * wave)), stage.paint("Red", stripes(("#d03028",), 25))),
    ]  # fmt: skip


def hull() -> np.ndarray:
    """The side that is seen, bulging towards the camera; its stem and its stern rise."""
    down, along = np.linspace(0, 1, 10)[:, None], np.linspace(-1, 1, 24)
    x = along * (1.25 - 0.38 * down**2) + 0.1 * (1 - down)
    z = 0.34 + 0.16 * along**2 * (1 - down) - 0.5 * down
    y = -0.3 * np.cos(along * np.pi / 2) * (1 - 0.5 * down)
    return np.stack(np.broadcast_arrays(x, y, z), axis=-1)


def sail(reach: float, top: float, foot: float) -> np.ndarray:
    """A triangle that the wind fills, from the mast to `reach` metres beside it."""
    down, out = np.linspace(0, 1, 20)[:, None], np.linspace(0, 1, 14)
    x = 0.05 + 0.06 * np.sign(reach) + reach * down * out
    z = top + (foot - top) * down + 0.1 * np.sin(np.pi * out) * down
    y = -0.28 * np.sin(np.pi * out) * np.sin(np.pi * down)
    return np.stack(np.broadcast_arrays(x, y, z), axis=-1)


def sail_picture(cloth: str, band: str, seed: int) -> np.ndarray:
    """Cloth with seams, three bands and a sun."""
    canvas = Canvas(0.7, (cloth, cloth), seed, rows=320)
    for down in (0.36, 0.62, 0.9):
        canvas.dab((0.35, down), (0.5, 0.045), band, corners=True)
    for down in np.arange(0.05, 1, 0.06):
        canvas.dab((0.35, down), (0.5, 0.003), "#8a6a48", corners=True)
    canvas.dab((0.3, 0.76), (0.1, 0.08), "#20406a")
    canvas.dab((0.3, 0.76), (0.06, 0.05), "#f6d060")
    canvas.light((1.0, 1.12, 0.95, 0.75))
    canvas.strokes(1100, (0.022, 0.008), 0.08)
    return canvas.pixels


def planks(windows: int) -> np.ndarray:
    """Brown wood, with so many windows side by side."""
    canvas = Canvas(1.6, ("#b0784a", "#8a5a34", "#6a4028"), seed=26, rows=200)
    for number in range(windows):
        canvas.dab((0.13 + 0.2 * number, 0.62), (0.05, 0.18), "#d8e4d8", corners=True)
    canvas.strokes(700, (0.03, 0.008), 0.14)
    return canvas.pixels


def stripes(colours: tuple[str, ...], seed: int) -> np.ndarray:
    """Level stripes, the same everywhere but for the brush."""
    canvas = Canvas(3.0, colours[:1], seed, rows=160)
    for number, colour in enumerate(colours):
        canvas.box(0, number / len(colours), 3.0, 1, colour)
    for at in np.arange(0.2, 3.0, 0.24):
        canvas.dab((at, 0.38), (0.05, 0.05), "#e8b848")
    canvas.light((0.8, 0.9, 1.05, 1.15, 0.95))
    canvas.strokes(900, (0.05, 0.016), 0.1)
    return canvas.pixels
