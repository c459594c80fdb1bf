"""Three frames of the demo, before above and after below, run by the runtime's Python.

.envs/runtime/bin/python -m build_steps.result_sheet OUTPUT.jpg demo/plan.json
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np

from style_core.media.clip import open_clip

WIDTH, GAP, QUALITY = 384, 6, 84
COLUMNS = 3


def tile(path: str, number: int) -> np.ndarray:
    """A frame of a film, from 1, with a white edge to the right and below, (H, W, 3) uint8."""
    frame = open_clip(path).read(number)
    rgb = frame.resized(WIDTH, round(frame.size[1] * WIDTH / frame.size[0])).rgb
    return np.pad(rgb, ((0, GAP), (0, GAP), (0, 0)), constant_values=255)


def main() -> None:
    output, plan = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    places = [round(share * (plan["frames"] - 1)) for share in np.linspace(0, 1, COLUMNS)]
    films = ((plan["clip"], plan["first"]), (plan["film"], 1))
    rows = [np.hstack([tile(path, first + place) for place in places]) for path, first in films]
    cv2.imwrite(str(output), np.vstack(rows)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


if __name__ == "__main__":
    main()
