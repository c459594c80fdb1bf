"""The Neural Style node in the real window of Blender."""

import pytest
from clips import style_picture, write_png

pytestmark = [pytest.mark.blender, pytest.mark.slow, pytest.mark.window]

FRAMES = 3


def test_a_person_adds_copies_and_bakes_a_node(window, tmp_path):
    style = str(write_png(tmp_path / "style.png", style_picture()))
    settings = {"size": 96, "steps": 8, "steps_per_frame": 4, "device": "cpu", "style": style}
    told = window.run("node_window.py", tmp_path, window=True, frames=FRAMES, settings=settings)
    assert "error" not in told, told["error"]
    assert told["added"] == ["Neural Style"], "it is found by the search of the Add menu"
    assert told["copies"] == 2 and told["after undo"] == 1
    assert told["press"] < 5.0
    assert told["end"] == ["done", f"'Neural Style' is painted: frames 1 to {FRAMES}."]
    assert told["painted"] == [1, FRAMES, True] and told["vectors"] == FRAMES
    assert told["told f12"] == []
    assert told["told f12 missing"] == [
        "Frame 8 of 'Neural Style': frames 1 to 3 are painted, and this one is not. Press Bake at the node."
    ]
