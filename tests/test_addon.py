"""The add-on inside Blender: a strip goes in, and its painted twin stands above it."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import numbered_frame, style_picture, write_film, write_png

pytestmark = pytest.mark.blender

QUICK = {"size": 96, "steps": 6, "steps_per_frame": 3, "device": "cpu"}
PLACE = {"offset_x": 7, "offset_y": -5, "scale_x": 0.8, "scale_y": 0.9, "rotation": 0.2}


@pytest.fixture
def style(tmp_path: Path) -> str:
    """Orange and blue waves."""
    return str(write_png(tmp_path / "style.png", style_picture()))


@pytest.fixture
def film(tmp_path: Path) -> str:
    """Twenty frames of 96 by 64 pixels."""
    return str(write_film(tmp_path / "clip.mp4", 20))


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    """Six pictures of 96 by 64 pixels."""
    return [str(write_png(tmp_path / f"p{n}.png", numbered_frame(n))) for n in range(1, 7)]


def difference(first: str, second: str) -> float:
    """Mean absolute difference of two pictures, of 255."""
    return float(np.abs(cv2.imread(first).astype(float) - cv2.imread(second)).mean())


def test_a_painted_strip_has_the_place_and_look_of_its_source(modules, film, style, tmp_path):
    change = {"left": 8, "right": 12, "blend_type": "ALPHA_OVER", "blend_alpha": 0.75}
    change |= {"use_flip_x": True, "color_multiply": 0.5}
    case = {"files": [film], "change": change, "transform": PLACE, "frames": [9], "next_free": 4}
    told = modules.run("paint.py", tmp_path, cases={"clip": case | {"arguments": QUICK | {"style": style}}})["clip"]
    source, painted = told["source"], told["painted"]
    assert told["outcome"] == ["FINISHED"]
    assert painted["channel"] == 4, "channels 2 and 3 are taken at these frames"
    assert (painted["left"], painted["right"]) == (8, 12)
    for name in ("blend_type", "blend_alpha", "use_flip_x", "use_flip_y", "color_multiply", "origin", "filter", *PLACE):
        assert painted[name] == pytest.approx(source[name]), name
    assert source["mute"] and not painted["mute"]
    assert told["active"] == "Clip", "another try is one click away"
    assert painted["select"] and source["select"], "both move together"
    assert [Path(file).name for file in told["files"]] == [f"{n:06d}.png" for n in range(4, 8)]
    assert told["job"]["look"]["styles"] == [style]


def test_paint_covers_its_source_and_nothing_else(modules, style, tmp_path):
    # No pixel of the source is black, so that black is where the strip is not.
    bright = [str(write_png(tmp_path / f"b{n}.png", np.maximum(numbered_frame(n), 40))) for n in (1, 2)]
    case = {"files": bright, "transform": PLACE, "frames": [5, 6]}
    told = modules.run("paint.py", tmp_path, cases={"clip": case | {"arguments": QUICK | {"style": style}}})["clip"]
    for before, after in zip(told["before"], told["after"], strict=True):
        old, new = cv2.imread(before).astype(float), cv2.imread(after).astype(float)
        covered = old.max(axis=2) > 0
        inside = cv2.erode(covered.astype(np.uint8), np.ones((5, 5))) > 0
        outside = cv2.dilate(covered.astype(np.uint8), np.ones((5, 5))) == 0
        assert outside.mean() > 0.1 and not new[outside].any(), "nothing is painted beside the strip"
        assert np.abs(new - old)[inside].mean() > 5, "the frame is painted"
        assert new[inside].std() > 20 and new[inside].mean() > 40, "it is neither grey nor black"


@pytest.mark.parametrize("size, tolerance", [(96, 1.0), (48, 8.0)])
def test_painted_frames_lie_exactly_over_the_source_frames(modules, pictures, style, size, tolerance, tmp_path):
    # Paint that changes nothing shows where it lies: no step is made, so that the strip must look as before.
    crop = {"min_x": 10, "max_x": 4, "min_y": 6, "max_y": 2}
    case = {"files": pictures, "transform": PLACE, "crop": crop, "frames": [5, 7], "change": {"use_flip_y": True}}
    arguments = QUICK | {"style": style, "size": size, "style_weight": 0.0, "smoothness": 0.0, "carry": "none"}
    told = modules.run("paint.py", tmp_path, cases={"clip": case | {"arguments": arguments}})["clip"]
    differences = [difference(*pair) for pair in zip(told["before"], told["after"], strict=True)]
    assert max(differences) < tolerance


@pytest.mark.slow
def test_all_kinds_of_sources(modules, film, pictures, style, tmp_path):
    arguments = QUICK | {"style": style, "size": 64}
    cases = {
        "row of pictures": {"files": pictures, "frames": [], "arguments": arguments},
        "held picture": {"files": pictures[:1], "change": {"right": 40}, "frames": [], "arguments": arguments},
        "inside a meta": {
            "files": [film], "change": {"right": 7}, "meta": True, "frames": [], "arguments": arguments,
        },
        "by the strip's own settings": {
            "files": pictures[:2], "frames": [], "settings": arguments, "arguments": {},
        },
    }  # fmt: skip
    told = modules.run("paint.py", tmp_path, cases=cases)
    files = {name: [Path(file).name for file in found["files"]] for name, found in told.items()}
    assert files["row of pictures"] == [f"{n:06d}.png" for n in range(1, 7)]
    assert files["held picture"] == ["000001.png"], "one picture is painted once"
    assert told["held picture"]["painted"]["right"] == 40
    assert told["inside a meta"]["parent"] == "Meta"
    assert files["inside a meta"] == ["000001.png", "000002.png"]
    assert told["by the strip's own settings"]["job"]["look"]["steps"] == QUICK["steps"]


@pytest.mark.slow
def test_what_is_painted_already_comes_at_once(modules, pictures, style, tmp_path):
    case = {"files": pictures, "frames": [], "arguments": QUICK | {"style": style, "size": 64}}
    first = modules.run("paint.py", tmp_path, cases={"clip": case})["clip"]
    times = [Path(file).stat().st_mtime_ns for file in first["files"]]
    again = modules.run("paint.py", tmp_path, cases={"clip": case})["clip"]
    assert again["files"] == first["files"]
    assert [Path(file).stat().st_mtime_ns for file in again["files"]] == times


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python without torch."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return str(next(path for path in (folder / "bin" / "python", folder / "Scripts" / "python.exe") if path.exists()))


def test_what_cannot_be_painted_is_refused_with_a_sentence(modules, film, pictures, style, bare_python, tmp_path):
    text = tmp_path / "painting.png"
    text.write_text("not a picture")
    moved, mask = tmp_path / "moved.mp4", tmp_path / "mask"
    mask.mkdir()
    for n in (1, 2):
        write_png(mask / f"{n}.png", np.full((64, 96), 255, np.uint8))
    lost = write_film(tmp_path / "lost.mp4", 3)
    plain = QUICK | {"strip": "Clip"}
    good = plain | {"style": style}
    cases = {
        "no style": ({"kind": "film", "file": film, "picture": "FILE", "arguments": plain}, "style picture"),
        "style that is not there": (
            {"kind": "film", "file": film, "arguments": plain | {"style": "/no/such.png"}}, "/no/such.png"),
        "text as style": ({"kind": "film", "file": film, "arguments": plain | {"style": str(text)}}, str(text)),
        "wrong number": (
            {"kind": "film", "file": film, "arguments": good | {"steps": -3}}, "is -3; it must be between 0 and 10000"),
        "wrong share": (
            {"kind": "film", "file": film, "arguments": good | {"mix": 1.5}}, "is 1.5; it must be between 0 and 1"),
        "no such look": (
            {"kind": "film", "file": film, "arguments": good | {"look": "inkk"}}, "There is no look 'inkk'"),
        "lost film": (
            {"kind": "film", "file": str(lost), "move": str(moved), "arguments": good}, f"lost its file '{lost}'"),
        "empty strip": ({"kind": "image", "file": str(tmp_path / "none.png"), "arguments": good}, "none.png"),
        "scene without camera": ({"kind": "scene", "arguments": good}, "has no camera: add one there"),
        "no such strip": ({"kind": "film", "file": film, "arguments": good | {"strip": "Clop"}}, "no strip 'Clop'"),
        "short mask": ({"kind": "film", "file": film, "arguments": good | {"mask": str(mask)}}, "mask"),
        "no painter": (
            {"kind": "film", "file": film, "arguments": good, "python": "/no/python"}, "'/no/python'"),
        "painter without torch": (
            {"kind": "film", "file": film, "arguments": good, "python": bare_python}, "lacks torch, "),
        "painter that is a picture": (
            {"kind": "film", "file": film, "arguments": good, "python": pictures[0]}, "cannot be run"),
    }  # fmt: skip
    said = modules.run("refuse.py", tmp_path, cases={name: case for name, (case, _) in cases.items()})
    for name, (_, words) in cases.items():
        assert isinstance(said[name], str) and words in said[name], f"{name}: {said[name]}"
        assert "Traceback" not in said[name], name


# A job in the window, driven by hand

BEGIN = """
def module(name):
    return importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")

