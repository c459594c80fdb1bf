"""Cutting the encoder's way so that the gradient of a frame of any size is computed exactly, in bounded memory.

The encoder is passed block by block, a block being the layers between two poolings. Between blocks the pooled
activations of the whole frame are kept, which are few. Inside a block nothing is kept but what fits: a block that is
too large is computed in bands of rows, forwards once and backwards once more. A band counts the rows of its own core;
on either side it has a margin of one row for each convolution of its block, so that inside the core every activation is
what it is in the whole frame.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch

from ..look import LAYERS

FILTERS = {"1": 64, "2": 128, "3": 256, "4": 512, "5": 512}
# Of the memory for activations, what whole blocks may keep from the way forwards; bands have the rest.
SHARE_KEPT = 0.75
# Activations and gradients of one layer that exist at once beside those that are kept.
PASSING = 3
# Bytes of a band on the processor: small enough for memory to be used again instead of being asked of the system, and
# large enough to keep all cores busy. A 1080p step takes 5.5 s so, and 7.1 s in the largest bands that fit.
BAND_ON_CPU = 80 << 20
# Rows of the smallest band: smaller ones would be all margin.
LEAST_ROWS = 8


@dataclass(frozen=True)
class Block:
    """The layers between two poolings, up to the last one needed, all on one grid."""

    layers: tuple[str, ...]

    @property
    def filters(self) -> int:
        """Of each of its layers."""
        return FILTERS[self.layers[0][4]]

    @property
    def kept(self) -> int:
        """Values that its gradient needs for each position."""
        return self.filters * len(self.layers)

    @property
    def passing(self) -> int:
        """Values that exist for each position beside those, while it is computed."""
        return self.filters * PASSING


@dataclass(frozen=True)
class Band:
    """Rows of a block's grid: `outer` are computed, `core` inside it counts; ends excluded."""

    block: Block
    core: tuple[int, int]
    outer: tuple[int, int]

    @property
    def inner(self) -> tuple[int, int]:
        """The core, counted from the outer's beginning."""
        return self.core[0] - self.outer[0], self.core[1] - self.outer[0]

    def crop(self, whole: torch.Tensor) -> torch.Tensor:
        """The outer rows of (..., H, W) on the block's grid."""
        return whole[..., slice(*self.outer), :]

    def core_of(self, computed: torch.Tensor) -> torch.Tensor:
        """The core of what was computed from the outer rows, (1, N, h, W)."""
        return computed[..., slice(*self.inner), :]

    def part_of(self, whole: torch.Tensor) -> torch.Tensor:
        """The same rows of (..., H, W) on the block's grid."""
        return whole[..., slice(*self.core), :]

    def pooled_part_of(self, pooled: torch.Tensor) -> torch.Tensor:
        """The rows of (..., H / 2, W / 2) that the core is pooled to."""
        return pooled[..., self.core[0] // 2 : self.core[1] // 2, :]


# By block, from the first to the deepest.
Plan = Sequence[Sequence[Band]]


def stride(name: str) -> int:
    """Pixels of the frame between two positions of a layer."""
    return 1 << (int(name[4]) - 1)


def up_to_deepest(layers: Iterable[str]) -> tuple[str, ...]:
    """All layers from the first to the deepest of `layers`."""
    return LAYERS[: max(map(LAYERS.index, layers)) + 1]


def blocks_up_to(layers: Iterable[str]) -> list[Block]:
    """The blocks that lead to the deepest of `layers`."""
    passed = up_to_deepest(layers)
    return [Block(tuple(name for name in passed if name[4] == number)) for number in sorted({n[4] for n in passed})]


def plan_bands(
    height: int, width: int, layers: Iterable[str], most_bytes: int, itemsize: int, most_in_band: float = math.inf
) -> Plan:
    """The bands of every block, whose activations and gradients take about `most_bytes` at once.

    Args:
        height, width: of the frame, in pixels.
        layers: what is looked at.
        most_bytes: what activations may take; where even the smallest useful band takes more, it does so all the same.
        itemsize: bytes of one value.
        most_in_band: bytes that a band may take, however much there is.
    """
    blocks = blocks_up_to(layers)
    positions = [(height >> level) * (width >> level) for level in range(len(blocks))]
    pairs = list(zip(blocks, positions, strict=True))
    everything = sum(block.kept * count for block, count in pairs) + max(b.passing * count for b, count in pairs)
    if everything * itemsize <= most_bytes:
        return [[whole(block, height >> level)] for level, block in enumerate(blocks)]
    # Deeper blocks are worth more: they take more operations for each value that they keep.
    kept = 0
    plan: list[Sequence[Band]] = []
    for level in reversed(range(len(blocks))):
        block, count = pairs[level]
        kept_too = kept + block.kept * count * itemsize
        fits = kept_too <= SHARE_KEPT * most_bytes and kept_too + block.passing * count * itemsize <= most_bytes
        if fits and all_whole(plan):
            kept = kept_too
            plan.insert(0, [whole(block, height >> level)])
        else:
            row = (width >> level) * (block.kept + block.passing) * itemsize
            rows = min(most_bytes - kept, most_in_band) // row - 2 * len(block.layers)
            plan.insert(0, cut(block, height >> level, max(LEAST_ROWS, int(rows))))
    return plan


def all_whole(plan: Plan) -> bool:
    """Whether no block is cut."""
    return all(len(bands) == 1 for bands in plan)


def whole(block: Block, height: int) -> Band:
    """A block in one piece, `height` rows on its own grid."""
    return Band(block, (0, height), (0, height))


def cut(block: Block, height: int, rows: int) -> list[Band]:
    """A block in two or more bands of about equal heights, at most `rows`; they begin at even rows, as poolings do."""
    count, margin = max(2, math.ceil(height / rows)), len(block.layers)
    begins = sorted({round(height * i / count / 2) * 2 for i in range(count)})
    ends = [*begins[1:], height]
    return [
        Band(block, (begin, end), (max(0, begin - margin), min(height, end + margin)))
        for begin, end in zip(begins, ends, strict=True)
    ]
