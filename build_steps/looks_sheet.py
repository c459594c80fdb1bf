"""Sheets of the presets, run by the runtime's Python, for docs/pictures: one of all, and one of each.

    .envs/runtime/bin/python -m build_steps.looks_sheet OUTPUT.jpg --contents A B C --styles X Y Z [--size 224]

Contents are pictures or CLIP@FRAME. In OUTPUT.jpg every content has a style of its own, and presets go across, behind
the content itself. OUTPUT-PRESET.jpg has that preset alone: contents go down, and styles across.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch
from rich.progress import Progress

from style_core.engine.painter import Painter
from style_core.engine.scales import pyramid
from style_core.job import Look
from style_core.looks import NamedLook, presets, with_look
from style_core.media.clip import open_clip
from style_core.media.frame import Frame, fitted_size
from style_core.media.pictures import read_picture

GAP, HEAD, QUALITY = 4, 26, 82
FONT, FONT_SIZE = cv2.FONT_HERSHEY_SIMPLEX, 0.5


def painted(content: Frame, style: np.ndarray, named: NamedLook) -> np.ndarray:
    """The content in a look, (H, W, 3) uint8."""
    look = with_look(Look(styles=("style",)), named)
    painter = Painter(look, [style], torch.device("cuda" if torch.cuda.is_available() else "cpu"), "auto")
    return painter.paint(content.rgb, content.rgb, pyramid(*content.size, look.first_size, look.steps))


def read_content(named: str) -> Frame:
    """A picture, or a frame of a film that is named as CLIP@FRAME."""
    clip, at, number = named.rpartition("@")
    return open_clip(clip).read(int(number)) if at else read_picture(named)


def fitted(picture: np.ndarray, size: int) -> np.ndarray:
    """A picture on white, in a field as wide as `size` and three quarters as high."""
    height = size * 3 // 4
    width, own = fitted_size(picture.shape[1], picture.shape[0], size)
    width, own = (width, own) if own <= height else (round(width * height / own), height)
    field = np.full((height, size, 3), 255, np.uint8)
    top, left = (height - own) // 2, (size - width) // 2
    field[top : top + own, left : left + width] = Frame(picture).resized(width, own).rgb
    return field


def header(words: list[str], size: int) -> np.ndarray:
    """A line with a word over each column."""
    line = np.full((HEAD, len(words) * (size + GAP), 3), 255, np.uint8)
    for column, word in enumerate(words):
        cv2.putText(line, word, (column * (size + GAP) + 4, HEAD - 8), FONT, FONT_SIZE, (0, 0, 0), 1, cv2.LINE_AA)
    return line


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("output", type=Path)
    options.add_argument("--contents", nargs="+", required=True)
    options.add_argument("--styles", nargs="+", required=True)
    options.add_argument("--size", type=int, default=224)
    given = options.parse_args()
    looks, size = presets(), given.size
    wholes = [read_content(named) for named in given.contents]
    contents = [whole.resized(*fitted_size(*whole.size, size)) for whole in wholes]
    tiles: dict[tuple[str, int, int], np.ndarray] = {}
    with Progress() as progress:
        task = progress.add_task("Painting", total=len(contents) * len(given.styles) * len(looks))
        for column, path in enumerate(given.styles):
            style = read_picture(path).rgb
            for row, content in enumerate(contents):
                for key, look in looks.items():
                    tiles[key, row, column] = fitted(painted(content, style, look), size)
                    progress.advance(task)
    plain, count = [fitted(content.rgb, size) for content in contents], len(given.styles)
    styled = [with_corner(field.copy(), given.styles[n % count], size) for n, field in enumerate(plain)]
    rows = [[styled[n], *(tiles[key, n, n % count] for key in looks)] for n in range(len(contents))]
    given.output.parent.mkdir(exist_ok=True)
    write_sheet(given.output, ["Source and style", *(look.name for look in looks.values())], rows, size)
    heads = [fitted(read_picture(path).rgb, size) for path in given.styles]
    blank = np.full_like(plain[0], 255)
    for key, look in looks.items():
        rows = [[plain[n], *(tiles[key, n, column] for column in range(count))] for n in range(len(contents))]
        path = given.output.with_stem(f"{given.output.stem}-{key}")
        write_sheet(path, [look.name, *[""] * count], [[blank, *heads], *rows], size)


def write_sheet(path: Path, words: list[str], rows: list[list[np.ndarray]], size: int) -> None:
    """Rows of tiles, with a word over each column."""
    lines = [np.hstack([np.pad(p, ((0, GAP), (0, GAP), (0, 0)), constant_values=255) for p in row]) for row in rows]
    sheet = np.vstack([header(words, size), *lines])
    cv2.imwrite(str(path), sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def with_corner(field: np.ndarray, style: str, size: int) -> np.ndarray:
    """The field with the style picture small in its lower right corner."""
    small = read_picture(style)
    small = small.resized(*fitted_size(*small.size, size // 3)).rgb
    field[-small.shape[0] :, -small.shape[1] :] = small
    return field


if __name__ == "__main__":
    main()
