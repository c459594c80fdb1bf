"""Paths beside the .blend file, when it is saved elsewhere: Blender keeps its own right, and we keep ours."""

import os
from collections.abc import Iterator
from pathlib import Path

import bpy
from bpy.app.handlers import persistent
from bpy.types import PropertyGroup

from .host import handlers

KINDS = ("FILE_PATH", "DIR_PATH")
# That of the .blend file.
BESIDE = "//"


@persistent
def before_save(target: str, *_: object) -> None:
    """The file is about to be written to `target`, in which paths must hold from there."""
    rebase(bpy.data.filepath, target)


@persistent
def after_save(target: str, *_: object) -> None:
    """It was written, or could not be: if another file is open than `target`, this was a copy, or failed."""
    rebase(target, bpy.data.filepath)


HANDLERS = (("save_pre", before_save), ("save_post", after_save), ("save_post_fail", after_save))


def rebase(before: str, after: str) -> None:
    """Lets all paths that are relative to one .blend file be relative to another one; an empty name is no file."""
    old, new = Path(before).parent, Path(after).parent
    if not before or not after or old == new:
        return
    for settings, name in all_paths():
        path = getattr(settings, name)
        if path.startswith(BESIDE):
            setattr(settings, name, relative(Path(bpy.path.abspath(path, start=str(old))), new))


def relative(path: Path, folder: Path) -> str:
    """A path as seen from a folder."""
    try:
        return BESIDE + os.path.relpath(path, folder)
    except ValueError:  # another drive of Windows
        return str(path)


def all_paths() -> Iterator[tuple[PropertyGroup, str]]:
    """Where paths stand: the settings of all strips and nodes of this file, and the names of their properties."""
    for scene in bpy.data.scenes:
        if scene.sequence_editor and scene.library is None:
            for strip in scene.sequence_editor.strips_all:
                yield from paths_of(strip.stylestrip)
                yield from paths_of(strip.stylestrip_paint)
    for tree in bpy.data.node_groups:
        if tree.bl_idname == "CompositorNodeTree" and tree.library is None:
            yield from paths_of(tree.stylestrip_node)


def paths_of(settings: PropertyGroup) -> Iterator[tuple[PropertyGroup, str]]:
    """The paths in settings, and in settings within them."""
    for known in settings.bl_rna.properties:
        if known.type == "COLLECTION":
            for one in getattr(settings, known.identifier):
                yield from paths_of(one)
        elif known.type == "POINTER" and known.identifier != "rna_type":
            inner = getattr(settings, known.identifier)
            yield from paths_of(inner) if isinstance(inner, PropertyGroup) else ()
        elif known.type == "STRING" and known.subtype in KINDS:
            yield settings, known.identifier


def register() -> None:
    """Watches for saves."""
    handlers.attach_in_program(HANDLERS)


def unregister() -> None:
    """Watches no more."""
    handlers.detach(HANDLERS)
