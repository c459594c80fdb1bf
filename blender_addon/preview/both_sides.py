"""What is seen left and right of the line: the strip as it was, and as it is painted."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bpy.types import Context, Scene, Strip

from ...style_core.job import Job, Source, UserError
from ..host import versions
from ..host.counterparts import is_paint
from ..host.footage import is_of_render
from ..host.own_modifier import JOB_KEY, paint_modifier, shows_paint
from ..host.painted import number_in
from ..host.ways_in import shown_by
from ..paint_within import frame_within
from . import frames, loop, sources
from .frames import number_at

# What says in a file's name which frame it shows.
DIGITS = "0123456789"
JOBS = 16  # of which the source is kept in mind


class Sides(NamedTuple):
    """What is drawn over a strip; where there is nothing, Blender's own picture is seen."""

    scene: Scene
    strip: Strip
    number: int
    """Of the source's frame."""
    source: Source
    """What that is a frame of."""
    before: Path | None = None
    after: Path | None = None
    is_finished: bool = True
    is_up_to_date: bool = True

    @property
    def coloured_by(self) -> Strip | None:
        """Whose saturation and brightness the pictures get; None: what was painted is a render, which has them."""
        return None if is_of_render(self.source) else self.strip


def sides_of(context: Context) -> Sides | None:
    """What is drawn at the playhead; None if there is nothing."""
    scene, manager = versions.sequencer_scene(context), context.window_manager
    if scene is None or not scene.sequence_editor:
        return None
    previewed = of_preview(scene, manager.stylestrip_split) if manager.stylestrip_show_preview else None
    if previewed is None and manager.stylestrip_compare:
        return of_painted(scene)
    return previewed


def of_preview(scene: Scene, split: float) -> Sides | None:
    """The previewed frame at the playhead, or the one that is played."""
    shown = frames.latest
    place = shown and shown.place
    if not place or place[0] != scene:
        return None
    number = loop.number() or shown.number_at(scene.frame_current)
    picture = shown.pictures.get(number)
    # What has been painted since then is newer than a preview of other settings.
    if picture is None or (not shown.is_up_to_date and painted_at(scene) is not None):
        return None
    strip = place[1]
    # A strip that is muted lies below its paint of earlier, or shows that itself; else Blender shows what it was.
    is_painted = shown_by(strip, scene).mute or shows_paint(strip)
    before = sources.file_of(shown.source, number) if split and is_painted else None
    return Sides(scene, strip, number, shown.source, before, picture.file, picture.is_finished, shown.is_up_to_date)


def of_painted(scene: Scene) -> Sides | None:
    """The source of the painted strip that is seen at the playhead."""
    strip = painted_at(scene)
    number = strip and painted_number(scene, strip)
    if not number:
        return None
    source = source_in(paint_key(strip))
    return source and Sides(scene, strip, number, source, before=sources.file_of(source, number))


def paint_key(strip: Strip) -> str:
    """The job, in JSON, whose paint a strip shows."""
    return strip[JOB_KEY] if is_paint(strip) else paint_modifier(strip).node_group[JOB_KEY]


def painted_number(scene: Scene, strip: Strip) -> int | None:
    """The source's frame whose paint a strip shows at the playhead; None if it shows none."""
    if not is_paint(strip):
        return frame_within(strip, scene.frame_current)
    place = number_at(scene, strip, scene.frame_current)
    return number_in(strip.elements[min(place, len(strip.elements)) - 1].filename) if place else None


@lru_cache(maxsize=JOBS)
def source_in(job: str) -> Source | None:
    """What a job in JSON was painted from; None if it is of another version. Long jobs are read once."""
    try:
        return Job.from_json(job).source
    except UserError:
        return None


def painted_at(scene: Scene) -> Strip | None:
    """The strip whose paint is seen at the playhead: the active one, or else the uppermost."""
    active, strips = versions.active_in(scene), scene.sequence_editor.strips_all
    painted = [one for one in strips if not one.mute and (is_paint(one) or shows_paint(one))]
    seen = [one for one in painted if is_at(one, scene.frame_current)]
    return active if active in seen else max(seen, key=lambda one: one.channel, default=None)


def is_at(strip: Strip, moment: int) -> bool:
    """Whether a strip is there at a frame of the timeline."""
    left, right = versions.handles(strip)
    return left <= moment < right
