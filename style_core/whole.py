"""Files that are there whole or not at all, and files that grow by whole lines."""

import os
from pathlib import Path

from .setting import UserError


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file, and the folder around it if there is none; raises UserError if it cannot be written."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        if part.parent.is_dir():
            part.unlink(missing_ok=True)


def add_line(path: Path, line: str) -> None:
    """Adds a line to a file, and makes both the file and the folder around it if there are none.

    A program that is ended meanwhile may leave a part of the line, which then is a line of its own. Raises UserError if
    it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                line = line if file.read(1) == b"\n" else "\n" + line
            file.write(f"{line}\n".encode())
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> UserError:
    """Says why a file cannot be written."""
    return UserError(f"Cannot write '{path}' ({error.strerror or error}): free some space or choose another place.")
