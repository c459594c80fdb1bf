"""Outlines of a folder's mattes, for a mask editor: as many curves with as many points at every key frame."""

from pathlib import Path
from typing import Any

from ..job import UserError
from ..media.pictures import read_picture
from .contours import alike, contours


def outlines(folder: Path, frames: list[int], tolerance: float) -> dict[str, Any]:
    """The outlines of mattes, as JSON can hold them.

    Args:
        folder: has the mattes, named by their frames.
        frames: the key frames.
        tolerance: how far a curve may be from the matte's edge, in pixels.

    Returns:
        "size": width and height of the mattes; "outlines": for each frame the parts of a Contour, by name.

    Raises:
        UserError: there is no frame, a matte is missing or the tolerance does not fit.
    """
    if not frames:
        raise UserError("There is no frame to draw outlines at: name one at least.")
    mattes = {frame: read_picture(folder / f"{frame:06d}.png").rgb.max(axis=2) for frame in frames}
    found = alike({frame: contours(matte, tolerance) for frame, matte in mattes.items()})
    described = {
        frame: [{"points": c.points.tolist(), "is_hole": c.is_hole, "is_there": c.is_there} for c in curves]
        for frame, curves in found.items()
    }
    return {"size": list(mattes[frames[0]].shape[::-1]), "outlines": described}
