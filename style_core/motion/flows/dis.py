"""Dense Inverse Search (Kroeger et al. 2016): fast, on the processor, and good at the motions of most films."""

import cv2
import numpy as np
import torch

from ...job import Motion
from . import FlowMethod, Shot

PRESETS = {
    "dis-fast": cv2.DISOPTICAL_FLOW_PRESET_FAST,
    "dis-medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
    "dis-fine": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
}
NAMES = tuple(PRESETS)
# OpenCV's presets stop at half of the frame's size. Going on to all of it, in smaller patches, finds finer motion, and
# takes longer.
FINEST_SCALE, PATCH_SIZE, PATCH_STRIDE = 0, 4, 2


def make(name: str, motion: Motion, device: torch.device) -> FlowMethod:
    """Flow by DIS in one of its presets; slower ones resolve finer motion."""

    def flow(frame: Shot, other: Shot) -> np.ndarray:
        # One estimator for each pair: it keeps the flow before as a first guess, and a job that goes on has none.
        estimator = cv2.DISOpticalFlow_create(PRESETS[name])
        if name == "dis-fine":
            estimator.setFinestScale(FINEST_SCALE)
            estimator.setPatchSize(PATCH_SIZE)
            estimator.setPatchStride(PATCH_STRIDE)
        grey = [cv2.cvtColor(shot.rgb, cv2.COLOR_RGB2GRAY) for shot in (frame, other)]
        return estimator.calc(grey[0], grey[1], None)

    return flow
