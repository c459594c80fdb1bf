"""The guided filter (He et al. 2013): a matte takes the edges of the picture that it lies over."""

import cv2
import numpy as np

from ..setting import UserError

# For the filter's coefficients a picture of this longer side is as good as a larger one (He and Sun 2015).
MOST_SIDE = 960


def guided(matte: np.ndarray, rgb: np.ndarray, radius: float, epsilon: float) -> np.ndarray:
    """A matte that is, around every pixel, a linear function of the colours of the picture.

    Equations 11 to 15 of the paper in a small picture, and its steps 4 and 5 in the whole.

    Args:
        matte: (H, W) float in 0..1, of the picture's size, or a smaller one of the same view, which is brought to it.
        rgb: (H, W, 3) or, grey, (H, W), uint8.
        radius: of the windows in which the function is fitted, in pixels of the picture.
        epsilon: a variance of the colours, in 0..1, that is below this is no edge.

    Returns:
        (H, W) float32 in 0..1, of the picture's size.

    Raises:
        UserError: the matte has not the shape of the picture.
    """
    height, width = rgb.shape[:2]
    check_shapes(matte, rgb)
    factor = min(1, MOST_SIDE / max(height, width), max(matte.shape) / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    guide = (rgb.astype(np.float32) / 255).reshape(height, width, -1)
    small, seen = fitted(matte.astype(np.float32), size), fitted(guide, size)
    function = linear(small, seen, max(1, round(radius * factor)), epsilon)
    slope, offset = (fitted(part, (width, height)) for part in function)
    return ((slope * guide).sum(-1) + offset[..., 0]).clip(0, 1)


def check_shapes(matte: np.ndarray, rgb: np.ndarray) -> None:
    """Raises UserError unless a matte may lie over a picture, as large or smaller."""
    sides = np.array(matte.shape), np.array(rgb.shape[:2])
    expected = sides[1] * (max(sides[0]) / max(sides[1]))
    if matte.ndim != 2 or (sides[0] > sides[1]).any() or (np.abs(sides[0] - expected) > 1).any():
        raise UserError(
            f"The matte is {' x '.join(map(str, matte.shape[::-1]))} pixels and its picture {rgb.shape[1]} x "
            f"{rgb.shape[0]}: give both the same size."
        )


def linear(matte: np.ndarray, guide: np.ndarray, radius: int, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """The linear function around each pixel: how much each channel counts, (H, W, C), and what is added, (H, W, 1)."""
    channels = guide.shape[-1]
    mean, level = averaged(guide, radius), averaged(matte[..., None], radius)
    shared = averaged(guide * matte[..., None], radius) - mean * level
    pairs = [averaged(guide[..., [i]] * guide, radius) - mean[..., [i]] * mean for i in range(channels)]
    spread = np.stack(pairs, -2) + epsilon * np.eye(channels, dtype=np.float32)
    slope = solved(spread, shared)
    return averaged(slope, radius), averaged(level - (slope * mean).sum(-1, keepdims=True), radius)


def solved(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The solution (H, W, C) of one system of equations for each pixel, (H, W, C, C) and (H, W, C), C being 1 or 3.

    By Cramer's rule, several times as quick as a solver that is called for every pixel.
    """
    if matrix.shape[-1] == 1:
        return right / matrix[..., 0]
    a, b, c = (matrix[..., row, :] for row in range(3))
    crossed = np.cross(b, c), np.cross(c, a), np.cross(a, b)
    found = sum(right[..., [i]] * crossed[i] for i in range(3))
    return found / (a * crossed[0]).sum(-1, keepdims=True)


def averaged(values: np.ndarray, radius: int) -> np.ndarray:
    """(H, W, C) float32 averaged over a window around each pixel; at the border, over what of the window there is."""
    # Blurred as it were surrounded by nothing, which the last channel counts.
    channels = [*np.moveaxis(values, -1, 0), np.ones(values.shape[:2], np.float32)]
    sums = [
        cv2.blur(np.ascontiguousarray(one), (2 * radius + 1,) * 2, borderType=cv2.BORDER_CONSTANT) for one in channels
    ]
    return np.stack(sums[:-1], -1) / sums[-1][..., None]


def fitted(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(H, W) or (H, W, C) float32 at another size (width, height); an axis of one channel stays."""
    if values.shape[1::-1] == size:
        return values
    way = cv2.INTER_AREA if size[0] < values.shape[1] else cv2.INTER_LINEAR
    return cv2.resize(values, size, interpolation=way).reshape(*size[::-1], *values.shape[2:])
