"""What tests of the engine paint with: small pictures, noise, and the device that every machine has."""

import numpy as np
import torch

from style_core.engine.losses import Moments, moments
from style_core.engine.scales import Scale

CPU = torch.device("cpu")
# Bytes for activations: as many as small pictures need, and the fewest that are of use.
ALL_AT_ONCE, SMALLEST = 1 << 40, 1 << 20


def rounds(seed: int, *shape: int) -> torch.Tensor:
    """Noise in 0..1, float64."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def per_position(features: torch.Tensor, mask: torch.Tensor | None = None) -> Moments:
    """Moments of activations (1, N, H, W) per position."""
    return moments(features, mask).per_position()


def textured(seed: int, height: int, width: int) -> np.ndarray:
    """A picture with detail everywhere, (H, W, 3) uint8."""
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 8 + 2, width // 8 + 2, 3))
    return np.kron(coarse, np.ones((8, 8, 1))).astype(np.uint8)[:height, :width]


def bright_square() -> np.ndarray:
    """A content with one bright square, (48, 64, 3) uint8."""
    content = np.full((48, 64, 3), 90, np.uint8)
    content[12:36, 20:44] = (220, 200, 180)
    return content


def striped() -> np.ndarray:
    """A style of orange and blue stripes, (48, 64, 3) uint8."""
    style = np.zeros((48, 64, 3), np.uint8)
    style[..., 2] = 200
    style[:, ::8] = style[:, 1::8] = style[:, 2::8] = (250, 140, 20)
    return style


def once(content: np.ndarray, steps: int) -> list[Scale]:
    """The frame's own size alone."""
    return [Scale(content.shape[1], content.shape[0], steps)]
