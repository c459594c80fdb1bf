"""What only a graphics card can show: exact gradients, graphs, the same bytes, memory. Skipped where there is none."""

import numpy as np
import pytest
import torch
from paintings import ALL_AT_ONCE, CPU, SMALLEST, once, textured

from style_core.engine.descent import Descent, can_be_captured
from style_core.engine.lbfgs import Lbfgs
from style_core.engine.painter import Earlier, Painter
from style_core.engine.scales import pyramid
from style_core.job import Look

CUDA = torch.device("cuda")
pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no graphics card with CUDA")


def gradient_on(device, precision, most_bytes=ALL_AT_ONCE, **more):
    """Loss and gradient of the same picture on a device, brought back from it."""
    painter = Painter(Look(**more), [textured(1, 90, 120)], device, precision, most_bytes)
    objective = painter.objective(painter.to_tensor(textured(2, 101, 211)), None)
    loss, gradient = objective.evaluate(painter.to_tensor(textured(3, 101, 211)))
    return loss.item(), gradient.cpu()


@pytest.mark.parametrize("most_bytes", [ALL_AT_ONCE, SMALLEST], ids=["whole", "bands"])
@pytest.mark.parametrize("kind, pooling", [("gram", "average"), ("gram", "max"), ("covariance", "l2")])
def test_a_card_finds_the_gradient_that_the_processor_finds(kind, pooling, most_bytes):
    loss, gradient = gradient_on(CPU, "full", style_loss=kind, pooling=pooling)
    own_loss, own = gradient_on(CUDA, "full", most_bytes, style_loss=kind, pooling=pooling)
    assert own_loss == pytest.approx(loss, rel=1e-4)
    assert (own - gradient).norm() < 1e-3 * gradient.norm()


@pytest.mark.parametrize("most_bytes", [ALL_AT_ONCE, SMALLEST], ids=["whole", "bands"])
@pytest.mark.parametrize("pooling", ["average", "max", "l2"])
def test_float16_on_a_card_is_as_fine_as_promised(pooling, most_bytes):
    loss, gradient = gradient_on(CPU, "full", pooling=pooling)
    own_loss, own = gradient_on(CUDA, "half", most_bytes, pooling=pooling)
    assert own_loss == pytest.approx(loss, rel=0.02)
    assert (own - gradient).norm() < 0.03 * gradient.norm()


def descent_on_the_card(precision):
    painter = Painter(Look(), [textured(4, 90, 120)], CUDA, precision)
    content = painter.to_tensor(textured(5, 96, 160))
    return Descent(painter.objective(content, None), content, Lbfgs(content))


@pytest.mark.parametrize("precision", ["full", "half"])
def test_a_replayed_graph_takes_the_steps_that_calls_take(precision):
    replayed, called = descent_on_the_card(precision), descent_on_the_card(precision)
    assert can_be_captured(replayed.objective, replayed.x)
    called.replayed = None
    for _ in range(12):
        replayed.advance_within_memory()
        called.advance_within_memory()
    assert replayed.replayed.graph is not None
    assert torch.equal(replayed.x, called.x)
    assert replayed.look() == called.look()


def paint_a_frame(precision="auto", seed=6, most_bytes=None, **more):
    content = textured(seed, 180, 240)
    painter = Painter(Look(**more), [textured(7, 120, 90)], CUDA, precision, most_bytes)
    return painter.paint(content, content, pyramid(240, 180, 120, 30))


@pytest.mark.parametrize("more", [{}, {"style_loss": "covariance", "pooling": "max"}, {"optimiser": "adam"}], ids=str)
def test_the_same_job_paints_the_same_bytes(more):
    assert np.array_equal(paint_a_frame(**more), paint_a_frame(**more))


def test_a_card_paints_as_well_as_the_processor():
    content, style = textured(8, 96, 128), textured(9, 96, 128)
    judge = Painter(Look(), [style], CPU, "full")
    losses = [
        judge.loss(content, Painter(Look(), [style], device, precision).paint(content, content, once(content, 40)),
                   once(content, 1))
        for device, precision in ((CPU, "full"), (CUDA, "full"), (CUDA, "half"))
    ]  # fmt: skip
    assert max(losses[1:]) < 1.1 * losses[0], losses


def test_paint_that_is_held_stays_on_a_card_too():
    content = textured(10, 96, 128)
    painter = Painter(Look(), [textured(11, 96, 128)], CUDA, "auto")
    first = painter.paint(content, content, once(content, 30))
    trust = np.ones(content.shape[:2], np.float32)
    held, free = (
        painter.paint(content, first, once(content, 20), earlier=earlier)
        for earlier in (Earlier(first.astype(np.float32), trust, 10.0), None)
    )
    assert np.abs(held.astype(int) - first).mean() < 0.5 * np.abs(free.astype(int) - first).mean()


def test_a_full_card_leads_to_bands_and_the_same_picture():
    content = textured(12, 1024, 1536)
    painted = {}
    total = torch.cuda.mem_get_info()[1]
    for name, share in (("plenty", 1.0), ("scarce", 1.2e9 / total)):
        torch.cuda.empty_cache()
        torch.cuda.set_per_process_memory_fraction(min(1.0, share))
        painter = Painter(Look(), [textured(13, 300, 400)], CUDA, "half", 8 << 30)
        painted[name] = painter.paint(content, content, once(content, 3)).astype(int)
    torch.cuda.set_per_process_memory_fraction(1.0)
    assert painter.most_bytes < 8 << 30, "it ran out of memory and went on"
    assert np.abs(painted["plenty"] - painted["scarce"]).mean() < 0.5


def test_a_finished_frame_leaves_no_memory_taken():
    paint_a_frame()
    torch.cuda.synchronize()
    before = torch.cuda.memory_allocated()
    for _ in range(3):
        paint_a_frame()
    assert torch.cuda.memory_allocated() <= before + (1 << 20)


def test_a_card_that_is_asked_for_too_steep_gradients_scales_them_down():
    descent = descent_on_the_card("half")
    descent.objective.headroom.fill_(2.0**40)
    for _ in range(4):
        descent.advance_within_memory()
        if not descent.look()[2]:
            descent.objective.lower_gradients()
            descent.go_back()
            descent.optimiser.forget()
    assert descent.objective.headroom < 2.0**40
