"""A film of the gallery, before and after side by side; run by the runtime's Python.

    .envs/runtime/bin/python -m build_steps.gallery_film OUTPUT.webp KEY --clip CLIP

KEY is one of gallery.FILMS; CLIP its film, or a folder of frames.
"""

import argparse
import tempfile
from pathlib import Path

import cv2
import numpy as np

from style_core.__main__ import main as style_core
from style_core.media.clip import open_clip
from style_core.media.frame import fitted_size
from style_core.media.pictures import read_picture

from .gallery import COUNT, FILMS, SIZE, Film
from .steady_film import GAP, write_webp


def cut_out(film: Film, clip: str, folder: Path) -> list[np.ndarray]:
    """The film's frames, (H, W, 3) uint8, as they are painted; they are put into a folder too."""
    source, cut = open_clip(clip), []
    frames = [source.read(number) for number in range(film.first, film.first + COUNT)]
    for number, frame in enumerate(frames, 1):
        width, height = (side // 2 * 2 for side in fitted_size(*frame.size, SIZE))
        cut.append(cv2.resize(frame.rgb, (width, height), interpolation=cv2.INTER_AREA))
        cv2.imwrite(str(folder / f"{number:06d}.png"), cut[-1][..., ::-1])
    return cut


def side_by_side(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Two pictures with a white line between them."""
    return np.hstack([before, np.full((before.shape[0], GAP, 3), 255, np.uint8), after])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("output", type=Path)
    options.add_argument("key", choices=[film.key for film in FILMS])
    options.add_argument("--clip", required=True)
    given = options.parse_args()
    film = next(film for film in FILMS if film.key == given.key)
    with tempfile.TemporaryDirectory() as home:
        source, painted, cache = (Path(home) / name for name in ("source", "painted", "cache"))
        source.mkdir()
        before = cut_out(film, given.clip, source)
        arguments = [*film.arguments, "--size", "0", "--no-report", "--cache", str(cache)]
        if code := style_core(["video", str(source), "-o", str(painted), *arguments]):
            raise SystemExit(code)
        after = [read_picture(file).rgb for file in sorted(painted.glob("*.png"))]
    write_webp([side_by_side(*pair) for pair in zip(before, after, strict=True)], given.output)


if __name__ == "__main__":
    main()
