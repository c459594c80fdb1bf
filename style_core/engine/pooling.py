"""The poolings between the blocks of the encoder."""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from .fused import KINDS, has_kernels, pool

# What poolings are multiplied by, so that the layers after them see values of the size that they were trained on: the
# mean ratio of max pooling to each, over the four poolings up to conv5_1, on photographs and paintings.
GAINS = {"average": 1.7, "max": 1.0, "l2": 1.4}


@dataclass(frozen=True)
class Pooling:
    """Brings each 2x2 block of activations (1, N, H, W) to one value; sizes are rounded down.

    "average" is its mean (Gatys et al. 2016: smoother gradients, softer paint); "max" its greatest, as the network was
    trained; "l2" the root of its mean square, between the two, without the kinks of max.
    """

    name: str
    """One of POOLINGS."""
    unit: float = 1.0
    """How many times as large as the network's the activations are."""

    def __post_init__(self) -> None:
        if self.name not in GAINS:
            raise ValueError(f"pooling is {self.name!r}, expected one of {', '.join(GAINS)}")

    @property
    def gain(self) -> float:
        """What its value is multiplied by."""
        return GAINS[self.name]

    @property
    def weight(self) -> float:
        """What each value of a block counts, where they are added up."""
        return self.gain / 4 if self.name == "average" else self.gain

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        if self.name in KINDS and not torch.is_grad_enabled() and has_kernels(x):
            return pool(x, KINDS[self.name], self.weight)
        if self.name == "max":
            return F.max_pool2d(x, 2)
        if self.name == "average":
            return F.avg_pool2d(x, 2) * self.gain
        # Squares of float16 leave its range.
        wide = x.float() if x.dtype == torch.float16 else x
        # The offset keeps the root's slope finite where a whole block is zero.
        return (F.avg_pool2d(wide.square(), 2).add(1e-4 * self.unit**2).sqrt() * self.gain).to(x.dtype)
