"""Cutting an object out of a still: a rectangle around it, then strokes, live (after Rother et al. 2004).

Beyond colours, places are compared by what the painting network sees in them: what looks like something outside of the
rectangle is background, also where colours alone cannot tell.
"""

import cv2
import numpy as np

from .appearance import distance_from, nearest
from .edges import graph_cut, refined_edge
from .features import Features
from .strokes import Rectangle, draw, slices, within

# Longer side at which frames are looked at, and at which a cut is found around a rectangle; its edge is refined at
# full size.
SIDE, WINDOW = 432, 320
# Rounds of learning from one's own cut; more change next to nothing.
ROUNDS = 4
# Log-odds of what looks unlike all that lies outside, of the regression on features, of the mixtures of colours, and
# of the place in the rectangle.
UNLIKE, MODEL, COLOUR, PLACE = 1.0, 2.5, 0.5, 1.0
# Log-odds by colour, at most.
MOST_COLOUR = 4.0
# Of a regression on few places: how strongly large coefficients are held back.
HELD_BACK = 2e-2
# What a stroke, or the rectangle, says is certain.
CERTAIN = 50.0
# Pieces with less than this share of the largest are left out, and holes with less than its square are filled.
SHARE = 0.04
# A stretch around the rectangle, as a share of its size, that counts as its surroundings.
AROUND = 0.35

Stroke = tuple[tuple[tuple[float, float], ...], float, bool]


class Cutout:
    """An object in a picture, cut out by a rectangle and strokes.

    Args:
        rgb: (H, W, 3) uint8.
        evidence: log-odds (h, w) for each pixel from elsewhere, such as its motion, of any size; None: none.
        features: what sees places alike; None: a new one.
    """

    def __init__(self, rgb: np.ndarray, evidence: np.ndarray | None = None, features: Features | None = None) -> None:
        self.rgb, self.evidence = rgb, evidence
        self.eye = features or Features()
        self.strokes: list[Stroke] = []
        self.rectangle: Rectangle | None = None
        self.look_at((0, 0, rgb.shape[1], rgb.shape[0]))

    def look_at(self, window: Rectangle) -> None:
        """Takes a part of the picture, at a size at which it can be cut at once."""
        self.window = window
        self.rows, self.columns = slices(window, 1, self.rgb.shape[:2])
        self.small = reduced(self.rgb[self.rows, self.columns], WINDOW)
        self.factor = self.small.shape[1] / window[2]
        self.vectors: np.ndarray | None = None

    @property
    def features(self) -> np.ndarray:
        """Vectors (h, w, C) of the window, found when they are needed first."""
        if self.vectors is None:
            self.vectors = self.eye.of(self.small)
        return self.vectors

    def draw_rectangle(self, rectangle: Rectangle) -> None:
        """Says that the object lies in (x, y, width, height), pixels from the top left; earlier strokes stay.

        Raises UserError if the rectangle lies outside of the picture or has no area.
        """
        self.rectangle = within(rectangle, self.rgb.shape[1::-1])
        x, y, width, height = self.rectangle
        margin = max(8, round(AROUND * max(width, height)))
        grown = x - margin, y - margin, width + 2 * margin, height + 2 * margin
        self.look_at(within(grown, self.rgb.shape[1::-1]))

    def draw_stroke(self, points: tuple[tuple[float, float], ...], radius: float, keep: bool) -> None:
        """Says that what lies under a stroke is the object (`keep`), or is not; pixels of the picture, y down."""
        self.strokes.append((points, radius, keep))

    def matte(self) -> np.ndarray:
        """The object, (H, W) uint8, 255 inside and soft at its edge; all 0 where nothing was found or said."""
        result = np.zeros(self.rgb.shape[:2], np.uint8)
        if self.rectangle is None and not any(keep for _, _, keep in self.strokes):
            return result
        fine = refined_edge(self.cut(), self.rgb[self.rows, self.columns])
        result[self.rows, self.columns] = np.round(fine * 255)
        return result

    def cut(self) -> np.ndarray:
        """The object in the window at its size, (h, w) in 0..1."""
        said, allowed = self.said(), self.allowed()
        fixed = np.where(said != 0, CERTAIN * said, np.where(allowed, 0, -CERTAIN)).astype(np.float32)
        base = self.first_guess(allowed) + fixed
        result = sigmoid(base)
        for _ in range(ROUNDS):
            total = base + MODEL * self.model(result, allowed) + COLOUR * colours(self.small, result)
            result = graph_cut(total, self.small)
        return tidy(result, said > 0)

    def said(self) -> np.ndarray:
        """1 where strokes say object, -1 where they say background, (h, w) int16."""
        said = np.zeros(self.small.shape[:2], np.int16)
        for points, radius, keep in self.strokes:
            placed = tuple((x - self.window[0], y - self.window[1]) for x, y in points)
            draw(said, placed, radius, 1 if keep else -1, self.factor)
        return said

    def allowed(self) -> np.ndarray:
        """Where the object may be, (h, w) bool."""
        if self.rectangle is None:
            return np.ones(self.small.shape[:2], bool)
        x, y, width, height = self.rectangle
        allowed = np.zeros(self.small.shape[:2], bool)
        allowed[slices((x - self.window[0], y - self.window[1], width, height), self.factor, allowed.shape)] = True
        return allowed

    def first_guess(self, allowed: np.ndarray) -> np.ndarray:
        """Log-odds before anything is known of the object: by novelty, place and what else there is."""
        guess = PLACE * middle_of(allowed)
        if not allowed.all():
            guess += UNLIKE * self.novelty(allowed)
        if self.evidence is not None:
            whole = fitted(self.evidence, self.rgb.shape[:2])[self.rows, self.columns]
            guess += fitted(whole, allowed.shape)
        return guess

    def novelty(self, allowed: np.ndarray) -> np.ndarray:
        """How unlike all that lies outside each place is, (h, w), -1..1."""
        grid = fitted(allowed.astype(np.float32), self.features.shape[:2]) > 0.5
        if grid.all() or not grid.any():
            return np.zeros(allowed.shape, np.float32)
        distances = nearest(self.features[grid], self.features[~grid])
        low, high = np.quantile(distances, (0.1, 0.9))
        result = np.full(grid.shape, -1, np.float32)
        result[grid] = np.clip(2 * (distances - low) / max(high - low, 1e-6) - 1, -1, 1)
        return fitted(result, allowed.shape)

    def model(self, matte: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        """What a regression on the features says that tells the object from its surroundings, (h, w), about -1..1."""
        grid = self.features.shape[:2]
        labels = fitted(matte, grid).ravel()
        near = np.exp(-distance_from(fitted(allowed.astype(np.float32), grid)) / max(grid))
        vectors = self.features.reshape(-1, self.features.shape[-1])
        vectors = np.concatenate([vectors, np.ones_like(vectors[:, :1])], 1)
        return fitted(regression(vectors, labels, near.ravel()).reshape(grid), matte.shape)


def regression(vectors: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What a ridge regression of labels (N,) in 0..1 on vectors (N, C) says of each, about -1..1.

    Both sides count alike, whatever their size.
    """
    on, off = weights * labels, weights * (1 - labels)
    if on.sum() <= 0 or off.sum() <= 0:
        return np.zeros(len(vectors), np.float32)
    on, off = on / on.sum() / 2, off / off.sum() / 2
    weighted = vectors * (on + off)[:, None]
    squares = weighted.T @ vectors + HELD_BACK * np.eye(vectors.shape[1], dtype=np.float32)
    return vectors @ np.linalg.solve(squares, vectors.T @ (on - off))


def colours(rgb: np.ndarray, matte: np.ndarray) -> np.ndarray:
    """Log-odds (h, w) by how often a colour is inside of a matte and outside, smoothed over colours like it."""
    levels = 16
    index = rgb.astype(np.int32) * levels // 256
    flat = (index[..., 0] * levels + index[..., 1]) * levels + index[..., 2]
    found = []
    for share in (matte, 1 - matte):
        counts = np.bincount(flat.ravel(), share.ravel(), levels**3).reshape((levels,) * 3).astype(np.float32)
        for axis in range(3):
            padded = np.pad(counts, [(1, 1) if one == axis else (0, 0) for one in range(3)])
            low, mid, high = (np.take(padded, np.arange(levels) + step, axis) for step in range(3))
            counts = 0.25 * low + 0.5 * mid + 0.25 * high
        found.append((counts + 0.05) / max(float(counts.sum()), 1.0))
    odds = np.log(found[0] / found[1]).ravel()
    return np.clip(odds[flat], -MOST_COLOUR, MOST_COLOUR).astype(np.float32)


def reduced(rgb: np.ndarray, side: int = SIDE) -> np.ndarray:
    """A picture with a longer side of at most so many pixels, and at least 16 on each side."""
    factor = min(1.0, side / max(rgb.shape[:2]))
    size = [max(16, round(length * factor)) for length in rgb.shape[1::-1]]
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)


def fitted(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) as float32 at another size."""
    smaller = shape[0] < values.shape[0]
    interpolation = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cv2.resize(values.astype(np.float32), shape[1::-1], interpolation=interpolation)


def sigmoid(log_odds: np.ndarray) -> np.ndarray:
    """Probabilities of log-odds."""
    return (1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))).astype(np.float32)


