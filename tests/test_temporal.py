"""The loss that holds paint still: its formula, its gradient, and where it has none."""

import torch
from paintings import rounds

from style_core.engine.temporal import TEMPORAL_SCALE, Held, TemporalLoss


def test_the_loss_is_the_mean_over_all_pixels_of_c_times_the_squared_difference():
    x, target, trust = rounds(1, 1, 3, 7, 9), rounds(2, 1, 3, 7, 9), rounds(3, 1, 1, 7, 9)
    by_hand = sum(
        trust[0, 0, r, c] * (x[0, k, r, c] - target[0, k, r, c]) ** 2
        for k in range(3)
        for r in range(7)
        for c in range(9)
    ) / (3 * 7 * 9)
    assert torch.allclose(TemporalLoss(Held(target, trust, 2.0))(x)[0], 2.0 * TEMPORAL_SCALE * by_hand)


def test_the_gradient_is_that_of_the_loss():
    target, trust = rounds(2, 1, 3, 7, 9), rounds(3, 1, 1, 7, 9)
    x = rounds(1, 1, 3, 7, 9).requires_grad_()
    loss, gradient = TemporalLoss(Held(target, trust, 0.7))(x)
    (expected,) = torch.autograd.grad(loss, x)
    assert torch.allclose(gradient, expected)
    assert torch.autograd.gradcheck(lambda y: TemporalLoss(Held(target, trust, 0.7))(y)[0], x)


def test_it_pulls_where_paint_is_trusted_and_not_at_all_where_it_is_not():
    trust = torch.ones(1, 1, 4, 6, dtype=torch.float64)
    trust[..., :3] = 0
    _, gradient = TemporalLoss(Held(rounds(2, 1, 3, 4, 6), trust, 1.0))(rounds(1, 1, 3, 4, 6))
    assert (gradient[..., 3:] != 0).all()
    assert (gradient[..., :3] == 0).all()


def test_a_small_region_is_held_as_firmly_as_a_whole_frame():
    target, x = rounds(2, 1, 3, 8, 8), rounds(1, 1, 3, 8, 8)
    trust = torch.ones(1, 1, 8, 8, dtype=torch.float64)
    mask = torch.zeros_like(trust)
    mask[..., 2:4, 2:6] = 1
    inside = (slice(None), slice(None), slice(2, 4), slice(2, 6))
    alone = TemporalLoss(Held(target[inside], trust[inside], 1.0))(x[inside])[1]
    assert torch.allclose(TemporalLoss(Held(target, trust, 1.0), mask)(x)[1][inside], alone)
