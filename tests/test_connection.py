"""Whoever waits for the painter hears of it when it is ended."""

import pytest
from clips import style_picture, write_film, write_png
from test_addon import BEGIN, write_painter

pytestmark = pytest.mark.blender

ENDED = """
from pathlib import Path

def cut_of(plan):
    cutting, targets = module("regions.cutting"), module("regions.cut_targets")
    source = importlib.import_module(f"{stage.EXTENSION}.style_core.job").Source(plan["film"])
    return cutting.Cutting(targets.filling(source, 1, (96, 64)), "", Path(plan["folder"]))

def state_of(cut):
    return [cut.is_busy, len(cut.awaited), cut.problem]

def play(plan):
    stage.enable()
    connection, jobs = module("connection"), module("jobs")
    _, painting = begin(plan, "A")
    cut, told = cut_of(plan), {}
    cut.ask()
    told["asked"] = state_of(cut)
    jobs.cancel()
    jobs.cancel()
    told["cancelled"] = [painting.state, painting.message, *state_of(cut)]
    _, painting = begin(plan, "B")
    module("preferences").preferences().python = plan["other"]
    cut.ask()
    told["other Python"] = [painting.state, painting.message, *state_of(cut)]
    cut.ask()
    process = connection.worker.process
    process.kill()
    process.wait(timeout=20)
    connection.worker.reader.join(timeout=20)
    cut.ask()
    told["died"] = state_of(cut)
    bpy.ops.preferences.addon_disable(module=stage.EXTENSION)
    told["switched off"] = state_of(cut)
    return told
"""


def test_a_cut_and_a_task_do_not_wait_for_a_painter_that_was_ended(blender, tmp_path):
    plan = {
        "painter": write_painter(tmp_path, "time.sleep(600)"),
        "film": str(write_film(tmp_path / "clip.mp4", 3)),
        "style": str(write_png(tmp_path / "style.png", style_picture())),
    }
    (tmp_path / "other").mkdir()
    plan["other"] = write_painter(tmp_path / "other", "time.sleep(600)")
    told = blender.play(BEGIN + ENDED, tmp_path, **plan)
    sentence = "The painter was ended: try again."
    assert told["asked"] == [True, 1, ""]
    assert told["cancelled"] == ["cancelled", "Cancelled. Finished frames are kept.", False, 0, sentence]
    assert told["other Python"] == ["failed", sentence, True, 1, ""], "the cut was asked of the new one"
    assert told["died"] == [True, 1, ""], "it is asked again"
    assert told["switched off"] == [False, 0, sentence]
