"""What a painted strip takes over from its source, so that it looks like it in everything but the paint."""

import math
from functools import reduce
from typing import Any

from bpy.types import Scene, Strip, StripModifier

from ..later import projections
from . import versions
from .keys import keyed
from .screen import shown
from .ways_in import BLENDING, COLOURS, WayIn, changes_of, masks_of, shown_by

FLIPS = ("use_flip_x", "use_flip_y")
SAME_PLACE = ("offset_x", "offset_y", "rotation", "origin", "filter")
SCALES, CROPS = ("transform.scale_x", "transform.scale_y"), ("min_x", "max_x", "min_y", "max_y")
# Blender keeps single precision.
DIGITS = 5

# The values of a strip's properties by their paths, such as "transform.scale_x".
Likeness = dict[str, Any]


def likeness(scene: Scene, strip: Strip, painted_size: tuple[int, int], way: WayIn) -> Likeness:
    """The blending of a strip and, unless they are in its frames, its place, crop and colours, for its painted twin.

    Blender counts scale and crop in the strip's own pixels, and painted frames may have fewer of them.
    """
    size = projections.frame_size(scene) if way.covers_frame else projections.size_of(strip, scene)
    larger = size[0] / painted_size[0], size[1] / painted_size[1]
    values: Likeness = dict(zip(SCALES, larger, strict=True))
    values |= {name: getattr(shown_by(strip, scene), name) for name in BLENDING}
    if not way.is_render:
        values |= {name: getattr(strip, name) for name in COLOURS}
    return values if way.covers_frame else values | place_of(strip, larger)


def place_of(strip: Strip, larger: tuple[float, float]) -> Likeness:
    """The place, crop and flips of a strip, for a twin whose pictures are so many times smaller."""
    values: Likeness = {name: getattr(strip, name) for name in FLIPS}
    place = {f"transform.{name}": getattr(strip.transform, name) for name in SAME_PLACE}
    values |= {name: list(value) if name.endswith("origin") else value for name, value in place.items()}
    scales = zip(SCALES, larger, (strip.transform.scale_x, strip.transform.scale_y), strict=True)
    values |= {name: times * own for name, times, own in scales}
    return values | {f"crop.{side}": round(getattr(strip.crop, side) / larger[side.endswith("y")]) for side in CROPS}


def give(painted: Strip, values: Likeness) -> None:
    """Sets all values."""
    for path, value in values.items():
        owner, name = owner_of(painted, path)
        setattr(owner, name, value)


def give_again(painted: Strip, before: Likeness, values: Likeness) -> None:
    """Sets the values that are still as they were given `before`: what a person has changed since then stays.

    Scales and crops that were changed are kept as seen, whatever the new frames' size.
    """
    for path, value in values.items():
        owner, name = owner_of(painted, path)
        now, given = getattr(owner, name), before.get(path)
        if given is None or is_same(now, given):
            setattr(owner, name, value)
        elif path in SCALES and given:
            setattr(owner, name, now * value / given)
        elif path.startswith("crop."):
            scale = SCALES[path.endswith("y")]
            setattr(owner, name, round(now * before[scale] / values[scale]))


def is_same(now: Any, given: Any) -> bool:
    """Whether a property still has a value that it was given."""
    if isinstance(given, list):
        return all(map(is_same, now, given))
    return math.isclose(now, given, rel_tol=10**-DIGITS, abs_tol=10**-DIGITS) if type(given) is float else now == given


def owner_of(strip: Strip, path: str) -> tuple[Any, str]:
    """What has the property of a path, and the property's name."""
    *owners, name = path.split(".")
    return reduce(getattr, owners, strip), name


def copy_masks(painted: Strip, scene: Scene, strip: Strip, way: WayIn) -> None:
    """Gives a painted strip the mask modifiers of its source, unless they are in its frames."""
    if way.covers_frame:
        return
    with shown(scene):
        for own in filter(lambda one: is_kept(one, strip), masks_of(strip)):
            copy = painted.modifiers.new(own.name, own.type)
            for name in ("input_mask_type", "mask_time", "input_mask_id", "input_mask_strip"):
                setattr(copy, name, getattr(own, name))


def is_kept(mask: StripModifier, strip: Strip) -> bool:
    """Whether a mask modifier does the same to the painted strip, whose content begins at its left handle."""
    starts = versions.content_span(strip)[0] == versions.handles(strip)[0]
    return mask.input_mask_type == "STRIP" or mask.mask_time == "ABSOLUTE" or starts


def left_behind(scene: Scene, strip: Strip, way: WayIn) -> list[str]:
    """What of a strip its painted twin does not get, in words."""
    if way.within:
        return []
    keys = keyed(scene, strip)
    if way.is_render:
        keys = [name for name in keys if name.startswith(BLENDING)]
    lost = [] if way.covers_frame else [one for one in masks_of(strip) if not is_kept(one, strip)]
    lost += [] if way.is_render else changes_of(strip)
    return ["keys"] * bool(keys) + ["modifiers"] * bool(lost)
