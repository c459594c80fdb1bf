"""Ways to find optical flow, one a file.

A file has NAMES, the methods that it knows by their names in `job.FLOWS`, and `make(name, motion, device)`, which gives
one of them as a function of two shots. Adding a method is adding a file, and its names to `job.FLOWS`.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from ...job import FLOWS, Motion

# No motion is longer than this, in pixels: it leads out of every frame, and OpenCV still reckons with such places.
LONGEST = 16000.0


@dataclass(frozen=True)
class Shot:
    """A frame of the source, as flow is found in it."""

    number: int
    """As the source counts."""
    rgb: np.ndarray
    """(H, W, 3) uint8."""


# (frame, other) -> (H, W, 2) float32, pixels to the right and down: frame[y, x] looks like other[y + v, x + u].
FlowMethod = Callable[[Shot, Shot], np.ndarray]


def flow_method(motion: Motion, device: torch.device) -> FlowMethod:
    """The method that is wanted; raises UserError if it lacks what it needs."""
    return methods()[motion.flow](motion.flow, motion, device)


def methods() -> dict[str, Callable[[str, Motion, torch.device], FlowMethod]]:
    """All files' `make` by the names of what they make."""
    files = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    known = {name: file.make for file in files for name in file.NAMES}
    return {name: known[name] for name in FLOWS}
