"""One frame after the other: where a frame begins, what it keeps, and when it is finished."""

import dataclasses

import cv2
import numpy as np
import pytest
import torch
from clips import numbered_frame, style_picture, write_png

from style_core.job import Job, Look, Motion, Output
from style_core.media.frame import Frame
from style_core.motion.cuts import is_flat
from style_core.motion.flow import Flows
from style_core.regions.matte import surroundings
from style_core.report.measures import mean_lab
from style_core.session import Session, Subject

SIZE = (96, 64)


@pytest.fixture
def job(tmp_path):
    write_png(tmp_path / "style.png", style_picture())
    look = Look(styles=(str(tmp_path / "style.png"),), steps=8, first_size=64)
    return Job(look=look, motion=Motion(steps=4), output=Output(size=96), device="cpu")


def change(job, part, **values):
    return dataclasses.replace(job, **{part: dataclasses.replace(getattr(job, part), **values)})


def ignore(done, scales, loss):
    """For frames whose progress does not matter."""


def numbered(number, mask=None):
    return Subject(number, Frame(numbered_frame(number)), mask)


@pytest.fixture
def open_session():
    """Sessions whose flows are closed in the end."""
    opened = []

    def make(job):
        flows = Flows(job.motion, torch.device("cpu"))
        opened.append(flows)
        return Session(job.layers[0], SIZE, Frame(numbered_frame(1)), flows)

    yield make
    for flows in opened:
        flows.close()


def starts_of(session):
    """A list to which the start of every frame is added that the session paints, and which stays unpainted."""
    starts = []

    def note(content, start, scales, *more, **others):
        starts.append(start)
        return start

    session.painter.paint = note
    return starts


def test_a_random_start_is_noise_that_the_seed_and_the_frame_decide(job, open_session):
    noisy = change(job, "look", start="random")
    first = open_session(noisy).beginning(numbered(1))
    assert first.std() > 60
    assert np.array_equal(first, open_session(noisy).beginning(numbered(1)))
    assert not np.array_equal(first, open_session(noisy).beginning(numbered(2)))
    assert not np.array_equal(first, open_session(change(noisy, "look", seed=1)).beginning(numbered(1)))


def test_frames_that_carry_nothing_begin_from_themselves(job, open_session):
    session = open_session(change(job, "motion", carry="none"))
    starts = starts_of(session)
    session.follow(numbered(1), Frame(style_picture()))
    session.paint(numbered(2), ignore)
    assert np.array_equal(starts[0], numbered_frame(2))


def test_a_previous_start_is_the_painted_frame_before(job, open_session):
    session = open_session(change(job, "motion", carry="previous"))
    starts, painted = starts_of(session), 255 - numbered_frame(1)
    session.paint(numbered(1), ignore)
    assert np.array_equal(starts[0], numbered_frame(1)), "the first has none before it"
    session.follow(numbered(1), Frame(painted))
    session.paint(numbered(2), ignore)
    assert np.array_equal(starts[1], painted)


