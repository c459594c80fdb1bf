"""What is done in small pieces, so that Blender's window stays free, ends as if it had been done at once."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from test_cut_out import Simulated

from benchmarks.pauses import material, rows_of
from tests.conftest import missing

pytestmark = [pytest.mark.blender, pytest.mark.slow]

COUNT = 2000


@pytest.fixture
def window(program) -> Simulated:
    """Blender with its window."""
    if not shutil.which("with-display"):
        missing("blender")  # it has no virtual screen here
    return Simulated(program.name, program.program, program.resources, program.runtime)


def visit(window: Simulated, folder: Path, name: str) -> dict[str, Any]:
    """What a visit has to tell; how long its pauses are is printed, and measured by benchmarks/pauses.py."""
    told = window.run("pauses.py", window=True, **material(folder, name, COUNT) | {"folder": folder})
    assert "error" not in told, told["error"]
    print(list(told["slices"].items())[:6], rows_of(name, told))
    return told


def test_a_strip_of_2000_frames_is_painted_and_added_as_one_step(window, tmp_path):
    told = visit(window, tmp_path, "many frames")
    source, painted = ["A", COUNT, True], ["A painted", COUNT, False]
    assert told["end"] == ["done", "'A' is painted."]
    assert told["added"] == told["redo"] == [source, painted]
    assert told["undo"] == [["A", COUNT, False]]


def test_a_strip_is_rendered_apart(window, tmp_path):
    told = visit(window, tmp_path, "rendered")
    assert told["end"][0] == "done"


def test_a_full_hd_frame_is_previewed_through_agx(window, tmp_path):
    told = visit(window, tmp_path, "previewed")
    assert told["end"][0] == "done"
