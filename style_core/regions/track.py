"""A matte that follows an object through a shot, from a frame on in which it is known.

For every frame three witnesses are heard: what the places look like, compared with remembered ones of the object and of
its surroundings (nearest neighbours of network features, as Hu et al. 2018 match videos, here without training); what
pixels of the frame before that are alike, moved along the flow, were (as in non-local means); and how far the object
can have come. A fourth is heard if the object is a person: the network that finds people. A graph cut decides.
"""

from typing import NamedTuple

import cv2
import numpy as np

from ..motion.warp import grid
from .appearance import Appearance, distance_from
from .edges import graph_cut
from .features import Features
from .reduction import fitted
from .somebody import glimpsed_people, is_somebody

# How much the witnesses count.
LOOKS, NEIGHBOURS, REACH = 2.5, 1.0, 0.5
# Log-odds of what is surely a part of a person, if the object is one.
PERSON = 3.0
# Log-odds of looks, at most.
MOST_LOOKS = 4.0
# Of non-local means: how far around and in which steps pixels are asked, in pixels; how much colours may differ
# (0..255); from where on distance makes a vote count less; over how many pixels colours are compared.
AROUND, STEP, ALIKE, NEAR, PATCH = 6, 2, 14.0, 5.0, (3, 3)
# A vote of all is never quite certain; less than this weight of votes is none.
DOUBT, FEW_VOTES = 0.02, 0.5
# Where flows do not agree, votes are still worth this.
UNSURE_FLOW = 0.3
# Two flows that undo each other leave a gap below this share of their squared lengths, plus this in pixels^2.
SHARE_OF_LENGTH, SLACK = 0.02, 0.5
# An object comes or goes by this share of its size from one frame to the next; log-odds there, inside and outside.
COMES, INSIDE, OUTSIDE = 0.25, 2.0, 6.0
# Around the object, as a share of its size and in pixels at least, the frame is looked at.
MARGIN, LEAST_MARGIN = 0.4, 12
# A piece stays if it is so large beside the largest, and so much of it is where the object was.
SHARE, WAS_THERE = 0.03, 0.1
# Every so many frames the looks of the surroundings are remembered.
LEARN_EVERY = 3
# A lost object is taken to be back where at least so much of its first area looks like it; it may be lost where it has
# less than this share of what it had in the frame before.
BACK = 0.3


class Found(NamedTuple):
    """The object in a frame."""

    matte: np.ndarray
    """(h, w) float32 in 0..1, at the reduced size."""
    confidence: float
    """How sure that is, 0..1."""


class Sight(NamedTuple):
    """What is seen of a frame, whatever is known of the object; frames are of the reduced size, (h, w, 3) uint8."""

    rgb: np.ndarray
    vectors: np.ndarray
    """Its features, (h', w', C)."""
    before: np.ndarray
    """The frame that was followed before it."""
    backward: np.ndarray
    """Where its pixels are in the one before, (h, w, 2)."""
    forward: np.ndarray
    """Where pixels of the one before are in it, (h, w, 2)."""


def seen(rgb: np.ndarray, before: np.ndarray, features: Features) -> Sight:
    """Looks at a frame after another, (h, w, 3) uint8 both."""
    return Sight(rgb, features.of(rgb), before, flow(rgb, before), flow(before, rgb))


