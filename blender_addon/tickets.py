"""What a task is about, found again when it is done: strips and regions may have been renamed meanwhile."""

import bpy
from bpy.types import Scene, Strip

from ..style_core.job import UserError
from .regions.settings import StylestripRegion
from .settings import StylestripSettings

MOST = 8  # tickets that a strip or a region carries; older tasks are long over


def give(own: StylestripSettings | StylestripRegion, ticket: str) -> None:
    """Marks a strip or a region with a task's ticket, beside those of others that are about it too."""
    own.ticket = " ".join([*own.ticket.split(), ticket][-MOST:])


def carries(own: StylestripSettings | StylestripRegion, ticket: str) -> bool:
    """Whether a strip or a region was marked with a task's ticket."""
    return ticket in own.ticket.split()


def ticketed_strips(ticket: str, scene: str, strip: str) -> list[tuple[Scene, Strip]]:
    """The strips that carry a task's ticket, with their scenes, the likeliest first; empty if it was deleted.

    A piece that was cut off and a copy carry it too, and an undo may have taken it back: then the names tell.
    """
    strips = [(s, one) for s in bpy.data.scenes if s.sequence_editor for one in s.sequence_editor.strips_all]
    named = [(s, one) for s, one in strips if (s.name, one.name) == (scene, strip)]
    ticketed = [(s, one) for s, one in strips if carries(one.stylestrip, ticket)]
    return sorted(ticketed, key=lambda found: found not in named) or named


def find_strip(ticket: str, scene: str, strip: str) -> tuple[Scene, Strip]:
    """The strip that a task is about; raises UserError if it is gone."""
    found = ticketed_strips(ticket, scene, strip)
    if not found:
        raise UserError(f"The strip '{strip}' was deleted meanwhile: undo that, and start again.")
    return found[0]


def find_region(strip: Strip, ticket: str, name: str) -> StylestripRegion:
    """The region of a strip that a task is about; raises UserError if it is gone."""
    ticketed = [region for region in strip.stylestrip.regions if carries(region, ticket)]
    region = next(iter(ticketed), strip.stylestrip.regions.get(name))
    if region is None:
        raise UserError(f"The region '{name}' was deleted meanwhile: undo that, and start again.")
    return region
