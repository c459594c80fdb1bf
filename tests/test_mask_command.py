"""python -m style_core mask, as a person and a script call it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from clips import style_picture, write_png
from drawn import lend_networks, person
from safetensors.torch import save_file
from shots import HEIGHT, WIDTH, likeness, write_shot

from style_core.__main__ import main
from style_core.mask_command import least_sure
from style_core.regions import semantic

ROOT = Path(__file__).parent.parent
RECTANGLE = ["--rect", "14,26,44,44"]
FRAMES = 6


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a shot, its masks and a picture of another size, in which commands are called."""
    write_shot(tmp_path, FRAMES)
    write_png(tmp_path / "small.png", np.zeros((10, 20), np.uint8))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def mattes(folder):
    """All mattes in a folder by their frames, (H, W) uint8."""
    return {int(file.stem): cv2.imread(str(file), cv2.IMREAD_UNCHANGED) for file in sorted(folder.glob("*.png"))}


def test_what_lies_in_a_rectangle_is_cut_out_and_followed(place, capsys):
    assert main(["mask", "clip", *RECTANGLE, "-o", "out"]) == 0
    found, masks = mattes(place / "out"), mattes(place / "true")
    assert sorted(found) == list(range(1, FRAMES + 1))
    assert all(matte.shape == (HEIGHT, WIDTH) and matte.dtype == np.uint8 for matte in found.values())
    assert min(likeness(found[number], masks[number]) for number in masks) > 0.85
    confidence = json.loads((place / "out" / "confidence.json").read_text())
    assert sorted(map(int, confidence)) == sorted(found)
    assert confidence["1"] == 1
    assert all(0 <= sure <= 1 for sure in confidence.values())
    said = capsys.readouterr().err
    assert "6 mattes in" in said
    assert "Mean confidence" in said


def test_a_matte_is_followed_from_the_frame_that_it_belongs_to_in_both_directions(place):
    assert main(["mask", "clip", "--start", "true/000004.png", "--frame", "4", "-o", "out"]) == 0
    found, masks = mattes(place / "out"), mattes(place / "true")
    assert np.array_equal(found[4], masks[4])
    assert min(likeness(found[number], masks[number]) for number in masks) > 0.85


def test_of_several_mattes_each_is_kept_in_its_frame(place):
    starts = ["--start", "true/000001.png", "--start", "5=true/000005.png"]
    assert main(["mask", "clip", *starts, "-o", "out", "--frames", "1-5"]) == 0
    found, masks = mattes(place / "out"), mattes(place / "true")
    assert sorted(found) == [1, 2, 3, 4, 5]
    assert np.array_equal(found[1], masks[1]) and np.array_equal(found[5], masks[5])


def test_frames_without_the_one_that_is_known_are_followed_to_as_well(place):
    assert main(["mask", "clip", "--start", "1=true/000001.png", "-o", "out", "--frames", "4-5"]) == 0
    found, masks = mattes(place / "out"), mattes(place / "true")
    assert sorted(found) == [4, 5]
    assert min(likeness(found[number], masks[number]) for number in found) > 0.85
    assert sorted(json.loads((place / "out" / "confidence.json").read_text())) == ["4", "5"]


def test_strokes_correct_what_the_rectangle_cuts_out(place):
    away = [{"points": [[22, 34], [22, 62]], "radius": 5, "keep": False}]
    (place / "strokes.json").write_text(json.dumps(away))
    assert main(["mask", "clip", *RECTANGLE, "--strokes", "strokes.json", "-o", "out", "--frames", "1"]) == 0
    assert main(["mask", "clip", *RECTANGLE, "-o", "whole", "--frames", "1"]) == 0
    corrected, whole = mattes(place / "out")[1], mattes(place / "whole")[1]
    assert whole[48, 22] > 200
    assert corrected[48, 22] < 50


def test_a_matte_that_is_off_by_some_pixels_is_refined_to_the_edge_in_the_frame(place):
    mask = mattes(place / "true")[1]
    write_png(place / "wide.png", cv2.dilate(mask, np.ones((5, 5), np.uint8)))
    for refine in ("crf", "guided", "none"):
        options = ["-o", refine, "--frames", "1", "--refine", refine]
        assert main(["mask", "clip", "--start", "wide.png", *options]) == 0
    assert likeness(mattes(place / "crf")[1], mask) > likeness(mattes(place / "none")[1], mask) + 0.03
    assert not np.array_equal(mattes(place / "guided")[1], mattes(place / "none")[1])


