"""What a place in a picture looks like, as a short vector: colours, and activations of the network that also paints."""

from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from ..engine.encoder import Encoder
from ..engine.precision import choose_precision
from ..weights import load_vgg19

# Longer side at which the network looks: object parts of a tenth of the frame still have several cells of its layers;
# the least of both sides, and of what all of them are multiples.
SIDE, LEAST_SIDE, STEP = 320, 32, 16
# For frames of a film, where less will do and time counts.
QUICK_SIDE = 224
# Layers and to how many dimensions each is brought: edges and textures, parts, and larger parts. Each has half of the
# next one's resolution.
LAYERS = {"conv2_2": 24, "conv3_2": 48, "conv4_2": 48}
# How much colours count beside a layer, whose vectors have the length 1.
COLOURS = 4.5
# Below this length activations are none.
LEAST = 1e-6


class Basis(NamedTuple):
    """The directions in which a layer's activations differ most in a picture."""

    mean: torch.Tensor
    directions: torch.Tensor
    """(C, dimensions)."""


class Features:
    """Vectors that are near each other where pictures look alike.

    Activations are taken as their roots, of length 1 in every layer, so that strong edges do not outvote the rest, and
    brought to the dimensions in which they differ in the first picture seen (principal components).

    Args:
        device: where the network computes.
        side: the longer side at which it looks, in pixels.
    """

    def __init__(self, device: torch.device | None = None, side: int = SIDE) -> None:
        self.device, self.side = device or torch.device("cpu"), side
        self.encoder = encoder(self.device)
        self.bases: dict[str, Basis] = {}

    def forget(self) -> None:
        """Lets the next picture have directions of its own."""
        self.bases = {}

    @torch.inference_mode()
    def of(self, rgb: np.ndarray) -> np.ndarray:
        """Vectors (h, w, C) float32 of a picture (H, W, 3) uint8, on the grid of conv2_2, half as large as
        the network's picture."""
        small = looked_at(rgb, self.side)
        picture = torch.from_numpy(small).to(self.device).permute(2, 0, 1)[None].float() / 255
        found = self.encoder(picture, LAYERS)
        if not self.bases:
            self.bases = {name: basis(rooted(found[name])[0], count) for name, count in LAYERS.items()}
        size = found["conv2_2"].shape[-2:]
        layers = [coloured(small, size), *(self.reduced(name, found[name], size) for name in LAYERS)]
        return np.concatenate(layers, -1)

    def reduced(self, name: str, x: torch.Tensor, size: tuple[int, int]) -> np.ndarray:
        """A layer's activations (1, C, h, w) in its basis, at the grid's size, (H, W, dimensions)."""
        mean, directions = self.bases[name]
        # As a convolution: how products are rounded is up to other threads (see precision.py).
        vectors = F.conv2d(rooted(x), directions.T[..., None, None], -(mean @ directions))
        return F.interpolate(vectors, size=size, mode="bilinear")[0].permute(1, 2, 0).cpu().numpy()


@cache
def encoder(device: torch.device) -> Encoder:
    """The network, loaded once for each device."""
    return Encoder(load_vgg19(), "max", choose_precision("auto", device)).to(device)


def looked_at(rgb: np.ndarray, longer: int) -> np.ndarray:
    """The picture with a longer side of about so many pixels, as the network looks at it.

    Sides are multiples of STEP: for every size that it has not met before, torch keeps some MB.
    """
    factor = longer / max(rgb.shape[:2])
    size = [max(LEAST_SIDE, STEP * round(side * factor / STEP)) for side in rgb.shape[1::-1]]
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)


def rooted(x: torch.Tensor) -> torch.Tensor:
    """Activations (1, C, h, w) as roots of length 1 at each place, float32."""
    roots = x.float().clamp(min=0).sqrt()
    return roots / (roots.norm(dim=1, keepdim=True) + LEAST)


def basis(vectors: torch.Tensor, count: int) -> Basis:
    """The principal components of vectors (C, h, w)."""
    flat = vectors.flatten(1).T
    mean = flat.mean(0)
    directions = torch.linalg.eigh((flat - mean).T @ (flat - mean)).eigenvectors
    return Basis(mean, directions[:, -count:])


def coloured(small: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Colours (H, W, 8) at a size: lightness and the two opponent colours, and products that keep apart what is of one
    colour but lighter."""
    tiny = cv2.resize(small, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(tiny, cv2.COLOR_RGB2LAB).astype(np.float32) / 255 - 0.5
    light, opponents = lab[..., :1], lab[..., 1:]
    return COLOURS * np.concatenate([lab, light * opponents, lab * lab], -1)
