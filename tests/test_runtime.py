"""The Python that paints: which one is taken, whether it can, and how one is made."""

import contextlib
import http.server
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stylestrip.blender_addon import installation, runtime
from stylestrip.blender_addon.installation import Installation
from stylestrip.blender_addon.runtime import Check, check_python, find_python, venv_python, worker_environment
from stylestrip.style_core.job import UserError

TINY = "safetensors==0.8.0"
WHEEL = "slow-1.0-py3-none-any.whl"


@pytest.fixture
def python_at(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a file that may pass for a Python as long as nobody runs it."""

    def made(name: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return path

    return made


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """The extension's own folder, empty."""
    (tmp_path / "user").mkdir()
    return tmp_path / "user"


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with nothing installed."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return venv_python(folder)


@pytest.fixture
def slow_wheel() -> Iterator[str]:
    """The address of a package of a gigabyte that trickles in."""

    class Trickle(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(1 << 30))
            self.end_headers()
            while not over.wait(0.05):
                try:
                    self.wfile.write(bytes(1 << 16))
                except OSError:  # the installation was stopped
                    return

        def log_message(self, *words: object) -> None:
            """Says nothing."""

    over = threading.Event()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Trickle) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{WHEEL}"
        over.set()
        server.shutdown()


def write_made_runtime(user: Path, stamp: bool = True) -> Path:
    """A runtime as an installation leaves it; without its stamp, as one that was cut off leaves it."""
    python = venv_python(user / runtime.RUNTIME_FOLDER)
    python.parent.mkdir(parents=True)
    python.touch()
    if stamp:
        (user / runtime.RUNTIME_FOLDER / runtime.STAMP_FILE).write_text("{}")
    return python


def write_runtime_file(user: Path, python: Path) -> None:
    """Names a Python in runtime.json."""
    (user / runtime.RUNTIME_FILE).write_text(json.dumps({"python": str(python)}))


def install(monkeypatch: pytest.MonkeyPatch, user: Path, *requirements: str) -> Installation:
    """Starts an installation of these packages instead of torch and its companions."""
    monkeypatch.setattr(installation, "pinned_requirements", lambda: list(requirements))
    return Installation(sys.executable, user)


def wait_for(condition: Callable[[], object], seconds: float = 120.0) -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still waiting after {seconds:g} s"
        time.sleep(0.01)


def appears(folder: Path, name: str) -> bool:
    """Whether something that is not empty has that name below a folder in which another process is at work."""
    for place, folders, files in os.walk(folder):  # unlike rglob, it bears folders that vanish meanwhile
        path = Path(place, name)
        with contextlib.suppress(FileNotFoundError):
            if (name in files and path.stat().st_size) or (name in folders and any(path.iterdir())):
                return True
    return False


def files_below(folder: Path) -> list[Path]:
    """All files and folders in a folder."""
    return list(folder.rglob("*"))


# Which one is taken


def test_the_preferences_come_before_the_variable_the_file_and_the_made_runtime(python_at, user):
    made = write_made_runtime(user)
    assert find_python("", user, {}) == made
    write_runtime_file(user, python_at("written"))
    assert find_python("", user, {}) == python_at("written")
    environment = {"STYLESTRIP_PYTHON": str(python_at("variable"))}
    assert find_python("", user, environment) == python_at("variable")
    assert find_python(str(python_at("chosen")), user, environment) == python_at("chosen")


def test_one_that_is_named_and_does_not_exist_is_an_error_and_no_other_is_taken(user, tmp_path):
    write_made_runtime(user)
    gone = tmp_path / "gone"
    sentence = f"The painter's Python '{gone}', named in {{}}, does not exist: correct the path."
    with pytest.raises(UserError) as error:
        find_python(str(gone), user, {})
    assert str(error.value) == sentence.format("the preferences")
    with pytest.raises(UserError) as error:
        find_python("", user, {"STYLESTRIP_PYTHON": str(gone)})
    assert str(error.value) == sentence.format("the environment variable STYLESTRIP_PYTHON")
    write_runtime_file(user, gone)
    with pytest.raises(UserError) as error:
        find_python("", user, {})
    assert str(error.value) == sentence.format(f"'{user / 'runtime.json'}'")


