"""Farneback's polynomial expansion (2003): smooth motion, on the processor."""

import cv2
import numpy as np
import torch

from ...job import Motion
from . import FlowMethod, Shot

NAMES = ("farneback",)
SETTINGS = {"pyr_scale": 0.5, "levels": 4, "winsize": 21, "iterations": 3, "poly_n": 5, "poly_sigma": 1.1, "flags": 0}


def make(name: str, motion: Motion, device: torch.device) -> FlowMethod:
    """Flow by Farneback's method, over a pyramid for large motions."""

    def flow(frame: Shot, other: Shot) -> np.ndarray:
        grey = [cv2.cvtColor(shot.rgb, cv2.COLOR_RGB2GRAY) for shot in (frame, other)]
        return cv2.calcOpticalFlowFarneback(grey[0], grey[1], None, **SETTINGS)

    return flow
