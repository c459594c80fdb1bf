"""L-BFGS, the optimiser that the method was published with."""

from collections import deque

import torch

# Pairs kept for the curvature estimate; more costs memory and brings little on pictures.
HISTORY = 20
# Pairs of large frames are fewer, so that all together take at most this many bytes; fewer than the least stall.
HISTORY_BYTES, LEAST_HISTORY = 1 << 30, 5
# Coarse structures of a picture bend the loss less than fine ones: the first guess of the inverse Hessian falls with
# this power of the spatial frequency.
FREQUENCY_POWER = 0.5
# A direction whose curvature is not clearly positive would turn the step uphill (Nocedal and Wright, ch. 7).
MIN_CURVATURE = 1e-10
# Length of the very first step, as the mean change of a pixel in 0..1: gradients carry no scale of their own yet.
FIRST_STEP = 0.01


class Lbfgs:
    """Minimises a function of pixels in 0..1 with the two-loop recursion (Nocedal and Wright 2006, algorithm 7.4).

    Pixels that the gradient presses against black or white are held there while the others move (projected Newton
    method, Bertsekas 1982): merely clipping the step stalls the search on saturated styles, and clipping only the
    finished picture throws away what was won.

    Unlike torch's, it spends exactly one evaluation a step and has no line search, as Gatys et al. ran it; a step that
    makes the loss much worse is taken back and the curvature forgotten instead.

    Args:
        shape: of what is minimised. For pictures (..., H, W) with both sides over 1, the first guess of the inverse
            Hessian is a filter over spatial frequencies instead of a number.
        fixed: where pixels must not move, of a shape that broadcasts to `shape`.
        power: of the filter; 0: none.
    """

    def __init__(
        self, shape: torch.Size | None = None, fixed: torch.Tensor | None = None, power: float = FREQUENCY_POWER
    ) -> None:
        kept = HISTORY if shape is None else max(LEAST_HISTORY, HISTORY_BYTES // (shape.numel() * 8))
        self.pairs: deque[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = deque(maxlen=min(HISTORY, kept))
        self.previous: tuple[torch.Tensor, torch.Tensor] | None = None
        self.fixed = fixed
        self.filter = frequency_filter(*shape[-2:], power) if shape and power and min(shape[-2:]) > 1 else None

    def step(self, x: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
        """The next x, within 0..1, from this x and the gradient there (any shape, both the same)."""
        held = ((x <= 0) & (gradient > 0)) | ((x >= 1) & (gradient < 0))
        held = held if self.fixed is None else held | self.fixed
        gradient = gradient.masked_fill(held, 0)
        if self.previous is not None:
            moved, turned = x - self.previous[0], gradient - self.previous[1]
            curvature = torch.sum(moved * turned)
            if curvature > MIN_CURVATURE * turned.square().sum():
                self.pairs.append((moved, turned, 1 / curvature))
        self.previous = (x.clone(), gradient.clone())
        if not self.pairs:
            direction = self.first_guess(gradient).masked_fill(held, 0)
            direction = direction * (FIRST_STEP / direction.abs().mean().clamp_min(1e-30))
        else:
            direction = self.inverse_hessian_times(gradient).masked_fill(held, 0)
        return (x - direction).clamp(0, 1)

    def inverse_hessian_times(self, gradient: torch.Tensor) -> torch.Tensor:
        """The quasi-Newton direction: two loops over the kept pairs."""
        q, alphas = gradient.clone(), []
        for moved, turned, rho in reversed(self.pairs):
            alpha = rho * torch.sum(moved * q)
            q -= alpha * turned
            alphas.append(alpha)
        moved, turned, rho = self.pairs[-1]
        # The initial Hessian's scale is that of the newest pair, eq. 7.20, seen through the filter.
        q = self.first_guess(q) / (rho * torch.sum(turned * self.first_guess(turned)))
        for (moved, turned, rho), alpha in zip(self.pairs, reversed(alphas), strict=True):
            q += (alpha - rho * torch.sum(turned * q)) * moved
        return q

    def first_guess(self, gradient: torch.Tensor) -> torch.Tensor:
        """The inverse Hessian's first guess times a gradient, but for its scale."""
        if self.filter is None:
            return gradient.clone()
        size = gradient.shape[-2:]
        self.filter = self.filter.to(gradient.device)
        return torch.fft.irfft2(torch.fft.rfft2(gradient) * self.filter, s=size)

    def forget(self) -> None:
        """Starts anew from a steepest-descent step."""
        self.pairs.clear()
        self.previous = None


def frequency_filter(height: int, width: int, power: float) -> torch.Tensor:
    """1 / frequency^power over the spectrum of a real picture (H, W // 2 + 1); the mean counts as the lowest."""
    down, across = torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)[None]
    radius = (down.square() + across.square()).sqrt().clamp_min(1 / max(height, width))
    return (radius / radius.max()).pow(-power)
