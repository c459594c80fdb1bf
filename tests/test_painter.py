"""One picture painted: what the look decides, and what a painting must do."""

import gc
import weakref

import numpy as np
import pytest
import torch
from paintings import CPU, bright_square, once, per_position, striped, textured

from style_core.engine.descent import descend
from style_core.engine.lbfgs import Lbfgs
from style_core.engine.losses import GramDistance, content_loss, gram_loss, total_variation
from style_core.engine.objective import CONTENT_SCALE
from style_core.engine.painter import Painter, choose_device
from style_core.engine.scales import Scale, pyramid
from style_core.job import Look, UserError
from style_core.look import STYLE_LOSSES


@pytest.fixture(scope="module")
def pictures():
    """A content and a style."""
    return bright_square(), striped()


@pytest.fixture(scope="module")
def painter(pictures):
    return Painter(Look(), [pictures[1]], CPU, "full")


def test_total_loss_is_equation_4_with_the_looks_weights(pictures):
    content, style = pictures
    weights = (1.0, 2.0, 3.0, 4.0, 5.0)
    look = Look(content_weight=2.0, style_weight=3.0, smoothness=0.5, style_layer_weights=weights)
    painter = Painter(look, [style], CPU, "full")
    x, frame = painter.to_tensor(style), painter.to_tensor(content)
    found, wanted = painter.encoder(x, painter.layers), painter.encoder(frame, painter.layers)
    targets = painter.style_targets(48 * 64)
    pairs = zip(look.style_layers, weights, strict=True)
    styles = [
        weight
        * gram_loss(per_position(found[n]), targets[n].target)
        * GramDistance.energies[n]
        / targets[n].target.gram.square().mean()
        for n, weight in pairs
    ]
    by_hand = (
        2.0 * CONTENT_SCALE * sum(content_loss(found[n], wanted[n]) for n in look.content_layers)
        + 3.0 * GramDistance.scale * sum(styles)
        + 0.5 * GramDistance.variation_scale * total_variation(x)
    )
    assert painter.objective(frame, None).evaluate(x)[0].item() == pytest.approx(by_hand.item(), rel=1e-5)


@pytest.mark.parametrize("kind", STYLE_LOSSES)
def test_a_faint_style_picture_counts_as_much_as_a_glowing_one(pictures, kind):
    content, style = pictures
    faint = (128 + 0.3 * (style.astype(float) - 128)).astype(np.uint8)

    def strength(picture):
        """The loss of what has nothing of the style."""
        painter = Painter(Look(content_weight=0.0, smoothness=0.0, style_loss=kind), [picture], CPU, "full")
        grey = painter.to_tensor(np.full_like(content, 128))
        return painter.objective(grey, None).evaluate(grey)[0].item()

    assert strength(faint) == pytest.approx(strength(style), rel=0.5)


def test_painting_lowers_the_loss_and_brings_the_styles_colours(pictures, painter):
    content, _ = pictures
    losses = []
    painted = painter.paint(content, content, once(content, 60), on_step=lambda done, loss: losses.append(loss))
    assert losses[-1] < 0.3 * losses[0]

    def distance(x):
        found = painter.encoder(painter.to_tensor(x), ["conv2_1"])["conv2_1"]
        return gram_loss(per_position(found), painter.style_targets(48 * 64)["conv2_1"].target).item()

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
    painter.style_targets(48 * 64)
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


def test_brush_size_and_rotation_change_what_style_is_looked_for(pictures):
    _, stripes = pictures
    plain, broad, turned = (
        Painter(Look(**more), [stripes], CPU, "full").style_targets(48 * 64)["conv2_1"].target.gram
        for more in ({}, {"brush_size": 2.0}, {"rotation": 90.0})
    )
    assert (broad - plain).norm() > 0.05 * plain.norm()
    assert (turned - plain).norm() > 0.05 * plain.norm()


def test_a_quarter_turn_makes_upright_stripes_lie(pictures):
    _, stripes = pictures
    turned = Painter(Look(rotation=90.0), [stripes], CPU, "full").style_targets(48 * 64)
    lying = Painter(Look(), [np.ascontiguousarray(np.rot90(stripes))], CPU, "full").style_targets(48 * 64)
    assert torch.allclose(turned["conv3_1"].target.gram, lying["conv3_1"].target.gram)


def test_style_pictures_are_mixed_by_their_shares(pictures):
    content, stripes = pictures
    both = [stripes, content]

    def gram(**more):
        return Painter(Look(styles=("a", "b"), **more), both, CPU, "full").style_targets(48 * 64)["conv1_1"].target.gram

    first, second, mixed = gram(style_shares=(1.0, 0.0)), gram(style_shares=(0.0, 5.0)), gram(style_shares=(1.0, 3.0))
    assert torch.allclose(mixed, 0.25 * first + 0.75 * second, rtol=1e-4)
    assert torch.allclose(gram(), 0.5 * first + 0.5 * second, rtol=1e-4)


def painted_with(content, style, steps=12, **more):
    return Painter(Look(**more), [style], CPU, "full").paint(content, content, once(content, steps))


def luma_of(picture):
    return picture.astype(float) @ (0.2126, 0.7152, 0.0722)


def chroma_of(picture):
    return picture - luma_of(picture)[..., None]


