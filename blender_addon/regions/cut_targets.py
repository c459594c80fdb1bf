"""What can be cut out of: the picture in the sequencer's preview, in the image editor, or in the clip editor."""

import re
from pathlib import Path
from typing import NamedTuple

import bpy
from bpy.types import Area, Context, Image, MovieClip, Region, Scene, Space, SpaceClipEditor, SpaceImageEditor, Strip

from ...style_core.job import Source, UserError
from ..arrays import np
from ..host import projections, versions
from ..host.placement import shifted
from ..host.strips import source_of

# What an image's picture is written to where it has no file of its own.
COPY = "picture.png"
PREVIEWS = ("PREVIEW", "SEQUENCER_PREVIEW")

Box = tuple[float, float, float, float]


class Picture(NamedTuple):
    """A frame of a source, and where it lies in an editor."""

    source: Source
    frame: int
    """Of the source, from 1."""
    size: tuple[int, int]
    to_view: np.ndarray
    """From its pixels, counted from the upper left corner downwards, to the editor's view, (3, 3) float64."""
    shown: Box
    """What is seen of it: x, y, width and height in pixels. The rest is cropped away."""


class Target(NamedTuple):
    """A picture in an editor that something is cut out of."""

    area: Area
    region: Region
    picture: Picture
    scene: str
    strip: str = ""
    """The strip that the picture belongs to; empty in the image and clip editors, where a mask is made."""


def target_of(context: Context, folder: Path) -> Target:
    """What the person is looking at.

    Args:
        context: of the sequencer, the image editor or the clip editor.
        folder: for a copy of a picture that has no file.

    Raises:
        UserError: there is no picture, or not in a way that can be cut.
    """
    kind, space = context.area.type, context.space_data
    if kind == "SEQUENCE_EDITOR":
        return in_sequencer(context)
    picture = in_image_editor(space, folder) if kind == "IMAGE_EDITOR" else in_clip_editor(space, context.scene)
    return Target(context.area, main_region(context.area, "WINDOW"), picture, context.scene.name)


def main_region(area: Area, kind: str) -> Region:
    """The first region of a kind in an area."""
    return next(region for region in area.regions if region.type == kind)


# The sequencer


def in_sequencer(context: Context) -> Target:
    """The active strip in a preview of the same window; raises UserError if either is not there."""
    scene, strip, area = versions.sequencer_scene(context), versions.active_strip(context), preview_area(context)
    if strip is None:
        raise UserError("Select the strip that shows the thing first.")
    if area is None:
        raise UserError("There is no preview in this window: open one, as the Video Editing workspace has.")
    picture = in_preview(scene, strip)
    return Target(area, main_region(area, "PREVIEW"), picture, scene.name, strip.name)


def preview_area(context: Context) -> Area | None:
    """The area that shows the sequencer's picture: the present one if it does."""
    previews = [area for area in context.window.screen.areas if is_preview(area)]
    return next((area for area in previews if area == context.area), previews[0] if previews else None)


def is_preview(area: Area) -> bool:
    """Whether an area shows the sequencer's picture, and no curves of it."""
    if area.type != "SEQUENCE_EDITOR":
        return False
    space = area.spaces.active
    return space.view_type in PREVIEWS and space.display_mode == "IMAGE"


def in_preview(scene: Scene, strip: Strip) -> Picture:
    """A strip's picture at the current frame; raises UserError if it is not seen, or cannot be painted."""
    source, frames = source_of(strip, scene)
    left, right = versions.handles(strip)
    if not left <= scene.frame_current < right:
        raise UserError(
            f"Strip '{strip.name}' is at frames {left}-{right - 1}, and the current frame is {scene.frame_current}: "
            "go to a frame that shows the thing."
        )
    size = projections.size_of(strip, scene)
    return Picture(source, frames[scene.frame_current - left], size, view_of(scene, strip, size), seen(strip, size))


def view_of(scene: Scene, strip: Strip, size: tuple[int, int]) -> np.ndarray:
    """From a strip's pixels, y down, to the preview's view: pixels of the frame from its centre, y up, (3, 3)."""
    frame = projections.frame_size(scene)
    # Within a meta that is open for editing, the preview shows its strips as if it were not there.
    opened = {meta.name for meta in scene.sequence_editor.meta_stack}
    chain = [one.name for one in projections.placed_by(strip, scene) if one.name not in opened]
    placed = projections.matrix_of(scene, chain, size, frame, flips=True)
    return np.diag([aspect(scene), 1, 1]) @ shifted(-np.divide(frame, 2)) @ placed @ upwards(size[1])


def aspect(scene: Scene) -> float:
    """How wide a pixel of the frame is, beside its height."""
    return scene.render.pixel_aspect_x / scene.render.pixel_aspect_y


def upwards(height: float) -> np.ndarray:
    """From rows that are counted downwards to upwards, (3, 3)."""
    return np.array([[1, 0, 0], [0, -1, height], [0, 0, 1]])


def seen(strip: Strip, size: tuple[int, int]) -> Box:
    """What a strip's crop leaves of its picture."""
    crop = strip.crop
    width, height = size[0] - crop.min_x - crop.max_x, size[1] - crop.min_y - crop.max_y
    if width <= 0 or height <= 0:
        raise UserError(f"Strip '{strip.name}' is cropped away: make its crop smaller.")
    return crop.min_x, crop.max_y, width, height


