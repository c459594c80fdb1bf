"""Faces without clicking: boxes and marks by a small detector, and mattes that cover the heads' faces softly.

The detector is BlazeFace (Bazarevsky et al. 2019), made for one near face in 128 x 128 pixels. It is run over a pyramid
of sizes, so that small faces are found, and what it finds is looked at again from near, upright and in the middle.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from .networks import FACE, Network

# Side of the picture that the detector was made for, and the strides of its two grids with the boxes of each cell.
SIDE = 128
GRIDS = ((8, 2), (16, 6))
# Longer sides of the pyramid's pictures: a face is found when it covers between a sixth and nearly all of 128 pixels.
LEVELS = (128, 256, 512, 896)
# The score (0..1) from which a place is worth a second look, and how many are looked at again at most.
WORTH_A_LOOK, MOST_LOOKS = 0.4, 16
# The score from which a place may be a face, if one that is surer was there before or is after, and from which it is
# one in any case: the mean of the first look and two more. Faces that were looked at have 0.78 and more unless they are
# turned away, and what is none has 0.72 at most.
POSSIBLE, BELIEVED = 0.5, 0.75
# What the second look shows: the box so many times.
AROUND = 2.0
# Boxes that share more than this of their union are of one face; of those inside one another, this of the smaller.
SAME, WITHIN = 0.3, 0.7
# The marks in the detector's order.
RIGHT_EYE, LEFT_EYE, NOSE, MOUTH, RIGHT_EAR, LEFT_EAR = range(6)
MARKS = 6
# The face in units of the box, which runs from the brows to the chin: half its width and height, and how far its
# middle lies above the box's.
HALF_WIDTH, HALF_HEIGHT, RAISED = 0.58, 0.77, 0.13
# How soft the edge of a matte is, as a share of the face's size.
SOFT = 0.12


class Face(NamedTuple):
    """One face, in pixels of its picture."""

    box: np.ndarray
    """Left, top, width and height, (4,) float."""
    marks: np.ndarray
    """Right eye, left eye, tip of the nose, mouth, right and left ear, (6, 2) float."""
    score: float
    """How sure the detector is, 0..1."""

    @property
    def roll(self) -> float:
        """By how much the head is tilted clockwise, in radians: the angle of the line from eye to eye."""
        across = self.marks[LEFT_EYE] - self.marks[RIGHT_EYE]
        return float(np.arctan2(across[1], across[0]))


class Faces:
    """Finds faces. Raises UserError if the network is missing."""

    def __init__(self) -> None:
        self.network = Network(FACE)

    def boxes(self, rgb: np.ndarray) -> list[tuple[float, float, float, float, float]]:
        """Left, top, width, height in pixels and score of each face in (H, W, 3) uint8, the surest first."""
        return [(*map(float, face.box), face.score) for face in self.faces(rgb)]

    def matte(self, rgb: np.ndarray) -> np.ndarray:
        """Where faces are in (H, W, 3) uint8, with forehead and chin, (H, W) float32 in 0..1, soft at the edge."""
        return face_matte(self.faces(rgb), rgb.shape[:2])

    def faces(self, rgb: np.ndarray, least: float = BELIEVED) -> list[Face]:
        """All faces in (H, W, 3) uint8 with this score or more, the surest first."""
        found = [face for level in LEVELS for face in self.at_level(rgb, level)]
        looked = [self.looked_at_again(rgb, face) for face in distinct(found)[:MOST_LOOKS]]
        return distinct([face for face in looked if face is not None and face.score >= least])

    def at_level(self, rgb: np.ndarray, side: int) -> list[Face]:
        """Places worth a look at one size of the pyramid; none where the picture is smaller than that size already."""
        longer = max(rgb.shape[:2])
        if side > SIDE and side > longer:
            return []
        factor = side / longer
        size = [max(1, round(length * factor)) for length in rgb.shape[1::-1]]
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        step = GRIDS[-1][0]
        down, right = (-length % step for length in small.shape[:2])
        padded = cv2.copyMakeBorder(small, 0, down, 0, right, cv2.BORDER_CONSTANT)
        scale = np.array(rgb.shape[1::-1]) / size
        return [moved(face, np.diag(scale), np.zeros(2)) for face in distinct(self.seen(padded, WORTH_A_LOOK))]

    def looked_at_again(self, rgb: np.ndarray, face: Face) -> Face | None:
        """The face as it is seen from near, upright and in the middle of the picture, as it is and mirrored; None
        where it is none then."""
        x, y, width, height = face.box
        scale = AROUND * max(width, height) / SIDE
        turn = scale * np.array([[np.cos(face.roll), -np.sin(face.roll)], [np.sin(face.roll), np.cos(face.roll)]])
        corner = np.array([x + width / 2, y + height / 2]) - turn @ np.full(2, SIDE / 2 - 0.5)
        near = cv2.warpAffine(
            rgb, np.column_stack([turn, corner]), (SIDE, SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        looks = [self.in_the_middle(near), self.in_the_middle(np.ascontiguousarray(near[:, ::-1]))]
        if looks[0] is None or looks[1] is None:
            return None
        looks[1] = mirrored(looks[1])
        box, marks = (np.mean([getattr(look, part) for look in looks], 0) for part in ("box", "marks"))
        score = float(np.mean([face.score, *(look.score for look in looks)]))
        return moved(Face(box, marks, score), turn, corner)

    def in_the_middle(self, near: np.ndarray) -> Face | None:
        """The surest face whose middle is near that of a picture (SIDE, SIDE, 3) uint8."""
        faces = self.seen(near, WORTH_A_LOOK)
        reach = SIDE / AROUND / 2
        return next((one for one in faces if np.abs(one.box[:2] + one.box[2:] / 2 - SIDE / 2).max() < reach), None)

    def seen(self, rgb: np.ndarray, least: float) -> list[Face]:
        """Faces by the network in (H, W, 3) uint8 with sides that are multiples of 16, the surest first."""
        batch = cv2.dnn.blobFromImage(rgb, 1 / 127.5, mean=(127.5,) * 3)
        values, scores = (output[0] for output in self.network(batch))
        scores = 1 / (1 + np.exp(-np.clip(scores[:, 0], -80, 80)))
        order = [index for index in np.argsort(-scores) if scores[index] >= least]
        points = values.reshape(len(values), -1, 2)  # middle, size, marks
        middles = anchors(*rgb.shape[:2])[order]
        points = points[order] + np.where(np.arange(2 + MARKS) == 1, 0, 1)[:, None] * middles[:, None]
        return [
            Face(np.concatenate([one[0] - one[1] / 2, one[1]]), one[2:], float(scores[index]))
            for one, index in zip(points, order, strict=True)
        ]


def anchors(height: int, width: int) -> np.ndarray:
    """The middles of the cells from which the detector's boxes are told, (N, 2) in pixels, in its order."""
    found = []
    for stride, boxes in GRIDS:
        y, x = np.mgrid[: height // stride, : width // stride]
        found.append(np.repeat(np.stack([x, y], -1).reshape(-1, 2) + 0.5, boxes, 0) * stride)
    return np.concatenate(found)


def moved(face: Face, turn: np.ndarray, corner: np.ndarray) -> Face:
    """A face found in a part of a picture, in pixels of the whole: `turn` (2, 2) and `corner` (2,) lead there.

    A box stays upright and keeps its area, whatever the turn: how the head is tilted, the marks tell.
    """
    x, y, width, height = face.box
    middle = turn @ np.array([x + width / 2, y + height / 2]) + corner
    size = np.array([width, height]) * np.linalg.norm(turn, axis=0)
    return Face(np.concatenate([middle - size / 2, size]), face.marks @ turn.T + corner, face.score)


def mirrored(face: Face) -> Face:
    """A face found in a picture SIDE pixels wide, as it is in the mirrored picture."""
    x, y, width, height = face.box
    swapped = face.marks[[LEFT_EYE, RIGHT_EYE, NOSE, MOUTH, LEFT_EAR, RIGHT_EAR]]
    return Face(np.array([SIDE - x - width, y, width, height]), swapped * (-1, 1) + (SIDE, 0), face.score)


def distinct(faces: Sequence[Face]) -> list[Face]:
    """One face of each that was found more than once, the surest (non-maximum suppression), the surest first."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda one: -one.score):
        if not any(same(face.box, other.box) for other in kept):
            kept.append(face)
    return kept


def same(box: np.ndarray, other: np.ndarray) -> bool:
    """Whether two boxes are of one face."""
    shared = overlap(box, other)
    areas = box[2] * box[3], other[2] * other[3]
    return shared > SAME * (sum(areas) - shared) or shared > WITHIN * min(areas)


def overlap(box: np.ndarray, other: np.ndarray) -> float:
    """The area that two boxes have in common, in square pixels."""
    sides = np.minimum(box[:2] + box[2:], other[:2] + other[2:]) - np.maximum(box[:2], other[:2])
    return float(np.prod(sides.clip(0)))


def face_matte(faces: Sequence[Face], size: tuple[int, int]) -> np.ndarray:
    """Soft ellipses over faces, tilted as the heads are, (H, W) float32 in 0..1, for a picture of the size (H, W)."""
    matte = np.zeros(size, np.float32)
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    for face in faces:
        side = float(face.box[2:].mean())
        down = np.array([-np.sin(face.roll), np.cos(face.roll)])
        middle = face.box[:2] + face.box[2:] / 2 - RAISED * side * down
        along = (x - middle[0]) * down[0] + (y - middle[1]) * down[1]
        across = (x - middle[0]) * down[1] - (y - middle[1]) * down[0]
        far = np.hypot(across / (HALF_WIDTH * side), along / (HALF_HEIGHT * side))
        fade = np.clip((1 - far) / SOFT + 0.5, 0, 1)
        matte = np.maximum(matte, fade * fade * (3 - 2 * fade))
    return matte
