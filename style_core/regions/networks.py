"""The small networks that find people and faces: found, verified and loaded.

They are TensorFlow Lite files of MediaPipe's (Apache-2.0), a quarter of a megabyte each, and come with the package.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from ..setting import UserError

FOLDER = Path(__file__).parents[1] / "weights" / "people"


class Weights(NamedTuple):
    """One file of weights."""

    file: str
    sha256: str
    outputs: tuple[str, ...]
    """What the network tells, by its layers' names."""


PERSON = Weights(
    "selfie_segmentation.tflite",
    "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
    ("activation_10",),
)
FACE = Weights(
    "face_detection_short_range.tflite",
    "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    ("regressors", "classificators"),
)


class Network:
    """A network that runs on the processor through OpenCV.

    Raises UserError if its file is missing, or is not the one that it should be.
    """

    def __init__(self, weights: Weights, folder: Path | None = None) -> None:
        path = (folder or FOLDER) / weights.file
        check(path, weights.sha256)
        self.outputs = weights.outputs
        # OpenCV's newer engine gives out one of the two outputs of the face network alone.
        self.net = cv2.dnn.readNetFromTFLite(str(path), cv2.dnn.ENGINE_CLASSIC)

    def __call__(self, batch: np.ndarray) -> list[np.ndarray]:
        """All outputs for pictures (N, 3, H, W) float32, in the order of `outputs`."""
        self.net.setInput(batch)
        return list(self.net.forward(self.outputs))


def check(path: Path, sha256: str) -> None:
    """Raises UserError unless the file is there and is the one with this SHA-256."""
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UserError(
            f"The network '{path.name}', which finds people and faces, cannot be read at '{path}' ({error.strerror}): "
            "run python3 build.py weights, or reinstall Stylestrip."
        ) from error
    if found != sha256:
        raise UserError(
            f"The network '{path}' is damaged (its SHA-256 begins with {found[:8]}, not with {sha256[:8]}): delete it "
            "and run python3 build.py weights, or reinstall Stylestrip."
        )
