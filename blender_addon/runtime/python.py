"""Which Python paints: the one that is named, or the one that was made."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...style_core.job import UserError
from .bundle import bundled_python
from .folders import current, venv_python

ENVIRONMENT_VARIABLE = "STYLESTRIP_PYTHON"
RUNTIME_FILE = "runtime.json"

NONE_YET = (
    "Stylestrip has no painter yet: open Edit > Preferences > Add-ons > Stylestrip and press Install, or without a "
    "window call blender -b --online-mode --command stylestrip setup; or set the path of a Python with torch there or "
    f"in the environment variable {ENVIRONMENT_VARIABLE}."
)


class NoPythonError(UserError):
    """No Python is named, and none has been made."""


class PythonGoneError(UserError):
    """The Python that is named or was made is not there any more."""


def find_python(chosen: str, user_folder: Path, environment: Mapping[str, str]) -> Path:
    """The Python that shall paint: the first that is named, in the preferences, by the environment, by a file.

    One that is named and does not exist is an error, not a reason to take another.

    Args:
        chosen: the path from the preferences; empty: none.
        user_folder: the extension's own folder.
        environment: the environment variables.

    What was made goes before what is bundled: it was asked for.

    Raises:
        NoPythonError: there is none.
        PythonGoneError: it does not exist.
        UserError: runtime.json cannot be read.
    """
    for where, path in named_pythons(chosen, user_folder, environment):
        if path:
            if not Path(path).is_file():
                raise PythonGoneError(
                    f"The painter's Python '{path}', named in {where}, does not exist: correct the path."
                )
            return Path(path)
    made = current(user_folder)
    if made is None:
        if bundled := bundled_python():
            return bundled
        raise NoPythonError(NONE_YET)
    python = venv_python(user_folder / made.folder)
    if not python.is_file():
        raise PythonGoneError(
            f"The painter's Python '{python}' is gone; Blender may have been moved or updated since it was installed: "
            "press Repair in the preferences of Stylestrip."
        )
    return python


def is_named(chosen: str, user_folder: Path, environment: Mapping[str, str]) -> bool:
    """Whether somebody has named a Python, so that what Install makes is not used."""
    return any(path for _, path in named_pythons(chosen, user_folder, environment))


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
