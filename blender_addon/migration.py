"""Settings of older versions, as a .blend file has them: read once, put where they belong now, and dropped there.

What was only added since has its default. Preferences have lost no name yet, and the painter of 0.1 is found where it
was (`runtime.folders`).
"""

from collections.abc import Callable, Iterator
from typing import Any

import bpy
from bpy.app.handlers import persistent
from bpy.types import PropertyGroup

from .host.versions import kept_values

LATER_SECONDS = 0.5  # after which Blender has a file open that it was started with


def mask_to_region(own: PropertyGroup, old: dict[str, Any]) -> None:
    """Until regions came, a strip had one mask: a file, with feather and invert beside it."""
    if not old["mask"]:
        return
    region = own.regions.add()
    region.name, region.source, region.path = "Mask", "FILE", old["mask"]
    region.feather = old.get("feather", region.feather)
    region.invert = bool(old.get("invert", region.invert))


# Names of settings that a strip has no more; what gives their meaning to those of today, where the first one is there.
STRIP: dict[tuple[str, ...], Callable[[PropertyGroup, dict[str, Any]], None]] = {
    ("mask", "feather", "invert"): mask_to_region,
}


def migrate() -> int:
    """Brings the settings of all strips up to date; how many had some that were out of date."""
    return sum([bring_up_to_date(own) for own in settings_of_strips()])


def settings_of_strips() -> Iterator[PropertyGroup]:
    """The settings of all strips of the open file, and those that are kept with the versions of their paint."""
    for scene in bpy.data.scenes:
        for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
            yield strip.stylestrip
            yield from (version.settings for version in strip.stylestrip_paint.versions)


def bring_up_to_date(own: PropertyGroup) -> bool:
    """Moves what is kept under old names; whether there was any."""
    kept = kept_values(own)
    if kept is None:
        return False
    found = False
    for names, move in STRIP.items():
        old = {name: kept[name] for name in names if name in kept}
        found |= bool(old)
        if names[0] in old:
            move(own, old)
        for name in old:
            del kept[name]
    return found


@persistent
def on_load(*_: object) -> None:
    """Another file is open."""
    migrate()


def later() -> None:
    """The file is open that Blender was started with."""
    migrate()


def register() -> None:
    # The 4.5 module hangs at its end with a handler left, and without a window the command brings it up to date.
    if not bpy.app.background:
        bpy.app.handlers.load_post.append(on_load)
        bpy.app.timers.register(later, first_interval=LATER_SECONDS)


def unregister() -> None:
    if on_load in bpy.app.handlers.load_post:
        bpy.app.handlers.load_post.remove(on_load)
    if bpy.app.timers.is_registered(later):
        bpy.app.timers.unregister(later)
