"""Files that are there whole or not at all, and files that grow by whole lines."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .setting import UserError


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Gives the name under which a file is to be written; afterwards it has its own, or if that failed is not there.

    The folder around it is made if there is none. Raises OSError if that or the end of it fails.
    """
    # Programs that write the same file, each in a container, have the same ids.
    part = path.with_name(f".{path.stem}.{os.urandom(4).hex()}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file, and the folder around it if there is none; raises UserError if it cannot be written."""
    try:
        with written(path) as part:
            part.write_bytes(content)
    except OSError as error:
        raise unwritable(path, error) from error


def add_line(path: Path, line: str) -> None:
    """The same as `append`, but raises UserError if it cannot be written."""
    try:
        append(path, line)
    except OSError as error:
        raise unwritable(path, error) from error


def append(path: Path, line: str) -> None:
    """Adds a line to a file, and makes both the file and the folder around it if there are none.

    A program that is ended meanwhile may leave a part of the line, which then is a line of its own. Raises OSError if
    it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            line = line if file.read(1) == b"\n" else "\n" + line
        file.write(f"{line}\n".encode())


def unwritable(path: Path, error: OSError) -> UserError:
    """Says why a file cannot be written."""
    return UserError(f"Cannot write '{path}' ({error.strerror or error}): free some space or choose another place.")
