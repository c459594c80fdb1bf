"""How much the refinement of edges mends masks that were spoiled on purpose.

    .envs/runtime/bin/python -m benchmarks.refine DATA [--every 8] [--ways crf guided]

DATA holds davis/*/frames and masks (DAVIS 2016), and stills: seg_still/opencv_grabcut and content/face.jpg with its
mask, which no setting was chosen by. Every mask is grown, shrunk, made of blocks or shifted, and refined; the table
shows the common part of mask and truth as a share of both together (J): spoiled, refined, and what was gained. Sizes
are in pixels of a picture 854 wide and grow with it.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from style_core.media.clip import open_clip
from style_core.regions.refine import SIDE, refined


class Case(NamedTuple):
    """A picture and where its thing is."""

    name: str
    rgb: np.ndarray
    mask: np.ndarray


def cases(data: Path, every: int) -> Iterator[Case]:
    """Frames of the clips, and the stills."""
    for folder in sorted((data / "davis").iterdir()):
        frames, masks = (open_clip(str(folder / part)) for part in ("frames", "masks"))
        for number in range(1, frames.count + 1, every):
            yield Case(folder.name, frames.read(number).rgb, masks.read(number).rgb.max(-1) > 127)
    portrait, mask = (open_clip(str(data / "content" / name)).read(1).rgb for name in ("face.jpg", "face_mask.png"))
    yield Case("portrait", portrait, mask.max(-1) > 127)
    folder = data / "seg_still" / "opencv_grabcut"
    still, classes = (cv2.imread(str(folder / name)) for name in ("image1652.ppm", "mask1652.ppm"))
    yield Case("grabcut still", np.ascontiguousarray(still[..., ::-1]), classes[..., 0] == classes.max())


def disc(radius: int) -> np.ndarray:
    """What masks are grown and shrunk by."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def blocks(mask: np.ndarray, side: int) -> np.ndarray:
    """A mask as if it were so many times smaller."""
    height, width = mask.shape
    small = cv2.resize(mask, (max(1, width // side), max(1, height // side)), interpolation=cv2.INTER_NEAREST)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)


def shifted(mask: np.ndarray, pixels: int) -> np.ndarray:
    """A mask moved to the right, and up by about half of it."""
    return cv2.warpAffine(mask, np.float32([[1, 0, pixels], [0, 1, -round(0.6 * pixels)]]), mask.shape[::-1])


SPOILERS: dict[str, tuple[Callable[[np.ndarray, int], np.ndarray], int]] = {
    "grown by 4": (lambda mask, size: cv2.dilate(mask, disc(size)), 4),
    "grown by 8": (lambda mask, size: cv2.dilate(mask, disc(size)), 8),
    "grown by 16": (lambda mask, size: cv2.dilate(mask, disc(size)), 16),
    "shrunk by 4": (lambda mask, size: cv2.erode(mask, disc(size)), 4),
    "shrunk by 8": (lambda mask, size: cv2.erode(mask, disc(size)), 8),
    "blocks of 8": (blocks, 8),
    "blocks of 16": (blocks, 16),
    "shifted by 5": (shifted, 5),
    "shifted by 10": (shifted, 10),
    "not at all": (lambda mask, size: mask, 0),
}


def likeness(matte: np.ndarray, mask: np.ndarray) -> float:
    """The common part of a matte and a mask as a share of both together (J)."""
    inside = matte > 0.5
    return float((inside & mask).sum() / max(1, (inside | mask).sum()))


def measured(case: Case, ways: list[str]) -> dict[str, list[float]]:
    """By the name of what spoils a mask: J as spoiled, and as refined in each way."""
    found = {}
    for name, (spoil, size) in SPOILERS.items():
        spoiled = spoil(case.mask.astype(np.float32), max(1, round(size * max(case.mask.shape) / SIDE)))
        results = [spoiled, *(refined(spoiled, case.rgb, way) for way in ways)]
        found[name] = [likeness(result, case.mask) for result in results]
    return found


def table(title: str, rows: list[dict[str, list[float]]], ways: list[str]) -> Table:
    """The means of all measured cases by what spoiled their masks, and those of all that spoils."""
    result = Table("spoiled", "J", *(f"{way}: J (gain)" for way in ways), title=title)
    means = {name: np.mean([row[name] for row in rows], 0) for name in SPOILERS}
    means["mean of the spoiled"] = np.mean([row for name, row in means.items() if SPOILERS[name][1]], 0)
    for name, row in means.items():
        result.add_row(name, f"{row[0]:.3f}", *(f"{value:.3f} ({value - row[0]:+.3f})" for value in row[1:]))
    return result


def main() -> None:
    """Prints the tables, of each clip, of all clips together, and of the stills."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--every", type=int, default=8, help="of the frames of a clip, one in so many")
    parser.add_argument("--ways", nargs="+", default=["crf", "guided"])
    options = parser.parse_args()
    console, rows, began, count = Console(width=110), {}, time.perf_counter(), 0
    for case in cases(options.data, options.every):
        rows.setdefault(case.name, []).append(measured(case, options.ways))
        count += len(SPOILERS) * len(options.ways)
    for name, found in rows.items():
        console.print(table(f"{name} ({len(found)})", found, options.ways))
    clips = [row for name in rows if (options.data / "davis" / name).is_dir() for row in rows[name]]
    console.print(table(f"all clips ({len(clips)})", clips, options.ways))
    console.print(f"{(time.perf_counter() - began) / count:.2f} s a mask, both ways together.")


if __name__ == "__main__":
    main()
