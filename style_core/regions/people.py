"""People without clicking: a matte of everyone in a picture, by a small network made for people before a camera."""

from typing import Protocol

import cv2
import numpy as np

from .faces import Face, Faces
from .guided import guided
from .networks import PERSON, Network

# Side of the square that the network sees.
SIDE = 256
# From which value on a place is worth a nearer look, and the least side of such a place, as a share of the picture's
# longer side.
SEEN, LEAST_PLACE = 0.3, 0.03
# A nearer look shows a place and so much of its size around it; it is of use if the place is smaller than this share of
# what was seen before.
AROUND, NEARER = 0.25, 0.75
# How many places are looked at from near, at most.
MOST_PLACES = 6
# Where a person with a face is looked for, in sizes of the face: to either side of its middle, above it and below it.
TO_THE_SIDE, ABOVE, BELOW = 3.0, 1.5, 7.0
# The border of a nearer look, over which it fades into what was seen before, as a share of its side.
FADE = 0.1
# What is darker (0..255) all along the border belongs to a black bar.
BLACK = 16
# Of the guided filter: its window as a share of the longer side, and its epsilon. The network's pixels are as large.
WINDOW, EPSILON = 0.008, 1e-4
# The ends of the network's range mean nothing: what is below or above this is none or all. It is unsure of parts that
# are there, such as arms, sooner than of parts that are not.
NONE, ALL = 0.2, 0.6

Box = tuple[int, int, int, int]  # left, top, right, bottom


class Segmenter(Protocol):
    """What finds people in one look: how likely there is one, (H, W) float32 in 0..1, in (H, W, 3) uint8."""

    def from_afar(self, rgb: np.ndarray) -> np.ndarray:
        """In a whole picture."""

    def from_near(self, rgb: np.ndarray) -> np.ndarray:
        """In a part of one that may show a person."""


class Selfie:
    """MediaPipe's selfie segmentation, quick on a processor. Raises UserError if the network is missing.

    It was trained with pictures stretched to its square, and is finer so; but far more wrong, at times, about people
    who are small in a wide picture. Two looks at the whole make up for that, and a mirrored one from near.
    """

    def __init__(self) -> None:
        self.network = Network(PERSON)

    def from_afar(self, rgb: np.ndarray) -> np.ndarray:
        return (self.stretched(rgb) + self.letterboxed(rgb)) / 2

    def from_near(self, rgb: np.ndarray) -> np.ndarray:
        return (self.stretched(rgb) + self.stretched(rgb[:, ::-1])[:, ::-1]) / 2

    def letterboxed(self, rgb: np.ndarray) -> np.ndarray:
        """Seen in its own aspect; the border goes on outward, as black bars would be taken for the edge of a room."""
        height, width = rgb.shape[:2]
        factor = SIDE / max(height, width)
        size = max(1, round(width * factor)), max(1, round(height * factor))
        small = resized(rgb, size)
        left, top = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
        square = cv2.copyMakeBorder(small, top, SIDE - size[1] - top, left, SIDE - size[0] - left, cv2.BORDER_REPLICATE)
        return resized(self.seen(square)[top : top + size[1], left : left + size[0]], (width, height))

    def stretched(self, rgb: np.ndarray) -> np.ndarray:
        """Seen stretched to the square."""
        return resized(self.seen(resized(rgb, (SIDE, SIDE))), rgb.shape[1::-1])

    def seen(self, square: np.ndarray) -> np.ndarray:
        """What the network tells, (SIDE, SIDE) in 0..1, of (SIDE, SIDE, 3) uint8."""
        return self.network(cv2.dnn.blobFromImage(square, 1 / 255))[0][0, 0].clip(0, 1)


