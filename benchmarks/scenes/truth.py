"""Run in the runtime environment: truth.py PASSES OUT. Writes flow and occlusions; prints figures as JSON.

PASSES holds for each frame, by its number, an EXR file with the Vector pass, and from the second on the occlusion as a
NumPy array (H, W) bool. The figures tell how well the flow explains the frames in OUT/frames.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from style_core.motion.flows.files import of_vector_pass, read_exr
from style_core.motion.warp import grid, inside, warp


def main(passes: Path, out: Path) -> dict[str, float]:
    """Writes all that is known of a clip's motion, and returns the figures."""
    seen, hidden_parts, occluded = [], [], []
    last = len(sorted(passes.glob("*.exr")))
    for number in range(1, last + 1):
        backward, forward = of_vector_pass(read_exr(passes / f"{number:04d}.exr"))
        if number < last:
            cv2.writeOpticalFlow(made(out / "flow" / "forward" / f"{number:04d}.flo"), forward)
        if number > 1:
            cv2.writeOpticalFlow(made(out / "flow" / "backward" / f"{number:04d}.flo"), backward)
            hidden = np.load(passes / f"{number:04d}.npy")
            cv2.imwrite(made(out / "occlusion" / f"{number:04d}.png"), hidden.astype(np.uint8) * 255)
            difference, valid = residual(out / "frames", number, backward)
            seen.append(difference[valid & ~hidden])
            hidden_parts.append(difference[valid & hidden])
            occluded.append(hidden.ravel())
    return {"outside": mean(seen), "inside": mean(hidden_parts), "occluded": mean(occluded)}


def made(path: Path) -> str:
    """The path, in a folder that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return str(path)


def residual(frames: Path, number: int, backward: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far a frame is from the one before it, carried along the flow.

    Args:
        frames: the folder of the frames.
        number: the frame's.
        backward: flow to the frame before, (H, W, 2).

    Returns:
        The mean difference over the colours, (H, W) of 255, and where it is valid, (H, W) bool.
    """
    before, now = (cv2.imread(str(frames / f"{n:04d}.png")) for n in (number - 1, number))
    carried, valid = warp(before, backward), inside(grid(backward) + backward)
    return np.abs(carried.astype(float) - now).mean(axis=-1), valid


def mean(parts: Sequence[np.ndarray]) -> float:
    """Of all values in all parts; 0 if there are none."""
    values = np.concatenate([np.zeros(0), *parts])
    return float(values.mean()) if len(values) else 0.0


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
