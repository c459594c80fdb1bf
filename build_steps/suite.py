"""The test suite, with the test beds that it reads from its environment."""

import os
import subprocess
from collections.abc import Sequence

from . import ROOT, BuildError
from .console import say
from .environments import RUNTIME, ensure_all
from .package import package

SLOWEST = 40  # tests of which is said how long they took
MOST_AT_ONCE = 4  # processes that test: each may start a Blender and a painter


def run_tests(pytest_arguments: Sequence[str], everything: bool) -> None:
    """Ruff, then pytest: the fast tests, or all of them. BuildError if either finds fault.

    Tests find the bpy modules' Pythons in STYLESTRIP_BPY_PYTHONS, the zip in STYLESTRIP_ZIP, the runtime's Python in
    STYLESTRIP_RUNTIME, a Blender program in BLENDER (where set), and in STYLESTRIP_REQUIRE what must not be missing.
    """
    pythons = ensure_all()
    archive = package()
    bpys = [str(python) for name, python in pythons.items() if name != RUNTIME.name]
    beds = {
        "STYLESTRIP_BPY_PYTHONS": os.pathsep.join(bpys),
        "STYLESTRIP_ZIP": str(archive),
        "STYLESTRIP_RUNTIME": str(pythons[RUNTIME.name]),
        # Painters side by side must not hold the processor while they wait for each other.
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    say("Tests: ruff ...")
    check(pythons[RUNTIME.name], ["ruff", "check", "."], beds, "Ruff found fault: put right what it lists above.")
    say(f"Tests: pytest, {'everything' if everything else 'the fast ones (--all: the slow ones too)'} ...")
    # More groups than cores: threads within them would only cost, a sixth of the work with frames this small.
    beds["OMP_NUM_THREADS"] = "1"
    which = ["-m", "", "--durations", str(SLOWEST)] if everything else []
    tests = ["pytest", *which, *side_by_side(), *pytest_arguments]
    check(pythons[RUNTIME.name], tests, beds, "Tests failed: they are listed above.")
    say("Tests: passed.")


def side_by_side() -> list[str]:
    """Pytest's arguments for groups of tests side by side, one more than there are cores: many wait for a Blender."""
    count = min(MOST_AT_ONCE, (os.cpu_count() or 1) + 1)
    # In the order of tests/conftest.py, which begins with what takes longest.
    order = ["--dist", "loadscope", "--no-loadscope-reorder"]
    return ["-n", str(count), *order]


def check(python: os.PathLike, module: Sequence[str], beds: dict[str, str], complaint: str) -> None:
    """Runs a Python module with its output shown; BuildError with `complaint` if it fails."""
    if subprocess.run([python, "-m", *module], cwd=ROOT, env={**os.environ, **beds}).returncode:
        raise BuildError(complaint)
