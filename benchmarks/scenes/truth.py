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
import OpenImageIO as oiio  # noqa: N813 - its documentation writes it so

from style_core.motion.warp import grid, inside, warp


def main(passes: Path, out: Path) -> dict[str, float]:
    """Writes all that is known of a clip's motion, and returns the figures."""
    outside, inside, occluded = [], [], []
    last = len(sorted(passes.glob("*.exr")))
    for number in range(1, last + 1):
        backward, forward = read_flow(passes / f"{number:04d}.exr")
        if number < last:
            cv2.writeOpticalFlow(made(out / "flow" / "forward" / f"{number:04d}.flo"), forward)
        if number > 1:
            cv2.writeOpticalFlow(made(out / "flow" / "backward" / f"{number:04d}.flo"), backward)
            hidden = np.load(passes / f"{number:04d}.npy")
            cv2.imwrite(made(out / "occlusion" / f"{number:04d}.png"), hidden.astype(np.uint8) * 255)
            difference, valid = residual(out / "frames", number, backward)
            outside.append(difference[valid & ~hidden])
            inside.append(difference[valid & hidden])
            occluded.append(hidden.ravel())
    return {"outside": mean(outside), "inside": mean(inside), "occluded": mean(occluded)}


def made(path: Path) -> str:
    """The path, in a folder that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return str(path)


def read_flow(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Flow to the frame before and to the frame after, each (H, W, 2) float32, pixels to the right and down.

    The Vector pass holds, in pixels to the right and up, X and Y: from the place now to that a frame before; Z and W:
    from the place a frame later to that now.
    """
    found = read_channels(path)
    x, y, z, w = (found[f"Vector.{channel}"] for channel in "XYZW")
    return np.dstack([x, -y]), np.dstack([-z, w])


def read_channels(path: Path) -> dict[str, np.ndarray]:
    """All channels (H, W) float32 of an EXR file by their names, without the view layer's: "Vector.X"."""
    file, found, part = oiio.ImageInput.open(str(path)), {}, 0
    while file.seek_subimage(part, 0):  # Blender 5 writes each pass as a part of its own
        names, pixels = file.spec().channelnames, file.read_image("float")
        found |= {name.partition(".")[2]: pixels[..., number] for number, name in enumerate(names)}
        part += 1
    file.close()
    return found


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