def middle_of(allowed: np.ndarray) -> np.ndarray:
    """1 in the middle of where the object may be, -1 at its corners and outside, (h, w) float32."""
    ends = [np.flatnonzero(allowed.any(axis))[[0, -1]] for axis in (1, 0)]
    y, x = (
        (2 * np.arange(count) - first - last) / (last - first + 1)
        for count, (first, last) in zip(allowed.shape, ends, strict=True)
    )
    return np.clip(1 - np.sqrt(2) * np.hypot(y[:, None], x[None]), -1, 1).astype(np.float32)


def tidy(matte: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """A matte without its small pieces that no stroke touches, and without small holes, (h, w) in 0..1."""
    count, labels, figures, _ = cv2.connectedComponentsWithStats((matte > 0.5).astype(np.uint8))
    if count < 2:
        return matte
    areas = figures[:, cv2.CC_STAT_AREA]
    largest = areas[1:].max()
    stays = areas >= SHARE * largest
    stays[np.unique(labels[kept])] = True
    stays[0] = False
    whole = stays[labels].astype(np.uint8)
    _, labels, figures, _ = cv2.connectedComponentsWithStats(1 - whole)
    holes = figures[:, cv2.CC_STAT_AREA] < SHARE * SHARE * largest
    holes[0] = False
    # Where a piece goes, its soft edge goes with it.
    around = cv2.dilate(whole, np.ones((5, 5), np.uint8))
    return np.where(holes[labels], 1, matte * around).astype(np.float32)
