"""L-BFGS, the optimiser that the method was published with."""

import torch

# Pairs kept for the curvature estimate; more costs memory and brings little on pictures.
HISTORY = 20
# Pairs of large frames are fewer, so that all together take at most this many bytes; fewer than the least stall.
HISTORY_BYTES, LEAST_HISTORY = 1 << 29, 5
# Coarse structures of a picture bend the loss less than fine ones: the first guess of the inverse Hessian falls with
# this power of the spatial frequency.
FREQUENCY_POWER = 0.5
# A direction whose curvature is not clearly positive would turn the step uphill (Nocedal and Wright, ch. 7).
MIN_CURVATURE = 1e-10
# Length of the very first step, as the mean change of a pixel in 0..1: gradients carry no scale of their own yet.
FIRST_STEP = 0.01
# What it is multiplied by after a failure.
SHORTER = 0.1


class Lbfgs:
    """Minimises a function of pixels in 0..1 with the two-loop recursion (Nocedal and Wright 2006, algorithm 7.4).

    Pixels that the gradient presses against black or white are held there while the others move (projected Newton
    method, Bertsekas 1982): merely clipping the step stalls the search on saturated styles, and clipping only the
    finished picture throws away what was won.

    Unlike torch's, it spends exactly one evaluation a step and has no line search, as Gatys et al. ran it; whoever
    calls it goes back to the best picture when a step went astray, and has it `forget`.

    Nothing depends on a number that the processor would have to wait for: what the recursion decides, it decides on
    the device, so that a step can be part of a CUDA graph. The two loops are two triangular systems in the products of
    the kept pairs, which leaves a handful of passes over the history instead of four for each pair.

    Args:
        like: a picture (1, C, H, W) as what is minimised.
        fixed: where pixels must not move, of a shape that broadcasts to the picture's.
        power: of the filter over spatial frequencies that is the first guess of the inverse Hessian; 0: none.
        first_step: mean change of a pixel in the first step, in 0..1.
    """

    def __init__(
        self,
        like: torch.Tensor,
        fixed: torch.Tensor | None = None,
        power: float = FREQUENCY_POWER,
        first_step: float = FIRST_STEP,
    ) -> None:
        kept = min(HISTORY, max(LEAST_HISTORY, HISTORY_BYTES // (like.numel() * 8)))
        self.fixed = fixed
        self.filter = frequency_filter(*like.shape[-2:], power).to(like) if power else None
        self.moved = like.new_zeros(kept, like.numel())  # s_i of the book, a row each
        self.turned = like.new_zeros(kept, like.numel())  # y_i
        self.products = like.new_zeros(kept, kept)  # s_i . y_j
        self.unit = torch.eye(kept, dtype=like.dtype, device=like.device)
        self.valid = torch.zeros(kept, dtype=torch.bool, device=like.device)
        self.slot = torch.zeros(1, dtype=torch.long, device=like.device)  # where the next pair goes
        self.scale = like.new_ones(())  # of the first guess, from the newest pair
        self.first_step = like.new_full((), first_step)
        self.before = like.new_zeros(like.shape), like.new_zeros(like.shape)  # x and gradient one step ago
        self.begun = torch.zeros((), dtype=torch.bool, device=like.device)

    def step(self, x: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
        """The next x, within 0..1, from this x and the gradient there (both of the shape of `like`)."""
        held = ((x <= 0) & (gradient > 0)) | ((x >= 1) & (gradient < 0))
        held = held if self.fixed is None else held | self.fixed
        gradient = gradient.masked_fill(held, 0)
        self.remember(x - self.before[0], gradient - self.before[1])
        for kept, new in zip(self.before, (x, gradient), strict=True):
            kept.copy_(new)
        self.begun.fill_(True)
        return (x - self.direction(gradient).masked_fill(held, 0)).clamp(0, 1)

    def remember(self, moved: torch.Tensor, turned: torch.Tensor) -> None:
        """Keeps a pair in the place of the oldest one, if its curvature is positive."""
        curvature, length = torch.sum(moved * turned), turned.square().sum()
        good = self.begun & (curvature > MIN_CURVATURE * length)
        for rows, new in ((self.moved, moved), (self.turned, turned)):
            row = torch.where(good, new.flatten(), rows.index_select(0, self.slot)[0])
            rows.index_copy_(0, self.slot, row[None])
        own_moved, own_turned = (rows.index_select(0, self.slot)[0] for rows in (self.moved, self.turned))
        self.products.index_copy_(0, self.slot, (self.turned @ own_moved)[None])
        self.products.index_copy_(1, self.slot, (self.moved @ own_turned)[:, None])
        self.valid.index_copy_(0, self.slot, self.valid.index_select(0, self.slot) | good)
        # The scale is that of the newest pair, eq. 7.20, seen through the filter.
        self.scale.copy_(torch.where(good, curvature / torch.sum(turned * self.first_guess(turned)), self.scale))
        self.slot.copy_((self.slot + good) % len(self.valid))

    def direction(self, gradient: torch.Tensor) -> torch.Tensor:
        """The quasi-Newton direction.

        The first loop's alpha_i = rho_i s_i . (g - sum over newer j of alpha_j y_j) is a triangular system; the second
        loop's factors alpha_i - beta_i solve the transposed one.
        """
        count = len(self.valid)
        newest_first = (self.slot - 1 - torch.arange(count, device=gradient.device)) % count
        valid = self.valid[newest_first]
        both = valid[:, None] & valid[None]
        system = torch.where(both, self.products[newest_first][:, newest_first], self.unit).tril()
        along = torch.where(valid, (self.moved @ gradient.flatten())[newest_first], 0)
        alpha = torch.linalg.solve_triangular(system, along[:, None], upper=False)[:, 0]
        q = gradient - (scattered(alpha, newest_first) @ self.turned).view_as(gradient)
        r = self.first_guess(q)
        r = r * torch.where(valid.any(), self.scale, self.first_step / r.abs().mean().clamp_min(1e-30))
        against = torch.where(valid, system.diagonal() * alpha - (self.turned @ r.flatten())[newest_first], 0)
        factors = torch.linalg.solve_triangular(system.T, against[:, None], upper=True)[:, 0]
        return r + (scattered(factors, newest_first) @ self.moved).view_as(gradient)

    def first_guess(self, gradient: torch.Tensor) -> torch.Tensor:
        """The inverse Hessian's first guess times a gradient, but for its scale."""
        if self.filter is None:
            return gradient
        return torch.fft.irfft2(torch.fft.rfft2(gradient) * self.filter, s=gradient.shape[-2:])

    def forget(self, shorter: bool = False) -> None:
        """Starts anew from a steepest-descent step; `shorter` than the one before, which went astray."""
        self.first_step *= SHORTER if shorter else 1
        for state in (self.moved, self.turned, self.products, self.valid, self.begun, *self.before):
            state.zero_()


def scattered(values: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """`values` (K,) put at `places` (K,)."""
    return torch.zeros_like(values).index_copy_(0, places, values)


def frequency_filter(height: int, width: int, power: float) -> torch.Tensor:
    """1 / frequency^power over the spectrum of a real picture (H, W // 2 + 1); the mean counts as the lowest."""
    down, across = torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)[None]
    radius = (down.square() + across.square()).sqrt().clamp_min(1 / max(height, width))
    return (radius / radius.max()).pow(-power)
