"""L-BFGS, the optimiser that the method was published with."""

from collections import deque

import torch

# Pairs kept for the curvature estimate; more costs memory and brings little on pictures.
HISTORY = 20
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
    """

    def __init__(self) -> None:
        self.pairs: deque[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = deque(maxlen=HISTORY)
        self.previous: tuple[torch.Tensor, torch.Tensor] | None = None

    def step(self, x: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
        """The next x, within 0..1, from this x and the gradient there (any shape, both the same)."""
        held = ((x <= 0) & (gradient > 0)) | ((x >= 1) & (gradient < 0))
        gradient = gradient.masked_fill(held, 0)
        if self.previous is not None:
            moved, turned = x - self.previous[0], gradient - self.previous[1]
            curvature = torch.sum(moved * turned)
            if curvature > MIN_CURVATURE * turned.square().sum():
                self.pairs.append((moved, turned, 1 / curvature))
        self.previous = (x.clone(), gradient.clone())
        if not self.pairs:
            direction = gradient * (FIRST_STEP / gradient.abs().mean().clamp_min(1e-30))
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
        q *= 1 / (rho * turned.square().sum())  # initial Hessian by the newest pair, eq. 7.20
        for (moved, turned, rho), alpha in zip(self.pairs, reversed(alphas), strict=True):
            q += (alpha - rho * torch.sum(turned * q)) * moved
        return q

    def forget(self) -> None:
        """Starts anew from a steepest-descent step."""
        self.pairs.clear()
        self.previous = None
