"""The queue in the real window of Blender: seen, smooth, and gone on with after a kill."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from clips import style_picture, write_film, write_png

from tests.conftest import Blender

pytestmark = [pytest.mark.blender, pytest.mark.slow, pytest.mark.window]

FRAMES = 12
SETTINGS = {"size": 128, "steps": 20, "steps_per_frame": 12, "device": "cpu"}


@pytest.fixture
def plan(tmp_path) -> dict[str, Any]:
    """A film, and the settings with which it is painted quickly."""
    style = str(write_png(tmp_path / "style.png", style_picture()))
    film = str(write_film(tmp_path / "clip.mp4", FRAMES, width=256, height=144))
    (tmp_path / "sub").mkdir()
    return {"film": film, "frames": FRAMES, "settings": SETTINGS | {"style": style}}


def visit(window: Blender, folder: Path, name: str, **plan: Any) -> dict[str, Any]:
    """What a visit has to tell."""
    told = window.run("queue_window.py", folder, window=True, visit=name, **plan)
    assert "error" not in told, told["error"]
    return told


def test_a_person_watches_the_queue(window, plan, tmp_path):
    told = visit(window, tmp_path, "watching", **plan)
    ours = sorted(told["ours"])
    assert ours[-1 - len(ours) // 50] < 0.05, "our own timer holds the window up"
    assert told["queued"] == ["A running", "B waiting", "C waiting"]
    assert told["not opened"] == ["cut.blend", told["queued"], ["A B C"]], "the queue is still that of the open file"
    assert told["paused"] == ["A waiting", "B waiting", "C waiting"]
    assert told["notes"] == ["A B C"] and told["renamed"] == ["other.blend", ["A B C"]]
    strip, state, message = told["failed"]
    assert (strip, state) == ("B", "failed") and "own.mp4' does not exist" in message
    assert [one[:2] for one in told["end"]] == [["A", "done"], ["C", "done"], ["B", "done"]]
    assert told["left"] == [] and told["cleared"] == []
    assert told["painted"] == ["A painted", "B painted", "C painted"]
    assert [Path(name).parts[0] for name in told["cache"]] == ["cache"], "frames go where the job began"
    before, after = (cv2.imread(told[name]) for name in ("running", "done"))
    assert np.abs(before.astype(float) - after).mean() > 1


def test_a_blender_whose_window_was_killed_offers_to_go_on(window, plan, tmp_path):
    visit(window, tmp_path, "dying", **plan)
    told = visit(window, tmp_path, "coming back", **plan)
    assert told["left"] == ["A", "B"]
    assert told["end"] == [["A", "done", "'A' is painted."], ["B", "done", "'B' is painted."]]
    assert told["notes"] == [] and told["painted"] == ["A painted", "B painted"]
