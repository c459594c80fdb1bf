"""What a strip's painting will be: how large, how many frames, and how long that takes on this machine."""

from bpy.types import Scene, Strip, UILayout

from ..host.painted_size import painted_size, source_size
from ..regions.shown_frames import shown_frames
from ..speed import seconds_for
from ..task import duration
from .paint_state import is_under_way

LABELS = 0.4  # of the panel's width, as Blender's own labels take
SOON = 10.0  # seconds, below which nobody needs a number


def outlook(scene: Scene, strip: Strip, is_done: bool = False) -> str:
    """The result's size, and how long it takes; or how many frames there are, where that is not known yet or all
    `is_done`."""
    own, size = strip.stylestrip, source_size(scene, strip)
    if not all(size):
        return ""
    painted = painted_size(size, own.size)
    regions = [one for one in own.regions if one.enabled]
    # Where not all is painted, the rest is as fine as it was.
    words = "{} x {} px".format(*(size if regions else painted))
    frames = len(set(shown_frames(scene, strip)))
    layers = len([one for one in regions if one.paint != "KEEP"]) + (own.rest or not regions)
    seconds = seconds_for(own, painted[0] * painted[1], frames, max(1, layers))
    if seconds is None or is_done:
        return f"{words}, {frames} frame{'s' * (frames != 1)}" if frames else words
    return f"{words}, " + ("some seconds" if seconds < SOON else f"about {duration(seconds)}")


def draw_outlook(layout: UILayout, scene: Scene, strip: Strip, why: str | None) -> None:
    """A line below the settings that decide it, always as high; `why` as `why_out_of_date` says."""
    split = layout.split(factor=LABELS)
    split.label(text="")
    split.label(text=outlook(scene, strip, is_done=why == "" or is_under_way(scene, strip)))
