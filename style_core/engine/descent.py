"""The loop that minimises a loss over the pixels, without waiting for the device at every step."""

import functools
import math
from collections.abc import Callable
from typing import Protocol

import torch

from ..job import UserError
from .memory import is_out_of_memory
from .objective import Objective

# A step that multiplies the loss by more than this went astray.
ASTRAY = 4.0
# Steps between two looks at the loss where a CUDA graph is replayed, which keeps the card busy meanwhile. Elsewhere a
# step takes so long that looking costs nothing, and whoever waits wants to see it and may want to stop it.
LOOK_EVERY = 8
# Over how many steps a loss that hardly falls is taken for settled.
SETTLED_OVER = 10
# Iterations before a CUDA graph is captured: libraries choose their ways and take their memory in them.
WARM_UP = 3

# Told of (steps done, loss) at every look; returns True to stop.
OnStep = Callable[[int, float], bool]
# Shown (steps done, the best picture so far), (1, 3, H, W) in 0..1, at every look; it must not change that.
Watch = Callable[[int, torch.Tensor], None]


class Optimiser(Protocol):
    """What turns a gradient into the next picture."""

    def step(self, x: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor: ...

    def forget(self, shorter: bool = False) -> None: ...


class Descent:
    """One picture on its way down; all that it knows lies on the device and is changed in place.

    Args:
        objective: what is minimised.
        x: the picture to begin from, (1, 3, H, W) in 0..1.
        optimiser: for pictures of this shape.
    """

    def __init__(self, objective: Objective, x: torch.Tensor, optimiser: Optimiser) -> None:
        self.objective, self.optimiser = objective, optimiser
        self.x, self.best = x.clone(), x.clone()
        self.loss, self.least = x.new_full((), math.inf), x.new_full((), math.inf)
        self.is_finite = torch.ones((), dtype=torch.bool, device=x.device)
        self.replayed = Replayed(self.advance) if can_be_captured(objective, x) else None

    def advance(self) -> None:
        """Judges x, keeps it if it is the best yet, and moves on to the next one."""
        loss, gradient = self.objective.evaluate(self.x)
        better = loss < self.least
        self.best.copy_(torch.where(better, self.x, self.best))
        self.least.copy_(torch.where(better, loss, self.least))
        self.loss.copy_(loss)
        # Overflow shows in the sum, which one pass finds.
        self.is_finite.copy_(torch.isfinite(gradient.abs().sum()))
        self.x.copy_(self.optimiser.step(self.x, gradient))

    def advance_within_memory(self) -> None:
        """The same, in smaller pieces from now on if the frame does not fit into memory."""
        while True:
            try:
                return (self.replayed or self.advance)()
            except RuntimeError as error:
                if not is_out_of_memory(error) or not self.objective.cut_smaller(self.x):
                    raise
            # Outside of the handler, whose error holds on to what is to be freed.
            self.replayed = None
            if self.x.is_cuda:
                torch.cuda.empty_cache()
            self.go_back()
            self.optimiser.forget()

    def look(self) -> tuple[float, float, bool]:
        """(loss of the x before this one, least loss yet, whether the gradient is finite); waits for the device."""
        loss, least, is_finite = torch.stack([self.loss, self.least, self.is_finite.to(self.loss)]).tolist()
        return loss, least, bool(is_finite)

    def go_back(self) -> None:
        """Goes on from the best picture."""
        self.x.copy_(self.best)


class Replayed:
    """A function without arguments, replayed as a CUDA graph after a few calls: launching a thousand small kernels one
    by one takes longer than running them.

    It must change tensors in place and wait for none. Its pieces must not change; a new one takes a new graph.
    """

    def __init__(self, call: Callable[[], None]) -> None:
        self.call, self.calls = call, 0
        self.side = side_stream(torch.cuda.current_device())
        self.graph: torch.cuda.CUDAGraph | None = None

    def __call__(self) -> None:
        if self.graph is None and self.calls < WARM_UP:
            self.calls += 1
            self.side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(self.side):
                self.call()
            torch.cuda.current_stream().wait_stream(self.side)
            return
        if self.graph is None:
            graph = torch.cuda.CUDAGraph()
            # Meanwhile other threads may use the card as they like: one may be finding flow on it.
            with torch.cuda.graph(graph, stream=self.side, capture_error_mode="thread_local"):
                self.call()
            self.graph = graph
        self.graph.replay()


@functools.cache
def side_stream(device: int) -> torch.cuda.Stream:
    """The stream of a card in which iterations are captured: always the same, as each holds 32 MB for products."""
    return torch.cuda.Stream(device)


def can_be_captured(objective: Objective, x: torch.Tensor) -> bool:
    """Whether an iteration may become a CUDA graph.

    Of bands, each is work enough for a launch.
    """
    return x.is_cuda and objective.measure.can_be_captured and objective.is_whole(x)


def descend(
    objective: Objective,
    x: torch.Tensor,
    steps: int,
    optimiser: Optimiser,
    tolerance: float,
    on_step: OnStep,
    watch: Watch = lambda done, best: None,
) -> torch.Tensor:
    """The best picture that `steps` steps from x lead to, (1, 3, H, W).

    Args:
        objective: what is minimised.
        x: the picture to begin from, (1, 3, H, W) in 0..1.
        steps: how many.
        optimiser: for pictures of this shape.
        tolerance: the work ends early when so many steps as SETTLED_OVER lower the loss by a smaller share than this.
        on_step: told how far the work is.
        watch: shown how the picture looks by then.

    Raises:
        UserError: the loss is no finite number even at the beginning.
    """
    descent = Descent(objective, x, optimiser)
    try:
        return run(descent, steps, tolerance, on_step, watch)
    finally:
        # It refers back to the descent: without this, all the card's memory would wait for the garbage collector.
        descent.replayed = None


def run(descent: Descent, steps: int, tolerance: float, on_step: OnStep, watch: Watch) -> torch.Tensor:
    """The loop of `descend`."""
    earlier: tuple[int, float] | None = None
    strayed, best = 0, math.inf
    for done in range(steps + 1):  # one look more than steps: the last only judges the last step
        descent.advance_within_memory()
        if descent.replayed and done % LOOK_EVERY and done != steps:
            continue
        loss, least, is_finite = descent.look()
        if not math.isfinite(least):
            raise UserError(f"The loss of the look is {loss:g} where painting begins: lower its weights.")
        if not is_finite:
            descent.objective.lower_gradients()
        strayed, best = (0, least) if least < best else (strayed, best)
        if not is_finite or not loss <= ASTRAY * least:  # also when it is not a number
            # A step that was too long has told how the loss bends there: only if that does not help, it is forgotten.
            strayed += 1
            descent.go_back()
            if strayed > 1 or not is_finite:
                descent.optimiser.forget(shorter=is_finite)
        watch(done, descent.best)
        if on_step(done, loss if math.isfinite(loss) else least):
            break
        if earlier is None or done >= earlier[0] + SETTLED_OVER:
            if earlier and earlier[1] - least < tolerance * earlier[1]:
                break
            earlier = (done, least)
    return descent.best
