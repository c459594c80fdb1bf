"""Masks from files, and paint laid over the frame through them."""

import cv2
import numpy as np

from ..job import Region, Source, UserError
from ..media.clip import Clip, open_clip
from ..media.frame import Frame, resize

# The least opacity from which paint is told again.
THINNEST = 0.02


class Matte:
    """Where to paint, for every frame: a still mask, a mask for each frame of the clip, or one for each frame painted.

    Raises UserError if the mask cannot be read or has another length.
    """

    def __init__(self, region: Region, source: Source, clip: Clip, numbers: range) -> None:
        self.region = region
        self.masks = open_clip(region.mask)
        self.first = numbers.start if self.masks.count == len(numbers) else 1
        if self.masks.count not in (1, clip.count, len(numbers)):
            raise UserError(
                f"The mask '{region.mask}' has {self.masks.count} frames, but {len(numbers)} frames are painted of "
                f"{clip.count} in '{source.path}': give one mask for all, or one for each frame."
            )

    def read(self, number: int, width: int, height: int) -> np.ndarray:
        """The soft mask for frame `number` of the source at the given size, (H, W) float32 in 0..1."""
        frame = self.masks.read(1 if self.masks.count == 1 else number - self.first + 1)
        mask = resize(frame.rgb.max(axis=2), width, height).astype(np.float32) / 255
        return feather(1 - mask if self.region.invert else mask, self.region.feather / 100 * width)


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


def lay_over(content: Frame, painted: np.ndarray, mask: np.ndarray | None) -> Frame:
    """The painted picture (H, W, 3) uint8 over the content; equal to the content to the bit where the mask is 0."""
    if mask is None:
        return Frame(painted, content.alpha)
    opacity = mask[..., None]
    mixed = np.round(content.rgb * (1 - opacity) + painted * opacity).astype(np.uint8)
    return Frame(np.where(opacity == 0, content.rgb, mixed), content.alpha)


def without_content(content: Frame, painted: Frame, mask: np.ndarray | None) -> np.ndarray:
    """The paint that `lay_over` has laid over the content, (H, W, 3) uint8; the content where there is none.

    At the soft edge of a mask a painted frame is half content. Carried on to the next frame and laid over it once more
    it would be less and less paint.
    """
    if mask is None:
        return painted.rgb
    opacity = mask[..., None]
    # Where paint is thin, rounding hides most of it; laid over once more it is the same again all the same.
    paint = content.rgb + (painted.rgb - content.rgb.astype(np.float32)) / np.maximum(opacity, THINNEST)
    return np.where(opacity == 0, content.rgb, np.rint(paint).clip(0, 255).astype(np.uint8))
