"""The edge of a matte brought to the edge of the thing that it is meant for."""

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from ..setting import UserError
from .crf import Grid, Lattice, MeanField, Normalised
from .guided import guided

WAYS = ("crf", "guided", "none")

# All lengths are in pixels of a picture whose longer side is this, and grow with it.
SIDE = 854
# How far the edge of a matte may be off: it is softened by so much, and what the colours say counts in there.
DOUBT = 5.0
# What is further from the edge of the matte than this is left as it is.
REACH = 24.0
# A matte is sure to be outside of a thing up to this, and inside from this on.
OUTSIDE, INSIDE = 0.1, 0.9
# Longer side at which the CRF is solved; what is far from the matte's edge is not looked at.
MOST_SIDE = 480
# How sure a matte is in its middle: colours that clearly say otherwise are believed.
SURE = 0.95
# How near, in pixels and in CIELAB, what belongs together is.
NEAR, ALIKE = 20.0, 4.5
# How near neighbours are that are of one thing whatever their colours.
BESIDE = 2.0
# How much likeness and neighbourhood count.
WEIGHTS = (2.0, 2.0)
# How often colours are learned from the matte and the matte from colours; odds that colours can speak for, at most, as
# a logarithm; and what share of a neighbourhood, at least, colours are learned from.
ROUNDS, MOST_ODDS, LEAST_SHARE = 2, 4.0, 0.02
# Against odds without end where a colour was not seen at all, as a share of the mean density.
UNSEEN = 1e-3
# Of the guided filter: its window, as a multiple of the doubt, and its epsilon; both for a matte that is off, and for
# one that is only to be brought to full size.
GUIDED_WINDOW, GUIDED_EPSILON = 1.8, 1e-4
FINE_WINDOW, FINE_EPSILON = 4.0, 1e-4


def refined(matte: np.ndarray, rgb: np.ndarray, how: str = "crf") -> np.ndarray:
    """A matte whose edge lies where the picture has one.

    Args:
        matte: (H, W) float32 in 0..1, that is right but for its edge.
        rgb: (H, W, 3) uint8.
        how: "crf" learns the colours on either side and lets the edge wander (slow, finds what is missing by some
            pixels), "guided" bends the matte to the colours (quick), "none" leaves it.

    Returns:
        (H, W) float32 in 0..1; a matte without an edge stays as it is.

    Raises:
        UserError: there is no such way, or the matte and the picture have not the same size.
    """
    if how not in WAYS:
        raise UserError(f"Edges are refined by '{how}'; choose one of {', '.join(WAYS)}.")
    if matte.shape != rgb.shape[:2]:
        raise UserError(
            f"The matte is {matte.shape[1]} x {matte.shape[0]} pixels and its picture {rgb.shape[1]} x {rgb.shape[0]}: "
            "give both the same size."
        )
    unit = max(matte.shape) / SIDE
    near = near_edge(matte, REACH * unit)
    if how == "none" or not near.any():
        return matte.astype(np.float32)
    part = box_of(near, round(REACH * unit))
    way = by_crf if how == "crf" else by_guide
    result = matte.astype(np.float32).copy()
    result[part] = np.where(near[part], way(result[part], rgb[part], unit), result[part])
    return result


def near_edge(matte: np.ndarray, reach: float) -> np.ndarray:
    """Where a matte (H, W) in 0..1 has an edge, or is not sure, no further away than so many pixels, (H, W) bool."""
    side = 2 * round(reach) + 1
    window = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    possible, certain = ((matte > limit).astype(np.uint8) for limit in (OUTSIDE, INSIDE))
    return cv2.dilate(possible, window) != cv2.erode(certain, window)


def box_of(mask: np.ndarray, margin: int) -> tuple[slice, slice]:
    """The rows and columns of a mask (H, W) that is somewhere true, and some more around them."""
    lines = [np.flatnonzero(mask.any(axis)) for axis in (1, 0)]
    return tuple(slice(max(0, found[0] - margin), found[-1] + 1 + margin) for found in lines)


def by_guide(matte: np.ndarray, rgb: np.ndarray, unit: float) -> np.ndarray:
    """A matte (H, W) refined by the guided filter alone."""
    return guided(matte, rgb, GUIDED_WINDOW * DOUBT * unit, GUIDED_EPSILON)


def by_crf(matte: np.ndarray, rgb: np.ndarray, unit: float) -> np.ndarray:
    """A matte (H, W) refined by what the colours on either side of its edge are, and by the CRF."""
    factor = min(1.0, MOST_SIDE / max(matte.shape))
    small = [cv2.resize(one, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) for one in (matte, rgb)]
    energy, kernels = model(*small, unit * factor)
    field = MeanField(WEIGHTS)
    with torch.no_grad():
        q = field(energy, kernels)[1].reshape(small[0].shape).numpy()
    return guided(q, rgb, FINE_WINDOW * unit, FINE_EPSILON)


def model(matte: np.ndarray, rgb: np.ndarray, unit: float) -> tuple[torch.Tensor, list[Normalised]]:
    """The CRF of a matte: the energies of being outside and inside, (2, H * W), and the kernels of likeness and of
    neighbourhood."""
    sides = Sides(rgb, unit)
    soft = cv2.GaussianBlur(matte, (0, 0), DOUBT * unit).reshape(1, -1)
    prior = torch.logit(0.5 + (2 * torch.from_numpy(soft) - 1) * (SURE - 0.5))
    odds = prior
    for _ in range(ROUNDS):
        odds = prior + sides.odds(torch.sigmoid(odds))
    beside = Grid(matte.shape, BESIDE * unit)
    energy = torch.cat([F.softplus(odds), F.softplus(-odds)])
    return energy, [Normalised(kernel, energy) for kernel in (sides.alike, beside)]


class Sides:
    """The colours inside and outside of a matte, as they are around each pixel.

    Densities are estimated with the CRF's own kernel (Parzen windows), each from its own side: a small thing has the
    same say as the large ground around it, where the CRF alone would let the larger side win.
    """

    def __init__(self, rgb: np.ndarray, unit: float) -> None:
        height, width = rgb.shape[:2]
        places = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1) / (NEAR * unit)
        colours = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) / ALIKE
        self.alike = Lattice(np.concatenate([places, colours], -1).reshape(-1, 5))
        self.near = Grid((height, width), NEAR * unit)

    def odds(self, inside: torch.Tensor) -> torch.Tensor:
        """How much sooner each pixel's colour is met inside than outside, as a logarithm, (1, N), learned from
        probabilities of being inside, (1, N)."""
        sure = (2 * torch.cat([1 - inside, inside]) - 1).clamp(min=0)
        seen = self.near(sure) + LEAST_SHARE * self.near(torch.ones_like(inside))
        density = self.alike(sure) / seen
        density = density + UNSEEN * density.mean()
        return torch.log(density[1:] / density[:1]).clamp(-MOST_ODDS, MOST_ODDS)