def test_keeping_colours_by_luminance_paints_light_and_dark_alone(pictures):
    content, style = pictures
    plain, kept = painted_with(content, style), painted_with(content, style, keep_colours=1.0)
    assert np.abs(chroma_of(plain) - chroma_of(content)).mean() > 10
    assert np.abs(chroma_of(kept) - chroma_of(content)).mean() < 2
    assert np.abs(luma_of(kept) - luma_of(content)).mean() > 5, "it is painted all the same"


def test_keeping_some_of_the_colours_lies_between(pictures):
    content, style = pictures
    far = [
        np.abs(chroma_of(painted_with(content, style, keep_colours=share)) - chroma_of(content)).mean()
        for share in (0.0, 0.5, 1.0)
    ]
    assert far[0] > 1.2 * far[1] > 1.2 * far[2]


def test_keeping_colours_by_statistics_paints_with_the_sources_palette():
    content, style = textured(30, 64, 80) // 4 + np.uint8([120, 20, 20]), striped()  # reds; orange and blue
    kept = painted_with(content, style, keep_colours=1.0, keep_colours_by="statistics")
    plain = painted_with(content, style)
    means = [np.abs(p.reshape(-1, 3).mean(0) - content.reshape(-1, 3).mean(0)).max() for p in (plain, kept)]
    assert means[1] < 0.4 * means[0]


def test_kept_colours_are_those_of_the_films_first_frame(pictures):
    content, style = pictures
    look = Look(keep_colours=1.0, keep_colours_by="statistics")
    red, blue = (np.full_like(content, 0) + np.uint8(c) for c in ((180, 40, 40), (40, 40, 180)))
    painter = Painter(look, [style], CPU, "full", source=red)
    painter.paint(blue, blue, once(blue, 1))
    means = painter.styles[0].mean((0, 2, 3))
    assert means[0] > 2 * means[2]


def test_a_region_keeps_its_surroundings_also_when_colours_are_kept(pictures):
    content, style = pictures
    region = np.zeros((48, 64), np.float32)
    region[:, 32:] = 1
    painter = Painter(Look(keep_colours=0.5), [style], CPU, "full")
    assert np.array_equal(painter.paint(content, content, once(content, 3), region)[:, :32], content[:, :32])


def test_a_look_without_content_is_style_alone(pictures):
    content, style = pictures
    painter = Painter(Look(content_weight=0.0), [style], CPU, "full")
    objective = painter.objective(painter.to_tensor(content), None)
    assert not objective.content
    assert objective.evaluate(painter.to_tensor(style))[0] < 0.01 * objective.evaluate(painter.to_tensor(content))[0]


@pytest.mark.slow
def test_adam_paints_too(pictures):
    content, style = pictures
    losses = []
    painter = Painter(Look(optimiser="adam"), [style], CPU, "full")
    painter.paint(content, content, once(content, 60), on_step=lambda done, loss: losses.append(loss))
    assert losses[-1] < 0.3 * losses[0]


@pytest.mark.slow
def test_a_size_is_finished_early_when_the_loss_has_settled(pictures):
    content, style = pictures

    def steps(tolerance):
        done = []
        painter = Painter(Look(tolerance=tolerance), [style], CPU, "full")
        painter.paint(content, content, once(content, 60), on_step=lambda step, loss: done.append(step))
        return len(done)

    assert steps(0.0) == 61
    assert 10 < steps(0.5) < 60


def test_a_loss_without_bounds_is_refused_with_a_sentence(pictures):
    content, style = pictures
    look = Look(style_weight=1e6, style_layer_weights=(1e9,) * 5, content_layer_weights=(1e9,), content_weight=1e6)
    painter = Painter(look, [style], CPU, "full")
    objective = painter.objective(painter.to_tensor(content), None)
    for distance in objective.targets.style.values():
        distance.target.gram.fill_(1e30)
    with pytest.raises(UserError, match="lower its weights"):
        painter.paint(content, content, once(content, 3))


@pytest.mark.slow
def test_a_step_that_goes_astray_is_taken_back(pictures):
    content, style = pictures
    painter = Painter(Look(), [style], CPU, "full")
    x = painter.to_tensor(content)
    objective, judged = painter.objective(x, None), []

    class Reckless(Lbfgs):
        """Jumps back to the beginning, which is far worse than what it had reached, at its 40th step."""

        def step(self, now, gradient):
            after = super().step(now, gradient)
            return x if len(judged) == 40 else after

    descend(objective, x, 70, Reckless(x), 0.0, lambda done, loss: judged.append(loss))
    reached = min(judged[:41])
    assert judged[41] == judged[0] > 4 * reached
    assert judged[42] == pytest.approx(reached, rel=1e-6), "it goes on from the best one"
    assert judged[-1] < reached


@pytest.mark.slow
def test_an_earlier_size_without_steps_still_holds_its_strokes():
    content, style = textured(31, 96, 128), textured(32, 96, 128)
    with_small, alone = [Scale(64, 48, 0), Scale(128, 96, 6)], [Scale(128, 96, 6)]
    painted = [Painter(Look(coarse_weight=w), [style], CPU, "full").paint(content, content, scales)
               for w, scales in ((1.0, with_small), (1.0, alone), (0.0, with_small))]  # fmt: skip
    assert not np.array_equal(painted[0], painted[1])
    assert np.array_equal(painted[1], painted[2])
