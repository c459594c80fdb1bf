"""The batch: all frames of a job, in one pass or several, from the first that is missing."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from .cache import FrameCache, cache_root
from .engine.memory import is_out_of_memory, too_little
from .engine.painter import Painter, choose_device, read_styles
from .engine.scales import Scale, pixel_steps
from .glances import Glances, Show
from .job import Job, Layer, Source, UserError, frame_name
from .layer import PaintedLayer
from .media.clip import Clip, frame_range, open_clip
from .media.contents import Contents
from .media.delivery import about_rate, check_delivery, deliver, is_film, strangers
from .media.frame import Frame, fitted_size, resize, rounded
from .motion.flow import Flows
from .motion.flows.files import own_numbers
from .region import RENDERED
from .regions.finding import found_mattes
from .regions.matte import about_shape, lay_over
from .regions.missed import missed
from .regions.passes import PassMatte
from .report.evaluation import evaluate
from .report.page import is_about, write_report
from .session import Tell
from .setting import ScarceError

PREPARING, PAINTING, DELIVERING, CHECKING = "preparing", "painting", "writing", "checking"
LEAST_SHARE = 0.1  # of a frame, after which its own steps tell how long it takes
# The page about the film, beside its frames; of some of its frames, which others must not replace.
REPORT, REPORT_OF_SOME = "report.html", "report-{}-{}.html"


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
    notes: tuple[str, ...] = ()
    """What a person should know by now, though it goes on: a sentence each."""


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
    why_no_report: str = ""
    """Why there is none, though one was wanted."""
    notes: tuple[str, ...] = ()
    """What a person should know, though all went well: a sentence each."""


class Cancelled(Exception):  # noqa: N818 - stopping on request is no error
    """The job was stopped on request; finished frames are kept."""


def paint_job(
    job: Job,
    on_progress: Callable[[Progress], None],
    cancelled: Callable[[], bool] = lambda: False,
    show: Show | None = None,
    of: Source | None = None,
) -> Result:
    """Paints all frames of a job, going on after the last finished one, and delivers them.

    Args:
        job: what to paint.
        on_progress: told of every step and every finished frame.
        cancelled: asked at every step; True stops the job.
        show: shown now and then how the frame in work looks by then; None: nobody looks.
        of: the frames of which the job paints some, where masks in files belong to all of those; None: its own.

    Raises:
        UserError: an input is missing or does not fit, or nothing can be written.
        Cancelled: `cancelled` said so.
    """
    began = time.monotonic()
    job.require_inputs()
    clip = open_clip(job.source.path, job.source.files)
    numbers = frame_range(job.source, clip)
    beyond = [cut for cut in job.motion.named_cuts() or () if cut > clip.count]
    if beyond:
        raise UserError(f"Cuts name frame {min(beyond)}, but '{job.source.path}' has {clip.count}: leave it out.")
    if job.output.path:
        check_delivery(Path(job.output.path), job)
    run = Run(job, clip, numbers, on_progress, cancelled, show, frame_range(of, clip) if of else numbers)
    ready = sum(number in run.cache for number in numbers)
    if ready < len(numbers):
        run.paint()
    files, notes = [run.cache.path(number) for number in numbers], run.notes
    if job.output.path:
        output = Path(job.output.path)
        on_progress(Progress(DELIVERING, numbers[-1], run.total, run.total))
        deliver(files, output, clip, numbers.start, job.output.rate)
        others = "" if is_film(output) else strangers(output, files)
        notes += filter(None, (others, about_rate(output, clip, job.output.rate) if len(files) > 1 else ""))
    is_painted = any(layer.is_painted for layer in job.layers)
    report, why = run.report() if job.output.report and len(numbers) > 1 and is_painted else (None, "")
    seconds, device = time.monotonic() - began, str(choose_device(job.device))
    return Result(run.cache.folder, files, ready, seconds, device, report, why, tuple(notes))


class Run:
    """All passes over the frames of a job, through all of its layers."""

    def __init__(
        self,
        job: Job,
        clip: Clip,
        numbers: range,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        show: Show | None,
        masked: range,
    ) -> None:
        self.job, self.numbers = job, numbers
        self.on_progress, self.cancelled, self.show = on_progress, cancelled, show
        self.size = fitted_size(*clip.size, job.output.size)
        self.source = Contents(clip, self.size, job.output.depth)
        self.total = len(numbers) * job.motion.passes
        self.done = 0
        self.pace = Pace()
        self.notes: list[str] = list(filter(None, (about_shape(region, clip) for region in job.regions)))
        masks = [(layer, self.mask(layer)) for layer in job.layers]
        # Masks that are found are found for the frames that are painted; those in files are there for all.
        self.layers = [
            PaintedLayer(layer, self.source, masked if is_in_files(layer) else numbers, self.size, mask)
            for layer, mask in masks
        ]
        # What finished frames are composed of at their size, which may be another than that of the paint.
        is_full = job.is_composed and job.output.full_size and clip.size != self.size
        self.whole = Contents(clip, clip.size, job.output.depth) if is_full else self.source
        noted = self.whole if job.source.growing else None
        composed = FrameCache(job, job.fingerprint(), self.source.depth, noted) if job.is_composed else None
        self.cache = composed or self.layers[0].cache
        if job.is_composed:
            self.cache.remember_layers([layer.cache for layer in self.layers if layer.cache])

    @property
    def painted(self) -> list[PaintedLayer]:
        """The layers that have paint, from the lowest."""
        return [layer for layer in self.layers if layer.layer.is_painted]

    def mask(self, layer: Layer) -> str:
        """The file or folder with the masks of a layer's region, found first where that is wanted."""
        region, job = layer.region, self.job
        if region is None or is_in_files(layer):
            return region.mask if region else ""

        def tell(stage: str, number: int, done: int, total: int) -> None:
            self.stop_if_asked()
            self.on_progress(Progress(stage, number, done, total))

        clip, device = self.source.clip, choose_device(job.device)
        folder = found_mattes(region, job.source, clip, self.numbers, cache_root(job), device, tell)
        nothing = missed(region, job.source.path, self.numbers, (folder / frame_name(n) for n in self.numbers))
        self.notes += [nothing] if nothing else []
        return str(folder)

    def paint(self) -> None:
        """Paints what is missing in every pass."""
        self.on_progress(Progress(PREPARING, self.numbers.start, 0, self.total))
        # Flow is kept where it is needed again, or where finding it takes long.
        motion = self.job.motion
        keep = (motion.passes > 1 or motion.flow.startswith("raft")) and not self.job.source.growing
        flows = Flows(motion, choose_device(self.job.device), self.cache.flow_folder() if keep else None)
        try:
            for number in range(1, motion.passes + 1):
                self.go_through(flows, number)
        finally:
            flows.close()
        known = [layer.matte for layer in self.layers if isinstance(layer.matte, PassMatte)]
        self.notes += filter(None, (matte.unseen(self.numbers) for matte in known))

    def go_through(self, flows: Flows, number: int) -> None:
        """One pass: forwards if its number is odd, else backwards."""
        is_last = number == self.job.motion.passes
        order = self.numbers if number % 2 else self.numbers[::-1]
        ready = self.begin_pass(flows, number, order)
        self.done = (number - 1) * len(order) + ready
        self.pace.begin()
        for place in range(ready, len(order)):
            self.paint_frame(order, place, is_last)

    def begin_pass(self, flows: Flows, number: int, order: range) -> int:
        """Gets ready for a pass; how many of its frames need no painting."""
        for layer in self.painted:
            layer.begin_pass(flows, number, order)
        ready = min((layer.ready for layer in self.painted), default=len(order))
        if number == self.job.motion.passes and self.job.is_composed:
            ready = min(ready, next((place for place, n in enumerate(order) if n not in self.cache), len(order)))
        return ready

    def paint_frame(self, order: range, place: int, is_last: bool) -> None:
        """Paints the frame at a place of a pass, which is the last one or not, and tells of it."""
        self.stop_if_asked()
        for index, layer in enumerate(self.painted):
            share = index, len(self.painted)
            tell = partial(self.tell, order[place], share)
            self.advance(layer, place, tell, self.glances(order[place], layer))
        if is_last and self.job.is_composed:
            self.compose(order[place])
        self.done += 1
        self.pace.frame_is_done()
        finished = self.cache.path(order[place]) if is_last else None
        self.on_progress(
            Progress(PAINTING, order[place], self.done, self.total, finished=finished, notes=tuple(self.notes))
        )

    def advance(self, layer: PaintedLayer, place: int, tell: Tell, glances: Glances | None) -> None:
        """Paints the frame of a layer at a place of a pass; ScarceError if there is too little memory for it."""
        try:
            layer.advance(place, tell, glances)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            raise ScarceError(too_little(choose_device(self.job.device), self.size)) from error
        said = layer.session.notes if layer.session else ()
        self.notes += [note for note in said if note not in self.notes]

    def compose(self, number: int) -> None:
        """Lays the layers of a frame over one another, and stores it."""
        frame = self.whole.read(number)
        for layer in self.layers:
            frame = self.laid_over(frame, number, layer)
        self.cache.write(number, frame)

    def laid_over(self, frame: Frame, number: int, layer: PaintedLayer, paint: np.ndarray | None = None) -> Frame:
        """A frame with a layer over it; `paint` (H, W, 3) in 0..255 goes before what is stored of it."""
        content = self.whole.read(number)
        if paint is None:
            is_painted = layer.layer.is_painted
            paint = layer.cache.paint(number, self.source.read(number)).rgb if is_painted else content.rgb
        if paint.shape != content.rgb.shape:
            paint = rounded(resize(paint, *content.size).clip(0, 255), content.rgb.dtype)
        return lay_over(frame, content, paint, layer.opacity(number, content), layer.layer.strength_at(number))

    def glances(self, number: int, layer: PaintedLayer) -> Glances | None:
        """What shows a frame with the unfinished paint of a layer over the finished ones, if anybody looks."""
        if self.show is None:
            return None
        below = self.layers[: self.layers.index(layer)]

        def shown(paint: np.ndarray) -> None:
            frame = self.whole.read(number)
            for finished in below:
                frame = self.laid_over(frame, number, finished)
            self.show(number, self.laid_over(frame, number, layer, paint))

        return Glances(shown)

    def tell(self, number: int, share: tuple[int, int], step: int, scales: list[Scale], loss: float) -> None:
        """Reports a step of a frame's layer, which is one of so many, and stops the job if that was asked for."""
        self.stop_if_asked()
        before, of = share
        steps, work = sum(scale.steps for scale in scales), pixel_steps(scales)
        later = self.total - self.done - 1
        left = self.pace.seconds_left(before * work + pixel_steps(scales, step + 1), of * work, later)
        step, steps = before * steps + step, of * steps
        notes = tuple(self.notes)
        self.on_progress(Progress(PAINTING, number, self.done, self.total, step, steps, loss, left, notes=notes))

    def report(self) -> tuple[Path | None, str]:
        """Measures the finished film and writes the page: the page, if it could be made, or why it could not.

        Whatever goes wrong here, the film is finished all the same.
        """

        def on_frame(number: int) -> None:
            self.stop_if_asked()
            self.on_progress(Progress(CHECKING, number, self.total, self.total, notes=tuple(self.notes)))

        path, motion = self.report_file, self.job.motion
        was_painted = any(layer.session for layer in self.layers)
        if not was_painted and is_about(path, self.numbers):
            return path, ""
        motion = motion if motion.flow == "files" else replace(motion, flow="dis-fast")
        own = own_numbers(self.source.clip)
        try:
            found = evaluate(self.numbers, self.whole.read, self.cache.read, motion, self.painter(), on_frame, own)
            write_report(found, path, f"{Path(self.job.source.path).name}, painted")
        except Cancelled:
            return None, "It was not waited for."
        except UserError as error:
            return None, str(error)
        except Exception as error:  # a fault in measuring is none of the film
            return None, f"The film could not be measured ({type(error).__name__}: {error})."
        return path, ""

    @property
    def report_file(self) -> Path:
        """Where the page about these frames goes: each stretch of the film has its own."""
        numbers = self.numbers
        whole = len(numbers) == self.source.clip.count
        return self.cache.folder / (REPORT if whole else REPORT_OF_SOME.format(numbers[0], numbers[-1]))

    def painter(self) -> Painter | None:
        """What knows the style of the whole frame; None where only parts are painted, in which other styles may be."""
        if self.job.regions:
            return None
        (layer,) = self.layers
        if layer.session:
            return layer.session.painter
        look = layer.layer.look
        return Painter(look, read_styles(look), choose_device(self.job.device), self.job.precision)

    def stop_if_asked(self) -> None:
        """Raises Cancelled if the job shall stop."""
        if self.cancelled():
            raise Cancelled


