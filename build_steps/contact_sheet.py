"""Run in the runtime environment: contact_sheet.py PLAN.json. Source frames above, painted frames below.

Ends with a sentence and code 1 if the painted film lacks frames, or one of them is blank or a copy of its source.
"""

import json
import sys
from pathlib import Path

import av
import cv2
import numpy as np

COLUMNS = 6
TILE_WIDTH = 320
GAP = 6
LEAST_CONTRAST = 12.0  # standard deviation of a picture's levels, 0..255
LEAST_CHANGE = 8.0  # mean difference from the source's levels, 0..255


def read(path: str, first: int, count: int) -> list[np.ndarray]:
    """Frames `first` (from 1) to `first + count - 1` of a film, BGR, at the sheet's size."""
    frames = []
    with av.open(path) as film:
        for number, frame in enumerate(film.decode(video=0), 1):
            if first <= number < first + count:
                picture = frame.to_ndarray(format="bgr24")
                height = round(TILE_WIDTH * picture.shape[0] / picture.shape[1])
                frames.append(cv2.resize(picture, (TILE_WIDTH, height), interpolation=cv2.INTER_AREA))
    return frames


def why_not_painted(number: int, source: np.ndarray, painted: np.ndarray) -> str:
    """A sentence if `painted` is blank or its source; empty if it is a painting."""
    contrast, change = painted.std(), np.abs(painted.astype(float) - source).mean()
    if contrast < LEAST_CONTRAST:
        return f"Frame {number} is blank (contrast {contrast:.1f} of 255)."
    if change < LEAST_CHANGE:
        return f"Frame {number} is a copy of its source (difference {change:.1f} of 255)."
    return ""


def sheet(sources: list[np.ndarray], painted: list[np.ndarray]) -> np.ndarray:
    """Bands of two rows, the sources above."""
    bands = [
        row(frames[begin : begin + COLUMNS], below)
        for begin in range(0, len(sources), COLUMNS)
        for frames, below in ((sources, GAP), (painted, 3 * GAP))
    ]
    return np.vstack(bands)


def row(frames: list[np.ndarray], below: int) -> np.ndarray:
    """Pictures side by side, filled up with white to a whole row."""
    blanks = [np.full_like(frames[0], 255)] * (COLUMNS - len(frames))
    white = {"borderType": cv2.BORDER_CONSTANT, "value": (255,) * 3}
    return np.hstack([cv2.copyMakeBorder(tile, 0, below, 0, GAP, **white) for tile in frames + blanks])


def main(plan: dict) -> str:
    """Writes the sheet; a sentence if the film is not what it should be."""
    count = json.loads(Path(plan["result"]).read_text(encoding="utf-8"))["frames"]
    sources, painted = read(plan["clip"], plan["first"], count), read(plan["film"], 1, count)
    if not len(sources) == len(painted) == count:
        return f"It has {len(painted)} frames, the strip has {count} and the clip {len(sources)}."
    if not cv2.imwrite(plan["sheet"], sheet(sources, painted)):
        return f"'{plan['sheet']}' cannot be written: check the disk."
    return next(filter(None, map(why_not_painted, range(1, count + 1), sources, painted)), "")


if __name__ == "__main__":
    sys.exit(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))) or 0)
