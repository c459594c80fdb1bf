"""Flow that something else has found: Middlebury's .flo, EXR, or the Vector pass of a rendered scene.

A folder has either `forward` and `backward` inside it, whose files are named by the frame that they begin at; or the
forward flow alone, as MPI-Sintel has it; or EXR files with the four channels of Blender's Vector pass.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation writes it so
import torch

from ...job import Motion, UserError
from ...media.clip import Clip
from ..warp import at, grid
from . import LONGEST, FlowMethod, Shot

NAMES = ("files",)
FLO_TAG = 202021.25
# Files that are kept in memory: a pair needs two, and longer distances are put together from several.
KEPT = 16


def make(name: str, motion: Motion, device: torch.device) -> FlowMethod:
    """Flow from the folder `motion.flow_path`; between frames that are no neighbours, put together step by step."""
    folder = FlowFolder(motion.flow_path)

    def flow(frame: Shot, other: Shot) -> np.ndarray:
        size, step = frame.rgb.shape[1::-1], 1 if other.number > frame.number else -1
        total = np.zeros((size[1], size[0], 2), np.float32)
        for number in range(frame.number, other.number, step):
            total = total + at(folder.neighbour(number, step, size), grid(total) + total)
        return total

    return flow


def is_exact(motion: Motion) -> bool:
    """Whether flow comes from the Vector pass of a rendered scene, which knows how each pixel moves up to the very edge
    of a thing; raises UserError if there are no files."""
    return motion.flow in NAMES and FlowFolder(motion.flow_path).is_vector_pass


class FlowFolder:
    """The flow files of a clip, to which more may come while it is painted. Raises UserError if there is no folder, or
    no flow in it when some is wanted."""

    def __init__(self, path: str) -> None:
        if not path:
            raise UserError(
                "Motion shall come from files, but no folder is named: name the motion folder (--flow-path)."
            )
        self.root = Path(path)
        self.both = (self.root / "forward").is_dir() and (self.root / "backward").is_dir()
        folders = {1: self.root / "forward", -1: self.root / "backward"} if self.both else {0: self.root}
        self.folders = folders
        self.files = {which: flow_files(folder) for which, folder in folders.items()}
        self.read = lru_cache(KEPT)(read_flow)

    def neighbour(self, number: int, step: int, size: tuple[int, int]) -> np.ndarray:
        """Flow from frame `number` to the one before (step -1) or after it (1) at this width and height."""
        if self.both:
            return fitted(self.read(self.file(step, number))[..., :2], size)
        if self.is_vector_pass:
            backward, forward = of_vector_pass(self.read(self.file(0, number)))
            return fitted(backward if step == -1 else forward, size)
        # Forward flow begins at the earlier of the two frames.
        found = fitted(self.read(self.file(0, number if step == 1 else number - 1))[..., :2], size)
        return found if step == 1 else turned_round(found)

    @property
    def is_vector_pass(self) -> bool:
        """Whether the files have flow in both directions; raises UserError if there are none."""
        if self.both:  # of another program, as each direction has a file of its own
            return False
        self.files[0] = self.files[0] or self.listed(0)
        return self.read(next(iter(self.files[0].values()))).shape[2] == 4

    def listed(self, which: int) -> dict[int, Path]:
        """The files that there are by now; raises UserError if there are none."""
        found = flow_files(self.folders[which])
        if not found:
            raise UserError(f"The folder '{self.root}' has no flow in it: it needs .flo or .exr files named by frame.")
        return found

    def file(self, which: int, number: int) -> Path:
        """The file of a frame; raises UserError if it is missing."""
        if number not in self.files[which]:
            self.files[which] = self.listed(which)
        if number not in self.files[which]:
            known = sorted(self.files[which])
            raise UserError(
                f"There is no flow for frame {number} in '{self.root}' (it has {known[0]} to {known[-1]}): name the "
                "files as the pictures are numbered, add the missing ones, or choose dis-fine."
            )
        return self.files[which][number]


def own_numbers(clip: Clip) -> Callable[[int], int]:
    """What the frames of a clip, counted from 1, are numbered as: a picture by the last number in its name, as files
    of flow are. Films, and pictures without numbers of their own, are numbered as they are counted."""
    found = [re.findall(r"\d+", file.stem) for file in getattr(clip, "files", ())]
    own = [int(digits[-1]) for digits in found if digits]
    if len(own) < len(found) or any(later <= earlier for earlier, later in pairwise(own)):
        own = []
    return lambda number: own[number - 1] if own else number


def flow_files(folder: Path) -> dict[int, Path]:
    """The flow files in a folder by the last number in their names."""
    found = sorted(file for file in folder.glob("*") if file.suffix.lower() in (".flo", ".exr"))
    numbers = {file: re.findall(r"\d+", file.stem) for file in found}
    return {int(digits[-1]): file for file, digits in numbers.items() if digits}


def read_flow(path: Path) -> np.ndarray:
    """(H, W, 2 or 4) float32 from a .flo or .exr file; raises UserError if it cannot be read."""
    found = read_flo(path) if path.suffix.lower() == ".flo" else read_exr(path)
    if found is None:
        raise UserError(f"The flow file '{path}' cannot be read: it is damaged or of another kind.")
    # Unknown flow is written as huge numbers (Middlebury), or as none at all. As no motion it would be found to agree
    # with itself; leading out of the frame, it tells that the pixel is nowhere else.
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(found) < LONGEST, found, LONGEST).astype(np.float32)


def read_flo(path: Path) -> np.ndarray | None:
    """Middlebury's format: a tag, width, height, then pairs of float32."""
    data = path.read_bytes()
    if len(data) < 12 or np.frombuffer(data, "<f4", 1)[0] != np.float32(FLO_TAG):
        return None
    width, height = (int(side) for side in np.frombuffer(data, "<i4", 2, 4))
    if len(data) != 12 + width * height * 8:
        return None
    return np.frombuffer(data, "<f4", offset=12).reshape(height, width, 2)


