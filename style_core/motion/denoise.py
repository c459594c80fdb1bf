"""Averaging the grain of a camera away along the motion."""

from collections.abc import Sequence

import numpy as np

from ..media.frame import rounded
from .consistency import visible
from .flow import Flows
from .flows import Shot
from .warp import warp

# Differences above this many times the noise are no grain: they stay.
DETAIL = 3.0
# The least noise that is reckoned with, in 0..255: rounding to 8 bits, and what interpolation leaves.
LEAST_NOISE = 1.0
# The standard deviation of normal noise beside the median of its sizes.
OF_MEDIAN = 1.4826


def denoised(content: np.ndarray, shot: Shot, beside: Sequence[Shot], flows: Flows, strength: float) -> np.ndarray:
    """A frame averaged with those beside it, moved to where its things are, (H, W, 3) of the content's type.

    A pixel counts as far as it was in sight there, and as its colour agrees but for noise: what has changed is kept.

    Args:
        content: the frame, (H, W, 3) in 0..255.
        shot: the same, as flow is found in it.
        beside: frames before and after it.
        flows: between frames.
        strength: weight of each of the others, 0..1.
    """
    own = content.astype(np.float32)
    total, mass = own.copy(), np.ones(own.shape[:2], np.float32)
    for other in beside:
        there, back = flows.between(shot, other)
        moved = warp(other.rgb.astype(np.float32), there)
        seen, change = visible(back, there), moved - own
        agrees = np.exp(-np.square(change / (DETAIL * noise_in(change, seen))).mean(-1))
        weight = strength * seen * agrees
        total, mass = total + weight[..., None] * moved, mass + weight
    return rounded((total / mass[..., None]).clip(0, 255), content.dtype)


def noise_in(change: np.ndarray, seen: np.ndarray) -> float:
    """Standard deviation of a camera's noise in one of two frames, from how they differ, (H, W, 3) in -255..255.

    Half of the pixels that are seen in both may show something else: the median does not notice.
    """
    sizes = np.abs(change[seen > 0.5])
    return max(LEAST_NOISE, OF_MEDIAN * float(np.median(sizes)) / 2**0.5) if sizes.size else LEAST_NOISE
