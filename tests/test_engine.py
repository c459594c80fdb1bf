"""The mathematics of one image, against the formulas written out and against what a painting must do."""

import numpy as np
import pytest
import torch

from style_core.engine.encoder import BGR_MEAN, Encoder
from style_core.engine.lbfgs import Lbfgs
from style_core.engine.losses import content_loss, gram_matrix, style_loss, total_variation
from style_core.engine.painter import STYLE_SCALE, VARIATION_SCALE, Painter, choose_device
from style_core.job import LAYERS, Look, UserError
from style_core.weights import load_vgg19

N, H, W = 3, 4, 5
M = H * W


@pytest.fixture(scope="module")
def weights():
    return load_vgg19()


@pytest.fixture
def features():
    """Two sets of activations, (1, N, H, W) float64."""
    generator = torch.Generator().manual_seed(1)
    return torch.randn(2, 1, N, H, W, generator=generator, dtype=torch.float64)


def rounds(seed, *shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_content_loss_is_equation_1(features):
    F, P = features
    by_hand = sum((F[0, i, y, x] - P[0, i, y, x]) ** 2 for i in range(N) for y in range(H) for x in range(W)) / (N * M)
    assert content_loss(F, P).item() == pytest.approx(by_hand.item(), rel=1e-12)


def test_gram_matrix_is_equation_2_per_position(features):
    F = features[0].reshape(N, M)
    by_hand = torch.tensor([[sum(F[i, k] * F[j, k] for k in range(M)) / M for j in range(N)] for i in range(N)])
    assert torch.allclose(gram_matrix(features[0]), by_hand.double(), rtol=1e-6)


def test_style_loss_is_equation_3_when_the_sizes_agree(features):
    A, B = (f.reshape(N, M) @ f.reshape(N, M).T for f in features)  # plain Gram matrices, not per position
    by_hand = sum((B[i, j] - A[i, j]) ** 2 for i in range(N) for j in range(N)) / (N**2 * M**2)
    ours = style_loss(gram_matrix(features[1]), gram_matrix(features[0]))
    assert ours.item() == pytest.approx(by_hand.item(), rel=1e-12)


def test_gram_matrix_does_not_depend_on_how_often_a_texture_repeats(features):
    assert torch.allclose(gram_matrix(features[0]), gram_matrix(features[0].repeat(1, 1, 2, 3)))


def test_guided_gram_matrix_of_a_region_equals_that_of_the_region_alone(features):
    mask = torch.zeros(1, 1, H, W, dtype=torch.float64)
    mask[..., 1:3, 2:4] = 1
    alone = features[0][..., 1:3, 2:4]
    assert torch.allclose(gram_matrix(features[0], mask), gram_matrix(alone))


def test_total_variation_is_the_mean_squared_difference_of_neighbours():
    x = rounds(2, 1, 3, H, W)
    v = x[0] * 255
    across = sum(((v[c, y, i + 1] - v[c, y, i]) ** 2) for c in range(3) for y in range(H) for i in range(W - 1))
    down = sum(((v[c, y + 1, i] - v[c, y, i]) ** 2) for c in range(3) for y in range(H - 1) for i in range(W))
    by_hand = across / (3 * H * (W - 1)) + down / (3 * (H - 1) * W)
    assert total_variation(x).item() == pytest.approx(by_hand.item(), rel=1e-12)


@pytest.mark.parametrize("name", ["content", "style", "region", "variation"])
def test_gradients_of_the_losses_are_exact(name, features):
    F, P = features
    mask = rounds(3, 1, 1, H, W)
    losses = {
        "content": lambda x: content_loss(x, P),
        "style": lambda x: style_loss(gram_matrix(x), gram_matrix(P)),
        "region": lambda x: style_loss(gram_matrix(x, mask), gram_matrix(P)) + content_loss(x, P, mask),
        "variation": lambda x: total_variation(x) / 255**2,
    }
    assert torch.autograd.gradcheck(losses[name], F.clone().requires_grad_())


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
    assert greatest["conv2_1"].mean() != average["conv2_1"].mean()


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


def test_lbfgs_finds_the_minimum_of_an_ill_conditioned_bowl():
    scale, goal = torch.logspace(0, 3, 20, dtype=torch.float64), rounds(4, 20)
    x, optimiser = torch.zeros(20, dtype=torch.float64), Lbfgs()
    for _ in range(150):
        x = optimiser.step(x, scale * (x - goal))
    assert (x - goal).abs().max() < 1e-6


def test_lbfgs_stays_within_black_and_white_and_still_finds_the_best_there():
    stiff = torch.tensor([[2.0, 1.0], [1.0, 3.0]], dtype=torch.float64)
    goal = torch.tensor([1.5, 0.5], dtype=torch.float64)  # the first pixel would have to be brighter than white
    x, optimiser = torch.full((2,), 0.2, dtype=torch.float64), Lbfgs()
    for _ in range(60):
        x = optimiser.step(x, stiff @ (x - goal))
    assert x[0] == 1
    assert x[1].item() == pytest.approx(0.5 + 0.5 / 3, abs=1e-6)  # where the gradient of the free pixel is zero


@pytest.fixture(scope="module")
def pictures():
    """A content with one bright square, and a style of orange and blue stripes, (48, 64, 3) uint8."""
    content = np.full((48, 64, 3), 90, np.uint8)
    content[12:36, 20:44] = (220, 200, 180)
    style = np.zeros((48, 64, 3), np.uint8)
    style[..., 2] = 200
    style[:, ::8] = style[:, 1::8] = style[:, 2::8] = (250, 140, 20)
    return content, style


@pytest.fixture(scope="module")
def painter(pictures):
    return Painter(Look(), [pictures[1]], torch.device("cpu"))


def test_total_loss_is_equation_4_with_the_looks_weights(pictures):
    content, style = pictures
    look = Look(content_weight=2.0, style_weight=3.0, smoothness=0.5)
    painter = Painter(look, [style], torch.device("cpu"))
    targets, x = painter.targets(content), painter.to_tensor(style)
    found = painter.encoder(x, (*look.content_layers, *look.style_layers))
    by_hand = (
        2.0 * sum(content_loss(found[n], targets.content[n]) for n in look.content_layers)
        + 3.0 * STYLE_SCALE * sum(style_loss(gram_matrix(found[n]), targets.style[n]) for n in look.style_layers)
        + 0.5 * VARIATION_SCALE * total_variation(x)
    )
    assert painter.loss(x, targets).item() == pytest.approx(by_hand.item(), rel=1e-6)


def test_painting_lowers_the_loss_and_brings_the_styles_colours(pictures, painter):
    content, _ = pictures
    losses = []
    painted = painter.paint(content, content, 60, on_step=lambda done, loss: losses.append(loss))
    assert losses[-1] < 0.05 * losses[0]

    def distance(x):
        grams = painter.encoder(painter.to_tensor(x), painter.look.style_layers)
        return style_loss(gram_matrix(grams["conv2_1"]), painter.style_targets(48, 64)["conv2_1"]).item()

    assert distance(painted) < 0.2 * distance(content)


def test_painting_the_same_twice_gives_the_same_pixels(pictures, painter):
    content, _ = pictures
    assert np.array_equal(painter.paint(content, content, 6), painter.paint(content, content, 6))


def test_no_pixel_outside_the_region_moves(pictures, painter):
    content, _ = pictures
    region = np.zeros((48, 64), np.float32)
    region[:, 32:] = 1
    painted = painter.paint(content, content, 5, region)
    assert np.array_equal(painted[:, :32], content[:, :32])
    assert np.abs(painted[:, 32:].astype(int) - content[:, 32:]).mean() > 5


def test_a_device_that_is_not_there_is_named():
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(UserError, match="'cuda' is not available"):
        choose_device("cuda")
    assert choose_device("auto").type in ("cpu", "mps")
