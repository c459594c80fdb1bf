"""What is drawn over the picture while a thing is cut out of it. Needs a window."""

import blf
import bpy
import gpu
from bpy.types import Region
from gpu.types import GPUTexture
from gpu_extras.batch import batch_for_shader

from ..arrays import np, unit_circle
from .cut_targets import Target, corners, frame_on_screen, moved, space_type, to_screen
from .cutting import Cutting, Stroke
from .over_picture import draw_inside, draw_over
from .tint import tint_of

WHITE, BLACK = (1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 0.8)
BELONGS, DOES_NOT = (0.25, 1.0, 0.35, 1.0), (0.25, 0.55, 1.0, 1.0)
CORNERS = 48  # of the brush's circle
TEXT_SIZE, MARGIN = 14, 12


class Canvas:
    """Draws a cut, and what the pointer is about to do, until it is removed.

    Args:
        target: what is drawn over.
        cut: what has been said, and what came of it.
    """

    def __init__(self, target: Target, cut: Cutting) -> None:
        self.target, self.cut = target, cut
        self.pointer = (0.0, 0.0)
        """Where it is, in pixels of the region."""
        self.brush = 0.0
        """The radius of the brush in pixels of the region; 0: there is none yet."""
        self.corner: tuple[float, float] | None = None
        """Where the rectangle that is being dragged begins."""
        self.stroke: Stroke | None = None
        """The one that is being painted."""
        self.is_away = False
        """Whether the pointer is elsewhere."""
        self.erases = False
        self.words = ""
        self.tint: tuple[np.ndarray, GPUTexture] | None = None
        self.space = space_type(target.area)
        self.handle = self.space.draw_handler_add(self.draw, (), target.region.type, "POST_PIXEL")

    def remove(self) -> None:
        """Draws no more."""
        self.space.draw_handler_remove(self.handle, self.target.region.type)

    def draw(self) -> None:
        """Draws everything into the region that shows the picture."""
        region = bpy.context.region
        if region != self.target.region:
            return
        matrix = to_screen(self.target.picture, region)
        if self.cut.matte is not None:
            self.draw_matte(self.texture(self.cut.matte), matrix)
        if self.corner is not None:
            draw_line(corners_between(self.corner, self.pointer), WHITE, closed=True)
        elif self.cut.rectangle is not None:
            draw_line(moved(matrix, corners(self.cut.rectangle)), (*WHITE[:3], 0.5), closed=True)
        if self.stroke is not None:
            draw_line(moved(matrix, self.stroke.points), BELONGS if self.stroke.keep else DOES_NOT)
        if not self.is_away:
            self.draw_pointer(region)
        write(self.words, (MARGIN, MARGIN))

    def draw_matte(self, texture: GPUTexture, matrix: np.ndarray) -> None:
        """What is cut out; of a strip no more than the frame shows."""
        target = self.target
        if target.strip:
            frame = frame_on_screen(bpy.data.scenes[target.scene], target.region)
            draw_inside(frame, texture, target.picture, matrix)
        else:
            draw_over(texture, target.picture, matrix)

    def draw_pointer(self, region: Region) -> None:
        """The brush or the cross of a rectangle, and dots while the worker is at it."""
        if self.brush and self.corner is None:
            circle = unit_circle(CORNERS) * self.brush + self.pointer
            erases = self.erases if self.stroke is None else not self.stroke.keep
            draw_line(circle, DOES_NOT if erases else BELONGS)
        elif self.corner is None:
            x, y = self.pointer
            draw_line(np.array([(0, y), (region.width, y)]), (*WHITE[:3], 0.5))
            draw_line(np.array([(x, 0), (x, region.height)]), (*WHITE[:3], 0.5))
        if self.cut.is_busy:
            reach = self.brush + MARGIN if self.corner is None else MARGIN
            write("...", (self.pointer[0] + reach, self.pointer[1]))

    def texture(self, matte: np.ndarray) -> GPUTexture:
        """The tint of the newest matte."""
        if self.tint is None or self.tint[0] is not matte:
            self.tint = matte, tint_of(matte)
        return self.tint[1]


def corners_between(first: tuple[float, float], last: tuple[float, float]) -> np.ndarray:
    """The corners of an upright rectangle between two opposite ones, (4, 2)."""
    (left, lower), (right, upper) = first, last
    return np.array([(left, lower), (right, lower), (right, upper), (left, upper)], np.float64)


def draw_line(points: np.ndarray, colour: tuple[float, ...], closed: bool = False) -> None:
    """A line through points (N, 2) that is seen on bright and on dark."""
    if len(points) < 2:
        return
    places = [(x, y, 0.0) for x, y in (np.vstack([points, points[:1]]) if closed else points).tolist()]
    shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    batch = batch_for_shader(shader, "LINE_STRIP", {"pos": places})
    scale = bpy.context.preferences.system.ui_scale
    gpu.state.blend_set("ALPHA")
    shader.bind()
    shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
    for width, shade in ((3.5, (*BLACK[:3], BLACK[3] * colour[3])), (1.5, colour)):
        shader.uniform_float("lineWidth", width * scale)
        shader.uniform_float("color", shade)
        batch.draw(shader)
    gpu.state.blend_set("NONE")


def write(words: str, place: tuple[float, float]) -> None:
    """Words with a shadow, at a place in the region."""
    blf.size(0, TEXT_SIZE * bpy.context.preferences.system.ui_scale)
    blf.enable(0, blf.SHADOW)
    blf.shadow(0, 6, *BLACK[:3], 1.0)
    blf.color(0, *WHITE)
    blf.position(0, *place, 0)
    blf.draw(0, words)
    blf.disable(0, blf.SHADOW)
