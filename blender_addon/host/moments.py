"""When the frames of a strip's source are seen."""

from bpy.types import Scene, Strip

from ...style_core.job import UserError
from . import versions
from .strips import frames_of
from .ways_in import shown_by

# For each frame of the source that is painted, when it is seen.
Moments = dict[int, list[int]]
# A frame that is seen so many times is not held: films of another frame rate have such. What is moving meanwhile is
# taken as it was at first.
NOT_HELD = 2


def all_moments_of(strip: Strip, scene: Scene) -> Moments:
    """For every frame of the source that is painted, all frames of the timeline that show it, or what is before it; the
    first alone where it is not held.

    Raises UserError if the strip cannot be painted, or lies before frame 0, where Blender cannot render.
    """
    frames = frames_of(strip, scene)
    left, _ = versions.handles(shown_by(strip, scene))
    shown: Moments = {}
    for moment, number in enumerate(frames, left):
        if moment >= 0:
            shown.setdefault(number, []).append(moment)
    if not shown:
        raise UserError(f"Strip '{strip.name}' lies before frame 0, where Blender cannot render: move it to the right.")
    latest, moments = shown[min(shown)], {}
    for number in range(min(frames), max(frames) + 1):
        latest = moments[number] = shown.get(number, latest)
    return {number: times if len(times) > NOT_HELD else times[:1] for number, times in moments.items()}


def moments_of(strip: Strip, scene: Scene) -> dict[int, int]:
    """The first of those frames of the timeline; raises UserError as `all_moments_of` does."""
    return {number: moments[0] for number, moments in all_moments_of(strip, scene).items()}


def times_of(moments: Moments) -> list[int]:
    """All frames of the timeline at which any of these frames of the source is seen, in order."""
    return sorted({moment for shown in moments.values() for moment in shown})
