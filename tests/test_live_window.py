"""A live render in the real window of Blender."""

import pytest
from clips import style_picture, write_png

pytestmark = [pytest.mark.blender, pytest.mark.slow, pytest.mark.window]


def test_a_live_render_says_how_far_it_is_and_esc_ends_it_and_its_painter_at_once(screen, tmp_path):
    style = str(write_png(tmp_path / "style.png", style_picture()))
    settings = {"size": 96, "steps": 9000, "tolerance": 0.0, "device": "cpu", "picture": "FILE", "style": style}
    told = screen.run("live_window.py", tmp_path, window=True, settings=settings)
    assert "error" not in told, told["error"]
    assert told["words"].startswith("Neural Style: painting frame 1 of 48, step ")
    # At rest it is less than a second; the window itself is drawn by the processor that paints, and that others share.
    assert told["seconds"] < 5 and told["painter"] == [True, True]
    assert told["told"] == told["files"] == [] and told["words after"] == ""


def test_cycles_and_a_window_that_is_drawn_while_it_prepares_a_scene_do_not_wait_for_each_other(screen, tmp_path):
    style = str(write_png(tmp_path / "style.png", style_picture()))
    settings = {"size": 96, "steps": 4, "steps_per_frame": 2, "device": "cpu", "picture": "FILE", "style": style}
    told = screen.run("window_render.py", tmp_path, window=True, settings=settings)
    assert "error" not in told, told["error"]
    for name, listeners in (("alone", []), ("live", ["on_stats"])):
        render = told[name]
        assert render["listeners"] == listeners, "nobody listens without need"
        assert render["disturbed"] == [], "nor while Cycles has the scene"
        assert render["files"] == ["0001.png", "0002.png"] and render["as before"]
    assert told["told"] == told["after"] == []
