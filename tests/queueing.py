"""A Blender whose queue is watched: how the scripts of these tests begin, and what they paint."""

from pathlib import Path

from clips import style_picture, write_film, write_png

BEGIN = """
import json, time
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
    job = part("strip_job").job_of(scene, strip, footage, cache)
    return part("painting").start(scene, strip, job, footage)

def until(enough, seconds=120):
    deadline = time.monotonic() + seconds
    while not enough():
        assert not any(task.state == "failed" for task in part("jobs").queue), part("jobs").queue[0].words
        assert time.monotonic() < deadline, [(task.state, task.words) for task in part("jobs").queue]
        part("driver").advance()
        time.sleep(0.02)

def film(plan, cache):
    return [file.read_bytes().hex() for file in sorted(Path(plan["folder"], cache).glob("[0-9a-f]*/0*.png"))]

def painted(scene):
    return sorted(strip.name for strip in scene.sequence_editor.strips if strip.get("stylestrip_job"))
"""


def film_and_style(folder: Path) -> dict[str, str]:
    """A film and a style picture."""
    return {
        "film": str(write_film(folder / "clip.mp4", 20)),
        "style": str(write_png(folder / "style.png", style_picture())),
    }
