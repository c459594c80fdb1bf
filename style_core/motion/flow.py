"""Optical flow between two frames."""

import cv2
import numpy as np

PRESETS = {
    "ultrafast": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    "fast": cv2.DISOPTICAL_FLOW_PRESET_FAST,
    "medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
}


def dis_flow(frame: np.ndarray, other: np.ndarray, preset: str = "medium") -> np.ndarray:
    """Where each pixel of `frame` is found in `other`, by Dense Inverse Search (Kroeger et al. 2016).

    Args:
        frame: (H, W, 3) uint8 RGB.
        other: the same size.
        preset: one of PRESETS; slower ones resolve finer motion.

    Returns:
        (H, W, 2) float32, pixels to the right and down: frame[y, x] looks like other[y + v, x + u].
    """
    estimator = cv2.DISOpticalFlow_create(PRESETS[preset])
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (frame, other)]
    return estimator.calc(grey[0], grey[1], None)
