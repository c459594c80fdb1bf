"""From coarse to fine: sizes, steps, and the same look at every size."""

import cv2
import pytest
import torch
from paintings import CPU, rounds, textured
from torch.nn import functional as F

from style_core.engine.objective import Coarser, shrinking
from style_core.engine.painter import Painter
from style_core.engine.scales import Scale, following, pixel_steps, pyramid
from style_core.job import Look
from style_core.media.frame import Frame, fitted_size
from style_core.media.pictures import read_picture


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


def test_sides_are_made_shorter_by_a_matrix_as_pictures_are():
    x = rounds(40, 1, 3, 60, 81).float()
    down, across = shrinking(60, 23), shrinking(81, 31)
    usual = F.interpolate(x, (23, 31), mode="bicubic", antialias=True, align_corners=False)
    assert torch.allclose(down @ x @ across.T, usual, atol=1e-5)
    assert torch.allclose(down.sum(1), torch.ones(23), atol=1e-5), "brightness stays"


def test_the_gradient_of_a_smaller_size_is_that_of_the_frame():
    target = rounds(41, 1, 3, 6, 8)

    class Square:
        """A stand-in for what is minimised at the smaller size, whose gradient is known."""

        encoder = type("E", (), {"mean": target})

        def evaluate(self, small):
            return (small - target).square().sum(), 2 * (small - target)

    coarse = Coarser(Square(), (6, 8), (15, 20), 0.5)
    coarse.down, coarse.across = coarse.down.double(), coarse.across.double()
    x = rounds(42, 1, 3, 15, 20).requires_grad_()
    by_autograd = torch.autograd.grad(0.5 * (coarse.down @ x @ coarse.across.T - target).square().sum(), x)[0]
    assert torch.allclose(coarse(x.detach())[1], by_autograd)


def style_distance(painted, style, width, height):
    """Wasserstein-2 distance of mean and covariance over the style layers, of a picture resized to a common size."""
    judge = Painter(Look(style_loss="covariance"), [style], CPU, "full")
    picture = judge.to_tensor(painted)
    seen = F.interpolate(picture, (height, width), mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
    found = judge.moments_of(seen)
    return sum(
        distance(found[name].per_position()).item() for name, distance in judge.style_targets(height * width).items()
    )


def distances(content, style, sizes, **more):
    """Style distances of a content painted at these sizes, all seen at the first of them."""
    height, width = content.shape[:2]
    painter, found = Painter(Look(**more), [style], CPU, "auto"), []
    for size in sizes:
        frame = Frame(content).resized(*fitted_size(width, height, size)).rgb
        scales = pyramid(frame.shape[1], frame.shape[0], painter.look.first_size, painter.look.steps)
        found.append(style_distance(painter.paint(frame, frame, scales), style, *fitted_size(width, height, sizes[0])))
    return found


@pytest.mark.slow
def test_a_small_preview_has_the_strokes_of_the_large_result():
    content, style = textured(43, 192, 256), cv2.GaussianBlur(textured(44, 192, 256), (0, 0), 2)
    small, held = distances(content, style, (64, 256), first_size=64)
    _, free = distances(content, style, (64, 256), first_size=64, coarse_weight=0.0)
    assert abs(held / small - 1) < 0.45
    assert abs(held / small - 1) < 0.85 * abs(free / small - 1)


@pytest.mark.slow
def test_a_preview_of_96_pixels_has_the_strokes_of_a_result_of_384(data):
    content = read_picture(data / "content" / "tubingen.jpg").rgb
    style = read_picture(data / "style" / "starry_night.jpg").rgb
    small, large = distances(content, style, (96, 384), first_size=96)
    assert large == pytest.approx(small, rel=0.25)


def test_a_frame_that_goes_on_from_good_paint_is_painted_at_its_own_size_alone_in_fewer_steps_the_larger_it_is():
    assert following([Scale(256, 144, 100)], 20) == [Scale(256, 144, 20)]
    assert [scale.steps for scale in following(pyramid(1024, 576, 256, 100), 20)] == [0, 0, 10]
    assert following(pyramid(3840, 2160, 256, 100), 20)[-1].steps == 6
    assert following(pyramid(1024, 576, 256, 100), 2)[-1].steps == 2, "no more than asked for"


def test_a_part_of_a_frame_has_strokes_of_the_frames_size():
    part = Scale(512, 288, 10).part((0.5, 0.25))
    assert part == Scale(256, 72, 10, frame_area=512 * 288)
    assert part.area == Scale(512, 288, 10).area
