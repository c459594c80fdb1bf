"""The losses, equations (1) to (4) of the design, as functions of activations, their moments, and pixels."""

from typing import NamedTuple

import torch
from torch.nn import functional as F

from ..look import LAYERS

# Added to the diagonal of covariances, as a share of their mean variance: keeps the roots of singular ones smooth.
RIDGE = 1e-3
# How far below the range of float16 products of activations are kept.
ROOM = 16.0
# Rows of activations that are multiplied at once: few enough to stay in a processor's cache.
ROWS = 4096


class Moments(NamedTuple):
    """What a style loss knows of a layer's activations: sums over positions, from which position has vanished.

    Being sums, the moments of a frame are those of its parts added up.
    """

    gram: torch.Tensor
    """Sum of w F_i F_j, (N, N) float32."""
    mean: torch.Tensor
    """Sum of w F_i, (N,) float32."""
    mass: torch.Tensor
    """Sum of w, (): the number of positions where nothing is masked."""

    def plus(self, other: "Moments") -> "Moments":
        """The moments of two sets of positions together."""
        return Moments(*(a + b for a, b in zip(self, other, strict=True)))

    def per_position(self) -> "Moments":
        """Divided by the mass: equation (2) per position, G_ij / M = 1/M sum_k F_ik F_jk, and the mean.

        So pictures of different sizes can be compared; and with weights it is the Gram matrix of a region (guided Gram
        matrix, Gatys et al. 2017), so that a small region is painted as strongly as a large one.
        """
        mass = self.mass.clamp_min(1e-6)
        return Moments(self.gram / mass, self.mean / mass, self.mass)


def moments(
    features: torch.Tensor, weight: torch.Tensor | None = None, unit: float = 1.0, with_mean: bool = True
) -> Moments:
    """Sums over the positions of activations (1, N, H, W), which are `unit` times as large as they count.

    `weight` (1, 1, H, W), 0..1, lets each position count as much. Without `with_mean` the mean is all 0, for a loss
    that does not ask for it.
    """
    rows = rows_of(features)
    kind = moment_type(rows)
    column = None if weight is None else weight.reshape(-1, 1).to(kind)  # (M, 1)
    gram = second_moment(rows, column) / unit**2
    if not with_mean:
        mean = gram.new_zeros(rows.shape[1])
    elif column is None:
        mean = rows.sum(0, dtype=kind) / unit
    else:
        mean = (rows * column).sum(0) / unit
    return Moments(gram, mean, gram.new_full((), len(rows)) if column is None else column.sum())


def rows_of(features: torch.Tensor) -> torch.Tensor:
    """Activations (1, N, H, W) by position, (M, N); no copy where channels come last in memory."""
    return features.permute(0, 2, 3, 1).reshape(-1, features.shape[1])


def moment_type(rows: torch.Tensor) -> torch.dtype:
    """Moments are kept in float32 at least: a Gram matrix in half precision is off by more than the paint is."""
    return torch.promote_types(rows.dtype, torch.float32)


def second_moment(rows: torch.Tensor, column: torch.Tensor | None) -> torch.Tensor:
    """Sum of w_k F_k F_k^T over rows F (M, N) of any precision, with weights w (M, 1), added up in float32."""
    if rows.is_cuda and rows.dtype in (torch.float16, torch.bfloat16):
        # A card multiplies in half precision and adds in float32 by itself.
        weighted = rows if column is None else rows * column.to(rows.dtype)
        return torch.mm(weighted.T, rows, out_dtype=torch.float32)
    total = torch.zeros(rows.shape[1], rows.shape[1], dtype=moment_type(rows), device=rows.device)
    weights = [None] * len(rows) if column is None else column.split(ROWS)
    for part, weight in zip(rows.split(ROWS), weights, strict=False):
        part = part.to(total.dtype)
        total = total.addmm_(part.T if weight is None else (part * weight).T, part)
    return total


