"""Paint in a strip's modifier in the real window of Blender."""

import pytest
from clips import style_picture, write_png

pytestmark = [pytest.mark.blender, pytest.mark.slow, pytest.mark.window]


def test_a_person_paints_into_a_modifier_moves_the_strip_and_bakes_a_node_there(window, tmp_path):
    style = str(write_png(tmp_path / "style.png", style_picture()))
    settings = {"steps": 4, "steps_per_frame": 2, "size": 96, "device": "cpu", "style": style, "place": "MODIFIER"}
    told = window.run("within_window.py", tmp_path, window=True, settings=settings)
    assert "error" not in told, told["error"]
    assert told["painted"] == [1, 1, 1]
    assert told["moved"] == [1, 5, 5], "the paint goes along"
    assert told["back"] == [1, 1, 1] and told["unpainted"] == [0, None, 0], "each is one step to undo"
    assert told["again"] == [1, 5, 5]
    assert told["active"] == "Neural Style"
    assert told["baked"] == [5, 10, True, "'Neural Style' is painted: frames 5 to 10."]
