"""Mattes of what the painter finds by itself: made once, and kept for every job of the same clip."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from ..identity import identity
from ..job import Source, digest
from ..media.clip import Clip
from ..media.frame import Frame
from ..media.pictures import write_picture
from .smoothing import steadied

# Raise it when other mattes are found in the same frames.
FINDER_VERSION = 1
FOLDER = "mattes"


def found_mattes(
    kind: str, source: Source, clip: Clip, numbers: range, root: Path, tell: Callable[[int], None]
) -> Path:
    """The folder with the mattes of all people or faces in a clip, one PNG for each frame, named by the frame.

    Args:
        kind: "people" or "faces".
        source, clip: where they are looked for.
        numbers: of the frames.
        root: the cache.
        tell: told of every frame before it is looked at; an exception that it raises stops the work.

    Raises:
        UserError: the networks are missing, or a frame cannot be read or a matte written.
    """
    # A matte is steadied by those beside it: where the clip begins and ends decides how it looks.
    made_from = [FINDER_VERSION, kind, identity(Path(source.path), source.files), numbers.start, numbers.stop]
    folder = root / FOLDER / digest(made_from)[:16]
    files = [folder / f"{number:06d}.png" for number in numbers]
    if all(file.is_file() for file in files):
        return folder

    def frames() -> Iterator[np.ndarray]:
        for number in numbers:
            tell(number)
            yield clip.read(number).rgb

    for file, matte in zip(files, steadied(kind, frames()), strict=True):
        write_picture(file, Frame(np.dstack([np.rint(matte * 255).astype(np.uint8)] * 3)))
    return folder
