"""python -m style_core, as a person and a script call it."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from clips import numbered_frame, style_picture, write_film, write_png
from drawn import lend_networks

from style_core import doctor, progress
from style_core.__main__ import main
from style_core.job import Look, UserError
from style_core.media.clip import open_clip
from style_core.media.delivery import deliver
from style_core.media.film import Film
from style_core.paint_options import region
from style_core.regions.finding import FINDING
from style_core.sequence import PAINTING, Progress

ROOT = Path(__file__).parent.parent
QUICK = ["--steps", "2", "--size", "64", "--device", "cpu"]


@pytest.fixture
def place(tmp_path):
    """A folder with a film, a picture, a style and a text file."""
    write_film(tmp_path / "clip.mp4", 6, sound=True)
    write_png(tmp_path / "still.png", numbered_frame(1))
    write_png(tmp_path / "style.png", style_picture())
    write_png(tmp_path / "begin.png", numbered_frame(2))
    (tmp_path / "notes.txt").write_text("Dear editor")
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder.mp4").mkdir()
    return tmp_path


def style_core(place, *arguments, code=0, root=ROOT):
    """Runs the command in `place`, its cache beside it; returns stdout and stderr."""
    environment = os.environ | {"PYTHONPATH": str(root), "XDG_CACHE_HOME": str(place / "cache")}
    command = [sys.executable, "-m", "style_core", *map(str, arguments)]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def test_image_paints_a_picture(place):
    style_core(place, "image", "still.png", "-s", "style.png", "-o", "out.png", *QUICK)
    painted = cv2.imread(str(place / "out.png"))
    assert painted.shape == (43, 64, 3)


@pytest.mark.slow
def test_image_mixes_several_styles(place):
    write_png(place / "other.png", np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8))
    style_core(place, "image", "still.png", "-s", "style.png", "-s", "other.png", "-o", "both.png", *QUICK)
    style_core(place, "image", "still.png", "-s", "style.png", "-o", "one.png", *QUICK)
    assert not np.array_equal(cv2.imread(str(place / "both.png")), cv2.imread(str(place / "one.png")))


@pytest.mark.slow
def test_video_paints_a_stretch_of_a_film_into_a_folder(place):
    _, said = style_core(place, "video", "clip.mp4", "-s", "style.png", "-o", "out", "--frames", "2-4", *QUICK)
    assert sorted(p.name for p in (place / "out").iterdir()) == ["000002.png", "000003.png", "000004.png"]
    assert "Painted 3 frames" in said
    assert "Note:" not in said


def test_frames_of_another_job_in_the_folder_are_named_and_left(place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    (place / "out").mkdir()
    for number in (2, 7, 8, 12):
        write_png(place / "out" / f"{number:06d}.png", numbered_frame(number))
    older = (place / "out" / "000012.png").read_bytes()
    command = ["video", "clip.mp4", "-s", "style.png", "-o", "out", "--frames", "1-2", "--cache", "cache", *QUICK]
    command += ["--following-steps", "1", "--no-report"]
    words = "'out' also holds 3 pictures that this job has not made ('000007.png' to '000012.png')"
    assert main(command) == 0
    assert f"Note: {words}: move them away" in capsys.readouterr().err
    assert (place / "out" / "000012.png").read_bytes() == older
    assert main([*command, "--json"]) == 0
    (note,) = json.loads(capsys.readouterr().out.splitlines()[-1])["notes"]
    assert words in note


def test_a_region_that_is_in_no_frame_is_named(place, monkeypatch, capsys, request):
    lend_networks(request, monkeypatch)
    monkeypatch.chdir(place)
    command = ["video", "clip.mp4", "-s", "style.png", "-o", "out", "--frames", "1-2", "--cache", "cache", *QUICK]
    assert main([*command, "--region", "faces=style.png", "--keep-rest", "--no-report"]) == 0
    assert "Note: No face was found in frames 1-2 of 'clip.mp4'" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.mkv", "out.webm", "OUT.MP4", "new/out.mp4"])
def test_an_output_that_is_named_as_a_film_is_one(place, name, monkeypatch):
    monkeypatch.chdir(place)
    command = ["video", "clip.mp4", "-s", "style.png", "-o", name, "--frames", "1-2", "--cache", "cache"]
    assert main([*command, "--steps", "1", "--size", "64", "--following-steps", "1", "--no-report"]) == 0
    assert isinstance(open_clip(name), Film)


@pytest.mark.slow
def test_video_tells_machines_its_progress_as_json(place):
    out, _ = style_core(place, "video", "clip.mp4", "-s", "style.png", "-o", "out.mp4", "--json", *QUICK)
    messages = [json.loads(line) for line in out.splitlines()]
    assert [m["frame"] for m in messages if m["type"] == "frame"] == [1, 2, 3, 4, 5, 6]
    assert messages[-1]["type"] == "done"
    assert messages[-1]["output"] == "out.mp4"


@pytest.mark.slow
def test_run_paints_the_job_of_a_file_and_the_same_as_the_options(place):
    job = {
        "source": {"path": "clip.mp4", "last": 2},
        "look": {"styles": ["style.png"], "steps": 2},
        "output": {"size": 64, "path": "run"},
        "device": "cpu",
    }
    (place / "job.json").write_text(json.dumps(job))
    style_core(place, "run", "job.json")
    style_core(place, "video", "clip.mp4", "-s", "style.png", "-o", "video", "--frames", "1-2", *QUICK)
    for name in ("000001.png", "000002.png"):
        assert (place / "run" / name).read_bytes() == (place / "video" / name).read_bytes()


def test_doctor_names_the_graphics_card_of_a_mac(monkeypatch):
    monkeypatch.setattr("style_core.engine.painter.choose_device", lambda wanted: torch.device("mps"))
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    found = {one.name: one.value for one in doctor.devices()}
    assert (found["device"], found["graphics card"]) == ("mps", "Apple's own, through Metal")


@pytest.mark.parametrize(("mask", "style"), [("sky.png", "a=b.png"), ("sky=1.png", "b.png"), ("sky=1.png", "")])
def test_masks_and_style_pictures_may_have_the_sign_between_them_in_their_names(place, monkeypatch, mask, style):
    monkeypatch.chdir(place)
    for name in ("sky.png", "sky=1.png", "a=b.png", "b.png"):
        shutil.copy("style.png", name)
    found = region(f"{mask}={style}", Look(), {})
    assert (found.mask, found.look.styles if found.look else ()) == (mask, (style,) if style else ())


@pytest.mark.slow
def test_doctor_finds_nothing_missing(place):
    out, _ = style_core(place, "doctor")
    for name in ("python", "torch", "device", "weights", "cache"):
        assert name in out
    found = {f["name"]: f for f in json.loads(style_core(place, "doctor", "--json")[0])}
    assert found["torch"]["remedy"] == ""


def test_a_reader_that_has_read_enough_ends_it_without_a_word():
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "style_core", "styles"]
    done = subprocess.run(command, cwd=ROOT, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["video", "gone.mp4", "-s", "style.png", "-o", "x.mp4"], "The source 'gone.mp4' does not exist"),
        (["video", "clip.mp4", "-o", "x.mp4"], "with --style"),
        (
            ["video", "clip.mp4", "-o", "x.mp4", "--region", "begin.png=bold"],
            "No style picture is chosen for the region 'begin.png'",
        ),
        (
            ["video", "clip.mp4", "-s", "style.png", "-o", "x.mp4", "--region", "faces=portait"],
            "'portait' is neither a picture that exists nor a look: name a picture, a look file (.toml), or one of "
            "painting, bold, colours, ink, portrait, texture, ink-wash, oil-swirl, mosaic, crosshatch, watercolour, "
            "woodcut, pastel, pixel.",
        ),
        (["video", "clip.mp4", "-s", "notes.txt", "-o", "x.mp4"], "'notes.txt' cannot be read as a picture"),
        (["video", "clip.mp4", "-s", "gone.png", "-o", "x.mp4"], "The style picture 'gone.png' does not exist"),
        (["video", "notes.txt", "-s", "style.png", "-o", "x.mp4"], "'notes.txt' cannot be read as a film"),
        (["video", "empty", "-s", "style.png", "-o", "x.mp4"], "The folder 'empty' has no pictures in it"),
        (["video", "clip.mp4", "-s", "style.png", "-o", "x.gif"], "'x.gif' ends in '.gif'"),
        (["video", "clip.mp4", "-s", "style.png", "-o", "x.png"], "name a film (.mp4, .mov, .mkv, .webm) or a folder"),
        (["video", "clip.mp4", "-s", "style.png", "-o", "folder.mp4"], "'folder.mp4' is a folder with the name of a"),
        (["video", "clip.mp4", "-s", "style.png", "-o", "x", "--frames", "9-12"], "Frames 9-12 are wanted, but"),
        (["video", "clip.mp4", "-s", "style.png", "-o", "x", "--frames", "soon"], "--frames is 'soon'"),
        (["video", "clip.mp4", "-s", "style.png", "-o", "x.mp4", "--rate", "-1"], "Rate is -1; it must be between"),
        (["video", "clip.mp4", "-s", "style.png", "-o", "x", "--frames", "5-0"], "--frames is '5-0'"),
        (["video", "clip.mp4", "-s", "style.png", "-o", "x", "--mask", "gone.png"], "The mask 'gone.png' does not"),
        (["video", "clip.mp4", "-s", "style.png", "-o", "x", "--mask", "masks"], "has 2 frames, but 6 frames are"),
        (["video", "clip.mp4", "-s", "style.png", "-o", "x", "--steps", "-1"], "Steps is -1; it must be between"),
        (["video", "clip.mp4", "-s", "style.png", "-o", "still.png/x"], "cannot be made"),
        (["image", "clip.mp4", "-s", "style.png", "-o", "x.png"], "'clip.mp4' has 6 frames: use the command 'video'"),
        (["image", "still.png", "-s", "style.png", "-o", "still.png"], "'still.png' is what the job reads"),
        (
            ["image", "still.png", "-s", "style.png", "-o", "begin.png", "--init-picture", "begin.png"],
            "'begin.png' is what the job reads",
        ),
        (["image", "still.png", "-s", "style.png", "-o", "o.png", "--look", "oils"], "no look 'oils'"),
        (["image", "still.png", "-s", "style.png", "-o", "clip.mp4/x.png"], "cannot be made"),
        (["image", "still.png", "-s", "style.png", "-o", "x.doc"], "'x.doc' names no picture format"),
        (["image", "still.png", "-s", "style.png", "-o", "x.mp4"], ".tif, .tiff, .exr, .bmp"),
        (["image", "still.png", "-s", "style.png", "-o", "x"], "'x' names no picture format that can be written"),
        (["image", "still.png", "-s", "style.png", "-o", "empty"], "'empty' is a folder: name a picture, such as"),
        (["run", "gone.json"], "The job file 'gone.json' cannot be read"),
    ],
)
def test_wrong_input_gets_one_sentence_and_a_code(place, arguments, sentence, monkeypatch, capsys):
    (place / "masks").mkdir()
    for index in (1, 2):
        write_png(place / "masks" / f"{index}.png", numbered_frame(index))
    monkeypatch.chdir(place)
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    assert main(arguments) == 2
    said = capsys.readouterr().err.strip()  # Rich ends its bar with an empty line
    assert said.startswith("stylestrip: ")
    assert sentence in said
    assert "\n" not in said, "one sentence and no traceback"


@pytest.mark.slow
def test_truncated_weights_are_named_with_the_remedy(place):
    shutil.copytree(ROOT / "style_core", place / "copy" / "style_core", ignore=shutil.ignore_patterns("__pycache__"))
    weights = place / "copy" / "style_core" / "weights" / "vgg19.safetensors"
    with weights.open("rb+") as file:
        file.truncate(1_000_000)
    arguments = ["image", "still.png", "-s", "style.png", "-o", "out.png", *QUICK]
    _, said = style_core(place, *arguments, code=2, root=place / "copy")
    assert "vgg19.safetensors' is damaged" in said
    weights.unlink()
    _, said = style_core(place, *arguments, code=2, root=place / "copy")
    assert "The network's weights are missing" in said


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 200 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.slow
def test_a_full_disk_says_so_and_keeps_what_was_finished(place, small_disk):
    noise = np.random.default_rng(0)
    (place / "noise").mkdir()
    for number in range(1, 30):  # about 15 kB each as PNG
        write_png(place / "noise" / f"{number:02d}.png", noise.integers(0, 256, (64, 80, 3)).astype(np.uint8))
    arguments = ["video", "noise", "-s", "style.png", "-o", "out", "--steps", "1", "--size", "0"]
    arguments += ["--init", "content", "--cache", small_disk]
    _, said = style_core(place, *arguments, code=1)
    assert "No space left on device" in said
    assert "free some space" in said
    finished = list(small_disk.rglob("0*.png"))
    assert len(finished) >= 5
    assert all(cv2.imread(str(file)) is not None for file in finished), "every frame there is whole"
    assert not list(small_disk.rglob(".*")), "nothing half written is left"


def test_a_full_disk_leaves_frames_that_were_delivered_earlier_as_they_are(place, small_disk):
    (small_disk / "000001.png").write_bytes(b"a good frame")
    (place / "000001.png").write_bytes(bytes(300_000))
    with pytest.raises(UserError, match="No space left"):
        deliver([place / "000001.png"], small_disk, None, 1)
    assert [file.read_bytes() for file in small_disk.iterdir()] == [b"a good frame"]


def test_without_a_terminal_a_line_now_and_then_says_how_far_it_is(monkeypatch, capsys):
    with progress.shown(as_json=False) as display:
        display.progress(Progress(PAINTING, 1, 0, 4, 1, 10))
        assert not capsys.readouterr().err, "what takes no time has nothing to say"
        monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
        display.progress(Progress(FINDING, 1, 2, 4))
        display.progress(Progress(PAINTING, 3, 2, 4, 4, 10, seconds_left=75))
    told = capsys.readouterr()
    assert not told.out
    assert told.err.splitlines() == [
        "      Finding regions: frame 3 of 4",
        " 60%  Painting: frame 3 of 4, step 4 of 10, 1 min 15 s left",
    ]


@pytest.mark.slow
def test_a_command_stopped_by_hand_keeps_its_frames_and_goes_on(place):
    arguments = ["video", "clip.mp4", "-s", "style.png", "-o", "out", "--size", "96", "--steps", "5", "--device", "cpu"]
    arguments += ["--following-steps", "60"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(place / "cache")}
    command = [sys.executable, "-m", "style_core", *arguments]
    process = subprocess.Popen(command, cwd=place, env=environment, stderr=subprocess.PIPE, text=True)
    while not list((place / "cache").rglob("000002.png")):
        assert process.poll() is None
        time.sleep(0.02)
    process.terminate()
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "kept; the same command goes on from there" in said
    _, said = style_core(place, *arguments)
    assert "finished earlier" in said


@pytest.mark.slow
def test_killed_after_frame_4_the_real_clip_ends_with_the_same_bytes(tmp_path, data):
    clip, style = data / "footage" / "intel_asl_learn.mkv", data / "style" / "starry_night.jpg"
    arguments = ["video", clip, "-s", style, "--frames", "1-8", "--size", "128", "--init", "warped", "--steps", "20"]
    arguments += ["--following-steps", "8", "--device", "cpu"]
    style_core(tmp_path, *arguments, "-o", "whole", "--cache", "unbroken")

    command = [sys.executable, "-m", "style_core", *map(str, arguments), "-o", "broken", "--cache", "killed"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
    while not list((tmp_path / "killed").rglob("000004.png")):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -9
    assert not (tmp_path / "broken").exists() or not list((tmp_path / "broken").iterdir())
    style_core(tmp_path, *arguments, "-o", "broken", "--cache", "killed")

    whole, broken = ({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in ("whole", "broken"))
    assert len(whole) == 8
    assert broken == whole


# What is there when a phase of a job of two passes has begun.
PHASES = {
    "flow": "flow-*/*.npy",
    "first frame": "*/pass-1/000001.png",
    "frames that look back": "*/pass-1/000005.png",
    "second pass": "*/pass-1/000006.png",
    "second pass, half done": "*/000003.png",
}


@pytest.mark.slow
@pytest.mark.parametrize("flow", ["dis-fine", "raft-small"])
def test_killed_in_every_phase_a_job_of_two_passes_ends_with_the_same_bytes(place, flow, request):
    arguments = ["video", "clip.mp4", "-s", "style.png", "--passes", "2", "--long-term", "1,2,4", "--denoise", "0.5"]
    arguments += ["--size", "96", "--steps", "12", "--following-steps", "12", "--device", "cpu", "--flow", flow]
    if flow == "raft-small":
        arguments += ["--flow-weights", str(request.getfixturevalue("data") / "weights" / "raft-small.pth")]
    style_core(place, *arguments, "-o", "whole", "--cache", "unbroken")

    command = [sys.executable, "-m", "style_core", *arguments, "-o", "broken", "--cache", "killed"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    # Phases after the flow are the same for both.
    phases = PHASES if flow == "dis-fine" else {"flow": PHASES["flow"]}
    for phase, sign in phases.items():
        process = subprocess.Popen(command, cwd=place, env=environment, stderr=subprocess.DEVNULL)
        while not list((place / "killed").glob(sign)):
            assert process.poll() is None, f"ended before: {phase}"
            time.sleep(0.005)
        process.kill()
        assert process.wait() == -9
    style_core(place, *arguments, "-o", "broken", "--cache", "killed")

    whole, broken = ({p.name: p.read_bytes() for p in (place / name).iterdir()} for name in ("whole", "broken"))
    assert len(whole) == 6
    assert broken == whole


@pytest.mark.parametrize(
    "option, words",
    [
        (("--size", "big"), "--size: 'big' is no whole number"),
        (("--temporal", "much"), "--temporal: 'much' is no number"),
        (("--pooling", "median"), "--pooling: invalid choice: 'median'"),
        (("--long-term", "a,b"), "--long-term: 'a,b' is no list of whole numbers"),
    ],
)
def test_an_option_that_cannot_be_read_gets_one_sentence_and_no_wall_of_text(option, words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["video", "clip.mp4", "-s", "style.png", "-o", "out", *option])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert words in said
    assert said.count("\n") == 1
