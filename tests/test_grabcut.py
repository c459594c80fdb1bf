"""Objects cut out of a still: by a rectangle, by strokes, and begun from a matte."""

import numpy as np
import pytest
from moving import SIZE, as_matte, ground, likeness, shown

from style_core.media.clip import open_clip
from style_core.regions.grabcut import Cutout
from style_core.setting import UserError

PLACE, RADIUS = (70, 45), 20
AROUND = (45, 20, 50, 50)


def cut(rgb, rectangle):
    """The matte of what lies in a rectangle."""
    cutout = Cutout(rgb)
    cutout.draw_rectangle(rectangle)
    return cutout.matte()


# --- a rectangle ---


def test_a_rectangle_finds_the_thing_in_it():
    rgb, mask = shown(PLACE, RADIUS)
    matte = cut(rgb, AROUND)
    assert matte.dtype == np.uint8
    assert matte.shape == SIZE
    assert likeness(matte, mask) > 0.93


def test_nothing_outside_of_the_rectangle_is_cut_out():
    rgb, _ = shown(PLACE, RADIUS)
    matte = cut(rgb, (60, 30, 30, 30))
    matte[30:60, 60:90] = 0
    assert not matte.any()


def test_the_same_rectangle_is_always_cut_alike():
    rgb, _ = shown(PLACE, RADIUS)
    cutout = Cutout(rgb)
    cutout.draw_rectangle((0, 0, 60, 60))
    cutout.matte()
    cutout.draw_rectangle(AROUND)
    assert np.array_equal(cutout.matte(), cut(rgb, AROUND))


@pytest.mark.parametrize("size", [(160, 90), (97, 131), (24, 40), (17, 300), (9, 11)])
def test_pictures_of_any_size_can_be_cut(size):
    place = size[1] / 2, size[0] / 2
    rgb, mask = shown(place, min(size) / 3, size)
    matte = cut(rgb, (0, 0, size[1], size[0]))
    assert matte.shape == size
    if min(size) > 20:
        assert likeness(matte, mask) > 0.7


def test_a_grey_picture_can_be_cut():
    rgb, mask = shown(PLACE, RADIUS)
    grey = np.dstack([rgb.max(-1)] * 3)
    assert likeness(cut(grey, AROUND), mask) > 0.85


def test_a_rectangle_that_is_partly_outside_counts_as_far_as_it_is_inside():
    rgb, mask = shown((6, 45), RADIUS)
    assert likeness(cut(rgb, (-30, 20, 60, 50)), mask) > 0.9


def test_a_thing_that_fills_the_picture_can_be_cut_out():
    rgb, mask = shown(PLACE, 200)
    assert mask.all()
    assert likeness(cut(rgb, (0, 0, SIZE[1], SIZE[0])), mask) > 0.6


def test_a_tiny_thing_in_a_large_picture_is_found():
    rgb, mask = shown((400, 300), 4, (480, 640))
    assert likeness(cut(rgb, (393, 293, 15, 15)), mask) > 0.55


@pytest.mark.parametrize("rectangle", [(30, 40, 1, 1), (0, 50, 160, 1), (12.4, 30.2, 20.5, 30.1)])
def test_lines_points_and_fractions_of_pixels_are_rectangles(rectangle):
    assert cut(shown(PLACE, RADIUS)[0], rectangle).shape == SIZE


def test_a_uniform_picture_has_a_matte_that_stays_within_the_rectangle():
    matte = cut(np.full((*SIZE, 3), 90, np.uint8), AROUND)
    matte[20:70, 45:95] = 0
    assert not matte.any()


@pytest.mark.parametrize(
    ("rectangle", "words"),
    [
        ((200, 10, 30, 30), "200,10,30,30 lies outside of the picture of 160 x 96 pixels"),
        ((-50, 10, 30, 30), "lies outside"),
        ((10, 10, 0, 30), "0 x 30 pixels: draw one that is wider and higher"),
    ],
)
def test_a_rectangle_in_which_nothing_can_be_is_named(rectangle, words):
    with pytest.raises(UserError, match=words):
        Cutout(ground()).draw_rectangle(rectangle)


# --- strokes ---


def test_without_anything_said_nothing_is_cut_out():
    assert not Cutout(ground()).matte().any()


@pytest.mark.parametrize("keep", [True, False])
def test_strokes_win_over_everything(keep):
    rgb, _ = shown(PLACE, RADIUS)
    cutout = Cutout(rgb)
    cutout.draw_rectangle(AROUND)
    points = ((5.0, 5.0), (70.0, 45.0), (150.0, 90.0))  # across the ground, the thing, and out of the rectangle
    cutout.draw_stroke(points, 3.0, keep)
    matte = cutout.matte()
    assert all(matte[int(y), int(x)] == (255 if keep else 0) for x, y in points)


def test_a_later_stroke_lies_over_an_earlier_one():
    cutout = Cutout(shown(PLACE, RADIUS)[0])
    cutout.draw_rectangle(AROUND)
    for keep in (False, True):
        cutout.draw_stroke(((70.0, 45.0),), 4.0, keep)
    assert cutout.matte()[45, 70] == 255


