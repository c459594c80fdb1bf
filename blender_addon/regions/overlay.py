"""Draws a texture over the picture that it belongs to, in any editor. Needs a window."""

import gpu
from bpy.types import Region
from gpu.types import GPUTexture
from gpu_extras.batch import batch_for_shader

from .cut_targets import Picture, corners, moved, to_screen


def draw_over(texture: GPUTexture, picture: Picture, region: Region, opacity: float = 1.0) -> None:
    """Draws a texture over a picture, as far as that is seen, into the region that shows it."""
    box = corners(picture.shown)[[0, 1, 3, 2]]  # as two triangles go over it
    shader = gpu.shader.from_builtin("IMAGE_COLOR")
    places = [(x, y, 0.0) for x, y in moved(to_screen(picture, region), box).tolist()]
    batch = batch_for_shader(shader, "TRI_STRIP", {"pos": places, "texCoord": (box / picture.size).tolist()})
    gpu.state.blend_set("ALPHA")
    shader.bind()
    shader.uniform_sampler("image", texture)
    shader.uniform_float("color", (1.0, 1.0, 1.0, opacity))
    batch.draw(shader)
    gpu.state.blend_set("NONE")
