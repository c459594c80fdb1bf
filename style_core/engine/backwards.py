"""The way back through the encoder, written out: the gradient of each part from that of what came out of it.

Autograd would do the same, but gathers what several losses add to a layer in passes of their own; here each layer's
gradient is put together at once, and by one kernel where the card has it (see `fused`).
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch.nn import functional as F

from .fused import KINDS, NOT_AT_ALL, SAME_GRID, can_join, join
from .pooling import Pooling


class Addition(NamedTuple):
    """What a loss adds to the gradient of a layer's activations."""

    values: torch.Tensor
    """(1, N, h, W)."""
    factor: torch.Tensor | None
    """What they are to be multiplied by, () float32; None: 1."""


def convolution_back(gradient: torch.Tensor, kernel: torch.Tensor, padding: int) -> torch.Tensor:
    """The gradient of a convolution's input, from that of its output (1, N, H, W)."""
    return F.conv_transpose2d(gradient, kernel, padding=padding)


def border_back(gradient: torch.Tensor) -> torch.Tensor:
    """The gradient of a picture whose border was repeated by one pixel."""
    x = gradient[..., 1:-1].clone()
    x[..., 0] += gradient[..., 0]
    x[..., -1] += gradient[..., -1]
    inner = x[..., 1:-1, :].clone()
    inner[..., 0, :] += x[..., 0, :]
    inner[..., -1, :] += x[..., -1, :]
    return inner


def joined(
    x: torch.Tensor, gradient: torch.Tensor | None, additions: Sequence[Addition], core: tuple[int, int]
) -> torch.Tensor:
    """The gradient of what goes into a layer's ReLU.

    Args:
        x: the layer's activations, (1, N, H, W).
        gradient: of x by what comes after the layer; None: nothing. It is changed in place.
        additions: of x's rows from core[0] to core[1].
        core: those rows.
    """
    if can_join(x, additions):
        kind = NOT_AT_ALL if gradient is None else SAME_GRID
        return join(x, gradient, kind, 1.0, additions, core)
    rows = slice(*core)
    for values, factor in additions:
        if factor is not None:
            # In float16, where what the factor is may not be, but its root is.
            values = values * factor.sqrt() * factor.sqrt()
        if gradient is None and core == (0, x.shape[-2]):
            gradient = values
            continue
        if gradient is None:
            gradient = torch.zeros_like(x)
        gradient[..., rows, :] += values
    return torch.zeros_like(x) if gradient is None else torch.ops.aten.threshold_backward(gradient, x, 0)


def joined_below_pool(
    x: torch.Tensor,
    back: torch.Tensor,
    additions: Sequence[Addition],
    core: tuple[int, int],
    pooling: Pooling,
) -> torch.Tensor:
    """The same for the last layer of a block, whose core was pooled, from the gradient `back` of what came out."""
    if pooling.name in KINDS and can_join(x, additions):
        return join(x, back, KINDS[pooling.name], pooling.weight, additions, core)
    rows = slice(*core)
    with torch.enable_grad():
        leaf = x[..., rows, :].detach().requires_grad_()
        (gradient,) = torch.autograd.grad(pooling(leaf), leaf, back)
    if core != (0, x.shape[-2]):
        whole = torch.zeros_like(x)
        whole[..., rows, :] = gradient
        gradient = whole
    return joined(x, gradient, additions, core)


def like_activations(rows: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    """Rows (M, N) by position as activations (1, N, H, W), channels last in memory; the opposite of `rows_of`."""
    _, channels, height, width = features.shape
    return rows.view(1, height, width, channels).permute(0, 3, 1, 2)
