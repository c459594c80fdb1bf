"""What turns gradients into pictures: L-BFGS and Adam."""

import pytest
import torch
from paintings import rounds

from style_core.engine.adam import Adam
from style_core.engine.lbfgs import FIRST_STEP, HISTORY, Lbfgs


def test_lbfgs_finds_the_minimum_of_an_ill_conditioned_bowl():
    scale, goal = torch.logspace(0, 3, 20, dtype=torch.float64), rounds(4, 20)
    x = torch.zeros(20, dtype=torch.float64)
    optimiser = Lbfgs(x, power=0)
    for _ in range(150):
        x = optimiser.step(x, scale * (x - goal))
    assert (x - goal).abs().max() < 1e-6


def test_lbfgs_stays_within_black_and_white_and_still_finds_the_best_there():
    stiff = torch.tensor([[2.0, 1.0], [1.0, 3.0]], dtype=torch.float64)
    goal = torch.tensor([1.5, 0.5], dtype=torch.float64)  # the first pixel would have to be brighter than white
    x = torch.full((2,), 0.2, dtype=torch.float64)
    optimiser = Lbfgs(x, power=0)
    for _ in range(60):
        x = optimiser.step(x, stiff @ (x - goal))
    assert x[0] == 1
    assert x[1].item() == pytest.approx(0.5 + 0.5 / 3, abs=1e-6)  # where the gradient of the free pixel is zero


def test_lbfgs_with_the_frequency_filter_finds_the_same_minimum():
    goal = rounds(13, 1, 1, 12, 16) * 0.8 + 0.1
    for power in (0.0, 0.5, 1.0):
        x = torch.full_like(goal, 0.5)
        optimiser = Lbfgs(x, power=power)
        for _ in range(60):
            x = optimiser.step(x, x - goal)
        assert (x - goal).abs().max() < 1e-4


def test_lbfgs_keeps_fewer_pairs_of_large_frames():
    assert len(Lbfgs(torch.empty(1, 3, 512, 512, device="meta")).valid) == 20
    assert len(Lbfgs(torch.empty(1, 3, 2160, 3840, device="meta")).valid) == 5


def two_loops(gradient, pairs):
    """Nocedal and Wright, algorithm 7.4, as the book writes it; pairs from old to new."""
    q, alphas = gradient.clone(), []
    for s, y in reversed(pairs):
        alphas.append((s @ q) / (s @ y))
        q -= alphas[-1] * y
    s, y = pairs[-1]
    r = q * (s @ y) / (y @ y)
    for (s, y), alpha in zip(pairs, reversed(alphas), strict=True):
        r += (alpha - (y @ r) / (s @ y)) * s
    return r


def test_lbfgs_steps_as_the_two_loops_of_the_book_do():
    stiff = torch.diag(torch.logspace(0, 2, 30, dtype=torch.float64)) + 0.1 * rounds(14, 30, 30)
    stiff = stiff @ stiff.T / 100
    goal = 0.3 + 0.4 * rounds(15, 30)
    x = torch.full((30,), 0.5, dtype=torch.float64)
    optimiser, pairs, before = Lbfgs(x, power=0), [], None
    for _ in range(HISTORY + 8):  # long enough for old pairs to make room
        gradient = stiff @ (x - goal)
        if before is not None:
            pairs = [*pairs, (x - before[0], gradient - before[1])][-HISTORY:]
        step = two_loops(gradient, pairs) if pairs else gradient * (FIRST_STEP / gradient.abs().mean())
        before = (x, gradient)
        x = optimiser.step(x, gradient)
        assert torch.allclose(x, (before[0] - step).clamp(0, 1), rtol=1e-7, atol=1e-9)
        if gradient.norm() < 1e-7:
            break
    assert len(pairs) == HISTORY


def test_lbfgs_keeps_no_pair_that_would_turn_uphill():
    x = torch.full((2,), 0.5, dtype=torch.float64)
    optimiser = Lbfgs(x, power=0)
    x = optimiser.step(x, torch.tensor([0.01, 0.02], dtype=torch.float64))
    optimiser.step(x, torch.tensor([0.02, 0.04], dtype=torch.float64))  # steeper downhill: the curvature is negative
    assert not optimiser.valid.any()


def test_lbfgs_that_has_forgotten_begins_as_a_new_one():
    x, gradient = 0.2 + 0.6 * rounds(16, 1, 3, 8, 8), rounds(17, 1, 3, 8, 8) - 0.5
    used = Lbfgs(x)
    y = used.step(x, gradient)
    used.step(y, gradient * float("nan"))
    used.forget()
    assert torch.equal(used.step(x, gradient), Lbfgs(x).step(x, gradient))


def test_after_a_step_that_went_astray_lbfgs_begins_with_a_shorter_one():
    x, gradient = 0.2 + 0.6 * rounds(16, 1, 3, 8, 8), rounds(17, 1, 3, 8, 8) - 0.5
    used = Lbfgs(x)
    first = (used.step(x, gradient) - x).norm()
    used.forget(shorter=True)
    assert torch.allclose((used.step(x, gradient) - x).norm(), 0.1 * first)


@pytest.mark.parametrize("make", [Lbfgs, lambda x, fixed: Adam(x, 0.02, fixed)], ids=["lbfgs", "adam"])
def test_fixed_pixels_do_not_move(make):
    x, fixed = 0.2 + 0.6 * rounds(18, 1, 3, 8, 8), rounds(19, 1, 1, 8, 8) > 0.5
    first, optimiser = x, make(x, fixed)
    for _ in range(4):
        x = optimiser.step(x, x - 0.5)
    assert torch.equal(x.masked_fill(~fixed, 0), first.masked_fill(~fixed, 0))
    assert not torch.equal(x, first)


def test_adam_moves_by_its_rate_and_finds_the_minimum():
    goal = 0.1 + 0.8 * rounds(20, 30)
    x = torch.full_like(goal, 0.5)
    optimiser = Adam(x, 0.02)
    after = optimiser.step(x, x - goal)
    assert torch.allclose((after - x).abs(), torch.full_like(x, 0.02), rtol=1e-4), (
        "the first step has the rate's length"
    )
    for _ in range(300):
        after = optimiser.step(after, after - goal)
    assert (after - goal).abs().max() < 1e-3