def read_exr(path: Path) -> np.ndarray | None:
    """The channels of an EXR file, or of the Vector pass among its layers."""
    picture = oiio.ImageInput.open(str(path))
    while picture:
        spec = picture.spec()
        vector = [i for c in "XYZW" for i, n in enumerate(spec.channelnames) if n == c or n.endswith(f"Vector.{c}")]
        if len(vector) == 4 or spec.nchannels in (2, 3):
            pixels = picture.read_image("float")
            # Three channels are two and an unused one.
            return None if pixels is None else pixels[..., vector if len(vector) == 4 else [0, 1]]
        if not picture.seek_subimage(picture.current_subimage() + 1, 0):
            break
    return None


def of_vector_pass(channels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Flow to the frame before and to the frame after, (H, W, 2) each, from the X, Y, Z, W of Blender's Vector pass.

    Blender counts upwards; X and Y lead back to where things were, Z and W come from where they will be.
    """
    return channels[..., :2] * np.float32([1, -1]), channels[..., 2:] * np.float32([-1, 1])


def fitted(flow: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Flow (h, w, 2) at another width and height, its vectors in the new pixels."""
    flow = np.ascontiguousarray(flow, np.float32)
    if flow.shape[1::-1] == tuple(size):
        return flow
    scale = np.float32([size[0] / flow.shape[1], size[1] / flow.shape[0]])
    return cv2.resize(flow, size, interpolation=cv2.INTER_LINEAR) * scale


def turned_round(flow: np.ndarray) -> np.ndarray:
    """Flow from b to a, given that from a to b: each vector is put where it points to.

    Where several end, the longest stays, being most often that of what is in front; where none ends, something was
    hidden, and the flow of the nearest pixel stands in, which the consistency check will refuse.
    """
    height, width = flow.shape[:2]
    ends = np.rint(grid(flow) + flow).astype(int)
    inside = ((ends >= 0) & (ends < (width, height))).all(-1)
    order = np.argsort(np.square(flow[inside]).sum(-1), kind="stable")
    x, y = ends[inside][order].T
    found = np.zeros_like(flow)
    known = np.zeros((height, width), np.uint8)
    found[y, x], known[y, x] = -flow[inside][order], 1
    _, labels = cv2.distanceTransformWithLabels(1 - known, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    values = np.zeros((labels.max() + 1, 2), np.float32)
    values[labels[known > 0]] = found[known > 0]
    return values[labels]
