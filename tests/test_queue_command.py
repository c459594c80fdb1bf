"""The headless command with several strips: patterns, going on after a kill, looks by name, full disks, two at once."""

import json
import signal
import subprocess
import time
from pathlib import Path

import cv2
import pytest
from clips import style_picture, write_film, write_png
from test_program import strips_in

pytestmark = pytest.mark.blender

QUICK = ["--size", "64", "--steps", "4", "--steps-per-frame", "2", "--device", "cpu"]
SLOW = ["--size", "96", "--steps", "30", "--steps-per-frame", "40", "--device", "cpu"]

CUT = """
def play(plan):
    scene = stage.new_scene()
    for channel, name in enumerate(plan["names"], 1):
        strip = scene.sequence_editor.strips.new_movie(name, plan["film"], channel, 1)
        stage.change(strip, right=1 + plan["frames"])
    bpy.ops.wm.save_as_mainfile(filepath=plan["file"])
    return plan["file"]
"""


@pytest.fixture
def style(tmp_path: Path) -> str:
    """Orange and blue waves."""
    return str(write_png(tmp_path / "style.png", style_picture()))


@pytest.fixture
def cut(program, tmp_path: Path) -> Path:
    """A saved file with some strips of four frames, all of the same film."""
    film = str(write_film(tmp_path / "clip.mp4", 20))
    names = ["shot_1", "shot_2", "title", "shot[3]"]
    return Path(program.play(CUT, tmp_path, film=film, frames=4, names=names, file=str(tmp_path / "cut.blend")))


