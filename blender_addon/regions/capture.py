"""The files with the mattes of a strip's regions."""

from bpy.types import Scene

from ...style_core.job import UserError
from ..host.strips import absolute
from .settings import FOUND, StylestripRegion


def matte_file(region: StylestripRegion, scene: Scene) -> str:
    """The file or folder with a region's matte; empty where the painter finds it by itself.

    Raises UserError if the region lacks what it needs.
    """
    if region.source in FOUND:
        return ""
    if not region.path:
        raise UserError(f"Region '{region.name}' has no file: choose a picture, a film or a folder of pictures.")
    return absolute(region.path, scene)
