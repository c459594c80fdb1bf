"""Whether the paint of a strip is that of its settings and its frames, said before anything is painted again."""

import json
from functools import lru_cache

from bpy.types import Context, Scene, Strip, UILayout

from .. import jobs
from ..host.counterparts import is_paint, paint_at
from ..host.versions import sequencer_scene
from ..host.ways_in import way_into
from ..paint import shown_version
from ..paint_within import pace_of, unpainted
from ..painted_settings import changes
from ..painting import Painting
from ..regions.shown_frames import shown_frames
from ..sentence import draw_sentence

MOST_NAMED = 3
PAINTED_AS_SET = "Painted as it is set. If its own picture has changed, press Update."


def why_out_of_date(scene: Scene, strip: Strip) -> str | None:
    """What of a strip is not as it was painted, a sentence; empty: all is; None: it has no paint, or that is not known.

    It is asked whenever the window is drawn, and reads no file.
    """
    painted = paint_at(scene, strip)
    if not painted or not painted[0].stylestrip_paint.versions:
        return None
    version = shown_version(painted[0])
    if version.has_no_settings:
        return None
    changed = changes(strip, version.settings, version.beside)
    sentences = [f"Changed since it was painted: {listed(changed)}."] if changed else []
    if not is_paint(painted[0]):
        return " ".join([*sentences, *why_not_within(scene, strip)])
    if missing := unpainted_frames(scene, strip, painted):
        sentences.append(f"{missing} of its frames {'is' if missing == 1 else 'are'} not painted yet.")
    return " ".join(sentences)


def why_not_within(scene: Scene, strip: Strip) -> list[str]:
    """What is wrong with the paint in a strip's modifier, as sentences."""
    if shown_version(strip).pace != pace_of(strip, scene):
        return ["The strip runs otherwise than when it was painted."]
    return list(filter(None, [unpainted(strip)]))


def listed(names: list[str]) -> str:
    """Names in a row; of many the first."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def unpainted_frames(scene: Scene, strip: Strip, painted: list[Strip]) -> int:
    """How many of the frames that a strip shows are in none of the painted strips above it."""
    shown = set(shown_frames(scene, strip))
    there = set().union(*(frames_in(shown_version(one).frames) for one in painted if is_paint(one)))
    if way_into(strip, scene).is_render:
        # What is rendered is counted from wherever the strip began then.
        return max(0, len(shown) - len(there))
    return len(shown - there)


@lru_cache(maxsize=64)
def frames_in(text: str) -> frozenset[int]:
    """The frames in a version's own text."""
    return frozenset(json.loads(text))


def is_under_way(scene: Scene, strip: Strip) -> bool:
    """Whether a strip is being painted, or waits for it."""
    return any(isinstance(one, Painting) and not one.is_over and one.is_of(scene, strip) for one in jobs.queue)


def draw_state(layout: UILayout, context: Context, strip: Strip, why: str | None) -> None:
    """Whether Update would paint anything; `why` as `why_out_of_date` says."""
    scene = sequencer_scene(context)
    if why is None or is_under_way(scene, strip):
        return
    # Whether a render of the strip would be another one is not told without a look at all that it is made of.
    well = PAINTED_AS_SET if way_into(strip, scene).is_render else "The paint is up to date."
    draw_sentence(layout, context, why or well, "ERROR" if why else "CHECKMARK")
