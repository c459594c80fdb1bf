"""Mattes become masks that can be edited: the worker finds their outlines, and Blender draws them."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ...style_core import protocol
from ...style_core.job import MatteJob
from ..arrays import np
from ..client import Message
from ..host.outlines import Outline
from ..task import Task

# How far an outline may be from the matte, as a share of the picture's longer side, and at least in pixels. The larger,
# the fewer points.
TOLERANCE, LEAST_TOLERANCE = 1 / 600, 1.0


@dataclass(kw_only=True, eq=False)
class Outlining(Task):
    """Outlines of a region's mattes that are on their way."""

    errand: ClassVar[str] = "a region"

    moments: dict[int, int]
    """The frame of the timeline at which each frame of the source is a key frame."""
    found: dict[int, list[Outline]] = field(default_factory=dict)
    """The outlines at each key frame of the timeline, as soon as they are there."""
    picture_size: tuple[int, int] = (0, 0)
    """Of the pictures that they lie on."""

    def take(self, message: Message) -> None:
        """Takes the outlines in, or how far they are."""
        if message["type"] != protocol.OUTLINES:
            super().take(message)
            return
        self.picture_size = tuple(message["size"])
        self.found = {
            self.moments[int(number)]: [outline_of(given) for given in outlines]
            for number, outlines in message["outlines"].items()
        }
        self.folder = Path(message["folder"])


def outline_of(given: dict[str, Any]) -> Outline:
    """An outline as the worker describes it."""
    return Outline(np.array(given["points"], np.float64), given["is_hole"], given["is_there"])


def request(job: MatteJob, moments: dict[int, int], size: tuple[int, int]) -> dict[str, Any]:
    """What the worker is asked for, with a picture of that size: outlines in these frames of the source."""
    tolerance = max(LEAST_TOLERANCE, TOLERANCE * max(size))
    return {"mattes": asdict(job), "frames": list(moments), "tolerance": tolerance}