# The image and clip editors, whose view is 1 wide and 1 high over the picture


def filling(source: Source, frame: int, size: tuple[int, int]) -> Picture:
    """A picture that fills the view from 0 to 1."""
    return Picture(source, frame, size, np.diag([1 / size[0], 1 / size[1], 1]) @ upwards(size[1]), (0, 0, *size))


def in_image_editor(space: SpaceImageEditor, folder: Path) -> Picture:
    """The picture of an image editor; raises UserError if there is none."""
    image = space.image
    if image is None or not image.size[0]:
        raise UserError("There is no picture in this editor: open one first.")
    if image.source == "VIEWER" or image.source == "TILED":
        raise UserError(f"'{image.name}' is no single picture with a file: save it as a picture, and open that.")
    size = tuple(image.size)
    if image.source == "MOVIE":
        return filling(Source(absolute_path(image)), max(1, space.image_user.frame_current), size)
    return filling(Source(str(picture_file(image, space, folder))), 1, size)


def picture_file(image: Image, space: SpaceImageEditor, folder: Path) -> Path:
    """The file of an image as it is seen; a copy where it has none, or it has been changed since."""
    path = Path(bpy.path.abspath(image.filepath_from_user(image_user=space.image_user), library=image.library))
    if path.is_file() and not image.is_dirty and not image.packed_file:
        return path
    if image.source == "SEQUENCE":
        raise UserError(f"The file '{path}' of '{image.name}' does not exist: find it, and reload the picture.")
    copy = folder / COPY
    try:
        image.save(filepath=str(copy), save_copy=True)
    except RuntimeError as error:
        raise UserError(f"'{image.name}' cannot be read: {str(error).strip()}") from error
    return copy


def in_clip_editor(space: SpaceClipEditor, scene: Scene) -> Picture:
    """The frame of a clip editor; raises UserError if there is none, or not as it is in the film."""
    clip = space.clip
    if clip is None or not clip.size[0]:
        raise UserError("There is no film in this editor: open one first.")
    if space.show_stable and clip.tracking.stabilization.use_2d_stabilization:
        raise UserError("The film is shown stabilized: switch Stabilized off in the editor's Clip Display first.")
    if space.clip_user.use_render_undistorted:
        raise UserError("The film is shown undistorted: switch Render Undistorted off in the editor's Clip Display.")
    number = min(max(1, scene.frame_current - clip.frame_start + 1 + clip.frame_offset), clip.frame_duration)
    path = Path(absolute_path(clip))
    if clip.source == "SEQUENCE":
        path, number = numbered(path, number), 1
    return filling(Source(str(path)), number, tuple(clip.size))


def absolute_path(found: Image | MovieClip) -> str:
    """Where a datablock's file is; raises UserError if it is gone."""
    path = Path(bpy.path.abspath(found.filepath, library=found.library)).resolve()
    if not path.is_file():
        raise UserError(f"The file '{path}' of '{found.name}' does not exist: find it, and reload it.")
    return str(path)


def numbered(first: Path, number: int) -> Path:
    """The file of a numbered sequence that comes `number` - 1 after its first."""
    digits = re.search(r"(\d+)(?=\D*$)", first.name)
    if digits is None:
        return first
    counted = f"{int(digits[0]) + number - 1:0{len(digits[0])}d}"
    return first.with_name(first.name[: digits.start()] + counted + first.name[digits.end() :])


# From a picture to the screen


def to_screen(picture: Picture, region: Region) -> np.ndarray:
    """From a picture's pixels, y down, to those of the region that shows it, y up, (3, 3)."""
    return view_to_screen(region) @ picture.to_view


def view_to_screen(region: Region) -> np.ndarray:
    """From a region's view to its pixels, (3, 3)."""
    view = region.view2d
    lower, upper = np.array(view.region_to_view(0, 0)), np.array(view.region_to_view(region.width, region.height))
    scale = np.divide((region.width, region.height), upper - lower)
    return np.diag([*scale, 1]) @ shifted(-lower)


def frame_on_screen(scene: Scene, region: Region) -> np.ndarray:
    """The lower left and upper right corner of what a sequencer's preview shows of the frame, in the region's pixels,
    (2, 2): nothing of a strip is seen beyond."""
    width, height = projections.frame_size(scene)
    half = np.divide((width * aspect(scene), height), 2)
    return moved(view_to_screen(region), np.array([-half, half])).clip(0, (region.width, region.height))


def moved(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (N, 2) in other coordinates."""
    return np.asarray(points, np.float64) @ matrix[:2, :2].T + matrix[:2, 2]


def box_around(points: np.ndarray, size: tuple[int, int]) -> Box | None:
    """The upright box around points (N, 2), as far as it lies in a picture of that size; None if it does not."""
    low, high = points.min(axis=0).clip(0, size), points.max(axis=0).clip(0, size)
    width, height = high - low
    return (*low.tolist(), float(width), float(height)) if width >= 1 and height >= 1 else None


def corners(box: Box) -> np.ndarray:
    """The corners of a box in order around it, (4, 2)."""
    x, y, width, height = box
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float64)


def space_type(area: Area) -> type[Space]:
    """The kind of space that draws over an area."""
    return type(area.spaces.active)
