"""The outlines of a region's mattes, for a mask editor: as many curves with as many points at every key frame."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .job import MatteJob, UserError, frame_name
from .matting import make_mattes
from .media.clip import frame_range, open_clip
from .media.pictures import read_picture
from .regions.contours import Contour, alike, contours
from .sequence import Cancelled, Progress
from .setting import Checked, setting

# What is done, as progress is told.
OUTLINING = "outlining"


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
    source = job.mattes.source
    source.require_inputs()
    numbers = frame_range(source, open_clip(source.path, source.files))
    for frame in job.frames:
        if frame not in numbers:
            raise UserError(
                f"Outlines are wanted at frame {frame}, but the mattes are of frames {numbers[0]}-{numbers[-1]}: "
                "choose one of them."
            )
    folder = make_mattes(job.mattes, on_progress, cancelled).folder
    drawn: dict[int, list[Contour]] = {}
    for done, frame in enumerate(job.frames):
        if cancelled():
            raise Cancelled
        on_progress(Progress(OUTLINING, frame, done, len(job.frames)))
        matte = read_picture(folder / frame_name(frame)).seen.max(axis=2)
        drawn[frame] = contours(matte, job.tolerance)
    return {
        "folder": str(folder),
        "size": list(matte.shape[::-1]),
        "outlines": {frame: [described(curve) for curve in curves] for frame, curves in alike(drawn).items()},
    }


def described(curve: Contour) -> dict[str, Any]:
    """A contour as JSON can hold it."""
    return {"points": curve.points.tolist(), "is_hole": curve.is_hole, "is_there": curve.is_there}
