"""Mattes from the passes of a render, as Blender writes them: Cryptomatte, and the indices of objects and materials.

A file is an EXR of one frame with the passes of its view layers: all of them in one part (Blender 4.5), or each in a
part of its own (Blender 5).
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation writes it so

from ..job import Region, UserError, frame_name
from ..media.frame import Frame, resize
from .matte import feather

# What passes are called in files, by what they are of; Blender has changed the names of the indices.
CRYPTOMATTES = {"object": "CryptoObject", "material": "CryptoMaterial", "asset": "CryptoAsset"}
INDICES = {"object": ("IndexOB", "Object Index"), "material": ("IndexMA", "Material Index")}
# Decoded mattes that are kept: a frame's is asked for when it is painted and when its layers are composed.
KEPT = 4
# Coverage is rounded to so many steps: a sum over samples that is whole but for its last bits is whole.
STEPS = 1 << 16


class PassMatte:
    """A region's matte in every frame, decoded from the passes that were rendered with it.

    Args:
        region: whose `matte` is one of region.RENDERED.
        folder: with the passes, an EXR file for each frame, such as 000012.exr.
        own: what a frame of the source is numbered as there.
    """

    def __init__(self, region: Region, folder: str, own: Callable[[int], int]) -> None:
        self.region, self.folder, self.own = region, Path(folder), own
        self.decoded = lru_cache(KEPT)(lambda number: decoded(self.folder / frame_name(own(number), ".exr"), region))

    def read(self, number: int, width: int, height: int, content: Frame | None = None) -> np.ndarray:
        """How much of what is seen in each pixel of frame `number` is of the region, (H, W) float32 in 0..1.

        `content` is the frame at that size: where it is transparent, what is seen is all that counts, and not how much
        of the pixel it covers.
        """
        share = resize(self.decoded(number), width, height).clip(0, 1)
        if content is not None and content.alpha is not None:
            alpha = content.alpha.astype(np.float32) / 255
            share = np.divide(share, alpha, out=np.zeros_like(share), where=alpha > 0).clip(0, 1)
        share = np.rint(share * STEPS) / np.float32(STEPS)
        return (1 - share if self.region.invert else share).astype(np.float32)

    def unseen(self, numbers: range) -> str:
        """A sentence if the region is empty in all of these frames; else empty."""
        if any(self.decoded(number).any() for number in numbers):
            return ""
        first, last = self.own(numbers[0]), self.own(numbers[-1])
        frames = f"frame {first}" if first == last else f"frames {first}-{last}"
        return (
            f"Nothing of the region '{self.region.name}' is seen in {frames}, so nothing is painted there: it is "
            "hidden in the render, out of the picture or behind something, or has another name or index."
        )

    def opacity(self, number: int, content: Frame) -> np.ndarray:
        """How far paint is seen in frame `number`, (H, W) float32 in 0..1."""
        width, height = content.size
        return feather(self.read(number, width, height, content), self.region.feather / 100 * width)


def decoded(file: Path, region: Region) -> np.ndarray:
    """How much of each pixel a region covers, (H, W) float32 in 0..1; raises UserError if the file has no such pass."""
    if region.matte == "cryptomatte":
        ids = [float_id(name) for name in region.things]
        return coverage(read_levels(file, region.layer, CRYPTOMATTES[region.known_by]), ids)
    names = [f"{region.layer}.{name}" for name in INDICES[region.known_by]]
    index = read_channels(file, lambda channel: channel.removesuffix(".X") in names)
    if not index:
        raise UserError(lacks(file, names[-1]))
    (values,) = index.values()
    return (np.rint(values) == region.pass_index).astype(np.float32)


def coverage(levels: np.ndarray, ids: Iterable[np.float32]) -> np.ndarray:
    """How much of each pixel things cover together, (H, W) float32 in 0..1.

    Args:
        levels: (H, W, 2 * N): of the N things that cover most of a pixel the id, and how much of it that covers; both
            by turns (Friedman and Jones 2015, "Fully Automatic ID Mattes with Support for Motion Blur and
            Transparency").
        ids: of the things.
    """
    # As bits: an id is no number to reckon with.
    known = np.array(list(ids), np.float32).view(np.uint32)
    is_of = np.isin(np.ascontiguousarray(levels[..., 0::2]).view(np.uint32), known)
    return np.where(is_of, levels[..., 1::2], 0).sum(-1, dtype=np.float32).clip(0, 1)


def read_levels(file: Path, layer: str, name: str) -> np.ndarray:
    """The ids and coverages of a Cryptomatte, (H, W, 2 * N) float32; raises UserError if the file has none."""
    wanted = re.compile(rf"{re.escape(layer)}\.{name}(\d\d)\.([rgba])", re.IGNORECASE)
    found = {}
    for channel, values in read_channels(file, wanted.fullmatch).items():
        level, colour = wanted.fullmatch(channel).groups()
        found[level, "rgba".index(colour.lower())] = values
    if not found:
        raise UserError(lacks(file, f"{layer}.{name}"))
    return np.stack([found[key] for key in sorted(found)], axis=-1)


def read_channels(file: Path, is_wanted: Callable[[str], object]) -> dict[str, np.ndarray]:
    """The channels of an EXR file that are wanted, by their names, (H, W) float32 each, from all of its parts.

    Raises UserError if the file cannot be read.
    """
    picture = oiio.ImageInput.open(str(file)) if file.is_file() else None
    found, part = {}, 0
    while picture and picture.seek_subimage(part, 0):
        places = {place: name for place, name in enumerate(picture.spec().channelnames) if is_wanted(name)}
        if places:
            # All at once: each time, what lies beside them is unpacked as well.
            values = picture.read_image(part, 0, min(places), max(places) + 1, "float")
            if values is None:
                picture = None
                break
            found |= {name: values[..., place - min(places)] for place, name in places.items()}
        part += 1
    if picture is None:
        oiio.geterror()  # which speaks of the format's inner parts, and would be printed at the end
        raise UserError(f"The passes '{file}' cannot be read, as they are gone or damaged: render once more.")
    picture.close()
    return found


def lacks(file: Path, name: str) -> str:
    """What is wrong with a file that has no such pass."""
    return f"'{file}' has no pass '{name}': switch it on in the view layer's passes, and render once more."


def float_id(name: str) -> np.float32:
    """By what a thing is known in a Cryptomatte: the hash of its name, as a float that is a usual number."""
    bits = murmur3(name.encode())
    exponent = min(max(bits >> 23 & 0xFF, 1), 254)
    return np.uint32(bits & 0x807FFFFF | exponent << 23).view(np.float32)


def murmur3(data: bytes, seed: int = 0) -> int:
    """MurmurHash3_x86_32 (Appleby), 32 bits."""
    value, whole = seed, len(data) // 4 * 4
    for place in range(0, len(data), 4):
        block = int.from_bytes(data[place : place + 4], "little") * 0xCC9E2D51 & 0xFFFFFFFF
        value ^= turned(block, 15) * 0x1B873593 & 0xFFFFFFFF
        if place < whole:
            value = (turned(value, 13) * 5 + 0xE6546B64) & 0xFFFFFFFF
    value ^= len(data)
    value = (value ^ value >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    value = (value ^ value >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return value ^ value >> 16


def turned(value: int, by: int) -> int:
    """32 bits, turned to the left."""
    return (value << by | value >> 32 - by) & 0xFFFFFFFF