def call(program, file: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The headless command on a file."""
    return program.call("-b", str(file), "--command", "stylestrip", *arguments, **env)


def begin(program, file: Path, *arguments: str) -> subprocess.Popen:
    """The same, not waited for."""
    command = [program.program, "-b", str(file), "--command", "stylestrip", *arguments]
    return subprocess.Popen(
        command, env=program.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=file.parent
    )


def painted(program, file: Path, folder: Path) -> list[str]:
    """The painted strips of a saved file."""
    return sorted(name for name in strips_in(program, file, folder) if name.endswith(" painted"))


def frames_of(folder: Path) -> dict[str, bytes]:
    """The painted frames in a cache, by their names."""
    return {file.name: file.read_bytes() for file in sorted(folder.glob("[0-9a-f]*/0*.png"))}


def test_strips_are_painted_by_pattern_and_each_is_named_to_machines(program, cut, style, tmp_path):
    listed = call(program, cut, "--list")
    assert listed.returncode == 0 and "shot[3]: Frames " in listed.stdout
    assert "of the timeline. Painted straight from its file." in listed.stdout
    done = call(program, cut, "--strip", "shot_*", "--strip", "shot[3]", "--style", style, "--json", *QUICK)
    assert done.returncode == 0, done.stdout + done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [line["source"] for line in said if line["type"] == "done"] == ["shot_1", "shot_2", "shot[3]"]
    assert {line["source"] for line in said if line["type"] == "progress"} <= {"shot_1", "shot_2", "shot[3]"}
    assert painted(program, cut, tmp_path) == ["shot[3] painted", "shot_1 painted", "shot_2 painted"]
    assert not list(tmp_path.rglob("queue-*")), "nothing is left over"
    rest = call(program, cut, "--all", "--style", style, *QUICK)
    assert rest.returncode == 0 and "'title' is painted." in rest.stdout
    assert rest.stdout.count("is painted.") == 1, "what is painted already is not seen any more"
    again = call(program, cut, "--resume")
    assert again.returncode == 0 and "Nothing of this file was left unfinished." in again.stdout


def test_one_strip_that_fails_does_not_keep_the_others_from_being_saved(program, cut, style, tmp_path):
    lost = write_film(tmp_path / "lost.mp4", 4)
    file = program.play(
        CUT.replace('["film"]', '["films"].pop(0)'),
        tmp_path,
        films=[str(tmp_path / "clip.mp4"), str(lost)],
        frames=4,
        names=["good", "bad"],
        file=str(tmp_path / "two.blend"),
    )
    lost.unlink()
    done = call(program, Path(file), "--strip", "*", "--style", style, *QUICK)
    assert done.returncode == 1, done.stderr
    assert "Strip 'bad' has lost its file" in done.stderr and "'good' is painted." in done.stdout
    assert painted(program, Path(file), tmp_path) == ["good painted"]


def test_wrong_input_that_is_found_when_paint_is_laid_is_wrong_input_all_the_same(program, style, tmp_path):
    film = str(write_film(tmp_path / "clip.mp4", 2))
    highest = CUT.replace('plan["names"], 1', 'plan["names"], 128')
    file = program.play(highest, tmp_path, film=film, frames=2, names=["top"], file=str(tmp_path / "top.blend"))
    done = call(program, Path(file), "--strip", "top", "--style", style, *QUICK)
    assert "There is no free channel above channel 128" in done.stderr and done.returncode == 2, done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--strip", "sho?"], "There is no strip 'sho?' in scene"),
        (["--resume", "--steps", "3"], "--resume paints strips with the settings that they had: leave --steps out"),
        (["--strip", "title", "--look", "oils"], "There is no look 'oils'"),
        (["--strip", "title", "--look", "none.toml"], "The look file 'none.toml' cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(program, cut, style, arguments, words):
    done = call(program, cut, *arguments, *([] if "--resume" in arguments else ["--style", style]))
    assert done.returncode == 2 and words in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_looks_of_ones_own_are_taken_by_name(program, cut, style, tmp_path):
    looks = Path(program.environment["BLENDER_USER_RESOURCES"]) / "scripts" / "presets" / "stylestrip"
    looks.mkdir(parents=True, exist_ok=True)
    head = "import bpy\nsettings = bpy.context.active_strip.stylestrip\n\n"
    (looks / "my_oils.py").write_text(
        head + "settings.look = 'bold'\nsettings.steps = 3\nsettings.preset = 'My oils'\n"
    )
    (looks / "evil.py").write_text(head + "settings.steps = __import__('os').system('touch evil')\n")
    (tmp_path / "fine.toml").write_text(f"steps = 2\nbrush_size = 0.5\nstyles = ['{style}']\n")
    size = ["--size", "64", "--steps-per-frame", "1", "--device", "cpu", "--json"]
    jobs = {}
    for name, look in (("shot_1", "My oils"), ("shot_2", str(tmp_path / "fine.toml"))):
        done = call(program, cut, "--strip", name, "--look", look, *size, *(["--style", style] if "My" in look else []))
        assert done.returncode == 0, done.stdout + done.stderr
        newest = max(tmp_path.glob("stylestrip_cache/*/job.json"), key=lambda file: file.stat().st_mtime)
        jobs[name] = json.loads(newest.read_text())["look"]
    assert jobs["shot_1"]["steps"] == 3
    assert (jobs["shot_2"]["steps"], jobs["shot_2"]["brush_size"], jobs["shot_2"]["styles"]) == (2, 0.5, [style])
    evil = call(program, cut, "--strip", "title", "--look", "evil", "--style", style)
    (looks / "evil.py").unlink()
    (looks / "my_oils.py").unlink()
    assert evil.returncode == 2 and "its setting 'steps' is __import__('os')" in evil.stderr
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_queue_that_was_stopped_is_gone_on_with_to_the_same_film(program, cut, style, tmp_path, end):
    running = begin(program, cut, "--strip", "shot_*", "--style", style, *SLOW)
    begun = time.monotonic()
    while len(frames := frames_of(tmp_path / "stylestrip_cache")) < 2 and time.monotonic() - begun < 100:
        time.sleep(0.1)
    running.send_signal(end)
    _, errors = running.communicate(timeout=60)
    assert frames and running.returncode == (130 if end == signal.SIGINT else -9), errors
    assert len(list(tmp_path.glob("stylestrip_cache/queue-*.json"))) == 1
    done = call(program, cut, "--resume")
    assert done.returncode == 0, done.stdout + done.stderr
    assert painted(program, cut, tmp_path) == ["shot_1 painted", "shot_2 painted"]
    broken = frames_of(tmp_path / "stylestrip_cache")
    assert {name: broken[name] for name in frames} == frames, "what was finished is not painted again"
    (tmp_path / "stylestrip_cache").rename(tmp_path / "first_cache")
    assert call(program, cut, "--strip", "title", "--style", style, *SLOW).returncode == 0
    assert frames_of(tmp_path / "stylestrip_cache") == broken and len(broken) == 4
    assert not list(tmp_path.rglob("queue-*"))


@pytest.mark.slow
def test_who_saves_elsewhere_is_told_which_file_has_the_rest(program, style, tmp_path):
    films = [str(write_film(tmp_path / f"{name}.mp4", frames)) for name, frames in (("one", 20), ("two", 22))]
    script, other = CUT.replace('["film"]', '["films"].pop(0)'), tmp_path / "other.blend"
    plan = {"films": films, "frames": 4, "names": ["one", "two"], "file": str(tmp_path / "cut.blend")}
    file = Path(program.play(script, tmp_path, **plan))
    running = begin(program, file, "--strip", "*", "--style", style, *SLOW, "--output", str(other))
    begun = time.monotonic()
    while len(list(tmp_path.glob("stylestrip_cache/*/0*.png"))) < 5 and time.monotonic() - begun < 200:
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    out, errors = running.communicate(timeout=60)
    assert running.returncode == 130 and f"call --resume alone with '{other}'" in out, out + errors
    found = call(program, file, "--resume", "--output", str(other))
    assert found.returncode == 0 and f"Of '{other}' something was" in found.stdout
    assert call(program, other, "--resume").returncode == 0
    assert painted(program, other, tmp_path) == ["one painted", "two painted"]


@pytest.mark.slow
def test_two_blenders_on_one_cache_paint_the_same_film_and_both_deliver(program, cut, style, tmp_path):
    outputs = [tmp_path / "one.blend", tmp_path / "two.blend"]
    both = [begin(program, cut, "--strip", "shot_1", "--style", style, *SLOW, "--output", str(out)) for out in outputs]
    for process in both:
        out, errors = process.communicate(timeout=200)
        assert process.returncode == 0, out + errors
    for output in outputs:
        assert painted(program, output, tmp_path) == ["shot_1 painted"]
    frames = frames_of(tmp_path / "stylestrip_cache")
    assert len(frames) == 4
    assert all(cv2.imread(str(file)) is not None for file in tmp_path.glob("stylestrip_cache/*/0*.png"))
    assert not list(tmp_path.glob("stylestrip_cache/**/.*")), "nothing half written is left"
    (tmp_path / "stylestrip_cache").rename(tmp_path / "first_cache")
    assert call(program, cut, "--strip", "shot_1", "--style", style, *SLOW).returncode == 0
    assert frames_of(tmp_path / "stylestrip_cache") == frames
