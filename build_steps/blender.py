"""The Blender that shows the demo: a program, or the bpy module in an environment of its own."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import BuildError
from .console import say
from .environments import BPYS, NoPythonError, ensure

OLDEST = (4, 5)
START_SECONDS = 120
# What gives one program a virtual screen of its own.
SCREENS = (("with-display",), ("xvfb-run", "-a", "-s", "-screen 0 1920x1080x24"))


@dataclass(frozen=True)
class Blender:
    """What runs a script in Blender, and its name."""

    command: tuple[str, ...]
    separator: tuple[str, ...]
    name: str

    def running(self, script: Path, *arguments: Path) -> list[str]:
        """The command that runs `script` without a window."""
        return [*self.command, str(script), *self.separator, *map(str, arguments)]


def find_blender(chosen: str | None) -> Blender:
    """The one that is named, by --blender or $BLENDER; else the one on the PATH; else the bpy module.

    One that is named and cannot be used is an error, not a reason to take another; one that nobody named is none.
    """
    for where, path in (("--blender", chosen), ("$BLENDER", os.environ.get("BLENDER"))):
        if path:
            return program(path, where)
    found = shutil.which("blender")
    if found:
        try:
            return program(found, "the PATH")
        except BuildError as error:
            say(f"Blender: {error} Nobody named this one, so it is left aside.")
    return module()


def program(path: str, where: str) -> Blender:
    """A Blender program; BuildError if it is none, or older than 4.5."""
    found = shutil.which(path)
    if not found:
        raise BuildError(f"The Blender '{path}', named by {where}, does not exist or is no program: correct the path.")
    try:
        answer = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=START_SECONDS)
        version = re.search(r"^Blender (\d+)\.(\d+)\.?\S*", answer.stdout, re.MULTILINE)
    except (OSError, subprocess.TimeoutExpired):
        version = None
    if not version:
        raise BuildError(f"'{path}', named by {where}, does not answer as Blender does: give the path of a Blender.")
    if (int(version[1]), int(version[2])) < OLDEST:
        raise BuildError(f"'{path}' is {version[0]}, and Stylestrip needs 4.5 or newer: give the path of a newer one.")
    say(f"Blender: {version[0]} ({found}).")
    return Blender((found, "--background", "--python-exit-code", "1", "--python"), ("--",), version[0])


def virtual_screen() -> tuple[str, ...]:
    """The command before that of a program which needs a screen; empty if there is none."""
    return next((one for one in SCREENS if shutil.which(one[0])), ())


def module() -> Blender:
    """The newest bpy module that a Python on this machine can load."""
    for environment in BPYS:
        try:
            python = ensure(environment)
        except NoPythonError:
            continue
        say(f"Blender: no program here can be used; the module {environment.groups[0]} does its work.")
        return Blender((str(python),), (), environment.name)
    raise BuildError(
        "There is no Blender here, and no Python 3.13 or 3.11 for its module: install Blender 4.5 or newer and name it "
        "with --blender PATH."
    )
