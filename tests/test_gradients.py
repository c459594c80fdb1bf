"""The gradient that is written out, against the one that autograd finds through all of the losses."""

import itertools

import cv2
import numpy as np
import pytest
import torch
from paintings import CPU, SMALLEST, rounds

from style_core.engine.losses import content_loss, moments, total_variation
from style_core.engine.objective import CONTENT_SCALE, layer_mask
from style_core.engine.painter import Painter
from style_core.engine.scales import Scale
from style_core.job import Look
from style_core.look import POOLINGS, STYLE_LOSSES

HEIGHT, WIDTH = 64, 80


def smooth(seed, height, width):
    """A picture without edges or even surfaces, (H, W, 3) uint8."""
    noise = (255 * rounds(seed, height // 8, width // 8, 3)).byte().numpy()
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)


def loss_of(objective, x):
    """Equation (4) from the encoder's activations, as autograd can follow it."""
    look, found = objective.look, objective.encoder(x, objective.layers)
    masks = {name: None if objective.mask is None else layer_mask(objective.mask, name) for name in objective.layers}
    loss = 0.0
    for name, weight in objective.style.items():
        own = moments(found[name], masks[name]).per_position()
        share = objective.style_share * objective.measure.scale * objective.evenness[name]
        loss = loss + share * weight * look.style_weight * objective.targets.style[name](own)
    for name, weight in objective.content.items():
        share = CONTENT_SCALE * weight * look.content_weight
        loss = loss + share * content_loss(found[name], objective.targets.content[name], masks[name])
    if look.smoothness:
        share = 1.0 if objective.mask is None else objective.mask.mean()
        loss = loss + look.smoothness * objective.measure.variation_scale / share * total_variation(x)
    for coarse in objective.coarser:
        loss = loss + objective.style_share * coarse.weight * loss_of(
            coarse.objective, coarse.down @ x @ coarse.across.T
        )
    return loss


CASES = list(itertools.product(POOLINGS, STYLE_LOSSES, (False, True)))


@pytest.mark.parametrize("pooling, kind, masked", CASES)
def test_the_gradient_is_that_of_the_whole_loss_in_bands_and_with_coarser_sizes(pooling, kind, masked):
    layers = ("conv2_2", "conv3_1", "conv4_2")
    look = Look(pooling=pooling, style_loss=kind, content_layers=layers, content_layer_weights=(1.0, 0.5, 2.0))
    painter = Painter(look, [smooth(1, 96, 96)], CPU, "full", SMALLEST)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    mask = np.clip(1.3 - np.hypot(rows - 30, columns - 35) / 20, 0, 1).astype(np.float32) if masked else None
    canvas = painter.canvas(smooth(2, HEIGHT, WIDTH), smooth(3, HEIGHT, WIDTH), mask)
    objective = painter.objective_at(canvas, [Scale(WIDTH // 2, HEIGHT // 2, 1), Scale(WIDTH, HEIGHT, 1)])
    assert not objective.is_whole(canvas.start) and objective.coarser
    loss, gradient = objective.evaluate(canvas.start)
    x = canvas.start.clone().requires_grad_()
    expected = loss_of(objective, x)
    (exact,) = torch.autograd.grad(expected, x)
    exact = exact if canvas.mask is None else exact * (canvas.mask > 0)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert (gradient - exact).norm() < 2e-5 * exact.norm()


def test_a_region_that_is_guided_by_the_gradient_has_it_times_the_mask_also_from_coarser_sizes():
    gradients = []
    for mask, by_gradient in ((None, False), (np.full((HEIGHT, WIDTH), 0.3, np.float32), True)):
        painter = Painter(Look(), [smooth(1, 96, 96)], CPU, "full", by_gradient=by_gradient)
        canvas = painter.canvas(smooth(2, HEIGHT, WIDTH), smooth(3, HEIGHT, WIDTH), mask)
        objective = painter.objective_at(canvas, [Scale(WIDTH // 2, HEIGHT // 2, 1), Scale(WIDTH, HEIGHT, 1)])
        gradients.append(objective.evaluate(canvas.start)[1])
    assert torch.allclose(gradients[1], 0.3 * gradients[0], rtol=1e-4, atol=1e-4 * gradients[0].abs().max().item())
