"""The loss that holds paint still from frame to frame."""

from dataclasses import dataclass

import torch

# Brings the loss to the size of the others, so that a weight of 1 holds well what has not changed.
TEMPORAL_SCALE = 5e8


@dataclass(frozen=True)
class Held:
    """Paint that a frame shall keep."""

    target: torch.Tensor
    """Earlier paint where its things are now, (1, 3, H, W) in 0..1."""
    trust: torch.Tensor
    """How far it is to be trusted, (1, 1, H, W) in 0..1."""
    weight: float
    """Of the loss."""


class TemporalLoss:
    """1/D sum over pixels and channels of c (x - w)^2 (Ruder et al. 2016, eqs. 7 and 8), weighted, with its gradient.

    Args:
        held: w, the earlier paint, and c, its trust.
        mask: where there is paint at all, (1, 1, H, W) in 0..1; D is what it covers, so that a small region is held as
            firmly as a whole frame. None: everywhere.
    """

    def __init__(self, held: Held, mask: torch.Tensor | None = None) -> None:
        self.held = held
        share = 1.0 if mask is None else mask.mean().clamp_min(1e-6)
        self.factor = held.weight * TEMPORAL_SCALE / (held.target.numel() * share)

    def __call__(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Weighted loss at x (1, 3, H, W) in 0..1, (), and its gradient there."""
        difference = x - self.held.target
        pulled = self.held.trust * difference * self.factor
        return torch.sum(pulled * difference), 2 * pulled
