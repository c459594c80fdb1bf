"""The Python that runs style_core: where it is, and whether it can paint. Needs no bpy."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..style_core.job import UserError
from .client import apart

EXTENSION_FOLDER = Path(__file__).resolve().parent.parent

ENVIRONMENT_VARIABLE = "STYLESTRIP_PYTHON"
RUNTIME_FILE = "runtime.json"
RUNTIME_FOLDER = "runtime"
# Written last, so that a runtime whose making was cut off is not taken for a whole one.
STAMP_FILE = "stylestrip-runtime.json"

# What the painter imports, and the names of the packages that bring it.
NEEDED = {"torch": "torch", "cv2": "opencv-python-headless", "av": "av", "OpenImageIO": "OpenImageIO",
          "safetensors": "safetensors", "numpy": "numpy"}  # fmt: skip
CHECK_SECONDS = 120.0

# Set for Blender's own Python, these would break or change another one.
FOREIGN_VARIABLES = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "LD_LIBRARY_PATH", "LD_PRELOAD",
                     "DYLD_LIBRARY_PATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")  # fmt: skip

# Imports everything, as a package that is there may still be broken; says what it found as JSON.
PROBE = """
import importlib, json, sys
found, missing = {}, {}
for name in sys.argv[1:]:
    try:
        found[name] = str(getattr(importlib.import_module(name), "__version__", "?"))
    except Exception as error:
        missing[name] = str(error)
device = ""
if "torch" in found:
    import torch
    device = "the processor"
    if torch.cuda.is_available():
        device = torch.cuda.get_device_name(0)
    elif torch.backends.mps.is_available():
        device = "Apple graphics (MPS)"
print("\\n" + json.dumps({"python": sys.version.split()[0], "found": found, "missing": missing, "device": device}))
"""


@dataclass(frozen=True)
class Report:
    """What a check of a Python found."""

    python: Path
    problem: str = ""
    """A sentence about what is wrong; empty: it can paint."""
    device: str = ""
    versions: str = ""


def find_python(chosen: str, user_folder: Path, environment: Mapping[str, str]) -> Path:
    """The Python that shall paint: the first that is named, in the preferences, by the environment, by a file.

    One that is named and does not exist is an error, not a reason to take another.

    Args:
        chosen: the path from the preferences; empty: none.
        user_folder: the extension's own folder.
        environment: the environment variables.

    Raises:
        UserError: there is none, or it does not exist.
    """
    for where, path in named_pythons(chosen, user_folder, environment):
        if path:
            if not Path(path).is_file():
                raise UserError(f"The painter's Python '{path}', named in {where}, does not exist: correct the path.")
            return Path(path)
    made = venv_python(user_folder / RUNTIME_FOLDER)
    if (user_folder / RUNTIME_FOLDER / STAMP_FILE).is_file() and made.is_file():
        return made
    raise UserError(
        "Stylestrip has no painter yet: open Edit > Preferences > Add-ons > Stylestrip and press Install, or set the "
        f"path of a Python with torch there or in the environment variable {ENVIRONMENT_VARIABLE}."
    )


def named_pythons(chosen: str, user_folder: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(where, path) in the order that counts; a file is not read, and need not be in order, before it is its turn."""
    yield "the preferences", chosen
    yield f"the environment variable {ENVIRONMENT_VARIABLE}", environment.get(ENVIRONMENT_VARIABLE, "")
    yield f"'{user_folder / RUNTIME_FILE}'", written_python(user_folder / RUNTIME_FILE)


def written_python(file: Path) -> str:
    """The path in a runtime.json; empty if there is no such file. Raises UserError if it cannot be read."""
    if not file.is_file():
        return ""
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["python"])
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise UserError(f'\'{file}\' cannot be read ({error}): delete it, or write {{"python": "PATH"}}.') from error


def venv_python(folder: Path) -> Path:
    """The Python inside a virtual environment."""
    return folder / "Scripts" / "python.exe" if sys.platform == "win32" else folder / "bin" / "python"


def worker_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker: this one's, without what is meant for Blender's own Python."""
    kept = {name: value for name, value in environment.items() if name not in FOREIGN_VARIABLES}
    return kept | {
        "PYTHONPATH": str(EXTENSION_FOLDER),
        "PYTHONDONTWRITEBYTECODE": "1",  # nothing is written beside the extension's code
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
    }


class Check:
    """A check of a Python that runs by itself; `report` is there when it is done."""

    def __init__(self, python: Path) -> None:
        self.python = python
        self.report: Report | None = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        """Checks, and remembers the outcome for as long as the Python stays the same file."""
        key = identity(self.python)
        if key not in CHECKED:
            CHECKED[key] = check_python(self.python)
        self.report = CHECKED[key]


# Outcomes by path and time of change; an outcome that is bad is forgotten when the person asks again.
CHECKED: dict[tuple[str, int], Report] = {}


def identity(python: Path) -> tuple[str, int]:
    """What tells a Python from an earlier one at the same place."""
    return str(python), python.stat().st_mtime_ns if python.exists() else 0


def check_python(python: Path) -> Report:
    """Runs a Python to see whether it can paint; takes the seconds that loading torch takes."""
    try:
        done = subprocess.run(
            [str(python), "-c", PROBE, *NEEDED],
            capture_output=True,
            env=worker_environment(os.environ),
            timeout=CHECK_SECONDS,
            encoding="utf-8",
            errors="replace",
            **apart(),
        )
    except OSError as error:
        return Report(python, f"'{python}' cannot be run ({error.strerror}): choose a Python.")
    except subprocess.TimeoutExpired:
        return Report(python, f"'{python}' did not answer within {CHECK_SECONDS:g} seconds: choose another Python.")
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return Report(python, f"'{python}' is no Python that works ({reason}): choose another one.")
    return judge(python, found)


def judge(python: Path, found: dict) -> Report:
    """What the probe's answer means."""
    for name, reason in found["missing"].items():
        return Report(
            python,
            f"The painter's Python '{python}' has no {name} ({reason}): install {NEEDED[name]} into it, or press "
            "Install in the preferences of Stylestrip.",
        )
    versions = ", ".join(f"{name} {version}" for name, version in found["found"].items())
    return Report(python, device=found["device"], versions=f"Python {found['python']}, {versions}")
