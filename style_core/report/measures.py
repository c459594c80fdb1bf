"""What is measured of a painted film. Pictures are (H, W, 3) uint8, warped ones float32 in 0..255."""

import cv2
import numpy as np

# A pixel stands still where the flow is shorter than this, in pixels.
STILL = 0.1


def ruder_error(now: np.ndarray, warped: np.ndarray, seen: np.ndarray) -> float:
    """1/D sum over all pixels and channels of c (x - w)^2, in 0..1 (Ruder et al. 2016, table 1).

    Args:
        now: the painted frame x.
        warped: the painted frame before, moved to where its things are now, w.
        seen: c, (H, W) bool: where that was in sight. Other pixels count as 0, and are counted.
    """
    return float((squared(now, warped) * seen[..., None]).mean())


def lai_error(now: np.ndarray, warped: np.ndarray, seen: np.ndarray) -> float:
    """Sum of M (x - w)^2 divided by the sum of M, over pixels and channels (Lai et al. 2018: E_warp)."""
    return float(squared(now, warped).mean(-1)[seen].sum() / max(1, seen.sum()))


def squared(now: np.ndarray, warped: np.ndarray) -> np.ndarray:
    """(x - w)^2 in 0..1."""
    return np.square((now.astype(np.float32) - warped) / 255)


def stability(ruder_errors: list[float]) -> float:
    """e_stab: the root of the mean over the pairs of 1/D sum c (x - w)^2 (Huang et al. 2017, Gao et al. 2018)."""
    return float(np.sqrt(np.mean(ruder_errors))) if ruder_errors else 0.0


def mean_lab(picture: np.ndarray) -> np.ndarray:
    """Mean lightness and colour (3,) in CIE L*a*b*: L 0..100, a and b about -100..100."""
    return cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3).mean(0)


class Flicker:
    """Standard deviation over time of pixels at which the film stands still, frame by frame.

    Args:
        patience: frames for which a pixel must have stood still before it counts: the first of them settle.
    """

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.count = self.mean = self.spread = np.zeros(0)

    def add(self, painted: np.ndarray, still: np.ndarray | None) -> float | None:
        """The mean deviation, 0..255, over the pixels that count; None where there are none.

        `still` (H, W) bool: where nothing has moved since the frame before; None: this frame begins a shot.
        """
        x = painted.astype(np.float32)
        if still is None:
            self.count = np.zeros(x.shape[:2], np.float32)
            self.mean, self.spread = np.zeros_like(x), np.zeros_like(x)
            return None
        self.count = np.where(still, self.count + 1, 0)
        # Welford's sums, which begin anew once the pixel has settled.
        settled = np.maximum(self.count - self.patience, 0)[..., None]
        begins = settled <= 1
        before = np.where(begins, x, self.mean)
        self.mean = before + (x - before) / np.maximum(settled, 1)
        self.spread = np.where(begins, 0, self.spread + (x - before) * (x - self.mean))
        counts = settled[..., 0] >= 2
        if not counts.any():
            return None
        return float(np.sqrt(self.spread[counts] / (settled[counts] - 1)).mean())
