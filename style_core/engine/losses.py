"""The losses, equations (1) to (4) of the design, as functions of activations and pixels."""

import torch
from torch.nn import functional as F


def content_loss(features: torch.Tensor, target: torch.Tensor, weight: torch.Tensor | None = None) -> torch.Tensor:
    """Equation (1) for one layer: 1/(N_l M_l) * sum (F - P)^2, with features (1, N_l, H, W) and M_l = H * W.

    `weight` (1, 1, H, W), 0..1, limits the mean to a region.
    """
    difference = (features - target).square()
    if weight is None:
        return difference.mean()
    return (difference * weight).sum() / (weight.sum() * features.shape[1]).clamp_min(1e-6)


def gram_matrix(features: torch.Tensor, weight: torch.Tensor | None = None) -> torch.Tensor:
    """Equation (2) per position: G_ij / M = 1/M sum_k F_ik F_jk; (1, N, H, W) -> (N, N).

    Dividing by the positions lets pictures of different sizes be compared. With `weight` (1, 1, H, W), 0..1, it is the
    Gram matrix of a region: every position counts by its weight, divided by the region's mass (guided Gram matrix,
    Gatys et al. 2017), so that a small region is painted as strongly as a large one.
    """
    flat = features.flatten(2).squeeze(0)  # (N, M)
    if weight is None:
        return flat @ flat.T / flat.shape[1]
    mass = weight.flatten()  # (M,)
    return (flat * mass) @ flat.T / mass.sum().clamp_min(1e-6)


def style_loss(gram: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Equation (3) for one layer: 1/N_l^2 * sum (B - A)^2 over Gram matrices (N_l, N_l) that are per position."""
    return (gram - target).square().mean()


def total_variation(picture: torch.Tensor) -> torch.Tensor:
    """Mean squared difference of neighbours, (1, 3, H, W) in 0..1, counted in 0..255 as the encoder sees it.

    The squared form (Mahendran and Vedaldi 2015, beta = 2) has no kink at flat areas, which L-BFGS would stumble over.
    """
    across = F.mse_loss(picture[..., :, 1:], picture[..., :, :-1])
    down = F.mse_loss(picture[..., 1:, :], picture[..., :-1, :])
    return (across + down) * 255**2
