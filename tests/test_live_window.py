"""A live render in the real window of Blender."""

import shutil

import pytest
from clips import style_picture, write_png

from tests.conftest import missing

pytestmark = [pytest.mark.blender, pytest.mark.slow]


def test_a_live_render_says_how_far_it_is_and_esc_ends_it_and_its_painter_at_once(program, tmp_path):
    if not shutil.which("with-display"):
        missing("blender")  # it has no virtual screen here
    style = str(write_png(tmp_path / "style.png", style_picture()))
    settings = {"size": 96, "steps": 9000, "tolerance": 0.0, "device": "cpu", "picture": "FILE", "style": style}
    told = program.run("live_window.py", tmp_path, window=True, settings=settings)
    assert "error" not in told, told["error"]
    assert told["words"].startswith("Neural Style: painting frame 1 of 48, step ")
    # The window itself is drawn by the processor that paints.
    assert told["seconds"] < 2 and told["painter"] == [True, True]
    assert told["told"] == told["files"] == [] and told["words after"] == ""
