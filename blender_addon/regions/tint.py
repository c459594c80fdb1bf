"""A matte as a tint over the picture that it belongs to, in any editor. Needs a window."""

import gpu
import numpy as np
from bpy.types import Region
from gpu.types import Buffer, GPUTexture
from gpu_extras.batch import batch_for_shader

from .cut_targets import Picture, corners, moved, to_screen

# Red, green and blue of what lies inside, how much of it is seen, and of the line along the edge.
INSIDE, SHARE = (1.0, 0.12, 0.22), 0.42
EDGE, EDGE_SHARE = (1.0, 0.95, 0.6), 0.9
# A step from one pixel to the next that is this large is an edge, in 0..1.
STEP = 0.22
LONGEST = 960


def tint_of(matte: np.ndarray) -> GPUTexture:
    """The texture of a matte (H, W) uint8: a see-through colour inside, and a line along the edge."""
    every = max(1, -(-max(matte.shape) // LONGEST))
    inside = matte[::every, ::every].astype(np.float32) / 255
    height, width = inside.shape
    edge = np.zeros_like(inside)
    across, down = np.abs(np.diff(inside, axis=1)), np.abs(np.diff(inside, axis=0))
    edge[:, 1:], edge[:, :-1] = across, np.maximum(edge[:, :-1], across)
    edge[1:] = np.maximum(edge[1:], down)
    edge[:-1] = np.maximum(edge[:-1], down)
    line = (edge / STEP).clip(0, 1)[..., None]
    rgba = np.empty((height, width, 4), np.float32)
    rgba[..., :3] = np.float32(INSIDE) * (1 - line) + np.float32(EDGE) * line
    rgba[..., 3] = np.maximum(SHARE * inside, EDGE_SHARE * line[..., 0])
    return GPUTexture((width, height), format="RGBA16F", data=Buffer("FLOAT", rgba.size, rgba.ravel()))


def draw_tint(texture: GPUTexture, picture: Picture, region: Region) -> None:
    """Draws a tint over its picture, as far as that is seen, into the region that shows it."""
    box = corners(picture.shown)
    shader = gpu.shader.from_builtin("IMAGE")
    places = {"pos": moved(to_screen(picture, region), box).tolist(), "texCoord": (box / picture.size).tolist()}
    batch = batch_for_shader(shader, "TRI_FAN", places)
    gpu.state.blend_set("ALPHA")
    shader.bind()
    shader.uniform_sampler("image", texture)
    batch.draw(shader)
    gpu.state.blend_set("NONE")
