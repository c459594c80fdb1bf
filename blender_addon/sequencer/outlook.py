"""What a strip's painting will be: how large, how many frames, and how long that takes on this machine."""

from bpy.types import Scene, Strip, UILayout

from .. import jobs
from ..host.painted_size import painted_size, source_size
from ..painted_settings import changes
from ..painting import Painting
from ..regions.shown_frames import shown_frames
from ..speed import PAINTING, seconds_for
from ..task import duration
from .paint_state import is_under_way

LABELS = 0.4  # of the panel's width, as Blender's own labels take
SOON = 10.0  # seconds, below which nobody needs a number


def outlook(scene: Scene, strip: Strip, is_done: bool = False) -> str:
    """The result's size, and how long what is missing of it takes; or how many frames there are, where that is not
    known yet or all `is_done`."""
    own, size = strip.stylestrip, source_size(scene, strip)
    if not all(size):
        return ""
    painted = painted_size(size, own.size)
    regions = [one for one in own.regions if one.enabled]
    # Where not all is painted, the rest is as fine as it was.
    words = "{} x {} px".format(*(size if regions else painted))
    frames = len(set(shown_frames(scene, strip)))
    layers = len([one for one in regions if one.paint != "KEEP"]) + (own.rest or not regions)
    kept = kept_of(scene, strip, frames)
    seconds = seconds_for(own, painted[0] * painted[1], frames, max(1, layers), kept)
    if seconds is None or is_done:
        return f"{words}, {frames} frame{'s' * (frames != 1)}" if frames else words
    return f"{words}, " + ("some seconds" if seconds < SOON else f"about {duration(seconds)}") + " more" * bool(kept)


def kept_of(scene: Scene, strip: Strip, frames: int) -> int:
    """How many frames, of all passes together, are kept of a painting of all the strip's frames that came to no end;
    0 if its settings are others by now."""
    paintings = [one for one in jobs.queue if isinstance(one, Painting) and one.is_of(scene, strip)]
    last = paintings[-1] if paintings else None
    # Before it painted, it counted what was rendered or found.
    if last is None or last.stage != PAINTING or last.total != frames * strip.stylestrip.passes:
        return 0
    sent = strip.stylestrip_paint.sent.get(last.identifier)
    return last.done if sent and not changes(strip, sent.settings, sent.beside) else 0


def draw_outlook(layout: UILayout, scene: Scene, strip: Strip, why: str | None) -> None:
    """A line below the settings that decide it, always as high; `why` as `why_out_of_date` says."""
    split = layout.split(factor=LABELS)
    split.label(text="")
    split.label(text=outlook(scene, strip, is_done=why == "" or is_under_way(scene, strip)))
