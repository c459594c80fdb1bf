"""The mattes of a strip's regions: files that lie on disk, and what Blender draws first."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import bpy
from bpy.types import Scene, Strip

from ...style_core.job import Look, Region, UserError
from .. import interrupt
from ..host.matte_drawing import Drawing, Places, draw
from ..host.matte_wanted import Wanted, wanted_at
from ..host.mattes import Tell
from ..host.strips import absolute
from .settings import FOUND, StylestripRegion, region_of, see


def mask_of(region: StylestripRegion, scene: Scene) -> str:
    """What stands for a region's matte in a job: a file or a folder, or the address of one that is still to be drawn;
    empty where the painter finds it by itself.

    Raises UserError if the region lacks what it needs.
    """
    if region.source in FOUND:
        return ""
    if region.source == "FILE":
        if not region.path:
            raise UserError(f"Region '{region.name}' has no file: choose a picture, a film or a folder of pictures.")
        return absolute(region.path, scene)
    return wanted_of(region).address


def wanted_of(region: StylestripRegion) -> Wanted:
    """What Blender draws for a region; raises UserError if it lacks what it needs."""
    name = region.name
    if region.source == "MASK":
        if region.mask is None:
            raise UserError(f"Region '{name}' has no mask: choose one, or draw one in the mask editor.")
        over_strip = region.mask_lies_over == "STRIP"
        return Wanted(name, "MASK", region.mask.name, over_strip=over_strip, time=region.mask_time)
    if region.source == "STRIP":
        if not region.strip:
            raise UserError(f"Region '{name}' has no strip: choose the strip that is its matte.")
        return Wanted(name, "STRIP", region.strip, channel="alpha" if region.use_alpha else "luminance")
    return Wanted(name, region.source)


def matte_region(own: StylestripRegion, scene: Scene, mask: str) -> Region:
    """Where a region is, without what is painted there."""
    return replace(region_of(own, Look(), scene, mask, {}), look=None)


# Of the regions of a job


def missing(regions: Iterable[Region], places: Places) -> list[Wanted]:
    """The mattes of regions that are still to be drawn."""
    addresses = dict.fromkeys(region.mask for region in regions if region.mask not in places)
    return [wanted for address in addresses if (wanted := wanted_at(address))]


def drawing_of(regions: Iterable[Region], scene: Scene, strip: Strip, cache: Path, places: Places) -> Drawing | None:
    """Begins to draw what is missing of mattes in the background of the window; None if nothing is.

    Where there is no window, they are drawn at once.

    Args:
        regions: those of the strip, as a job has them.
        cache: the cache folder, in which mattes are drawn.
        places: where those lie that are drawn; it grows.

    Raises UserError if they cannot be drawn or written.
    """
    wanted = missing(regions, places)
    if not wanted:
        return None
    if not bpy.app.background:
        return Drawing(wanted, scene.name, strip.name, cache, places.update)
    with progress() as tell:
        for one in wanted:
            places[one.address] = str(draw(one, scene, strip, cache, tell))
    return None


def note_drawn(strip: Strip, places: Places) -> None:
    """Lets a strip's regions be shown as they were drawn."""
    for address, place in places.items():
        wanted = wanted_at(address)
        region = strip.stylestrip.regions.get(wanted.region)
        if region is not None:
            see(region, Path(place), wanted.source)


def with_mattes(regions: Iterable[Region], places: Places) -> tuple[Region, ...]:
    """The regions with the files of what was drawn for them."""
    return tuple(replace(region, mask=places.get(region.mask, region.mask)) for region in regions)


@contextmanager
def progress() -> Iterator[Tell]:
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
