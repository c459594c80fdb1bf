"""Frames in bands: the same gradient, the same picture, whatever the memory."""

import numpy as np
import pytest
import torch
from paintings import ALL_AT_ONCE, CPU, SMALLEST, bright_square, once, rounds, striped, textured

from style_core.engine.bands import all_whole, plan_bands
from style_core.engine.objective import Objective
from style_core.engine.painter import Painter
from style_core.job import Look


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind, pooling, height, width",
    [
        ("gram", "average", 101, 211),
        ("gram", "max", 96, 250),
        ("covariance", "l2", 130, 111),
        ("covariance", "max", 96, 250),
    ],
)
def test_bands_give_the_gradient_of_the_whole_frame(kind, pooling, height, width):
    look = Look(style_loss=kind, pooling=pooling, content_layers=("conv2_2", "conv4_2"))
    whole = Painter(look, [textured(1, 90, 120)], CPU, "full", ALL_AT_ONCE)
    cut = Painter(look, [textured(1, 90, 120)], CPU, "full", SMALLEST)
    content = whole.to_tensor(textured(2, height, width))
    x = rounds(3, 1, 3, height, width).float()
    mask = rounds(4, 1, 1, height, width).float()
    mask[..., : width // 3] = 0
    assert [len(bands) > 2 for bands in cut.objective(content, None).plan(x)] == [True] * 3 + [False] * 2
    for region in (None, mask):
        loss, gradient = whole.objective(content, region).evaluate(x)
        other_loss, other_gradient = cut.objective(content, region).evaluate(x)
        assert other_loss.item() == pytest.approx(loss.item(), rel=1e-4)
        assert (other_gradient - gradient).norm() < 1e-4 * gradient.norm()


@pytest.mark.slow
def test_tiny_bands_paint_the_same_picture():
    content, style = textured(5, 100, 150), textured(6, 90, 120)
    painted = [
        Painter(Look(), [style], CPU, "full", most).paint(content, content, once(content, 4)).astype(int)
        for most in (ALL_AT_ONCE, SMALLEST)
    ]
    assert np.abs(painted[0] - painted[1]).mean() < 0.5
    assert np.abs(painted[0] - content).mean() > 2


@pytest.mark.parametrize("height, width", [(17, 16), (1000, 100), (853, 479), (2160, 3840)])
@pytest.mark.parametrize("most", [SMALLEST, 100 << 20, 1 << 30])
def test_cores_of_bands_cover_every_block_once_and_see_far_enough(height, width, most):
    for level, bands in enumerate(plan_bands(height, width, ("conv1_1", "conv5_1"), most, 4)):
        rows = height >> level
        assert [b for band in bands for b in band.core] == [0, *(b.core[0] for b in bands[1:] for _ in "12"), rows]
        for band in bands:
            margin = len(band.block.layers)
            assert band.core[0] % 2 == 0, "poolings group the same rows as in the whole frame"
            assert band.outer == (max(0, band.core[0] - margin), min(rows, band.core[1] + margin))


def test_a_plan_takes_no_more_than_it_may_and_keeps_deep_blocks_whole():
    most, width = 1 << 30, 3840
    plan = plan_bands(2160, width, ("conv1_1", "conv5_1"), most, 2)
    assert [len(bands) > 1 for bands in plan] == [True, True, True, False, False]
    kept = sum(b.block.kept * (b.core[1]) * (width >> i) for i, (b, *more) in enumerate(plan) if not more)
    for level, bands in enumerate(plan):
        if len(bands) > 1:
            rows = max(outer[1] - outer[0] for outer in (band.outer for band in bands))
            row = (bands[0].block.kept + bands[0].block.passing) * (width >> level)
            assert 0.5 * most < (kept + rows * row) * 2 < 1.05 * most
    assert all_whole(plan_bands(384, 512, ("conv1_1", "conv5_1"), most, 2))


def test_running_out_of_memory_leads_to_smaller_bands_and_the_same_picture(monkeypatch):
    content, style = textured(7, 100, 150), textured(8, 90, 120)
    plenty = Painter(Look(), [style], CPU, "full", ALL_AT_ONCE).paint(content, content, once(content, 3))
    painter = Painter(Look(), [style], CPU, "full", ALL_AT_ONCE)
    evaluate = Objective.evaluate

    def scarce(self, x):
        if self.most_bytes > 12_000_000:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return evaluate(self, x)

    monkeypatch.setattr(Objective, "evaluate", scarce)
    painted = painter.paint(content, content, once(content, 3))
    assert painter.most_bytes <= 12_000_000
    assert np.abs(painted.astype(int) - plenty).mean() < 0.5


def test_another_error_is_not_taken_for_a_lack_of_memory(monkeypatch):
    content = bright_square()

    def broken(self, x):
        raise RuntimeError("expected scalar type Float")

    monkeypatch.setattr(Objective, "evaluate", broken)
    with pytest.raises(RuntimeError, match="scalar type"):
        Painter(Look(), [striped()], CPU, "full").paint(content, content, once(content, 3))
