"""Pictures in the colours in which Blender's preview shows them, ready to be drawn over it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import bpy
import numpy as np
from bpy.types import CurveMapping, Image, Scene, Strip
from gpu.types import Buffer, GPUTexture

from ..host.screen import FORMAT, read_frame

# A scene whose view an image is seen through.
NAME = "Stylestrip view"
# What a view is: of the scene's colour management, and of its display.
OF_VIEW = (
    "view_transform",
    "look",
    "exposure",
    "gamma",
    "use_curve_mapping",
    "use_white_balance",
    "white_balance_temperature",
    "white_balance_tint",
)


def displayed(file: Path, scene: Scene, strip: Strip | None = None) -> np.ndarray:
    """A picture as the preview shows it in a scene, (H, W, 4) uint8, rows downwards; alpha is not multiplied in.

    Args:
        file: the picture.
        scene: whose view it is seen through: Blender itself applies that.
        strip: whose colours are changed on the way, as its own are; None: nothing is.

    It makes datablocks for a moment, and so must not be called during a render. Raises RuntimeError if the picture
    cannot be read.
    """
    image = bpy.data.images.load(str(file))
    try:
        if strip is not None and (strip.color_multiply, strip.color_saturation) != (1.0, 1.0):
            change_colours(image, strip)
        with TemporaryDirectory(prefix="stylestrip_") as folder, view_of(scene) as own:
            seen = Path(folder) / "seen.tga"
            image.save_render(str(seen), scene=own)
            return read_frame(seen, tuple(image.size))
    finally:
        bpy.data.images.remove(image)


def change_colours(image: Image, strip: Strip) -> None:
    """Saturates and multiplies a picture as a strip does its own: the brightest of red, green and blue stays."""
    pixels = np.empty((image.size[1] * image.size[0], image.channels), np.float32)
    image.pixels.foreach_get(pixels.ravel())
    rgb = pixels[:, :3]
    brightest = rgb.max(axis=1, keepdims=True)
    pixels[:, :3] = (brightest + strip.color_saturation * (rgb - brightest)) * strip.color_multiply
    image.pixels.foreach_set(pixels.ravel())


@contextmanager
def view_of(scene: Scene) -> Iterator[Scene]:
    """An empty scene with the view of another one, which is gone afterwards: the user's own stays as it is."""
    own = bpy.data.scenes.new(NAME)
    try:
        own.display_settings.display_device = scene.display_settings.display_device
        view, like = own.view_settings, scene.view_settings
        for name in OF_VIEW:
            setattr(view, name, getattr(like, name))
        if like.use_curve_mapping:
            copy_curves(view.curve_mapping, like.curve_mapping)
        own.render.dither_intensity = 0
        settings = own.render.image_settings
        if hasattr(settings, "media_type"):
            settings.media_type = "IMAGE"
        settings.file_format, settings.color_mode, settings.color_management = FORMAT, "RGBA", "FOLLOW_SCENE"
        yield own
    finally:
        bpy.data.scenes.remove(own)


def copy_curves(own: CurveMapping, like: CurveMapping) -> None:
    """Gives a mapping the curves of another one."""
    own.black_level, own.white_level, own.extend = like.black_level, like.white_level, like.extend
    for curve, other in zip(own.curves, like.curves, strict=True):
        while len(curve.points) > 2:
            curve.points.remove(curve.points[1])
        for place, point in enumerate(other.points):
            fresh = curve.points[place] if place < 2 else curve.points.new(*point.location)
            fresh.location, fresh.handle_type = point.location, point.handle_type
    own.update()


def view_key(scene: Scene) -> tuple:
    """By what it is known whether a picture is still seen in the same colours."""
    view = scene.view_settings
    curves = ()
    if view.use_curve_mapping:
        points = [point for curve in view.curve_mapping.curves for point in curve.points]
        curves = tuple((*point.location, point.handle_type) for point in points)
    return scene.display_settings.display_device, *(getattr(view, name) for name in OF_VIEW), curves


def texture_of(pixels: np.ndarray) -> GPUTexture:
    """A texture that is seen on the screen as these pixels (H, W, 4) uint8 are. Only while the window is drawn.

    Blender takes what is drawn over a preview for sRGB, and brings it to the screen by a plain power of 2.2, which is
    undone here beforehand.
    """
    values = AS_DRAWN[pixels]
    values[..., 3] = pixels[..., 3] / np.float32(255)
    return GPUTexture(pixels.shape[1::-1], format="RGBA16F", data=Buffer("FLOAT", values.size, values.ravel()))


def as_drawn() -> np.ndarray:
    """For each value on the screen, 0..255, the one to be drawn, float32 in 0..1."""
    light = (np.arange(256) / 255) ** 2.2
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)


AS_DRAWN = as_drawn()
