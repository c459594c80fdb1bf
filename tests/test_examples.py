"""The commands on the pages, run as they stand there but for what makes them quick."""

import json
import os
import re
import sys
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import numbered_frame, style_picture, write_film, write_png
from drawn import lend_networks
from test_docs import WRITTEN, called, examples

from style_core.__main__ import main
from style_core.looks import FOLDER
from style_core.matting import Mattes
from style_core.progress import STAGES, JsonLines
from style_core.sequence import PAINTING, PREPARING, Progress, Result
from templates import batch

# Of the film: it is as long as is needed to go from one frame to another.
WIDTH, HEIGHT, FRAMES = 256, 160, 2
# What follows a command, so that it is done at once.
SMALL = ["--size", "32", "--steps", "1", "--device", "cpu", "--cache", "cache"]
QUICK = {
    "image": SMALL,
    "video": [*SMALL, "--frames", "1-2", "--following-steps", "1", "--flow-size", "128", "--no-report"],
    "mask": ["--cache", "cache"],
    "evaluate": ["--frames", "1-2"],
    "cache": ["--cache", "cache"],
}
# Options that decide nothing about what is done, but with which files, or for how long.
FILES_AND_SIZES = ("-s", "-l", "-o", "--size", "--frames")
# What is not run here, by a word of it: for some the network is needed, and the doctor's trial has a test of its own.
LEFT_OUT = ("fetch", "deeplabv3-mobilenet", "doctor")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """The current folder, with the films and pictures that the pages name."""
    lend_networks(request, monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_film(tmp_path / "CLIP.mp4", FRAMES, width=WIDTH, height=HEIGHT)
    matte = np.zeros((HEIGHT, WIDTH), np.uint8)
    matte[40:120, 60:200] = 255
    for name in ("FIRST.png", "CORRECTED.png", "SKY.png"):
        write_png(tmp_path / name, matte)
    write_png(tmp_path / "PHOTO.jpg", numbered_frame(1))
    for name in ("PAINTING.jpg", "WAVE.jpg"):
        write_png(tmp_path / name, style_picture())
    # A look decides by itself how many steps are painted.
    (tmp_path / "quick.toml").write_text((FOLDER / "bold.toml").read_text(encoding="utf-8") + "steps = 1\n")
    for number in (1, 2):
        frame = numbered_frame(number, WIDTH, HEIGHT)
        for folder, picture in (("FOLDER", frame), ("FRAMES", frame), ("MASKS", matte)):
            (tmp_path / folder).mkdir(exist_ok=True)
            write_png(tmp_path / folder / f"{number:06d}.png", picture)
    cv2.writeOpticalFlow(str(tmp_path / "FOLDER" / "000001.flo"), np.ones((HEIGHT, WIDTH, 2), np.float32))
    return tmp_path


def kind_of(command: list[str]) -> tuple[str, ...]:
    """What of a command decides what is done: of two that are alike in that, one is run."""
    options = [command[0], *command[2:]]
    return command[0], *(one for last, one in pairwise(options) if not {last, one} & set(FILES_AND_SIZES))


@pytest.mark.slow
def test_commands_of_the_painter_do_what_the_pages_say(place: Path, capsys: pytest.CaptureFixture):
    wanted = [one for one in called("style_core") if not set(one) & set(LEFT_OUT)]
    commands = list({kind_of(one): one for one in wanted}.values())
    # Mattes first, as other pages begin with a region that is cut out on this one.
    for command in sorted(commands, key=lambda one: one[0] != "mask"):
        command = [word.replace("31=", f"{FRAMES}=").replace("=bold", "=quick.toml") for word in command]
        assert main([*command, *QUICK.get(command[0], [])]) == 0, (command, capsys.readouterr().err)
        if "-o" in command:
            assert (place / command[command.index("-o") + 1]).exists(), command
    assert len(commands) > 12 and {command[0] for command in commands} > QUICK.keys()


def test_the_job_of_the_page_is_painted(place: Path, monkeypatch: pytest.MonkeyPatch):
    (text,) = examples("scripting.md", "json")
    job = json.loads(text)
    job["source"]["last"] = 2
    job["look"] |= {"steps": 1}
    job["motion"] |= {"steps": 1}
    job["output"] |= {"size": 32, "report": False}
    (place / "JOB.json").write_text(json.dumps(job))
    assert main(["run", "JOB.json"]) == 0
    assert (place / job["output"]["path"]).stat().st_size


def test_a_blender_that_ends_itself_is_a_failure_of_the_batch_whatever_becomes_of_other_files(
    tmp_path: Path, capsys: pytest.CaptureFixture
):
    blender = tmp_path / "blender"
    done = '{"type": "done", "message": "It is painted.", "source": "A", "strip": "A painted"}'
    ends = f"A.blend) kill -9 $$;; B.blend) echo '{done}';; esac"
    blender.write_text(f'#!/bin/sh\ncase "$2" in {ends}\n')
    blender.chmod(0o755)
    for files in (["A.blend"], ["A.blend", "B.blend"], ["B.blend", "A.blend"], ["C.blend"]):
        assert batch.main(["--blender", str(blender), *files]) == 1
        assert {"A.blend", "C.blend"} & set(files) == {one.partition(":")[0] for one in failed_of(capsys)}
    assert batch.main(["--blender", str(blender), "B.blend"]) == 0


# Stands for Blender: notes how it was called, and saves where it is to.
RECORDER = """#!{python}
import json, pathlib, sys
given = sys.argv[1:]
with open("calls.jsonl", "a") as calls:
    print(json.dumps([given[1], *given[4:-1]]), file=calls)
if "--output" in given and "--resume" not in given:
    pathlib.Path(given[given.index("--output") + 1]).write_text("painted")
print(json.dumps({{"type": "done", "message": "It is painted."}}))
"""


@pytest.fixture
def shots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Two files of one name, and a batch that paints them into OUT: its exit code and how it has called Blender."""
    monkeypatch.chdir(tmp_path)
    blender = tmp_path / "blender"
    blender.write_text(RECORDER.format(python=sys.executable))
    blender.chmod(0o755)
    for shot in ("010", "020"):
        Path(shot).mkdir()
        Path(shot, "comp.blend").write_text(shot)

    def paint(*files: str) -> tuple[int, list[list[str]]]:
        Path("calls.jsonl").write_text("")
        code = batch.main(["--blender", str(blender), "--output", "OUT", *files])
        return code, [json.loads(line) for line in Path("calls.jsonl").read_text().splitlines()]

    return paint


def test_a_batch_opens_what_it_has_saved_unless_the_file_was_changed_since(shots):
    place, saved = str(Path("OUT", "comp.blend")), ["--output", str(Path("OUT", "comp.blend"))]
    first = [["010/comp.blend", "--resume", *saved], ["010/comp.blend", "--all", *saved]]
    assert shots("010/comp.blend") == (0, first), "what was left is not saved in place, and does not stand for the rest"
    assert shots("010/comp.blend") == (0, [[place, *options] for _, *options in first])
    later = Path(place).stat().st_mtime + 10
    os.utime("010/comp.blend", (later, later))
    os.utime(place, (later - 5, later - 5))
    assert shots("010/comp.blend")[1][0] == first[0]


def test_a_batch_refuses_to_save_two_files_in_one_place(shots, capsys: pytest.CaptureFixture):
    assert shots("010/comp.blend", "020/comp.blend")[0] == 2
    assert shots("020/comp.blend") == (2, [])
    said = capsys.readouterr()
    assert "020/comp.blend: wrong input" in said.out
    assert "is painted from" in said.err and str(Path("010", "comp.blend")) in said.err


def failed_of(capsys: pytest.CaptureFixture) -> list[str]:
    """What the batch says of files that have failed; one whose Blender says nothing has."""
    return [line for line in capsys.readouterr().out.splitlines() if ": failed" in line]


def test_what_is_told_to_programs_is_what_the_page_says(place: Path, capsys: pytest.CaptureFixture):
    lines = JsonLines()
    file = place / "000001.png"
    lines.progress(Progress(PREPARING, 1, 0, 2))
    lines.progress(Progress(PAINTING, 1, 1, 2, finished=file))
    lines.done(Result(place, [file], 0, 1.0, "cpu"), "painted.mp4")
    lines.found(Mattes(place, [file], {1: 0.5}, 0, 1.0, "cpu"), [1])
    lines.cancelled()
    assert main(["image", "NONE.jpg", "-s", "PAINTING.jpg", "-o", "painted.png", "--json"]) == 2
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    table = WRITTEN["command-line.md"].partition("## For programs\n")[2].partition("\n## ")[0]
    rows = [row.split("|")[1:3] for row in table.splitlines() if row.startswith("| `")]
    names = [[re.findall(r"`(\w+)`", cell) for cell in row] for row in rows[1:]]
    assert [(kind[0], set(fields)) for kind, fields in names] == [(one.pop("type"), set(one)) for one in told]
    assert not [stage for stage in STAGES if f'"{stage}"' not in table]
