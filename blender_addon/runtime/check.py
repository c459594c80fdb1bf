"""Whether a Python can paint: everything is imported, and five steps are painted."""

import csv
import json
import os
import re
import subprocess
import threading
import traceback
from pathlib import Path
from typing import NamedTuple

from ..client import apart, end
from .bundle import packages_for
from .environment import worker_environment
from .folders import site_packages

# What the painter imports, and the names of the packages that bring it.
NEEDED = {"torch": "torch", "cv2": "opencv-python-headless", "av": "av", "OpenImageIO": "OpenImageIO",
          "safetensors": "safetensors", "numpy": "numpy"}  # fmt: skip
CHECK_SECONDS = 120.0
TRIAL_SECONDS = 240.0

# Imports everything, as a package that is there may still be broken; says what it found as JSON.
PROBE = """
import importlib, json, sys
found, missing = {}, {}
for name in sys.argv[1:]:
    try:
        found[name] = str(getattr(importlib.import_module(name), "__version__", "?"))
    except Exception as error:
        missing[name] = str(error)
device, memory = "", 0
if "torch" in found:
    try:
        import torch
        device = "the processor"
        if torch.cuda.is_available():
            device, memory = torch.cuda.get_device_name(0), torch.cuda.get_device_properties(0).total_memory
        elif torch.backends.mps.is_available():
            device = "Apple graphics (MPS)"
    except Exception as error:
        missing["torch"] = str(error)
print("\\n" + json.dumps({"python": sys.version.split()[0], "found": found, "missing": missing, "device": device,
                          "memory": memory}))
"""


class Report(NamedTuple):
    """What a check of a Python found."""

    python: Path
    problem: str = ""
    """A sentence about what is wrong; empty: it can paint."""
    device: str = ""
    memory: str = ""
    versions: str = ""
    speed: str = ""
    """What a trial took; empty: none was made."""
    text: str = ""
    """All of it, to be pasted into a report."""


class Check:
    """A check of a Python that runs by itself; `report` is there when it is done."""

    def __init__(self, python: Path, made_in: Path | None = None) -> None:
        self.python, self.made_in = python, made_in
        self.report: Report | None = None
        self.running = Running()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        """Checks."""
        try:
            self.report = check_python(self.python, self.made_in, self.running)
        except Exception as error:
            # Whatever it is: without a report it would be checked until Blender ends, and no button would work.
            self.report = untried(self.python, f"{type(error).__name__}: {error}", traceback.format_exc())

    def cancel(self) -> None:
        """Ends the check; its report says so."""
        self.running.stop()


class Running:
    """The process of a check, so that another thread can end it."""

    def __init__(self) -> None:
        self.process: subprocess.Popen | None = None
        self.stopped = False

    def stop(self) -> None:
        """Ends it, and those that would come after it."""
        self.stopped = True
        if self.process:
            end(self.process)

    def run(self, command: list[str], seconds: float) -> tuple[int, str, str]:
        """(exit code, output, errors) of a program. Raises OSError, or TimeoutExpired."""
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=worker_environment(os.environ, packages_for(Path(command[0]))),
            cwd=Path(command[0]).parent,  # "-m" looks in the working folder first, and a person's may hold anything
            encoding="utf-8",
            errors="replace",
            **apart(),
        )
        if self.stopped:
            end(self.process)
        try:
            out, errors = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            end(self.process)
            self.process.communicate()
            raise
        return self.process.returncode, out, errors


def check_python(python: Path, made_in: Path | None = None, running: Running | None = None) -> Report:
    """Runs a Python to see whether it can paint; takes the seconds that loading torch and painting take.

    Args:
        made_in: the environment that was made by us, if it is one: its files are counted first.
        running: lets another thread end it.
    """
    running = running or Running()
    if made_in and (lost := lost_files(made_in)):
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        return Report(python, f"'{lost[0]}'{more} of the painter is missing or cut off: press Repair.")
    report = probe(python, running)
    return report if report.problem else trial(report, running)


def probe(python: Path, running: Running) -> Report:
    """Whether everything can be imported."""
    try:
        code, out, errors = running.run([str(python), "-c", PROBE, *NEEDED], CHECK_SECONDS)
    except OSError as error:
        return Report(python, f"'{python}' cannot be run ({error.strerror}): choose a Python.")
    except subprocess.TimeoutExpired:
        return Report(python, f"'{python}' did not answer within {CHECK_SECONDS:g} seconds: choose another Python.")
    try:
        found = json.loads(out.splitlines()[-1])
    except (IndexError, ValueError):
        reason = (errors.strip().splitlines() or [f"exit code {code}"])[-1]
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
    memory = f"{found['memory'] / (1 << 30):.1f} GiB" if found["memory"] else ""
    return Report(python, "", found["device"], memory, f"Python {found['python']}, {versions}")


def trial(report: Report, running: Running) -> Report:
    """Has the painter's own doctor look, who paints five steps."""
    try:
        code, out, errors = running.run([str(report.python), "-m", "style_core", "doctor", "--json"], TRIAL_SECONDS)
        found = json.loads(out)
        told = {one["name"]: one["value"] for one in found}
        remedies = [f"{one['name']}: {one['value']}. {one['remedy']}" for one in found if one["remedy"]]
    except subprocess.TimeoutExpired:
        sentence = f"The painter did not paint five steps within {TRIAL_SECONDS:g} seconds: try again."
        return Report(report.python, sentence)
    except OSError as error:
        return untried(report.python, error.strerror)
    except (ValueError, KeyError, TypeError):
        return untried(report.python, (errors.strip().splitlines() or [f"exit code {code}"])[-1], errors)
    text = "\n".join(f"{one['name']:14} {one['value']}" + (f"\n{'':14} -> {one['remedy']}" if one["remedy"] else "")
                     for one in found)  # fmt: skip
    problem = remedies[0] if remedies else ""
    speed = speed_of(told.get("trial", ""))
    return Report(report.python, problem, report.device, report.memory, report.versions, speed, text)


def untried(python: Path, reason: str, text: str = "") -> Report:
    """What is said where a trial could not be made at all."""
    return Report(python, f"The painter cannot be tried ({reason}): press Repair.", text=text)


def speed_of(trial: str) -> str:
    """What the doctor says of its trial, without the figure that only a report needs; empty if there was none."""
    found = re.fullmatch(r"(\d+) steps at (\d+) pixels, ([\d.e-]+) s each, loss .+", trial)
    return f"A step of a frame of {found[2]} pixels takes {found[3]} s." if found else ""


def lost_files(folder: Path) -> list[str]:
    """Files of an environment that its packages list and that are not there, or not as long as listed."""
    place, lost = site_packages(folder), []
    for record in place.glob("*.dist-info/RECORD"):
        with record.open(encoding="utf-8", newline="") as file:
            for name, _, size in csv.reader(file):
                path = place / name
                # Scripts and what Python compiles lie elsewhere or come and go; they have no part in painting.
                if name.startswith("..") or name.endswith(".pyc"):
                    continue
                if not path.is_file() or (size and path.stat().st_size != int(size)):
                    lost.append(name)
    return lost
