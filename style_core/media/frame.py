"""One frame in memory."""

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from .light import Light, colour_of, encode_srgb, light_of, light_shown_as

# A picture is of another's shape if its height is right for its width but for so many pixels, or for this share of it.
ROUNDED, SHARE = 2, 0.02


@dataclass(frozen=True)
class Frame:
    """A picture as the eye shall see it: display-referred sRGB in 0..255, whatever it is stored in.

    Attributes:
        rgb: (H, W, 3), not multiplied by alpha: uint8, or float32 where the source is finer than that.
        alpha: (H, W) of the same type, or None where the source has none.
        light: of a scene-linear source; `rgb` is what is shown of it. None: there is no more than `rgb`.
    """

    rgb: np.ndarray
    alpha: np.ndarray | None = None
    light: Light | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]

    @property
    def depth(self) -> str:
        """What holds all of it, one of job.DEPTHS."""
        return "exr" if self.light else "png8" if self.rgb.dtype == np.uint8 else "png16"

    @cached_property
    def seen(self) -> np.ndarray:
        """The colours as a screen of 8 bits shows them, (H, W, 3) uint8; light above 1 is as bright as 1."""
        return rounded(self.shown, np.uint8)

    @property
    def shown(self) -> np.ndarray:
        """The same in the depth of the frame."""
        return self.rgb if self.light is None else 255 * encode_srgb(colour_of(self.light.pixels))

    def at(self, depth: str) -> "Frame":
        """The frame in another depth, one of job.DEPTHS but for "auto"; itself if it has that."""
        if depth == self.depth:
            return self
        alpha = self.alpha
        if depth == "exr":
            rgb, shares = self.rgb.astype(np.float32), None if alpha is None else alpha.astype(np.float32)
            return Frame(rgb, shares, light_shown_as(rgb / 255, None if shares is None else shares / 255))
        kind = np.uint8 if depth == "png8" else np.float32
        return Frame(rounded(self.shown, kind), None if alpha is None else rounded(alpha, kind))

    def repainted(self, rgb: np.ndarray) -> "Frame":
        """The frame in other colours, (H, W, 3) as its own; light is exactly as it was where they are as they were."""
        if self.light is None:
            return Frame(rgb, self.alpha)
        changed = (rgb != self.rgb).any(axis=2, keepdims=True)
        return Frame(rgb, self.alpha, self.light.painted(rgb / 255, changed))

    def in_light(self, pixels: np.ndarray) -> "Frame":
        """A scene-linear frame with other light (H, W, 3), multiplied by its alpha, which stays."""
        light = replace(self.light, pixels=np.concatenate([pixels, self.light.pixels[..., 3:]], axis=2))
        return Frame(255 * light.shown(), self.alpha, light)

    def halved(self) -> "Frame":
        """The frame to be stored in half floats, if it is light: as paint it is no finer than that."""
        return self if self.light is None else replace(self, light=replace(self.light, is_half=True))

    def as_paint_of(self, source: "Frame") -> "Frame":
        """A frame that was stored, with the colours that it was painted with: its light is divided by the gain of what
        it was painted from."""
        if self.light is None or source.light is None:
            return self
        light = replace(self.light, gain=source.light.gain)
        return Frame(255 * light.shown(), self.alpha, light)

    def resized(self, width: int, height: int) -> "Frame":
        """The frame at another size; itself if it has that size."""
        if self.size == (width, height):
            return self
        if self.light:
            return frame_of_light(resize_light(self.light.pixels, width, height), self.light.is_half)
        alpha = None if self.alpha is None else resize(self.alpha, width, height).clip(0, 255)
        return Frame(resize(self.rgb, width, height).clip(0, 255), alpha)


def frame_of_light(pixels: np.ndarray, is_half: bool) -> Frame:
    """A frame of scene-linear light, (H, W, 3 or 4) float32, multiplied by its alpha.

    `is_half` says whether half floats hold all of it.
    """
    light = light_of(pixels, is_half)
    alpha = light.alpha
    return Frame(255 * light.shown(), None if alpha is None else 255 * alpha[..., 0].clip(0, 1), light)


def rounded(values: np.ndarray, kind: "np.typing.DTypeLike") -> np.ndarray:
    """Values in 0..255 as pictures of a kind hold them: uint8 in whole numbers, float32 as they are."""
    if values.dtype == kind:
        return values
    return np.rint(values).astype(np.uint8) if kind == np.uint8 else values.astype(np.float32)


def resize(array: np.ndarray, width: int, height: int) -> np.ndarray:
    """(H, W) or (H, W, C) at another size: averaged where it gets smaller, cubic where it gets larger."""
    shrinks = width * height < array.shape[0] * array.shape[1]
    return cv2.resize(array, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)


def resize_light(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """The same for light, which is linear where it gets larger: around a lamp, cubic would leave black rings."""
    shrinks = width * height < pixels.shape[0] * pixels.shape[1]
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def is_of_shape(size: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether a width and height have the shape of another, as far as whole pixels go: painters and programs round to
    sides that are even, or multiples of more."""
    fitting = size[0] * other[1] / other[0]
    return abs(size[1] - fitting) <= max(ROUNDED, SHARE * fitting)


def fitted_size(width: int, height: int, longer_side: int) -> tuple[int, int]:
    """Width and height with the longer side as wanted (0: unchanged), at least 16 pixels each."""
    if longer_side == 0:
        return width, height
    factor = longer_side / max(width, height)
    return max(16, round(width * factor)), max(16, round(height * factor))
