"""Edges of mattes: the CRF against sums written out, the guided filter against its paper, and both on real edges."""

import cv2
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from style_core.media.clip import open_clip
from style_core.regions.crf import Grid, Lattice, MeanField, Normalised
from style_core.regions.guided import guided, linear
from style_core.regions.refine import WAYS, refined
from style_core.setting import UserError

SIZE = (7, 9)


def noise(seed, *shape):
    """Noise in 0..1, float64."""
    return np.random.default_rng(seed).random(shape)


def dense(features):
    """The kernel of each point with each other, normalised on both sides, (N, N) float64."""
    k = np.exp(-0.5 * ((features[:, None] - features[None]) ** 2).sum(-1))
    mass = np.sqrt(k.sum(1))
    return torch.from_numpy(k / mass[:, None] / mass)


def places(size, deviation):
    """Where the pixels of a grid are, in standard deviations, (N, 2)."""
    return np.stack(np.mgrid[: size[0], : size[1]], -1).reshape(-1, 2) / deviation


def like(count):
    """A value of each point, float64."""
    return torch.zeros(1, count, dtype=torch.float64)


# --- kernels ---


@pytest.mark.parametrize(("dimensions", "error"), [(2, 0.02), (3, 0.03), (5, 0.06)])
def test_the_lattice_sums_as_all_pairs_do_to_some_percent(dimensions, error):
    rng = np.random.default_rng(dimensions)
    features = rng.normal(0, 0.7, (600, dimensions))
    values = torch.from_numpy(rng.random((2, 600)))
    kernel = Normalised(Lattice(features, dtype=torch.float64), like(600))
    expected = values @ dense(features)
    assert (kernel(values) - expected).abs().mean() < error * expected.mean()


def test_shares_in_the_corners_of_a_simplex_are_its_barycentric_coordinates():
    lattice = Lattice(np.random.default_rng(1).normal(0, 20, (500, 5)), dtype=torch.float64)
    assert lattice.shares.min() > -1e-9
    assert torch.allclose(lattice.shares.sum(1), torch.ones(500, dtype=torch.float64))
    assert torch.equal(lattice.index.sort(1).values.diff(dim=1) == 0, torch.zeros(500, 5, dtype=torch.bool))


def test_the_kernel_of_a_grid_is_a_gaussian():
    values = torch.from_numpy(noise(2, 2, 63))
    kernel = Normalised(Grid(SIZE, 1.0), like(63))
    assert torch.allclose(kernel(values), values @ dense(places(SIZE, 1.0)), atol=0.01)


def test_a_kernel_that_is_normalised_is_the_same_both_ways():
    matrix = Normalised(Grid(SIZE, 1.5), like(63))(torch.eye(63, dtype=torch.float64))
    assert torch.allclose(matrix, matrix.T)


# --- the mean field ---


def test_the_mean_field_is_that_of_the_paper_summed_over_all_pairs():
    """Algorithm 1 of Krähenbühl and Koltun 2011, every sum written out."""
    features = [np.concatenate([places(SIZE, 3.0), noise(4, 63, 3)], 1), places(SIZE, 1.0)]
    kernels = [Normalised(Lattice(features[0], dtype=torch.float64), like(63)), Normalised(Grid(SIZE, 1.0), like(63))]
    unary = torch.from_numpy(-np.log(noise(5, 3, 63)))
    field = MeanField((2.0, 1.0), labels=3, iterations=4).double()
    matrices = [dense(one) for one in features]
    q = torch.exp(-unary) / torch.exp(-unary).sum(0)
    for _ in range(4):
        energy = unary.clone()
        for label in range(3):
            for other in range(3):
                if other != label:
                    for weight, k in zip((2.0, 1.0), matrices, strict=True):
                        energy[label] += weight * (k @ q[other])
        q = torch.exp(-energy) / torch.exp(-energy).sum(0)
    assert torch.allclose(field(unary, kernels), q, atol=0.03)


def test_gradients_pass_the_mean_field():
    features = np.concatenate([places((3, 4), 2.0), noise(6, 12, 3)], 1)
    kernels = [Normalised(Lattice(features, dtype=torch.float64), like(12)), Normalised(Grid((3, 4), 1.0), like(12))]
    field = MeanField((1.5, 0.5), iterations=3).double()
    unary = torch.from_numpy(noise(7, 2, 12)).requires_grad_()

    def solve(unary, weights, compatibility):
        return torch.func.functional_call(field, {"weights": weights, "compatibility": compatibility}, (unary, kernels))

    start = (unary, *(one.detach().clone().requires_grad_() for one in field.parameters()))
    assert torch.autograd.gradcheck(solve, start)


def test_a_wrong_label_among_its_like_is_put_right_and_one_of_another_colour_stays():
    colour = np.zeros((8, 8, 3))
    colour[:, 4:] = 5.0
    features = np.concatenate([places((8, 8), 4.0), colour.reshape(-1, 3)], 1)
    right = np.zeros((8, 8), np.float32)
    right[:, 4:] = 1
    believed = right.copy()
    believed[2, 1] = believed[5, 2] = 1
    odds = torch.from_numpy(2 * believed - 1).reshape(1, -1)
    energy = torch.cat([F.softplus(odds), F.softplus(-odds)])
    q = MeanField((3.0,))(energy, [Normalised(Lattice(features), energy)])
    assert np.array_equal(q[1].detach().reshape(8, 8).numpy() > 0.5, right > 0.5)


# --- the guided filter ---


