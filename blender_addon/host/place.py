"""Which of a strip and its paint stands where: above each other, or the paint in the strip's own place."""

from bpy.types import Scene, Strip

from . import versions
from .made_of import inputs_of
from .painted import free_channel, siblings
from .ways_in import speed_effects_of


def take_place(painted: Strip, scene: Scene, strip: Strip) -> None:
    """Puts a painted strip on its source's channel, and the source above it; effects of the source act on the paint.

    Raises UserError if there is no free channel.
    """
    own, above = strip.channel, painted.channel
    # Where two strips would meet, Blender moves one of them elsewhere.
    strip.channel = free_channel(siblings(scene, strip), above, *versions.handles(strip))
    painted.channel, strip.channel = own, above
    hand_over(scene, strip, painted)


def put_above(painted: Strip, scene: Scene, strip: Strip) -> None:
    """Puts a painted strip that stands in its source's place above it again; effects act on the source as before.

    Raises UserError if there is no free channel.
    """
    own, above = painted.channel, strip.channel
    painted.channel = free_channel(siblings(scene, strip), above, *versions.handles(painted))
    strip.channel, painted.channel = own, above
    hand_over(scene, painted, strip)


def hand_over(scene: Scene, old: Strip, new: Strip) -> None:
    """Lets the effects that act on one strip act on another, but for those that the other's paint shows."""
    kept = speed_effects_of(old, scene)
    for effect in siblings(scene, old):
        if effect in kept or old not in inputs_of(effect):
            continue
        for number in range(1, effect.input_count + 1):
            if getattr(effect, f"input_{number}") == old:
                setattr(effect, f"input_{number}", new)
