"""A sheet of what settings change, run by the runtime's Python: each at a low and at a high value, all else as usual.

.envs/runtime/bin/python -m build_steps.settings_sheet OUTPUT.jpg --clip CLIP.mp4 --frame 125 [--size 224]
"""

import argparse
from dataclasses import fields, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch
from rich.progress import track

from style_core.engine.painter import Painter
from style_core.engine.scales import pyramid
from style_core.job import Look
from style_core.media.clip import open_clip
from style_core.media.frame import Frame, fitted_size
from style_core.media.pictures import read_picture
from style_core.session import noise
from style_core.styles import find_style

from .looks_sheet import GAP, header

# Of each setting a low and a high value, and what else must be set so that it is seen.
SHOWN: tuple[tuple[str, object, object, dict[str, object]], ...] = (
    ("style_weight", 0.2, 3.0, {}),
    ("content_weight", 0.3, 10.0, {}),
    ("brush_size", 0.5, 2.5, {}),
    ("keep_colours", 0.0, 1.0, {}),
    ("keep_colours_by", "luminance", "statistics", {"keep_colours": 1.0}),
    ("smoothness", 0.0, 20.0, {}),
    ("rotation", 0.0, 90.0, {}),
    ("steps", 8, 100, {}),
    ("style_loss", "gram", "covariance", {}),
    ("pooling", "average", "max", {}),
    ("content_layers", ("conv2_2",), ("conv4_2",), {}),
    ("style_layers", ("conv1_1", "conv2_1"), ("conv4_1", "conv5_1"), {}),
    ("first_size", 64, 224, {}),
    ("coarse_weight", 0.0, 2.0, {"first_size": 64}),
    ("start", "content", "random", {}),
    ("seed", 0, 1, {"start": "random"}),
    ("optimiser", "lbfgs", "adam", {}),
    ("learning_rate", 0.004, 0.05, {"optimiser": "adam"}),
)
STYLE, PAIRS, QUALITY = "oil-swirl", 2, 80
# Two values whose pictures differ by less than this, of 255, show nothing.
LEAST_DIFFERENCE = 2.0
LABELS = {spec.name: spec.metadata.get("label", "") for spec in fields(Look)}


@cache
def painted(look: Look, content: bytes, size: tuple[int, int]) -> np.ndarray:
    """A frame (H, W, 3) uint8, given as bytes and its width and height, in a look; from noise where it says so."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    painter = Painter(look, [read_picture(look.styles[0]).rgb], device, "auto")
    frame = np.frombuffer(content, np.uint8).reshape(size[1], size[0], 3)
    start = noise(frame.shape, look.noise_mean, look.seed) if look.start == "random" else frame
    return painter.paint(frame, start, pyramid(*size, look.first_size, look.steps))


def pair(content: Frame, shown: tuple[str, object, object, dict[str, object]]) -> np.ndarray:
    """A setting at its two values, side by side under its name; AssertionError if nobody could tell them apart."""
    name, low, high, further = shown
    look = Look(styles=(find_style(STYLE),), **further)
    frames = [painted(replace(look, **{name: value}), content.rgb.tobytes(), content.size) for value in (low, high)]
    assert np.abs(frames[0].astype(float) - frames[1]).mean() > LEAST_DIFFERENCE, f"{name} shows nothing"
    words = [f"{LABELS[name]}: {' '.join(v) if isinstance(v, tuple) else v}" for v in (low, high)]
    return beside(frames, words)


def beside(frames: list[np.ndarray], words: list[str]) -> np.ndarray:
    """Two pictures side by side, each under its words."""
    tiles = [np.pad(frame, ((0, GAP), (0, GAP), (0, 0)), constant_values=255) for frame in frames]
    return np.vstack([header(words, frames[0].shape[1]), np.hstack(tiles)])


def materials(content: Frame) -> np.ndarray:
    """The frame and the style picture, of which all of the others are made."""
    style = read_picture(find_style(STYLE))
    width, height = content.size
    whole = style.resized(width, round(style.size[1] * width / style.size[0])).rgb
    return beside([content.rgb, whole[:height]], ["The film's frame", "The style picture"])


def usual(content: Frame) -> np.ndarray:
    """The frame with all as it is at first, and with two settings raised together."""
    look = Look(styles=(find_style(STYLE),))
    painted_usual = painted(look, content.rgb.tobytes(), content.size)
    bold = painted(replace(look, style_weight=4.0, brush_size=2.0), content.rgb.tobytes(), content.size)
    return beside([painted_usual, bold], ["All as usual", "Strength 4 and Brush size 2"])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("output", type=Path)
    options.add_argument("--clip", required=True)
    options.add_argument("--frame", type=int, required=True)
    options.add_argument("--size", type=int, default=224)
    given = options.parse_args()
    whole = open_clip(given.clip).read(given.frame)
    content = whole.resized(*fitted_size(*whole.size, given.size))
    cells = [materials(content), usual(content), *(pair(content, shown) for shown in track(SHOWN, "Painting"))]
    cells = [np.pad(cell, ((0, 2 * GAP), (0, 3 * GAP), (0, 0)), constant_values=255) for cell in cells]
    rows = [np.hstack(cells[begin : begin + PAIRS]) for begin in range(0, len(cells), PAIRS)]
    cv2.imwrite(str(given.output), np.vstack(rows)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


if __name__ == "__main__":
    main()
