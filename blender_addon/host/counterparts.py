"""Which painted strips belong to a strip, and the other way round: both carry the source's name for it."""

import uuid

from bpy.types import Scene, Strip

from . import versions
from .own_modifier import JOB_KEY, goes_within, has_own_paint
from .painted import siblings
from .ways_in import shown_by


def name_source(strip: Strip) -> str:
    """The name by which the paint of a strip knows it, given to it if it has none; pieces and copies share it."""
    if not strip.stylestrip_paint.source:
        strip.stylestrip_paint.source = uuid.uuid4().hex
    return strip.stylestrip_paint.source


def is_paint(strip: Strip) -> bool:
    """Whether a strip is the painted twin of another."""
    return JOB_KEY in strip


def paint_of(scene: Scene, strip: Strip) -> list[Strip]:
    """The painted strips above a strip, at some of the same time, from the lowest; pieces of one are all there."""
    span = versions.handles(shown_by(strip, scene))
    return sorted(
        (one for one in family(scene, strip) if is_paint(one) and touch(versions.handles(one), span)),
        key=lambda one: one.channel,
    )


def paint_at(scene: Scene, strip: Strip) -> list[Strip]:
    """What shows the paint of a strip, that which the strip's settings are about first: painted strips from the
    uppermost, and the strip itself if it has its paint in a modifier."""
    within, above = [strip] if has_own_paint(strip) else [], paint_of(scene, strip)[::-1]
    return within + above if goes_within(strip) else above + within


def newest_paint(scene: Scene, strip: Strip) -> list[Strip]:
    """The painted strip above a strip that was added last, in all its pieces; none where it is of other strips, too."""
    found = paint_of(scene, strip)
    pieces = [one for one in found if one.channel == found[-1].channel]
    sources = [one for one in family(scene, strip) if not is_paint(one) and one != strip]
    shared = any(touch(versions.handles(one), versions.handles(other)) for one in pieces for other in sources)
    return [] if shared else pieces


def source_of_paint(scene: Scene, painted: Strip) -> Strip | None:
    """The strip that a painted strip was made of; None if it is gone. Of several pieces, that which is there first."""
    sources = [one for one in family(scene, painted) if not is_paint(one)]
    return next(iter(sources_of_paint(scene, painted) or sorted(sources, key=begin)), None)


def sources_of_paint(scene: Scene, painted: Strip) -> list[Strip]:
    """The strips that a painted strip covers with their own paint, from the first."""
    span = versions.handles(painted)
    sources = [one for one in family(scene, painted) if not is_paint(one)]
    return sorted((one for one in sources if touch(versions.handles(shown_by(one, scene)), span)), key=begin)


def begin(strip: Strip) -> int:
    """Where a strip begins on the timeline."""
    return versions.handles(strip)[0]


def family(scene: Scene, strip: Strip) -> list[Strip]:
    """The strips beside a strip with the same name for their source, itself among them."""
    name = strip.stylestrip_paint.source
    return [one for one in siblings(scene, strip) if name and one.stylestrip_paint.source == name]


def touch(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two spans have a frame in common."""
    return one[0] < other[1] and other[0] < one[1]
