"""What lies on the disk on account of this Blender: how much, what the open file needs of it, and what may go."""

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

import bpy

from ..style_core.job import Job, UserError
from ..style_core.kept import (
    PAINTED,
    PROOF,
    Kept,
    contents,
    not_used_since,
    over_the_limit,
    remove,
    total,
    user_cache_folder,
)
from . import jobs, unfinished
from .later import leftovers, painter
from .paint_removal import folders_in
from .preferences import user_folder
from .runtime import folders
from .runtime.sizes import in_megabytes

MEASURED_SECONDS = 10.0  # for which sizes are believed
# What was used lately may be another Blender's, which shares the folder: it does not go by itself.
LATELY_SECONDS = 3600.0
# Kinds of folders whose names the painter alone knows, from what is in the source: who goes on may need any of them.
UNTOLD = ("mattes", "motion")

measured: "Sizes | None" = None
removed_last = ""
"""What the limit has removed last, a sentence."""


# What there is


class Places(NamedTuple):
    """Where this Blender's things lie."""

    cache: Path
    """Painted frames of the open file, and what belongs to them."""
    unsaved: Path
    """Those of files that were never saved."""
    painter: tuple[Path, ...]
    """What Install has made and downloaded."""
    networks: Path
    """What was downloaded for settings that need more than comes along."""
    is_installing: bool
    """Whether sizes change just now: those from before, or of the midst, say nothing then."""

    @property
    def caches(self) -> list[Path]:
        """Both, or the one that both are."""
        return list(dict.fromkeys([self.cache, self.unsaved]))


def places() -> Places:
    """Of the file that is open now."""
    user = user_folder()
    made = tuple(user / name for name in (folders.RUNTIMES, folders.OLD_FOLDER, folders.WHEELS))
    is_installing = painter.is_loaded and painter.is_busy()
    return Places(jobs.cache_folder(), user / "cache", made, user_cache_folder() / "weights", is_installing)


class Sizes:
    """Bytes in places, summed up in a thread: a film has thousands of files."""

    def __init__(self, where: Places) -> None:
        self.where, self.done = where, False
        self.began = time.monotonic()
        self.painter = self.networks = self.cache = self.unsaved = 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        """Sums up."""
        self.painter = sum(map(folders.size_of, self.where.painter))
        self.networks = folders.size_of(self.where.networks)
        self.unsaved = total(contents(self.where.unsaved))
        self.cache = self.unsaved if self.where.cache == self.where.unsaved else total(contents(self.where.cache))
        self.done = True

    @property
    def is_old(self) -> bool:
        """Whether it may have changed since."""
        return self.done and time.monotonic() - self.began > MEASURED_SECONDS


def sizes() -> Sizes:
    """The sizes as they were found last; looked at again when they are old."""
    global measured
    where = places()
    if measured is None or measured.where != where or measured.is_old:
        before = measured if measured and measured.where == where else None
        measured = Sizes(where)
        if before:  # shown until the new ones are known
            measured.painter, measured.networks = before.painter, before.networks
            measured.cache, measured.unsaved = before.cache, before.unsaved
    return measured


def forget_sizes() -> None:
    """Has them looked at again: something was removed."""
    global measured
    measured = None


# What is needed


class Needed:
    """What the open file shows, and what its queue needs. In the main thread; it may be asked in any.

    No source is read for it, which can take minutes: of painted frames it is noted of which source they are.

    Args:
        left: what is to be gone on with.
    """

    def __init__(self, left: Sequence[Job] = ()) -> None:
        self.shown = {folder.resolve() for folder in shown_folders()}
        self.shown |= {Path(path).resolve() for job in left for path in job.inputs}
        self.sources = {job.source.path for job in left}

    def __call__(self, kept: Kept) -> bool:
        """Whether a folder of the cache is needed."""
        if self.sources and (kept.kind in UNTOLD or (kept.kind == PAINTED and source_of(kept) in self.sources)):
            return True
        folder = kept.folder.resolve()
        # A film of several passes has folders in its own.
        return any(one == folder or folder in one.parents for one in self.shown)