def begin(plan, name):
    jobs, preferences = module("jobs"), module("preferences").preferences()
    preferences.python, preferences.cache_folder = plan["painter"], plan["folder"] + "/cache"
    scene = stage.new_scene(name)
    strip = scene.sequence_editor.strips.new_movie("Clip", plan["film"], 1, 1)
    footage = module("host.footage").footage_of(strip, scene, jobs.cache_folder())
    job = module("strip_job").job_of(scene, strip, footage, jobs.cache_folder(), styles=(plan["style"],))
    return scene, module("painting").start(scene, strip, job, footage)
"""


def write_painter(folder: Path, answer: str) -> str:
    """A Python that greets as the worker does, and then does as a script says; `job` is what it is asked for."""
    script, painter = folder / "painter.py", folder / "painter"
    greeting = {"type": "hello", "protocol": 1}
    script.write_text(
        f"import json, sys, time\nprint({json.dumps(greeting)!r}, flush=True)\n"
        f"job = json.loads(sys.stdin.readline())\n{answer}\n"
    )
    painter.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{script}'\n")
    painter.chmod(0o755)
    return str(painter)


CANCEL = """
def end(plan, name, way):
    jobs = module("jobs")
    scene, painting = begin(plan, name)
    process = module("connection").worker.process
    jobs.cancel()
    told = {"words": painting.words, "state": painting.state}
    way(jobs, painting)
    told |= {"end": painting.state, "message": painting.message, "free": not jobs.is_running()}
    process.wait(timeout=20)
    return told

