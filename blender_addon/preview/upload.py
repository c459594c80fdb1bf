"""Brings a picture into the graphics card's memory bit by bit: a large one in one go holds the window up."""

import gpu
from gpu.types import Buffer, GPUFrameBuffer, GPUTexture
from gpu_extras.batch import batch_for_shader
from mathutils import Matrix

from ..arrays import np

BAND = 1 << 18  # pixels in one go, for some milliseconds


class Upload:
    """A texture that becomes complete band by band, each of them while the window is drawn.

    Args:
        values: (H, W, 4) float32.
    """

    def __init__(self, values: np.ndarray) -> None:
        self.values, self.done = values, 0
        self.whole = GPUTexture(values.shape[1::-1], format="RGBA16F")
        self.frame = GPUFrameBuffer(color_slots=(self.whole,))

    def advance(self) -> GPUTexture | None:
        """Brings one more band over; the texture once it is complete."""
        rows = max(1, BAND // self.values.shape[1])
        band = self.values[self.done : self.done + rows]
        self.draw(GPUTexture(band.shape[1::-1], format="RGBA16F", data=Buffer("FLOAT", band.size, band.ravel())))
        self.done += len(band)
        return self.whole if self.done == len(self.values) else None

    def draw(self, band: GPUTexture) -> None:
        """Lays a band over the rows that come next, pixel on pixel."""
        low, high = (2 * row / len(self.values) - 1 for row in (self.done, self.done + band.height))
        shader = gpu.shader.from_builtin("IMAGE")
        places = [(-1.0, low, 0.0), (1.0, low, 0.0), (-1.0, high, 0.0), (1.0, high, 0.0)]
        corners = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
        batch = batch_for_shader(shader, "TRI_STRIP", {"pos": places, "texCoord": corners})
        with self.frame.bind(), gpu.matrix.push_pop(), gpu.matrix.push_pop_projection():
            gpu.matrix.load_identity()
            gpu.matrix.load_projection_matrix(Matrix.Identity(4))
            gpu.state.blend_set("NONE")
            shader.bind()
            shader.uniform_sampler("image", band)
            batch.draw(shader)
