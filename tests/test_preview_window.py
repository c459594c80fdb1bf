"""A preview in Blender's window, numerically: what it shows is what the painted strip shows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from clips import style_picture, write_png

pytestmark = [pytest.mark.blender, pytest.mark.slow, pytest.mark.window]

SIZE = 160, 90
COUNT = 6
VIEWS = {
    "agx": {"view_transform": "AgX", "exposure": 0.0, "gamma": 1.0},
    "standard": {"view_transform": "Standard", "exposure": 0.0, "gamma": 1.0},
    "bright": {"view_transform": "Filmic", "exposure": 0.7, "gamma": 1.1},
}

visits: dict[str, dict[str, Any]] = {}


def picture(number: int) -> np.ndarray:
    """A scene of soft and hard edges in strong colours, (H, W, 3) uint8, that moves."""
    width, height = SIZE
    y, x = np.mgrid[:height, :width].astype(np.float32)
    shades = [128 + 120 * np.sin((x + 4 * number) / 23), 128 + 120 * np.cos(y / 19), 128 + 120 * np.sin((x - y) / 31)]
    scene = np.dstack(shades).astype(np.uint8)
    return cv2.circle(scene, (40 + 5 * number, 44), 18, (250, 20, 30), -1)


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """The strip's pictures, and the caches."""
    home = tmp_path_factory.mktemp("home")
    for number in range(1, COUNT + 1):
        write_png(home / f"p{number}.png", picture(number))
    write_png(home / "style.png", style_picture())
    return home


@pytest.fixture
def visit(window, home, tmp_path_factory) -> Callable[[str], dict[str, Any]]:
    """What a visit to the window has seen, by what is done in it."""
    files = [str(home / f"p{number}.png") for number in range(1, COUNT + 1)]
    plan = {"files": files, "style": str(home / "style.png")}
    plan |= {"resolution": SIZE, "size": SIZE[0], "views": VIEWS}

    def told(act: str) -> dict[str, Any]:
        if act == "painted":
            told("frame")  # whose frame it finds in the cache
        if act not in visits:
            cache = str(home / ("cache of a shot" if act == "shot" else "cache"))
            visits[act] = {"error": "it was not finished"}
            visits[act] = window.run("preview.py", tmp_path_factory.mktemp(act), True, act=act, cache=cache, **plan)
        assert "error" not in visits[act], visits[act]["error"]
        return visits[act]

    return told


def seen(told: dict[str, Any], name: str) -> np.ndarray:
    """What was seen in the strip's place, without the border, the line and the words."""
    return np.load(told[f"{name} pixels"])[40:-30, 30:-30]


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference, of 255."""
    return float(np.abs(one - other).mean())


def halves(shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Left and right of the line in the middle."""
    middle = shown.shape[1] // 2
    return shown[:, : middle - 16], shown[:, middle + 16 :]


def test_pictures_come_while_it_is_painted_and_get_nearer_to_the_end(visit):
    told = visit("frame")
    assert told["words"] == "Preview: Getting ready"
    assert told["unfinished"]
    source, growing, preview = (seen(told, name) for name in ("source", "growing", "preview"))
    assert apart(growing, source) > 3 and apart(preview, source) > 5
    assert apart(growing, preview) < apart(source, preview)


def test_a_preview_changes_nothing_of_the_file_and_leaves_no_files(visit):
    for act in ("frame", "shot"):
        assert visit(act)["unchanged"], act
        assert visit(act)["left"] == [], act


def test_elsewhere_and_hidden_nothing_of_it_is_seen(visit):
    told = visit("frame")
    source = seen(told, "source")
    assert apart(seen(told, "hidden"), source) == 0
    assert apart(seen(told, "moved"), seen(told, "preview")) > 5
    assert apart(seen(visit("shot"), "away"), source) == 0, "Esc puts it away"


def test_the_line_is_dragged_and_parts_before_from_after(visit):
    told = visit("frame")
    assert told["touched"]
    assert told["split"] == pytest.approx(0.5, abs=0.01)
    (left, right), source, preview = (halves(seen(told, name)) for name in ("parted", "source", "preview"))
    assert apart(left, source[0]) == 0
    assert apart(right, preview[1]) == 0


def test_of_a_strip_that_is_larger_than_the_frame_nothing_is_seen_beyond_that(visit):
    told = visit("frame")
    beside = [np.load(told[f"{name} pixels"]) for name in ("beside", "beside it enlarged")]
    assert told["room beside"] > beside[0].shape[1] + 2
    assert np.array_equal(*beside)
    (left, right), source = halves(seen(told, "enlarged")), halves(seen(told, "enlarged source"))
    assert apart(left, source[0]) == 0 and apart(right, source[1]) > 5, "paint is seen, as large as the strip"


def test_changed_settings_make_it_one_of_earlier(visit):
    assert visit("frame")["up to date"] == [False, True]


def test_several_frames_are_played_while_the_playhead_stands_still(visit):
    told = visit("shot")
    assert told["shot"] == [1, 2, 3, 4, 5]
    assert set(told["played"]) == {1, 2, 3, 4, 5}
    assert told["playhead"] == 3
    assert apart(seen(told, "next"), seen(visit("frame"), "moved")) > 5, "a frame is seen where the playhead is"


def test_esc_cancels_what_is_being_previewed(visit):
    assert visit("shot")["cancelled"] == ["cancelled", True]


@pytest.mark.parametrize("view", VIEWS)
def test_it_is_seen_in_the_colours_of_the_painted_strip(visit, view):
    told = visit("painted")
    painted, preview = seen(told, f"{view} painted"), seen(told, f"{view} preview")
    assert painted.std() > 15
    assert apart(painted, preview) < 0.5
    assert np.percentile(np.abs(painted - preview), 99) <= 4


def test_what_the_film_has_is_shown_from_there(visit):
    told = visit("painted")
    state, message = told["painted"]
    assert state == "done", message
    assert Path(told["from the film"]).is_file()
    assert told["from the film"] == visit("frame")["file"], "the film began with the preview's frame"


def test_over_its_paint_a_strip_is_seen_as_it_was_left_of_the_line(visit):
    told = visit("painted")
    over, painted = halves(seen(told, "parted over paint")), halves(seen(told, "bright painted"))
    assert apart(over[0], painted[0]) > 5
    assert apart(over[1], painted[1]) < 0.5
    compared = halves(seen(told, "compared"))
    assert apart(compared[0], over[0]) == 0
    assert apart(compared[1], painted[1]) == 0
    assert told["crossed"] and told["not compared"]


def test_undo_takes_back_what_a_person_did_and_knows_nothing_of_previews(visit):
    told = visit("painted")
    assert told["undone paint"] == [1, 5]
    assert told["undone length"] == [1, 7]
