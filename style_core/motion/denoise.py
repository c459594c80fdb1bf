"""Averaging the grain of a camera away along the motion."""

from collections.abc import Sequence

import numpy as np

from .consistency import visible
from .flow import NOISE, Flows
from .flows import Shot
from .warp import warp

# Differences above this many times the noise are no grain: they stay.
DETAIL = 3.0


def denoised(shot: Shot, beside: Sequence[Shot], flows: Flows, strength: float) -> np.ndarray:
    """A frame averaged with those beside it, moved to where its things are, (H, W, 3) uint8.

    A pixel counts as far as it was in sight there, and as its colour agrees but for noise: what has changed is kept.

    Args:
        shot: the frame.
        beside: frames before and after it.
        flows: between frames.
        strength: weight of each of the others, 0..1.
    """
    own = shot.rgb.astype(np.float32)
    total, mass = own.copy(), np.ones(own.shape[:2], np.float32)
    for other in beside:
        there, back = flows.between(shot, other)
        moved = warp(other.rgb.astype(np.float32), there)
        agrees = np.exp(-np.square((moved - own) / (DETAIL * NOISE)).mean(-1))
        weight = strength * visible(back, there) * agrees
        total, mass = total + weight[..., None] * moved, mass + weight
    return np.rint(total / mass[..., None]).clip(0, 255).astype(np.uint8)
