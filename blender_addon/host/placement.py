"""Where a strip's pixels lie in the frame, and what of the frame lies on them. Needs no bpy."""

import math
from typing import NamedTuple

from ..arrays import np

# A strip's pixel that covers many of the frame's is sampled at so many points along each side, at most.
MOST_SAMPLES = 8


class Placement(NamedTuple):
    """How Blender lays a picture over the frame, in pixels, x to the right and y up."""

    offset: tuple[float, float] = (0.0, 0.0)
    """Of the picture's centre from the frame's."""
    scale: tuple[float, float] = (1.0, 1.0)
    rotation: float = 0.0
    """In radians, counter-clockwise, around the origin."""
    origin: tuple[float, float] = (0.5, 0.5)
    """What scaling and rotation leave in its place, as a share of the picture; (0, 0) is its lower left corner."""
    flip: tuple[bool, bool] = (False, False)
    """Whether the frame, with the picture in its place, is mirrored along x and along y."""

    def matrix(self, size: tuple[int, int], frame: tuple[int, int]) -> np.ndarray:
        """From a picture of that size to the frame: (3, 3) float64, from lower left corner to lower left corner."""
        pivot = np.multiply(self.origin, size)
        moved = self.offset + np.subtract(frame, size) / 2 + pivot
        cosine, sine = math.cos(self.rotation), math.sin(self.rotation)
        turned = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]]) @ np.diag([*self.scale, 1])
        return mirrored(self.flip, frame) @ shifted(moved) @ turned @ shifted(-pivot)


def shifted(by: np.ndarray) -> np.ndarray:
    """A shift as a (3, 3) matrix."""
    return np.array([[1, 0, by[0]], [0, 1, by[1]], [0, 0, 1]])


def mirrored(flip: tuple[bool, bool], size: tuple[int, int]) -> np.ndarray:
    """A mirroring of a picture of that size as a (3, 3) matrix."""
    signs = [-1 if mirror else 1 for mirror in flip]
    return shifted(np.multiply(flip, size)) @ np.diag([*signs, 1])


class Projection:
    """Reads a raster of the frame at the pixels of a strip.

    Even parts of the raster are read at their nearest pixel, and the rest is the mean over each pixel of the strip of
    the raster interpolated between its pixels. What lies beside the frame is 0.

    Args:
        matrix: from the strip's picture to the frame, as `Placement.matrix` makes it.
        size: width and height of the strip's picture.
        frame: width and height of the frame.
    """

    def __init__(self, matrix: np.ndarray, size: tuple[int, int], frame: tuple[int, int]) -> None:
        self.size, self.frame = size, frame
        # Rows run downwards in both rasters, and pixels have their values at their centres.
        down = np.array([[1, 0, 0], [0, -1, size[1]], [0, 0, 1]])
        up = np.array([[1, 0, 0], [0, -1, frame[1]], [0, 0, 1]])
        self.matrix = shifted((-0.5, -0.5)) @ up @ matrix @ down @ shifted((0.5, 0.5))
        largest = np.linalg.norm(self.matrix[:2, :2], 2)
        self.samples = min(max(1, math.ceil(largest)), MOST_SAMPLES)
        # Half the diagonal of a pixel of the strip, in pixels of the frame, and one more to interpolate.
        self.reach = math.ceil(largest * math.sqrt(0.5)) + 1
        x, y = self.positions(np.arange(size[0])[None], np.arange(size[1])[:, None])
        self.seen = within(x, frame[0], self.reach) & within(y, frame[1], self.reach)
        self.nearest = clipped(y, frame[1]) * frame[0] + clipped(x, frame[0])

    def positions(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where columns x and rows y of the strip lie among those of the frame."""
        across, along = self.matrix[0].astype(np.float32), self.matrix[1].astype(np.float32)
        return across[0] * x + across[1] * y + across[2], along[0] * x + along[1] * y + along[2]

    def read(self, raster: np.ndarray) -> np.ndarray:
        """The frame's raster (h, w) uint8 at the strip's pixels, (H, W) uint8."""
        found = raster.ravel()[self.nearest]
        rough = np.flatnonzero(uneven(raster, self.reach).ravel()[self.nearest])
        if rough.size:
            found.ravel()[rough] = self.mean(raster, rough)
        return np.where(self.seen, found, 0)

    def mean(self, raster: np.ndarray, pixels: np.ndarray) -> np.ndarray:
        """The mean of a raster over some pixels of the strip, given by their numbers."""
        row, column = np.divmod(pixels, self.size[0])
        steps = (np.arange(self.samples) + 0.5) / self.samples - 0.5
        points = [self.positions(column + dx, row + dy) for dy in steps for dx in steps]
        total = sum(interpolated(raster, x, y) for x, y in points)
        return np.rint(total / len(points)).astype(np.uint8)


def within(position: np.ndarray, length: int, reach: int) -> np.ndarray:
    """Whether pixels at these positions touch a frame of that length."""
    half = reach - 1
    return (position > -0.5 - half) & (position < length - 0.5 + half)


def clipped(position: np.ndarray, length: int) -> np.ndarray:
    """The pixel nearest to a position, int32."""
    return np.rint(position).astype(np.int32).clip(0, length - 1)


def uneven(raster: np.ndarray, reach: int) -> np.ndarray:
    """Where a raster (h, w) changes within `reach` pixels, (h, w) bool."""
    changes = np.zeros(raster.shape, bool)
    across, down = raster[:, 1:] != raster[:, :-1], raster[1:] != raster[:-1]
    changes[:, 1:] |= across
    changes[:, :-1] |= across
    changes[1:] |= down
    changes[:-1] |= down
    for _ in range(reach):
        changes[:, 1:] |= changes[:, :-1].copy()
        changes[:, :-1] |= changes[:, 1:].copy()
        changes[1:] |= changes[:-1].copy()
        changes[:-1] |= changes[1:].copy()
    return changes


def interpolated(raster: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A raster (h, w) at positions between its pixels; beyond its border it goes on as at the border."""
    height, width = raster.shape
    x, y = x.clip(0, width - 1), y.clip(0, height - 1)
    left, top = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    x, y = x - left, y - top
    upper = raster[top, left] * (1 - x) + raster[top, right] * x
    lower = raster[bottom, left] * (1 - x) + raster[bottom, right] * x
    return upper * (1 - y) + lower * y
