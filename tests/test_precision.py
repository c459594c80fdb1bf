"""Half precision: where it is chosen, and that it paints the same."""

import pytest
import torch
from paintings import ALL_AT_ONCE, CPU, SMALLEST, once, textured

from style_core.engine.descent import Descent, can_be_captured, descend
from style_core.engine.encoder import Encoder
from style_core.engine.lbfgs import Lbfgs
from style_core.engine.losses import STYLE_DISTANCES, Moments
from style_core.engine.objective import Coarser, Objective, Targets
from style_core.engine.painter import Painter
from style_core.engine.precision import choose_precision, matching
from style_core.job import Look
from style_core.weights import load_vgg19

CUDA = torch.device("cuda")


@pytest.mark.slow
def test_half_precision_paints_what_full_precision_paints():
    content, style = textured(9, 96, 128), textured(10, 96, 128)
    look = Look(pooling="max")
    full, half = (Painter(look, [style], CPU, precision) for precision in ("full", "half"))
    frame = full.to_tensor(content)
    judge = full.objective(frame, None)
    losses = [
        judge.evaluate(full.to_tensor(p.paint(content, content, once(content, 30))))[0].item() for p in (full, half)
    ]
    assert losses[1] < 1.1 * losses[0], "judged in full precision"


def test_precision_is_half_only_where_the_device_is_made_for_it():
    assert choose_precision("auto", CPU, has_half=True) == torch.bfloat16
    assert choose_precision("auto", CPU, has_half=False) == torch.float32
    assert choose_precision("full", CPU, has_half=True) == torch.float32
    assert choose_precision("half", CPU, has_half=False) == torch.bfloat16


def test_half_is_float16_on_cuda_and_bfloat16_elsewhere():
    assert choose_precision("half", CUDA) == torch.float16
    assert choose_precision("auto", CUDA, has_half=True) == torch.float16
    assert choose_precision("half", torch.device("mps")) == torch.bfloat16


def objective_in(precision, most_bytes=ALL_AT_ONCE, size=(64, 80), **more):
    """The same objective, and a picture to judge, in one of the precisions."""
    painter = Painter(Look(**more), [textured(22, 66, 88)], CPU, "full", most_bytes)
    painter.precision, painter.encoder = precision, Encoder(load_vgg19(), painter.look.pooling, precision)
    content = painter.to_tensor(textured(23, *size))
    return painter.objective(content, None), painter.to_tensor(textured(24, *size))


@pytest.mark.parametrize("most_bytes", [ALL_AT_ONCE, SMALLEST], ids=["whole", "bands"])
@pytest.mark.parametrize("pooling", ["max", "l2"])
def test_float16_gradients_are_finer_than_those_of_bfloat16(pooling, most_bytes):
    errors = {}
    exact_loss, exact = (lambda o, x: o.evaluate(x))(*objective_in(torch.float32, most_bytes, pooling=pooling))
    for precision in (torch.float16, torch.bfloat16):
        objective, x = objective_in(precision, most_bytes, pooling=pooling)
        loss, gradient = objective.evaluate(x)
        assert loss.item() == pytest.approx(exact_loss.item(), rel=0.02)
        errors[precision] = ((gradient - exact).norm() / exact.norm()).item()
    assert errors[torch.float16] < 0.03
    assert errors[torch.float16] < 0.5 * errors[torch.bfloat16], errors


def test_gradients_that_leave_the_range_of_float16_are_scaled_down_until_they_fit():
    objective, x = objective_in(torch.float16, size=(32, 40))
    first = objective.evaluate(x)[0].item()
    objective.headroom.fill_(2.0**40)
    painted = descend(objective, x, 20, Lbfgs(x), 0.0, lambda done, loss: False)
    assert objective.headroom < 2.0**30
    assert objective.evaluate(painted)[0].item() < 0.5 * first


def test_products_are_rounded_as_the_convolutions_are_and_only_meanwhile():
    matmul = torch.backends.cuda.matmul
    before = matmul.fp32_precision
    for precision, rounding in ((torch.float32, "ieee"), (torch.float16, "tf32"), (torch.bfloat16, "tf32")):
        with matching(precision):
            assert matmul.fp32_precision == rounding
    assert matmul.fp32_precision == before


def test_an_iteration_waits_for_no_number_from_the_device():
    meta = torch.device("meta")  # knows shapes alone: whoever asks it for a number gets an error
    encoder = Encoder(load_vgg19(), "max", torch.float16).to(meta)

    def objective(height, width, coarser=()):
        look = Look()
        sizes = {name: encoder(torch.rand(1, 3, 32, 32, device=meta), [name])[name].shape[1] for name in LAYERS_USED}
        style = {n: STYLE_DISTANCES["gram"](flat(sizes[n])) for n in look.style_layers}
        content = {n: encoder(torch.rand(1, 3, height, width, device=meta), [n])[n] for n in look.content_layers}
        return Objective(encoder, look, Targets(content, style), None, ALL_AT_ONCE, coarser)

    def flat(count):
        return Moments(
            torch.rand(count, count, device=meta), torch.rand(count, device=meta), torch.ones((), device=meta)
        )

    coarse = Coarser(objective(32, 48), (32, 48), (64, 96), 0.25)
    x = torch.rand(1, 3, 64, 96, device=meta)
    descent = Descent(objective(64, 96, [coarse]), x, Lbfgs(x))
    for _ in range(3):
        descent.advance()
    with pytest.raises((RuntimeError, NotImplementedError)):
        descent.look()


LAYERS_USED = (*Look().content_layers, *Look().style_layers)


def test_nothing_is_captured_where_there_is_no_cuda():
    objective, x = objective_in(torch.float32)
    assert not can_be_captured(objective, x)
    assert Descent(objective, x, Lbfgs(x)).replayed is None
