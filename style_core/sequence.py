"""The batch: all frames of a job, in one pass or several, from the first that is missing."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from .cache import FrameCache
from .engine.painter import Painter, choose_device, read_styles
from .engine.scales import Scale, pixel_steps
from .job import Job, UserError
from .media.clip import Clip, frame_range, open_clip
from .media.delivery import check_delivery, deliver
from .media.frame import Frame, fitted_size
from .motion.cuts import is_flat
from .motion.flows import Shot
from .regions.matte import Matte
from .report.evaluation import evaluate
from .report.page import is_about, write_report
from .session import Session, Subject, scales_of

PREPARING, PAINTING, DELIVERING, CHECKING = "preparing", "painting", "writing", "checking"
# Bytes of source frames in memory: going backwards through a film, half as many are decoded at once.
KEPT_BYTES = 1 << 28
# The page about the film, beside its frames.
REPORT = "report.html"


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    stage: str
    frame: int
    """Number of the frame in work, as the source counts."""
    done: int
    """Frames that are finished, of all passes together."""
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
    report: Path | None = None
    """The page about how steady the film is."""


class Cancelled(Exception):  # noqa: N818 - stopping on request is no error
    """The job was stopped on request; finished frames are kept."""


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
    beyond = [cut for cut in job.motion.named_cuts() or () if cut > clip.count]
    if beyond:
        raise UserError(f"Cuts name frame {min(beyond)}, but '{job.source.path}' has {clip.count}: leave it out.")
    if job.output.path:
        check_delivery(Path(job.output.path), job)
    cache = FrameCache(job)
    ready = sum(number in cache for number in numbers)
    run = Run(job, clip, numbers, matte, cache, on_progress, cancelled)
    device = run.paint() if ready < len(numbers) else str(choose_device(job.device))
    files = [cache.path(number) for number in numbers]
    if job.output.path:
        on_progress(Progress(DELIVERING, numbers[-1], run.total, run.total))
        deliver(files, Path(job.output.path), clip, numbers.start)
    report = run.report() if job.output.report and len(numbers) > 1 else None
    return Result(cache.folder, files, ready, time.monotonic() - began, device, report)


class Run:
    """All passes over the frames of a job."""

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
        self.job, self.numbers, self.matte, self.cache = job, numbers, matte, cache
        self.on_progress, self.cancelled = on_progress, cancelled
        self.size = fitted_size(*clip.size, job.output.size)
        self.source = Contents(clip, self.size)
        self.total = len(numbers) * job.motion.passes
        self.done = 0
        self.pace = Pace()
        self.painter: Painter | None = None

    def paint(self) -> str:
        """Paints what is missing in every pass; returns the device it was done on."""
        self.on_progress(Progress(PREPARING, self.numbers.start, 0, self.total))
        first = self.source.read(self.numbers.start)
        memory = self.cache.most_bytes(choose_device(self.job.device).type)
        # Kept where it is needed again, or where finding it takes long.
        motion = self.job.motion
        flow_folder = self.cache.flow_folder() if motion.passes > 1 or motion.flow.startswith("raft") else None
        session = Session(self.job, self.size, first, memory, flow_folder)
        self.painter = session.painter
        try:
            for number in range(1, self.job.motion.passes + 1):
                self.go_through(session, number)
                session.history.cut()
        finally:
            session.close()
        return str(session.device)

    def go_through(self, session: Session, number: int) -> None:
        """One pass: forwards if its number is odd, else backwards."""
        passes = self.job.motion.passes
        cache = self.cache if number == passes else self.cache.of_pass(number)
        earlier = self.cache.of_pass(number - 1) if number > 1 else None
        order = self.numbers if number % 2 else self.numbers[::-1]
        ready = next((place for place, frame in enumerate(order) if frame not in cache), len(order))
        self.done = (number - 1) * len(order) + ready
        if ready < len(order):
            self.recall(session, cache, order[:ready])
        self.pace.begin()
        for place in range(ready, len(order)):
            self.stop_if_asked()
            frame, subject = order[place], self.subject(order[place])
            if place + 1 < len(order):
                session.expect(subject, Shot(order[place + 1], self.source.read(order[place + 1]).rgb))
            if frame in cache:
                session.skip(subject, cache.read(frame))
            else:
                before = earlier.read(frame) if earlier else None
                painted = session.paint(subject, lambda *step, n=frame: self.tell(n, *step), before)
                if session.anchor and session.anchor[0].number == frame:
                    cache.remember_shot(frame)
                self.cache.remember_memory(session.device.type, session.painter.most_bytes)
                cache.write(frame, painted)
                session.follow(subject, cache.read(frame))
            self.done += 1
            self.pace.frame_is_done()
            finished = cache.path(frame) if cache is self.cache else None
            self.on_progress(Progress(PAINTING, frame, self.done, self.total, finished=finished))

    def recall(self, session: Session, cache: FrameCache, finished: range) -> None:
        """Tells a session that goes on after an interruption what it would know without one."""
        shot = cache.newest_shot()
        since = finished
        if shot in finished:
            subject = self.subject(shot)
            session.begin_shot(session.clean(subject), cache.read(shot))
            since = finished[finished.index(shot) :]
        known, wanted = [], session.history.reach
        for frame in reversed(since):
            known.append(self.subject(frame))
            wanted -= not is_flat(known[-1].content.rgb)
            if not wanted or known[-1].is_left_alone:
                break
        for subject in reversed(known):
            session.follow(subject, cache.read(subject.number))

    def subject(self, number: int) -> Subject:
        """A frame of the source at the painted size, with what belongs to it."""
        mask = self.matte.read(number, *self.size) if self.matte else None
        near = (number - 1, number + 1) if self.job.motion.denoise else ()
        beside = tuple(Shot(n, self.source.read(n).rgb) for n in near if 1 <= n <= self.source.clip.count)
        return Subject(number, self.source.read(number), mask, beside)

    def tell(self, number: int, step: int, scales: list[Scale], loss: float) -> None:
        """Reports a step, and stops the job if that was asked for."""
        self.stop_if_asked()
        later = self.total - self.done - 1
        usual = pixel_steps(scales_of(self.job, self.size, follows=True))
        left = self.pace.seconds_left(pixel_steps(scales, step + 1), pixel_steps(scales), later, usual)
        steps = sum(scale.steps for scale in scales)
        self.on_progress(Progress(PAINTING, number, self.done, self.total, step, steps, loss, left))

    def report(self) -> Path | None:
        """Measures the finished film and writes the page; None if it cannot be written or is not waited for: the film
        is finished all the same."""

        def on_frame(number: int) -> None:
            self.stop_if_asked()
            self.on_progress(Progress(CHECKING, number, self.total, self.total))

        path, job, motion = self.cache.folder / REPORT, self.job, self.job.motion
        if self.painter is None and is_about(path, self.numbers):
            return path  # nothing was painted since
        motion = motion if motion.flow == "files" else replace(motion, flow="dis-fast", flow_size=0)
        painter = self.painter or Painter(job.look, read_styles(job.look), choose_device(job.device), job.precision)
        try:
            found = evaluate(self.numbers, self.source.read, self.cache.read, motion, painter, on_frame)
            write_report(found, path, f"{Path(job.source.path).name}, painted")
        except (UserError, Cancelled):
            return None
        return path

    def stop_if_asked(self) -> None:
        """Raises Cancelled if the job shall stop."""
        if self.cancelled():
            raise Cancelled


class Contents:
    """Frames of a clip at the painted size, of which the newest are kept."""

    def __init__(self, clip: Clip, size: tuple[int, int]) -> None:
        self.clip, self.size = clip, size
        self.most = max(4, KEPT_BYTES // (size[0] * size[1] * 3))
        self.kept: OrderedDict[int, Frame] = OrderedDict()

    def read(self, number: int) -> Frame:
        """Frame `number` of the source."""
        if number not in self.kept:
            # Going backwards, those before it will be wanted next, and a film is decoded forwards.
            backwards = number + 1 in self.kept and number - 1 not in self.kept
            for each in range(max(1, number - self.most // 2), number) if backwards else ():
                self.keep(each)
            self.keep(number)
        self.kept.move_to_end(number)
        return self.kept[number]

    def keep(self, number: int) -> None:
        """Reads a frame in the place of the one that was wanted longest ago."""
        self.kept[number] = self.clip.read(number).resized(*self.size)
        while len(self.kept) > self.most:
            self.kept.popitem(last=False)


class Pace:
    """How long frames take: from steps until one has been finished that took over paint, from such frames then."""

    def __init__(self) -> None:
        self.since = time.monotonic()
        self.frames: list[float] = []

    def begin(self) -> None:
        """A pass begins now."""
        self.since = time.monotonic()

    def frame_is_done(self) -> None:
        """The next frame begins now."""
        now = time.monotonic()
        self.frames.append(now - self.since)
        self.since = now

    def seconds_left(self, worked: int, whole: int, later: int, usual: int) -> float:
        """Seconds to the end of the job.

        Args:
            worked, whole: pixels times steps of this frame, so far and in all.
            later: number of frames after this one.
            usual: pixels times steps of such a frame, at most.
        """
        spent = time.monotonic() - self.since
        following = self.frames[1:]
        if following:
            mean = sum(following) / len(following)
            return max(0.0, mean - spent) + later * mean
        pace = spent / max(1, worked)
        return pace * (whole - worked + later * usual)