def is_in_files(layer: Layer) -> bool:
    """Whether the mask of a layer's region is as it lies on disk."""
    region = layer.region
    return region is not None and region.matte in ("file", *RENDERED) and region.refine == "none"


class Pace:
    """How long frames take: of the first it is told by its own steps, of all others by those that took over paint, of
    which one must be finished. They end early, and what is loaded and found before the first step happens once."""

    def __init__(self) -> None:
        self.since = time.monotonic()
        self.frames: list[float] = []
        self.first_step: tuple[float, int] | None = None
        """When the first step of the first frame was done, and the work in it."""

    def begin(self) -> None:
        """A pass begins now."""
        self.since = time.monotonic()

    def frame_is_done(self) -> None:
        """The next frame begins now."""
        now = time.monotonic()
        self.frames.append(now - self.since)
        self.since = now

    def seconds_left(self, worked: int, whole: int, later: int) -> float | None:
        """Seconds to the end of the job; None where that would be a guess.

        Args:
            worked, whole: pixels times steps of this frame, so far and in all.
            later: number of frames after this one.
        """
        now = time.monotonic()
        following = self.frames[1:]
        if following:
            mean = sum(following) / len(following)
            return max(0.0, mean - (now - self.since)) + later * mean
        if later or self.frames:
            return None
        if self.first_step is None:
            self.first_step = now, worked
        begun, before = self.first_step
        if worked - before < whole * LEAST_SHARE:
            return None
        return (now - begun) / (worked - before) * (whole - worked)
