"""Makes the runtime: a virtual environment with torch in the extension's own folder. Needs no bpy."""

import json
import os
import shutil
import subprocess
import threading
import tomllib
from collections import deque
from pathlib import Path

from ..style_core.job import UserError
from .client import apart, end
from .runtime import EXTENSION_FOLDER, RUNTIME_FOLDER, STAMP_FILE, venv_python, worker_environment

LOG_LINES = 100


class Stopped(Exception):  # noqa: N818 - stopping on request is no error
    """The person pressed Cancel."""


def pinned_requirements() -> list[str]:
    """The packages of the runtime, each with its exact version, from the extension's pyproject.toml."""
    with (EXTENSION_FOLDER / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["dependency-groups"]["runtime"]


class Installation:
    """Makes the runtime in a thread of its own.

    Args:
        base_python: the Python from which the environment is made: Blender's own.
        user_folder: the extension's own folder, in which `runtime` is made.
    """

    def __init__(self, base_python: str, user_folder: Path) -> None:
        self.base_python, self.folder = base_python, user_folder / RUNTIME_FOLDER
        # pip unpacks gigabytes into its temporary folder, and leaves them there when it is stopped.
        self.scratch = self.folder / "scratch"
        self.step = "Starting"
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self.problem = ""
        self.done = False
        self.stop = threading.Event()
        self.process: subprocess.Popen | None = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def cancel(self) -> None:
        """Stops at once; what was made so far is removed."""
        self.stop.set()
        if self.process:
            end(self.process)

    def run(self) -> None:
        """Makes the environment, or leaves nothing behind."""
        try:
            self.make()
        except Stopped:
            self.problem = "The installation was cancelled."
        except (UserError, OSError) as error:
            self.problem = str(error)
        if self.problem:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.done = True

    def make(self) -> None:
        """Makes the environment, installs into it, and says last of all that it is whole."""
        requirements = pinned_requirements()
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.scratch.mkdir(parents=True)
        self.call("Making a Python environment", [self.base_python, "-m", "venv", str(self.folder)])
        pip = [str(venv_python(self.folder)), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        self.call("Downloading torch and its companions", [*pip, "--progress-bar", "off", *requirements])
        shutil.rmtree(self.scratch)
        (self.folder / STAMP_FILE).write_text(json.dumps({"requirements": requirements}), encoding="utf-8")

    def call(self, step: str, command: list[str]) -> None:
        """Runs one command to its end, keeping what it says. Raises UserError if it fails, Stopped on Cancel."""
        self.step = step
        environment = worker_environment(os.environ) | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self.scratch))
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            encoding="utf-8",
            errors="replace",
            **apart(),
        )
        if self.stop.is_set():  # Cancel came between two commands, and found the earlier one
            end(self.process)
        for line in self.process.stdout:
            if line.strip():
                self.log.append(line.strip())
        code = self.process.wait()
        if self.stop.is_set():
            raise Stopped
        if code:
            reason = next((line for line in reversed(self.log) if "error" in line.lower()), "")
            raise UserError(f"{step} failed ({reason or (list(self.log) or ['no reason given'])[-1]}).")
