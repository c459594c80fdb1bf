"""Painted frames on the disk that are no longer wanted."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import bpy
from bpy.types import Strip

from ..style_core.job import Job, UserError
from .host.counterparts import is_paint
from .host.strips import absolute
from .paint import StylestripVersion

# How folders with painted frames are called, and what is in each of them: nothing else is ever deleted.
NAME, DESCRIPTION = re.compile(r"[0-9a-f]{32}"), "job.json"
MEGABYTE = 1e6


def folders_of(painted: Strip, only_old: bool) -> list[Path]:
    """The folders with the frames of a painted strip's versions, or of those alone that it does not show.

    What another version or strip of this file shows is not among them.
    """
    own = painted.stylestrip_paint
    wanted = [one for index, one in enumerate(own.versions) if not only_old or index != own.shown]
    keys = {one.folder for one in wanted}
    kept = {folder for one, other in all_versions() if not (is_same(one, painted) and other.folder in keys)
            for folder in folders_in(one, other)}  # fmt: skip
    found = {folder: None for one in wanted for folder in folders_in(painted, one)}
    return [folder for folder in found if folder not in kept and is_ours(folder)]


def is_same(strip: Strip, painted: Strip) -> bool:
    """Whether a strip is this painted strip or a piece of it."""
    own, other = strip.stylestrip_paint, painted.stylestrip_paint
    return bool(own.source) and own.source == other.source and strip.channel == painted.channel


def all_versions() -> Iterator[tuple[Strip, StylestripVersion]]:
    """All versions of all painted strips in this file."""
    for scene in bpy.data.scenes:
        for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
            if is_paint(strip):
                yield from ((strip, one) for one in strip.stylestrip_paint.versions)


def folders_in(strip: Strip, version: StylestripVersion) -> list[Path]:
    """The folder with a version's frames, and those with the paint of each of its regions."""
    folder = Path(absolute(version.folder, strip.id_data))
    try:
        layers = [layer.fingerprint() for layer in Job.from_json(version.job).layers]
    except (UserError, OSError):  # its source is gone, by which they are called
        layers = []
    return list(dict.fromkeys([folder, *(folder.parent / name for name in layers)]))


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
