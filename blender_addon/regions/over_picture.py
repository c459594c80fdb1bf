"""Draws a texture over the picture that it belongs to, in any editor. Needs a window."""

from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def only_in(left: float, right: float, low: float, high: float) -> Iterator[None]:
    """Within, nothing is drawn beyond this box of the region, in its pixels."""
    x, end, y, top = (max(0, round(edge)) for edge in (left, right, low, high))
    before = gpu.state.scissor_get()
    gpu.state.scissor_test_set(True)
    gpu.state.scissor_set(x, y, max(0, end - x), max(0, top - y))
    try:
        yield
    finally:
        gpu.state.scissor_set(*before)
        gpu.state.scissor_test_set(False)
