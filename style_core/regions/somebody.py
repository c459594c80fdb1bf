"""Whether an object is a person, and where: people are cut out most often, and are hard to tell by their
colours, as each part of them has its own."""

from functools import cache

import numpy as np

from .people import Selfie
from .reduction import fitted

# Log-odds of what is surely a part of a person.
STRENGTH = 2.5
# An object of which the network sees this share is surely a person, or not.
IS, NOT = 0.75, 0.5
# A rectangle is drawn around a person if one is seen in it that fills this share of its width and height, and of its
# area, and no more than that; if the network is so sure of each place; and if it sees people in no more than this share
# of what lies around.
EXTENT, LEAST_AREA, MOST_AREA, SURE, OUTSIDE = 0.7, 0.15, 0.85, 0.8, 0.1


def somebody(rgb: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Log-odds (h, w) that places belong to the person in a rectangle; 0 if it was not drawn around one.

    Args:
        rgb: (H, W, 3) uint8, what the rectangle holds and what lies around it.
        allowed: the rectangle, (h, w) bool, of any size.

    Raises UserError if the network is missing.
    """
    likely = fitted(likely_people(rgb), allowed.shape)
    seen = likely > 0.5
    sure, outside = np.abs(2 * likely[allowed] - 1).mean(), np.mean(seen & ~allowed)
    fills = LEAST_AREA < seen[allowed].mean() < MOST_AREA and extent(seen & allowed, allowed) > EXTENT
    told = fills and sure > SURE and outside < OUTSIDE
    return STRENGTH * (2 * likely - 1) if told else np.zeros(allowed.shape, np.float32)


def is_somebody(rgb: np.ndarray, matte: np.ndarray) -> float:
    """How far an object is what the network takes for people, 0..1.

    Args:
        rgb: (h, w, 3) uint8, the object and some of what lies around it.
        matte: (h, w) in 0..1, the object.
    """
    seen, inside = likely_people(rgb) > 0.5, matte > 0.5
    share = np.count_nonzero(seen & inside) / max(1, np.count_nonzero(seen | inside))
    return float(np.clip((share - NOT) / (IS - NOT), 0, 1))


def likely_people(rgb: np.ndarray) -> np.ndarray:
    """How likely there are people, (h, w) in 0..1, in (h, w, 3) uint8. Raises UserError if the network is missing."""
    return network().from_near(rgb)


def glimpsed_people(rgb: np.ndarray) -> np.ndarray:
    """The same from one look instead of two, where time counts and others have a say."""
    return network().stretched(rgb)


def extent(seen: np.ndarray, allowed: np.ndarray) -> float:
    """What share of a rectangle's width, or height, (h, w) bool, what is seen in it goes through; the lesser."""
    spans = [[np.ptp(np.flatnonzero(mask.any(axis))) + 1 for axis in (0, 1)] for mask in (seen, allowed)]
    return float(min(np.divide(*spans)))


@cache
def network() -> Selfie:
    """The network, loaded once."""
    return Selfie()
