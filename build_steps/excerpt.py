"""A few frames of a clip, made small, for films and sheets of the pages and benchmarks."""

from pathlib import Path

import cv2
import numpy as np

from style_core.media.clip import open_clip
from style_core.media.frame import fitted_size


def cut_out(clip: str, numbers: range, size: int, folder: Path, bars: float = 0.0) -> list[np.ndarray]:
    """Some frames of a clip, (H, W, 3) uint8; they are put into a folder too, as a film of their own.

    Args:
        clip: a film, or a folder of frames.
        numbers: which of its frames, from 1.
        size: pixels of the longer side; sides are even, as codecs want them.
        folder: gets 000001.png and so on.
        bars: share of the frame's height that a black bar takes above and below, which is cut off.
    """
    source, cut = open_clip(clip), []
    folder.mkdir(parents=True, exist_ok=True)
    for place, number in enumerate(numbers, 1):
        frame = source.read(number)
        bar = round(bars * frame.size[1])
        rgb = frame.rgb[bar : frame.size[1] - bar]
        width, height = (side // 2 * 2 for side in fitted_size(rgb.shape[1], rgb.shape[0], size))
        cut.append(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA))
        cv2.imwrite(str(folder / f"{place:06d}.png"), cut[-1][..., ::-1])
    return cut
