"""Dense Inverse Search (Kroeger et al. 2016): fast, on the processor, and good at the motions of most films."""

import cv2
import numpy as np
import torch

from ...job import Motion
from . import FlowMethod, Shot

PRESETS = {
    "dis-ultrafast": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    "dis-fast": cv2.DISOPTICAL_FLOW_PRESET_FAST,
    "dis-medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
}
NAMES = tuple(PRESETS)


def make(name: str, motion: Motion, device: torch.device) -> FlowMethod:
    """Flow by DIS in one of its presets; slower ones resolve finer motion."""

    def flow(frame: Shot, other: Shot) -> np.ndarray:
        # One estimator for each pair: it keeps the flow before as a first guess, and a job that goes on has none.
        estimator = cv2.DISOpticalFlow_create(PRESETS[name])
        grey = [cv2.cvtColor(shot.rgb, cv2.COLOR_RGB2GRAY) for shot in (frame, other)]
        return estimator.calc(grey[0], grey[1], None)

    return flow
