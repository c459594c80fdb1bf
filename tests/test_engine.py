"""The mathematics of one image, against the formulas written out and against what a painting must do."""

import gc
import weakref

import numpy as np
import pytest
import torch

from style_core.engine.encoder import BGR_MEAN, Encoder
from style_core.engine.lbfgs import Lbfgs
from style_core.engine.losses import content_loss, covariance_loss, gram_loss, gram_matrix, moments, total_variation
from style_core.engine.objective import STYLE_SCALES, VARIATION_SCALES, Objective
from style_core.engine.painter import Painter, choose_device
from style_core.engine.precision import choose_precision
from style_core.engine.scales import Scale, pixel_steps, pyramid
from style_core.engine.tiles import margin_of, plan_tiles
from style_core.job import LAYERS, POOLINGS, Look, UserError
from style_core.weights import load_vgg19

N, H, W = 3, 4, 5
M = H * W
CPU = torch.device("cpu")
ALL_AT_ONCE = 10**9
SMALLEST = 64 * 64


@pytest.fixture(scope="module")
def weights():
    return load_vgg19()


@pytest.fixture
def features():
    """Two sets of activations, (1, N, H, W) float64."""
    generator = torch.Generator().manual_seed(1)
    return torch.randn(2, 1, N, H, W, generator=generator, dtype=torch.float64)


def per_position(features, mask=None):
    return moments(features, mask).per_position()


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
    ours = gram_loss(per_position(features[1]), per_position(features[0]))
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


