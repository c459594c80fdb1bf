"""Strips of very many pictures, which grow bit by bit while the window is drawn.

To add a picture takes Blender the longer the more there are: the last of ten thousand a millisecond, and all of them
some seconds. What grows is muted and carries a mark, by which it is found again after each bit: a person may undo,
delete or load meanwhile. What carries a mark that nobody goes on with, since it came back with an undo or was saved in
a file, is removed.
"""

import time
from collections.abc import Iterator

import bpy
from bpy.app.handlers import persistent
from bpy.types import Strip

from . import handlers, versions

# The name under which a strip that grows keeps its mark.
KEY = "stylestrip_growing"
SLICE_SECONDS = 0.005  # for which pictures are added in one go

alive: set[str] = set()
"""The marks of what is still to be taken."""


def plant(strip: Strip, files: list[str], mark: str) -> Iterator[None]:
    """Lets a strip that was just made of the first of some pictures grow: muted, until it is taken by its mark."""
    alive.add(mark)
    strip[KEY], strip.mute, strip.select = mark, True, False
    return grow(strip.id_data.name, strip.name, files, mark)


def grow(scene: str, name: str, files: list[str], mark: str = "") -> Iterator[None]:
    """Gives a strip of pictures as many as there are files; its ends stay where they are. Ends where it is gone.

    Args:
        scene: the name of its scene.
        name: that of the strip.
        files: the names of all pictures.
        mark: what it carries.
    """
    while (strip := strip_of(scene, name)) and strip.get(KEY, "") == mark and len(strip.elements) < len(files):
        began, right = time.monotonic(), versions.handles(strip)[1]
        for file in files[len(strip.elements) :]:
            strip.elements.append(file)
            if time.monotonic() - began > SLICE_SECONDS:
                break
        versions.set_right_handle(strip, right)
        yield


def strip_of(scene: str, name: str) -> Strip | None:
    """A strip by its name; None if it is gone."""
    own = bpy.data.scenes.get(scene)
    return own.sequence_editor.strips_all.get(name) if own and own.sequence_editor else None


def taken(strips: "bpy.types.StripsTopLevel | bpy.types.StripsMeta", mark: str) -> Strip | None:
    """The strip that has grown under a mark, without it and seen again; None if there is none, or it is gone."""
    strip = next((one for one in strips if mark and one.get(KEY) == mark), None)
    alive.discard(mark)
    if strip is not None:
        del strip[KEY]
        strip.mute = False
    return strip


def uproot(marks: set[str]) -> None:
    """Removes what carries one of these marks and was not taken."""
    alive.difference_update(marks)
    remove_strays()


@persistent
def remove_strays(*_: object) -> None:
    """Removes every strip with a mark that nobody goes on with."""
    for scene in bpy.data.scenes:
        for strip in list(scene.sequence_editor.strips_all) if scene.sequence_editor else ():
            if strip.get(KEY, "") not in ("", *alive):
                meta = strip.parent_meta()
                (meta or scene.sequence_editor).strips.remove(strip)


HANDLERS = tuple((name, remove_strays) for name in ("undo_post", "redo_post", "load_post"))


def register() -> None:
    """Watches for what comes back. Not without a window, where nothing grows."""
    if not bpy.app.background:
        handlers.attach(HANDLERS)


def unregister() -> None:
    """Watches no more."""
    handlers.detach(HANDLERS)
