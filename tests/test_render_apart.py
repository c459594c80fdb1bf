"""A strip that must be rendered first, in Blender's window: another Blender does it, and the window stays free."""

from pathlib import Path

import pytest
from clips import write_film

pytestmark = [pytest.mark.blender, pytest.mark.slow, pytest.mark.window]

FRAMES = 60
PATIENCE = 5  # seconds, where all was held up for as long as the frames are rendered


def test_the_window_stays_free_and_what_is_rendered_is_kept_over_a_cancel_and_a_kill(screen, tmp_path):
    told = screen.run(
        "render_apart.py",
        tmp_path,
        window=True,
        film=str(write_film(tmp_path / "clip.mp4", FRAMES, width=640, height=360)),
        size=(640, 360),
        frames=FRAMES,
        arguments={"size": 0, "steps": 0, "device": "cpu"},
    )
    assert "error" not in told, told["error"]
    assert told["words"].startswith("Rendering the strip, frame ") and f" of {FRAMES}" in told["words"]
    assert 0 < told["fraction"] < 1
    assert "copy.blend" in told["during"]
    assert told["cancel"] < PATIENCE
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
    # Other tests take the processor that draws the window; benchmarks/pauses.py measures what is ours.
    assert told["begin"] < PATIENCE and told["pause"] < PATIENCE
