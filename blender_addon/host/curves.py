"""Settings of a strip with keys: their curves, frame by frame of the source, and the keys themselves.

Blender finds no path from a setting of a strip to its scene by itself, but heeds keys that are put at that path.
"""

from bpy.types import FCurve, Scene, Strip

from .keys import curves_of, place_of


def path_of(strip: Strip, name: str) -> str:
    """The data path of a setting of a strip, as seen from its scene."""
    return f"{place_of(strip)}stylestrip.{name}"


def curve_of(scene: Scene, strip: Strip, name: str) -> FCurve | None:
    """The F-curve with the keys of a setting; None if it has none, or is switched off."""
    own, path = scene.animation_data, path_of(strip, name)
    found = [curve for curve in curves_of(own) if curve.data_path == path] if own else []
    return next((curve for curve in found if not curve.mute and len(curve.keyframe_points)), None)


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
