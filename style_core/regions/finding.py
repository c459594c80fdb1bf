"""Mattes of what the painter finds by itself: made once, and kept for every job of the same clip."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..identity import identity
from ..job import Source, digest
from ..media.clip import Clip
from ..media.frame import Frame
from ..media.pictures import write_picture
from .faces import Faces
from .people import People

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
    made_from = [FINDER_VERSION, kind, identity(Path(source.path), source.files)]
    folder = root / FOLDER / digest(made_from)[:16]
    files = {number: folder / f"{number:06d}.png" for number in numbers}
    missing = {number: file for number, file in files.items() if not file.is_file()}
    if not missing:
        return folder

    find = People().matte if kind == "people" else Faces().matte
    for number, file in missing.items():
        tell(number)
        matte = np.rint(find(clip.read(number).rgb) * 255).astype(np.uint8)
        write_picture(file, Frame(np.dstack([matte] * 3)))
    return folder