def late(jobs, painting):
    driver = module("driver")
    driver.CANCEL_SECONDS = 0.3
    driver.wait(painting)

def play(plan):
    stage.enable()
    return {"twice": end(plan, "A", lambda jobs, painting: jobs.cancel()), "late": end(plan, "B", late)}
"""


def test_cancel_ends_a_worker_that_does_not_answer_when_pressed_again_or_in_a_while(modules, film, style, tmp_path):
    painter = write_painter(tmp_path, "time.sleep(600)")
    told = modules.play(BEGIN + CANCEL, tmp_path, painter=painter, film=film, style=style)
    for way in told.values():
        assert (way["words"], way["state"]) == ("Cancelling ...", "running")
        assert (way["end"], way["free"]) == ("cancelled", True)
    assert told["twice"]["message"] == "Cancelled. Finished frames are kept."
    assert told["late"]["message"] == (
        "Cancelled. The painter did not answer within 0.3 seconds and was ended; finished frames are kept."
    )


RENDER = """
import time

def play(plan):
    stage.enable()
    driver = module("driver")
    told = {"rendering": driver.is_rendering()}
    driver.is_rendering = lambda: True
    scene, painting = begin(plan, "A")
    deadline = time.monotonic() + 60
    while not painting.folder and time.monotonic() < deadline:
        told["again"] = driver.on_timer()
        time.sleep(0.05)
    module("connection").worker.process.wait(timeout=20)  # its death does not matter any more
    time.sleep(0.3)
    driver.on_timer()
    told |= {"state": painting.state, "words": painting.words, "during": [s.name for s in scene.sequence_editor.strips]}
    driver.is_rendering = lambda: False
    while (last := driver.on_timer()) == driver.BETWEEN_SLICES:
        pass
    told["last"] = last
    return told | {"end": painting.state, "after": [s.name for s in scene.sequence_editor.strips]}
"""


def test_the_painted_strip_waits_for_a_render_to_end(modules, film, style, tmp_path):
    for n in range(1, 21):
        write_png(tmp_path / f"{n:06d}.png", numbered_frame(n))
    done = {"type": "done", "folder": str(tmp_path), "notes": []}
    painter = write_painter(tmp_path, f"print(json.dumps({done!r} | {{'id': job['id']}}), flush=True)")
    told = modules.play(BEGIN + RENDER, tmp_path, painter=painter, film=film, style=style)
    assert told["rendering"] is False and told["again"] and told["last"] is None
    assert (told["state"], told["words"]) == ("running", "Done, and waiting for the render to end")
    assert told["during"] == ["Clip"]
    assert (told["end"], told["after"]) == ("done", ["Clip", "Clip painted"])


# What the preferences say

STATE = """
import os, time
from pathlib import Path

