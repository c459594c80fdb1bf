"""The files with the mattes of a strip's regions: those that lie on disk, and those that Blender draws first."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import bpy
from bpy.types import Scene, Strip

from ...style_core.job import UserError
from .. import interrupt
from ..host import mattes
from ..host.retention import remove_stale
from ..host.strips import absolute
from .settings import FOUND, StylestripRegion, see

# Where Blender's mattes go, in the cache.
FOLDER, DRAWING = "mattes", "drawing-"


def matte_file(region: StylestripRegion, scene: Scene, strip: Strip, cache: Path) -> str:
    """The file or folder with a region's matte; empty where the painter finds it by itself.

    Args:
        region: one of the strip's regions.
        scene, strip: of the region.
        cache: the cache folder, in which Blender's mattes are drawn.

    Raises:
        UserError: the region lacks what it needs, or its matte cannot be drawn or written.
    """
    if region.source in FOUND:
        return ""
    if region.source == "FILE":
        if not region.path:
            raise UserError(f"Region '{region.name}' has no file: choose a picture, a film or a folder of pictures.")
        return absolute(region.path, scene)
    with progress() as tell:
        try:
            path = kept(region, scene, strip, cache / FOLDER, tell)
        except OSError as error:
            raise UserError(
                f"The matte of region '{region.name}' cannot be written below '{cache / FOLDER}' ({error.strerror}): "
                "make room there, or choose another cache folder in the preferences of Stylestrip."
            ) from error
    see(region, path, region.source)
    return str(path)


def kept(region: StylestripRegion, scene: Scene, strip: Strip, folder: Path, tell: mattes.Tell) -> Path:
    """Draws a matte to where it never changes, as its folder's name is what is in it; a file or a folder in `folder`.

    A worker may still read what was drawn earlier, of this region or of another one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    remove_stale(folder)
    with TemporaryDirectory(prefix=DRAWING, dir=folder) as fresh:
        made = drawn(region, scene, strip, Path(fresh), tell)
        files = sorted(Path(fresh).iterdir())
        place = folder / digest_of(files)
        place.mkdir(exist_ok=True)
        for file in files:
            if not (place / file.name).is_file():
                file.replace(place / file.name)
    os.utime(place)
    return place / made.path.name if made.is_still else place


def digest_of(files: list[Path]) -> str:
    """A name for files that says what they are called and what is in them."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name} {file.stat().st_size}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def drawn(region: StylestripRegion, scene: Scene, strip: Strip, folder: Path, tell: mattes.Tell) -> mattes.MatteFiles:
    """The matte of a region, as Blender draws it."""
    if region.source == "MASK":
        over_strip = region.mask_lies_over == "STRIP"
        draw = mattes.mask_in_strip_space if over_strip else mattes.mask_in_frame_space
        if region.mask is None:
            raise UserError(f"Region '{region.name}' has no mask: choose one, or draw one in the mask editor.")
        return draw(scene, strip, region.mask, folder, tell, region.mask_time)
    if region.source == "MODIFIER":
        return mattes.modifier_mask(scene, strip, folder, tell)
    if region.source == "STRIP":
        if not region.strip:
            raise UserError(f"Region '{region.name}' has no strip: choose the strip that is its matte.")
        channel = "alpha" if region.use_alpha else "luminance"
        return mattes.strip_matte(scene, strip, region.strip, folder, channel, tell)
    return mattes.alpha_matte(scene, strip, folder, tell)


@contextmanager
def progress() -> Iterator[mattes.Tell]:
    """Shows at the pointer how many frames of a matte are drawn, and lets Ctrl-C end that."""
    manager = bpy.context.window_manager

    def tell(done: int, total: int) -> None:
        interrupt.check()
        manager.progress_update(done / max(1, total))

    manager.progress_begin(0, 1)
    try:
        yield tell
    finally:
        manager.progress_end()
