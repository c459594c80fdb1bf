"""A short film of the source, every frame painted by itself, and ours; run by the runtime's Python.

    .envs/runtime/bin/python -m build_steps.steady_film OUTPUT.webp CLIP ... --style PICTURE [--frames 24]

CLIPs are folders of frames of one size, such as those of `benchmarks.clips`; they lie one below the other.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from rich.progress import Progress

from style_core.job import Job, Look, Motion, Output, Source
from style_core.media.frame import Frame
from style_core.media.pictures import read_picture
from style_core.sequence import paint_job

GAP, HEAD, QUALITY, RATE = 4, 22, 92, 12
# Of a film that is large and whose noise nobody looks at closely.
LARGE_QUALITY = 74
FONT, FONT_SIZE = cv2.FONT_HERSHEY_SIMPLEX, 0.45
COLUMNS = {
    "Source": None,
    "By itself, from noise": (Look(start="random"), Motion(carry="none")),
    "Stylestrip": (Look(), Motion()),
}


def column(files: Sequence[Path], style: str, how: tuple[Look, Motion] | None, size: int) -> list[np.ndarray]:
    """The frames of a clip in one of the ways, (H, W, 3) uint8."""
    if how is None:
        sources = [read_picture(file) for file in files]
        width, height = sources[0].size
        return [source.resized(size, round(height * size / width)).rgb for source in sources]
    look, motion = how
    with tempfile.TemporaryDirectory() as cache, Progress() as bar:
        job = Job(
            source=Source(path=str(files[0].parent), files=tuple(file.name for file in files)),
            look=Look(styles=(style,), start=look.start),
            motion=motion,
            output=Output(size=size, cache=cache, report=False),
        )
        task = bar.add_task(files[0].parent.parent.name, total=len(files))
        result = paint_job(job, lambda progress: bar.update(task, completed=progress.done))
        return [read_picture(file).rgb for file in result.files]


def together(rows: list[list[np.ndarray]]) -> np.ndarray:
    """One picture of the film: a heading, and below it the clips."""
    white = np.full((1, 1, 3), 255, np.uint8)
    lines = []
    for row in rows:
        parts = [cv2.copyMakeBorder(p, 0, GAP, 0, GAP, cv2.BORDER_CONSTANT, value=(255, 255, 255)) for p in row]
        lines.append(np.hstack(parts))
    head = np.broadcast_to(white, (HEAD, lines[0].shape[1], 3)).copy()
    for place, words in enumerate(COLUMNS):
        left = place * lines[0].shape[1] // len(COLUMNS) + 2
        cv2.putText(head, words, (left, HEAD - 7), FONT, FONT_SIZE, (0, 0, 0), 1, cv2.LINE_AA)
    whole = Frame(np.vstack([head, *lines]))
    width, height = whole.size  # even, as the codec wants them
    return whole.rgb[: height // 2 * 2, : width // 2 * 2]


def write_webp(pictures: Sequence[np.ndarray], path: Path, quality: int = QUALITY) -> None:
    """An animation that begins again at its end.

    Every frame is coded by itself: otherwise what it shares with the one before stays in squares, which are seen in a
    sky.
    """
    first, *others = map(Image.fromarray, pictures)
    first.save(path, save_all=True, append_images=others, duration=round(1000 / RATE), loop=0, quality=quality,
               method=6, kmin=0, kmax=1)  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("output", type=Path)
    options.add_argument("clips", nargs="+", type=Path)
    options.add_argument("--style", required=True)
    options.add_argument("--frames", type=int, default=24)
    options.add_argument("--size", type=int, default=256)
    given = options.parse_args()
    rows = []
    for clip in given.clips:
        files = sorted(clip.glob("*.png"))[: given.frames]
        rows.append([column(files, given.style, how, given.size) for how in COLUMNS.values()])
    film = [together([[part[n] for part in row] for row in rows]) for n in range(len(rows[0][0]))]
    write_webp(film, given.output, LARGE_QUALITY)


if __name__ == "__main__":
    main()
