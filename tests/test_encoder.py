"""VGG-19 as an encoder: its layers, its pooling, and how true its small weights are."""

import pytest
import torch
from paintings import per_position, rounds, textured
from torch.nn import functional as F

from style_core.engine.encoder import BGR_MEAN, Encoder
from style_core.look import LAYERS, POOLINGS
from style_core.weights import load_vgg19


@pytest.fixture(scope="module")
def weights():
    return load_vgg19()


def test_encoder_gives_the_layers_asked_for_with_their_shapes(weights):
    found = Encoder(weights, "average")(torch.rand(1, 3, 50, 70), LAYERS)
    filters = {1: 64, 2: 128, 3: 256, 4: 512, 5: 512}
    assert list(found) == list(LAYERS)
    for name, activations in found.items():
        block = int(name[4])
        expected = (1, filters[block], 50 >> (block - 1), 70 >> (block - 1))
        assert activations.shape == expected, name
        assert activations.min() >= 0, f"{name} is taken before its ReLU"


def test_encoder_sees_bgr_without_the_training_mean(weights):
    grey = torch.tensor([BGR_MEAN[2], BGR_MEAN[1], BGR_MEAN[0]]).view(1, 3, 1, 1).expand(1, 3, 8, 8) / 255
    found = Encoder(weights, "average")(grey, ["conv1_1"])["conv1_1"]
    bias = weights["conv1_1"][1].clamp_min(0).view(1, 64, 1, 1)
    assert torch.allclose(found, bias.expand_as(found), atol=1e-3), "the mean colour must become zero"


def test_average_and_max_pooling_differ_as_they_should(weights):
    picture = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    average, greatest = (Encoder(weights, kind)(picture, ["conv1_2", "conv2_1"]) for kind in ("average", "max"))
    assert torch.equal(average["conv1_2"], greatest["conv1_2"])
    blocks = average["conv1_2"].unfold(2, 2, 2).unfold(3, 2, 2)
    kernel, bias = weights["conv2_1"]
    for found, pooled in ((average, blocks.mean((-1, -2)) * 1.7), (greatest, blocks.amax((-1, -2)))):
        assert torch.allclose(found["conv2_1"], F.relu(F.conv2d(pooled, kernel, bias, padding=1)), rtol=1e-3, atol=0.1)


def test_other_poolings_keep_the_size_of_what_max_pooling_gives(weights):
    picture = torch.from_numpy(textured(12, 128, 128)).permute(2, 0, 1)[None].float() / 255
    sizes = {kind: Encoder(weights, kind)(picture, ["conv4_2"])["conv4_2"].mean().item() for kind in POOLINGS}
    assert all(0.5 < size / sizes["max"] < 2 for size in sizes.values()), sizes


def test_an_unknown_layer_or_pooling_is_refused(weights):
    with pytest.raises(ValueError, match="conv9_9"):
        Encoder(weights, "average")(torch.rand(1, 3, 16, 16), ["conv9_9"])
    with pytest.raises(ValueError, match="median"):
        Encoder(weights, "median")


def test_encoder_recognises_edges_of_its_codebook_precision(weights):
    kernel, bias = weights["conv3_1"]
    assert kernel.shape == (256, 128, 3, 3)
    assert kernel.unique().numel() <= 256
    assert bias.shape == (256,)


def within_its_cell(kernel, seed):
    """A kernel in full precision that the codebook of `kernel` would be the nearest 8 bits of.

    Every value is drawn from what lies nearer to its own entry of the codebook than to its neighbours', and then all of
    an entry are moved so that it is their mean, as k-means leaves it.
    """
    book, places = kernel.unique(sorted=True, return_inverse=True)
    gaps = book.diff() / 2
    below, above = torch.cat([gaps[:1], gaps])[places], torch.cat([gaps, gaps[-1:]])[places]
    side, far = rounds(seed, 2, *kernel.shape).float()
    apart = far * torch.where(side < below / (below + above), above, -below)
    sums = torch.zeros(2, len(book)).index_add_(1, places.flatten(), torch.stack([apart, apart * 0 + 1]).flatten(1))
    return kernel + apart - (sums[0] / sums[1])[places]


def test_eight_bits_a_weight_see_what_full_precision_sees(weights):
    full = {name: (within_its_cell(kernel, 20 + i), bias) for i, (name, (kernel, bias)) in enumerate(weights.items())}
    picture = torch.from_numpy(textured(21, 192, 256)).permute(2, 0, 1)[None].float() / 255
    used = LAYERS[: LAYERS.index("conv5_1") + 1]  # the deepest of any look; rounding grows with the depth
    ours, theirs = (Encoder(w, "max")(picture, used) for w in (weights, full))
    for name in used:
        assert (ours[name] - theirs[name]).norm() < 0.015 * theirs[name].norm(), name
        found, wanted = per_position(ours[name]).gram, per_position(theirs[name]).gram
        assert (found - wanted).norm() < 0.015 * wanted.norm(), name


def test_biases_are_kept_in_full_precision(weights):
    for name, (_, bias) in weights.items():
        assert bias.dtype == torch.float32
        assert bias.unique().numel() == bias.numel(), f"{name}: a codebook would repeat its values"


def test_float16_activations_are_scaled_by_a_power_of_two_and_stay_in_range(weights):
    encoder = Encoder(weights, "max", torch.float16)
    extreme = (torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(3)) > 0.5).float()
    found, wanted = encoder(extreme, LAYERS), Encoder(weights, "max")(extreme, LAYERS)
    assert wanted["conv1_2"].dtype == torch.float32
    for name in LAYERS:
        assert found[name].max() < 65504 / 8, name
        exact = wanted[name] * encoder.unit
        assert (found[name].float() - exact).norm() < 0.01 * exact.norm(), name
