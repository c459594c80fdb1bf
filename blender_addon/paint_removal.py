"""Painted frames on the disk that are no longer wanted."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import bpy
from bpy.types import Scene, Strip

from ..style_core.job import UserError
from .host.strips import absolute
from .paint import StylestripVersion, pieces_of

# How folders with painted frames are called, and what is in each of them: nothing else is ever deleted.
NAME, DESCRIPTION = re.compile(r"[0-9a-f]{32}"), "job.json"
# Beside frames that are composed of several layers of paint: the names of those layers' folders, one a line.
LAYERS = "layers.txt"
MEGABYTE = 1e6


def folders_of(scene: Scene, painted: Strip, only_old: bool) -> list[Path]:
    """The folders with the frames of a painted strip's versions, or of those alone that it does not show.

    What another strip of this file has among its versions, in whatever scene, is not among them.
    """
    pieces = pieces_of(scene, painted)
    wanted: dict[Path, None] = {}
    kept: set[Path] = set()
    for strip, version, is_shown in all_versions():
        folders = folders_in(strip, version)
        if strip in pieces and not (only_old and is_shown):
            wanted |= dict.fromkeys(folders)
        else:
            kept |= set(folders)
    return [folder for folder in wanted if folder not in kept and is_ours(folder)]


def all_versions() -> Iterator[tuple[Strip, StylestripVersion, bool]]:
    """All versions of all paint of this file's strips, and whether each is shown."""
    for scene in bpy.data.scenes:
        for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
            own = strip.stylestrip_paint
            for index, version in enumerate(own.versions):
                yield strip, version, index == own.shown


def folders_in(strip: Strip, version: StylestripVersion) -> list[Path]:
    """The folder with a version's frames, and those with the paint of each of its regions."""
    folder = Path(absolute(version.folder, strip.id_data))
    try:
        layers = (folder / LAYERS).read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        layers = []
    return list(dict.fromkeys([folder, *(folder.parent / name for name in layers if NAME.fullmatch(name))]))


def is_ours(folder: Path) -> bool:
    """Whether a folder holds painted frames."""
    is_named = NAME.fullmatch(folder.name) is not None
    return is_named and not folder.is_symlink() and (folder / DESCRIPTION).is_file()


def megabytes(folders: list[Path]) -> float:
    """How much is in folders."""
    return sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file()) / MEGABYTE


def remove_folders(folders: list[Path]) -> None:
    """Removes folders; raises UserError if one cannot be."""
    for folder in folders:
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise UserError(
                f"'{folder}' cannot be removed ({error.strerror}): end what uses it, and try again."
            ) from error
