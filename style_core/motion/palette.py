"""The colours that a painted film has in the place of its own."""

import cv2
import numpy as np

# Shades of each channel that are told apart, and over how many of them what is known is spread to their neighbours.
SHADES, SPREAD = 24, 1.0
# So many pixels' worth of what is known counts half.
FEW = 4.0


def in_paints_colours(content: np.ndarray, paint: np.ndarray, painted: np.ndarray) -> np.ndarray:
    """A frame with its colours moved as paint has moved them, (H, W, 3) float32 in 0..255.

    What comes into sight is begun with this: from its own colours it would need as many steps to those of the paint as
    the first frame had, and until then trail behind what moves as a patch that is paler than the rest.

    Args:
        content: the frame, (H, W, 3) in 0..255.
        paint: its paint, (H, W, 3) in 0..255.
        painted: where there is any, (H, W) bool; where there is none of a shade or one like it, that is left as it is.
    """
    shade = np.clip(content.astype(np.float32) * (SHADES / 256), 0, SHADES - 1).astype(np.intp)
    places = (shade[..., 0] * SHADES + shade[..., 1]) * SHADES + shade[..., 2]
    moved = (paint.astype(np.float32) - content)[painted]
    sums = [np.bincount(places[painted], weights, SHADES**3) for weights in (None, *moved.T)]
    count, *totals = (spread(one) for one in sums)
    shift = np.stack([total / (count + FEW * PEAK) for total in totals], axis=-1).astype(np.float32)
    return (content + shift[places]).clip(0, 255)


def spread(table: np.ndarray) -> np.ndarray:
    """A table by shade, (SHADES ** 3,), with what is known of each passed on to those around it."""
    for _ in range(3):  # along one axis after the other, which the turning brings to the front
        rows = table.astype(np.float32).reshape(SHADES, -1)
        table = cv2.filter2D(rows, -1, KERNEL[:, None], borderType=cv2.BORDER_CONSTANT).T
    return table.ravel()


KERNEL = cv2.getGaussianKernel(int(6 * SPREAD) | 1, SPREAD, cv2.CV_32F)[:, 0]
PEAK = float(KERNEL.max()) ** 3
