"""Files that are there whole or not at all."""

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
        raise UserError(
            f"Cannot write '{path}' ({error.strerror or error}): free some space or choose another place."
        ) from error
    finally:
        if part.parent.is_dir():
            part.unlink(missing_ok=True)
