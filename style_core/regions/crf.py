"""A fully connected CRF over a picture: what looks alike and lies near gets the same label.

Krähenbühl and Koltun 2011, solved by mean field; one iteration as a layer that gradients pass, after Zheng et al. 2015.
"""

import itertools

import numpy as np
import torch
from torch.nn import functional as F

# Standard deviations at which a Gaussian over the grid is cut off: what lies further away weighs below 0.001.
CUT_OFF = 3.0
# Least weight around a point by which sums are divided: it has at least its own.
LEAST = 1e-12


class Lattice:
    """Sums over all points, weighted by how near they are in a space of several dimensions, in linear time.

    The permutohedral lattice (Adams et al. 2010): values are spread over the corners of the simplex that a point lies
    in, blurred along the lattice's directions, and gathered again. That is a Gaussian of standard deviation 1 up to a
    factor that `normalised` takes away, and to some percent; the lattice is chosen because its cost does not grow
    with the reach of the kernel, as that of a window does, and colours call for a far reach.

    Args:
        features: (N, d) float, in units of the kernel's standard deviation.
        device, dtype: of the values that are to be summed; None: the processor.
    """

    def __init__(self, features: np.ndarray, device: torch.device | None = None, dtype: torch.dtype = torch.float32):
        keys, shares = simplex(features)
        corners, index = unique_rows(keys.reshape(-1, keys.shape[-1]))
        self.count = len(corners)
        self.index = torch.as_tensor(index.reshape(keys.shape[:2]), device=device)  # (N, d + 1)
        self.shares = torch.as_tensor(shares, device=device, dtype=dtype)  # (N, d + 1)
        self.beside = torch.as_tensor(neighbours(corners), device=device)  # (d + 1, 2, corners)

    def __call__(self, values: torch.Tensor) -> torch.Tensor:
        """Values (C, N) summed around each point, (C, N)."""
        spread = (values[:, :, None] * self.shares).reshape(len(values), -1)
        # One corner more than there are: it stands for all that no point has a share in, and stays 0.
        corners = values.new_zeros(len(values), self.count + 1).index_add(1, self.index.reshape(-1), spread)
        for before, after in self.beside:
            blurred = corners[:, :-1] + 0.5 * (corners[:, before] + corners[:, after])
            corners = F.pad(blurred, (0, 1))
        return (corners[:, self.index] * self.shares).sum(-1)


