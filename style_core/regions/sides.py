"""What tells an object from its surroundings within one picture: learned from a first idea of where it is."""

import numpy as np
import torch

# Of a regression on few places: how strongly large coefficients are held back.
HELD_BACK = 2e-2
# Steps of each channel in which colours are counted, and log-odds by colour, at most.
LEVELS, MOST_COLOUR = 16, 4.0


def regression(vectors: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What a ridge regression of labels on vectors says of each place, (h, w), about -1 to 1.

    Both sides count alike, whatever their size; all 0 where one of them is missing.

    Args:
        vectors: (h, w, C) of the places.
        labels: (h, w) in 0..1, 1 on the object.
        weights: (h, w), how much each place counts.
    """
    flat = vectors.reshape(-1, vectors.shape[-1])
    flat = np.concatenate([flat, np.ones_like(flat[:, :1])], 1)
    on, off = (weights * labels).ravel(), (weights * (1 - labels)).ravel()
    if on.sum() <= 0 or off.sum() <= 0:
        return np.zeros(labels.shape, np.float32)
    on, off = on / on.sum() / 2, off / off.sum() / 2
    x = torch.from_numpy(flat)
    weighted, signs = (torch.from_numpy(one.astype(np.float32)) for one in (on + off, on - off))
    squares = (x * weighted[:, None]).T @ x + HELD_BACK * torch.eye(x.shape[1])
    found = torch.cholesky_solve((x.T @ signs)[:, None], torch.linalg.cholesky(squares))
    return (x @ found).reshape(labels.shape).numpy()


def colours(rgb: np.ndarray, labels: np.ndarray, weights: np.ndarray | float = 1.0) -> np.ndarray:
    """Log-odds (h, w) by how often a colour is met on the object and off it, smoothed over colours like it.

    Args:
        rgb: (h, w, 3) uint8.
        labels, weights: as for `regression`.
    """
    index = rgb.astype(np.int32) * LEVELS // 256
    flat = (index[..., 0] * LEVELS + index[..., 1]) * LEVELS + index[..., 2]
    shares = []
    for side in (weights * labels, weights * (1 - labels)):
        counts = np.bincount(flat.ravel(), side.ravel(), LEVELS**3).reshape((LEVELS,) * 3).astype(np.float32)
        counts = smoothed(counts)
        shares.append((counts + 0.05) / max(float(counts.sum()), 1.0))
    odds = np.log(shares[0] / shares[1]).ravel()
    return np.clip(odds[flat], -MOST_COLOUR, MOST_COLOUR).astype(np.float32)


def smoothed(counts: np.ndarray) -> np.ndarray:
    """Counts in a cube of colours, of which each has a share of its neighbours'."""
    for axis in range(counts.ndim):
        padded = np.pad(counts, [(1, 1) if one == axis else (0, 0) for one in range(counts.ndim)])
        low, mid, high = (np.take(padded, np.arange(counts.shape[axis]) + step, axis) for step in range(3))
        counts = 0.25 * low + 0.5 * mid + 0.25 * high
    return counts
