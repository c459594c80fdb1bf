"""Settings as data: a default, bounds, unit and words in one place, checked wherever a value comes from."""

import dataclasses
import errno
import json
import os
from dataclasses import field, fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

# What people call the types of values.
WORDS = {tuple: "list", int: "whole number", float: "number", str: "text", bool: "true or false"}


# What a system answers where there is too little of something, or a disk or the network to it fails, whatever file is
# named; each system knows some of them.
SCARCE = {
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "ENOMEM", "EMFILE", "ENFILE", "EIO", "EBUSY", "ESTALE", "ETIMEDOUT", "EHOSTDOWN",
                 "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ECONNRESET")
    if hasattr(errno, name)
}  # fmt: skip


class UserError(Exception):
    """Something a person can put right: one sentence that says what is wrong, with the value, and what to do."""

    @property
    def wrong_input(self) -> bool:
        """Whether what was asked for is to blame, and not that the machine has too little room on the disk, or memory,
        or that a disk does not answer: then the same may be done another time, or on another machine."""
        return not (isinstance(self.__cause__, OSError) and self.__cause__.errno in SCARCE)


class ScarceError(UserError):
    """The same where the machine has too little of something."""

    wrong_input = False


def setting(
    default: Any,
    label: str,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    choices: tuple[str, ...] = (),
    path: str = "",
    usual: float | None = None,
) -> Any:
    """A dataclass field that knows its bounds (inclusive), unit and words for panel and command line.

    `path` says that it is one, and whether of a "file" or a "folder"; `usual` is how far a slider goes that could go
    much further.
    """
    metadata = {"label": label, "help": help, "low": low, "high": high, "unit": unit, "choices": choices, "path": path}
    metadata["usual"] = usual
    return field(default=default, metadata=metadata)


class Checked:
    """Checks the fields of a dataclass against the bounds and choices in their metadata."""

    def __post_init__(self) -> None:
        for spec in fields(self):
            if "label" in spec.metadata:
                check_value(spec, getattr(self, spec.name))


def check_value(spec: dataclasses.Field, value: Any) -> None:
    """Raises UserError if `value` does not fit the setting `spec`."""
    name, low, high = spec.metadata["label"], spec.metadata["low"], spec.metadata["high"]
    choices = spec.metadata["choices"]
    for item in value if isinstance(value, tuple) else (value,):
        if choices and item not in choices:
            raise UserError(f"{name} is {item!r}; choose one of {', '.join(choices)}.")
        if low is not None and not low <= item <= (float("inf") if high is None else high):
            limit = f"at least {low:g}" if high is None else f"between {low:g} and {high:g}"
            raise UserError(f"{name} is {item:g}; it must be {limit}.")


def build(kind: type, data: Any, name: str) -> Any:
    """A dataclass of type `kind` from parsed JSON or TOML; UserError names the setting that is wrong."""
    if not isinstance(data, dict):
        raise UserError(f"'{name}' must be an object with named settings, not {json.dumps(data)[:40]}.")
    hints = get_type_hints(kind)
    for key in data:
        if key not in hints:
            from difflib import get_close_matches  # late: only who has mistyped a name needs it

            near = get_close_matches(key.replace("-", "_"), hints, 1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(hints)}."
            raise UserError(f"'{name}' has no setting '{key}'; {hint}")
    return kind(**{key: convert(hints[key], value, f"{name}.{key}") for key, value in data.items()})


def convert(kind: type, value: Any, name: str) -> Any:
    """`value` from parsed JSON or TOML as the annotated type, or UserError."""
    if isinstance(kind, UnionType):  # of a type and None
        return None if value is None else convert(get_args(kind)[0], value, name)
    if dataclasses.is_dataclass(kind):
        return build(kind, value, name)
    if get_origin(kind) is tuple and isinstance(value, list):
        of = get_args(kind)[0]
        return tuple(item if type(item) is of else convert(of, item, name) for item in value)
    plain = get_origin(kind) or kind
    if plain is float and type(value) is int and abs(value) < 1 << 63:
        return float(value)
    if type(value) is not plain:
        raise UserError(f"'{name}' is {json.dumps(value, default=str)[:40]}, which is no {WORDS[plain]}.")
    return value


def names_in(folder: Path) -> set[str]:
    """The names of what certainly is in a folder; what a link leads to may be gone."""
    if not folder.is_dir():
        return set()
    with os.scandir(folder) as entries:
        return {entry.name for entry in entries if not entry.is_symlink()}


def require_file(path: str, what: str) -> None:
    """Raises UserError if nothing exists at `path`, or nobody can know."""
    try:
        Path(path).stat()
    except (OSError, ValueError) as error:  # ValueError: what can be no path
        if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, *SCARCE):
            raise UserError(f"The {what} '{path}' cannot be read ({error.strerror}): see who may read it.") from error
        raise UserError(f"The {what} '{path}' does not exist: check the path.") from None
