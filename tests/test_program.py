"""Blender itself: the zip installed by its command line, strips painted without a window, and clicks in the window."""

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import style_picture, write_film, write_png

from build_steps import BuildError
from build_steps import blender as demo_blender

pytestmark = pytest.mark.blender

QUICK = ["--size", "64", "--steps", "6", "--steps-per-frame", "3", "--device", "cpu"]
BUTTON = 307  # pixels from the sidebar's top to the middle of the Stylize button, at the default size of 5.2


@pytest.fixture
def style(tmp_path: Path) -> str:
    """Orange and blue waves."""
    return str(write_png(tmp_path / "style.png", style_picture()))


@pytest.fixture
def cut(program, tmp_path: Path) -> Path:
    """A saved file with a strip of four frames."""
    film = write_film(tmp_path / "clip.mp4", 4)
    made = program.run("save.py", tmp_path, film=str(film), file=str(tmp_path / "cut.blend"))
    return Path(made["file"])


def stylize(program, file: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The headless command on strip Clip."""
    return program.call("-b", str(file), "--command", "stylestrip", "--strip", "Clip", *arguments, **env)


def strips_in(program, file: Path, folder: Path) -> dict:
    """The strips that a saved file holds, by name."""
    return program.run("look.py", folder, file=str(file))


def test_the_zip_is_installed_by_the_command_line_and_finds_its_painter(program, cut, archive, style, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    # This machine must not be what keeps the worker from writing bytecode.
    fresh = {"BLENDER_USER_RESOURCES": str(home), "STYLESTRIP_PYTHON": "", "PYTHONDONTWRITEBYTECODE": ""}
    program.call("--command", "extension", "install-file", "-r", "user_default", "-e", str(archive), **fresh)
    installed = home / "extensions" / "user_default" / "stylestrip"
    assert (installed / "blender_manifest.toml").is_file() and (installed / "style_core").is_dir()

    refused = stylize(program, cut, "--style", style, *QUICK, **fresh)
    assert refused.returncode == 2 and "no painter yet" in refused.stderr

    own = home / "extensions" / ".user" / "user_default" / "stylestrip"
    own.mkdir(parents=True, exist_ok=True)
    (own / "runtime.json").write_text(json.dumps({"python": program.runtime}))
    done = stylize(program, cut, "--style", style, *QUICK, **fresh)
    assert done.returncode == 0, done.stdout + done.stderr
    core = installed / "style_core"
    compiled = {path.relative_to(core).as_posix().partition(".")[0] for path in core.rglob("*.pyc")}
    blenders_own = {
        f"__pycache__/{name}"
        for name in (
            "__init__",
            "curve",
            "file_lock",
            "identity",
            "job",
            "kept",
            "look",
            "looks",
            "motion_settings",
            "options",
            "protocol",
            "quality",
            "region",
            "setting",
            "styles",
            "whole",
        )
    }
    assert compiled <= blenders_own, "the worker writes nothing beside the extension's code"
    assert not list(core.rglob("*.part"))
    assert "Clip painted" in strips_in(program, cut, tmp_path)


def test_the_headless_command_paints_and_saves(program, cut, style, tmp_path):
    done = stylize(program, cut, "--style", style, *QUICK)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "'Clip' is painted." in done.stdout and str(cut) in done.stdout
    strips = strips_in(program, cut, tmp_path)
    assert strips["Clip"]["mute"] and not strips["Clip painted"]["mute"]
    assert strips["Clip painted"]["channel"] == 2
    # Beside the file, so that both can be moved together.
    assert strips["Clip painted"]["directory"].startswith("//stylestrip_cache")
    assert len(strips["Clip painted"]["elements"]) == 4


def test_the_headless_command_knows_the_pictures_that_come_along(program, cut, tmp_path):
    done = stylize(program, cut, "--style", "ink-w", "--size", "64", "--steps", "2", "--steps-per-frame", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Clip painted" in strips_in(program, cut, tmp_path)
    refused = stylize(program, cut, "--style", "mosiac")
    assert refused.returncode == 2 and "no style picture 'mosiac'" in refused.stderr and "mosaic" in refused.stderr


def test_machines_read_the_headless_command(program, cut, style, tmp_path):
    other = tmp_path / "other.blend"
    done = stylize(program, cut, "--style", style, "--json", "--output", str(other), *QUICK)
    assert done.returncode == 0, done.stdout + done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert said[0]["type"] == "note" and "'Clip': " in said[0]["message"] and "style" in said[0]["message"]
    assert {line["type"] for line in said[1:]} == {"progress", "done"}
    assert said[-1]["strip"] == "Clip painted" and said[-1]["file"] == str(other)
    assert other.is_file() and "Clip painted" not in strips_in(program, cut, tmp_path)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--style", "/no/such.png"], "/no/such.png"),
        (["--style", "{text}"], "painting.png"),
        (["--style", "{style}", "--mask", "{mask}"], "mask"),
        (["--style", "{style}", "--size", "3"], "3"),
        (["--size", "abc"], "--size: 'abc' is no whole number; 'stylestrip --help' shows"),
        (["--style", "{style}", "--strip", "Clop"], "There is no strip 'Clop'"),
        (["--style", "{style}", "--scene", "None"], "There is no scene 'None'"),
    ],
)
def test_wrong_input_ends_the_headless_command_with_a_sentence(program, cut, style, arguments, words, tmp_path):
    places = {"text": write_text(tmp_path / "painting.png"), "style": style, "mask": write_mask(tmp_path / "mask", 2)}
    done = stylize(program, cut, *[each.format(**places) for each in arguments])
    assert done.returncode == 2, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("stylestrip: ")]
    assert len(said) == 1 and words in said[0], done.stderr
    assert "Traceback" not in done.stderr and "usage:" not in done.stderr


def write_text(path: Path) -> Path:
    path.write_text("not a picture")
    return path


def write_mask(folder: Path, frames: int) -> Path:
    """A mask that is white everywhere, of so many frames."""
    folder.mkdir()
    for number in range(frames):
        write_png(folder / f"{number}.png", np.full((64, 96), 255, np.uint8))
    return folder


def test_a_painter_that_fails_is_no_wrong_input(program, cut, style, tmp_path):
    painter = tmp_path / "python"
    painter.write_text("#!/bin/sh\necho 'no kernel image' >&2\nexit 3\n")
    painter.chmod(0o755)
    done = stylize(program, cut, "--style", style, *QUICK, STYLESTRIP_PYTHON=str(painter))
    assert done.returncode == 1 and "stopped unexpectedly (exit code 3)" in done.stderr


@pytest.mark.slow
def test_ctrl_c_cancels_and_the_next_call_goes_on(program, cut, style, tmp_path):
    long = ["--style", style, "--size", "96", "--steps", "30", "--steps-per-frame", "60", "--device", "cpu"]
    command = [program.program, "-b", str(cut), "--command", "stylestrip", "--strip", "Clip", *long]
    running = subprocess.Popen(
        command, env=program.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    begun = time.monotonic()
    while not (frames := list(tmp_path.glob("stylestrip_cache/**/[0-9]*.png"))) and time.monotonic() - begun < 100:
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert frames and running.returncode == 130, errors
    assert "Cancelled." in errors and "kept" in errors
    first = frames[0].stat().st_mtime_ns
    assert stylize(program, cut, *long).returncode == 0
    assert frames[0].stat().st_mtime_ns == first, "the finished frame is not painted again"


@pytest.mark.slow
@pytest.mark.window
def test_a_person_clicks_through_the_window(screen, style, tmp_path):
    film = write_film(tmp_path / "clip.mp4", 4, width=256, height=144)
    settings = {"style": style, "size": 128, "steps": 12, "steps_per_frame": 6, "device": "cpu"}
    told = screen.run(
        "window.py",
        tmp_path,
        window=True,
        film=str(film),
        frames=3,
        resolution=[256, 144],
        button=BUTTON,
        settings=settings,
    )
    assert "error" not in told, told["error"]
    assert told["tab"] == "Stylestrip"
    assert (told["state"], told["message"]) == ("done", "'Clip' is painted.")
    painted = [["Clip", True, False], ["Clip painted", False, True]]
    assert told["after"] == painted
    assert told["undo"] == [["Clip", False, False]], "one step takes back strip and mute"
    assert told["redo"] == painted
    before, during, after = (cv2.imread(told[name]).astype(float) for name in ("ready", "painting", "painted"))
    change = np.abs(after - before).mean(axis=2)
    height, width = change.shape
    preview = np.s_[60 : height // 2 - 30, width // 3 : 3 * width // 4]
    assert change[preview].mean() > 15, "the preview shows paint"
    sidebar = np.s_[height // 2 : height - 60, int(width * 0.81) : int(width * 0.98)]
    assert np.abs(during - before).mean(axis=2)[sidebar].max() > 60, "the sidebar shows progress"


# The Blender of the demo


@pytest.fixture
def old_blender(tmp_path: Path) -> Path:
    """A Blender that Stylestrip is too new for, in a folder of its own."""
    old = tmp_path / "bin" / "blender"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'Blender 4.2.9 LTS'\n")
    old.chmod(0o755)
    return old


def test_an_old_blender_that_nobody_named_is_left_aside_with_a_word(old_blender, monkeypatch, capsys):
    monkeypatch.delenv("BLENDER", raising=False)
    monkeypatch.setenv("PATH", str(old_blender.parent))
    monkeypatch.setattr(demo_blender, "module", lambda: "the module")
    assert demo_blender.find_blender(None) == "the module"
    said = " ".join("".join(capsys.readouterr()).split())
    assert "Blender 4.2.9, and Stylestrip needs 4.5 or newer" in said and "Nobody named this one" in said


def test_a_virtual_screen_is_given_by_whatever_command_is_there(old_blender, monkeypatch):
    monkeypatch.setenv("PATH", str(old_blender.parent))
    assert demo_blender.virtual_screen() == ()
    for name in ("xvfb-run", "with-display"):
        shutil.copy(old_blender, old_blender.with_name(name))
        assert demo_blender.virtual_screen()[0] == name


@pytest.mark.parametrize("way", ["--blender", "$BLENDER"])
def test_an_old_blender_that_was_named_is_an_error(old_blender, monkeypatch, way):
    monkeypatch.setenv("BLENDER", str(old_blender))
    with pytest.raises(BuildError, match=r"is Blender 4\.2\.9, and Stylestrip needs 4\.5 or newer"):
        demo_blender.find_blender(str(old_blender) if way == "--blender" else None)
