"""What was previewed of a strip: a picture for each frame, and whether the strip would still be painted so."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import bpy
from bpy.types import ID, FCurve, Scene, Strip

from ...style_core.job import Job, Source
from .. import jobs
from ..host import versions
from ..host.curves import curve_of
from ..host.matte_wanted import wanted_at
from ..host.ways_in import FILES
from ..job_fields import ANIMATED
from ..regions.shown_frames import redraw, shown_frames

# What is set beside a strip that changes nothing in its paint.
SKIPPED = {
    "rna_type", "name", "ticket", "region_index", "preset", "seen", "seen_source", "show_expanded", "place", "device",
    "quality", "is_custom",
}  # fmt: skip
OF_KEYS = ("co", "handle_left", "handle_right", "interpolation", "easing", "amplitude", "back", "period")


class Picture(NamedTuple):
    """A picture of a frame, finished or not."""

    file: Path
    is_finished: bool


@dataclass
class Previewed:
    """Frames of one strip, painted with the same settings."""

    scene: str
    strip: str
    settings: tuple
    """What the strip was set to."""
    source: Source
    """Where the frames come from."""
    work: str
    """All that decides how they are painted."""
    pictures: dict[int, Picture] = field(default_factory=dict)
    """By the frame of the source."""

    @property
    def place(self) -> tuple[Scene, Strip] | None:
        """The strip and its scene; None if it is gone."""
        scene = bpy.data.scenes.get(self.scene)
        strip = scene and scene.sequence_editor and scene.sequence_editor.strips_all.get(self.strip)
        return (scene, strip) if strip else None

    def is_of(self, strip: Strip) -> bool:
        """Whether the frames are those of a strip."""
        return (self.scene, self.strip) == (strip.id_data.name, strip.name)

    @property
    def is_up_to_date(self) -> bool:
        """Whether the strip would still be painted so."""
        place = self.place
        return place is not None and settings_of(place[1]) == self.settings

    def number_at(self, moment: int) -> int | None:
        """The frame of the source that the strip shows at a frame of the timeline; None if it shows none there."""
        place = self.place
        return number_at(*place, moment) if place else None


# What is shown; None: nothing was previewed, or it was put away.
latest: Previewed | None = None


def number_at(scene: Scene, strip: Strip, moment: int) -> int | None:
    """The source's frame that a strip shows at a frame of the timeline; None if it shows none, or is not known yet."""
    left, right = versions.handles(strip)
    frames = shown_frames(scene, strip)
    is_seen = left <= moment < right and moment - left < len(frames)
    return frames[moment - left] if is_seen else None


def previewed_of(scene: Scene, strip: Strip, job: Job, is_render: bool) -> Previewed:
    """What the pictures of a strip go to: with what was previewed of it before, if that would be painted the same."""
    fresh = Previewed(scene.name, strip.name, settings_of(strip), job.source, work_of(job, is_render))
    # What is still to be drawn may have changed.
    is_known = not any(wanted_at(region.mask) for region in job.regions) and latest is not None
    if is_known and latest.is_of(strip) and (latest.settings, latest.work) == (fresh.settings, fresh.work):
        fresh.pictures |= latest.pictures
    return fresh


def work_of(job: Job, is_render: bool) -> str:
    """All that decides how a job's frames are painted, whichever they are: its source, masks and settings."""
    # Of a strip that is rendered, the folder tells its state, and the files which frames were needed.
    source = replace(job.source, first=1, last=0, files=() if is_render else job.source.files)
    return replace(job, source=source, device=Job.device).to_json()


def show(previewed: Previewed) -> None:
    """Shows these pictures from now on."""
    global latest
    latest = previewed


def put_away() -> None:
    """Shows nothing any more."""
    global latest
    latest = None


def put_away_of(strip: Strip) -> None:
    """Shows no more what was previewed of a strip before, which is painted by now; what is on its way was just asked
    for, and is shown."""
    previews = [task for task in jobs.errands if isinstance(getattr(task, "previewed", None), Previewed)]
    own = [task for task in previews if task.previewed.is_of(strip)]
    if latest is None or not latest.is_of(strip) or any(not task.is_over for task in own):
        return
    put_away()
    for task in own:
        jobs.errands.remove(task)  # with what it has said
    redraw()


def settings_of(strip: Strip) -> tuple:
    """All that a strip's paint is set to, and which files it shows."""
    files = ()
    if strip.type in FILES:
        files = strip.filepath if strip.type == "MOVIE" else (strip.directory, len(strip.elements))
    curves = [(name, curve) for name in ANIMATED if (curve := curve_of(strip.id_data, strip, name))]
    # What has keys has another value at every frame.
    keys = tuple((name, curve.extrapolation, len(curve.modifiers), keys_of(curve)) for name, curve in curves)
    return files, keys, values_of(strip.stylestrip, {name for name, _ in curves})


def keys_of(curve: FCurve) -> tuple:
    """All that the keys of a curve are set to."""
    values = [getattr(key, name) for key in curve.keyframe_points for name in OF_KEYS]
    return tuple(value if isinstance(value, (str, float)) else tuple(value) for value in values)


def values_of(struct: Any, leave: set[str] = frozenset()) -> tuple:
    """All that is set in a property group but what is in `leave`, with what it holds."""
    values = []
    for known in struct.bl_rna.properties:
        if known.identifier in SKIPPED or known.identifier in leave:
            continue
        value = getattr(struct, known.identifier)
        if known.type == "COLLECTION":
            value = tuple(values_of(one) for one in value)
        elif known.type == "POINTER":
            value = value and (value.name_full if isinstance(value, ID) else values_of(value))
        elif not isinstance(value, (str, int, float, bool)):
            value = tuple(value)
        values.append((known.identifier, value))
    return tuple(values)
