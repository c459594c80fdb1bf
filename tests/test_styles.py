"""Style pictures that come along: what they are, how they are named, and that our own script has painted them."""

import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import numbered_frame, style_picture, write_png

from build_steps.package import members
from style_core.__main__ import main
from style_core.job import UserError
from style_core.looks import read_look
from style_core.styles import STYLES, find_style

ROOT = Path(__file__).resolve().parent.parent
ASKED_FOR = ("ink-wash", "oil-swirl", "mosaic", "crosshatch", "watercolour", "woodcut", "pastel", "pixel")
MOST_BYTES = 150_000


def read(key: str) -> np.ndarray:
    """A picture that comes along, (512, 512, 3), BGR."""
    return cv2.imread(str(STYLES[key].file))


def lab(picture: np.ndarray) -> np.ndarray:
    """The mean and the deviation of a picture's colours in CIE Lab, (6,)."""
    colours = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_BGR2Lab).reshape(-1, 3)
    return np.concatenate([colours.mean(0), colours.std(0)])


def test_eight_pictures_come_along_each_with_words_and_in_the_zip():
    assert tuple(STYLES) == ASKED_FOR, "new ones come last, as .blend files keep their place"
    packed = set(members(ROOT))
    for style in STYLES.values():
        assert style.name and style.about.endswith(".")
        assert style.file.relative_to(ROOT).as_posix() in packed
        assert style.file.stat().st_size < MOST_BYTES
        assert read(style.key).shape == (512, 512, 3)


@pytest.mark.parametrize("key", ASKED_FOR)
def test_a_picture_has_strokes_of_several_sizes_and_parts_that_differ(key):
    grey = cv2.cvtColor(read(key), cv2.COLOR_BGR2GRAY).astype(np.float32)
    scales = [cv2.GaussianBlur(grey, (0, 0), sigma) for sigma in (1, 2, 4, 8, 16)]
    contrasts = [float((fine - coarse).std()) for fine, coarse in pairwise(scales)]
    assert min(contrasts) > 5, "there is something to see at every size"
    quarters = [part for half in np.hsplit(read(key), 2) for part in np.vsplit(half, 2)]
    apart = [np.linalg.norm(lab(a) - lab(b)) for n, a in enumerate(quarters) for b in quarters[:n]]
    assert max(apart) > 8


def test_no_two_pictures_have_the_same_colours():
    palettes = {key: lab(read(key)) for key in STYLES}
    apart = {(a, b): np.linalg.norm(palettes[a] - palettes[b]) for a in STYLES for b in STYLES if a < b}
    assert min(apart.values()) > 10, min(apart, key=apart.get)


@pytest.mark.slow
def test_our_own_script_paints_these_pictures(tmp_path):
    command = [sys.executable, "-m", "build_steps.style_pictures", "--folder", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    for key in STYLES:
        again = cv2.imread(str(tmp_path / f"{key}.jpg")).astype(float)
        # Another OpenCV may round a few pixels otherwise.
        assert np.abs(again - read(key)).mean() < 2, key


@pytest.mark.parametrize("word", ["oil-swirl", "Oil Swirl", "OIL_SWIRL", "oil", " oil-sw"])
def test_a_picture_is_found_by_its_name_in_any_spelling_or_its_beginning(word):
    assert find_style(word) == str(STYLES["oil-swirl"].file)


def test_american_spelling_is_understood():
    assert find_style("watercolor") == str(STYLES["watercolour"].file)


def test_a_file_goes_before_a_picture_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pixel").mkdir()
    assert find_style("pixel") == str(STYLES["pixel"].file), "a folder is no picture"
    shutil.copyfile(write_png(tmp_path / "own.png", style_picture()), tmp_path / "mosaic")
    assert Path(find_style("mosaic")).resolve() == tmp_path / "mosaic"


@pytest.mark.parametrize("path", ["/no/such.png", "pixel.png", "./pixel"])
def test_what_looks_like_a_path_is_left_as_it_is(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Path(find_style(path)) == Path(path)


@pytest.mark.parametrize("word", ["inc", "pi", "swirl", "oils"])
def test_an_unknown_name_is_answered_with_the_known_ones(word):
    with pytest.raises(UserError, match=f"no style picture '{word}'.*ink-wash.*pixel"):
        find_style(word)


def test_a_look_file_names_a_picture_that_comes_along(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('styles = ["pastel", "own.png"]\n', encoding="utf-8")
    assert read_look(file).settings["styles"] == (str(STYLES["pastel"].file), str(tmp_path / "own.png"))


def paint(tmp_path: Path, name: str, *arguments: str) -> np.ndarray:
    write_png(tmp_path / "content.png", numbered_frame(5))
    quick = ("--size", "64", "--steps", "3", "--device", "cpu", "--cache", str(tmp_path / "cache"))
    code = main(["image", str(tmp_path / "content.png"), *quick, "-o", str(tmp_path / name), *arguments])
    assert code == 0
    return cv2.imread(str(tmp_path / name))


def test_the_command_line_paints_with_a_picture_by_name(tmp_path):
    shutil.copyfile(STYLES["woodcut"].file, tmp_path / "copy.jpg")
    named = paint(tmp_path, "named.png", "-s", "woodcut")
    assert np.array_equal(named, paint(tmp_path, "file.png", "-s", str(tmp_path / "copy.jpg")))
    assert not np.array_equal(named, paint(tmp_path, "other.png", "-s", "pastel"))


def test_a_region_takes_a_look_or_a_picture_by_name(tmp_path, capsys):
    mask = write_png(tmp_path / "mask.png", np.full((64, 96, 3), 255, np.uint8))
    plain = paint(tmp_path, "plain.png", "-s", "mosaic")
    assert np.array_equal(paint(tmp_path, "picture.png", "--region", f"{mask}=mosaic"), plain)
    inked = paint(tmp_path, "look.png", "-s", "mosaic", "--region", f"{mask}=ink")
    assert not np.array_equal(inked, paint(tmp_path, "wash.png", "--region", f"{mask}=ink-wash")), "ink is a look"


def test_a_misspelt_picture_is_refused_in_one_sentence(tmp_path, capsys):
    write_png(tmp_path / "content.png", numbered_frame(5))
    code = main(["image", str(tmp_path / "content.png"), "-s", "mosiac", "-o", str(tmp_path / "x.png")])
    said = capsys.readouterr().err
    assert code == 2 and said.count("\n") == 1
    assert "no style picture 'mosiac'" in said and "mosaic" in said


def test_the_command_line_lists_the_pictures(capsys):
    assert main(["styles"]) == 0
    said = capsys.readouterr().out
    assert all(key in said and style.about in said for key, style in STYLES.items())
