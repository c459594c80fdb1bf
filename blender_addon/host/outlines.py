"""Outlines as masks that a person can edit in Blender's mask editor."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import bpy
from bpy.types import Mask, MaskLayer, MaskSpline, Scene

from ...style_core.job import UserError
from ..arrays import np
from .screen import masks_kept

EDITOR = "IMAGE_EDITOR"
# What the points of an Outline and of a mask consist of, in this order.
PARTS = ("co", "handle_left", "handle_right")


class Outline(NamedTuple):
    """A closed Bézier curve around a part of a picture, or around a hole in one."""

    points: np.ndarray
    """(N, 3, 2): each point, its handle before and its handle after, in pixels, x right and y down; the corner of the
    first pixel is (0, 0)."""
    is_hole: bool = False
    is_there: bool = True
    """Whether it is seen at this key frame."""


def add_mask(name: str, keys: dict[int, list[Outline]], size: tuple[int, int], frame: int) -> Mask:
    """A new mask that is drawn from outlines, keyed if there is more than one key frame.

    Args:
        name: Blender adds a number to it where it is taken.
        keys: the outlines at each key frame of the timeline, the same ones at all of them, each with as many points.
        size: width and height of the picture that the outlines are drawn on.
        frame: the timeline's current one, for which the mask is made ready.

    Raises:
        UserError: there is no outline, or they or their points are not as many at every key frame, or there is no
            window, without which Blender sets no keys.
    """
    check(keys)
    frames = sorted(keys)
    tracks = [[keys[key][number] for key in frames] for number in range(len(keys[frames[0]]))]
    # What lies in a hole, or has one, is drawn after what is around it.
    tracks.sort(key=lambda track: -max(abs(area(outline.points)) for outline in track))
    placed = {key: [wound(track[number], size) for track in tracks] for number, key in enumerate(frames)}
    mask = bpy.data.masks.new(name)
    try:
        splines = [add_spline(mask, track[0]) for track in tracks]
        if len(frames) > 1:
            insert_keys(mask, splines, placed)
        for layer, track in zip(mask.layers, tracks, strict=True):
            show(layer, frames, track)
        place(splines, between(placed, frame))
    except BaseException:
        bpy.data.masks.remove(mask)
        raise
    return mask


def check(keys: dict[int, list[Outline]]) -> None:
    """Raises UserError if a mask cannot be made from these outlines."""
    shapes = {key: [(len(outline.points), outline.is_hole) for outline in outlines] for key, outlines in keys.items()}
    if not any(shapes.values()):
        raise UserError("There is no outline to make a mask from: the matte is black at every key frame.")
    first = min(shapes)
    for key, shape in shapes.items():
        if shape != shapes[first]:
            raise UserError(
                f"The outlines have other points at frame {key} than at frame {first}: a mask that is keyed needs as "
                "many everywhere."
            )


def wound(outline: Outline, size: tuple[int, int]) -> np.ndarray:
    """An outline's points as Blender's masks have them, (N, 3, 2) float32: y up, the longer side of the picture 1 long.

    They go around as the hands of a clock; otherwise Blender draws edges without feather that are not smooth. Its edges
    fade out over the pixel outside, so that half of it is seen.
    """
    points = np.asarray(outline.points, np.float64)
    upwards = np.stack([points[..., 0], size[1] - points[..., 1]], axis=-1)
    inside = (upwards - np.divide(size, 2)) / max(size) + 0.5
    if area(inside) > 0:
        # Backwards each point's handle before is the one after; the first point stays the first.
        inside = np.roll(inside[::-1, [0, 2, 1]], 1, axis=0)
    return inside.astype(np.float32)


def area(points: np.ndarray) -> float:
    """The area within a closed curve's points and handles (N, 3, 2), positive if it goes against the clock, y up."""
    x, y = points[:, [1, 0, 2]].reshape(-1, 2).T
    return 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def add_spline(mask: Mask, outline: Outline) -> MaskSpline:
    """A closed spline with as many points as an outline, on a layer of its own.

    Blender can take holes out of a layer's own splines, but 4.5 draws nonsense where a hole leaves what it is in.
    """
    layer = mask.layers.new(name="Hole" if outline.is_hole else "Outline")
    layer.blend = "SUBTRACT" if outline.is_hole else "MERGE_ADD"
    spline = layer.splines.new()
    spline.use_cyclic = True
    spline.points.add(len(outline.points) - len(spline.points))  # Blender begins with one
    for point in spline.points:
        point.handle_type, point.select = "FREE", True
    return spline


