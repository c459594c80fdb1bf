"""What only a graphics card can show: exact gradients, graphs, the same bytes, memory. Skipped where there is none."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from paintings import ALL_AT_ONCE, CPU, SMALLEST, once, rounds, textured

from style_core.engine import fused
from style_core.engine.backwards import Addition, joined, joined_below_pool
from style_core.engine.descent import Descent, can_be_captured
from style_core.engine.lbfgs import Lbfgs
from style_core.engine.painter import Earlier, Painter
from style_core.engine.pooling import Pooling
from style_core.engine.scales import pyramid
from style_core.job import Look

CUDA = torch.device("cuda")
pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no graphics card with CUDA")


def gradient_on(device, precision, most_bytes=ALL_AT_ONCE, **more):
    """Loss and gradient of the same picture on a device, brought back from it."""
    painter = Painter(Look(**more), [textured(1, 90, 120)], device, precision, most_bytes)
    # Noise: in even surfaces rounding decides which value of a block is the greatest, and has the gradient.
    content, x = ((255 * rounds(seed, 101, 211, 3)).byte().numpy() for seed in (2, 3))
    loss, gradient = painter.objective(painter.to_tensor(content), None).evaluate(painter.to_tensor(x))
    return loss.item(), gradient.cpu()


@pytest.mark.parametrize("most_bytes", [ALL_AT_ONCE, SMALLEST], ids=["whole", "bands"])
@pytest.mark.parametrize("kind, pooling", [("gram", "average"), ("gram", "max"), ("covariance", "l2")])
def test_a_card_finds_the_gradient_that_the_processor_finds(kind, pooling, most_bytes):
    loss, gradient = gradient_on(CPU, "full", style_loss=kind, pooling=pooling)
    own_loss, own = gradient_on(CUDA, "full", most_bytes, style_loss=kind, pooling=pooling)
    assert own_loss == pytest.approx(loss, rel=1e-4)
    assert ((own - gradient).norm() / gradient.norm()).item() < 1e-3


@pytest.mark.parametrize("most_bytes", [ALL_AT_ONCE, SMALLEST], ids=["whole", "bands"])
@pytest.mark.parametrize("pooling", ["average", "max", "l2"])
def test_float16_on_a_card_is_as_fine_as_promised(pooling, most_bytes):
    loss, gradient = gradient_on(CPU, "full", pooling=pooling)
    own_loss, own = gradient_on(CUDA, "half", most_bytes, pooling=pooling)
    assert own_loss == pytest.approx(loss, rel=0.02)
    assert ((own - gradient).norm() / gradient.norm()).item() < 0.03


@pytest.mark.parametrize("core", [(0, 9), (2, 7)], ids=["whole", "band"])
@pytest.mark.parametrize("pooling", ["average", "max", None])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_kernel_joins_what_is_joined_in_steps(count, pooling, core):
    def activations(seed, height=9, width=11):
        noise = torch.rand(1, 16, height, width, generator=torch.Generator().manual_seed(seed)) - 0.4
        # Few levels, so that the greatest of a block are often equal.
        return (8 * noise).round().div(8).to(CUDA).half().contiguous(memory_format=torch.channels_last)

    x, rows = activations(1).relu_(), core[1] - core[0]
    factors = torch.tensor([0.5, 3.0], device=CUDA)
    additions = [Addition(activations(2 + i, rows), factors[i]) for i in range(count)]
    exact = [Addition(values.float(), factor) for values, factor in additions]
    assert fused.can_join(x, additions) and not fused.can_join(x.float(), exact)
    if pooling is None:
        found = joined(x, activations(5), additions, core)
        expected = joined(x.float(), activations(5).float(), exact, core)
    else:
        how, below = Pooling(pooling), activations(6, rows // 2, 5)
        found = joined_below_pool(x, below, additions, core, how)
        expected = joined_below_pool(x.float(), below.float(), exact, core, how)
    assert torch.allclose(found.float(), expected, atol=2e-3, rtol=2e-3)


def test_the_kernel_settles_what_comes_out_of_a_convolution():
    x = (torch.rand(1, 64, 7, 5, device=CUDA) - 0.5).half().contiguous(memory_format=torch.channels_last)
    bias = (torch.rand(64, device=CUDA) - 0.5).half()
    expected = (x.float() + bias.float().view(1, -1, 1, 1)).relu()
    assert torch.allclose(fused.settle(x, bias).float(), expected, rtol=1e-3)


@pytest.mark.parametrize("pooling", ["average", "max"])
def test_the_kernel_pools_as_torch_does(pooling):
    x = torch.rand(1, 64, 13, 10, device=CUDA).half().contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        assert torch.allclose(Pooling(pooling)(x).float(), Pooling(pooling)(x.float()), rtol=1e-3)


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


FULL_CARD = """
import numpy as np, torch
from paintings import once, textured
from style_core.engine.painter import Painter
from style_core.job import Look

content = textured(12, 1024, 1536)

def paint():
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    painter = Painter(Look(), [textured(13, 300, 400)], torch.device("cuda"), "half", 8 << 30)
    return painter.paint(content, content, once(content, 3)).astype(int), painter.most_bytes

plenty, most = paint()
limit = 0.7 * torch.cuda.max_memory_allocated() / torch.cuda.mem_get_info()[1]
torch.cuda.empty_cache()
torch.cuda.set_per_process_memory_fraction(limit)
scarce, less = paint()
assert less < most, "it ran out of memory and went on"
assert np.abs(plenty - scarce).mean() < 0.5
"""


def test_a_full_card_leads_to_bands_and_the_same_picture():
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    # By itself, as a limit holds for all that a process has ever painted.
    done = subprocess.run([sys.executable, "-c", FULL_CARD], env=os.environ | {"PYTHONPATH": path}, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


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
