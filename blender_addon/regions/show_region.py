"""The overlay that tints the chosen region in the sequencer's preview, where its matte is on disk."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty
from bpy.types import Context, Scene, SpaceSequenceEditor, Strip, WindowManager
from gpu.types import GPUTexture

from ...style_core.job import Source, UserError, frame_name
from ..arrays import np
from ..host import versions
from ..host.strips import absolute, why_not_paintable
from ..host.ways_in import way_into
from ..later import cut_targets, over_picture, projections, tint
from . import cut_out
from .keyframes import matte_at
from .settings import StylestripRegion
from .shown_frames import redraw, shown_frames

# What Blender reads as one picture.
ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".exr")

# A file, when it was written, and whether its black is the region.
Key = tuple[str, int, bool]


@dataclass(eq=False)
class Shown:
    """The matte that was read last."""

    key: Key
    matte: np.ndarray
    """(H, W) uint8."""
    texture: GPUTexture | None = None
    """Made when it is first drawn, as only then there is a graphics card to hold it."""


latest: Shown | None = None
handle: Any = None


def draw() -> None:
    """Tints the chosen region of the active strip in one preview."""
    context = bpy.context
    scene, strip = versions.sequencer_scene(context), versions.active_strip(context)
    if not is_wanted(context) or strip is None or not strip.stylestrip.regions or why_not_paintable(strip):
        return
    key, picture = key_of(scene, strip), picture_of(scene, strip)
    if key is None or picture is None:
        return
    shown = matte_of(key)
    if shown is not None:
        shown.texture = shown.texture or tint.tint_of(shown.matte)
        region = context.region
        frame, matrix = cut_targets.frame_on_screen(scene, region), cut_targets.to_screen(picture, region)
        over_picture.draw_inside(frame, shown.texture, picture, matrix)


def is_wanted(context: Context) -> bool:
    """Whether this preview shows overlays on the picture, and nothing is being cut out of it."""
    space = context.space_data
    switched_on = context.window_manager.stylestrip_show_region and space.show_overlays
    return switched_on and space.display_mode == "IMAGE" and cut_out.running is None


def key_of(scene: Scene, strip: Strip) -> Key | None:
    """The file with the matte of the chosen region at the current frame; None if there is none."""
    own = strip.stylestrip
    left, right = versions.handles(strip)
    frames = shown_frames(scene, strip)
    if not (frames and left <= scene.frame_current < right and own.region_index < len(own.regions)):
        return None
    region = own.regions[own.region_index]
    file = file_of(region, frames[scene.frame_current - left], scene)
    return (str(file), file.stat().st_mtime_ns, region.invert) if file and file.is_file() else None


def file_of(region: StylestripRegion, number: int, scene: Scene) -> Path | None:
    """The picture with a region's matte in a frame of the source, as far as there is one."""
    if region.source == "OBJECT":
        found = matte_at(region, number, scene)
        return Path(found) if found else None
    path = mattes_of(region, scene)
    return path / frame_name(number) if path is not None and path.is_dir() else path


def mattes_of(region: StylestripRegion, scene: Scene) -> Path | None:
    """The picture, or folder of pictures, with the mattes of a region that is no object; None if there is none."""
    found = region.seen if region.seen_source == region.source else ""
    chosen = region.path if region.source == "FILE" else found
    path = Path(absolute(chosen, scene))
    is_shown = path.is_dir() or (path.suffix.lower() in ENDINGS and path.is_file())
    return path if chosen and is_shown else None


def why_not_shown(region: StylestripRegion, scene: Scene) -> str:
    """A sentence if there is nothing of a region to be shown; else empty."""
    if region.source == "OBJECT":
        return "" if region.keyframes else "Cut the object out to see it."
    if mattes_of(region, scene) is not None:
        return ""
    if region.source == "FILE":
        return "Choose a picture or a folder of pictures to see the region; of a film it is not shown."
    return "The region is not drawn or found yet."


def picture_of(scene: Scene, strip: Strip) -> "cut_targets.Picture | None":
    """Where the strip's picture lies; None before Blender has drawn it for the first time, and if nothing is seen."""
    way = way_into(strip, scene)
    first = None if way.covers_frame else strip.elements[0]
    size = (first.orig_width, first.orig_height) if first else projections.frame_size(scene)
    if way.is_placed:
        return cut_targets.Picture(Source(), 1, size, cut_targets.view_of(scene, strip, size), (0, 0, *size))
    if not all(size):
        return None
    try:
        shown = cut_targets.seen(strip, size)
        return cut_targets.Picture(Source(), 1, size, cut_targets.view_of(scene, strip, size), shown)
    except UserError:  # the whole picture is cropped away
        return None


def matte_of(key: Key) -> Shown | None:
    """What a file shows; while it is being read, what was shown before it in the same folder, or nothing."""
    if latest is not None and latest.key == key:
        return latest
    # Not while the window is drawn: it makes a datablock for a moment.
    bpy.app.timers.register(lambda: read(key), first_interval=0.0)
    return latest if latest is not None and Path(latest.key[0]).parent == Path(key[0]).parent else None


def read(key: Key) -> None:
    """Reads a matte, and draws the sequencers again."""
    global latest
    if latest is not None and latest.key == key:
        return
    path, _, inverted = key
    matte = brightness(path)
    latest = Shown(key, 255 - matte if inverted else matte)
    redraw()


def brightness(path: str) -> np.ndarray:
    """How bright a picture is, (H, W) uint8; one black pixel if it cannot be read, which painting will complain of."""
    try:
        image = bpy.data.images.load(path)
    except RuntimeError:
        return np.zeros((1, 1), np.uint8)
    try:
        width, height = image.size
        if not width:
            return np.zeros((1, 1), np.uint8)
        pixels = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(pixels)
        brightest = pixels.reshape(height, width, image.channels)[::-1, :, :3].max(axis=2)
    finally:
        bpy.data.images.remove(image)
    return np.rint(brightest.clip(0, 1) * 255).astype(np.uint8)


def register() -> None:
    """The switch, and in a window the overlay: the 4.5 module hangs at its end with one left."""
    global handle
    WindowManager.stylestrip_show_region = BoolProperty(
        name="Show Region",
        description="Tint the chosen region in the preview, as it was cut out, found or drawn last",
        update=lambda manager, context: redraw(),
    )
    if not bpy.app.background:
        handle = SpaceSequenceEditor.draw_handler_add(draw, (), "PREVIEW", "POST_PIXEL")


def unregister() -> None:
    global handle, latest
    if handle is not None:
        SpaceSequenceEditor.draw_handler_remove(handle, "PREVIEW")
    handle = latest = None
    del WindowManager.stylestrip_show_region