def test_people_and_faces_are_found_in_a_picture(place, request, monkeypatch):
    lend_networks(request, monkeypatch)
    picture, mask = person(size=(180, 240), at=(120, 75), side=50)
    write_png(place / "person.png", picture)
    for what in ("people", "faces"):
        assert main(["mask", "person.png", f"--{what}", "-o", what]) == 0
        assert not (place / what / "confidence.json").exists()
    people, faces = mattes(place / "people")[1], mattes(place / "faces")[1]
    assert likeness(people, np.rint(255 * mask)) > 0.85
    assert faces[75, 120] > 250 and faces[170, 120] == 0


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (["--faces"], "No face was found in frames 1-2 of 'walls'"),
        (["--people"], "Nobody was found in frames 1-2 of 'walls': another network may see them (--people-network)"),
    ],
)
def test_who_finds_nobody_in_any_frame_says_so_and_what_to_try(place, request, monkeypatch, capsys, what, words):
    lend_networks(request, monkeypatch)
    (place / "walls").mkdir()
    for number in (1, 2, 3):
        write_png(place / "walls" / f"{number}.png", np.full((96, 128, 3), 60 + number, np.uint8))
    assert main(["mask", "walls", *what, "-o", "out", "--frames", "1-2"]) == 0
    said = capsys.readouterr().err
    assert f"Note: {words}" in said
    assert "cut out by hand is followed (mask --rect)" in said
    assert not any(matte.any() for matte in mattes(place / "out").values())
    assert main(["mask", "walls", *what, "-o", "again", "--frames", "1-2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["type"], told["empty"]) == ("done", True)
    assert words in told["notes"][0]


def test_an_object_that_is_in_none_of_the_frames_is_said_to_be_missing(place, capsys):
    other = np.random.default_rng(5).integers(150, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    for number in (FRAMES + 1, FRAMES + 2):  # a hard cut
        write_png(place / "clip" / f"{number:06d}.png", np.roll(other, number, 1))
    assert main(["mask", "clip", "--start", "6=true/000006.png", "-o", "out", "--frames", "7-8"]) == 0
    assert "Note: The object was not found in frames 7-8 of 'clip'" in capsys.readouterr().err


def test_who_finds_somebody_has_nothing_to_note(place, request, monkeypatch, capsys):
    lend_networks(request, monkeypatch)
    write_png(place / "person.png", person(size=(180, 240), at=(120, 75), side=50)[0])
    assert main(["mask", "person.png", "--faces", "-o", "out", "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["empty"], told["notes"]) == (False, [])


def test_older_mattes_in_the_folder_are_named_and_left(place, capsys):
    start = ["mask", "clip", "--start", "true/000001.png", "-o", "out"]
    main([*start, "--frames", "1-4"])
    capsys.readouterr()
    older = (place / "out" / "000004.png").read_bytes()
    assert main([*start, "--frames", "1-2"]) == 0
    said = capsys.readouterr().err
    assert "'out' also holds 2 pictures that this job has not made ('000003.png' to '000004.png')" in said
    assert (place / "out" / "000004.png").read_bytes() == older
    assert main([*start, "--frames", "1-4"]) == 0
    assert "also holds" not in capsys.readouterr().err


def test_people_are_found_by_a_large_network_whose_weights_are_named(place, request, monkeypatch, capsys):
    lend_networks(request, monkeypatch)
    network = semantic.NETWORKS["lraspp-mobilenet"]()
    with torch.no_grad():
        for layer in (network.classifier.low_classifier, network.classifier.high_classifier):
            layer.bias[semantic.PERSON] += 50.0  # sees people everywhere
    save_file(network.state_dict(), place / "everywhere.safetensors")
    command = ["mask", "clip", "--frames", "1", "--people", "--people-network", "lraspp-mobilenet"]
    assert main([*command, "--people-weights", "everywhere.safetensors", "-o", "out"]) == 0
    assert mattes(place / "out")[1].min() == 255
    assert main(["mask", "clip", "--frames", "1", "--people", "-o", "usual"]) == 0
    assert mattes(place / "usual")[1].min() == 0
    capsys.readouterr()
    assert main([*command, "-o", "out"]) == 2
    assert "'python -m style_core fetch lraspp-mobilenet' gets them once" in capsys.readouterr().err
    assert main([*command, "--people-weights", "gone.pth", "-o", "out"]) == 2
    assert "The file of weights 'gone.pth' does not exist" in capsys.readouterr().err


def test_a_second_run_finds_what_the_first_has_found(place, capsys):
    main(["mask", "clip", *RECTANGLE, "-o", "out"])
    capsys.readouterr()
    assert main(["mask", "clip", *RECTANGLE, "-o", "again", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["type"] for one in told] == ["done"]
    assert told[0]["reused"] == FRAMES
    assert told[0]["confidence"]["1"] == 1
    assert told[0]["mean_confidence"] == pytest.approx(np.mean(list(told[0]["confidence"].values())))
    assert all(np.array_equal(one, mattes(place / "again")[number]) for number, one in mattes(place / "out").items())


def test_mattes_that_are_lost_are_made_again_with_the_same_bytes(place):
    main(["mask", "clip", *RECTANGLE, "-o", "out"])
    (kept,) = (place / "cache" / "stylestrip" / "mattes").glob("*/000005.png")
    before = kept.read_bytes()
    kept.unlink()
    assert main(["mask", "clip", *RECTANGLE, "-o", "out"]) == 0
    assert kept.read_bytes() == before


@pytest.mark.slow
def test_stopped_by_hand_it_keeps_what_is_finished_and_goes_on(place):
    command = [sys.executable, "-m", "style_core", "mask", "clip", *RECTANGLE, "-o", "out"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    while not list((place / "cache").rglob("000002.png")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "kept; the same command goes on from there" in said
    assert not list((place / "out").iterdir())
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "found earlier:" in done.stderr
    assert sorted(mattes(place / "out")) == list(range(1, FRAMES + 1))
    main(["mask", "clip", *RECTANGLE, "-o", "whole", "--cache", "other"])
    for number in range(1, FRAMES + 1):
        name = f"{number:06d}.png"
        assert (place / "out" / name).read_bytes() == (place / "whole" / name).read_bytes()


@pytest.mark.slow
def test_killed_while_it_follows_it_ends_with_the_same_bytes(place):
    command = [sys.executable, "-m", "style_core", "mask", "clip", *RECTANGLE, "-o", "out"]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL)
    while not list((place / "cache").rglob("000003.png")):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -9
    assert main(["mask", "clip", *RECTANGLE, "-o", "out"]) == 0
    main(["mask", "clip", *RECTANGLE, "-o", "whole", "--cache", "other"])
    out, whole = ({file.name: file.read_bytes() for file in (place / name).iterdir()} for name in ("out", "whole"))
    assert len(whole) == FRAMES + 1
    assert out == whole


@pytest.mark.slow
def test_wherever_the_notes_of_a_follower_break_off_the_rest_is_followed_again(place, capsys):
    main(["mask", "clip", *RECTANGLE, "-o", "whole"])
    (notes,) = (place / "cache").rglob("confidence.jsonl")
    lines = notes.read_text().splitlines(keepends=True)
    assert len(lines) == FRAMES
    begun = "".join(lines[:4])
    for broken in ("", begun + lines[4][:-3], begun + lines[4][:-1]):
        notes.write_text(broken)
        notes.with_name("confidence.json").unlink()
        capsys.readouterr()
        assert main(["mask", "clip", *RECTANGLE, "-o", "out", "--json"]) == 0
        assert json.loads(capsys.readouterr().out.splitlines()[-1])["reused"] < FRAMES
        for file in (place / "whole").iterdir():
            assert (place / "out" / file.name).read_bytes() == file.read_bytes()
        assert main(["mask", "clip", *RECTANGLE, "-o", "out", "--json"]) == 0
        assert json.loads(capsys.readouterr().out.splitlines()[-1])["reused"] == FRAMES


def test_the_folder_of_mattes_is_a_region_to_paint(place):
    write_png(place / "style.png", style_picture())
    main(["mask", "clip", "--start", "true/000001.png", "-o", "disc", "--frames", "1-2"])
    options = ["-o", "painted", "--frames", "1-2", "--size", "128", "--steps", "3", "--following-steps", "2"]
    options += ["--feather", "0", "--device", "cpu", "--no-report"]
    assert main(["video", "clip", "--region", "disc=style.png", *options]) == 0
    for number in (1, 2):
        frames = [cv2.imread(f"{folder}/{number:06d}.png").astype(int) for folder in ("clip", "painted")]
        change, matte = np.abs(frames[1] - frames[0]).max(-1), mattes(place / "disc")[number]
        assert not change[matte == 0].any()
        assert change[matte > 250].mean() > 5


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--rect", "400,10,20,20"], "The rectangle 400,10,20,20 lies outside of the picture of 128 x 96"),
        ([*RECTANGLE, "--frame", "9"], "Frame 9 is to be cut, but 'clip' has 6 (1-6)"),
        (["--start", "9=true/000001.png"], "says where the object is in frame 9, but 'clip' has 6 (1-6)"),
        (["--start", "small.png"], "The matte 'small.png' is 20 x 10 pixels, its frame 128 x 96"),
        (["--start", "gone.png"], "The matte of frame 1 'gone.png' does not exist"),
        (["--start", "2=true/000001.png", "--start", "2=true/000002.png"], "A region has 2 mattes for frame 2"),
        (["--start", "0=true/000001.png"], "Frame is 0; it must be at least 1"),
        (["--start", "true/000001.png", "--strokes", "s.json"], "--strokes corrects the cut of --rect"),
        ([*RECTANGLE, "--strokes", "gone.json"], "The strokes 'gone.json' cannot be read"),
        ([*RECTANGLE, "--strokes", "clip/000001.png"], "The strokes 'clip/000001.png' cannot be read"),
        ([*RECTANGLE, "--frame", "0"], "Frame is 0; it must be at least 1"),
        (["--people", "--frames", "\N{SUPERSCRIPT TWO}"], "write it as A-B"),
        (["--people", "--frame", "3"], "--frame says in which frame the object of --rect or --start is"),
        (["--people", "--frames", "5-9"], "Frames 5-9 are wanted, but 'clip' has 6"),
        (["--start", "true/000001.png", "-o", "small.png/x"], "cannot be made"),
        (["--start", "true/000001.png", "-o", "C6.mp4"], "'C6.mp4' ends in '.mp4', but mattes are"),
        (["--start", "true/000001.png", "-o", "clip"], "The output 'clip' is what the job reads"),
        (["--start", "true/000001.png", "-o", "true"], "could replace 'true/000001.png'"),
    ],
)
def test_wrong_input_gets_one_sentence_and_leaves_nothing(place, arguments, sentence, capsys):
    before = sorted(place.rglob("*"))
    assert main(["mask", "clip", "-o", "out", *arguments]) == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith("stylestrip: ")
    assert sentence in said
    assert "\n" not in said
    assert not [path for path in place.rglob("*.png") if path not in before]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--people", "--faces"], "--faces: not allowed with argument --people"),
        ([*RECTANGLE, "--start", "true/000001.png"], "--start: not allowed with argument --rect"),
        ([], "one of the arguments --rect --start --people --faces is required"),
        (["--rect", "1,2,3"], "--rect: '1,2,3' is no rectangle such as 40,30,200,120"),
        (["--people", "--refine", "sharp"], "--refine: invalid choice: 'sharp'"),
    ],
)
def test_options_that_exclude_each_other_or_cannot_be_read_get_one_sentence(place, arguments, words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["mask", "clip", "-o", "out", *arguments])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert words in said
    assert said.count("\n") == 1


def test_a_rectangle_of_which_strokes_leave_nothing_is_refused(place, capsys):
    away = [{"points": [[10, 48], [62, 48]], "radius": 40, "keep": False}]
    (place / "strokes.json").write_text(json.dumps(away))
    assert main(["mask", "clip", *RECTANGLE, "--strokes", "strokes.json", "-o", "out"]) == 2
    assert "Nothing was found in the rectangle 14,26,44,44: draw it closer" in capsys.readouterr().err
    assert not (place / "out").exists()


def test_the_least_sure_frames_are_named_apart_from_one_another_and_sure_ones_not():
    confidence = {1: 1.0, 2: 0.7, 3: 0.5, 4: 0.6, 20: 0.4, 40: 0.79, 60: 0.3, 80: 0.95}
    assert least_sure(confidence) == [60, 20, 3]
    assert least_sure({1: 1.0, 2: 0.9}) == []


def test_a_problem_that_grows_is_named_once_where_it_is_worst():
    growing = {number: 0.9 - 0.03 * number for number in range(1, 21)}
    assert least_sure(growing) == [20]
    assert least_sure(dict.fromkeys(range(1, 21), 0.5)) == [1]
