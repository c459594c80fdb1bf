"""A painted strip of many frames is added bit by bit, and nothing of it is left where that comes to nothing."""

import pytest
from clips import style_picture, write_film, write_png
from queueing import BEGIN

from tests.conftest import Blender

pytestmark = pytest.mark.blender

SLICES = """
def strips(scene):
    return sorted((one.name, len(one.elements) if one.type == "IMAGE" else 0, one.mute, "stylestrip_growing" in one)
                  for one in scene.sequence_editor.strips)

def grown(scene, painting, pictures):
    part("driver").advance(seconds=0.0)
    return any(one[1] >= pictures for one in strips(scene)) or painting.is_over

def move(strip, channel, start):
    strip.channel = channel
    setattr(strip, stage.START, start)

def until_true(enough):
    deadline = time.monotonic() + 100
    while not enough():
        assert time.monotonic() < deadline, [(task.state, task.words) for task in part("jobs").queue]
        time.sleep(0.005)

def play(plan):
    jobs = ready(plan)
    part("painting").FEW, part("host.growing").SLICE_SECONDS = 2, 0.0
    scene, told = stage.new_scene(), {}
    strip = add(scene, plan, "Clip", 1, 6, steps=2)
    painting = start(scene, strip)
    until_true(lambda: grown(scene, painting, 3))
    told["growing"] = [strips(scene), painting.words]
    jobs.cancel(painting)
    told["cancelled"] = [strips(scene), painting.state]
    jobs.try_again(painting)
    until_true(lambda: grown(scene, painting, 2))
    move(strip, 3, 20)
    scene.sequence_editor.strips.remove(next(one for one in scene.sequence_editor.strips if one.type == "IMAGE"))
    until_true(lambda: painting.is_over or part("driver").advance(seconds=0.0))
    told["lost"] = [strips(scene), painting.state]
    told["words"] = [painting.words]
    scene.sequence_editor.strips.remove(scene.sequence_editor.strips["Clip painted"])
    part("painting").forget_look()  # two draws are not that close
    told["words"] += [painting.words]
    move(strip, 1, 1)
    again = start(scene, strip)
    until_true(lambda: grown(scene, again, 2))
    move(strip, 3, 20)
    until_true(lambda: again.is_over or part("driver").advance(seconds=0.0))
    painted = scene.sequence_editor.strips["Clip painted"]
    told["moved"] = [strips(scene), painted.channel, getattr(painted, stage.START), getattr(painted, stage.RIGHT)]
    return told
"""


@pytest.mark.slow
def test_a_strip_that_is_added_bit_by_bit_is_whole_in_the_end_or_not_there(modules: Blender, tmp_path):
    plan = {
        "film": str(write_film(tmp_path / "clip.mp4", 20)),
        "style": str(write_png(tmp_path / "style.png", style_picture())),
    }
    told = modules.play(BEGIN + SLICES, tmp_path, **plan)
    clip, muted = ["Clip", 0, False, False], ["Clip", 0, True, False]
    strips, words = told["growing"]
    assert strips == [clip, ["Clip painted", 3, True, True]] and words == "Adding the painted frames"
    assert told["cancelled"] == [[clip], "cancelled"]
    assert told["lost"] == [[muted, ["Clip painted", 5, False, False]], "done"], "it is added once more"
    assert told["words"] == [
        "'Clip' is painted.",
        "The paint of 'Clip' is gone from the timeline. Its frames are kept: Stylize adds it again.",
    ]
    strips, channel, start, right = told["moved"]
    assert strips == [muted, ["Clip painted", 5, False, False]]
    assert (channel, start, right) == (4, 20, 25), "where the strip is by now"
