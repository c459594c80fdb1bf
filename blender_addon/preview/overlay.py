"""Draws the preview over the strip, at its place, and the line that parts it from the strip as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy
import gpu
from bpy.app.handlers import persistent
from bpy.props import BoolProperty, FloatProperty
from bpy.types import Context, Region, Scene, SpaceSequenceEditor, WindowManager
from gpu.types import GPUTexture
from mathutils import Matrix

from ..arrays import np, unit_circle
from ..host import handlers
from ..later import both_sides, cut_drawing, cut_targets, frames, over_picture, previewing, sources, textures
from ..regions.show_region import picture_of
from ..regions.shown_frames import redraw
from . import loop

# Pixels of the screen.
HANDLE, ARROW = 9.0, 4.0
TOUCHED = (1.0, 0.85, 0.35, 1.0)
# By how much a pixel may be larger or smaller than the frame's, and be the same.
SAME = 0.01
CORNERS = 32  # of the handle's circle
# Where the line goes when somebody begins to compare, and how near an edge it would show too little of one side.
MIDDLE, MARGIN = 0.5, 0.05

handle: Any = None
is_touched = False
"""Whether the pointer is on the line."""


def draw() -> None:
    """Draws into one preview, below the handles of Blender's tools."""
    context = bpy.context
    if context.space_data.display_mode == "IMAGE":
        draw_sides(context)


@contextmanager
def pixels_of(region: Region) -> Iterator[None]:
    """Within, places are pixels of the region from its lower left corner, and not the preview's own."""
    with gpu.matrix.push_pop(), gpu.matrix.push_pop_projection():
        gpu.matrix.load_identity()
        flat = Matrix.Diagonal((2 / region.width, 2 / region.height, -1.0, 1.0))
        gpu.matrix.load_projection_matrix(Matrix.Translation((-1.0, -1.0, 0.0)) @ flat)
        yield


def draw_sides(context: Context) -> None:
    """Draws what is seen on both sides of the line."""
    sides = both_sides.sides_of(context)
    if sides is None:
        draw_waiting(context)
        return
    picture = picture_of(sides.scene, sides.strip)
    extent = picture and extent_of(picture, sides.scene, context.region)
    if extent is None:
        return
    x = place_of(context.window_manager.stylestrip_split, extent)
    left, right, low, high = extent
    for which, file, start, end in (("after", sides.after, x, right), ("before", sides.before, left, x)):
        texture = file and textures.texture_for((which, sides.number), file, sides.scene, sides.coloured_by)
        if texture:
            sharpen(texture, picture)
            # In the preview's own places, as Blender has drawn its picture: no pixel lies beside where it will be.
            box = np.array(((start, low), (end, high)))
            over_picture.draw_inside(box, texture, picture, picture.to_view, opacity_of(sides))
    with pixels_of(context.region):
        draw_slider(x, extent)
        cut_drawing.write(words_of(sides), (left + cut_drawing.MARGIN, low + cut_drawing.MARGIN))


def draw_waiting(context: Context) -> None:
    """Says in the picture that a preview of this frame is on its way."""
    task = previewing.running()
    place = task and task.previewed.place
    if place and task.previewed.number_at(place[0].frame_current) in task.numbers:
        picture = picture_of(*place)
        if extent := picture and extent_of(picture, place[0], context.region):
            with pixels_of(context.region):
                cut_drawing.write(task.words, (extent[0] + cut_drawing.MARGIN, extent[2] + cut_drawing.MARGIN))


def sharpen(texture: GPUTexture, picture: "cut_targets.Picture") -> None:
    """Shows pixels as squares where those of the picture are the frame's own, as Blender shows these."""
    sides = np.linalg.norm(picture.to_view[:2, :2], axis=0) * picture.size / (texture.width, texture.height)
    if hasattr(texture, "filter_mode"):  # before 5.0 all are smoothed
        texture.filter_mode(bool((np.abs(sides - 1) > SAME).any()))


def opacity_of(sides: "both_sides.Sides") -> float:
    """How far a strip covers what lies below it."""
    return 1.0 if sides.strip.blend_type == "REPLACE" else sides.strip.blend_alpha


def words_of(sides: "both_sides.Sides") -> str:
    """What is seen, in words."""
    if sides.after is None:
        return sources.problem
    if not sides.is_up_to_date:
        return "Settings changed: preview again"
    return "Preview" if sides.is_finished else "Preview, getting sharper"


# The line