def passing(shift):
    """A textured view of a camera that has gone on by (3, 2) pixels `shift` times, and paint on its things."""
    rng = np.random.default_rng(0)
    wide = np.kron(rng.integers(0, 256, (13, 22, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    paint = cv2.GaussianBlur(rng.integers(0, 256, (104, 176, 3)).astype(np.uint8), (0, 0), 2)
    view = np.s_[20 - 2 * shift : 84 - 2 * shift, 30 - 3 * shift : 126 - 3 * shift]
    return np.ascontiguousarray(wide[view]), np.ascontiguousarray(paint[view])


def test_a_warped_start_moves_the_paint_along_with_the_film(job, open_session):
    session = open_session(job)
    starts = starts_of(session)
    (earlier, old), (later, moved) = passing(0), passing(1)
    session.follow(Subject(1, Frame(earlier)), Frame(old))
    session.paint(Subject(2, Frame(later)), ignore)
    still = np.abs(starts[-1].astype(int) - old).mean()
    along = np.abs(starts[-1].astype(int) - moved)[8:-8, 8:-8].mean()
    assert along < 0.3 * still


def test_a_frame_that_is_shown_again_is_not_painted_again(job, open_session):
    session, steps = open_session(job), []
    painted = session.paint(numbered(1), lambda done, *rest: steps.append(done))
    assert len(steps) > 8
    session.follow(numbered(1), painted)
    steps.clear()
    again = session.paint(Subject(2, Frame(numbered_frame(1))), lambda done, *rest: steps.append(done))
    assert not steps
    assert np.array_equal(again.rgb, painted.rgb)


def grainy(seed):
    picture, _ = passing(0)
    noise = np.random.default_rng(seed).normal(0, 1.5, picture.shape)
    return Frame(np.clip(picture // 2 + 60 + noise, 0, 255).astype(np.uint8))


def test_a_frame_that_begins_as_good_as_the_first_is_finished_at_once(job, open_session):
    def steps_of(tolerance):
        session, steps = open_session(change(job, "motion", tolerance=tolerance)), []
        session.follow(Subject(1, grainy(1)), session.paint(Subject(1, grainy(1)), ignore))
        session.paint(Subject(2, grainy(2)), lambda done, *rest: steps.append(done))
        return steps

    assert steps_of(0.03) == [0]
    assert steps_of(0.0) == [0, 1, 2, 3, 4]


@pytest.mark.slow
def test_paint_that_is_trusted_is_held_and_more_so_with_more_weight(job, open_session):
    def change_of(weight):
        some = change(change(job, "look", steps=60), "motion", tolerance=0.0, temporal=weight, steps=12)
        session = open_session(some)
        first = session.paint(Subject(1, grainy(1)), ignore)
        session.follow(Subject(1, grainy(1)), first)
        return np.abs(session.paint(Subject(2, grainy(2)), ignore).rgb.astype(int) - first.rgb).mean()

    free, held, firmly = change_of(0.0), change_of(1.0), change_of(100.0)
    assert free > 1.05 * held > 2 * firmly


def test_what_comes_into_sight_is_painted_anew_and_not_smeared(job, open_session):
    session = open_session(change(job, "motion", tolerance=0.5, steps=6))
    background = np.full((64, 96, 3), 110, np.uint8)
    background[::6] = 150
    earlier, later = background.copy(), background.copy()
    earlier[16:48, 20:60], later[16:48, 44:84] = (250, 250, 240), (250, 250, 240)
    first = session.paint(Subject(1, Frame(earlier)), ignore)
    session.follow(Subject(1, Frame(earlier)), first)
    painted = session.paint(Subject(2, Frame(later)), ignore).rgb.astype(int)
    came = np.s_[20:44, 24:40]
    assert np.abs(painted[came] - later[came]).mean() > 8, "it is painted"
    assert np.abs(painted[came].mean((0, 1)) - first.rgb[came].mean((0, 1))).max() > 30, "the bright thing has gone"


def test_a_region_that_grows_is_painted_where_it_was_not(job, open_session):
    session = open_session(change(job, "motion", tolerance=0.5))
    small, large = np.zeros((64, 96), np.float32), np.zeros((64, 96), np.float32)
    small[:, :40], large[:, :80] = 1, 1
    first = Subject(1, grainy(1), small)
    session.follow(first, session.paint(first, ignore))
    second = Subject(2, grainy(2), large)
    painted = session.paint(second, ignore).rgb.astype(int)
    assert np.abs(painted - second.content.rgb)[:, 44:76].mean() > 8
    assert np.array_equal(painted[:, 80:], second.content.rgb[:, 80:])


def test_a_small_region_is_painted_in_its_own_part_of_the_frame(job, open_session):
    session, looked_at = open_session(job), []
    mask = np.zeros((64, 96), np.float32)
    mask[4:12, 70:84] = 1
    paint = session.painter.paint

    def note(content, start, scales, region, *more, **others):
        looked_at.append((content.shape, region.shape, [(scale.width, scale.height) for scale in scales]))
        return paint(content, start, scales, region, *more, **others)

    session.painter.paint = note
    painted = session.paint(Subject(1, grainy(1), surroundings(mask)), ignore).rgb.astype(int)
    ((content, region, sizes),) = looked_at
    assert content[1] < 96
    assert content[:2] == region == sizes[-1][::-1]
    assert np.array_equal(painted[:, :16], grainy(1).rgb[:, :16])
    assert np.abs(painted - grainy(1).rgb)[4:12, 70:84].mean() > 8


def test_after_a_cut_nothing_is_taken_over(job, open_session):
    session = open_session(change(job, "motion", cuts="2"))
    starts = starts_of(session)
    session.follow(numbered(1), Frame(style_picture()))
    session.paint(numbered(2), ignore)
    assert np.array_equal(starts[0], numbered_frame(2))


def fading(low, count):
    """A still scene whose light fades to `low` and comes back, 2 * count + 1 frames."""
    picture, _ = passing(0)
    lights = [1 - (1 - low) * (1 - abs(1 - i / count)) for i in range(2 * count + 1)]
    return [Frame(np.rint(40 * light + light * 0.6 * picture).astype(np.uint8)) for light in lights]


def painted_film(session, frames):
    """The frames one after the other, as the session paints them."""
    done = []
    for number, frame in enumerate(frames, 1):
        done.append(session.paint(Subject(number, frame), ignore))
        session.follow(Subject(number, frame), done[-1])
    return [frame.rgb for frame in done]


@pytest.mark.slow
def test_paint_follows_the_light_of_a_fade_and_comes_back_with_it(job, open_session):
    frames = fading(0.4, 5)
    painted = [mean_lab(rgb) for rgb in painted_film(open_session(job), frames)]
    alone = open_session(change(job, "motion", carry="none"))
    apart = mean_lab(alone.paint(Subject(10, frames[10]), ignore).rgb)
    dark = mean_lab(frames[5].rgb)[0]
    assert abs(painted[5][0] - dark) < 5, "as dark as the film"
    assert np.linalg.norm(painted[10] - apart) < 5, "in the end no farther from what the frame would be by itself"
    assert abs(painted[10][0] - painted[0][0]) < 2.5, "and as light as before"
    assert np.abs(np.diff([lab[0] for lab in painted])).max() < 12, "without a jump"


def test_black_stays_black_where_a_film_begins_with_it(job, open_session):
    black = Frame(np.full((64, 96, 3), 2, np.uint8))
    session = open_session(job)
    painted = session.paint(Subject(1, black), ignore)
    assert np.array_equal(painted.rgb, black.rgb)
    session.follow(Subject(1, black), painted)
    lit = Subject(2, Frame(passing(0)[0]))
    assert session.paint(lit, ignore).rgb.mean() > 50, "what comes after it is painted"


def test_black_between_two_fades_stays_black_and_the_shot_goes_on(job, open_session):
    session = open_session(job)
    picture, _ = passing(0)
    scene, dark, black = (Frame((picture * light).astype(np.uint8)) for light in (0.8, 0.3, 0))
    first, _, at_black, _, _ = painted_film(session, [scene, dark, black, dark, scene])[:5]
    assert at_black.mean() < 12
    assert session.history.first.shot.number == 1, "it is one shot"
    assert first.std() > 20


def test_fog_is_held_like_anything_else(job, open_session):
    rng = np.random.default_rng(2)
    thin = cv2.GaussianBlur(rng.normal(0, 30, (64, 96, 3)), (0, 0), 4)
    fog = [Frame(np.clip(170 + thin + rng.normal(0, 0.7, thin.shape), 0, 255).astype(np.uint8)) for _ in range(3)]
    assert is_flat(fog[0].rgb)
    held = []
    session = open_session(job)
    paint = session.painter.paint

    def note(*given):
        held.append(given[5])
        return paint(*given)

    session.painter.paint = note
    painted_film(session, fog)
    assert held[0] is None
    assert all(earlier.trust.mean() > 0.8 for earlier in held[1:])


def test_a_pass_before_and_the_frame_beside_it_both_count(job, open_session):
    session = open_session(job)
    starts = starts_of(session)
    (earlier, old), (later, moved) = passing(0), passing(1)
    session.follow(Subject(2, Frame(earlier)), Frame(old))
    session.paint(Subject(1, Frame(later)), ignore, before=Frame(np.full((64, 96, 3), 128, np.uint8)))
    mixed = (moved.astype(int) + 128) / 2
    assert np.abs(starts[-1] - mixed)[8:-8, 8:-8].mean() < 6
