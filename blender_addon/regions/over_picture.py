"""Draws a texture over the picture that it belongs to, in any editor. Needs a window."""

import gpu
from gpu.types import GPUTexture
from gpu_extras.batch import batch_for_shader

from ..arrays import np
from .cut_targets import Picture, corners, moved


def draw_over(texture: GPUTexture, picture: Picture, matrix: np.ndarray, opacity: float = 1.0) -> None:
    """Draws a texture over a picture, as far as that is seen.

    Args:
        texture: the whole picture, of any size, rows downwards.
        picture: what it is drawn over.
        matrix: from the picture's pixels, y down, to the places in which is drawn, (3, 3).
        opacity: how far it covers the picture, 0..1.
    """
    box = corners(picture.shown)[[0, 1, 3, 2]]  # as two triangles go over it
    shader = gpu.shader.from_builtin("IMAGE_COLOR")
    places = [(x, y, 0.0) for x, y in moved(matrix, box).tolist()]
    batch = batch_for_shader(shader, "TRI_STRIP", {"pos": places, "texCoord": (box / picture.size).tolist()})
    gpu.state.blend_set("ALPHA")
    shader.bind()
    shader.uniform_sampler("image", texture)
    shader.uniform_float("color", (1.0, 1.0, 1.0, opacity))
    batch.draw(shader)
    gpu.state.blend_set("NONE")


def draw_inside(
    box: np.ndarray, texture: GPUTexture, picture: Picture, matrix: np.ndarray, opacity: float = 1.0
) -> None:
    """Draws as `draw_over` does, but nothing beyond a box within the region.

    Args:
        box: its lower left and upper right corner in the region's pixels, (2, 2).
    """
    (left, low), (right, high) = np.rint(box).astype(int).tolist()
    if left >= right or low >= high:
        return
    before = gpu.state.scissor_get()
    gpu.state.scissor_test_set(True)
    gpu.state.scissor_set(left, low, right - left, high - low)
    draw_over(texture, picture, matrix, opacity)
    gpu.state.scissor_set(*before)
    gpu.state.scissor_test_set(False)
