"""Pictures that move in a way that is known."""

import cv2
import numpy as np
from paintings import CPU

from style_core.job import Motion
from style_core.motion.flows import Shot, flow_method

NOISE = np.random.default_rng(5).integers(0, 256, (160, 200, 3), np.uint8)
SOFT = cv2.GaussianBlur(NOISE, (0, 0), 2.5).astype(np.float32)
TEXTURE = (128 + 4 * (SOFT - SOFT.mean())).clip(0, 255).astype(np.uint8)


def moved(dx, dy, height=120, width=160):
    """The view of the texture after its content moved by (dx, dy)."""
    return np.ascontiguousarray(TEXTURE[20 - dy : 20 - dy + height, 20 - dx : 20 - dx + width])


def flow_by(name, frame, other, **more):
    return flow_method(Motion(flow=name, **more), CPU)(Shot(2, frame), Shot(1, other))


def uncovered():
    """A frame, and the next, in which a thing has gone 6 pixels to the right: columns 40 to 46 come into sight."""
    earlier, later = moved(0, 0), moved(0, 0)
    thing = 255 - TEXTURE[60:120, 60:120]
    earlier[30:90, 40:100] = thing
    later[30:90, 46:106] = thing
    return earlier, later


def true_flows():
    """Of `uncovered`: from the earlier frame to the later, and back."""
    forward, backward = np.zeros((120, 160, 2), np.float32), np.zeros((120, 160, 2), np.float32)
    forward[30:90, 40:100], backward[30:90, 46:106] = (6, 0), (-6, 0)
    return forward, backward


class TrueFlows:
    """Flow that is known."""

    def __init__(self, known, is_exact=False):
        self.known, self.is_exact = known, is_exact

    def between(self, frame, other):
        return self.known[frame.number, other.number], self.known[other.number, frame.number]
