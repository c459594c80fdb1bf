"""Adam, for looks whose weights are too uneven for L-BFGS."""

import torch

# As published, but for the second: pictures are minimised in hundreds of steps and not in millions.
FIRST_DECAY, SECOND_DECAY, SMALL = 0.9, 0.99, 1e-8


class Adam:
    """Minimises a function of pixels in 0..1 (Kingma and Ba 2015, algorithm 1), with the interface of `Lbfgs`.

    Args:
        like: a picture (1, C, H, W) as what is minimised.
        rate: how far a pixel moves in a step at most, about.
        fixed: where pixels must not move, of a shape that broadcasts to the picture's.
    """

    def __init__(self, like: torch.Tensor, rate: float, fixed: torch.Tensor | None = None) -> None:
        self.rate, self.fixed = rate, fixed
        self.mean, self.spread = torch.zeros_like(like), torch.zeros_like(like)
        self.count = like.new_zeros(())

    def step(self, x: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
        """The next x, within 0..1, from this x and the gradient there (both of the shape of `like`)."""
        gradient = gradient if self.fixed is None else gradient.masked_fill(self.fixed, 0)
        self.count += 1
        self.mean.lerp_(gradient, 1 - FIRST_DECAY)
        self.spread.lerp_(gradient.square(), 1 - SECOND_DECAY)
        mean = self.mean / (1 - FIRST_DECAY**self.count)
        spread = self.spread / (1 - SECOND_DECAY**self.count)
        return (x - self.rate * mean / (spread.sqrt() + SMALL)).clamp(0, 1)

    def forget(self, shorter: bool = False) -> None:
        """Starts anew, as if no step had been made; the length of its steps does not depend on the gradient's."""
        for state in (self.mean, self.spread, self.count):
            state.zero_()
