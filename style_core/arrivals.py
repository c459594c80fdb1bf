"""Films whose frames come one after the other: each is painted as soon as it is there, and follows those before it.

A live render feeds them. What is painted lies in the cache as if the whole film had been painted at once: it is the
same to the bit, and either is found again by the other.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .cache import cache_root
from .engine.painter import choose_device
from .job import FRAME_ENDINGS, Job, UserError, frame_name
from .ledger import NAME, digest_of, read_entries, stamp_of
from .media.clip import Sequence, open_clip
from .media.contents import Contents
from .media.frame import fitted_size
from .motion.flow import Flows
from .sequence import Progress, Run
from .setting import Checked

Tell = Callable[[Progress], None]
Stopped = Callable[[], bool]


@dataclass(frozen=True)
class Arrival(Checked):
    """A frame that has come: the last one of a job's growing source."""

    job: Job = field(default_factory=Job)
    """With all frames of the film that have come so far."""
    render: str = ""
    """By which all arrivals of one render are known; another render begins anew, as what was read may have changed."""
    only_known: bool = False
    """Whether nothing is painted that is not in the cache."""


@dataclass(frozen=True)
class Arrived:
    """A frame that is painted."""

    path: Path
    beginning: str
    """The name of the picture that its film began with."""
    was_known: bool
    """Whether it was in the cache already."""


class Arrivals:
    """The films that one render feeds."""

    def __init__(self) -> None:
        self.render = ""
        self.films: dict[str, Growing] = {}

    def take(self, arrival: Arrival, tell: Tell, stopped: Stopped) -> Arrived | None:
        """The paint of a frame; None if it is not known, and nothing else was asked for.

        Raises:
            UserError: an input is missing or does not fit, nothing can be written, or the frame depends on later ones.
            Cancelled: `stopped` said so.
        """
        job = arrival.job
        job.require_inputs()
        if not job.source.growing or job.waits_for:
            raise UserError(f"Frames cannot be painted as they come: {job.waits_for or 'the source is not growing'}.")
        if arrival.render != self.render:
            self.forget()
            self.render = arrival.render
        if arrival.only_known and len(job.source.files) == 1:
            return known(job)
        name = job.fingerprint()
        if name not in self.films:
            self.films[name] = Growing(job)
        try:
            return self.films[name].take(arrival, tell, stopped)
        except BaseException:
            # What it is in the midst of is not known; the cache is.
            self.films.pop(name).close()
            raise

    def forget(self) -> None:
        """Lets all films go; what is painted is kept."""
        for film in self.films.values():
            film.close()
        self.films.clear()


class Growing:
    """A film on its way; `take` is called for each of its frames, or for those that are wanted."""

    def __init__(self, job: Job) -> None:
        files = files_of(job)
        self.clip, self.flows = Sequence(files), Flows(job.motion, choose_device(job.device))
        self.order = range(1, len(files) + 1)
        self.run = Run(job, self.clip, self.order, print, bool, None, self.order)
        self.place = self.run.begin_pass(self.flows, 1, self.order)

    def take(self, arrival: Arrival, tell: Tell, stopped: Stopped) -> Arrived | None:
        """The paint of the last frame; those before it that are missing are painted first."""
        files, run = files_of(arrival.job), self.run
        self.clip.extend(files)
        self.order = run.numbers = range(1, len(files) + 1)
        run.on_progress, run.cancelled, run.total = tell, stopped, len(files)
        for layer in run.painted:
            layer.extend(self.order)
        newest = self.order[-1]
        was_known = newest in run.cache
        if not was_known and not arrival.only_known:
            self.paint()
        return Arrived(run.cache.path(newest), files[0].name, was_known) if newest in run.cache else None

    def paint(self) -> None:
        """Paints what is missing. What was known meanwhile needs no network, unless paint goes on from it."""
        run = self.run
        if not any(layer.session for layer in run.painted):
            self.place = min([layer.ready for layer in run.painted] + [len(self.order) - 1])
        for place in range(self.place, len(self.order)):
            run.done = place
            run.pace.begin()
            run.paint_frame(self.order, place, is_last=True)
        self.place = len(self.order)

    def close(self) -> None:
        """Ends what finds motion ahead."""
        self.flows.close()


def files_of(job: Job) -> list[Path]:
    """The pictures of a growing source."""
    return [Path(job.source.path) / name for name in job.source.files]


def known(job: Job) -> Arrived | None:
    """The paint of a job's last frame, if there is some of just that picture: of this film, or of one that began
    earlier or later. Of several, that which has been carried along for longest."""
    name = job.source.files[-1]
    file = Path(job.source.path) / name
    clip = open_clip(job.source.path, (name,))
    picture = Contents(clip, fitted_size(*clip.size, job.output.size), job.output.depth)
    root, key = cache_root(job), job.key()
    for folder in sorted(root.glob(f"{key}-*")):
        for number, entry in read_entries(folder / NAME).items():
            if entry.name != name or not (entry.stamp == stamp_of(file) or entry.digest == digest_of(picture.read(1))):
                continue
            found = [path for ending in FRAME_ENDINGS if (path := folder / frame_name(number, ending)).is_file()]
            if found:
                beginning = folder.name.removeprefix(f"{key}-") + Path(name).suffix
                return Arrived(found[0], beginning, True)
    return None