class Tracker:
    """Follows one object from frame to frame, in either direction of time; frames are of the reduced size.

    Args:
        features: what sees places alike, shared by all trackers of a clip.
        known: frames whose matte is known, which tell what the object looks like, (rgb, matte) each.
        rgb: (h, w, 3) uint8, the frame to begin from.
        matte: (h, w) in 0..1, the object in it.
    """

    def __init__(
        self, features: Features, known: list[tuple[np.ndarray, np.ndarray]], rgb: np.ndarray, matte: np.ndarray
    ) -> None:
        self.appearance = Appearance(len(known))
        for frame, its_matte in known:
            vectors = features.of(frame)
            self.appearance.learn(vectors, fitted(its_matte, vectors.shape[:2]))
        self.area = max(1, *(area(one) for _, one in known))
        self.matte, self.steps = matte.astype(np.float32), 0
        window = around(self.matte)
        self.person = is_somebody(rgb[window], self.matte[window])

    def follow(self, sight: Sight) -> Found:
        """The object in the next frame."""
        self.steps += 1
        in_sight = (self.matte > 0.5).any()
        found = self.moved(sight) if in_sight else self.found_again(sight)
        if in_sight and area(found.matte) < BACK * area(self.matte):  # gone, or too quick for the flow
            found = max(found, self.found_again(sight), key=lambda one: area(one.matte))
        self.matte = found.matte
        return found

    def moved(self, sight: Sight) -> Found:
        """The object in a frame, near where it was."""
        rgb, vectors = sight.rgb, sight.vectors
        places = grid(rgb) + sight.backward
        expected = cv2.remap(self.matte, places, None, cv2.INTER_LINEAR)
        window = around(expected)
        looks = self.looks(vectors, window, self.matte.shape)
        votes = self.votes(sight, places, window)
        total = LOOKS * looks + NEIGHBOURS * votes + REACH * reach(expected, self.matte)[window]
        if self.person:
            total += PERSON * self.person * (2 * glimpsed_people(rgb[window]) - 1)
        cut = joined(graph_cut(total, rgb[window]), expected[window])
        matte = np.zeros_like(self.matte)
        matte[window] = cut
        if self.steps % LEARN_EVERY == 0:
            self.appearance.follow(vectors, fitted(matte, vectors.shape[:2]))
        return Found(matte, agreement(looks, votes, cut))

    def looks(self, vectors: np.ndarray, window: tuple[slice, slice], shape: tuple[int, int]) -> np.ndarray:
        """Log-odds by looks within a window of the frame."""
        rows, columns = (
            slice(int(part.start * cells / side), int(np.ceil(part.stop * cells / side)))
            for part, cells, side in zip(window, vectors.shape, shape, strict=False)
        )
        log_odds = np.full(vectors.shape[:2], -MOST_LOOKS, np.float32)
        log_odds[rows, columns] = self.appearance(vectors[rows, columns])
        return np.clip(fitted(log_odds, shape)[window], -MOST_LOOKS, MOST_LOOKS)

    def votes(self, sight: Sight, places: np.ndarray, window: tuple[slice, slice]) -> np.ndarray:
        """Log-odds by what pixels of the frame before were that are alike and near, within a window."""
        backward = sight.backward[window]
        there = np.ascontiguousarray(places[window])
        frame = cv2.remap(sight.before, there, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        matte = cv2.remap(self.matte, there, None, cv2.INTER_LINEAR)
        share, weight = voted(sight.rgb[window], frame, matte)
        back = cv2.remap(sight.forward, there, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        gap = np.square(back + backward).sum(-1)
        limit = SHARE_OF_LENGTH * np.square(backward).sum(-1) + SLACK
        agreed = UNSURE_FLOW + (1 - UNSURE_FLOW) * np.clip(1.5 - gap / limit, 0, 1)
        share = np.clip(share, DOUBT, 1 - DOUBT)
        return np.log(share / (1 - share)) * np.clip(weight / FEW_VOTES, 0, 1) * agreed

    def found_again(self, sight: Sight) -> Found:
        """The object where it was lost before: empty until enough of the frame looks like it."""
        everywhere = tuple(slice(0, side) for side in self.matte.shape)
        looks = self.looks(sight.vectors, everywhere, self.matte.shape)
        cut = graph_cut(LOOKS * looks, sight.rgb)
        count, labels, figures, _ = cv2.connectedComponentsWithStats((cut > 0.5).astype(np.uint8))
        areas = figures[1:, cv2.CC_STAT_AREA]
        if count < 2 or areas.max() < BACK * self.area:
            return Found(np.zeros_like(self.matte), 0.5)
        matte = cut * (labels == 1 + areas.argmax())
        return Found(matte.astype(np.float32), agreement(looks, looks, matte))


def area(matte: np.ndarray) -> int:
    """Of the object in a matte (h, w), in pixels."""
    return np.count_nonzero(matte > 0.5)


def flow(rgb: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where pixels of one frame are in another, (h, w, 2)."""
    estimator = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return estimator.calc(*(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in (rgb, other)), None)


def around(matte: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of an object and of some of what lies around it; all where there is none."""
    rows, columns = np.flatnonzero((matte > 0.5).any(1)), np.flatnonzero((matte > 0.5).any(0))
    if not len(rows):
        return slice(0, matte.shape[0]), slice(0, matte.shape[1])
    margin = MARGIN * max(LEAST_MARGIN / MARGIN, np.sqrt(np.ptp(rows) * np.ptp(columns)))
    return tuple(
        slice(max(0, int(found[0] - margin)), min(side, int(found[-1] + margin + 1)))
        for found, side in zip((rows, columns), matte.shape, strict=True)
    )


def voted(rgb: np.ndarray, before: np.ndarray, matte: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What share of the votes is for the object, and how many votes there were, (h, w) each.

    Args:
        rgb: (h, w, 3) uint8.
        before: the frame before, moved to this one.
        matte: (h, w) in 0..1, its matte, moved as well.
    """
    height, width = matte.shape
    border = (AROUND,) * 4
    frame = cv2.copyMakeBorder(before, *border, cv2.BORDER_REPLICATE)
    was = cv2.copyMakeBorder(matte, *border, cv2.BORDER_CONSTANT)
    votes, weights = np.zeros_like(matte), np.full_like(matte, 1e-6)
    channels = np.full((1, 3), 1 / 3, np.float32)
    for down in range(-AROUND, AROUND + 1, STEP):
        for across in range(-AROUND, AROUND + 1, STEP):
            part = np.s_[AROUND + down : AROUND + down + height, AROUND + across : AROUND + across + width]
            difference = cv2.absdiff(rgb, frame[part])
            squares = cv2.transform(cv2.multiply(difference, difference, dtype=cv2.CV_32F), channels)
            far = (down * down + across * across) / (2 * NEAR * NEAR)
            weight = cv2.exp(cv2.blur(squares, PATCH) * (-1 / (2 * ALIKE * ALIKE)) - far)
            votes += weight * was[part]
            weights += weight
    return votes / weights, weights


def reach(expected: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Log-odds by how far an object can have come, (h, w)."""
    inside = (expected > 0.5).astype(np.uint8)
    far = COMES * np.sqrt(max(1, (before > 0.5).sum()))
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 3) / far
    return INSIDE * np.clip(depth, 0, 1) - OUTSIDE * np.clip(distance_from(expected) / far, 0, 1)


def joined(matte: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """A matte without pieces that are small, or not where the object was."""
    inside = (matte > 0.5).astype(np.uint8)
    count, labels, figures, _ = cv2.connectedComponentsWithStats(inside)
    if count <= 2:
        return matte
    areas = figures[:, cv2.CC_STAT_AREA].astype(np.float32)
    there = np.bincount(labels.ravel(), weights=(expected > 0.5).ravel(), minlength=count)
    stays = (areas > SHARE * areas[1:].max()) & (there > WAS_THERE * areas)
    stays[0] = False
    if not stays.any():
        stays[1 + areas[1:].argmax()] = True
    return matte * cv2.dilate(stays[labels].astype(np.uint8), np.ones((5, 5), np.uint8))


def agreement(looks: np.ndarray, votes: np.ndarray, matte: np.ndarray) -> float:
    """How far the witnesses, each by itself, say what was decided: intersections over unions, 0..1."""
    return float(np.mean([overlap(looks > 0, matte > 0.5), overlap(votes > 0, matte > 0.5)]))


def overlap(one: np.ndarray, two: np.ndarray) -> float:
    """Intersection over union of two (H, W) bool; 1 if both are empty."""
    union = np.count_nonzero(one | two)
    return np.count_nonzero(one & two) / union if union else 1.0
