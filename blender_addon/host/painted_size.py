"""How large a strip is painted, as far as that is known without a look at its files."""

from bpy.types import Scene, Strip

from ..later import projections
from .ways_in import way_into


def source_size(scene: Scene, strip: Strip) -> tuple[int, int]:
    """Width and height of what is painted; 0 and 0 before Blender has drawn the strip for the first time."""
    if way_into(strip, scene).covers_frame or not strip.elements:
        return projections.frame_size(scene)
    return strip.elements[0].orig_width, strip.elements[0].orig_height


def painted_size(size: tuple[int, int], longer_side: int) -> tuple[int, int]:
    """The size in which the painter paints a picture of this size."""
    if not longer_side or not max(size):
        return size
    factor = longer_side / max(size)
    return max(16, round(size[0] * factor)), max(16, round(size[1] * factor))