def test_a_folder_is_no_python(user, tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        find_python(str(tmp_path), user, {})


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"python"', "\xff"])
def test_a_broken_runtime_file_is_named_with_the_way_out(user, text):
    (user / "runtime.json").write_bytes(text.encode("latin-1"))
    write_made_runtime(user)
    with pytest.raises(UserError) as error:
        find_python("", user, {})
    assert str(error.value).startswith(f"'{user / 'runtime.json'}' cannot be read (")
    assert str(error.value).endswith('): delete it, or write {"python": "PATH"}.')


def test_a_broken_runtime_file_does_not_matter_where_the_preferences_name_a_python(python_at, user):
    (user / "runtime.json").write_text("{")
    assert find_python(str(python_at("chosen")), user, {}) == python_at("chosen")


def test_without_any_the_person_is_told_where_to_get_one(user):
    with pytest.raises(UserError, match="no painter yet: open Edit > Preferences > Add-ons > Stylestrip"):
        find_python("", user, {})


def test_a_runtime_whose_making_was_cut_off_is_none(user):
    write_made_runtime(user, stamp=False)
    with pytest.raises(UserError, match="no painter yet"):
        find_python("", user, {})


def test_a_made_runtime_whose_python_is_gone_is_none(user):
    write_made_runtime(user).unlink()
    with pytest.raises(UserError, match="no painter yet"):
        find_python("", user, {})


# What it runs under


def test_what_is_meant_for_the_python_of_blender_does_not_reach_the_worker():
    foreign = dict.fromkeys(runtime.FOREIGN_VARIABLES, "/blender/5.2/python")
    kept = {"PATH": "/bin", "HTTPS_PROXY": "http://proxy", "CUDA_VISIBLE_DEVICES": "1", "STYLESTRIP_WEIGHTS": "/w"}
    environment = worker_environment(foreign | kept)
    assert "/blender/5.2/python" not in environment.values()
    assert environment.items() >= kept.items()


def test_a_python_runs_well_under_a_broken_environment_of_blender(bare_python):
    environment = worker_environment(os.environ | {"PYTHONHOME": "/nowhere", "PYTHONPATH": "/nowhere"})
    code = "import sys, style_core; print(style_core.__file__, sys.dont_write_bytecode)"
    done = subprocess.run([bare_python, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout.split() == [str(runtime.EXTENSION_FOLDER / "style_core" / "__init__.py"), "True"], done.stderr


# Whether it can


def test_the_runtime_can_paint():
    report = check_python(Path(sys.executable))
    assert report.problem == ""
    assert report.device
    for word in ("Python 3.", "torch 2", "cv2 ", "numpy "):
        assert word in report.versions


def test_a_python_without_torch_is_told_with_what_is_missing_and_what_to_do(bare_python):
    problem = check_python(bare_python).problem
    assert problem.startswith(f"The painter's Python '{bare_python}' ")
    assert "torch" in problem
    assert "Install" in problem
    assert "\n" not in problem


def test_a_file_that_cannot_be_run_is_no_python(python_at):
    text = python_at("python.txt")
    text.write_text("not a program")
    assert check_python(text).problem == f"'{text}' cannot be run (Permission denied): choose a Python."
    text.chmod(0o755)
    assert check_python(text).problem == f"'{text}' cannot be run (Exec format error): choose a Python."


def test_a_python_that_is_not_there_is_said_to_be_missing(tmp_path):
    problem = check_python(tmp_path / "gone").problem
    assert problem == f"'{tmp_path / 'gone'}' cannot be run (No such file or directory): choose a Python."


@pytest.mark.parametrize(
    ("script", "reason"),
    [("exit 3", "exit code 3"), ("true", "exit code 0"), ("echo I am Python", "exit code 0"), ("echo no >&2", "no")],
)
def test_a_program_that_is_no_python_is_told_with_its_last_words(python_at, script, reason):
    program = python_at("python")
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    assert check_python(program).problem == f"'{program}' is no Python that works ({reason}): choose another one."


def test_a_python_that_hangs_is_given_up(python_at, monkeypatch):
    monkeypatch.setattr(runtime, "CHECK_SECONDS", 0.3)
    program = python_at("python")
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    assert check_python(program).problem == f"'{program}' did not answer within 0.3 seconds: choose another Python."


def test_a_check_is_done_aside_and_remembered_until_the_file_changes(python_at):
    program, runs = python_at("python"), python_at("runs")
    program.write_text(f"#!/bin/sh\necho run >> '{runs}'\nsleep 0.5\n")
    program.chmod(0o755)
    first = Check(program)
    assert first.report is None, "nobody waits for it"
    wait_for(lambda: first.report)
    assert "is no Python that works" in first.report.problem
    second = Check(program)
    wait_for(lambda: second.report)
    assert second.report == first.report
    assert runs.read_text().count("run") == 1
    os.utime(program, (1, 1))
    again = Check(program)
    wait_for(lambda: again.report)
    assert runs.read_text().count("run") == 2


# How one is made


def test_an_installation_makes_a_python_that_is_found_and_has_what_was_asked_for(user, monkeypatch):
    making = install(monkeypatch, user, TINY)
    with pytest.raises(UserError, match="no painter yet"):
        find_python("", user, {})
    wait_for(lambda: making.done)
    assert making.problem == ""
    python = find_python("", user, {})
    assert python == venv_python(user / "runtime")
    assert json.loads((user / "runtime" / runtime.STAMP_FILE).read_text()) == {"requirements": [TINY]}
    code = "import importlib.metadata as m; print(m.version('safetensors'))"
    assert subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip() == "0.8.0"
    assert not making.scratch.exists()


def test_an_installation_takes_the_place_of_the_earlier_one(user, monkeypatch):
    write_made_runtime(user)
    (user / "runtime" / "old").touch()
    making = install(monkeypatch, user)
    assert making.step == "Starting" or not (user / "runtime" / runtime.STAMP_FILE).exists()
    wait_for(lambda: making.done)
    assert not (user / "runtime" / "old").exists()


def test_a_package_that_does_not_exist_is_one_sentence_and_leaves_nothing(user, monkeypatch):
    making = install(monkeypatch, user, "safetensors==0.0.0.1")
    wait_for(lambda: making.done)
    assert making.problem == (
        "Downloading torch and its companions failed (ERROR: No matching distribution found for safetensors==0.0.0.1)."
    )
    assert files_below(user) == []


def test_a_base_python_that_cannot_be_run_is_an_error_and_leaves_nothing(user, tmp_path):
    making = Installation(str(tmp_path / "gone"), user)
    wait_for(lambda: making.done)
    assert str(tmp_path / "gone") in making.problem
    assert files_below(user) == []


def test_cancelling_while_the_environment_is_made_leaves_nothing_not_even_later(user, monkeypatch):
    making = install(monkeypatch, user, TINY)
    wait_for(lambda: appears(user, "site-packages"))  # pip is being installed by a process of the process
    began = time.monotonic()
    making.cancel()
    wait_for(lambda: making.done)
    assert time.monotonic() - began < 3
    assert making.problem == "The installation was cancelled."
    assert making.step == "Making a Python environment"
    time.sleep(1.5)
    assert files_below(user) == []


def test_cancelling_a_download_is_quick_and_leaves_nothing_in_any_folder(user, monkeypatch, slow_wheel, tmp_path):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    making = install(monkeypatch, user, f"slow @ {slow_wheel}")
    wait_for(lambda: appears(tmp_path, WHEEL))
    began = time.monotonic()
    making.cancel()
    wait_for(lambda: making.done)
    assert time.monotonic() - began < 3
    assert making.problem == "The installation was cancelled."
    assert files_below(user) == []
    assert files_below(tmp_path / "temporary") == []


def test_cancelling_between_two_commands_is_not_lost(user, monkeypatch, slow_wheel):
    making = install(monkeypatch, user, f"slow @ {slow_wheel}")
    wait_for(lambda: making.process)
    making.stop.set()  # what `cancel` does, at a moment when the process that it finds has just ended
    wait_for(lambda: making.done, seconds=30)
    assert making.problem == "The installation was cancelled."
    assert files_below(user) == []


def test_the_pins_are_exact_and_bring_everything_that_the_painter_imports():
    pins = installation.pinned_requirements()
    assert all("==" in pin for pin in pins)
    assert {pin.split("==")[0] for pin in pins} >= set(runtime.NEEDED.values())
