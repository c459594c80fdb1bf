"""Between scene-linear light, as EXR files hold it, and what the eye is shown of it.

All arrays are (H, W, C) float32 with the primaries of Rec.709.
"""

from dataclasses import dataclass

import numpy as np

# Light that no file of half floats can hold is as bright as that.
BRIGHTEST = 65504.0


@dataclass(frozen=True)
class Light:
    """The light of a scene-linear frame, of which the eye is shown no more than 1.

    What is shown of a pixel is its colour divided by its gain: so the network sees the hue of a lamp and not just
    white, and paint that is multiplied by the gain is as bright as what it was painted from.

    Attributes:
        pixels: (H, W, 3 or 4), as files have it: of any brightness, and multiplied by alpha where there is one.
        gain: (H, W, 1), the largest channel where that is more than 1; else 1.
        is_half: whether half floats hold all of it.
    """

    pixels: np.ndarray
    gain: np.ndarray
    is_half: bool

    @property
    def alpha(self) -> np.ndarray | None:
        """(H, W, 1), or None where there is none."""
        return alpha_of(self.pixels)

    def shown(self) -> np.ndarray:
        """What the eye is shown, (H, W, 3) in 0..1."""
        return encode_srgb(colour_of(self.pixels) / self.gain)

    def painted(self, paint: np.ndarray, changed: np.ndarray) -> "Light":
        """The light of paint, (H, W, 3) in 0..1, where `changed` (H, W, 1) says that there is some.

        Light without any alpha, a glow, has nothing that could be painted and stays.
        """
        colour, alpha = decode_srgb(paint) * self.gain, self.alpha
        if alpha is not None:
            colour, changed = colour * alpha, changed & (alpha > 0)
        pixels = self.pixels.copy()
        pixels[..., :3] = np.where(changed, colour, pixels[..., :3])
        return Light(pixels, self.gain, self.is_half)


def light_of(pixels: np.ndarray, is_half: bool) -> Light:
    """The light of (H, W, 3 or 4) pixels of a scene-linear file."""
    return Light(pixels, colour_of(pixels).max(axis=2, keepdims=True).clip(1), is_half)


def light_shown_as(rgb: np.ndarray, alpha: np.ndarray | None) -> Light:
    """The light of what is shown as (H, W, 3) and alpha (H, W), both in 0..1."""
    colour = decode_srgb(rgb)
    pixels = colour if alpha is None else np.dstack([colour * alpha[..., None], alpha])
    return Light(pixels, np.ones((*rgb.shape[:2], 1), np.float32), True)


def alpha_of(pixels: np.ndarray) -> np.ndarray | None:
    """The alpha (H, W, 1) of (H, W, 3 or 4), or None where there is none."""
    return pixels[..., 3:4] if pixels.shape[2] > 3 else None


def colour_of(pixels: np.ndarray) -> np.ndarray:
    """(H, W, 3) no longer multiplied by alpha, from 0 to BRIGHTEST; what is no number is black."""
    colour, alpha = pixels[..., :3], alpha_of(pixels)
    if alpha is not None:
        colour = np.divide(colour, alpha, out=np.zeros_like(colour), where=alpha > 0)
    return np.nan_to_num(colour, posinf=BRIGHTEST).clip(0, BRIGHTEST)


def encode_srgb(light: np.ndarray) -> np.ndarray:
    """Light to what the eye is shown, both in 0..1; what is beyond that is cut off."""
    light = light.clip(0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)


def decode_srgb(shown: np.ndarray) -> np.ndarray:
    """What the eye is shown to light, both in 0..1."""
    return np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4).astype(np.float32)
