"""Settings of a strip with keys: their curves, frame by frame of the source, and the keys themselves.

Blender finds no path from a setting of a strip to its scene by itself, but heeds keys that are put at that path.
"""

from bpy.types import FCurve, Scene, Strip

from ...style_core.job import UserError
from .footage import Footage
from .keys import curves_of, place_of

# Blender keeps single precision; more digits than these are none that anybody has set.
DIGITS = 6


def path_of(strip: Strip, name: str) -> str:
    """The data path of a setting of a strip, as seen from its scene."""
    return f"{place_of(strip)}stylestrip.{name}"


def curve_of(scene: Scene, strip: Strip, name: str) -> FCurve | None:
    """The F-curve with the keys of a setting; None if it has none, or is switched off."""
    own, path = scene.animation_data, path_of(strip, name)
    found = [curve for curve in curves_of(own) if curve.data_path == path] if own else []
    return next((curve for curve in found if not curve.mute and len(curve.keyframe_points)), None)


def values_through(scene: Scene, strip: Strip, name: str, footage: Footage) -> tuple[float, ...]:
    """The values of a setting with keys, from the first painted frame of the source to the last; none without keys.

    A frame that is seen several times is painted once, with the value at its first time; one in between that is not
    seen, with that of the one before.

    Args:
        scene: the scene of the strip.
        strip: whose setting it is.
        name: of the setting.
        footage: what of the strip is painted.

    Raises:
        UserError: a driver moves the setting.
    """
    own, path = scene.animation_data, path_of(strip, name)
    if own and any(driver.data_path == path for driver in own.drivers):
        raise UserError(f"A driver moves '{name}' of '{strip.name}': use keys instead, or remove the driver.")
    curve = curve_of(scene, strip, name)
    if curve is None:
        return ()
    times: dict[int, int] = {}
    for place, number in enumerate(footage.frames):
        times.setdefault(number, footage.left + place)
    known = strip.stylestrip.bl_rna.properties[name]
    values = [curve.evaluate(times[min(times)])]
    for number in range(footage.source.first, max(times) + 1):
        values.append(curve.evaluate(times[number]) if number in times else values[-1])
    # A smooth curve swings beyond its keys; Blender shows no more than the bounds, either.
    bounded = (min(max(value, known.hard_min), known.hard_max) for value in values[1:])
    return tuple(float(f"{value:.{DIGITS}g}") for value in bounded)


def has_key(scene: Scene, strip: Strip, name: str, frame: int) -> bool:
    """Whether a setting has a key at a frame of the timeline."""
    curve = curve_of(scene, strip, name)
    return curve is not None and any(round(key.co[0]) == frame for key in curve.keyframe_points)


def set_key(scene: Scene, strip: Strip, name: str, frame: int) -> None:
    """Keeps the value that a setting has now for a frame of the timeline."""
    scene.keyframe_insert(path_of(strip, name), frame=frame)


def remove_key(scene: Scene, strip: Strip, name: str, frame: int) -> None:
    """Takes the key of a setting at a frame of the timeline away."""
    scene.keyframe_delete(path_of(strip, name), frame=frame)
