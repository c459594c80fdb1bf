"""What decides how a strip is drawn, as a digest: by that a render of it is known again."""

import hashlib
import json
import uuid
import warnings
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path
from typing import Any

import bpy
from bpy.types import ID, ColorManagedInputColorspaceSettings, Scene, Strip, StripModifier, VectorFont

from .keys import OURS, curves_of
from .made_of import made_of
from .own_modifier import is_paint_modifier, paint_modifier
from .strips import absolute, files_of
from .ways_in import FILES, WayIn

# What changes nothing in a picture, or is told by other means.
SKIPPED = {
    "rna_type", "name", "select", "select_left_handle", "select_right_handle", "lock", "color_tag", "channels",
    "show_retiming_keys", "show_expanded", "show_preview", "is_active", "stylestrip", "stylestrip_paint",
    "proxy", "strips", "connections",
    "orig_width", "orig_height", "orig_fps", "filepath", "directory", "sound", "textbox_state", "effect_fader",
}  # fmt: skip
OF_SCENE = ("resolution_x", "resolution_y", "pixel_aspect_x", "pixel_aspect_y", "fps", "fps_base")
OF_KEYS = ("co", "handle_left", "handle_right", "interpolation", "easing", "amplitude", "back", "period")


class Unknown(Exception):  # noqa: N818 - it is no error
    """Something counts that cannot be told."""


def state_of(strip: Strip, scene: Scene, way: WayIn) -> str:
    """16 hexadecimal digits that change whenever the frames of a strip's render may; always where that is not known."""
    try:
        # Blender 5.2 warns of its own old names.
        with warnings.catch_warnings(action="ignore"):
            parts = everything(strip, scene, way, own.name if way.within and (own := paint_modifier(strip)) else "")
    except Unknown:
        parts = uuid.uuid4().hex
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def everything(strip: Strip, scene: Scene, way: WayIn, before: str = "") -> list[Any]:
    """All that decides how a strip is drawn, or how it was `before` one of its modifiers; raises Unknown."""
    strips = made_of(strip, scene)
    return [
        bpy.app.version_string,
        strip.name,
        way.covers_frame,
        way.within,
        [getattr(scene.render, name) for name in OF_SCENE],
        scene.sequencer_colorspace_settings.name,
        keys_of(scene),
        # What lies in a meta is switched off by itself; effects take muted strips as well.
        [
            (one.name, one.parent_meta() in strips and one.mute, values_of(one, own), files(one, scene))
            for one, own in ((one, before if one == strip else "") for one in strips)
        ],
    ]


def keys_of(scene: Scene) -> list[Any]:
    """The keys of all strips."""
    own = scene.animation_data
    if own is None:
        return []
    if len(own.drivers) or len(own.nla_tracks):
        raise Unknown
    return [
        [curve.data_path, curve.array_index, curve.extrapolation, len(curve.modifiers) and uuid.uuid4().hex]
        + [[plain(getattr(key, name)) for name in OF_KEYS] for key in curve.keyframe_points]
        for curve in curves_of(own)
        if f'"].{OURS}' not in curve.data_path  # how it is painted changes nothing of what is rendered
    ]


def values_of(struct: bpy.types.bpy_struct, before: str = "") -> dict[str, Any]:
    """Everything that is set in a part of Blender's data, with what that holds; of modifiers, those before one."""
    values = {}
    for known in struct.bl_rna.properties:
        name = known.identifier
        # All else has a name for people alone; a colour space is nothing but one.
        is_colours = isinstance(struct, ColorManagedInputColorspaceSettings) and name == "name"
        if (name in SKIPPED and not is_colours) or (isinstance(struct, Strip) and name == "mute"):
            continue
        value = getattr(struct, name)
        if known.type == "COLLECTION":
            values[name] = [values_of(one) for one in (counted(value, before) if name == "modifiers" else value)]
        elif known.type == "POINTER":
            values[name] = value and pointed(value)
        else:
            values[name] = plain(value)
    return values


def counted(modifiers: Iterable[StripModifier], before: str) -> list[StripModifier]:
    """The modifiers that count: those before one if it is named, else all but a strip's own paint."""
    if before:
        return list(takewhile(lambda one: one.name != before, modifiers))
    return [one for one in modifiers if not is_paint_modifier(one)]


def pointed(value: bpy.types.bpy_struct) -> Any:
    """What a pointer leads to; raises Unknown where that is beyond strips."""
    if isinstance(value, Strip):
        return value.name
    if isinstance(value, VectorFont):
        return [value.name, value.filepath]
    if isinstance(value, ID):
        raise Unknown
    return values_of(value)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    return sorted(value) if isinstance(value, set) else list(value)


def files(strip: Strip, scene: Scene) -> list[Any]:
    """The files of a strip, as they are now; raises Unknown where it has others."""
    if strip.type in ("SCENE", "MOVIECLIP", "MASK"):
        raise Unknown
    if strip.type not in FILES:
        return []
    path, names = files_of(strip, scene)
    found = [path / name for name in names] if len(names) > 1 else [path]
    return [absolute(str(path), scene), [stamp(file) for file in found]]


def stamp(file: Path) -> list[Any]:
    """By what a file is known again."""
    known = file.stat()
    return [file.name, known.st_size, known.st_mtime_ns]
