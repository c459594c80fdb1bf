"""The outlines of a region's mattes, for a mask editor: as many curves with as many points at every key frame."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .job import MatteJob, UserError
from .matting import make_mattes
from .media.pictures import read_picture
from .regions.contours import alike, contours
from .sequence import Progress
from .setting import Checked, setting


@dataclass(frozen=True)
class OutlineJob(Checked):
    """What outlines are wanted."""

    mattes: MatteJob = field(default_factory=MatteJob)
    frames: tuple[int, ...] = ()
    """The key frames, as the source counts them."""
    tolerance: float = setting(
        1.0, "Tolerance", "How far an outline may be from the edge of its matte", low=0.01, high=1e4, unit="pixels"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.frames:
            raise UserError("There is no frame to draw outlines at: name one at least.")


def draw_outlines(
    job: OutlineJob, on_progress: Callable[[Progress], None], cancelled: Callable[[], bool] = lambda: False
) -> dict[str, Any]:
    """Makes the mattes of a job as far as they are missing, and draws their outlines.

    Args:
        job: what of which frames.
        on_progress, cancelled: as `make_mattes` has them.

    Returns:
        What JSON can hold: "folder" of the mattes; "size", their width and height; "outlines", for each frame the
        parts of a Contour by name.

    Raises:
        UserError: an input is missing or does not fit, or a frame is not among those of the mattes.
        Cancelled: `cancelled` said so; finished mattes are kept.
    """
    folder = make_mattes(job.mattes, on_progress, cancelled).folder
    mattes = {frame: read_picture(folder / f"{frame:06d}.png").rgb.max(axis=2) for frame in job.frames}
    found = alike({frame: contours(matte, job.tolerance) for frame, matte in mattes.items()})
    described = {
        frame: [{"points": c.points.tolist(), "is_hole": c.is_hole, "is_there": c.is_there} for c in curves]
        for frame, curves in found.items()
    }
    return {"folder": str(folder), "size": list(mattes[job.frames[0]].shape[::-1]), "outlines": described}
