"""The add-on inside Blender: a strip goes in, and its painted twin stands above it."""

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


def test_a_painted_strip_has_the_place_and_look_of_its_source(blender, film, style, tmp_path):
    change = {"left": 8, "right": 12, "blend_type": "ALPHA_OVER", "blend_alpha": 0.75}
    change |= {"use_flip_x": True, "color_multiply": 0.5}
    case = {"files": [film], "change": change, "transform": PLACE, "frames": [9], "next_free": 4}
    told = blender.run("paint.py", tmp_path, cases={"clip": case | {"arguments": QUICK | {"style": style}}})["clip"]
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


def test_paint_covers_its_source_and_nothing_else(blender, style, tmp_path):
    # No pixel of the source is black, so that black is where the strip is not.
    bright = [str(write_png(tmp_path / f"b{n}.png", np.maximum(numbered_frame(n), 40))) for n in (1, 2)]
    case = {"files": bright, "transform": PLACE, "frames": [5, 6]}
    told = blender.run("paint.py", tmp_path, cases={"clip": case | {"arguments": QUICK | {"style": style}}})["clip"]
    for before, after in zip(told["before"], told["after"], strict=True):
        old, new = cv2.imread(before).astype(float), cv2.imread(after).astype(float)
        covered = old.max(axis=2) > 0
        inside = cv2.erode(covered.astype(np.uint8), np.ones((5, 5))) > 0
        outside = cv2.dilate(covered.astype(np.uint8), np.ones((5, 5))) == 0
        assert outside.mean() > 0.1 and not new[outside].any(), "nothing is painted beside the strip"
        assert np.abs(new - old)[inside].mean() > 15, "the frame is painted"
        assert new[inside].std() > 20 and new[inside].mean() > 40, "it is neither grey nor black"


@pytest.mark.parametrize("size, tolerance", [(96, 1.0), (48, 8.0)])
def test_painted_frames_lie_exactly_over_the_source_frames(blender, pictures, style, size, tolerance, tmp_path):
    # Paint that changes nothing shows where it lies: no step is made, so that the strip must look as before.
    crop = {"min_x": 10, "max_x": 4, "min_y": 6, "max_y": 2}
    case = {"files": pictures, "transform": PLACE, "crop": crop, "frames": [5, 7], "change": {"use_flip_y": True}}
    arguments = QUICK | {"style": style, "size": size, "style_weight": 0.0, "smoothness": 0.0, "start": "content"}
    told = blender.run("paint.py", tmp_path, cases={"clip": case | {"arguments": arguments}})["clip"]
    differences = [difference(*pair) for pair in zip(told["before"], told["after"], strict=True)]
    assert max(differences) < tolerance


def test_all_kinds_of_sources(blender, film, pictures, style, tmp_path):
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
    told = blender.run("paint.py", tmp_path, cases=cases)
    files = {name: [Path(file).name for file in found["files"]] for name, found in told.items()}
    assert files["row of pictures"] == [f"{n:06d}.png" for n in range(1, 7)]
    assert files["held picture"] == ["000001.png"], "one picture is painted once"
    assert told["held picture"]["painted"]["right"] == 40
    assert told["inside a meta"]["parent"] == "Meta"
    assert files["inside a meta"] == ["000001.png", "000002.png"]
    assert told["by the strip's own settings"]["job"]["look"]["steps"] == QUICK["steps"]


def test_what_is_painted_already_comes_at_once(blender, pictures, style, tmp_path):
    case = {"files": pictures, "frames": [], "arguments": QUICK | {"style": style, "size": 64}}
    first = blender.run("paint.py", tmp_path, cases={"clip": case})["clip"]
    times = [Path(file).stat().st_mtime_ns for file in first["files"]]
    again = blender.run("paint.py", tmp_path, cases={"clip": case})["clip"]
    assert again["files"] == first["files"]
    assert [Path(file).stat().st_mtime_ns for file in again["files"]] == times


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python without torch."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return str(next(path for path in (folder / "bin" / "python", folder / "Scripts" / "python.exe") if path.exists()))


def test_what_cannot_be_painted_is_refused_with_a_sentence(blender, film, pictures, style, bare_python, tmp_path):
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
        "no style": ({"kind": "film", "file": film, "arguments": plain}, "style picture"),
        "style that is not there": (
            {"kind": "film", "file": film, "arguments": plain | {"style": "/no/such.png"}}, "/no/such.png"),
        "text as style": ({"kind": "film", "file": film, "arguments": plain | {"style": str(text)}}, str(text)),
        "lost film": (
            {"kind": "film", "file": str(lost), "move": str(moved), "arguments": good}, f"lost its file '{lost}'"),
        "empty strip": ({"kind": "image", "file": str(tmp_path / "none.png"), "arguments": good}, "none.png"),
        "a colour": ({"kind": "colour", "arguments": good}, "only films and pictures"),
        "no such strip": ({"kind": "film", "file": film, "arguments": good | {"strip": "Clop"}}, "no strip 'Clop'"),
        "short mask": ({"kind": "film", "file": film, "arguments": good | {"mask": str(mask)}}, "mask"),
        "no painter": (
            {"kind": "film", "file": film, "arguments": good, "python": "/no/python"}, "'/no/python'"),
        "painter without torch": (
            {"kind": "film", "file": film, "arguments": good, "python": bare_python}, "lacks torch, "),
        "painter that is a picture": (
            {"kind": "film", "file": film, "arguments": good, "python": pictures[0]}, "cannot be run"),
    }  # fmt: skip
    said = blender.run("refuse.py", tmp_path, cases={name: case for name, (case, _) in cases.items()})
    for name, (_, words) in cases.items():
        assert isinstance(said[name], str) and words in said[name], f"{name}: {said[name]}"
        assert "Traceback" not in said[name], name
