"""Where a runtime lies in the extension's user folder, which of them counts, and what is left over of others."""

import contextlib
import json
import os
import shutil
import sys
from pathlib import Path, PurePath
from typing import NamedTuple

from ...style_core.whole import written

RUNTIMES = "runtimes"
WHEELS = "wheels"
LOG_FILE = "setup.log"
# Names the runtime that counts. Replaced at once when a new one is whole: there is always the old one or the new one.
CURRENT_FILE = "current-runtime.json"
# What version 0.1 made: one folder, with a stamp that was written last.
OLD_FOLDER, OLD_STAMP = "runtime", "stylestrip-runtime.json"

# Where Windows has not been told otherwise, no path may be longer; and a folder leaves room for a short name in it.
WINDOWS_PATH = 259
SITE_PACKAGES_WINDOWS = "Lib/site-packages"


class Current(NamedTuple):
    """The runtime that counts."""

    folder: str
    """Relative to the user folder, with forward slashes."""
    build: str = ""
    """Which torch is in it, as `builds.BUILDS` names them."""
    lock: str = ""
    """The digest of the wheels that it was made of; another one in the extension: there is an update."""
    python: str = ""
    """The version of Python, such as 3.13."""


def venv_python(folder: Path) -> Path:
    """The Python inside a virtual environment."""
    return folder / "Scripts" / "python.exe" if sys.platform == "win32" else folder / "bin" / "python"


def site_packages(folder: Path) -> Path:
    """Where the packages of a virtual environment lie; it need not exist yet."""
    if sys.platform == "win32":
        return folder / "Lib" / "site-packages"
    found = sorted(folder.glob("lib/python3*/site-packages"))
    return found[0] if found else folder / "lib" / "python3" / "site-packages"


def current(user_folder: Path) -> Current | None:
    """The runtime that counts; None: none has been made, or its record cannot be read."""
    try:
        return Current(**json.loads((user_folder / CURRENT_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        old = (user_folder / OLD_FOLDER / OLD_STAMP).is_file()
        return Current(OLD_FOLDER) if old else None


def set_current(user_folder: Path, made: Current) -> None:
    """Lets a runtime that is whole count from now on, also if the power fails in this moment."""
    if hasattr(os, "sync"):
        os.sync()  # the record must not reach the disk before what it is about
    write_whole(user_folder / CURRENT_FILE, json.dumps(made._asdict()))


def write_whole(path: Path, text: str) -> None:
    """Writes a small file at once or not at all, also if the power fails."""
    with written(path) as part, part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def new_folder(user_folder: Path) -> Path:
    """A name for a runtime to be made; short, as Windows counts the letters of paths."""
    taken = [int(one.name) for one in (user_folder / RUNTIMES).glob("*") if one.name.isdigit()]
    return user_folder / RUNTIMES / str(max(taken, default=0) + 1)


def remove_leftovers(user_folder: Path) -> None:
    """Removes runtimes that do not count; one that a worker still uses stays on Windows until the next time."""
    kept = current(user_folder)
    for folder in [*(user_folder / RUNTIMES).glob("*"), user_folder / OLD_FOLDER]:
        if folder.is_dir() and not (kept and folder == user_folder / kept.folder):
            shutil.rmtree(folder, ignore_errors=True)


def remove_runtime(user_folder: Path) -> None:
    """Removes the runtime and all that was downloaded for it. Raises OSError if it is in use."""
    made = current(user_folder)
    (user_folder / CURRENT_FILE).unlink(missing_ok=True)
    if made and made.folder == OLD_FOLDER:
        (user_folder / OLD_FOLDER / OLD_STAMP).unlink(missing_ok=True)
    for name in (RUNTIMES, OLD_FOLDER, WHEELS):
        if (user_folder / name).exists():
            shutil.rmtree(user_folder / name)


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; 0 if there is none."""
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):  # vanished meanwhile
                total += Path(place, name).lstat().st_size
    return total


def too_long_for_windows(runtime: PurePath, longest: int) -> int:
    """By how many letters the longest path of a runtime is too long for Windows; 0: it fits.

    Args:
        runtime: the folder of the runtime.
        longest: the letters of the longest path inside its wheels.
    """
    return max(0, len(str(runtime / SITE_PACKAGES_WINDOWS)) + 1 + longest - WINDOWS_PATH)


def takes_long_paths() -> bool:
    """Whether this system bears long paths: all but a Windows whose administrator has not allowed them."""
    if sys.platform != "win32":
        return True
    import winreg

    place = r"SYSTEM\CurrentControlSet\Control\FileSystem"
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
            return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])
    except OSError:
        return False
