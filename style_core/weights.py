"""Finds, verifies and loads the network's weights."""

from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from .look import LAYERS
from .setting import UserError

VGG19_FILE = Path(__file__).parent / "weights" / "vgg19.safetensors"


def load_vgg19(path: Path = VGG19_FILE) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Kernel (out, in, 3, 3) and bias (out,) of each convolution by layer name, float32 on the CPU.

    The file holds each layer's weights as 8-bit codes into a codebook of 256 values (k-means), 20 MB instead of 80.
    The values are the original ImageNet ones (Simonyan and Zisserman 2014): inputs are BGR, 0..255, mean removed.
    Raises UserError if the file is missing, truncated or of another network.
    """
    if not path.is_file():
        raise UserError(f"The network's weights are missing: '{path}'. Get them with: python3 build.py weights")
    try:
        with safe_open(str(path), framework="pt") as file:
            return {name: layer_weights(file, name) for name in LAYERS}
    except (SafetensorError, OSError) as error:
        raise UserError(
            f"The weights file '{path}' is damaged ({error}). Delete it and get it again with: python3 build.py "
            "weights, or reinstall Stylestrip."
        ) from error


def layer_weights(file: safe_open, name: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Kernel and bias of one layer, decoded from its codebook."""
    codes = file.get_tensor(f"{name}.codes")
    return file.get_tensor(f"{name}.codebook")[codes.int()], file.get_tensor(f"{name}.bias")
