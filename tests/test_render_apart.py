"""A strip that must be rendered first, in Blender's window: another Blender does it, and the window stays free."""

import shutil
from pathlib import Path

import pytest
from clips import write_film

from tests.conftest import missing

pytestmark = [pytest.mark.blender, pytest.mark.slow]

FRAMES = 60


def test_the_window_stays_free_and_what_is_rendered_is_kept_over_a_cancel_and_a_kill(program, tmp_path):
    if not shutil.which("with-display"):
        missing("blender")  # it has no virtual screen here
    told = program.run(
        "render_apart.py",
        tmp_path,
        window=True,
        film=str(write_film(tmp_path / "clip.mp4", FRAMES, width=640, height=360)),
        size=(640, 360),
        frames=FRAMES,
        arguments={"size": 0, "steps": 0, "device": "cpu"},
    )
    assert "error" not in told, told["error"]
    assert told["words"].startswith("Rendering the strip, frame ") and told["words"].endswith(f" of {FRAMES}")
    assert 0 < told["fraction"] < 1
    assert "copy.blend" in told["during"]
    assert told["cancel"] < 1
    assert told["state"] == "cancelled"
    assert told["message"] == f"Cancelled. {len(told['kept'])} of {FRAMES} rendered frames are kept."
    assert told["killed"][0] == "failed"
    assert "could not be rendered: a second Blender stopped unexpectedly (killed by SIGKILL)" in told["killed"][1]
    assert told["left"] == told["leftover"] == [], "the copy of the file is removed, and what was not finished"
    assert told["end"] == ["done", "'Renamed' is painted."]
    assert len(told["frames"]) == FRAMES
    assert {name: told["frames"][name] for name in told["kept"]} == told["kept"], "none is rendered again"
    assert told["saved"] == told["saved since"]
    assert not [name for name in told["scenes"] if "Stylestrip" in name]
    assert told["painted"] == [4, 1 + FRAMES, "Renamed painted"]
    assert told["elements"] == [f"{number:06d}.png" for number in range(4, FRAMES + 1)], "what was cut off is not shown"
    drawn = told["drawn"]
    assert drawn["end"] == ["done", "'Film' is painted."]
    assert any(words.startswith("Drawing the regions, frame ") for words in drawn["words"]), drawn["words"]
    assert [Path(file).name for file in drawn["mattes"]] == [f"{number:06d}.png" for number in range(1, FRAMES + 1)]
    assert len({Path(file).read_bytes() for file in drawn["mattes"]}) > FRAMES / 2, "it moves"
    assert drawn["left"] == []
    # What this machine's window is busy with by itself, drawn by its processor, is in both.
    assert told["begin"] < 1 and told["pause"] < told["idle"] + 0.2
