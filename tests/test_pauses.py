"""What is done in small pieces, so that Blender's window stays free, ends as if it had been done at once."""

import pytest

from benchmarks.pauses import material

pytestmark = [pytest.mark.blender, pytest.mark.slow, pytest.mark.window]

COUNT = 2000


def test_a_strip_of_2000_frames_is_painted_and_added_as_one_step(window, tmp_path):
    # How long its pauses are is measured by benchmarks/pauses.py, of which this is the longest visit.
    told = window.run("pauses.py", window=True, **material(tmp_path, "many frames", COUNT) | {"folder": tmp_path})
    assert "error" not in told, told["error"]
    source, painted = ["A", COUNT, True], ["A painted", COUNT, False]
    assert told["end"] == ["done", "'A' is painted."]
    assert told["added"] == told["redo"] == [source, painted]
    assert told["undo"] == [["A", COUNT, False]]