@cache  # the dialog asks with every draw
def source_of(kept: Kept) -> str | None:
    """The source whose painted frames are in a folder, a path; None if that cannot be told."""
    try:
        path = json.loads((kept.folder / PROOF[PAINTED]).read_text(encoding="utf-8"))["source"]["path"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return path if isinstance(path, str) else None


def needed() -> Needed:
    """What must stay now."""
    tried = filter(None, map(leftovers.of, jobs.queue))  # what has failed may be tried again
    return Needed([one.job for one in (*unfinished.left, *tried)])


def shown_folders() -> Iterator[Path]:
    """The folders that something of the open file is read from: strips, regions, nodes and images."""
    for scene in bpy.data.scenes:
        for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
            yield from folders_of_strip(strip)
    for tree in bpy.data.node_groups:
        own = getattr(tree, "stylestrip_node", None)
        if own and own.folder:
            yield absolute(own.folder, tree)
        if own and own.place:
            yield jobs.cache_folder() / f"node-live-{own.place}"
    for image in bpy.data.images:
        if image.filepath:
            yield absolute(image.filepath, image).parent


def folders_of_strip(strip: bpy.types.Strip) -> Iterator[Path]:
    """What a strip shows, what its shown version is composed of, and the mattes of its regions."""
    if strip.type == "IMAGE":
        yield absolute(strip.directory, strip.id_data)
    own = strip.stylestrip_paint
    if own.versions:
        yield from folders_in(strip, own.versions[own.shown])
    for region in strip.stylestrip.regions:
        yield from (absolute(path, strip.id_data) for path in (region.followed, region.seen) if path)


def absolute(path: str, owner: bpy.types.ID) -> Path:
    """A path of the open file as the system knows it."""
    return Path(bpy.path.abspath(path, library=owner.library))


# What goes


def found() -> list[Kept]:
    """What is kept of earlier work for this file, and of files that were never saved."""
    return [kept for root in places().caches for kept in contents(root)]


def may_go(days: float) -> list[Kept]:
    """What the open file does not need and nobody has used for so many days. Raises UserError while painting."""
    require_rest()
    return not_used_since(found(), time.time() - days * 24 * 3600.0, needed())


def clean_up(days: float) -> list[Kept]:
    """Removes that; what is gone. Raises UserError if something cannot be removed."""
    going = may_go(days)
    try:
        for kept in going:
            remove(kept)
    finally:
        forget_sizes()
    return going


def remove_folder(folder: Path) -> None:
    """Removes a folder of ours that may not be there; raises UserError if that cannot be done."""
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise UserError(
            f"'{error.filename or folder}' cannot be removed ({error.strerror}): end other Blenders that paint, and "
            "try again."
        ) from error
    finally:
        forget_sizes()


def remove_kept(root: Path) -> None:
    """Removes all that a cache folder has, and the folder if nothing of others is in it; raises UserError."""
    for kept in contents(root):
        remove(kept)
    for folder in (root / "mattes", root):
        with suppress(OSError):  # what a person has cut out stays, and so does the folder
            folder.rmdir()
    forget_sizes()


def require_rest() -> None:
    """Raises UserError while something is being done."""
    if jobs.is_at_work():
        raise UserError(jobs.BUSY)


# The limit


def keep_the_limit(most: int) -> None:
    """Lets the oldest go of what is more than so many bytes; in a thread."""
    threading.Thread(target=shrink, args=(places().caches, most, needed())).start()


def shrink(caches: list[Path], most: int, is_needed: Needed) -> list[Kept]:
    """Removes what is longest unused until the rest takes `most` bytes; what went."""
    global removed_last
    there = [kept for root in caches for kept in contents(root)]
    going = over_the_limit(there, most, time.time() - LATELY_SECONDS, is_needed)
    gone = []
    for kept in going:
        # What somebody has begun to use meanwhile stays, as does what cannot be removed.
        with suppress(UserError, OSError):
            if Kept.of(kept.kind, kept.folder).used == kept.used:
                remove(kept)
                gone.append(kept)
    if gone:
        removed_last = f"Over the limit: {in_megabytes(total(gone))} that were longest unused have been removed."
        forget_sizes()
    return gone


def note_use() -> None:
    """What the open file shows is in use: it is not among the oldest."""
    for folder in shown_folders():
        if any(folder.is_relative_to(root) for root in places().caches):
            with suppress(OSError):  # gone, or on a disk that is only read
                os.utime(folder)
