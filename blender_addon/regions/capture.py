"""The files with the mattes of a strip's regions: those that lie on disk, and those that Blender draws first."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import bpy
from bpy.types import Scene, Strip

from ...style_core.job import UserError
from ..host import mattes
from ..host.strips import absolute
from .settings import FOUND, StylestripRegion

# Where Blender's mattes go, in the cache.
FOLDER = "mattes"


def matte_file(region: StylestripRegion, scene: Scene, strip: Strip, cache: Path) -> str:
    """The file or folder with a region's matte; empty where the painter finds it by itself.

    Args:
        region: one of the strip's regions.
        scene, strip: of the region.
        cache: the cache folder, in which Blender's mattes are drawn; those of an earlier time are replaced.

    Raises:
        UserError: the region lacks what it needs, or its matte cannot be drawn.
    """
    if region.source in FOUND:
        return ""
    if region.source == "FILE":
        if not region.path:
            raise UserError(f"Region '{region.name}' has no file: choose a picture, a film or a folder of pictures.")
        return absolute(region.path, scene)
    place = hashlib.sha256("\n".join((scene.name, strip.name, region.name)).encode()).hexdigest()[:16]
    folder = cache / FOLDER / place
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
    with progress() as tell:
        return str(drawn(region, scene, strip, folder, tell).path)


def drawn(region: StylestripRegion, scene: Scene, strip: Strip, folder: Path, tell: mattes.Tell) -> mattes.MatteFiles:
    """The matte of a region, as Blender draws it."""
    if region.source == "MASK":
        over_strip = region.mask_lies_over == "STRIP"
        draw = mattes.mask_in_strip_space if over_strip else mattes.mask_in_frame_space
        if region.mask is None:
            raise UserError(f"Region '{region.name}' has no mask: choose one, or draw one in the mask editor.")
        return draw(scene, strip, region.mask, folder, tell)
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
    """Shows at the pointer how many frames of a matte are drawn."""
    manager = bpy.context.window_manager
    manager.progress_begin(0, 1)
    try:
        yield lambda done, total: manager.progress_update(done / max(1, total))
    finally:
        manager.progress_end()
