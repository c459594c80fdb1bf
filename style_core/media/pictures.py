"""Pictures and picture sequences, through OpenImageIO."""

import errno
import os
import re
import shutil
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation writes it so

from ..job import UserError
from .frame import Frame

# Endings of what a sequence may consist of; other files in the folder are left alone.
ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".exr", ".bmp", ".webp", ".tga", ".hdr", ".dpx", ".jp2")
LINEAR_ENDINGS = (".exr", ".hdr")

# A disk with less room than this beside a file that came out broken was full.
MARGIN = 1 << 20

# Blender and the encoder want colour as it is, not multiplied by alpha.
UNASSOCIATED = "oiio:UnassociatedAlpha"


def read_picture(path: Path | str) -> Frame:
    """The first image of a file as a Frame; scene-linear files are brought to sRGB, more than 8 bits are rounded.

    Raises UserError if the file cannot be read as a picture.
    """
    config = oiio.ImageSpec()
    config[UNASSOCIATED] = 1
    source = oiio.ImageInput.open(str(path), config) if Path(path).is_file() else None
    pixels = None if source is None else source.read_image("float" if is_linear(path) else "uint8")
    if pixels is None:
        reason = (source.geterror() if source else oiio.geterror()) or "no reason given"
        raise UserError(
            f"'{path}' cannot be read as a picture ({reason.split('. ')[0].strip()}): choose a PNG, JPEG, TIFF, EXR or "
            "WebP file."
        )
    source.close()
    if is_linear(path):
        pixels = encode_srgb(unassociate(pixels))
    return to_frame(pixels)


def is_linear(path: Path | str) -> bool:
    """Whether files of this kind hold scene-linear light."""
    return str(path).lower().endswith(LINEAR_ENDINGS)


def unassociate(linear: np.ndarray) -> np.ndarray:
    """(H, W, C) with colours no longer multiplied by alpha, as such files hold them whatever is asked."""
    colours = colour_channels(linear)
    if colours == linear.shape[2]:
        return linear
    colour, alpha = linear[..., :colours], linear[..., colours : colours + 1]
    colour = np.divide(colour, alpha, out=np.zeros_like(colour), where=alpha > 0)
    return np.concatenate([colour, linear[..., colours:]], axis=2)


def colour_channels(pixels: np.ndarray) -> int:
    """How many channels of (H, W, C) are colour, 1 or 3; the one after them, if there is one, is alpha."""
    return 3 if pixels.shape[2] >= 3 else 1


def encode_srgb(linear: np.ndarray) -> np.ndarray:
    """Scene-linear colour (H, W, C), Rec.709 primaries, to sRGB uint8; alpha stays linear."""
    light = np.nan_to_num(linear, posinf=1.0).clip(0, 1)
    colour = light[..., : colour_channels(light)]
    colour[:] = np.where(colour <= 0.0031308, colour * 12.92, 1.055 * colour ** (1 / 2.4) - 0.055)
    return np.round(light * 255).astype(np.uint8)


def to_frame(pixels: np.ndarray) -> Frame:
    """A Frame from (H, W, 1 to 4 or more) uint8: grey, grey and alpha, RGB, RGB and alpha."""
    channels = pixels.shape[2]
    colour = pixels[..., :3] if channels >= 3 else pixels[..., :1].repeat(3, axis=2)
    alpha = pixels[..., 3] if channels >= 4 else pixels[..., 1] if channels == 2 else None
    return Frame(np.ascontiguousarray(colour), None if alpha is None else np.ascontiguousarray(alpha))


def write_picture(path: Path, frame: Frame) -> None:
    """Writes a picture so that it is either complete or not there at all, also when the power fails.

    Raises UserError if the folder cannot be written or the disk is full.
    """
    write_whole(Path(path), frame.rgb if frame.alpha is None else np.dstack([frame.rgb, frame.alpha]))


def write_grey(path: Path, grey: np.ndarray) -> None:
    """Writes a grey picture (H, W) uint8, complete or not at all; raises UserError as `write_picture` does."""
    write_whole(path, grey[..., None])


def write_whole(path: Path, pixels: np.ndarray) -> None:
    """Writes (H, W, C) uint8, complete or not at all; raises UserError as `write_picture` does."""
    partial = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_pixels(partial, pixels)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        check_whole(partial)
        partial.replace(path)
    except OSError as error:
        raise UserError(
            f"Cannot write '{path}' ({error.strerror or error}): free some space or choose another folder. Frames that "
            "were finished are kept."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def check_whole(path: Path) -> None:
    """Raises OSError if a file that was just written cannot be read: some encoders do not notice a full disk."""
    try:
        read_picture(path)
    except UserError as error:
        full = shutil.disk_usage(path.parent).free < path.stat().st_size + MARGIN
        code = errno.ENOSPC if full else errno.EIO
        raise OSError(code, os.strerror(code)) from error


def check_writable(path: Path) -> None:
    """Raises UserError, before any work is done, if no picture of this kind can be written at `path`."""
    if path.is_dir():
        raise UserError(f"'{path}' is a folder: name a picture, such as '{path / 'painted.png'}'.")
    # Frames are display-referred; a scene-linear file would show them in other colours.
    written = [ending for ending in ENDINGS if not is_linear(ending) and oiio.ImageOutput.create("x" + ending)]
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
    """Writes (H, W, C) uint8 in the format of the path's ending; raises OSError if that fails."""
    height, width, channels = pixels.shape
    if path.suffix.lower() in (".jpg", ".jpeg"):
        pixels, channels = pixels[..., :3], 3
    spec = oiio.ImageSpec(width, height, channels, "uint8")
    spec[UNASSOCIATED] = 1
    target = oiio.ImageOutput.create(str(path))
    written = target.open(str(path), spec) and target.write_image(np.ascontiguousarray(pixels)) and target.close()
    if not written:
        raise OSError(target.geterror().strip() or "the picture could not be written")


def picture_files(folder: Path) -> list[Path]:
    """The pictures of a folder, sorted by the numbers in their names (2 before 10)."""
    found = [p for p in folder.iterdir() if p.suffix.lower() in ENDINGS and not p.name.startswith(".")]
    return sorted(found, key=lambda p: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", p.name)])
