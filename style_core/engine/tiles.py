"""Cutting a frame so that its gradient can be computed piece by piece, exactly, in bounded memory.

A Gram matrix is a sum over positions. Every tile counts the positions of its own core; around the core lies a margin as
wide as what a position of the deepest layer sees, so that inside the core every activation is what it is in the whole
frame. Cores begin at multiples of the deepest layer's stride, so that pooling groups the same pixels as in the frame.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import torch

from ..job import LAYERS

CHANNELS = {"1": 64, "2": 128, "3": 256, "4": 512, "5": 512}
# Values for each pixel beside the kept activations: the two gradients that meet at conv1_2, and one to spare.
PASSING = 3 * 64


@dataclass(frozen=True)
class Span:
    """Part of one side of a frame: `outer` is computed, `core` inside it counts; in pixels, ends excluded."""

    core: tuple[int, int]
    outer: tuple[int, int]

    def core_at(self, stride: int, length: int) -> slice:
        """The core on a layer's grid, counted from the outer's beginning; `length` is the outer's on that grid."""
        begin = (self.core[0] - self.outer[0]) // stride
        # A core that ends with the frame takes all that is left: sizes that are no multiple lose a part of a position.
        return slice(begin, length if self.core[1] == self.outer[1] else (self.core[1] - self.outer[0]) // stride)

    def on_frame(self, stride: int, length: int) -> slice:
        """The core on a layer's grid of the whole frame, whose length on that grid is `length`."""
        begin = self.core[0] // stride
        return slice(begin, length if self.core[1] == self.outer[1] else self.core[1] // stride)


@dataclass(frozen=True)
class Tile:
    """A rectangle of a frame."""

    rows: Span
    columns: Span

    def crop(self, picture: torch.Tensor) -> torch.Tensor:
        """The outer part of a picture (..., H, W)."""
        return picture[..., slice(*self.rows.outer), slice(*self.columns.outer)]

    def core_of(self, features: torch.Tensor, name: str) -> torch.Tensor:
        """The core of the tile's activations in a layer, (1, N, h, w)."""
        step, (height, width) = stride(name), features.shape[-2:]
        return features[..., self.rows.core_at(step, height), self.columns.core_at(step, width)]

    def part_of(self, features: torch.Tensor, name: str) -> torch.Tensor:
        """The same positions in the activations of the whole frame, (1, N, H, W)."""
        step, (height, width) = stride(name), features.shape[-2:]
        return features[..., self.rows.on_frame(step, height), self.columns.on_frame(step, width)]


def stride(name: str) -> int:
    """Pixels of the frame between two positions of a layer."""
    return 1 << (int(name[4]) - 1)


def up_to_deepest(layers: Iterable[str]) -> tuple[str, ...]:
    """All layers from the first to the deepest of `layers`."""
    return LAYERS[: max(map(LAYERS.index, layers)) + 1]


def margin_of(layers: Iterable[str]) -> int:
    """How far beyond its own pixels a position of the deepest of `layers` sees, rounded up to whole positions of it.

    Each convolution sees one position further. Pooling adds nothing, as cores begin where its blocks begin.
    """
    passed = up_to_deepest(layers)
    grid = stride(passed[-1])
    return math.ceil(sum(map(stride, passed)) / grid) * grid


def bytes_per_pixel(layers: Iterable[str], itemsize: int) -> int:
    """About how much memory the gradient of one pixel takes: the activations kept on the way to the deepest layer."""
    passed = up_to_deepest(layers)
    kept = sum(CHANNELS[name[4]] / stride(name) ** 2 for name in passed)
    pooled = sum(CHANNELS[str(int(name[4]) - 1)] / stride(name) ** 2 for name in passed[1:] if name.endswith("_1"))
    return math.ceil((kept + pooled + PASSING) * itemsize)


def plan_tiles(height: int, width: int, layers: Iterable[str], most_pixels: int) -> list[Tile]:
    """Tiles that cover a frame with cores, none overlapping, whose outer parts have at most `most_pixels` pixels.

    Where even the smallest useful tile is larger than that, it is taken all the same.
    """
    layers = tuple(layers)
    grid, margin = stride(up_to_deepest(layers)[-1]), margin_of(layers)
    if height * width <= most_pixels:
        return [Tile(Span((0, height), (0, height)), Span((0, width), (0, width)))]
    # Square tiles waste the least on margins; a side that is short anyway gives its share to the other.
    side = math.isqrt(most_pixels)
    if min(height, width) < side:
        side = max(side, most_pixels // min(height, width))
    core = max(grid, margin, (side - 2 * margin) // grid * grid)
    return [Tile(*pair) for pair in product(cut(height, core, margin, grid), cut(width, core, margin, grid))]


def cut(length: int, core: int, margin: int, grid: int) -> list[Span]:
    """One side of a frame in cores of about equal lengths, at most `core`, beginning at multiples of `grid`."""
    count = math.ceil(length / core)
    begins = [round(length * i / count / grid) * grid for i in range(count)]
    begins = sorted({begin for begin in begins if begin < length})
    ends = [*begins[1:], length]
    return [
        Span((begin, end), (max(0, begin - margin), min(length, end + margin)))
        for begin, end in zip(begins, ends, strict=True)
    ]
