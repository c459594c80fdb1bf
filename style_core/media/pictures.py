"""Pictures and picture sequences, through OpenImageIO."""

import errno
import os
import re
import shutil
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation writes it so

from ..identity import PICTURE_ENDINGS
from ..job import UserError
from ..whole import written
from .frame import Frame, frame_of_light

# Endings of what a sequence may consist of; other files in the folder are left alone.
ENDINGS = PICTURE_ENDINGS
LINEAR_ENDINGS = (".exr", ".hdr")
# What OpenImageIO calls the types of numbers that are stored.
KINDS = {"uint8": "uint8", "uint16": "uint16", "float16": "half", "float32": "float"}
# What can be written with 16 bits.
DEEP_ENDINGS = (".png", ".tif", ".tiff")
# What has no alpha.
OPAQUE_ENDINGS = (".jpg", ".jpeg", ".hdr")

# A disk with less room than this beside a file that came out broken was full.
MARGIN = 1 << 20

# Blender and the encoder want colour as it is, not multiplied by alpha.
UNASSOCIATED = "oiio:UnassociatedAlpha"


def read_picture(path: Path | str) -> Frame:
    """The first image of a file as a Frame, with all that it holds.

    Raises UserError if the file cannot be read as a picture.
    """
    pixels = read_pixels(path)
    if is_linear(path):
        return frame_of_light(pixels.astype(np.float32), is_half=pixels.dtype == np.float16)
    # Sixteen bits in the scale of eight: 65535 is 257 * 255.
    pixels = pixels if pixels.dtype == np.uint8 else pixels.astype(np.float32) / 257
    colour = np.ascontiguousarray(pixels[..., :3])
    return Frame(colour, np.ascontiguousarray(pixels[..., 3]) if pixels.shape[2] > 3 else None)


def read_pixels(path: Path | str) -> np.ndarray:
    """The first image of a file as it is stored, (H, W, 3) or (H, W, 4) with alpha: uint8 or uint16; float16 or float32
    where it is scene-linear.

    Raises UserError if the file cannot be read as a picture.
    """
    config = oiio.ImageSpec()
    config[UNASSOCIATED] = 1
    source = oiio.ImageInput.open(str(path), config) if Path(path).is_file() else None
    pixels = None if source is None else source.read_image(kind_of(path, source.spec()))
    if pixels is None:
        reason = (source.geterror() if source else oiio.geterror()) or "no reason given"
        raise UserError(
            f"'{path}' cannot be read as a picture ({reason.split('. ')[0].strip()}): choose a PNG, JPEG, TIFF, EXR or "
            "WebP file."
        )
    source.close()
    return of_colour(pixels)


def kind_of(path: Path | str, spec: oiio.ImageSpec) -> str:
    """The type of numbers that holds all of a file."""
    if is_linear(path):
        return "half" if spec.format == oiio.HALF else "float"
    return "uint8" if spec.format == oiio.UINT8 else "uint16"


def is_linear(path: Path | str) -> bool:
    """Whether files of this kind hold scene-linear light."""
    return str(path).lower().endswith(LINEAR_ENDINGS)


def of_colour(pixels: np.ndarray) -> np.ndarray:
    """Colour, or colour and alpha, of (H, W, C): grey, grey and alpha, RGB, RGB and alpha, or those and more."""
    if pixels.shape[2] >= 3:
        return pixels[..., :4]
    grey = pixels[..., :1].repeat(3, axis=2)
    return grey if pixels.shape[2] == 1 else np.concatenate([grey, pixels[..., 1:]], axis=2)


def write_picture(path: Path, frame: Frame) -> None:
    """Writes a picture so that it is either complete or not there at all, also when the power fails.

    It has the depth of the frame, as far as the format of the path's ending can hold it.

    Raises UserError if the folder cannot be written or the disk is full.
    """
    path = Path(path)
    if is_linear(path):
        light = frame.at("exr").light
        write_whole(path, light.pixels.astype(np.float16 if light.is_half else np.float32))
        return
    frame = frame.at("png8" if frame.depth == "png8" or path.suffix.lower() not in DEEP_ENDINGS else "png16")
    pixels = frame.rgb if frame.alpha is None else np.dstack([frame.rgb, frame.alpha])
    write_whole(path, pixels if pixels.dtype == np.uint8 else np.rint(pixels * 257).astype(np.uint16))


def write_grey(path: Path, grey: np.ndarray) -> None:
    """Writes a grey picture (H, W) uint8, complete or not at all; raises UserError as `write_picture` does."""
    write_whole(path, grey[..., None])


def write_whole(path: Path, pixels: np.ndarray) -> None:
    """Writes (H, W, C) of the type that is stored, complete or not at all; raises UserError as `write_picture` does."""
    try:
        with written(path) as part:
            write_pixels(part, pixels)
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            check_whole(part)
    except OSError as error:
        raise UserError(
            f"Cannot write '{path}' ({error.strerror or error}): free some space or choose another folder. Frames that "
            "were finished are kept."
        ) from error


def check_whole(path: Path) -> None:
    """Raises OSError if a file that was just written cannot be read: some encoders do not notice a full disk."""
    try:
        read_pixels(path)
    except UserError as error:
        full = shutil.disk_usage(path.parent).free < path.stat().st_size + MARGIN
        code = errno.ENOSPC if full else errno.EIO
        raise OSError(code, os.strerror(code)) from error


def check_writable(path: Path) -> None:
    """Raises UserError, before any work is done, if no picture of this kind can be written at `path`."""
    if path.is_dir():
        raise UserError(f"'{path}' is a folder: name a picture, such as '{path / 'painted.png'}'.")
    written = [ending for ending in ENDINGS if oiio.ImageOutput.create("x" + ending)]
    if path.suffix.lower() not in written:
        raise UserError(
            f"'{path}' names no picture format that can be written: end it in {', '.join(written[:-1])} or "
            f"{written[-1]}."
        )
    require_folder(path.absolute().parent)


def require_folder(folder: Path) -> None:
    """Makes a folder that files can be written to, or raises UserError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"The folder '{folder}' cannot be made ({error.strerror}): choose another output.") from error
    if not os.access(folder, os.W_OK):
        raise UserError(f"The folder '{folder}' cannot be written to: choose another output.")


def write_pixels(path: Path, pixels: np.ndarray) -> None:
    """Writes (H, W, C) in the format of the path's ending; raises OSError if that fails."""
    pixels = pixels[..., :3] if path.suffix.lower() in OPAQUE_ENDINGS else pixels
    height, width, channels = pixels.shape
    spec = oiio.ImageSpec(width, height, channels, KINDS[pixels.dtype.name])
    spec[UNASSOCIATED] = 1
    spec["DateTime"] = ""  # with the time of day in it, the same picture would be another file
    target = oiio.ImageOutput.create(str(path))
    written = target.open(str(path), spec) and target.write_image(np.ascontiguousarray(pixels)) and target.close()
    if not written:
        raise OSError(target.geterror().strip() or "the picture could not be written")


def picture_files(folder: Path) -> list[Path]:
    """The pictures of a folder, sorted by the numbers in their names (2 before 10)."""
    found = [p for p in folder.iterdir() if p.suffix.lower() in ENDINGS and not p.name.startswith(".")]
    return sorted(found, key=lambda p: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", p.name)])
