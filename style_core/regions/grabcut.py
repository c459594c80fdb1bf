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

# Longer side at which a cut is found; its edge is refined at full size.
SIDE = 432
# In a rectangle drawn around a thing, so much of its middle is mostly the thing.
MIDDLE = 0.5
# Rounds of learning from one's own cut, each beginning from the last; more change next to nothing.
ROUNDS = 3
# Log-odds of what looks unlike all that lies outside, of the models of both, and of the place in the rectangle.
UNLIKE, MODEL, PLACE = 1.0, 3.0, 1.0
# Of a regression on few places: how strongly large coefficients are held back.
HELD_BACK = 3e-3
# What a stroke says is certain.
CERTAIN = 50.0
# Pieces with less than this share of the largest are left out, and holes with less are filled.
SHARE = 0.04
# A stretch around the rectangle, as a share of its size, that counts as its surroundings.
AROUND = 0.6


class Cutout:
    """An object in a picture, cut out by a rectangle and strokes.

    Args:
        rgb: (H, W, 3) uint8.
        features: what sees places alike; None: a new one.
        evidence: log-odds (h, w) for each pixel from elsewhere, such as its motion, of any size; None: none.
    """

    def __init__(self, rgb: np.ndarray, features: Features | None = None, evidence: np.ndarray | None = None) -> None:
        self.rgb = rgb
        self.small = reduced(rgb)
        self.features = (features or Features()).of(self.small)
        self.evidence = None if evidence is None else fitted(evidence, self.small.shape[:2])
        self.rectangle: Rectangle | None = None
        self.said = np.zeros(self.small.shape[:2], np.int16)  # 1 object, -1 background, by strokes
        self.found: np.ndarray | None = None

    def draw_rectangle(self, rectangle: Rectangle) -> None:
        """Says that the object lies in (x, y, width, height), pixels from the top left; earlier strokes stay.

        Raises UserError if the rectangle lies outside of the picture or has no area.
        """
        self.rectangle = within(rectangle, self.rgb.shape[1::-1])
        self.found = None

    def draw_stroke(self, points: tuple[tuple[float, float], ...], radius: float, keep: bool) -> None:
        """Says that what lies under a stroke is the object (`keep`), or is not; pixels of the picture, y down."""
        factor = self.small.shape[1] / self.rgb.shape[1]
        draw(self.said, points, radius, 1 if keep else -1, factor)

    def matte(self) -> np.ndarray:
        """The object, (H, W) uint8, 255 inside and soft at its edge; all 0 where nothing was found or said."""
        if self.rectangle is None and not (self.said > 0).any():
            return np.zeros(self.rgb.shape[:2], np.uint8)
        self.found = self.cut()
        return np.round(refined_edge(self.found, self.rgb) * 255).astype(np.uint8)

    def cut(self) -> np.ndarray:
        """The object at the reduced size, (h, w) in 0..1."""
        allowed = self.allowed()
        log_odds = self.first_guess(allowed) if self.found is None else np.zeros(self.said.shape, np.float32)
        fixed = np.where(self.said == 0, 0, CERTAIN * self.said).astype(np.float32)
        outside = np.where(allowed, 0, -CERTAIN).astype(np.float32)
        result = sigmoid(log_odds + fixed + outside) if self.found is None else self.found
        base = log_odds
        for _ in range(ROUNDS):
            model = self.model(result, allowed)
            total = base + MODEL * model + fixed + np.where(self.said > 0, 0, outside)
            result = graph_cut(total, self.small)
        return tidy(result, self.said > 0)

    def allowed(self) -> np.ndarray:
        """Where the object may be, (h, w) bool."""
        allowed = np.ones(self.said.shape, bool)
        if self.rectangle is not None:
            allowed[:] = False
            allowed[slices(self.rectangle, self.small.shape[1] / self.rgb.shape[1], self.said.shape)] = True
        return allowed

    def first_guess(self, allowed: np.ndarray) -> np.ndarray:
        """Log-odds before anything is known of the object: by novelty, place and what else there is."""
        guess = PLACE * middle_of(allowed)
        if not allowed.all():
            guess += UNLIKE * self.novelty(allowed)
        return guess + (0 if self.evidence is None else self.evidence)

    def novelty(self, allowed: np.ndarray) -> np.ndarray:
        """How unlike all that lies outside each place is, (h, w), about -1..1 inside."""
        grid = fitted(allowed.astype(np.float32), self.features.shape[:2]) > 0.5
        away = distance_from(grid.astype(np.float32))
        near = ~grid & (away < max(6, AROUND * np.sqrt(grid.sum())))
        distances = nearest(np.ascontiguousarray(self.features[grid]), np.ascontiguousarray(self.features[near]))
        low, high = np.quantile(distances, (0.1, 0.9)) if len(distances) else (0, 1)
        result = np.full(grid.shape, -1, np.float32)
        result[grid] = np.clip(2 * (distances - low) / max(high - low, 1e-6) - 1, -1, 1)
        return fitted(result, allowed.shape)

    def model(self, matte: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        """Log-odds (h, w) by a regression on the features that tells the object from its surroundings."""
        grid = self.features.shape[:2]
        labels, inside = fitted(matte, grid).ravel(), fitted(allowed.astype(np.float32), grid)
        near = np.exp(-distance_from(inside) / max(6, AROUND * np.sqrt((inside > 0.5).sum())))
        vectors = self.features.reshape(-1, self.features.shape[-1])
        vectors = np.concatenate([vectors, np.ones_like(vectors[:, :1])], 1)
        score = regression(vectors, labels, near.ravel())
        return fitted(score.reshape(grid), matte.shape)


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


def reduced(rgb: np.ndarray) -> np.ndarray:
    """A picture at the size at which cuts are found."""
    factor = min(1.0, SIDE / max(rgb.shape[:2]))
    size = [max(16, round(side * factor)) for side in rgb.shape[1::-1]]
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)


