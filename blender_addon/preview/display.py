"""Pictures in the colours in which Blender's preview shows them, ready to be drawn over it."""

import functools
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import bpy
from bpy.types import CurveMapping, Image, Scene, Strip

from ..arrays import np
from ..host.screen import FORMAT, read_frame

# A scene whose view an image is seen through.
NAME = "Stylestrip view"
# How many pixels go through it in one go, and how many are only looked up: each for some milliseconds.
BAND, QUICK_BAND = 1 << 17, 1 << 19
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


class Source(NamedTuple):
    """A picture as it was read."""

    pixels: np.ndarray
    """(H, W, 4) float32, rows upwards."""
    is_float: bool
    alpha_mode: str
    colours: str
    """Its colour space."""


def displayed(file: Path, scene: Scene, strip: Strip | None = None) -> Generator[None, None, np.ndarray]:
    """A picture as the preview shows it in a scene, (H, W, 4) uint8, rows downwards; alpha is not multiplied in.

    Args:
        file: the picture.
        scene: whose view it is seen through: Blender itself applies that.
        strip: whose colours are changed on the way, as its own are; None: nothing is.

    It yields where the window may be drawn, and makes datablocks for a moment: nothing of it must be done during a
    render. Raises RuntimeError if the picture cannot be read, or the scene or the strip is gone meanwhile.
    """
    names = scene.name, strip and strip.name
    source = yield from read(file)
    height, width = source.pixels.shape[:2]
    rows, bands = max(1, BAND // width), []
    for first in range(0, height, rows):
        bands.append(band_displayed(source, slice(first, first + rows), *found(*names)))
        yield
    return np.concatenate(bands[::-1])


def read(file: Path) -> Generator[None, None, Source]:
    """Reads a picture; raises RuntimeError if that fails."""
    name = bpy.data.images.load(str(file)).name
    try:
        size = tuple(bpy.data.images[name].size)  # only now is it read
        yield
        image = bpy.data.images.get(name)
        if image is None or not all(size):
            raise RuntimeError(f"'{file}' cannot be read.")
        pixels = np.empty((size[1], size[0], image.channels), np.float32)
        image.pixels.foreach_get(pixels.ravel())
        if image.channels < 4:  # some files of floats have no alpha, or are grey
            rgb = pixels if image.channels == 3 else pixels[..., :1].repeat(3, axis=2)
            pixels = np.concatenate([rgb, np.ones((*rgb.shape[:2], 1), np.float32)], axis=2)
        return Source(pixels, image.is_float, image.alpha_mode, image.colorspace_settings.name)
    finally:
        if name in bpy.data.images:
            bpy.data.images.remove(bpy.data.images[name])


def found(scene: str, strip: str | None) -> tuple[Scene, Strip | None]:
    """A scene and its strip; raises RuntimeError if one of them is gone."""
    own = bpy.data.scenes.get(scene)
    one = own and own.sequence_editor and strip and own.sequence_editor.strips_all.get(strip)
    if own is None or (strip and not one):
        raise RuntimeError(f"'{strip or scene}' is gone.")
    return own, one


def band_displayed(source: Source, rows: slice, scene: Scene, strip: Strip | None) -> np.ndarray:
    """Some rows of a picture as the preview shows them, (h, W, 4) uint8, rows downwards."""
    pixels = source.pixels[rows]
    height, width = pixels.shape[:2]
    image = bpy.data.images.new(NAME, width, height, alpha=True, float_buffer=source.is_float)
    try:
        image.alpha_mode = source.alpha_mode
        if not source.is_float:  # floats are scene-linear by now, whatever the file's are
            image.colorspace_settings.name = source.colours
        image.pixels.foreach_set(pixels.ravel())
        if strip is not None and (strip.color_multiply, strip.color_saturation) != (1.0, 1.0):
            change_colours(image, strip)
        with TemporaryDirectory(prefix="stylestrip_") as folder, view_of(scene) as own:
            seen = Path(folder) / "seen.tga"
            image.save_render(str(seen), scene=own)
            return read_frame(seen, (width, height))
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


def values_of(pixels: np.ndarray) -> Generator[None, None, np.ndarray]:
    """What is drawn so that these pixels (H, W, 4) uint8 are seen on the screen: (H, W, 4) float32, bit by bit.

    Blender takes what is drawn over a preview for sRGB, and brings it to the screen by a plain power of 2.2, which is
    undone here beforehand.
    """
    values = np.empty(pixels.shape, np.float32)
    rows = max(1, QUICK_BAND // pixels.shape[1])
    for first in range(0, len(pixels), rows):
        band = slice(first, first + rows)
        values[band] = as_drawn()[pixels[band]]
        values[band, :, 3] = pixels[band, :, 3] / np.float32(255)
        yield
    return values


@functools.cache
def as_drawn() -> np.ndarray:
    """For each value on the screen, 0..255, the one to be drawn, float32 in 0..1."""
    light = (np.arange(256) / 255) ** 2.2
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)
