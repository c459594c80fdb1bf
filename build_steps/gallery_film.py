"""A film of the gallery, before and after side by side; run by the runtime's Python.

    .envs/runtime/bin/python -m build_steps.gallery_film OUTPUT.webp KEY --clip CLIP [--flow FOLDER]

KEY is one of gallery.FILMS; CLIP its film, or a folder of frames.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from style_core.__main__ import main as style_core
from style_core.media.frame import Frame
from style_core.media.pictures import read_picture

from .excerpt import cut_out
from .gallery import COUNT, FILMS, SIZE
from .steady_film import GAP, write_webp


def side_by_side(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Two pictures with a white line between them."""
    return np.hstack([before, np.full((before.shape[0], GAP, 3), 255, np.uint8), after])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("output", type=Path)
    options.add_argument("key", choices=[film.key for film in FILMS])
    options.add_argument("--clip", required=True)
    options.add_argument("--flow", help="a folder with the film's exact motion")
    given = options.parse_args()
    film = next(film for film in FILMS if film.key == given.key)
    with tempfile.TemporaryDirectory() as home:
        source, painted, cache = (Path(home) / name for name in ("source", "painted", "cache"))
        before = cut_out(given.clip, range(film.first, film.first + COUNT), SIZE, source, film.bars)
        size = before[0].shape[1::-1]
        clip = str(source) if film.bars else given.clip
        flow = ["--flow-path", given.flow] if given.flow else []
        arguments = [*film.command, *flow, "--no-report", "--cache", str(cache)]
        if code := style_core(["video", clip, "-o", str(painted), *arguments]):
            raise SystemExit(code)
        after = [Frame(read_picture(file).rgb).resized(*size).rgb for file in sorted(painted.glob("*.png"))]
    write_webp([side_by_side(*pair) for pair in zip(before, after, strict=True)], given.output)


if __name__ == "__main__":
    main()
