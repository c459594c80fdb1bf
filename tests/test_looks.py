"""Looks with a name: presets that come along, files that people write."""

from itertools import product

import cv2
import numpy as np
import pytest
from clips import numbered_frame, style_picture, write_png

from style_core.__main__ import main
from style_core.job import Look, UserError
from style_core.looks import find_look, presets, with_look

ASKED_FOR = ("painting", "portrait", "ink", "bold", "texture", "colours")


def write_look(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_every_preset_has_a_name_a_sentence_and_settings_that_fit():
    found = presets()
    assert set(ASKED_FOR) <= set(found)
    assert next(iter(found)) == "painting"
    assert with_look(Look(), found["painting"]) == Look(), "the plain look is what is painted without any"
    for look in found.values():
        assert look.name
        assert look.about.endswith(".")
        with_look(Look(styles=("a.png",)), look)
    assert len({with_look(Look(), look) for look in found.values()}) == len(found)


def test_a_named_look_is_the_same_whatever_look_the_rest_is_painted_in():
    plain = Look(styles=("a.png", "b.png"), style_shares=(1.0, 2.0), steps=7, tolerance=0.1)
    for below, named in product(presets().values(), repeat=2):
        assert with_look(with_look(plain, below), named) == with_look(plain, named), (below.key, named.key)


def test_of_the_job_a_named_look_takes_only_the_pictures_and_the_effort_that_it_leaves_out(tmp_path):
    job = Look(styles=("a.png",), style_shares=(2.0,), steps=7, brush_size=3.0, start="random")
    assert with_look(job, presets()["painting"]) == Look(styles=("a.png",), style_shares=(2.0,), steps=7)
    file = write_look(tmp_path / "mine.toml", 'styles = ["b.png", "c.png"]\nsteps = 9\n')
    mine = with_look(job, find_look(str(file)))
    assert mine == Look(styles=(str(tmp_path / "b.png"), str(tmp_path / "c.png")), steps=9)


def test_a_look_is_found_by_its_key_its_name_or_its_file(tmp_path):
    assert find_look("ink") == find_look("Sketch and ink")
    file = write_look(tmp_path / "mine.toml", 'name = "Mine"\nsteps = 7\nstyles = ["a.png"]\n')
    mine = find_look(str(file))
    assert (mine.key, mine.name, mine.settings["steps"]) == ("mine", "Mine", 7)
    assert mine.settings["styles"] == (str(tmp_path / "a.png"),), "pictures lie beside the file"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps = ", "cannot be read"),
        ("stepz = 7", "no setting 'stepz'"),
        ("steps = -1", "Steps is -1"),
        ("name = 3", "has 3 as its name"),
        ("steps = 2026-01-01", "'look.steps' is \"2026-01-01\""),
        ('start = "picture"', "none is named"),
    ],
)
def test_a_look_file_that_does_not_fit_is_named_with_what_is_wrong(tmp_path, text, words):
    file = write_look(tmp_path / "mine.toml", text)
    with pytest.raises(UserError) as error:
        find_look(str(file))
    assert "mine.toml" in str(error.value)
    assert words in str(error.value)


def test_an_unknown_look_is_answered_with_the_known_ones():
    with pytest.raises(UserError, match=r"no look 'oils'.*painting.*portrait"):
        find_look("oils")


@pytest.fixture
def ready(tmp_path):
    """Arguments that paint a small picture in a few steps."""
    write_png(tmp_path / "content.png", numbered_frame(5))
    write_png(tmp_path / "style.png", style_picture())
    arguments = ["image", str(tmp_path / "content.png"), "-s", str(tmp_path / "style.png"), "--size", "64"]
    return [*arguments, "--device", "cpu", "--cache", str(tmp_path / "cache")]


def paint(arguments, file, *more):
    assert main([*arguments, "-o", str(file), *more]) == 0
    return cv2.imread(str(file))


def test_the_command_line_paints_a_look_by_name_and_from_a_file(ready, tmp_path):
    steps = ("--steps", "4")
    plain = paint(ready, tmp_path / "plain.png", *steps)
    assert np.array_equal(paint(ready, tmp_path / "named.png", "--look", "painting", *steps), plain)
    assert not np.array_equal(paint(ready, tmp_path / "bold.png", "--look", "bold", *steps), plain)
    file = write_look(tmp_path / "mine.toml", "steps = 4\n")
    assert np.array_equal(paint(ready, tmp_path / "mine.png", "--look", str(file)), plain)


def test_options_beside_a_look_go_before_it(ready, tmp_path):
    file = write_look(tmp_path / "mine.toml", "steps = 900\nstyle_weight = 0.0\n")
    both = paint(ready, tmp_path / "both.png", "--look", str(file), "--steps", "3", "--style-weight", "1")
    assert np.array_equal(both, paint(ready, tmp_path / "alone.png", "--steps", "3"))


def test_painting_begins_from_a_picture_or_from_noise_of_a_brightness(ready, tmp_path):
    write_png(tmp_path / "begin.png", np.full((40, 40, 3), (200, 30, 30), np.uint8))
    weightless = ("--steps", "1", "--content-weight", "0.001", "--style-weight", "0", "--smoothness", "0")
    red = paint(ready, tmp_path / "red.png", "--init-picture", str(tmp_path / "begin.png"), *weightless)
    assert np.abs(red.reshape(-1, 3).mean(0) - (30, 30, 200)).max() < 25
    dark, light = (
        paint(ready, tmp_path / f"{mean}.png", "--init", "random", "--noise-mean", mean, *weightless).mean()
        for mean in ("0.2", "0.8")
    )
    assert dark < 90 < 160 < light


def test_two_beginnings_at_once_are_refused(ready, tmp_path, capsys):
    code = main([*ready, "-o", str(tmp_path / "x.png"), "--init", "random", "--init-picture", "a.png"])
    assert code == 2
    assert "exclude each other" in capsys.readouterr().err


def test_the_command_line_lists_the_looks(capsys):
    assert main(["looks"]) == 0
    said = capsys.readouterr().out
    assert all(look.about in said for look in presets().values())
