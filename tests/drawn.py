"""People as the tests draw them: real enough for networks that know only photographs."""

import math

import cv2
import numpy as np

from style_core.regions import networks

GROUND, SHIRT, SKIN, HAIR, DARK, LIPS = (
    (96, 120, 150),
    (60, 70, 120),
    (224, 178, 148),
    (70, 45, 30),
    (50, 35, 30),
    (170, 70, 70),
)
FINE = 4  # drawn so much larger, and scaled down
# Ellipses in sizes of the face from its middle: place, half axes, colour.
BODY = ((0, 1.75, 1.1, 0.9, SHIRT), (0, 0.75, 0.25, 0.4, (200, 150, 120)))
HEAD = (
    (0, -0.15, 0.58, 0.74, HAIR), (0, 0, 0.48, 0.64, SKIN), (-0.49, 0, 0.05, 0.12, SKIN), (0.49, 0, 0.05, 0.12, SKIN),
    (-0.2, -0.08, 0.1, 0.05, (250, 250, 250)), (0.2, -0.08, 0.1, 0.05, (250, 250, 250)),
    (-0.2, -0.08, 0.045, 0.05, DARK), (0.2, -0.08, 0.045, 0.05, DARK),
    (-0.2, -0.2, 0.13, 0.025, HAIR), (0.2, -0.2, 0.13, 0.025, HAIR),
    (0, 0.12, 0.06, 0.04, (196, 140, 115)), (0, 0.04, 0.035, 0.14, (214, 166, 138)), (0, 0.34, 0.17, 0.05, LIPS),
)  # fmt: skip


def person(
    size: tuple[int, int] = (240, 320), at: tuple[float, float] = (160, 110), side: float = 60, tilt: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Somebody before a plain ground, (H, W, 3) uint8, and where they are, (H, W) in 0..1.

    Args:
        size: height and width.
        at: the middle of the face, x and y.
        side: of the face.
        tilt: of the whole person clockwise, in radians.
    """
    picture = np.full((size[0] * FINE, size[1] * FINE, 3), GROUND, np.uint8)
    mask = np.zeros(picture.shape[:2], np.uint8)
    turn = np.array([[math.cos(tilt), -math.sin(tilt)], [math.sin(tilt), math.cos(tilt)]])
    for x, y, across, down, colour in BODY + HEAD:
        place = [round(value) for value in FINE * (np.array(at) + side * turn @ (x, y))]
        axes = [round(FINE * side * half) for half in (across, down)]
        for canvas, paint in ((picture, colour), (mask, 255)):
            cv2.ellipse(canvas, place, axes, math.degrees(tilt), 0, 360, paint, -1, cv2.LINE_AA)
    small = [cv2.resize(canvas, size[::-1], interpolation=cv2.INTER_AREA) for canvas in (picture, mask)]
    return cv2.GaussianBlur(small[0], (0, 0), 0.8), small[1].astype(np.float32) / 255


def lend_networks(request, monkeypatch) -> None:
    """Has the networks for people and faces found, made or among the test data; skips the test where there are none."""
    if not all((networks.FOLDER / one.file).is_file() for one in (networks.PERSON, networks.FACE)):
        monkeypatch.setattr(networks, "FOLDER", request.getfixturevalue("data") / "weights")
