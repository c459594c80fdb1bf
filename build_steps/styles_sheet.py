"""A sheet of the style pictures that come along, run by the runtime's Python, for docs/pictures/styles.jpg.

    .envs/runtime/bin/python -m build_steps.styles_sheet OUTPUT.jpg --clip CLIP.mp4 --frame 125 [--size 288]

Each picture stands above what it makes of the same frame of a film.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from rich.progress import track

from style_core.looks import presets
from style_core.media.clip import open_clip
from style_core.media.frame import Frame, fitted_size
from style_core.media.pictures import read_picture
from style_core.styles import STYLES, StylePicture

from .looks_sheet import GAP, header, painted

COLUMNS, QUALITY = 4, 68


def cell(content: Frame, style: StylePicture, size: int) -> np.ndarray:
    """A style picture with its name above it and the painted frame below, `size` pixels wide."""
    picture = read_picture(str(style.file))
    frame = painted(content, picture.rgb, presets()["painting"])
    parts = [header([style.name], size)[:, :size], picture.resized(size, size).rgb, frame]
    return np.vstack([np.pad(part, ((0, GAP), (0, GAP), (0, 0)), constant_values=255) for part in parts])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("output", type=Path)
    options.add_argument("--clip", required=True)
    options.add_argument("--frame", type=int, required=True)
    options.add_argument("--size", type=int, default=288)
    given = options.parse_args()
    whole = open_clip(given.clip).read(given.frame)
    content = whole.resized(*fitted_size(*whole.size, given.size))
    cells = [cell(content, style, given.size) for style in track(STYLES.values(), "Painting")]
    rows = [np.hstack(cells[begin : begin + COLUMNS]) for begin in range(0, len(cells), COLUMNS)]
    given.output.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(given.output), np.vstack(rows)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


if __name__ == "__main__":
    main()
