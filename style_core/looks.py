"""Looks with a name: the presets that come with the program, and look files that people write and exchange.

Both are TOML files with settings of `Look`, beside a `name` and a sentence `about` them. A look file may name style
pictures, relative to where it lies, or by the name of one that comes along.
"""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from .job import Look
from .setting import UserError, build
from .styles import find_style

FOLDER = Path(__file__).parent / "presets"
# The look that is painted where none is chosen: all settings at their defaults.
PLAIN = "painting"
# What of a look is no look, but how long may be painted: only one that names it changes it.
EFFORT = ("steps", "tolerance")


class NamedLook(NamedTuple):
    """A look, with what a person calls it."""

    key: str
    """The word that chooses it on the command line: the file's name without its ending."""
    name: str
    about: str
    settings: dict[str, Any]
    """Those that differ from the defaults, checked."""


def presets() -> dict[str, NamedLook]:
    """The looks that come with the program by key, the plain one first."""
    files = sorted(FOLDER.glob("*.toml"), key=lambda file: (file.stem != PLAIN, file.stem))
    return {file.stem: read_look(file) for file in files}


def find_look(name_or_file: str) -> NamedLook:
    """A preset by its key or name, or a look file; raises UserError if there is none such, or it does not fit."""
    known = presets()
    word = name_or_file.strip().lower()
    for look in known.values():
        if word in (look.key, look.name.lower()):
            return look
    if Path(name_or_file).is_file():
        return read_look(Path(name_or_file))
    raise UserError(f"There is no look '{name_or_file}': name a look file (.toml), or one of {', '.join(known)}.")


def read_look(file: Path) -> NamedLook:
    """Raises UserError if the file is no look file, or has an unknown setting or a value that does not fit."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"The look file '{file}' cannot be read ({error}).") from error
    words = {key: data.pop(key, default) for key, default in (("name", file.stem), ("about", ""))}
    for key, value in words.items():
        if not isinstance(value, str):
            raise UserError(f"The look file '{file}' has {value!r} as its {key}: write a text in quotation marks.")
    try:
        checked = build(Look, data, "look")
    except UserError as error:
        raise UserError(f"The look file '{file}' does not fit: {error}") from error
    settings = {key: getattr(checked, key) for key in data}
    # Pictures are found beside the file that names them.
    if "styles" in settings:
        settings["styles"] = tuple(find_style(style, file.parent) for style in settings["styles"])
    if "start_picture" in settings:
        settings["start_picture"] = str(file.parent / settings["start_picture"])
    return NamedLook(file.stem, words["name"], words["about"], settings)


def with_look(look: Look, named: NamedLook) -> Look:
    """A named look whole, as it is wherever it is chosen; of `look`, that of a job, the style pictures stay where the
    named one has none, and how long may be painted where it says nothing about that."""
    kept = EFFORT if "styles" in named.settings else (*EFFORT, "styles", "style_shares")
    return Look(**{name: getattr(look, name) for name in kept} | named.settings)
