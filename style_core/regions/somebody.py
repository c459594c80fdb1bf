"""Whether what is in a rectangle is a person, and where: people are cut out most often, and are hard to tell by their
colours, as each part of them has its own."""

from functools import cache

import numpy as np

from .people import Selfie
from .reduction import fitted

# Log-odds of what is surely a part of a person.
STRENGTH = 2.5
# A rectangle is drawn around a person if one is seen in it that fills this share of its width and height, and of its
# area; if the network is so sure of each place; and if it sees people in no more than this share of what lies around.
EXTENT, AREA, SURE, OUTSIDE = 0.7, 0.15, 0.8, 0.1


def somebody(rgb: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Log-odds (h, w) that places belong to the person in a rectangle; 0 if it was not drawn around one.

    Args:
        rgb: (H, W, 3) uint8, what the rectangle holds and what lies around it.
        allowed: the rectangle, (h, w) bool, of any size.

    Raises UserError if the network is missing.
    """
    likely = fitted(network().from_near(rgb), allowed.shape)
    seen = (likely > 0.5) & allowed
    sure = np.abs(2 * likely[allowed] - 1).mean()
    outside = np.mean((likely > 0.5) & ~allowed)
    if seen.sum() < AREA * allowed.sum() or sure < SURE or outside > OUTSIDE or extent(seen, allowed) < EXTENT:
        return np.zeros(allowed.shape, np.float32)
    return STRENGTH * (2 * likely - 1)


def extent(seen: np.ndarray, allowed: np.ndarray) -> float:
    """What share of a rectangle's width, or height, (h, w) bool, what is seen in it goes through; the lesser."""
    spans = [[np.ptp(np.flatnonzero(mask.any(axis))) + 1 for axis in (0, 1)] for mask in (seen, allowed)]
    return float(min(np.divide(*spans)))


@cache
def network() -> Selfie:
    """The network, loaded once."""
    return Selfie()