def test_a_stroke_takes_away_what_looks_like_what_is_under_it():
    rgb, mask = shown(PLACE, RADIUS)
    other = shown((115, 45), 14)
    rgb = np.where(other[1][..., None], 255 - other[0], rgb)  # a bluish disc beside the first
    cutout = Cutout(rgb)
    cutout.begin(as_matte(mask | other[1]))
    cutout.draw_stroke(((110.0, 45.0), (120.0, 45.0)), 3.0, False)
    assert likeness(cutout.matte(), mask) > 0.95


def test_a_stroke_alone_finds_what_it_lies_on():
    rgb, mask = shown(PLACE, RADIUS)
    cutout = Cutout(rgb)
    cutout.draw_stroke(((60.0, 45.0), (80.0, 45.0)), 4.0, True)
    assert likeness(cutout.matte(), mask) > 0.75


def test_strokes_can_be_cleared():
    cutout = Cutout(shown(PLACE, RADIUS)[0])
    cutout.draw_rectangle(AROUND)
    before = cutout.matte()
    cutout.draw_stroke(((70.0, 45.0),), 8.0, False)
    assert not np.array_equal(cutout.matte(), before)
    cutout.strokes.clear()
    assert np.array_equal(cutout.matte(), before)


def test_a_far_stroke_leaves_the_thing_as_it_is_and_no_trace_when_it_is_taken_back():
    rgb, _ = shown(PLACE, RADIUS)
    cutout = Cutout(rgb)
    cutout.draw_rectangle(AROUND)
    before = cutout.matte()
    cutout.draw_stroke(((3.0, 86.0), (6.0, 86.0)), 2.0, False)
    assert np.array_equal(cutout.matte(), before)
    cutout.draw_stroke(((70.0, 45.0), (74.0, 45.0)), 3.0, False)
    both = cutout.matte()
    cutout.strokes.clear()
    assert np.array_equal(cutout.matte(), before)
    fresh = Cutout(rgb)
    fresh.draw_rectangle(AROUND)
    fresh.draw_stroke(((3.0, 86.0), (6.0, 86.0)), 2.0, False)
    fresh.draw_stroke(((70.0, 45.0), (74.0, 45.0)), 3.0, False)
    assert np.array_equal(fresh.matte(), both), "whatever was tried before"


def test_strokes_outside_of_the_picture_change_nothing():
    cutout = Cutout(shown(PLACE, RADIUS)[0])
    cutout.draw_rectangle(AROUND)
    before = cutout.matte()
    cutout.draw_stroke(((1e6, -1e6), (1e7, -1e6)), 5.0, True)
    assert np.array_equal(cutout.matte(), before)


# --- begun from a matte ---


def test_a_matte_without_strokes_stays_as_it_is():
    rgb, mask = shown(PLACE, RADIUS)
    cutout = Cutout(rgb)
    cutout.begin(as_matte(mask))
    assert np.array_equal(cutout.matte(), as_matte(mask))


def test_a_stroke_brings_back_what_a_matte_lacks_and_leaves_what_is_far_from_it():
    rgb, mask = shown(PLACE, RADIUS)
    lacking = as_matte(mask)
    lacking[:, 72:] = 0
    lacking[5:9, 5:9] = 255  # wrong, and far away
    cutout = Cutout(rgb)
    cutout.begin(lacking)
    cutout.draw_stroke(((80.0, 40.0), (80.0, 50.0)), 3.0, True)
    matte = cutout.matte()
    assert likeness(lacking, mask) < 0.6
    assert likeness(matte[:, 30:], mask[:, 30:]) > 0.93
    assert np.array_equal(matte[:, :30], lacking[:, :30])


def test_a_matte_of_nothing_can_be_begun_from():
    rgb, mask = shown(PLACE, RADIUS)
    cutout = Cutout(rgb)
    cutout.begin(np.zeros(SIZE, np.uint8))
    assert not cutout.matte().any()
    cutout.draw_stroke(((60.0, 45.0), (80.0, 45.0)), 4.0, True)
    assert likeness(cutout.matte(), mask) > 0.8


def test_what_was_begun_is_not_changed_itself():
    rgb, mask = shown(PLACE, RADIUS)
    begun = as_matte(mask)
    cutout = Cutout(rgb)
    cutout.begin(begun)
    cutout.draw_stroke(((70.0, 45.0),), 5.0, False)
    assert cutout.matte()[45, 70] == 0
    assert begun[45, 70] == 255


def test_a_rectangle_begins_anew():
    rgb, mask = shown(PLACE, RADIUS)
    cutout = Cutout(rgb)
    cutout.begin(np.full(SIZE, 255, np.uint8))
    cutout.draw_rectangle(AROUND)
    assert likeness(cutout.matte(), mask) > 0.93


def test_a_matte_of_another_size_is_named():
    with pytest.raises(UserError, match="begin from is 20 x 10 pixels, the picture 160 x 96"):
        Cutout(ground()).begin(np.zeros((10, 20), np.uint8))


# --- people ---


def test_a_person_is_cut_out_of_a_crowd(data):
    folder = data / "davis" / "dance-twirl"
    rgb, mask = (open_clip(str(folder / name)).read(1).rgb for name in ("frames", "masks"))
    mask = mask[..., 0] > 127
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    matte = cut(rgb, (columns[0] - 3, rows[0] - 3, np.ptp(columns) + 7, np.ptp(rows) + 7))
    assert likeness(matte, mask) > 0.7
