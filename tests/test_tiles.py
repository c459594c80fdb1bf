"""Frames in pieces: the same gradient, the same picture, whatever the memory."""

import numpy as np
import pytest
import torch
from paintings import ALL_AT_ONCE, CPU, SMALLEST, bright_square, once, rounds, striped, textured

from style_core.engine.objective import Objective
from style_core.engine.painter import Painter
from style_core.engine.tiles import margin_of, plan_tiles
from style_core.job import Look


@pytest.mark.parametrize(
    "kind, pooling, height, width",
    [
        ("gram", "average", 101, 211),
        ("gram", "max", 96, 250),
        ("covariance", "l2", 130, 111),
        ("covariance", "max", 96, 250),
    ],
)
def test_tiles_give_the_gradient_of_the_whole_frame(kind, pooling, height, width):
    look = Look(style_loss=kind, pooling=pooling, content_layers=("conv2_2", "conv4_2"))
    whole = Painter(look, [textured(1, 90, 120)], CPU, "full", ALL_AT_ONCE)
    tiled = Painter(look, [textured(1, 90, 120)], CPU, "full", SMALLEST)
    content = whole.to_tensor(textured(2, height, width))
    x = rounds(3, 1, 3, height, width).float()
    mask = rounds(4, 1, 1, height, width).float()
    mask[..., : width // 3] = 0
    assert len(plan_tiles(height, width, tiled.layers, SMALLEST)) > 2
    for region in (None, mask):
        loss, gradient = whole.objective(content, region).evaluate(x)
        other_loss, other_gradient = tiled.objective(content, region).evaluate(x)
        assert other_loss.item() == pytest.approx(loss.item(), rel=1e-4)
        assert (other_gradient - gradient).norm() < 1e-4 * gradient.norm()


@pytest.mark.slow
def test_tiny_tiles_paint_the_same_picture():
    content, style = textured(5, 100, 150), textured(6, 90, 120)
    painted = [
        Painter(Look(), [style], CPU, "full", most).paint(content, content, once(content, 4)).astype(int)
        for most in (ALL_AT_ONCE, SMALLEST)
    ]
    assert np.abs(painted[0] - painted[1]).mean() < 0.5
    assert np.abs(painted[0] - content).mean() > 2


@pytest.mark.parametrize("height, width", [(17, 16), (100, 1000), (479, 853), (2160, 3840)])
@pytest.mark.parametrize("most", [SMALLEST, 300_000])
def test_cores_of_tiles_cover_the_frame_once_and_see_far_enough(height, width, most):
    layers = ("conv1_1", "conv5_1")
    tiles, margin = plan_tiles(height, width, layers, most), margin_of(layers)
    seen = np.zeros((height, width), int)
    for tile in tiles:
        seen[slice(*tile.rows.core), slice(*tile.columns.core)] += 1
        for span, length in ((tile.rows, height), (tile.columns, width)):
            assert span.core[0] % 16 == 0
            assert span.outer == (max(0, span.core[0] - margin), min(length, span.core[1] + margin))
    assert (seen == 1).all()
    if most == 300_000 and len(tiles) > 1:
        assert max(np.ptp(t.rows.outer) * np.ptp(t.columns.outer) for t in tiles) <= most


def test_running_out_of_memory_leads_to_smaller_tiles_and_the_same_picture(monkeypatch):
    content, style = textured(7, 100, 150), textured(8, 90, 120)
    plenty = Painter(Look(), [style], CPU, "full", ALL_AT_ONCE).paint(content, content, once(content, 3))
    painter = Painter(Look(), [style], CPU, "full", ALL_AT_ONCE)
    evaluate = Objective.evaluate

    def scarce(self, x):
        if self.most_pixels > 12_000:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return evaluate(self, x)

    monkeypatch.setattr(Objective, "evaluate", scarce)
    painted = painter.paint(content, content, once(content, 3))
    assert painter.most_pixels <= 12_000
    assert np.abs(painted.astype(int) - plenty).mean() < 0.5


def test_another_error_is_not_taken_for_a_lack_of_memory(monkeypatch):
    content = bright_square()

    def broken(self, x):
        raise RuntimeError("expected scalar type Float")

    monkeypatch.setattr(Objective, "evaluate", broken)
    with pytest.raises(RuntimeError, match="scalar type"):
        Painter(Look(), [striped()], CPU, "full").paint(content, content, once(content, 3))