def resized(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(H, W) or (H, W, 3) at another size (width, height)."""
    way = cv2.INTER_AREA if size[0] < picture.shape[1] and size[1] < picture.shape[0] else cv2.INTER_LINEAR
    return cv2.resize(np.ascontiguousarray(picture), size, interpolation=way)


class People:
    """Finds people.

    Args:
        segmenter: what tells people from all else; None: the network that comes with the package.

    Raises:
        UserError: a network is missing.
    """

    def __init__(self, segmenter: Segmenter | None = None) -> None:
        self.segmenter = segmenter or Selfie()
        self.faces = Faces()

    def matte(self, rgb: np.ndarray) -> np.ndarray:
        """Where people are in (H, W, 3) uint8, (H, W) float32 in 0..1, its edge along that of the picture."""
        radius = max(2, round(WINDOW * max(rgb.shape[:2])))
        matte = guided(self.likely(rgb), rgb, radius, EPSILON)
        return ((matte - NONE) / (ALL - NONE)).clip(0, 1).astype(np.float32)

    def likely(self, rgb: np.ndarray) -> np.ndarray:
        """How likely there is a person, (H, W) float32 in 0..1: first from afar, then from near where one may be."""
        matte, part = np.zeros(rgb.shape[:2], np.float32), within_bars(rgb)
        matte[part] = self.likely_within(rgb[part])
        return matte

    def likely_within(self, rgb: np.ndarray) -> np.ndarray:
        """How likely there is a person, (H, W) float32 in 0..1, in a picture without bars."""
        matte, size = self.segmenter.from_afar(rgb), rgb.shape[:2]
        places = [place_of(face, size) for face in self.faces.faces(rgb)] + seen_places(matte)
        for place in merged(places)[:MOST_PLACES]:
            x0, y0, x1, y1 = place
            if max(x1 - x0, y1 - y0) < NEARER * max(size):
                near = self.segmenter.from_near(rgb[y0:y1, x0:x1])
                matte[y0:y1, x0:x1] += window(place, size) * (near - matte[y0:y1, x0:x1])
        return matte


def within_bars(rgb: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns of a picture (H, W, 3) without the black bars of another format around it; all of it where
    it is black."""
    light = rgb.max(-1) > BLACK
    lines = [np.flatnonzero(light.any(axis)) for axis in (1, 0)]
    return tuple(slice(found[0], found[-1] + 1) if len(found) else slice(None) for found in lines)


def place_of(face: Face, size: tuple[int, int]) -> Box:
    """Where the person with this face may be, in a picture of this height and width."""
    x, y, width, height = face.box
    middle, side = (x + width / 2, y + height / 2), max(width, height)
    box = (
        middle[0] - TO_THE_SIDE * side,
        middle[1] - ABOVE * side,
        middle[0] + TO_THE_SIDE * side,
        middle[1] + BELOW * side,
    )
    return bounded(box, size)


def seen_places(matte: np.ndarray) -> list[Box]:
    """Where something was seen in a matte (H, W), with some room around it, the largest first."""
    _, _, table, _ = cv2.connectedComponentsWithStats((matte > SEEN).astype(np.uint8))
    least = LEAST_PLACE * max(matte.shape)
    places = []
    for x, y, width, height, _ in sorted(table[1:].tolist(), key=lambda row: -row[4]):
        if max(width, height) >= least:
            room = AROUND * max(width, height)
            places.append(bounded((x - room, y - room, x + width + room, y + height + room), matte.shape))
    return places


def bounded(box: tuple[float, float, float, float], size: tuple[int, int]) -> Box:
    """A box inside a picture of this height and width, of at least a pixel."""
    left, top = (int(np.clip(box[axis], 0, size[1 - axis] - 1)) for axis in (0, 1))
    right, bottom = (int(np.clip(np.ceil(box[2 + axis]), 1, size[1 - axis])) for axis in (0, 1))
    return left, top, max(right, left + 1), max(bottom, top + 1)


def merged(boxes: list[Box]) -> list[Box]:
    """Boxes without those that lie, for the most part, within an earlier one."""
    kept: list[Box] = []
    for box in boxes:
        if not any(shared(box, other) > 0.6 * area(box) for other in kept):
            kept.append(box)
    return kept


def area(box: Box) -> int:
    """Of a box, in square pixels."""
    return (box[2] - box[0]) * (box[3] - box[1])


def shared(box: Box, other: Box) -> int:
    """The area that two boxes have in common, in square pixels."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    return max(0, width) * max(0, height)


def window(box: Box, size: tuple[int, int]) -> np.ndarray:
    """How much a nearer look at a box counts: all, but for its border where that is not the picture's, (h, w)."""
    x0, y0, x1, y1 = box
    ramps = []
    for low, high, end in ((y0, y1, size[0]), (x0, x1, size[1])):
        steps = np.arange(high - low, dtype=np.float32) + 0.5
        fade = max(1.0, FADE * (high - low))
        before = np.ones_like(steps) if low == 0 else (steps / fade).clip(0, 1)
        after = np.ones_like(steps) if high == end else (steps[::-1] / fade).clip(0, 1)
        ramps.append(np.minimum(before, after))
    return ramps[0][:, None] * ramps[1]
