"""Flow made better from what is known beside each pixel.

An estimate is smooth where motions meet: beside a thing that moves, the background moves with it for some pixels, and
paint that follows becomes a ghost. The right motion is mostly known a few pixels on. So each pixel tries the motion of
pixels around it and takes it if it explains the frames better, as PatchMatch does (Barnes et al. 2009; for flow,
Hu et al. 2016).
"""

from collections.abc import Callable

import cv2
import numpy as np

from .consistency import contrast
from .warp import at, grid

# From how far motion is taken over, in pixels, and how many times over: from far to near, so that it spreads fast and
# then settles.
DISTANCES, ROUNDS = (16, 8, 4, 2), 2
# A motion is judged over so many pixels around: more would not fit thin things.
REACH = 0.7
# Differences of colour count up to this (0..255), gaps between the two directions up to this (pixels^2): what is
# hidden fits nowhere, and may not drag what lies beside it along.
MOST_DIFFERENCE, MOST_GAP = 40.0, 4.0
# Another motion is taken over if its cost is below this share of the present one's, less this: no motion by chance.
SHARE, MARGIN = 0.9, 0.1
# Of the filter that makes flow even: its width in pixels, the difference of motions that it leaves, and its radius.
EVENED = (7, 0.5, 3)
# In what varies less than this (standard deviation, 0..255) motion flows on so many times over, as many pixels as this
# far: it shows none of its own, and every pixel has another by chance, which would tear the paint.
PLAIN, TIMES, STRIDE = 4.0, 24, (5, 5)

MEAN = np.full((1, 3), 1 / 3, np.float32)
SUM = np.ones((1, 2), np.float32)
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1))

Cost = Callable[[np.ndarray], np.ndarray]


def propagated(
    there: np.ndarray, back: np.ndarray, frame: np.ndarray, other: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Both flows between two frames, each improved by itself and by the other.

    Args:
        there: from `frame` to `other`, (H, W, 2) float32 in pixels.
        back: from `other` to `frame`, (H, W, 2).
        frame, other: (H, W, 3) uint8.
    """
    if not there.any() and not back.any():
        return there, back
    for _ in range(ROUNDS):
        there = spread(there, cost_of(frame, other, back))
        back = spread(back, cost_of(other, frame, there))
    return calmed(evened(there), frame), calmed(evened(back), other)


def cost_of(frame: np.ndarray, other: np.ndarray, back: np.ndarray) -> Cost:
    """What speaks against a flow from `frame` to `other` at each pixel, (H, W): that the colours differ, in 0..255,
    and that the way back leads elsewhere, in pixels^2."""
    own = grid(frame)

    def cost(flow: np.ndarray) -> np.ndarray:
        places = cv2.add(own, flow)
        colours = cv2.absdiff(at(other, places), frame)
        gap = cv2.add(at(back, places), flow)
        gap = cv2.min(cv2.transform(cv2.multiply(gap, gap), SUM), MOST_GAP)
        difference = cv2.min(cv2.transform(colours, MEAN), MOST_DIFFERENCE)
        return cv2.GaussianBlur(cv2.add(gap, difference, dtype=cv2.CV_32F), (5, 5), REACH)

    return cost


def spread(flow: np.ndarray, cost: Cost) -> np.ndarray:
    """The flow after each pixel has tried the motion of others around it."""
    best = flow.copy()
    least = cost(best)
    for distance in DISTANCES:
        for across, down in DIRECTIONS:
            tried = shifted(best, across * distance, down * distance)
            found = cost(tried)
            better = cv2.compare(found, cv2.addWeighted(least, SHARE, least, 0, -MARGIN), cv2.CMP_LT)
            cv2.copyTo(tried, better, best)
            cv2.copyTo(found, better, least)
    return best


def evened(flow: np.ndarray) -> np.ndarray:
    """The flow without single pixels that have a motion of their own by chance, and without the small steps between
    motions that were taken over; the edges of motions stay."""
    flow = cv2.medianBlur(flow, 3)
    # The filter knows one channel or three.
    padded = np.dstack((flow, np.zeros_like(flow[..., :1])))
    return np.ascontiguousarray(cv2.bilateralFilter(padded, *EVENED)[..., :2])


def calmed(flow: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """The flow, smooth in plain surfaces; what has detail keeps its own and bounds them, (H, W, 2) float32.

    Args:
        flow: from `frame`, (H, W, 2) in pixels.
        frame: (H, W, 3) uint8.
    """
    plain = np.clip(2.5 - 2 * contrast(frame) / PLAIN, 0, 1)
    if not plain.any():
        return flow
    # Detail weighs next to nothing, but alone in reach it counts.
    weights = plain + 1e-6
    mass = cv2.blur(weights, STRIDE, borderType=cv2.BORDER_REFLECT)
    spread_out = flow
    for _ in range(TIMES):
        weighted = cv2.blur(spread_out * weights[..., None], STRIDE, borderType=cv2.BORDER_REFLECT)
        spread_out = weighted / mass[..., None]
    return flow + plain[..., None] * (spread_out - flow)


def shifted(values: np.ndarray, across: int, down: int) -> np.ndarray:
    """Values (H, W, 2) so many pixels on to the right and down; what is left empty gets those of the border."""
    move = np.float32([[1, 0, across], [0, 1, down]])
    return cv2.warpAffine(values, move, values.shape[1::-1], flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
