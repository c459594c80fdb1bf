"""The test beds: Blenders with the add-on in them, the Python that paints, and what must not be missing."""

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from build_steps import package
from build_steps.blender import virtual_screen

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "tests" / "blender"
SECONDS = 420  # after which a Blender is taken to hang
BEDS = ("bpy-4.5", "bpy-5.2", "blender")


def name_the_extension() -> None:
    """Lets tests without Blender import the add-on as Blender does: as a part of the package at the root."""
    spec = importlib.util.spec_from_file_location(
        "stylestrip", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    sys.modules["stylestrip"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["stylestrip"])


name_the_extension()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts first what has a window, as these tests take longest, one after another."""
    items.sort(key=lambda item: item.get_closest_marker("window") is None)


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Gives each process a file at a time, and everything with a window to one of them.

    Two windows at a time are not tested (see `Blender.run`): spread over processes, these would stand and wait.
    """
    from xdist.scheduler import LoadScopeScheduling

    class WindowsTogether(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "window" if has_window(nodeid) else nodeid.partition("::")[0]

    return WindowsTogether(config, log)


@cache
def has_window(nodeid: str) -> bool:
    """Whether a test, or its whole file, is marked so: who gives tests out knows no more of them than their names."""
    file, _, name = nodeid.partition("::")
    text = (ROOT / file).read_text(encoding="utf-8")
    return bool(
        re.search(rf"^pytestmark = .*mark\.window|^@pytest\.mark\.window\ndef {name.partition('[')[0]}\(", text, re.M)
    )


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Waits until no other process of this machine is within."""
    with (Path(tempfile.gettempdir()) / f"stylestrip-{name}.lock").open("w") as file:
        # Windows has no such lock, and tests with a window need a virtual screen, which it has not either.
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def missing(bed: str) -> None:
    """Skips the test, or fails it where the bed is required."""
    if bed in os.environ.get("STYLESTRIP_REQUIRE", "").split(","):
        pytest.fail(f"the test bed '{bed}' is missing")
    pytest.skip(f"the test bed '{bed}' is missing")


def environment_python(name: str, variable: str) -> str | None:
    """The Python of an environment, named by a variable or lying in .envs."""
    named = [path for path in os.environ.get(variable, "").split(os.pathsep) if name in path]
    usual = [str(ROOT / ".envs" / name / place) for place in ("bin/python", "Scripts/python.exe")]
    return next((path for path in named + usual if Path(path).is_file()), None)


def ended(command: list[str], environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end; one that hangs is killed with all that it has started, a window among it."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, cwd=folder, start_new_session=True, **pipes) as process:
        try:
            out, errors = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, errors)


@dataclass(frozen=True)
class Blender:
    """A Blender, program or module, with a user folder of its own in which the add-on is installed."""

    name: str
    program: str
    resources: Path
    runtime: str
    takes_made_up_events: bool = False
    """Whether its window does; it takes no others then."""

    @property
    def environment(self) -> dict[str, str]:
        """What it runs under; a variable set to nothing is no variable."""
        # Two versions of Mesa, as a module and a program bring them along, cut off each other's file in one folder, and
        # a window that uses it then ends with SIGBUS.
        shaders = Path(tempfile.gettempdir()) / f"stylestrip-shaders-{self.name}"
        own = {"BLENDER_USER_RESOURCES": self.resources, "MESA_SHADER_CACHE_DIR": shaders}
        return os.environ | {name: str(path) for name, path in own.items()} | {"STYLESTRIP_PYTHON": self.runtime}

    def command(self, script: str, plan: Path, window: bool = False) -> list[str]:
        """The command line that runs a script of tests/blender with a plan."""
        if self.name != "blender":
            return [self.program, str(SCRIPTS / script), str(plan)]
        start = [*virtual_screen(), self.program] if window else [self.program, "-b"]
        start += ["--enable-event-simulate"] if window and self.takes_made_up_events else []
        return [*start, "--python-exit-code", "9", "-P", str(SCRIPTS / script), "--", str(plan)]

    def run(self, script: str, folder: Path, window: bool = False, env: dict[str, str] | None = None, **plan: Any):
        """Runs a script with a plan and returns what it wrote down."""
        file = folder / f"{Path(script).stem}.plan.json"
        result = folder / f"{Path(script).stem}.result.json"
        result.unlink(missing_ok=True)
        file.write_text(json.dumps(plan | {"folder": str(folder), "result": str(result)}))
        # Two windows at once would take the same screen, and the time that each other's drawing needs.
        with alone("window") if window else nullcontext():
            done = ended(self.command(script, file, window), self.environment | (env or {}), folder)
        assert result.is_file(), f"{script} in {self.name} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return json.loads(result.read_text())

    def play(self, script: str, folder: Path, **plan: Any) -> Any:
        """Runs a short script that a test holds itself, with a function `play` as those of tests/blender have."""
        file = folder / "play.py"
        head = f"import importlib, sys\nsys.path.insert(0, {str(SCRIPTS)!r})\nimport bpy, stage\n"
        file.write_text(f"{head}{script}\nstage.perform(play)\n", encoding="utf-8")
        return self.run(str(file), folder, **plan)

    def call(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Runs the program with these arguments."""
        return subprocess.run(
            [self.program, *arguments],
            env=self.environment | env,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )


@pytest.fixture(scope="session")
def runtime() -> str:
    """The Python that paints: the one that runs these tests has all it needs."""
    return os.environ.get("STYLESTRIP_RUNTIME") or sys.executable


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension's zip."""
    built = os.environ.get("STYLESTRIP_ZIP")
    if built:
        return Path(built)
    path = tmp_path_factory.mktemp("zip") / "stylestrip.zip"
    package.write_zip(path, ROOT)
    return path


@pytest.fixture(scope="session")
def beds(tmp_path_factory: pytest.TempPathFactory, archive: Path, runtime: str) -> dict[str, Blender]:
    """All Blenders of this machine, by name, each with the add-on installed from its zip."""
    programs = {name: environment_python(name, "STYLESTRIP_BPY_PYTHONS") for name in BEDS[:2]}
    programs["blender"] = os.environ.get("BLENDER")
    found = {}
    for name, program in programs.items():
        if program:
            found[name] = Blender(name, program, tmp_path_factory.mktemp(name), runtime)
            found[name].run("install.py", tmp_path_factory.mktemp(f"{name}-install"), zip=str(archive))
    return found


# What the fast tests leave out: they see the newest Blender alone, as the program where there is one.
OLD = pytest.param(BEDS[0], marks=pytest.mark.slow)
MODULE = pytest.param(BEDS[1], marks=[pytest.mark.slow] * bool(os.environ.get("BLENDER")))


@pytest.fixture(params=[OLD, MODULE, BEDS[2]])
def blender(request: pytest.FixtureRequest, beds: dict[str, Blender]) -> Blender:
    """Each Blender in turn."""
    return beds[request.param] if request.param in beds else missing(request.param)


@pytest.fixture(params=[OLD, BEDS[1]])
def modules(request: pytest.FixtureRequest, beds: dict[str, Blender]) -> Blender:
    """The modules in turn: for what the program, which is a 5.2 as well, would show once more."""
    return beds[request.param] if request.param in beds else missing(request.param)


@pytest.fixture
def oldest(beds: dict[str, Blender]) -> Blender:
    """The oldest that is supported: for what takes long, and what tests of the program show of a 5.2."""
    return beds[BEDS[0]] if BEDS[0] in beds else missing(BEDS[0])


@pytest.fixture
def program(beds: dict[str, Blender]) -> Blender:
    """Blender itself, with command line and window."""
    return beds["blender"] if "blender" in beds else missing("blender")


@pytest.fixture
def screen(program: Blender) -> Blender:
    """Blender itself, where there is a screen for its window."""
    return program if virtual_screen() else missing("blender")


@pytest.fixture
def window(screen: Blender) -> Blender:
    """Blender in a window whose events a script makes up."""
    return replace(screen, takes_made_up_events=True)


@pytest.fixture(scope="session")
def data() -> Path:
    """Real clips, paintings and weights, which are no part of the repository."""
    folder = Path(os.environ.get("STYLESTRIP_DATA", ROOT.parent / "shared" / "data"))
    return folder if folder.is_dir() else missing("data")
