"""By what a file or a folder is known again: a digest of its content, wherever it lies."""

import hashlib
from pathlib import Path

SAMPLE = 1 << 20
# Kinds of files that may be so large that reading them whole would take minutes.
FILM_ENDINGS = (".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm", ".mxf", ".mts", ".m2ts", ".mpg", ".ogv", ".wmv", ".dv")
# What is one picture, and may be one of a sequence.
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".exr", ".bmp", ".webp", ".tga", ".hdr", ".dpx", ".jp2")
# What systems leave in folders by themselves.
LEFTOVERS = ("Thumbs.db", "desktop.ini")


def identity(path: Path, names: tuple[str, ...] = ()) -> str:
    """A digest of what a file or folder contains; it does not change when it is moved.

    Pictures are read whole; films over 3 MiB at their start, middle and end, beside their size and the time at which
    they were last written.
    """
    digest = hashlib.sha256()
    if path.is_dir():
        members = [path / name for name in names] or sorted(p for p in path.iterdir() if is_member(p))
        # A file may be named more than once: a frame that is held.
        known = {member: identity(member) for member in dict.fromkeys(members)}
        for member in members:
            digest.update(f"{member.name}:{known[member]}\n".encode())
    else:
        size = path.stat().st_size
        digest.update(str(size).encode())
        with path.open("rb") as file:
            if size <= 3 * SAMPLE or path.suffix.lower() not in FILM_ENDINGS:
                while block := file.read(SAMPLE):
                    digest.update(block)
                return digest.hexdigest()
            digest.update(str(path.stat().st_mtime_ns).encode())
            for offset in (0, size // 2, size - SAMPLE):
                file.seek(offset)
                digest.update(file.read(SAMPLE))
    return digest.hexdigest()


def is_member(path: Path) -> bool:
    """Whether a file belongs to a sequence of pictures; systems leave hidden ones beside them."""
    return path.is_file() and not path.name.startswith(".") and path.name not in LEFTOVERS
