"""Cutting out while a person draws: what comes back, how it is corrected, and what is refused."""

import json

import cv2
import numpy as np
import pytest
from clips import write_png
from shots import HEIGHT, WIDTH, likeness, middle, write_shot

from style_core.cutting import Cut, Cutter
from style_core.job import Source
from style_core.setting import UserError, build

AROUND = [14, 26, 44, 44]


@pytest.fixture
def cut(tmp_path):
    """A function that cuts out of a shot of three frames, all by one Cutter, and returns what it told and the matte."""
    clip, _ = write_shot(tmp_path, 3)
    cutter = Cutter()

    def cut(**wish):
        wish = {"source": {"path": str(clip)}, "frame": 1, "matte": str(tmp_path / "matte.png")} | wish
        told = cutter.cut(build(Cut, json.loads(json.dumps(wish)), "cut"))
        return told, cv2.imread(wish["matte"], cv2.IMREAD_UNCHANGED)

    cut.cutter = cutter
    return cut


def true(tmp_path, number=1):
    """The mask of a frame."""
    return cv2.imread(str(tmp_path / "true" / f"{number:06d}.png"), cv2.IMREAD_UNCHANGED)


def test_a_rectangle_cuts_the_thing_out(cut, tmp_path):
    told, matte = cut(rectangle=AROUND)
    assert matte.dtype == np.uint8 and matte.shape == (HEIGHT, WIDTH)
    assert likeness(matte, true(tmp_path)) > 0.9
    assert told["size"] == [WIDTH, HEIGHT]
    assert told["share"] == pytest.approx(matte.mean() / 255)


def test_strokes_take_away_and_add(cut):
    corner = {"points": [[100.0, 10.5], [118, 10.5]], "radius": 5, "keep": True}
    half = {"points": [[middle(0)[0] - 14, 34], [middle(0)[0] - 14, 62]], "radius": 4.0, "keep": False}
    _, matte = cut(rectangle=AROUND, strokes=[corner, half])
    assert matte[10, 105] > 200, "what is painted over belongs to it, also outside of the rectangle"
    assert matte[48, middle(0)[0] - 14] < 50
    assert matte[48, middle(0)[0] + 10] > 200


def test_strokes_that_were_taken_back_leave_nothing(cut):
    _, before = cut(rectangle=AROUND)
    _, other = cut(rectangle=AROUND, strokes=[{"points": [[100, 10]], "radius": 8, "keep": True}])
    _, after = cut(rectangle=AROUND)
    assert not np.array_equal(before, other)
    assert np.array_equal(before, after)


def test_a_matte_is_corrected_where_strokes_are_and_stays_elsewhere(cut, tmp_path):
    start = true(tmp_path)
    start[70:90, 90:120] = 255  # a piece that does not belong to it
    write_png(tmp_path / "begin.png", start)
    begin = str(tmp_path / "begin.png")
    _, same = cut(begin=begin)
    assert likeness(same, start) > 0.97
    away = {"points": [[92, 80], [118, 80]], "radius": 8, "keep": False}
    _, matte = cut(begin=begin, strokes=[away])
    assert matte[80, 95:115].max() < 50
    assert likeness(matte, true(tmp_path)) > 0.93


def test_the_picture_is_looked_at_once_and_again_when_its_file_changes(cut, tmp_path):
    cut(rectangle=AROUND)
    kept = cut.cutter.cutout
    cut(rectangle=AROUND, strokes=[{"points": [[5, 5]], "radius": 3, "keep": False}])
    assert cut.cutter.cutout is kept
    _, moved = cut(frame=3, rectangle=[22, 26, 44, 44])
    assert likeness(moved, true(tmp_path, 3)) > 0.9
    _, back = cut(frame=1, rectangle=AROUND)
    assert likeness(back, true(tmp_path)) > 0.9


def test_the_overlay_is_a_small_graymap_of_the_same_matte(cut, tmp_path):
    told, matte = cut(rectangle=AROUND, overlay=str(tmp_path / "o.pgm"))
    overlay = cv2.imread(told["overlay"], cv2.IMREAD_UNCHANGED)
    assert (tmp_path / "o.pgm").read_bytes().startswith(b"P5\n128 96\n255\n")
    assert np.array_equal(overlay, matte)


def test_the_overlay_of_a_large_picture_is_no_larger_than_a_window_shows(cut, tmp_path):
    big = cv2.resize(cv2.imread(str(tmp_path / "clip" / "000001.png")), (1280, 961))
    cv2.imwrite(str(tmp_path / "big.png"), big)
    source = {"path": str(tmp_path / "big.png")}
    told, matte = cut(source=source, rectangle=[140.5, 260, 440, 440], overlay=str(tmp_path / "o.pgm"))
    overlay = cv2.imread(told["overlay"], cv2.IMREAD_UNCHANGED)
    assert overlay.shape == (721, 960)
    assert matte.shape == (961, 1280)
    assert likeness(cv2.resize(overlay, (1280, 961)), matte) > 0.97


def test_nothing_is_written_that_was_not_asked_for(cut, tmp_path):
    before = sorted(tmp_path.iterdir())
    told = cut.cutter.cut(Cut(source=Source(str(tmp_path / "clip")), rectangle=tuple(AROUND)))
    assert told["share"] > 0.05
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"rectangle": [400, 10, 20, 20]}, r"rectangle 400,10,20,20 lies outside of the picture of 128 x 96 pixels"),
        ({"rectangle": [10, 10, 20]}, "The rectangle is \\[10.0, 10.0, 20.0\\]: give x, y, width and height"),
        ({"rectangle": [10, float("nan"), 20, 20]}, "The rectangle is .*nan"),
        ({"frame": 9, "rectangle": AROUND}, r"Frame 9 is to be cut, but '.*clip' has 3 \(1-3\)"),
        ({"frame": 0}, "Frame is 0; it must be at least 1"),
        ({"source": {"path": "gone.mp4"}}, "The source 'gone.mp4' does not exist"),
        ({"begin": "gone.png"}, "The matte to begin from 'gone.png' does not exist"),
        ({"strokes": [{"points": [], "radius": 3, "keep": True}]}, "A stroke has no points"),
        ({"strokes": [{"points": [[3]], "radius": 3, "keep": True}]}, "A point of a stroke is \\[3.0\\]: give x and y"),
        ({"strokes": [{"points": [[3, 3]], "radius": -1, "keep": True}]}, "Radius is -1"),
        ({"strokes": [{"points": [[3, 3]], "radius": 20000, "keep": True}]}, "Radius is 20000"),
        ({"strokes": [{"dots": []}]}, "'cut.strokes' has no setting 'dots'"),
    ],
)
def test_a_wrong_wish_is_refused_with_what_to_do(cut, wish, words):
    with pytest.raises(UserError, match=words):
        cut(**wish)


def test_a_matte_of_another_size_is_no_beginning(cut, tmp_path):
    write_png(tmp_path / "small.png", np.zeros((10, 20), np.uint8))
    with pytest.raises(UserError, match="is 20 x 10 pixels, its frame 128 x 96"):
        cut(begin=str(tmp_path / "small.png"))


def test_after_a_wrong_wish_the_next_is_done(cut, tmp_path):
    with pytest.raises(UserError):
        cut(frame=7)
    assert likeness(cut(rectangle=AROUND)[1], true(tmp_path)) > 0.9
