"""A camera pans slowly over a village in rolling fields: far things move a little, near ones a little more."""

import numpy as np

from . import stage
from .canvas import Canvas, rgb
from .forms import lathe, sheet

EYE = 2.1  # metres above the ground's mean
PAN = 0.2  # degrees a frame, to the right
TRAVEL = 0.026  # metres a frame, to the right
FAR = 56.0
# (radius, height) from the top down, for a tree of one metre; the last part is the trunk.
FIR = ((0, 1), (0.15, 0.72), (0.1, 0.72), (0.23, 0.45), (0.15, 0.45), (0.31, 0.16), (0.05, 0.16), (0.05, -0.1))
OAK = ((0, 1), (0.22, 0.95), (0.36, 0.8), (0.4, 0.62), (0.32, 0.42), (0.15, 0.33), (0.05, 0.32), (0.05, -0.1))
ROOF, WALL = 1 / 3, 2 / 3  # where in the picture of a house they end and begin
HOUSE = ((0, 1.75), (0.85, 0.95), (0.7, 0.95), (0.7, -0.3))
CHURCH = ((0, 4.4), (0.62, 2.4), (0.5, 2.4), (0.5, -0.3))
HOUSES = ((-3.4, 11.5, 0.3), (-1.7, 12.5, -0.2), (0.6, 13.6, 0.5), (2.6, 11.6, -0.35), (4.6, 14.5, 0.2),
          (-6.1, 15.5, -0.4), (8.2, 19.0, 0.3), (-9.5, 21.0, 0.1), (2.2, 18.5, -0.1), (5.2, 8.4, 0.25))  # fmt: skip


def build(frames: int) -> None:
    """The landscape, and the camera's way through it."""
    camera = stage.add_camera((0, 0, EYE), pitch=-1.0, lens=35)
    stage.add("Sky", sheet(96, 34, (4, 62, 9)), stage.paint("Sky", sky()))
    stage.add("Fields", ground(), stage.paint("Fields", fields()))
    plant_trees()
    build_village()
    pitch = camera.rotation_euler.x
    stage.animate(camera, "location", frames, lambda frame: (TRAVEL * frame, 0, EYE))
    stage.animate(camera, "rotation_euler", frames, lambda frame: (pitch, 0, -np.radians(PAN * frame)))