def fitted(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) float32 at another size."""
    smaller = shape[0] < values.shape[0]
    interpolation = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cv2.resize(values.astype(np.float32), shape[::-1], interpolation=interpolation)


def sigmoid(log_odds: np.ndarray) -> np.ndarray:
    """Probabilities of log-odds."""
    return (1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))).astype(np.float32)


def middle_of(allowed: np.ndarray) -> np.ndarray:
    """1 in the middle of where the object may be, -1 at its corners and outside, (H, W) float32."""
    rows, columns = np.flatnonzero(allowed.any(1)), np.flatnonzero(allowed.any(0))
    y, x = (
        2 * (np.arange(count) - (found[0] + found[-1]) / 2) / len(found)
        for count, found in zip(allowed.shape, (rows, columns), strict=True)
    )
    return np.clip(1 - 2 * np.hypot(y[:, None], x[None]) * MIDDLE * np.sqrt(2), -1, 1).astype(np.float32)


def tidy(matte: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """A matte without its small pieces that no stroke touches, and without small holes, (H, W) in 0..1."""
    inside = (matte > 0.5).astype(np.uint8)
    count, labels, figures, _ = cv2.connectedComponentsWithStats(inside)
    if count < 2:
        return matte
    areas = figures[:, cv2.CC_STAT_AREA]
    stays = areas >= SHARE * areas[1:].max()
    stays[np.unique(labels[kept])] = True
    stays[0] = False
    whole = stays[labels].astype(np.uint8)
    count, labels, figures, _ = cv2.connectedComponentsWithStats(1 - whole)
    holes = figures[:, cv2.CC_STAT_AREA] < SHARE * SHARE * areas[1:].max()
    holes[0] = False
    whole |= holes[labels].astype(np.uint8)
    # Where a piece goes, its soft edge goes with it.
    around = cv2.dilate(whole, np.ones((5, 5), np.uint8))
    return np.where(holes[labels], 1, matte * around).astype(np.float32)
