"""Greyscale PNG files. Needs no bpy."""

import struct
import zlib
from pathlib import Path

from ...style_core.whole import written
from ..arrays import np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Fastest: mattes have large even parts, which become small anyhow.
COMPRESSION = 1


def write_grey(path: Path, picture: np.ndarray) -> None:
    """Writes (H, W) uint8; the file is whole as soon as it has its name."""
    height, width = picture.shape
    # Width, height, bits, greyscale, and the only compression, filters and order that there are.
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    # Each row begins with how it is filtered: not at all.
    rows = np.pad(picture, ((0, 0), (1, 0))).tobytes()
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(rows, COMPRESSION)), (b"IEND", b"")
    with written(path) as file:
        file.write_bytes(SIGNATURE + b"".join(chunk(*part) for part in parts))


def chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