def second_moment_back(rows: torch.Tensor, slope: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
    """The gradient of `second_moment` without weights with respect to its rows (M, N), given that of its value (N, N).

    Returns:
        The gradient (M, N), and a factor () that it is to be multiplied by, None for 1. float16 has few exponents: what
        is multiplied in it is brought near 1 before, and the factor says by how much.
    """
    slope = slope + slope.T
    if rows.dtype != torch.float16:
        return rows @ slope.to(rows.dtype), None
    largest = slope.abs().max().clamp_min(1e-30) * ROOM
    return rows @ (slope / largest).to(rows.dtype), largest


def content_loss(features: torch.Tensor, target: torch.Tensor, weight: torch.Tensor | None = None) -> torch.Tensor:
    """Equation (1) for one layer: 1/(N_l M_l) * sum (F - P)^2, with features (1, N_l, H, W) and M_l = H * W.

    `weight` (1, 1, H, W), 0..1, limits the mean to a region.
    """
    total = squared_difference(features, target, weight)
    if weight is None:
        return total / features.numel()
    return total / (weight.sum() * features.shape[1]).clamp_min(1e-6)


def squared_difference(
    features: torch.Tensor, target: torch.Tensor, weight: torch.Tensor | None = None
) -> torch.Tensor:
    """Sum of w (F - P)^2 in float32 or better: equation (1) before its division, which parts add up to."""
    difference = features - target
    # Squares of float16 leave its range.
    difference = (difference.float() if difference.dtype == torch.float16 else difference).square()
    difference = difference if weight is None else difference * weight
    return difference.sum(dtype=moment_type(features))


def gram_loss(found: Moments, target: Moments) -> torch.Tensor:
    """Equation (3) for one layer: 1/N_l^2 * sum (B - A)^2 over Gram matrices, both moments being per position."""
    return (found.gram - target.gram).square().mean()


def covariance(found: Moments) -> torch.Tensor:
    """G - m m^T from moments per position, (N, N) float64, with a ridge that keeps it positive definite.

    The roots of the smallest eigenvalues need the digits: their product is squared before its root is taken.
    """
    gram, mean = exact(found.gram), exact(found.mean)
    spread = gram - torch.outer(mean, mean)
    ridge = RIDGE * torch.diagonal(spread).mean().detach().clamp_min(1e-6)
    return spread + ridge * torch.eye(len(spread), dtype=spread.dtype, device=spread.device)


def exact(values: torch.Tensor) -> torch.Tensor:
    """In float64, in which roots are taken; MPS has none, so its values come to the processor."""
    return (values.cpu() if values.is_mps else values).double()


def matrix_root(symmetric: torch.Tensor) -> torch.Tensor:
    """The root of a positive semi-definite matrix; what rounding made negative counts as zero."""
    values, vectors = torch.linalg.eigh(symmetric)
    return (vectors * values.clamp_min(0).sqrt()) @ vectors.T


class MatrixRootTrace(torch.autograd.Function):
    """tr(X^1/2) of a symmetric positive definite X; its gradient is X^-1/2 / 2.

    Differentiating through the eigenvectors, as autograd would, divides by the differences of eigenvalues, which
    nearly vanish here.
    """

    @staticmethod
    def forward(ctx, symmetric: torch.Tensor) -> torch.Tensor:
        values, vectors = torch.linalg.eigh((symmetric + symmetric.T) / 2)
        # Eigenvalues that are rounding error would have gradients without bound.
        values = values.clamp_min(1e-7 * values[-1].clamp_min(1e-12))
        ctx.save_for_backward(values, vectors)
        return values.sqrt().sum()

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> torch.Tensor:
        values, vectors = ctx.saved_tensors
        return gradient * ((vectors * (0.5 * values.rsqrt())) @ vectors.T)


def by_layer(*numbers: float) -> dict[str, float]:
    """A number for each layer, from conv1_1 to conv5_4."""
    return dict(zip(LAYERS, numbers, strict=True))


class StyleDistance:
    """How far the moments of a painting's layer are from those of the style pictures; both are per position.

    Args:
        target: of the style pictures.
    """

    scale: float
    """Brings the loss to a size at which a weight of 1 is a balanced painting, whose people and things are known at a
    glance: chosen by eye on a town, a face and animated films, as is the next."""
    variation_scale: float
    """The same of the total variation beside it."""
    energies: dict[str, float]
    """By layer: energy of the picture with which all this was chosen, The Starry Night. (3) grows with the fourth power
    of a style picture's contrast, the covariance's distance with the square: as it is, a glowing painting would count
    many times as much as a faint drawing. Every picture's loss is brought to these energies, so that the weights mean
    the same with all of them, while the layers keep their balance."""
    needs_means = True
    """Whether it asks for the painting's means; they are all 0 if it does not, which saves a sum for each layer."""
    can_be_captured = False
    """Whether it never waits for the device, so that a step can become a CUDA graph."""
    energy: torch.Tensor
    """How far off a picture is that the layer does not respond to, ()."""

    def __init__(self, target: Moments) -> None:
        self.target = target

    def __call__(self, found: Moments) -> torch.Tensor:
        """The distance of a painting's moments, (); gradients are taken of them by autograd."""
        raise NotImplementedError


class GramDistance(StyleDistance):
    """Equation (3)."""

    scale = 1.5e-4
    variation_scale = 8.0
    # fmt: off
    energies = by_layer(
        2.7e6, 1.5e9, 1.3e9, 1.7e9, 2.1e9, 4.2e9, 7.8e10, 5.8e11, 3.8e11, 7.4e10, 5e9, 7.2e7, 5.2e7, 1.8e6, 7.6e4, 190
    )
    # fmt: on
    needs_means = False
    can_be_captured = True

    def __init__(self, target: Moments) -> None:
        super().__init__(target)
        self.energy = target.gram.square().mean()

    def __call__(self, found: Moments) -> torch.Tensor:
        return gram_loss(found, self.target)


class CovarianceDistance(StyleDistance):
    """Squared Wasserstein-2 distance, divided by N_l.

    |m - n|^2 + tr(S + T - 2 (T^1/2 S T^1/2)^1/2), with means m, n and covariances S, T (Olkin and Pukelsheim 1982). In
    contrast to (3) it grows with the square of the activations and not their fourth power, so that faint textures
    count beside strong ones: strokes come out sharper. The target's root is taken once. Roots are found by a library
    that waits for the device.
    """

    scale = 5.0
    variation_scale = 1.2
    # fmt: off
    energies = by_layer(
        2.8e3, 5.6e4, 7e4, 1.2e5, 1.2e5, 1.4e5, 4.5e5, 1.4e6, 1.3e6, 7.8e5, 2.8e5, 4.7e4, 2.5e4, 4.4e3, 790, 40
    )
    # fmt: on

    def __init__(self, target: Moments) -> None:
        super().__init__(target)
        self.covariance = covariance(target)
        self.root, self.trace = matrix_root(self.covariance), torch.trace(self.covariance)
        self.energy = ((exact(target.mean).square().sum() + self.trace) / len(self.root)).to(target.mean)

    def __call__(self, found: Moments) -> torch.Tensor:
        S = covariance(found)
        cross = MatrixRootTrace.apply(self.root @ S @ self.root)
        apart = (exact(found.mean) - exact(self.target.mean)).square().sum()
        distance = apart + torch.trace(S) + self.trace - 2 * cross
        return (distance / len(S)).to(found.mean)


# By the names of the losses.
STYLE_DISTANCES: dict[str, type[StyleDistance]] = {"gram": GramDistance, "covariance": CovarianceDistance}


def total_variation(picture: torch.Tensor) -> torch.Tensor:
    """Mean squared difference of neighbours, (1, 3, H, W) in 0..1, counted in 0..255 as the encoder sees it.

    The squared form (Mahendran and Vedaldi 2015, beta = 2) has no kink at flat areas, which L-BFGS would stumble over.
    """
    across = F.mse_loss(picture[..., :, 1:], picture[..., :, :-1])
    down = F.mse_loss(picture[..., 1:, :], picture[..., :-1, :])
    return (across + down) * 255**2
