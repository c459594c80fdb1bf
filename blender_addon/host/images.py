"""From an image datablock to a file that the painter reads."""

import hashlib
import os
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Image

from ...style_core.job import UserError
from ..arrays import np
from .half_done import folder_for
from .strips import absolute, stamp_of

# How files of OpenEXR begin.
EXR = b"\x76\x2f\x31\x01"
# In the cache: the folders of images that no file holds as they are, and what is being written.
KEPT, WRITING = "style-", "writing"
# An image that is being painted on and has more pixels is not looked through with every draw of a panel.
MOST_PIXELS = 1 << 20


def image_file(image: Image, cache: Path) -> str:
    """The file with an image's pixels: its own, or a copy in the cache if it is packed, generated or painted on.

    Such a copy is called by what is in it, so that the same pixels are the same file.

    Raises:
        UserError: the image is none of one picture, its file does not exist, or the copy cannot be written.
    """
    if image.source not in ("FILE", "GENERATED") or image.type == "RENDER_RESULT":
        kind = image.bl_rna.properties["source"].enum_items[image.source].name.lower()
        raise UserError(
            f"The image '{image.name}' is of the kind '{kind}', and a style picture is one still picture: choose "
            "another image, or save a frame of it to a file."
        )
    path = Path(bpy.path.abspath(image.filepath, library=image.library))
    if image.is_dirty or image.source == "GENERATED" or image.packed_file:
        try:
            return kept(image, cache)
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or str(error).strip().removeprefix("Error: ")
            raise UserError(
                f"The image '{image.name}' cannot be written to '{cache}' ({reason}): make room there, or "
                "choose another cache folder in the preferences of Stylestrip."
            ) from error
    if not image.filepath or not path.is_file():
        raise UserError(f"The image '{image.name}' has lost its file '{path}': find it, or choose another image.")
    return str(path.resolve())


def stamp_of_image(image: Image) -> list[Any]:
    """By what it is noticed that an image shows something else: its pixels, or its file; of a large one that is being
    painted on, only once that is saved."""
    if image.is_dirty and image.size[0] * image.size[1] > MOST_PIXELS:
        return [image.name, *image.size]
    of_file = stamp_of(Path(absolute(image.filepath, image))) if image.filepath else []
    return [image.name, *(pixels_of(image) or of_file)]


def pixels_of(known: Image) -> list[Any]:
    """By what pixels of an image are known again that are in no file of their own."""
    if known.is_dirty:  # it is being painted on
        pixels = np.empty(len(known.pixels), np.float32)
        known.pixels.foreach_get(pixels)
        return [*known.size, hashlib.sha256(pixels).hexdigest()]
    if known.packed_file:
        return [hashlib.sha256(known.packed_file.data).hexdigest()]
    if known.source == "GENERATED":
        return [known.generated_type, *known.size, *known.generated_color]
    return []


def kept(image: Image, cache: Path) -> str:
    """Writes an image to a folder of its own in the cache, unless its pixels are there already; returns the file."""
    cache.mkdir(parents=True, exist_ok=True)
    with folder_for(WRITING, cache) as fresh:
        file = fresh / "image"
        if image.packed_file and not image.is_dirty:
            file.write_bytes(image.packed_file.data)
        else:
            image.save(filepath=str(file), save_copy=True)
        data = file.read_bytes()
        place = cache / f"{KEPT}{hashlib.sha256(data).hexdigest()[:16]}" / f"image{ending(image, data)}"
        if not place.is_file():
            place.parent.mkdir(exist_ok=True)
            file.replace(place)
    os.utime(place.parent)
    return str(place)


def ending(image: Image, data: bytes) -> str:
    """How the name of a file with these bytes of an image ends: EXR is read otherwise than all else."""
    if data.startswith(EXR):
        return ".exr"
    return Path(image.filepath).suffix.lower() or ".png"
