"""By what a file or a folder is known again: a digest of its content, wherever it lies."""

import hashlib
import time
from functools import lru_cache
from pathlib import Path

from .setting import UserError

SAMPLE = 1 << 20
# How many files are remembered, which takes some 20 MB.
MEMORY = 1 << 16
# What was written at least so long ago is not written again at what counts as the same time: file systems count down to
# every two seconds.
SETTLED_NS = 3 * 10**9
# Kinds of files that may be so large that reading them whole would take minutes.
FILM_ENDINGS = (".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm", ".mxf", ".mts", ".m2ts", ".mpg", ".ogv", ".wmv", ".dv")
# What is one picture, and may be one of a sequence.
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".exr", ".bmp", ".webp", ".tga", ".hdr", ".dpx", ".jp2")
# What systems leave in folders by themselves.
LEFTOVERS = ("Thumbs.db", "desktop.ini")


def identity(path: Path, names: tuple[str, ...] = ()) -> str:
    """A digest of what a file or folder contains; it does not change when it is moved.

    Pictures are read whole; films over 3 MiB at their start, middle and end, beside their size and the time at which
    they were last written. A file is not read again while its size and that time stay the same. Raises UserError if
    anything cannot be read.
    """
    try:
        return digest_of(path, names)
    except OSError as error:
        raise UserError(f"'{path}' cannot be read ({error.strerror or error}): see who may read it.") from error


def digest_of(path: Path, names: tuple[str, ...]) -> str:
    """The same, with whatever error the system has."""
    if not path.is_dir():
        state = path.stat()
        # What was written just now may be written again before a clock that counts coarsely goes on.
        is_settled = time.time_ns() - state.st_mtime_ns > SETTLED_NS
        read = digest_of_file if is_settled else digest_of_file.__wrapped__
        return read(path.absolute(), state.st_size, state.st_mtime_ns)
    members = [path / name for name in names] or sorted(p for p in path.iterdir() if is_member(p))
    # A file may be named more than once: a frame that is held.
    known = {member: identity(member) for member in dict.fromkeys(members)}
    digest = hashlib.sha256()
    for member in members:
        digest.update(f"{member.name}:{known[member]}\n".encode())
    return digest.hexdigest()


@lru_cache(MEMORY)
def digest_of_file(path: Path, size: int, written: int) -> str:
    """The digest of a file of so many bytes that was last written then, in nanoseconds."""
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        if size <= 3 * SAMPLE or path.suffix.lower() not in FILM_ENDINGS:
            while block := file.read(SAMPLE):
                digest.update(block)
            return digest.hexdigest()
        digest.update(str(written).encode())
        for offset in (0, size // 2, size - SAMPLE):
            file.seek(offset)
            digest.update(file.read(SAMPLE))
    return digest.hexdigest()


def is_member(path: Path) -> bool:
    """Whether a file belongs to a sequence of pictures; systems leave hidden ones beside them."""
    return path.is_file() and not path.name.startswith(".") and path.name not in LEFTOVERS