def extent_of(picture: "cut_targets.Picture", scene: Scene, region: Region) -> tuple[float, float, float, float] | None:
    """Left and right, lower and upper end of what is seen of a picture in a region; None if it is beside that."""
    places = cut_targets.moved(cut_targets.to_screen(picture, region), cut_targets.corners(picture.shown))
    least, most = cut_targets.frame_on_screen(scene, region)
    low, high = places.min(axis=0).clip(least, None), places.max(axis=0).clip(None, most)
    if (low >= high).any():
        return None
    return float(low[0]), float(high[0]), float(low[1]), float(high[1])


def place_of(split: float, extent: tuple[float, float, float, float]) -> float:
    """Where the line is across the region."""
    return extent[0] + split * (extent[1] - extent[0])


def line_in(context: Context) -> tuple[float, tuple[float, float, float, float]] | None:
    """The line's place in a preview, and the picture's extent; None if there is no line."""
    if context.space_data is None or context.space_data.display_mode != "IMAGE":
        return None
    sides = both_sides.sides_of(context)
    picture = sides and picture_of(sides.scene, sides.strip)
    extent = picture and extent_of(picture, sides.scene, context.region)
    return (place_of(context.window_manager.stylestrip_split, extent), extent) if extent else None


def draw_slider(x: float, extent: tuple[float, float, float, float]) -> None:
    """The line, with a handle in its middle."""
    _, _, low, high = extent
    colour, scale = TOUCHED if is_touched else cut_drawing.WHITE, bpy.context.preferences.system.ui_scale
    middle = np.array((x, (low + high) / 2))
    cut_drawing.draw_line(np.array([(x, low), (x, middle[1] - HANDLE * scale)]), colour)
    cut_drawing.draw_line(np.array([(x, middle[1] + HANDLE * scale), (x, high)]), colour)
    cut_drawing.draw_line(unit_circle(CORNERS) * HANDLE * scale + middle, colour)
    for side in (-1, 1):
        tip, back = side * ARROW * 1.3 * scale, side * ARROW * 0.3 * scale
        arrow = np.array([(back, -ARROW * scale), (tip, 0), (back, ARROW * scale)])
        cut_drawing.draw_line(arrow + middle, colour)


def begin_to_compare(manager: WindowManager, context: Context) -> None:
    """Brings the line to where both sides are seen, and reads sources anew: they may have changed since."""
    sources.forget()
    if manager.stylestrip_compare and not MARGIN <= manager.stylestrip_split <= 1 - MARGIN:
        manager.stylestrip_split = MIDDLE
    redraw()


def redrawn(manager: WindowManager, context: Context) -> None:
    """Shows what was changed."""
    redraw()


@persistent
def on_load(*_: object) -> None:
    """Another file is open, of which nothing has been previewed."""
    if frames.is_loaded:
        frames.put_away()
    loop.stop()
    forget()


def forget() -> None:
    """Lets go of the pictures that were read, if any were."""
    for module in (sources, textures):
        if module.is_loaded:
            module.forget()


HANDLERS = (("load_post", on_load),)


def register() -> None:
    """The settings of what is seen, which no file keeps, and in a window the overlay: the 4.5 module hangs at its end
    with one left."""
    global handle
    WindowManager.stylestrip_split = FloatProperty(
        name="Before / After",
        description="Where the line is: left of it the strip is seen as it was, right of it painted",
        subtype="FACTOR",
        min=0.0,
        max=1.0,
        options={"SKIP_SAVE"},
        update=redrawn,
    )
    WindowManager.stylestrip_show_preview = BoolProperty(
        name="Show Preview",
        description="Show the preview over the strip",
        default=True,
        options={"SKIP_SAVE"},
        update=redrawn,
    )
    WindowManager.stylestrip_compare = BoolProperty(
        name="Compare",
        description="Show left of the line what a painted strip was painted from. Drag the line in the preview",
        options={"SKIP_SAVE"},
        update=begin_to_compare,
    )
    if not bpy.app.background:
        handlers.attach(HANDLERS)
        handle = SpaceSequenceEditor.draw_handler_add(draw, (), "PREVIEW", "POST_VIEW")


def unregister() -> None:
    global handle
    if handle is not None:
        SpaceSequenceEditor.draw_handler_remove(handle, "PREVIEW")
    handle = None
    handlers.detach(HANDLERS)
    forget()
    for name in ("stylestrip_split", "stylestrip_show_preview", "stylestrip_compare"):
        delattr(WindowManager, name)
