"""Folders for what is being made, in the cache: gone once it is made, and a day later if a Blender was killed."""

import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ...style_core.job import UserError
from ..later import kept

LEFT_SECONDS = 24 * 3600.0  # in which at least a frame is rendered, or a matte drawn


def fresh(doing: str, folder: Path) -> Path:
    """Makes such a folder inside another one, which exists; raises OSError if it cannot be made.

    Args:
        doing: a word of those that `kept.KINDS` knows it by.
        folder: the cache, or one in it.
    """
    place = folder / f"{doing}-{uuid.uuid4().hex[:16]}"
    place.mkdir(0o700)  # a copy of the whole file may lie in it
    return place


@contextmanager
def folder_for(doing: str, folder: Path) -> Iterator[Path]:
    """The same, gone afterwards."""
    place = fresh(doing, folder)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def tidy(folder: Path) -> None:
    """Removes what Blenders that were killed have left half done in a folder."""
    for left in kept.contents(folder, [kept.HALF_DONE]):
        if time.time() - left.used > LEFT_SECONDS:
            with suppress(UserError):  # it goes another time
                kept.remove(left)
