"""The painter's preferences in the real window, and its commands: every state is reached, by buttons and by words."""

import json
import os
import time
from pathlib import Path
from urllib.parse import urlparse

import pytest
from stylestrip.blender_addon.runtime.pip_settings import usual_index
from wheels import put_wheel, shelf_at

pytestmark = pytest.mark.blender

PYTHONS = ("3.11", "3.13", "3.14")


@pytest.mark.slow
@pytest.mark.window
def test_every_state_of_the_painter_is_shown_in_the_window(window, runtime, tmp_path):
    plan = {"painter": runtime, "settings": {"build": "index"}, "share": 0.1}
    with shelf_at(tmp_path / "shelf") as shelf:
        put_wheel(shelf.folder, "large", 8 << 20)
        shelf.slow = 0.05
        plan["settings"]["index"] = f"{shelf.url}/simple"
        lock = shelf.lock()
        (files,) = lock["targets"].values()
        plan["lock"] = lock | {"targets": {f"linux-x86_64 {version}": files for version in PYTHONS}}
        told = window.run("painter_states.py", tmp_path, window=True, **plan)
    assert "error" not in told, told["error"]
    others = ("pictures", "told at once", "removed", "cleaned")
    states = {name: seen[0] for name, seen in told.items() if name not in others}
    assert states == {
        "not-installed": "not installed", "installing": "installing", "cancelled": "not installed",
        "needs-repair": "needs repair", "checking": "checking", "ready": "ready",
        "not-checked": "not checked", "update-available": "update available",
        "on-the-disk": "update available", "clean-up": "update available",
    }  # fmt: skip
    assert (told["told at once"], told["removed"]) == ("installing", "not installed")
    assert Path(runtime).is_file(), "what was linked to is not removed"
    assert told["cancelled"][2].startswith("The installation was cancelled.")
    assert "Install goes on from there" in told["cancelled"][2]
    assert "is gone" in told["needs-repair"][1] and "press Repair" in told["needs-repair"][1]
    assert told["cleaned"] == ["0", "1", "3"], "all but what was used lately"
    assert len(told["pictures"]) == 10


def fresh(folder: Path) -> dict[str, str]:
    """What a Blender runs under that has no painter; its extension is the one that is installed."""
    return {"STYLESTRIP_PYTHON": "", "PIP_CONFIG_FILE": "/dev/null", "TMPDIR": str(folder)}


def test_setup_says_what_it_would_do_and_does_nothing_without_leave(program, tmp_path):
    host = urlparse(usual_index()).netloc
    told = program.call("-b", "--command", "stylestrip", "setup", "--size", "--build", "index", **fresh(tmp_path))
    assert (told.returncode, f"3.1 GB to download from {host}" in told.stdout) == (0, True), told.stderr
    refused = program.call("--offline-mode", "-b", "--command", "stylestrip", "setup", **fresh(tmp_path))
    assert refused.returncode == 2
    assert "stylestrip: Blender may not go online: call it with --online-mode" in refused.stderr


def test_setup_tells_progress_and_failure_as_json(program, tmp_path):
    words = ("-b", "--command", "stylestrip", "setup", "--wheels", str(tmp_path), "--json")
    failed = program.call(*words, **fresh(tmp_path))
    lines = [json.loads(line) for line in failed.stdout.splitlines() if line.startswith("{")]
    assert failed.returncode == 1
    assert [line["type"] for line in lines][-1] == "error" and lines[-1]["state"] == "needs repair"
    assert f"The folder '{tmp_path}' has no '" in lines[-1]["problem"]
    wrong = program.call("-b", "--command", "stylestrip", "setup", "--wheels", "/no/such", **fresh(tmp_path))
    assert wrong.returncode == 2 and "The folder of wheels '/no/such' does not exist" in wrong.stderr


def test_the_cache_of_a_file_is_told_and_cleared_without_a_window(program, tmp_path):
    film = tmp_path / "film.blend"
    program.call("-b", "--python-expr", f"import bpy; bpy.ops.wm.save_as_mainfile(filepath={str(film)!r})")
    old = tmp_path / "stylestrip_cache" / ("a" * 32)
    old.mkdir(parents=True)
    (old / "000001.png").write_bytes(bytes(1000))
    (old / "job.json").touch()
    words = ("-b", str(film), "--command", "stylestrip", "cache", "--clear", "--json")
    # Beside this film's frames lie those of files never saved, which other tests with this Blender have left.
    with_it = json.loads(program.call(*words).stdout.splitlines()[0])["kinds"]["painted frames"]["bytes"]
    assert old.exists(), "another Blender may be painting it"
    two_hours_ago = time.time() - 7200
    for one in (*old.iterdir(), old):
        os.utime(one, (two_hours_ago, two_hours_ago))
    told = json.loads(program.call(*words).stdout.splitlines()[0])
    assert told["removed"] >= 1000 and not old.exists()
    assert told["kinds"]["painted frames"]["bytes"] <= with_it - 1000
    assert str(old.parent) in told["folders"]


def test_doctor_tries_the_painter_and_prints_a_report(program):
    told = program.call("-b", "--command", "stylestrip", "doctor")
    assert told.returncode == 0, told.stderr
    for words in ("Stylestrip report, Blender 5.2", "painter        ready", "trial          5 steps", "user folder"):
        assert words in told.stdout
    none = program.call("-b", "--command", "stylestrip", "doctor", STYLESTRIP_PYTHON="/no/python")
    assert none.returncode == 2 and "'/no/python', named in the environment variable" in none.stderr