def play(plan):
    stage.enable()
    os.environ.pop("STYLESTRIP_PYTHON")
    painter, own = module("painter"), module("preferences").preferences()
    settings = module("preferences").settings

    def seen():
        now = painter.status(settings())
        return [str(now.state), now.problem]

    def pressed(name):
        try:
            return list(getattr(importlib.import_module("bpy").ops.stylestrip, name)())
        except RuntimeError as error:
            return str(error)

    def waited():
        while painter.is_busy():
            time.sleep(0.05)
        painter.notice()
        return seen()

    told = {"nothing": seen(), "offline": pressed("install_painter"), "nothing to remove": pressed("remove_painter")}
    own.python = plan["python"]
    told |= {"chosen": seen(), "press": pressed("check_painter"), "checking": seen(), "busy": pressed("check_painter")}
    told["bad"] = waited()
    told["report"] = painter.report(settings())
    own.python = plan["folder"]
    told["no Python"] = seen()
    own.python = ""
    told["nothing again"] = seen()
    own.wheels, own.build, own.python = plan["folder"], "index", plan["python"]
    told["install"] = pressed("install_painter")
    told["lacking"] = waited()
    outlook = painter.outlook_for(settings())
    outlook.thread.join()
    told["outlook"] = outlook.sentence
    own.wheels = ""
    told["chosen since"] = seen()
    return told
"""


def test_the_preferences_say_what_the_painter_is_and_what_to_do(modules, bare_python, tmp_path):
    told = modules.play(BEGIN + STATE, tmp_path, python=bare_python)
    assert told["nothing"] == ["not installed", ""]
    assert "Allow Online Access in Preferences > System" in told["offline"]
    assert "installed nothing" in told["nothing to remove"]
    assert told["chosen"] == ["not checked", ""]
    assert (told["press"], told["checking"]) == (["FINISHED"], ["checking", ""])
    assert "poll() failed" in told["busy"]
    assert told["bad"][0] == "needs repair" and f"'{bare_python}' has no torch" in told["bad"][1]
    assert "has no torch" in told["report"] and "user folder" in told["report"]
    assert told["no Python"][0] == "needs repair" and "does not exist: correct the path" in told["no Python"][1]
    assert told["nothing again"] == ["not installed", ""]
    assert told["install"] == ["FINISHED"]
    assert told["lacking"][0] == "needs repair" and f"The folder '{tmp_path}' has no '" in told["lacking"][1]
    assert told["outlook"].startswith(f"3.1 GB to take out of '{tmp_path}'")
    assert told["chosen since"][0] == "needs repair"


def test_a_look_sets_its_numbers_and_what_the_panel_does_not_show(modules, tmp_path):
    style = write_png(tmp_path / "style.png", style_picture())
    found = modules.play(LOOKS, tmp_path, style=str(style))
    assert found["portrait"]["shown"] != found["painting"]["shown"]
    assert found["portrait"]["layers"] == ["conv2_2"]
    assert found["painting"]["layers"] == ["conv4_2"]
    assert found["back"] == found["painting"], "the plain look is all defaults again"
    assert found["changed"] == 7.0, "a number that was changed afterwards stays changed"
    assert found["given"]["layers"] == ["conv2_2"], "a look by name goes before the strip's own"
    assert found["given"]["shown"] == found["portrait"]["shown"]


LOOKS = """
from pathlib import Path

def play(plan):
    stage.enable()
    strip_job = importlib.import_module(f"{stage.EXTENSION}.blender_addon.strip_job")
    Source = importlib.import_module(f"{stage.EXTENSION}.style_core.job").Source
    looks = importlib.import_module(f"{stage.EXTENSION}.blender_addon.job_fields").LOOKS
    folder = Path(plan["folder"])
    scene = stage.new_scene()
    strip = scene.sequence_editor.strips.new_effect("Clip", "COLOR", 1, frame_start=1, **stage.length_of_effect(1, 5))
    own = strip.stylestrip
    own.style = plan["style"]
    module = lambda name: importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")
    way = module("host.ways_in").WayIn()
    footage = module("host.footage").Footage(Source(path=str(folder)), [1], 1, way, 1.0)
    def job(**more):
        return strip_job.job_of(scene, strip, footage, folder, **more).look
    def seen(look):
        return {"layers": list(look.content_layers), "shown": [look.content_weight, look.style_weight, look.brush_size]}
    found = {}
    for name in ("painting", "portrait"):
        own.look = name
        found[name] = seen(job())
    own.look = "painting"
    found["back"] = seen(job())
    own.content_weight = 7.0
    found["changed"] = job().content_weight
    found["given"] = seen(job(look=looks["portrait"]))
    return found
"""
