"""Masks from files: where paint may move, where it is seen, and how it is laid over the frame."""

import re
from pathlib import Path

import cv2
import numpy as np

from ..job import Region, Source, UserError, frame_name
from ..media.clip import Clip, open_clip
from ..media.frame import Frame, is_of_shape, resize, rounded
from ..media.pictures import picture_files
from ..motion.flows.files import own_numbers

# How mattes are named that belong to frames of a clip, and painted frames.
FRAME_NAME = re.compile(r"\d{6}\.(png|exr)")
# What is darker is black: films come back from their coders with black that is not quite.
BLACK = 4 / 255
# How far around a region paint moves with it, as a share of the longer side and in pixels, at least. The network's
# layers see so far that paint which ended at the edge of the mask would be painted for what lies outside of it.
SURROUNDINGS, LEAST_SURROUNDINGS = 0.06, 24
# Less than this share of a change is none: it would only make the looked at part of the frame larger.
FAINT = 0.05
# How much what lies around a region counts beside it. Counting as much, it would have most of the strokes of a small
# region; not at all, it would be painted anyhow, and with it the edge.
AROUND = 0.3
# Where `surroundings` is at least so much there is paint that is as good as inside.
PAINTED = 0.5 * AROUND


class Matte:
    """Where to paint, for every frame: a still mask, a mask for each frame of the clip, or one for each frame painted.

    Masks in a folder that are named by the frames of the clip, such as 000012.png, belong to those frames: as they are
    counted, or as the clip's own pictures are numbered.

    Args:
        region: how the masks are meant.
        mask: the picture, film or folder with the masks.
        source, clip: what is painted.
        numbers: of the frames to paint.

    Raises UserError if the mask cannot be read or has another length.
    """

    def __init__(self, region: Region, mask: str, source: Source, clip: Clip, numbers: range) -> None:
        self.region = region
        self.still: Frame | None = None
        for numbered in (int, own_numbers(clip)):
            named = [frame_name(numbered(number)) for number in numbers]
            if all((Path(mask) / name).is_file() for name in named):
                self.masks, self.first = open_clip(mask, tuple(named)), numbers.start
                return
        others = named_frames(Path(mask))
        if others:
            raise UserError(
                f"The mattes in '{mask}' are of frames {others[0]}-{others[-1]}, and frames {numbers[0]}-{numbers[-1]} "
                "are painted: make the missing ones, or paint those."
            )
        self.masks = open_clip(mask)
        self.first = numbers.start if self.masks.count == len(numbers) else 1
        if self.masks.count not in (1, clip.count, len(numbers)):
            raise UserError(
                f"The mask '{mask}' has {self.masks.count} frames, but {len(numbers)} frames are painted of "
                f"{clip.count} in '{source.path}': give one mask for all, or one for each frame."
            )

    def read(self, number: int, width: int, height: int, content: Frame | None = None) -> np.ndarray:
        """The mask for frame `number` of the source at the given size, (H, W) float32 in 0..1, as it is in its file,
        whatever the frame's `content` is."""
        if self.masks.count == 1:
            frame = self.still = self.still or self.masks.read(1)
        else:
            frame = self.masks.read(number - self.first + 1)
        mask = resize(frame.seen.max(axis=2), width, height).astype(np.float32) / 255
        mask = 1 - mask if self.region.invert else mask
        return np.where(mask > BLACK, mask, 0).astype(np.float32)

    def opacity(self, number: int, content: Frame) -> np.ndarray:
        """How far paint is seen in frame `number`, whose content is of the wanted size, (H, W) float32 in 0..1."""
        width, height = content.size
        return feather(self.read(number, width, height), self.region.feather / 100 * width)


def about_shape(region: Region, clip: Clip) -> str:
    """A sentence about a region's mask that has another shape than the frames, and is stretched over them; else
    empty."""
    size = open_clip(region.mask).size if region.matte == "file" else clip.size
    if is_of_shape(size, clip.size):
        return ""
    (wide, high), (width, height) = size, clip.size
    return (
        f"The mask '{region.mask}' has {wide} x {high} pixels and is stretched over frames of {width} x {height}: give "
        "one of their shape if paint lies beside the thing."
    )


def named_frames(folder: Path) -> list[int]:
    """The frames that all pictures in a folder are named by, as 000012.png is; empty if they have other names."""
    files = picture_files(folder) if folder.is_dir() else []
    named = [file.stem for file in files if FRAME_NAME.fullmatch(file.name)]
    return sorted(map(int, named)) if len(named) == len(files) else []


def feather(mask: np.ndarray, pixels: float) -> np.ndarray:
    """A mask (H, W) in 0..1 that fades out inwards over `pixels`; what was 0 stays 0, so nothing outside is painted."""
    if pixels <= 0 or not mask.any():
        return mask
    # The frame's border is no edge of the mask: distances are measured as if the mask went on beyond it.
    margin = int(np.ceil(pixels)) + 1
    inside = np.pad((mask > 0).astype(np.uint8), margin, mode="edge")
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[margin:-margin, margin:-margin]
    fade = np.clip(distance / (pixels + 1), 0, 1)
    return (mask * fade * fade * (3 - 2 * fade)).astype(np.float32)  # smoothstep: no visible band at either end


def surroundings(mask: np.ndarray) -> np.ndarray:
    """Where paint moves so that it is right inside a mask (H, W) in 0..1, and how much it counts: 1 in the mask, and
    less in what lies around it, fading out, (H, W) float32 in 0..1."""
    inside = (mask > 0).astype(np.float32)
    if not inside.any():
        return inside
    around = softened(inside, max(LEAST_SURROUNDINGS, SURROUNDINGS * max(mask.shape)))
    return np.maximum(inside, AROUND * ((around - FAINT) / (1 - FAINT)).clip(0)).astype(np.float32)


def softened(mask: np.ndarray, reach: float) -> np.ndarray:
    """A mask (H, W) in 0..1 that goes on beyond its edge and fades out over so many pixels."""
    side = 2 * max(1, round(reach)) + 1
    return cv2.GaussianBlur(cv2.dilate(mask, np.ones((side, side), np.uint8)), (0, 0), max(0.5, reach / 3))


def lay_over(below: Frame, content: Frame, painted: np.ndarray, opacity: np.ndarray, strength: float) -> Frame:
    """Paint over what is below it, which stays as it is to the bit where the opacity is 0. Light is mixed as light.

    Args:
        below: the frame so far.
        content: the source.
        painted: its paint, (H, W, 3) in 0..255.
        opacity: (H, W) in 0..1.
        strength: how much of the paint is seen, 0..1; of the rest the source is.
    """
    share = opacity[..., None]
    if below.light is None:
        mixed = between(below.rgb, between(content.rgb, painted, strength), share)
        return below.repainted(np.where(share == 0, below.rgb, rounded(mixed, below.rgb.dtype)))
    lit = [frame.light.pixels[..., :3] for frame in (below, content, content.repainted(painted))]
    return below.in_light(between(lit[0], between(lit[1], lit[2], strength), share))


def between(one: np.ndarray, other: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """A share (0..1) of one picture and the rest of the other; where there is all of one, it is that to the bit."""
    with np.errstate(invalid="ignore"):  # of light that is no number, a share is none either
        mixed = one * np.float32(1 - share) + other * np.float32(share)
    return np.where(share == 0, one, np.where(share == 1, other, mixed))