@pytest.mark.parametrize("name", ["content", "style", "covariance", "region", "variation"])
def test_gradients_of_the_losses_are_exact(name, features):
    F, P = features
    mask = rounds(3, 1, 1, H, W)
    losses = {
        "content": lambda x: content_loss(x, P),
        "style": lambda x: gram_loss(per_position(x), per_position(P)),
        "covariance": lambda x: covariance_loss(per_position(x), per_position(P)),
        "region": lambda x: gram_loss(per_position(x, mask), per_position(P)) + content_loss(x, P, mask),
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
    return Painter(Look(), [pictures[1]], CPU, "full")


def once(content, steps):
    """The frame's own size alone."""
    return [Scale(content.shape[1], content.shape[0], steps)]


def test_total_loss_is_equation_4_with_the_looks_weights(pictures):
    content, style = pictures
    weights = (1.0, 2.0, 3.0, 4.0, 5.0)
    look = Look(content_weight=2.0, style_weight=3.0, smoothness=0.5, style_layer_weights=weights)
    painter = Painter(look, [style], CPU, "full")
    x, frame = painter.to_tensor(style), painter.to_tensor(content)
    found, wanted = painter.encoder(x, painter.layers), painter.encoder(frame, painter.layers)
    targets = painter.style_targets(48, 64)
    pairs = zip(look.style_layers, weights, strict=True)
    styles = [weight * gram_loss(per_position(found[name]), targets[name]) for name, weight in pairs]
    by_hand = (
        2.0 * sum(content_loss(found[n], wanted[n]) for n in look.content_layers)
        + 3.0 * STYLE_SCALES["gram"] * sum(styles)
        + 0.5 * VARIATION_SCALES["gram"] * total_variation(x)
    )
    assert painter.objective(frame, None).evaluate(x)[0].item() == pytest.approx(by_hand.item(), rel=1e-5)


def test_painting_lowers_the_loss_and_brings_the_styles_colours(pictures, painter):
    content, _ = pictures
    losses = []
    painted = painter.paint(content, content, once(content, 60), on_step=lambda done, loss: losses.append(loss))
    assert losses[-1] < 0.05 * losses[0]

    def distance(x):
        found = painter.encoder(painter.to_tensor(x), ["conv2_1"])["conv2_1"]
        return gram_loss(per_position(found), painter.style_targets(48, 64)["conv2_1"]).item()

    assert distance(painted) < 0.5 * distance(content)


def test_painting_the_same_twice_gives_the_same_pixels(pictures):
    content, style = pictures
    for precision in ("full", "half"):
        painter = Painter(Look(), [style], CPU, precision)
        scales = pyramid(64, 48, 64, 6)
        assert np.array_equal(painter.paint(content, content, scales), painter.paint(content, content, scales))


@pytest.mark.parametrize("scales", [[Scale(64, 48, 5)], [Scale(32, 24, 5), Scale(64, 48, 5)]], ids=["one", "two"])
def test_no_pixel_outside_the_region_moves(pictures, painter, scales):
    content, _ = pictures
    region = np.zeros((48, 64), np.float32)
    region[:, 32:] = 1
    painted = painter.paint(content, content, scales, region)
    assert np.array_equal(painted[:, :32], content[:, :32])
    assert np.abs(painted[:, 32:].astype(int) - content[:, 32:]).mean() > 5


def test_a_painter_that_is_no_longer_used_leaves_memory(pictures):
    painter = Painter(Look(), [pictures[1]], CPU, "auto")
    painter.style_targets(48, 64)
    gone = weakref.ref(painter)
    del painter
    gc.collect()
    assert gone() is None


def test_a_device_that_is_not_there_is_named():
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(UserError, match="'cuda' is not available"):
        choose_device("cuda")
    assert choose_device("auto").type in ("cpu", "mps")


def textured(seed, height, width):
    """A picture with detail everywhere, (H, W, 3) uint8."""
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 8 + 2, width // 8 + 2, 3))
    return np.kron(coarse, np.ones((8, 8, 1))).astype(np.uint8)[:height, :width]


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
        assert max(np.ptp(t.rows.outer) * np.ptp(t.columns.outer) for t in tiles) <= most * 1.1


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


def test_another_error_is_not_taken_for_a_lack_of_memory(monkeypatch, pictures):
    def broken(self, x):
        raise RuntimeError("expected scalar type Float")

    monkeypatch.setattr(Objective, "evaluate", broken)
    with pytest.raises(RuntimeError, match="scalar type"):
        Painter(Look(), [pictures[1]], CPU, "full").paint(pictures[0], pictures[0], once(pictures[0], 3))


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


def test_moments_in_half_precision_are_added_up_in_full():
    features = rounds(11, 1, 64, 120, 160).bfloat16().contiguous(memory_format=torch.channels_last)
    exact = gram_matrix(features.double())
    assert (gram_matrix(features) - exact).norm() < 1e-5 * exact.norm()


def test_precision_is_half_only_where_the_device_is_made_for_it():
    assert choose_precision("auto", CPU, has_half=True) == torch.bfloat16
    assert choose_precision("auto", CPU, has_half=False) == torch.float32
    assert choose_precision("full", CPU, has_half=True) == torch.float32
    assert choose_precision("half", CPU, has_half=False) == torch.bfloat16


def test_covariance_loss_is_the_wasserstein_distance_of_gaussians(features):
    F, P = (f.reshape(N, M) for f in features)
    S, T = (torch.cov(f, correction=0) for f in (F, P))
    ridge = [1e-3 * torch.diagonal(c).mean() * torch.eye(N, dtype=torch.float64) for c in (S, T)]
    S, T = S + ridge[0], T + ridge[1]
    products = torch.linalg.eigvals(S @ T).real.sqrt().sum()  # tr (T^1/2 S T^1/2)^1/2, another way
    by_hand = ((F.mean(1) - P.mean(1)).square().sum() + torch.trace(S) + torch.trace(T) - 2 * products) / N
    ours = covariance_loss(per_position(features[0]), per_position(features[1]))
    assert ours.item() == pytest.approx(by_hand.item(), rel=1e-9)
    assert covariance_loss(per_position(features[0]), per_position(features[0])).item() == pytest.approx(0, abs=1e-6)


def test_other_poolings_keep_the_size_of_what_max_pooling_gives(weights):
    picture = torch.from_numpy(textured(12, 128, 128)).permute(2, 0, 1)[None].float() / 255
    sizes = {kind: Encoder(weights, kind)(picture, ["conv4_2"])["conv4_2"].mean().item() for kind in POOLINGS}
    assert all(0.5 < size / sizes["max"] < 2 for size in sizes.values()), sizes


def test_sizes_double_from_the_first_to_the_frames_own():
    assert pyramid(1024, 576, 256, 100) == [Scale(256, 144, 100), Scale(512, 288, 50), Scale(1024, 576, 25)]
    assert pyramid(256, 144, 256, 100) == [Scale(256, 144, 100)]
    assert pyramid(128, 96, 256, 40) == [Scale(128, 96, 40)], "a frame that is smaller is painted at its own size"
    assert [scale.width for scale in pyramid(1920, 1080, 256, 100)] == [256, 480, 960, 1920]
    assert [scale.width for scale in pyramid(300, 200, 256, 100)] == [300], "sizes that are nearly the same are one"


def test_work_counts_pixels_and_steps():
    scales = [Scale(10, 10, 4), Scale(20, 20, 2)]
    assert [pixel_steps(scales, n) for n in (0, 3, 4, 5, 6)] == [0, 300, 400, 800, 1200]
    assert pixel_steps(scales) == 1200


def test_brush_size_and_rotation_change_what_style_is_looked_for(pictures):
    _, stripes = pictures
    plain, broad, turned = (
        Painter(Look(**more), [stripes], CPU, "full").style_targets(48, 64)["conv2_1"].gram
        for more in ({}, {"brush_size": 2.0}, {"rotation": 90.0})
    )
    assert (broad - plain).norm() > 0.05 * plain.norm()
    assert (turned - plain).norm() > 0.05 * plain.norm()


def test_a_quarter_turn_makes_upright_stripes_lie(pictures):
    _, stripes = pictures
    turned = Painter(Look(rotation=90.0), [stripes], CPU, "full").style_targets(48, 64)
    lying = Painter(Look(), [np.ascontiguousarray(np.rot90(stripes))], CPU, "full").style_targets(48, 64)
    assert torch.allclose(turned["conv3_1"].gram, lying["conv3_1"].gram)


def test_style_pictures_are_mixed_by_their_shares(pictures):
    content, stripes = pictures
    both = [stripes, content]

    def gram(**more):
        return Painter(Look(styles=("a", "b"), **more), both, CPU, "full").style_targets(48, 64)["conv1_1"].gram

    first, second, mixed = gram(style_shares=(1.0, 0.0)), gram(style_shares=(0.0, 5.0)), gram(style_shares=(1.0, 3.0))
    assert torch.allclose(mixed, 0.25 * first + 0.75 * second, rtol=1e-4)
    assert torch.allclose(gram(), 0.5 * first + 0.5 * second, rtol=1e-4)


def test_lbfgs_with_the_frequency_filter_finds_the_same_minimum():
    goal = rounds(13, 1, 1, 12, 16) * 0.8 + 0.1
    for power in (0.0, 0.5, 1.0):
        x, optimiser = torch.full_like(goal, 0.5), Lbfgs(goal.shape, power=power)
        for _ in range(60):
            x = optimiser.step(x, x - goal)
        assert (x - goal).abs().max() < 1e-4


def test_lbfgs_keeps_fewer_pairs_of_large_frames():
    assert Lbfgs(torch.Size([1, 3, 512, 512])).pairs.maxlen == 20
    assert Lbfgs(torch.Size([1, 3, 2160, 3840])).pairs.maxlen == 5
