"""What the first bytes of a picture's file tell: Blender's own way would read all of it."""

import struct
from pathlib import Path
from typing import BinaryIO

# Where the attributes of an EXR file begin, after its magic number and version.
ATTRIBUTES = 8
WINDOW = b"displayWindow"
# How pictures begin that look like text: portable maps and Radiance.
WRITTEN = (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"P7", b"PF", b"Pf", b"#?")
HEAD = 512


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


def is_no_picture(path: Path) -> bool:
    """Whether a file is surely none: it is empty, or text. The painter tells of all others."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(WRITTEN) or b"\0" in head:
        return False
    # The last letter may be cut off.
    return not head or any(is_text(head[: len(head) - cut]) for cut in range(4))


def is_text(head: bytes) -> bool:
    """Whether these bytes are text."""
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def read_word(file: BinaryIO) -> bytes:
    """The bytes up to the next zero, which is read too."""
    return b"".join(iter(lambda: file.read(1), b"\0"))