def test_the_guided_filter_is_that_of_the_paper():
    """Equations 5, 6 and 8 of He et al. 2013 at one pixel, its windows written out."""
    matte, guide = noise(8, 9, 9).astype(np.float32), (noise(9, 9, 9) * 255).astype(np.uint8)
    grey, near = guide / 255, [(y, x) for y in (3, 4, 5) for x in (3, 4, 5)]
    lines = []
    for y, x in near:
        p, i = (one[y - 1 : y + 2, x - 1 : x + 2] for one in (matte, grey))
        a = ((i * p).mean() - i.mean() * p.mean()) / (i.var() + 0.01)
        lines.append((a, p.mean() - a * i.mean()))
    a, b = np.mean(lines, 0)
    assert guided(matte, guide, 1, 0.01)[4, 4] == pytest.approx(a * grey[4, 4] + b, abs=1e-5)


def test_the_guided_filter_follows_colours_that_are_equally_bright():
    matte, guide = noise(10, 12, 12).astype(np.float32), noise(11, 12, 12, 3).astype(np.float32)
    slope, _ = linear(matte, guide, 20, 1e-3)  # one window for all
    colours, values = guide.reshape(-1, 3), matte.reshape(-1)
    covariance = np.cov(colours.T, bias=True) + 1e-3 * np.eye(3)
    expected = np.linalg.solve(covariance, ((colours - colours.mean(0)) * (values - values.mean())[:, None]).mean(0))
    assert np.allclose(slope[6, 6], expected, atol=1e-3)


def test_a_small_matte_is_brought_to_the_edges_of_a_large_picture():
    rgb = np.full((120, 160, 3), (60, 90, 140), np.uint8)
    rgb[:, 75:] = (200, 120, 60)
    coarse = np.zeros((15, 20), np.float32)
    coarse[:, 9:] = 1  # the edge at 72
    matte = guided(coarse, rgb, 12, 1e-4)
    assert matte.shape == (120, 160)
    assert np.abs(np.diff(matte[60])).argmax() == 74


def test_sizes_that_do_not_agree_are_named():
    with pytest.raises(UserError, match="matte is 20 x 10 pixels and its picture 16 x 12"):
        guided(np.zeros((10, 20), np.float32), np.zeros((12, 16, 3), np.uint8), 2, 1e-3)
    with pytest.raises(UserError, match="matte is 20 x 10 pixels and its picture 16 x 12"):
        refined(np.zeros((10, 20), np.float32), np.zeros((12, 16, 3), np.uint8))


# --- mattes ---


def disc(size=(120, 160), at=(80, 60), radius=36):
    """A textured disc before a textured ground of other colours, and its mask."""
    y, x = np.mgrid[: size[0], : size[1]]
    mask = np.hypot(x - at[0], y - at[1]) < radius
    grain = np.random.default_rng(12).normal(0, 14, (*size, 3))
    rgb = np.where(mask[..., None], (190, 120, 70), (80, 110, 130)) + grain
    return cv2.GaussianBlur(rgb.clip(0, 255).astype(np.uint8), (0, 0), 0.7), mask.astype(np.float32)


def likeness(matte, mask):
    """Their common part as a share of both together."""
    both = (matte > 0.5), (mask > 0.5)
    return np.logical_and(*both).sum() / np.logical_or(*both).sum()


def off(mask, pixels):
    """A mask grown by so many pixels, or shrunk."""
    side = 2 * abs(pixels) + 1
    window = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return cv2.dilate(mask, window) if pixels > 0 else cv2.erode(mask, window)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_matte_of_nothing_and_one_of_all_stay_as_they_are(way, value):
    matte = np.full((60, 80), value, np.float32)
    assert np.array_equal(refined(matte, disc((60, 80))[0], way), matte)


def test_a_matte_that_is_not_to_be_refined_is_not():
    rgb, mask = disc()
    assert np.array_equal(refined(off(mask, 2), rgb, "none"), off(mask, 2))
    with pytest.raises(UserError, match="refined by 'magic'; choose one of crf, guided, none"):
        refined(mask, rgb, "magic")


@pytest.mark.parametrize("pixels", [-3, 3])
def test_the_crf_brings_an_edge_that_is_off_to_where_the_colours_change(pixels):
    rgb, mask = disc((240, 320), (160, 120), 80)
    matte = refined(off(mask, pixels), rgb, "crf")
    assert matte.dtype == np.float32
    assert likeness(off(mask, pixels), mask) < 0.94
    assert likeness(matte, mask) > 0.98


@pytest.mark.parametrize("way", ["crf", "guided"])
def test_blocks_are_rounded_off(way):
    rgb, mask = disc((240, 320), (160, 120), 80)
    blocky = cv2.resize(mask[2::4, 2::4], (320, 240), interpolation=cv2.INTER_NEAREST)
    assert likeness(refined(blocky, rgb, way), mask) > likeness(blocky, mask) + 0.005


def test_what_is_far_from_the_edge_is_left_as_it_is():
    rgb, mask = disc((240, 320), (160, 120), 80)
    rgb[110:130, 150:170] = (80, 110, 130)  # of the colour of the ground, in the middle
    assert refined(off(mask, 2), rgb, "crf")[110:130, 150:170].min() == 1


def test_a_matte_at_the_border_of_the_picture_has_no_edge_there():
    rgb, mask = disc(at=(0, 60))
    assert refined(mask, rgb, "crf")[40:80, 0].min() > 0.9


@pytest.mark.parametrize("spoil", [4, -4])
def test_on_a_real_clip_masks_that_are_off_become_better(data, spoil):
    folder = data / "davis" / "dance-twirl"
    rgb, mask = (open_clip(str(folder / name)).read(13).rgb for name in ("frames", "masks"))
    mask = (mask[..., 0] > 127).astype(np.float32)
    assert likeness(refined(off(mask, spoil), rgb), mask) > likeness(off(mask, spoil), mask) + 0.03
