"""Strips to source frames: what the add-on expects is what Blender shows, by the numbers in the rendered frames."""

from fractions import Fraction
from pathlib import Path

import cv2
import pytest
from clips import number_in, numbered_frame, write_film, write_png

from tests.conftest import missing

pytestmark = pytest.mark.blender

FRAMES = 40


def case(kind: str, rate: int = 24, count: int = 20, **change: object) -> dict:
    return {"kind": kind, "rate": rate, "count": count, "change": change}


CASES = {
    "whole": case("film"),
    "cut at both handles": case("film", left=10, right=20),
    "trimmed at both ends": case("film", trim_start=3, trim_end=4),
    "trimmed and cut": case("film", trim_start=3, trim_end=4, left=12, right=20),
    "held at both ends": case("film", left=2, right=50),
    "reversed": case("film", use_reverse_frames=True),
    "reversed, trimmed, cut": case("film", use_reverse_frames=True, trim_start=3, trim_end=7, left=12, right=20),
    "strobe": case("film", strobe=3.0),
    "strobe that is no whole number": case("film", strobe=2.5),
    "strobe, reversed, trimmed": case("film", strobe=3.0, use_reverse_frames=True, trim_start=2, left=12),
    "other rate, shown frame by frame": case("film", rate=60, trim_start=5, trim_end=8, left=12),
    "pictures": case("pictures"),
    "pictures reversed and held": case("pictures", trim_start=3, trim_end=4, left=2, right=30, use_reverse_frames=True),
    "pictures strobed and held": case("pictures", left=1, right=30, strobe=4.0),
    "one picture held": case("pictures", count=1, right=30),
}
OWN_RATES = {
    f"{rate} a second, {name}": case("operator", rate, **change)
    for rate in (12, 30, 50, 60, 2997)
    for name, change in {
        "whole": {},
        "trimmed and cut": {"trim_start": 5, "trim_end": 8, "left": 8, "right": 30},
        "reversed": {"use_reverse_frames": True},
        "strobe": {"strobe": 3.0, "trim_start": 5, "trim_end": 8, "left": 8, "right": 40},
    }.items()
}


@pytest.fixture
def sources(tmp_path: Path) -> dict:
    """Films of several rates and a row of pictures, each frame with its number."""
    rates = {12: 12, 24: 24, 30: 30, 50: 50, 60: 60, 2997: Fraction(30000, 1001)}
    films = {name: str(write_film(tmp_path / f"{name}.mp4", FRAMES, rate)) for name, rate in rates.items()}
    pictures = [str(write_png(tmp_path / f"p{n:03d}.png", numbered_frame(n))) for n in range(1, FRAMES + 1)]
    return {"films": films, "pictures": pictures}


def assert_shown(found: dict) -> None:
    """Every case shows the frames that were expected, and asks for no more of the source than these."""
    assert found
    for name, told in found.items():
        shown = [number_in(cv2.imread(path)) for path in told["pictures"]]
        assert told["expected"] == shown, name
        assert (told["first"], told["last"]) == (min(shown), max(shown)), name


def test_the_add_on_knows_which_frame_is_shown(blender, sources, tmp_path):
    found = blender.run("show_frames.py", tmp_path, cases=CASES, **sources)
    assert len(found) == len(CASES)
    assert_shown(found)


def test_films_that_run_at_their_own_rate(beds, sources, tmp_path):
    # The operator that adds such strips needs an editor, which only the 4.5 module has without a window.
    if "bpy-4.5" not in beds:
        missing("bpy-4.5")
    assert_shown(beds["bpy-4.5"].run("show_frames.py", tmp_path, cases=OWN_RATES, **sources))


@pytest.mark.slow
@pytest.mark.window
def test_films_that_run_at_their_own_rate_in_the_window(screen, sources, tmp_path):
    # With a window, 5.2 shows a film slower than the scene by what its cache happens to hold: up to a frame earlier.
    cases = {name: case for name, case in OWN_RATES.items() if not name.startswith("12 ")}
    assert_shown(screen.run("show_frames.py", tmp_path, window=True, cases=cases, **sources))
