"""The size of a painted frame, from the first bytes of its file: Blender's own way would read all of it."""

import struct
from pathlib import Path
from typing import BinaryIO

# Where the attributes of an EXR file begin, after its magic number and version.
ATTRIBUTES = 8
WINDOW = b"displayWindow"


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG or EXR file."""
    with path.open("rb") as file:
        if path.suffix == ".png":
            return struct.unpack(">II", file.read(24)[16:24])
        file.seek(ATTRIBUTES)
        # Name and type end with a zero each; then come the size of the value, and the value.
        while name := read_word(file):
            read_word(file)
            value = file.read(struct.unpack("<I", file.read(4))[0])
            if name == WINDOW:
                left, top, right, bottom = struct.unpack("<4i", value)
                return right - left + 1, bottom - top + 1
    raise ValueError(f"'{path}' is no EXR file with a {WINDOW.decode()}.")


def read_word(file: BinaryIO) -> bytes:
    """The bytes up to the next zero, which is read too."""
    return b"".join(iter(lambda: file.read(1), b"\0"))