def rise(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How high the ground is; hills grow with the distance, so that they look alike everywhere."""
    return 0.03 * y * (np.sin(0.23 * x + 0.19 * y) + 0.7 * np.sin(0.41 * x - 0.33 * y + 1.0) - 0.1)


def ground(rows: int = 120, columns: int = 160) -> np.ndarray:
    """The fields, denser in front, as wide as the camera sees."""
    y = (2.0 * (FAR / 2.0) ** np.linspace(1, 0, rows))[:, None]
    x = np.linspace(-0.6, 0.75, columns) * (y + 2)
    return np.stack(np.broadcast_arrays(x, y, rise(x, y)), axis=-1)


def sky() -> np.ndarray:
    """Clouds over three ranges of mountains."""
    canvas = Canvas(2.8, ("#2f6fb5", "#5f9fd0", "#b4d8e4", "#f4dfb8", "#f0c090"), seed=1)
    for at in canvas.random.uniform((0, 0.05), (2.8, 0.42), (26, 2)):
        for _ in range(9):
            puff = at + canvas.random.normal(0, (0.05, 0.012))
            canvas.stroke(puff, (0.045, 0.02), np.array((1, 0.97, 0.9)) * canvas.random.uniform(0.86, 1), 0, 0.2)
    canvas.dab((1.02, 0.3), (0.05, 0.05), "#fff1a8")
    canvas.ridge(0.5, 0.05, ("#7d8fc0", "#a9b8d6", "#d0cfd8"), 0.7)
    canvas.ridge(0.58, 0.035, ("#4f6fa0", "#7f9fb0", "#a0b8a8"), 0.5)
    canvas.ridge(0.66, 0.02, ("#2f6a58", "#4f8a5f", "#7faa5f"), 0.3)
    canvas.strokes(2600, (0.022, 0.006), 0.09, turn_stray=0.5)
    canvas.strokes(3000, (0.009, 0.004), 0.12, turn_stray=0.8)
    return canvas.pixels


def fields() -> np.ndarray:
    """Crops in patches, a road that winds into the distance, and flowers in front."""
    canvas = Canvas(1.6, ("#8fa850", "#7fa040", "#55852f"), seed=2, rows=768)
    crops = ("#e8c84a", "#c9a03c", "#9fbf4a", "#5f9a3c", "#b06fa8", "#d8d070", "#7a5a3a", "#3f7f4a")
    for _ in range(90):
        at, size = canvas.random.uniform((0, 0), (1.6, 0.86)), canvas.random.uniform((0.05, 0.02), (0.16, 0.05))
        canvas.dab(at, size, canvas.one_of(crops), canvas.random.normal(0, 0.25), corners=True)
        for row in np.arange(-0.8, 0.9, 0.3):
            canvas.dab((at[0], at[1] + row * size[1]), (size[0] * 0.9, 0.002), "#4a5a2a")
    for way in np.linspace(0, 1, 500):
        at = (0.75 + 0.2 * np.sin(7 * way) * (0.3 + way), 0.02 + 0.98 * way)
        canvas.dab(at, (0.012 + 0.05 * way, 0.008), "#dcc49a")
    canvas.strokes(9000, (0.012, 0.004), 0.13)
    canvas.scatter(1500, (0.004, 0.0035), ("#e03c30", "#f6f2e4", "#f2c21e", "#a04fc0"), (0, 0.55, 1.6, 1))
    canvas.strokes(5000, (0.003, 0.009), 0.2, area=(0, 0.6, 1.6, 1))
    return canvas.pixels


def leaves(colours: tuple[str, ...], seed: int) -> np.ndarray:
    """A crown, lighter on its left side, above a trunk."""
    canvas = Canvas(1.6, colours, seed, rows=160)
    canvas.scatter(420, (0.045, 0.025), colours, turn_stray=1.0)
    canvas.light((0.75, 1.25, 1.0, 0.6, 0.55, 0.65, 0.75))
    canvas.strokes(500, (0.02, 0.012), 0.2, turn_stray=1.5)
    canvas.box(0, 6 / 7, 1.6, 1, "#5a3d28")
    return canvas.pixels


def plant_trees() -> None:
    """Firs and oaks over the fields; fewer in front, that the view stays open."""
    kinds = [
        (FIR, stage.paint("Fir", leaves(("#2f7050", "#1f5540", "#173f38"), 3))),
        (OAK, stage.paint("Oak", leaves(("#a8c048", "#6f9a38", "#3f7030"), 4))),
        (OAK, stage.paint("Beech", leaves(("#f0a838", "#d87028", "#a84828"), 5))),
    ]
    random = np.random.default_rng(6)
    for number, y in enumerate(np.concatenate([random.uniform(5.5, 10, 7), random.uniform(13, 50, 75)])):
        profile, cover = kinds[random.integers(len(kinds))]
        x, height = random.uniform(-0.6, 0.75) * (y + 2), random.uniform(1.1, 2.4)
        if y > 10 or abs(x) > 1.2:
            tree = lathe(np.multiply(profile, height), 9)
            stage.add(f"Tree {number}", tree, cover, (x, y, rise(x, y)), random.uniform(-0.5, 0.5))


def walls(roof: str, wall: str, seed: int) -> np.ndarray:
    """Four sides of a house, beside each other: tiles, plaster, windows and doors; the left ones lie in the sun."""
    canvas = Canvas(2.6, (wall, wall), seed, rows=300)
    canvas.box(0, 0, 2.6, ROOF, roof)
    for row in np.arange(0.02, ROOF, 0.04):
        canvas.dab((1.3, row), (1.3, 0.006), 0.7 * rgb(roof))
    for left in np.arange(4) * 0.65:
        for place in (0.12, 0.4):
            canvas.box(left + place, WALL + 0.06, left + place + 0.13, WALL + 0.19, "#f2ead8")
            canvas.box(left + place + 0.015, WALL + 0.075, left + place + 0.115, WALL + 0.175, "#2f4560")
        canvas.box(left + 0.27, WALL + 0.14, left + 0.37, 1, "#6a3a28")
    canvas.light((1.1, 1.1, 1.05, 0.7, 0.65, 0.6, 0.6, 0.75))
    canvas.strokes(900, (0.02, 0.006), 0.07)
    return canvas.pixels


def build_village() -> None:
    """Houses about a church."""
    covers = [
        stage.paint("Red roof", walls("#c8452c", "#f4e4c0", 7)),
        stage.paint("Brown roof", walls("#8a5238", "#e8b878", 8)),
        stage.paint("Blue roof", walls("#5a6f8a", "#f6f0e4", 9)),
    ]
    for number, (x, y, turn) in enumerate(HOUSES):
        form = lathe(HOUSE, 4, np.pi / 4)
        stage.add(f"House {number}", form, covers[number % 3], (x, y, rise(x, y)), turn)
    stage.add("Church", lathe(CHURCH, 4, np.pi / 4), covers[2], (-0.4, 15.5, rise(-0.4, 15.5)), 0.15)