def simplex(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The corners of the simplex of the lattice that each point (N, d) lies in, (N, d + 1, d + 1) int64, the last axis
    the coordinates, whose sum is 0; and the point's share in each, its barycentric coordinates (N, d + 1)."""
    count, d = features.shape
    raised = on_plane(np.asarray(features, np.float64))
    lowest = np.round(raised / (d + 1)).astype(np.int64)
    rest = raised - lowest * (d + 1)
    # Rounding leaves a sum that is not 0; the coordinates that were rounded furthest take it back.
    excess = lowest.sum(1, keepdims=True)
    rank = np.argsort(np.argsort(-rest, 1, kind="stable"), 1, kind="stable") + excess
    over, under = rank > d, rank < 0
    lowest += np.where(under, 1, 0) - np.where(over, 1, 0)
    rank += np.where(under, d + 1, 0) - np.where(over, d + 1, 0)
    rest = (raised - lowest * (d + 1)) / (d + 1)
    ordered = np.zeros((count, d + 1))
    np.put_along_axis(ordered, rank, rest, 1)  # from the largest to the smallest
    shares = np.empty((count, d + 1))
    shares[:, 0] = 1 + ordered[:, -1] - ordered[:, 0]
    shares[:, 1:] = (ordered[:, :-1] - ordered[:, 1:])[:, ::-1]
    steps = np.arange(d + 1)[None, :, None]
    keys = lowest[:, None] * (d + 1) + steps - np.where(rank[:, None] > d - steps, d + 1, 0)
    return keys, shares


def on_plane(features: np.ndarray) -> np.ndarray:
    """Points (N, d) in the plane of d + 1 coordinates with sum 0 that the lattice fills, scaled so that one step of
    blurring along each of its directions is a standard deviation of 1."""
    count, d = features.shape
    scaled = features * (np.sqrt(2 / 3) * (d + 1) / np.sqrt(np.arange(1, d + 1) * np.arange(2, d + 2)))
    raised = np.zeros((count, d + 1))
    after = np.cumsum(scaled[:, ::-1], 1)[:, ::-1]  # of this coordinate and those after it
    raised[:, :-1] += after
    raised[:, 1:] -= np.arange(1, d + 1) * scaled
    return raised


def unique_rows(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different rows (K, d) of (N, d) int64, and which of them each is, (N,)."""
    codes = coded(rows, rows)
    _, first, index = np.unique(codes, return_index=True, return_inverse=True)
    return rows[first], index.reshape(-1)


def coded(rows: np.ndarray, among: np.ndarray) -> np.ndarray:
    """One number for each row, another for each other row within a step of the lattice around those `among`.

    The last coordinate follows from the others, as their sum is 0.
    """
    margin = among.shape[1]
    low, high = among.min(0) - margin, among.max(0) + margin
    codes = np.zeros(len(rows), np.int64)
    for axis in range(rows.shape[1] - 1):
        codes = codes * int(high[axis] - low[axis] + 1) + (rows[:, axis] - low[axis])
    return codes


def neighbours(corners: np.ndarray) -> np.ndarray:
    """Which corners lie beside each one along each of the d + 1 directions, (d + 1, 2, K); K where there is none."""
    count, width = corners.shape
    codes = coded(corners, corners)
    order = np.argsort(codes)
    found = np.empty((width, 2, count), np.int64)
    for axis, (side, sign) in itertools.product(range(width), enumerate((1, -1))):
        step = np.full(width, sign)
        step[axis] -= sign * width
        wanted = coded(corners + step, corners)
        place = np.searchsorted(codes, wanted, sorter=order).clip(0, count - 1)
        there = order[place]
        found[axis, side] = np.where(codes[there] == wanted, there, count)
    return found


class Grid:
    """Sums over all points of a grid, weighted by a Gaussian of how near they are, exact but for its cut-off.

    Args:
        size: height and width.
        deviation: standard deviation in pixels.
    """

    def __init__(self, size: tuple[int, int], deviation: float) -> None:
        self.size = size
        self.deviation = deviation

    def __call__(self, values: torch.Tensor) -> torch.Tensor:
        """Values (C, H * W) summed around each point, (C, H * W)."""
        reach = max(1, int(np.ceil(CUT_OFF * self.deviation)))
        steps = torch.arange(-reach, reach + 1, device=values.device, dtype=values.dtype)
        weights = torch.exp(-0.5 * (steps / self.deviation) ** 2)
        x = values.reshape(-1, 1, *self.size)
        x = F.conv2d(x, weights.reshape(1, 1, -1, 1), padding=(reach, 0))
        return F.conv2d(x, weights.reshape(1, 1, 1, -1), padding=(0, reach)).reshape(values.shape)


Kernel = Lattice | Grid


class Normalised(torch.nn.Module):
    """A kernel divided by the root of its sum at both ends: it stays symmetric, as far as it was, and its scale means
    nothing.

    Krähenbühl and Koltun 2013. The point itself is among those that are summed, as the lattice cannot leave it out.
    """

    def __init__(self, kernel: Kernel, like: torch.Tensor) -> None:
        super().__init__()
        self.kernel = kernel
        with torch.no_grad():
            mass = kernel(torch.ones_like(like[:1]))
        self.register_buffer("factor", mass.clamp(min=LEAST).rsqrt())

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Values (C, N) averaged around each point, (C, N)."""
        return self.kernel(values * self.factor) * self.factor


class MeanField(torch.nn.Module):
    """Mean-field inference in a fully connected CRF.

    Every label's energy is lowered where points that are near, by any of the kernels, have labels compatible with it
    (algorithm 1 of Krähenbühl and Koltun 2011). Differentiable in the unary energies, the weights of the kernels and
    the compatibility, which are parameters; not in the features that the kernels are made of.

    Args:
        weights: how much each kernel counts.
        labels: how many there are.
        iterations: of the mean field.
    """

    def __init__(self, weights: tuple[float, ...], labels: int = 2, iterations: int = 5) -> None:
        super().__init__()
        self.weights = torch.nn.Parameter(torch.tensor(weights, dtype=torch.float32))
        self.compatibility = torch.nn.Parameter(1 - torch.eye(labels))  # Potts: all others are equally wrong
        self.iterations = iterations

    def forward(self, unary: torch.Tensor, kernels: list[Normalised]) -> torch.Tensor:
        """Probabilities of the labels (L, N), from unary energies (L, N), negative logarithms of probabilities."""
        q = torch.softmax(-unary, 0)
        for _ in range(self.iterations):
            message = sum(weight * kernel(q) for weight, kernel in zip(self.weights, kernels, strict=True))
            q = torch.softmax(-unary - self.compatibility @ message, 0)
        return q
