"""The losses, against their formulas written out in double precision, and by the gradients that they give."""

import pytest
import torch
from paintings import per_position, rounds

from style_core.engine.losses import CovarianceDistance, content_loss, gram_loss, moments, total_variation

N, H, W = 3, 4, 5
M = H * W


@pytest.fixture
def features():
    """Two sets of activations, (1, N, H, W) float64."""
    generator = torch.Generator().manual_seed(1)
    return torch.randn(2, 1, N, H, W, generator=generator, dtype=torch.float64)


def test_content_loss_is_equation_1(features):
    F, P = features
    by_hand = sum((F[0, i, y, x] - P[0, i, y, x]) ** 2 for i in range(N) for y in range(H) for x in range(W)) / (N * M)
    assert content_loss(F, P).item() == pytest.approx(by_hand.item(), rel=1e-12)


def test_gram_matrix_is_equation_2_per_position(features):
    F = features[0].reshape(N, M)
    by_hand = torch.tensor([[sum(F[i, k] * F[j, k] for k in range(M)) / M for j in range(N)] for i in range(N)])
    assert torch.allclose(per_position(features[0]).gram, by_hand.double(), rtol=1e-6)


def test_style_loss_is_equation_3_when_the_sizes_agree(features):
    A, B = (f.reshape(N, M) @ f.reshape(N, M).T for f in features)  # plain Gram matrices, not per position
    by_hand = sum((B[i, j] - A[i, j]) ** 2 for i in range(N) for j in range(N)) / (N**2 * M**2)
    ours = gram_loss(per_position(features[1]), per_position(features[0]))
    assert ours.item() == pytest.approx(by_hand.item(), rel=1e-12)


def test_gram_matrix_does_not_depend_on_how_often_a_texture_repeats(features):
    assert torch.allclose(per_position(features[0]).gram, per_position(features[0].repeat(1, 1, 2, 3)).gram)


def test_guided_gram_matrix_of_a_region_equals_that_of_the_region_alone(features):
    mask = torch.zeros(1, 1, H, W, dtype=torch.float64)
    mask[..., 1:3, 2:4] = 1
    alone = features[0][..., 1:3, 2:4]
    assert torch.allclose(per_position(features[0], mask).gram, per_position(alone).gram)


def test_covariance_loss_is_the_wasserstein_distance_of_gaussians(features):
    F, P = (f.reshape(N, M) for f in features)
    S, T = (torch.cov(f, correction=0) for f in (F, P))
    ridge = [1e-3 * torch.diagonal(c).mean() * torch.eye(N, dtype=torch.float64) for c in (S, T)]
    S, T = S + ridge[0], T + ridge[1]
    products = torch.linalg.eigvals(S @ T).real.sqrt().sum()  # tr (T^1/2 S T^1/2)^1/2, another way
    by_hand = ((F.mean(1) - P.mean(1)).square().sum() + torch.trace(S) + torch.trace(T) - 2 * products) / N
    ours = CovarianceDistance(per_position(features[1]))(per_position(features[0]))
    assert ours.item() == pytest.approx(by_hand.item(), rel=1e-9)
    assert CovarianceDistance(per_position(features[0]))(per_position(features[0])).item() == pytest.approx(0, abs=1e-6)


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
        "covariance": lambda x: CovarianceDistance(per_position(P))(per_position(x)),
        "region": lambda x: gram_loss(per_position(x, mask), per_position(P)) + content_loss(x, P, mask),
        "variation": lambda x: total_variation(x) / 255**2,
    }
    assert torch.autograd.gradcheck(losses[name], F.clone().requires_grad_())


def test_moments_in_half_precision_are_added_up_in_full():
    features = rounds(11, 1, 64, 120, 160).bfloat16().contiguous(memory_format=torch.channels_last)
    exact = per_position(features.double()).gram
    assert (per_position(features).gram - exact).norm() < 1e-5 * exact.norm()


def test_moments_of_scaled_activations_are_those_of_the_activations(features):
    plain, scaled = moments(features[0]), moments(features[0] / 16, unit=1 / 16)
    for one, other in zip(plain, scaled, strict=True):
        assert torch.allclose(one, other)
