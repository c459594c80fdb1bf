"""From the splash screen to a painted film in the real window, by clicks and keys: what a new user does."""

import cv2
import numpy as np
import pytest
from clips import write_film

from style_core.styles import STYLES

pytestmark = [pytest.mark.blender, pytest.mark.slow, pytest.mark.window]

SETTINGS = {"size": 128, "steps": 30, "steps_per_frame": 8, "device": "cpu"}


def picture(told: dict, name: str) -> np.ndarray:
    """One of the pictures of the screen."""
    return cv2.imread(next(path for path in told["pictures"] if path.endswith(f"-{name}.jpg"))).astype(float)


def test_a_new_user_gets_from_the_splash_screen_to_a_painted_film(window, tmp_path):
    film = write_film(tmp_path / "clip.mp4", 16, width=256, height=144)
    plan = {"film": str(film), "resolution": (256, 144), "rate": 24, "first": 1, "shown": 4, "settings": SETTINGS}
    told = window.run("first_steps.py", tmp_path, window=True, **plan)
    assert "error" not in told, told["error"]
    source = [["Clip", False, False]]
    painted = [["Clip", True, False], ["Clip painted", False, True]]
    assert told["fresh"] == "oil-swirl", "nobody must choose a picture"
    assert told["chosen"] in STYLES and told["chosen"] != "oil-swirl", "another one is two clicks away"
    assert told["preview"] == "done" and told["after preview"]["strips"] == source, "a preview changes nothing"
    assert told["cancelled"]["strips"] == source and told["cancelled"]["jobs"][-1] == "cancelled"
    assert "kept" in told["cancelled"]["messages"][-1]
    assert told["painted"]["strips"] == painted and told["painted"]["jobs"][-1] == "done"
    assert told["undo"] == source and told["redo"] == painted
    assert told["played"] >= 3
    assert told["up to date"] == "" and told["changed"] == "Changed since it was painted: Strength."
    size, time = told["outlook"].split(", ")
    assert size == "128 x 72 px" and (time == "some seconds" or time.startswith("about ")), "it has painted by now"
    # What is seen of it: the upper half is the preview, the lower right the sidebar.
    film_, preview, paint, compared = (picture(told, name) for name in ("film", "preview", "painted", "before-after"))
    height, width = film_.shape[:2]
    seen = np.s_[60 : height // 2 - 60, int(width * 0.4) : int(width * 0.6)]
    assert np.abs(preview[seen] - film_[seen]).mean() > 15, "the preview is painted"
    assert np.abs(paint[seen] - film_[seen]).mean() > 15, "the film is painted"
    left = np.s_[60 : height // 2 - 60, int(width * 0.33) : int(width * 0.47)]
    right = np.s_[60 : height // 2 - 60, int(width * 0.53) : int(width * 0.67)]
    assert np.abs(compared[left] - film_[left]).mean() < 8, "before, on the left of the line"
    assert np.abs(compared[right] - paint[right]).mean() < 8, "after, on the right"
