"""The queue: what goes first, what leaves off for a while, and what a person does with it."""

import pytest
from clips import style_picture, write_film, write_png

pytestmark = pytest.mark.blender

BEGIN = """
import time
from pathlib import Path

QUICK = {"size": 96, "steps": 12, "steps_per_frame": 12, "device": "cpu"}

def part(name):
    return importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")

def ready(plan, cache="cache"):
    stage.enable()
    part("preferences").preferences().cache_folder = plan["folder"] + "/" + cache
    return part("jobs")

def add(scene, plan, name="Clip", channel=1, last=7, **settings):
    strip = scene.sequence_editor.strips.new_movie(name, plan["film"], channel, 1)
    stage.change(strip, right=last)
    strip.stylestrip.style = plan["style"]
    for key, value in (QUICK | settings).items():
        setattr(strip.stylestrip, key, value)
    return strip

def start(scene, strip):
    jobs, cache = part("jobs"), part("jobs").cache_folder()
    footage = part("host.footage").footage_of(strip, scene, cache)
    job = part("settings").job_of(scene, strip, footage.source, cache)
    return part("painting").start(scene, strip, job, footage)

def until(enough, seconds=120):
    deadline = time.monotonic() + seconds
    while not enough():
        assert not any(task.state == "failed" for task in part("jobs").queue), part("jobs").queue[0].words
        assert time.monotonic() < deadline, [(task.state, task.words) for task in part("jobs").queue]
        part("jobs").advance()
        time.sleep(0.02)

def film(plan, cache):
    return [file.read_bytes().hex() for file in sorted(Path(plan["folder"], cache).glob("[0-9a-f]*/0*.png"))]

def painted(scene):
    return sorted(strip.name for strip in scene.sequence_editor.strips if strip.get("stylestrip_job"))
"""


@pytest.fixture
def plan(tmp_path):
    """A film and a style picture."""
    return {
        "film": str(write_film(tmp_path / "clip.mp4", 20)),
        "style": str(write_png(tmp_path / "style.png", style_picture())),
    }


URGENT = """
def play(plan):
    jobs = ready(plan)
    scene = stage.new_scene()
    painting = start(scene, add(scene, plan))
    other = add(scene, plan, "Other", 5, 3, steps=2)
    footage = part("host.footage").footage_of(other, scene, jobs.cache_folder())
    job = part("settings").job_of(scene, other, footage.source, Path(plan["folder"]) / "preview")

    class Preview(part("task").Task):
        def deliver(self, folder):
            return f"{len(list(folder.glob('0*.png')))} frames are there."

    until(lambda: painting.done >= 2)
    preview = Preview()
    jobs.begin(preview, "run", part("painting").request_of(job), urgent=True)
    told = {"asked": [painting.state, painting.words, preview.state, preview.words]}
    until(lambda: preview.state == "running")
    told["during"] = [painting.state, painting.words, painting.done]
    until(lambda: preview.is_over)
    told["preview"] = [preview.state, preview.message]
    told["after"] = painting.state
    until(lambda: painting.is_over)
    told |= {"end": [painting.state, painting.message], "film": film(plan, "cache"), "painted": painted(scene)}
    part("preferences").preferences().cache_folder = plan["folder"] + "/unbroken"
    whole = start(scene, add(scene, plan, "Whole", 8))
    until(lambda: whole.is_over)
    return told | {"unbroken": film(plan, "unbroken")}
"""


def test_a_preview_goes_first_and_the_painting_goes_on_to_the_same_film(blender, plan, tmp_path):
    told = blender.play(BEGIN + URGENT, tmp_path, **plan)
    assert told["asked"] == ["running", "Pausing ...", "waiting", "Waiting"]
    state, words, done = told["during"]
    assert state == "waiting" and 2 <= done < 6
    assert words == f"Paused for a preview, {done} of 6 frames are there"
    assert told["preview"] == ["done", "2 frames are there."]
    assert told["after"] == "running", "it goes on by itself"
    assert told["end"] == ["done", "'Clip' is painted."] and told["painted"] == ["Clip painted"]
    assert len(told["film"]) == 6 and told["film"] == told["unbroken"]
