"""VGG-19 as an encoder: a picture in, the activations of named layers out."""

import math
from collections.abc import Iterable, Iterator

import torch
from torch import nn
from torch.nn import functional as F

from ..look import LAYERS
from .backwards import border_back, convolution_back
from .bands import BAND_ON_CPU, Band, Block, Plan, blocks_up_to, plan_bands
from .fused import has_kernels, settle
from .pooling import Pooling

# Mean of the ImageNet training pictures in BGR, 0..255, as the network was trained (Simonyan and Zisserman 2014).
BGR_MEAN = (103.939, 116.779, 123.68)

# In float16 all activations are this times their size: the largest would leave its range of 65504. Between two layers
# nothing is added but biases, which are made smaller too, so that a power of two changes no digit.
UNIT_OF_FLOAT16 = 1 / 16


def with_border(x: torch.Tensor) -> torch.Tensor:
    """A picture one pixel larger on every side, which repeats its border.

    Put together from parts, as the gradient of torch's own padding is added up in any order on CUDA.
    """
    x = torch.cat([x[..., :1], x, x[..., -1:]], -1)
    return torch.cat([x[..., :1, :], x, x[..., -1:, :]], -2).contiguous(memory_format=torch.channels_last)


def convolved(x: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor, padding: int) -> torch.Tensor:
    """A convolution and its ReLU."""
    if x.is_cuda and not torch.is_grad_enabled():
        # cuDNN's own way to do all at once does not promise the same bytes, and reads memory that is not written yet.
        y = F.conv2d(x, kernel, padding=padding)
        return settle(y, bias) if has_kernels(y) else y.add_(bias.view(1, -1, 1, 1)).relu_()
    return F.relu_(F.conv2d(x, kernel, bias, padding=padding))


class Encoder(nn.Module):
    """The convolutional part of VGG-19, up to the deepest layer asked for.

    Takes pictures (N, 3, H, W), RGB, 0..1, at least 16 pixels a side; gives each named layer's activations after its
    ReLU, (N, C, H / 2^(block-1), W / 2^(block-1)), sizes rounded down, in the encoder's own precision, and `unit` times
    as large as the network's. The weights are frozen.

    Args:
        weights: kernel (out, in, 3, 3) and bias (out,) by layer name.
        pooling: one of POOLINGS.
        precision: in what the convolutions compute: torch.float32, or what the device is made for (see `precision`).
    """

    def __init__(
        self,
        weights: dict[str, tuple[torch.Tensor, torch.Tensor]],
        pooling: str,
        precision: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.precision = precision
        self.unit = UNIT_OF_FLOAT16 if precision == torch.float16 else 1.0
        self.pool = Pooling(pooling, self.unit)
        self.register_buffer("mean", torch.tensor(BGR_MEAN).view(1, 3, 1, 1))
        for name, (kernel, bias) in weights.items():
            kernel = kernel.to(precision).contiguous(memory_format=torch.channels_last)
            self.register_buffer(f"{name}_kernel", kernel)
            self.register_buffer(f"{name}_bias", (bias * self.unit).to(precision))

    def forward(self, picture: torch.Tensor, layers: Iterable[str]) -> dict[str, torch.Tensor]:
        wanted = set(layers)
        unknown = wanted - set(LAYERS)
        if unknown:
            raise ValueError(f"unknown layers {sorted(unknown)}, expected names such as conv4_2")
        found: dict[str, torch.Tensor] = {}
        blocks, x = blocks_up_to(wanted), picture
        for block in blocks:
            features = self.pass_block(x, block)
            found |= {name: features[name] for name in block.layers if name in wanted}
            if block is not blocks[-1]:
                x = self.pool(features[block.layers[-1]])
        return found

    def pass_block(self, x: torch.Tensor, block: Block) -> dict[str, torch.Tensor]:
        """Activations of all layers of a block; x is a picture for the first, and pooled activations for the others."""
        found = {}
        for name in block.layers:
            # Repeating the border at the first layer instead of zeros keeps a dark frame from being painted there.
            x, pad = (with_border(self.enter(x)), 0) if name == "conv1_1" else (x, 1)
            x = convolved(x, getattr(self, f"{name}_kernel"), getattr(self, f"{name}_bias"), pad)
            found[name] = x
        return found

    def layer_back(self, name: str, gradient: torch.Tensor) -> torch.Tensor:
        """The gradient of what a layer's convolution sees, from that of what goes into its ReLU."""
        kernel = getattr(self, f"{name}_kernel")
        if name != "conv1_1":
            return convolution_back(gradient, kernel, 1)
        bordered = convolution_back(gradient, kernel, 0).float()
        return (border_back(bordered) * (255 * self.unit)).flip(1)

    def enter(self, picture: torch.Tensor) -> torch.Tensor:
        """A picture as the network was trained to see it: RGB 0..1 -> BGR 0..255 with zero mean."""
        x = picture.flip(1) * 255 - self.mean
        return (x * self.unit).to(self.precision).contiguous(memory_format=torch.channels_last)

    def plan(self, picture: torch.Tensor, layers: Iterable[str], most_bytes: int) -> Plan:
        """The bands in which a picture's activations, and their gradient, are computed in so much memory."""
        most_in_band = BAND_ON_CPU if self.mean.device.type == "cpu" else math.inf
        return plan_bands(*picture.shape[-2:], layers, most_bytes, self.precision.itemsize, most_in_band)

    def look(self, picture: torch.Tensor, plan: Plan) -> Iterator[tuple[Band, dict[str, torch.Tensor]]]:
        """Band by band the activations of the bands' cores, without gradients."""
        x = picture
        for bands in plan:
            pooled = []
            for band in bands:
                with torch.no_grad():
                    features = self.pass_block(band.crop(x), band.block)
                    cores = {name: band.core_of(found) for name, found in features.items()}
                    if bands is not plan[-1]:
                        pooled.append(self.pool(cores[band.block.layers[-1]]))
                yield band, cores
            x = torch.cat(pooled, -2) if pooled else x