def show(layer: MaskLayer, frames: list[int], track: list[Outline]) -> None:
    """Sets a layer's opacity, and keys it if its outline is not always there: between key frames it fades."""
    layer.alpha = float(track[0].is_there)
    if len({outline.is_there for outline in track}) > 1:
        for key, outline in zip(frames, track, strict=True):
            layer.alpha = float(outline.is_there)
            layer.keyframe_insert("alpha", frame=key)


def place(splines: list[MaskSpline], outlines: list[np.ndarray]) -> None:
    """Moves the points of all splines."""
    for spline, points in zip(splines, outlines, strict=True):
        for part, name in enumerate(PARTS):
            spline.points.foreach_set(name, np.ascontiguousarray(points[:, part]).ravel())


def between(placed: dict[int, list[np.ndarray]], frame: int) -> list[np.ndarray]:
    """Where the points are at a frame: Blender goes straight from one key to the next."""
    keys = list(placed)
    before = max((key for key in keys if key <= frame), default=keys[0])
    after = min((key for key in keys if key >= frame), default=keys[-1])
    share = (frame - before) / (after - before) if after > before else 0.0
    return [(1 - share) * first + share * second for first, second in zip(placed[before], placed[after], strict=True)]


def insert_keys(mask: Mask, splines: list[MaskSpline], placed: dict[int, list[np.ndarray]]) -> None:
    """Keys the shape of a mask at every key frame, which Blender does in an editor alone."""
    with masks_kept(), mask_editor(mask), scene_of_its_own() as scene:
        for key, outlines in placed.items():
            scene.frame_set(key)
            # Blender first brings the scene up to date, and with it the mask to the keys that it has so far.
            bpy.context.evaluated_depsgraph_get()
            place(splines, outlines)
            if bpy.ops.mask.shape_key_insert() != {"FINISHED"}:
                raise UserError(f"Blender could not key the mask '{mask.name}' at frame {key}: try again.")


@contextmanager
def scene_of_its_own() -> Iterator[Scene]:
    """A scene that goes to the key frames, within the present context, so that the user's stays at its frame."""
    scene = bpy.data.scenes.new("Stylestrip keys")
    try:
        with bpy.context.temp_override(scene=scene, view_layer=scene.view_layers[0]):
            yield scene
    finally:
        bpy.data.scenes.remove(scene)


@contextmanager
def mask_editor(mask: Mask) -> Iterator[None]:
    """Within, an area of the first window edits this mask; then it is as it was.

    The context has the area and not its window, which would bring its own scene along.
    """
    windows = bpy.context.window_manager.windows
    if not windows or not windows[0].screen.areas:
        raise UserError("Blender sets keys of masks in a window alone, and there is none: start it with its window.")
    areas = windows[0].screen.areas
    # One that is at work is the last choice.
    area = min(areas, key=lambda one: (one == bpy.context.area, one.type != EDITOR))
    usual, area.type = area.ui_type, EDITOR
    space = area.spaces.active
    mode, edited = space.mode, space.mask
    try:
        space.mode, space.mask = "MASK", mask
        region = next(region for region in area.regions if region.type == "WINDOW")
        with bpy.context.temp_override(area=area, region=region):
            yield
    finally:
        space.mask, space.mode = edited, mode
        area.ui_type = usual
