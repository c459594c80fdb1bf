"""The Python that paints: which one is taken, whether it can, and how one is made."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from stylestrip.blender_addon.runtime import check as checking
from stylestrip.blender_addon.runtime.check import NEEDED, Check, check_python
from stylestrip.blender_addon.runtime.environment import EXTENSION_FOLDER, FOREIGN_VARIABLES, worker_environment
from stylestrip.blender_addon.runtime.folders import Current, set_current, too_long_for_windows, venv_python
from stylestrip.blender_addon.runtime.lock import read_lock
from stylestrip.blender_addon.runtime.pip_settings import config_files, read_settings
from stylestrip.blender_addon.runtime.python import find_python
from stylestrip.style_core.job import UserError


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


def write_made_runtime(user: Path, whole: bool = True) -> Path:
    """A runtime as an installation leaves it; if it is not `whole`, as one that was cut off leaves it."""
    python = venv_python(user / "runtimes" / "1")
    python.parent.mkdir(parents=True)
    python.touch()
    if whole:
        set_current(user, Current("runtimes/1"))
    return python


def write_runtime_file(user: Path, python: Path) -> None:
    """Names a Python in runtime.json."""
    (user / "runtime.json").write_text(json.dumps({"python": str(python)}))


def wait_for(condition: Callable[[], object], seconds: float = 120.0) -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still waiting after {seconds:g} s"
        time.sleep(0.01)


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
    write_made_runtime(user, whole=False)
    with pytest.raises(UserError, match="no painter yet"):
        find_python("", user, {})


def test_a_made_runtime_whose_python_is_gone_is_told_with_the_way_out(user):
    write_made_runtime(user).unlink()
    with pytest.raises(UserError, match=r"is gone; Blender may have been moved or updated .* press Repair"):
        find_python("", user, {})


# What it runs under


def test_what_is_meant_for_the_python_of_blender_does_not_reach_the_worker():
    foreign = dict.fromkeys(FOREIGN_VARIABLES, "/blender/5.2/python")
    kept = {"PATH": "/bin", "HTTPS_PROXY": "http://proxy", "CUDA_VISIBLE_DEVICES": "1", "STYLESTRIP_WEIGHTS": "/w"}
    environment = worker_environment(foreign | kept)
    assert "/blender/5.2/python" not in environment.values()
    assert environment.items() >= kept.items()


def test_a_python_runs_well_under_a_broken_environment_of_blender(bare_python):
    environment = worker_environment(os.environ | {"PYTHONHOME": "/nowhere", "PYTHONPATH": "/nowhere"})
    code = "import sys, style_core; print(style_core.__file__, sys.dont_write_bytecode)"
    done = subprocess.run([bare_python, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout.split() == [str(EXTENSION_FOLDER / "style_core" / "__init__.py"), "True"], done.stderr


# Whether it can


def test_the_runtime_can_paint():
    report = check_python(Path(sys.executable))
    assert report.problem == ""
    assert report.device
    for word in ("Python 3.", "torch 2", "cv2 ", "numpy "):
        assert word in report.versions
    assert report.speed.startswith("A step of a frame of 256 pixels takes ") and ", loss " in report.text
    assert "weights" in report.text
    assert set(NEEDED) <= {word.split()[0] for word in report.text.splitlines()}


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
    monkeypatch.setattr(checking, "CHECK_SECONDS", 0.3)
    program = python_at("python")
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    assert check_python(program).problem == f"'{program}' did not answer within 0.3 seconds: choose another Python."


def test_a_check_is_done_aside_and_can_be_cancelled(python_at):
    program = python_at("python")
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    check = Check(program)
    assert check.report is None, "nobody waits for it"
    wait_for(lambda: check.running.process)
    check.cancel()
    wait_for(lambda: check.report, seconds=5)
    assert check.running.stopped


def test_whatever_goes_wrong_in_a_check_ends_it_with_a_sentence(python_at, monkeypatch):
    gone = checking.trial(checking.Report(Path("/no/python")), checking.Running())
    assert gone.problem == "The painter cannot be tried (No such file or directory): press Repair."
    monkeypatch.setattr(checking, "probe", lambda python, running: int("no number"))
    check = Check(python_at("python"))
    check.thread.join(5)
    assert "cannot be tried (ValueError: invalid literal" in check.report.problem


@pytest.mark.slow
def test_weights_that_were_cut_off_are_told_with_the_remedy(tmp_path, monkeypatch):
    copy = tmp_path / "stylestrip"
    shutil.copytree(EXTENSION_FOLDER / "style_core", copy / "style_core", ignore=shutil.ignore_patterns("__pycache__"))
    weights = copy / "style_core" / "weights" / "vgg19.safetensors"
    os.truncate(weights, weights.stat().st_size // 2)
    monkeypatch.setattr(
        checking, "worker_environment", lambda names, packages: worker_environment(names) | {"PYTHONPATH": str(copy)}
    )
    problem = check_python(Path(sys.executable)).problem
    assert f"The weights file '{weights}' is damaged" in problem and "reinstall Stylestrip" in problem


def test_a_file_that_torch_has_lost_is_found(tmp_path):
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    package = next(venv.glob("lib/python3*/site-packages"))
    (package / "torch").mkdir()
    (package / "torch" / "__init__.py").write_text("version = 1\n")
    (package / "torch-2.15.0.dist-info").mkdir()
    record = "torch/__init__.py,sha256=x,12\ntorch/lib/libtorch.so,sha256=x,99\n../../../bin/torchrun,sha256=x,9\n"
    (package / "torch-2.15.0.dist-info" / "RECORD").write_text(record)
    problem = check_python(venv_python(venv), venv).problem
    assert problem == "'torch/lib/libtorch.so' of the painter is missing or cut off: press Repair."


# Where it lies, and what pip is set to


def test_a_path_that_is_too_long_for_windows_is_noticed_before_it_is_made():
    user = PureWindowsPath("C:/Users/Jürgen Müller/AppData/Roaming/Blender Foundation/Blender/5.2/extensions/.user")
    runtime = user / "user_default" / "stylestrip" / "runtimes" / "1"
    longest = max(wheel["longest_path"] for name, wheel in read_lock()["wheels"].items() if "win_amd64" in name)
    assert too_long_for_windows(runtime, longest) > 0, "so it is for a user with a name such as this"
    assert too_long_for_windows(PureWindowsPath("C:/b/stylestrip/runtimes/1"), longest) == 0
    exact = 259 - len(str(runtime)) - len("\\Lib\\site-packages\\")
    assert (too_long_for_windows(runtime, exact), too_long_for_windows(runtime, exact + 1)) == (0, 1)


def test_the_settings_of_pip_are_read_from_where_pip_reads_them_on_each_system():
    home = PureWindowsPath("C:/Users/吉田 K")
    assert config_files("Windows", {"APPDATA": "D:\\Roaming", "PROGRAMDATA": "C:\\ProgramData"}, home) == [
        PureWindowsPath("C:/ProgramData/pip/pip.ini"), home / "pip/pip.ini", PureWindowsPath("D:/Roaming/pip/pip.ini")
    ]  # fmt: skip
    linux = config_files("Linux", {"PIP_CONFIG_FILE": "/studio/pip.conf"}, PurePosixPath("/home/a b"))
    assert linux[-2:] == [PurePosixPath("/home/a b/.config/pip/pip.conf"), PurePosixPath("/studio/pip.conf")]
    mac = config_files("Darwin", {}, PurePosixPath("/Users/a"))
    assert PurePosixPath("/Users/a/Library/Application Support/pip/pip.conf") in mac
    assert config_files("Linux", {"PIP_CONFIG_FILE": "/dev/null"}, PurePosixPath("/root")) == []


def test_what_counts_of_pips_settings_is_the_variable_and_then_the_last_file():
    site = "[global]\nindex-url = https://site/simple\nproxy = http://site:1\n"
    own = "[global]\nindex-url = https://own/simple\n[install]\ncert = /own.pem\n"
    assert read_settings([site, own], {}) == {
        "index": "https://own/simple", "proxy": "http://site:1", "certificates": "/own.pem"
    }  # fmt: skip
    assert read_settings([site], {"PIP_INDEX_URL": "https://env/simple"})["index"] == "https://env/simple"
    assert read_settings(["no ini file"], {}) == {}
