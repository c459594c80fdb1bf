"""Pictures that cover the things of the scenes, painted dab by dab from random numbers with a fixed seed."""

from collections.abc import Sequence

import numpy as np

EDGE = 1.5  # pixels over which a shape fades out, so that its border is no staircase
DEFAULT_ROWS = 512


def rgb(colour: str) -> np.ndarray:
    """Red, green and blue, 0..1, of "#rrggbb"."""
    return np.array([*bytes.fromhex(colour[1:])], np.float32) / 255


def along(colours: Sequence[str], place: np.ndarray) -> np.ndarray:
    """The blend (..., 3) of colours that stand at equal distances from 0 to 1, at places (...)."""
    table = np.stack([rgb(colour) for colour in colours])
    stops = np.linspace(0, 1, len(colours))
    return np.stack([np.interp(place, stops, channel) for channel in table.T], axis=-1)


class Canvas:
    """A picture in the making, `pixels` (H, W, 3) sRGB 0..1; what is laid later covers what lies there.

    Places are (right, down) from the upper left corner; they and all lengths are parts of the height.
    """

    def __init__(self, width: float, ground: Sequence[str], seed: int, rows: int = DEFAULT_ROWS) -> None:
        """A canvas `width` times as wide as it is high, its colours blending from the top to the bottom."""
        self.width, self.rows = width, rows
        self.random = np.random.default_rng(seed)
        self.pixels = np.repeat(along(ground, self.middles(rows))[:, None], round(width * rows), axis=1)

    def middles(self, count: int) -> np.ndarray:
        """Where the middles of the first `count` rows or columns lie."""
        return (np.arange(count) + 0.5) / self.rows

    def lay(self, window: tuple[slice, slice], depth: np.ndarray, colour: np.ndarray) -> None:
        """Covers the pixels of a window that lie inside a shape: `depth` (H, W) is how far inside, negative outside."""
        share = np.clip(depth * self.rows / EDGE + 0.5, 0, 1)[..., None]
        self.pixels[window] += share * (colour - self.pixels[window])

    def one_of(self, colours: Sequence[str]) -> str:
        """A colour drawn by chance."""
        return colours[self.random.integers(len(colours))]

    def dab(self, at: Sequence[float], size: Sequence[float], colour: str | np.ndarray, turn: float = 0.0,
            corners: bool = False) -> None:  # fmt: skip
        """An ellipse, or a box with corners, of these half axes, turned clockwise by `turn` radians."""
        colour = rgb(colour) if isinstance(colour, str) else colour
        reach = np.hypot(*size) + EDGE / self.rows
        ends = [[max(0, int((middle + side) * self.rows)) for side in (-reach, reach)] for middle in (at[1], at[0])]
        window = tuple(slice(first, last + 1) for first, last in ends)
        down = self.middles(self.pixels.shape[0])[window[0], None] - at[1]
        right = self.middles(self.pixels.shape[1])[None, window[1]] - at[0]
        x = np.abs(right * np.cos(turn) + down * np.sin(turn)) / size[0]
        y = np.abs(down * np.cos(turn) - right * np.sin(turn)) / size[1]
        depth = np.minimum((1 - x) * size[0], (1 - y) * size[1]) if corners else (1 - np.hypot(x, y)) * min(size)
        self.lay(window, depth, colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: str | np.ndarray) -> None:
        """An upright box between these borders."""
        middle = ((left + right) / 2, (top + bottom) / 2)
        self.dab(middle, ((right - left) / 2, (bottom - top) / 2), colour, corners=True)

    def ridge(self, level: float, swing: float, colours: Sequence[str], coarseness: float = 1.0) -> None:
        """All below a rugged line about `level`, in colours that blend from the line to the lower border."""
        x = self.middles(self.pixels.shape[1]) / coarseness
        waves = [(frequency, self.random.uniform(0, 2 * np.pi)) for frequency in (4.1, 9.7, 23.0, 53.0)]
        line = level + swing * sum(np.sin(x * frequency + phase) * 4 / frequency for frequency, phase in waves)
        depth = self.middles(self.rows)[:, None] - line
        self.lay(np.s_[:, :], depth, along(colours, np.clip(depth / (1 - level), 0, 1)))

    def scatter(self, count: int, size: Sequence[float], colours: Sequence[str], area: Sequence[float] = (),
                turn: float = 0.0, turn_stray: float = 0.3) -> None:  # fmt: skip
        """Ellipses in one of the colours each, within `area` (left, top, right, bottom)."""
        left, top, right, bottom = area or (0, 0, self.width, 1)
        for at in self.random.uniform((left, top), (right, bottom), (count, 2)):
            colour = rgb(self.one_of(colours)) * self.random.uniform(0.85, 1.1)
            self.stroke(at, size, colour, turn, turn_stray)

    def strokes(self, count: int, size: Sequence[float], stray: float, turn: float = 0.0, turn_stray: float = 0.4,
                area: Sequence[float] = ()) -> None:  # fmt: skip
        """Paints over what is there: ellipses in the colour beneath their middle, strayed from by `stray`."""
        before = self.pixels.copy()
        left, top, right, bottom = area or (0, 0, self.width, 1)
        for at in self.random.uniform((left, top), (right, bottom), (count, 2)):
            colour = before[int(at[1] * self.rows), min(int(at[0] * self.rows), before.shape[1] - 1)]
            lighter, tint = self.random.normal(0, stray), self.random.normal(0, stray / 3, 3)
            self.stroke(at, size, colour * (1 + lighter) + tint, turn, turn_stray)

    def stroke(self, at: Sequence[float], size: Sequence[float], colour: np.ndarray, turn: float,
               turn_stray: float) -> None:  # fmt: skip
        """One ellipse, about as large and turned about as said."""
        own = np.multiply(size, self.random.uniform(0.6, 1.4))
        self.dab(at, own, np.clip(colour, 0, 1), turn + self.random.normal(0, turn_stray))

    def light(self, shades: Sequence[float]) -> None:
        """Multiplies by shades that stand at equal distances from the left to the right border."""
        x = np.linspace(0, 1, self.pixels.shape[1])
        self.pixels *= np.interp(x, np.linspace(0, 1, len(shades)), shades)[:, None]
        np.clip(self.pixels, 0, 1, out=self.pixels)
