"""The frame loop: start image, solve, compose, store. Command line, worker and add-on all paint through it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from .cache import FrameCache
from .engine.painter import Painter, choose_device
from .engine.scales import Scale, pixel_steps, pyramid
from .job import Job
from .media.clip import Clip, frame_range, open_clip
from .media.delivery import check_delivery, deliver
from .media.frame import Frame, fitted_size
from .media.pictures import read_picture
from .motion.flow import dis_flow
from .motion.warp import consistent, warp
from .regions.matte import Matte, lay_over

PREPARING, PAINTING, DELIVERING = "preparing", "painting", "writing"


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    stage: str
    frame: int
    """Number of the frame in work, as the source counts."""
    done: int
    total: int
    step: int = 0
    steps: int = 0
    loss: float | None = None
    seconds_left: float | None = None
    finished: Path | None = None
    """The file of a frame that has just become ready."""


@dataclass(frozen=True)
class Result:
    """What a finished job has made."""

    folder: Path
    files: list[Path]
    reused: int
    seconds: float
    device: str


class Cancelled(Exception):  # noqa: N818 - stopping on request is no error
    """The job was stopped on request; finished frames are kept."""


class Session:
    """Frames are fed one by one, painted frames come back; each may begin from the one before.

    Args:
        job: what to paint.
        size: width and height of the painted frames.
        first: the job's first frame, whose colours are kept where the look keeps colours.
        most_bytes: what activations may take at once (see engine/bands.py); None: as memory allows.
    """

    def __init__(self, job: Job, size: tuple[int, int], first: Frame, most_bytes: int | None = None) -> None:
        self.job, self.size = job, size
        self.device = choose_device(job.device)
        styles = [read_picture(style).rgb for style in job.look.styles]
        self.painter = Painter(job.look, styles, self.device, job.precision, most_bytes, first.rgb)
        self.begin_with = read_picture(job.look.start_picture).rgb if job.look.start == "picture" else None
        self.previous: tuple[Frame, Frame] | None = None

    def follow(self, content: Frame, painted: Frame) -> None:
        """Tells the session of a finished frame, from which the next one begins."""
        self.previous = (content, painted)

    def paint(
        self, number: int, content: Frame, mask: np.ndarray | None, on_step: Callable[[int, list[Scale], float], None]
    ) -> Frame:
        """Paints a frame whose pixels have the session's size.

        Args:
            number: the frame's number, which seeds its noise.
            content: the frame.
            mask: where to paint, (H, W) in 0..1, or None for everywhere.
            on_step: called with (steps done, sizes and their steps, loss); an exception that it raises stops the work.
        """
        if mask is not None and not mask.any():
            return content
        scales = self.scales()
        start = lay_over(content, self.start(number, content), mask).rgb

        def tell(done: int, loss: float) -> bool:
            on_step(done, scales, loss)
            return False

        painted = self.painter.paint(content.rgb, start, scales, mask, tell)
        return lay_over(content, painted, mask)

    def scales(self) -> list[Scale]:
        """Sizes and steps for the next frame."""
        return scales_of(self.job, self.size, self.previous is not None)

    def start(self, number: int, content: Frame) -> np.ndarray:
        """The picture that a frame begins from, (H, W, 3) uint8."""
        carry = self.job.motion.carry
        if carry == "none" or self.previous is None:
            return self.beginning(number, content)
        earlier, painted = self.previous
        return painted.rgb if carry == "previous" else self.carry(earlier, painted, content)

    def beginning(self, number: int, content: Frame) -> np.ndarray:
        """What a frame begins from that takes over nothing, (H, W, 3) uint8."""
        look = self.job.look
        if look.start == "random":
            return noise(content.rgb.shape, look.noise_mean, look.seed + number)
        return content.rgb if self.begin_with is None else Frame(self.begin_with).resized(*content.size).rgb

    def carry(self, earlier: Frame, painted: Frame, content: Frame) -> np.ndarray:
        """The previous painted frame moved to where its things are now; the frame itself where nothing was before."""
        backward = dis_flow(content.rgb, earlier.rgb, self.job.motion.flow)
        forward = dis_flow(earlier.rgb, content.rgb, self.job.motion.flow)
        moved, inside = warp(painted.rgb, backward)
        return np.where((inside & consistent(forward, backward))[..., None], moved, content.rgb)


def scales_of(job: Job, size: tuple[int, int], has_previous: bool) -> list[Scale]:
    """Sizes and steps for a frame: one that takes over paint is painted at its own size alone, in fewer steps."""
    scales = pyramid(*size, job.look.first_size, job.look.steps)
    if not has_previous or job.motion.carry == "none":
        return scales
    return [*(replace(scale, steps=0) for scale in scales[:-1]), replace(scales[-1], steps=job.motion.steps)]


def noise(shape: tuple[int, ...], mean: float, seed: int) -> np.ndarray:
    """Uniform noise of this mean (0..1), as wide as fits into 0..255 around it, uint8."""
    generator = torch.Generator().manual_seed(seed)
    width = min(mean, 1 - mean)
    values = mean + width * (2 * torch.rand(shape, generator=generator) - 1)
    return (values * 255).round().byte().numpy()


def paint_job(
    job: Job, on_progress: Callable[[Progress], None], cancelled: Callable[[], bool] = lambda: False
) -> Result:
    """Paints all frames of a job, going on after the last finished one, and delivers them.

    Args:
        job: what to paint.
        on_progress: told of every step and every finished frame.
        cancelled: asked at every step; True stops the job.

    Raises:
        UserError: an input is missing or does not fit, or nothing can be written.
        Cancelled: `cancelled` said so.
    """
    began = time.monotonic()
    job.require_inputs()
    clip = open_clip(job.source.path, job.source.files)
    numbers = frame_range(job.source, clip)
    matte = Matte(job.region, job.source, clip, numbers) if job.region.mask else None
    if job.output.path:
        check_delivery(Path(job.output.path), job)
    cache = FrameCache(job)
    ready = first_missing(cache, numbers) - numbers.start
    run = Run(job, clip, numbers, matte, cache, on_progress, cancelled)
    device = run.paint_from(numbers.start + ready) if ready < len(numbers) else str(choose_device(job.device))
    files = [cache.path(number) for number in numbers]
    if job.output.path:
        on_progress(Progress(DELIVERING, numbers[-1], len(numbers), len(numbers)))
        deliver(files, Path(job.output.path), clip, numbers.start)
    return Result(cache.folder, files, ready, time.monotonic() - began, device)


def first_missing(cache: FrameCache, numbers: range) -> int:
    """The first frame that is not finished; all before it are."""
    return next((number for number in numbers if number not in cache), numbers.stop)


class Run:
    """One pass over the frames that are still to paint."""

    def __init__(
        self,
        job: Job,
        clip: Clip,
        numbers: range,
        matte: Matte | None,
        cache: FrameCache,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.job, self.clip, self.numbers, self.matte, self.cache = job, clip, numbers, matte, cache
        self.on_progress, self.cancelled = on_progress, cancelled
        self.size = fitted_size(*clip.size, job.output.size)
        # Pixels times steps: of the frames painted so far, and of the one in work.
        self.work_done = self.work_of_frame = 0
        self.painting_since = time.monotonic()

    def paint_from(self, start: int) -> str:
        """Paints frame `start` and all after it; returns the device it was done on."""
        self.on_progress(Progress(PREPARING, start, start - self.numbers.start, len(self.numbers)))
        pieces = self.cache.most_bytes(choose_device(self.job.device).type)
        session = Session(self.job, self.size, self.content(self.numbers.start), pieces)
        if start > self.numbers.start:
            session.follow(self.content(start - 1), self.cache.read(start - 1))
        self.painting_since = time.monotonic()
        for number in range(start, self.numbers.stop):
            self.stop_if_asked()
            content = self.content(number)
            if number not in self.cache:
                mask = self.matte.read(number, *self.size) if self.matte else None
                painted = session.paint(number, content, mask, lambda *step, n=number: self.tell(n, *step))
                self.cache.remember_pieces(session.device.type, session.painter.most_bytes)
                self.cache.write(number, painted)
                self.work_done, self.work_of_frame = self.work_done + self.work_of_frame, 0
            session.follow(content, self.cache.read(number))
            done = number - self.numbers.start + 1
            self.on_progress(Progress(PAINTING, number, done, len(self.numbers), finished=self.cache.path(number)))
        return str(session.device)

    def content(self, number: int) -> Frame:
        """A frame of the source at the painted size."""
        return self.clip.read(number).resized(*self.size)

    def tell(self, number: int, step: int, scales: list[Scale], loss: float) -> None:
        """Reports a step, and stops the job if that was asked for."""
        self.stop_if_asked()
        done, later = number - self.numbers.start, self.numbers.stop - number - 1
        steps, self.work_of_frame = sum(scale.steps for scale in scales), pixel_steps(scales)
        worked = pixel_steps(scales, step + 1)  # the loss of the next step is known already
        pace = (time.monotonic() - self.painting_since) / (self.work_done + worked)
        left = pace * (self.work_of_frame - worked + later * self.usual_work())
        self.on_progress(Progress(PAINTING, number, done, len(self.numbers), step, steps, loss, left))

    def stop_if_asked(self) -> None:
        """Raises Cancelled if the job shall stop."""
        if self.cancelled():
            raise Cancelled

    def usual_work(self) -> int:
        """Pixels times steps of a frame that has another one before it."""
        return pixel_steps(scales_of(self.job, self.size, has_previous=True))
