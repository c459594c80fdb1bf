"""People by semantic segmentation: a large network of torchvision's that knows many kinds of things.

Its weights are no part of the package: they come from a file that the user names, as safetensors or as the checkpoint
that torchvision publishes, or the user has them fetched from there.
"""

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch.nn import functional as F
from torchvision.models.segmentation import (
    DeepLabV3_MobileNet_V3_Large_Weights,
    DeepLabV3_ResNet50_Weights,
    LRASPP_MobileNet_V3_Large_Weights,
    deeplabv3_mobilenet_v3_large,
    deeplabv3_resnet50,
    lraspp_mobilenet_v3_large,
)

from ..fetch import fetch, fetch_command
from ..kept import user_cache_folder
from ..region import PEOPLE_NETWORKS
from ..setting import UserError

# What makes each network, as it was trained, and where its weights are published. Those with a second head were
# trained with it, and have it in their files.
NETWORKS: dict[str, Callable[[], torch.nn.Module]] = {
    "deeplabv3-mobilenet": lambda: deeplabv3_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=CLASSES, aux_loss=True
    ),
    "deeplabv3-resnet50": lambda: deeplabv3_resnet50(
        weights=None, weights_backbone=None, num_classes=CLASSES, aux_loss=True
    ),
    "lraspp-mobilenet": lambda: lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=CLASSES),
}
URLS = {
    "deeplabv3-mobilenet": DeepLabV3_MobileNet_V3_Large_Weights.DEFAULT.url,
    "deeplabv3-resnet50": DeepLabV3_ResNet50_Weights.DEFAULT.url,
    "lraspp-mobilenet": LRASPP_MobileNet_V3_Large_Weights.DEFAULT.url,
}
NAMES = PEOPLE_NETWORKS[1:]
# The kinds of things of Pascal VOC, nothing first; which of them are people.
CLASSES, PERSON = 21, 15
# The shorter side that the networks were trained with, and what was taken off each channel and divided by.
SIDE = 520
# A narrow strip of a picture is looked at with a longer side of this at most, for memory.
MOST_SIDE = 2048
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Semantic:
    """How likely each pixel shows a person.

    Args:
        name: of the network, one of NAMES.
        path: a file with its weights; "": those that were fetched.
        device: where it computes; None: on the processor.

    Raises:
        UserError: there is no such network, its weights are not here, or they are for another.
    """

    def __init__(self, name: str = NAMES[0], path: str = "", device: torch.device | str | None = None) -> None:
        if name not in NETWORKS:
            raise UserError(f"There is no network '{name}' that finds people; choose one of {', '.join(NAMES)}.")
        self.device = torch.device(device or "cpu")
        network = NETWORKS[name]().eval()
        load(network, name, path)
        self.network = network.to(self.device)

    def from_afar(self, rgb: np.ndarray) -> np.ndarray:
        """In a whole picture (H, W, 3) uint8, (H, W) float32 in 0..1."""
        height, width = rgb.shape[:2]
        factor = min(SIDE / min(height, width), MOST_SIDE / max(height, width))
        size = max(1, round(width * factor)), max(1, round(height * factor))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
        x = torch.from_numpy(small).to(self.device).permute(2, 0, 1)[None].float() / 255
        mean, deviation = (torch.tensor(values, device=self.device)[:, None, None] for values in (MEAN, DEVIATION))
        with torch.no_grad():
            found = self.network((x - mean) / deviation)["out"].softmax(1)[:, [PERSON]]
            found = F.interpolate(found, (height, width), mode="bilinear", align_corners=False)
        return found[0, 0].cpu().numpy()

    def from_near(self, rgb: np.ndarray) -> np.ndarray:
        """In a part of a picture; it looks at a part as it does at the whole."""
        return self.from_afar(rgb)


def load(network: torch.nn.Module, name: str, path: str) -> None:
    """Puts the weights in a file into the network, every one of them; raises UserError if there is no such file, or it
    is for another network."""
    if not path and not fetched(name).is_file():
        raise UserError(
            f"Finding people by '{name}' needs its weights, which are not here: in a terminal, '{fetch_command(name)}' "
            f"gets them once from {URLS[name]}, or name a file of them (people weights, --people-weights); selfie "
            "needs none."
        )
    path = path or str(fetched(name))
    try:
        network.load_state_dict(read_weights(Path(path), name), strict=True)
    except RuntimeError as error:
        raise UserError(
            f"The weights '{path}' do not fit the network '{name}': choose the file that was made for it."
        ) from error


def fetched(name: str) -> Path:
    """Where the weights of a network are once they have been fetched."""
    return user_cache_folder() / "weights" / Path(URLS[name]).name


def fetch_weights(name: str, tell: Callable[[int, int], None]) -> Path:
    """Fetches the weights of a network as torchvision publishes them; raises UserError if they cannot be had."""
    path = fetched(name)
    if not path.is_file():
        fetch(URLS[name], published(name), path, tell)
    return path


def published(name: str) -> str:
    """What the SHA-256 of the published weights begins with, which torchvision puts into the name of their file."""
    return Path(URLS[name]).stem.rpartition("-")[2]


def read_weights(path: Path, name: str) -> dict[str, torch.Tensor]:
    """The tensors in a file by their names; raises UserError if it is none that can be trusted or read."""
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        if hashlib.sha256(path.read_bytes()).hexdigest().startswith(published(name)):
            return torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, SafetensorError, RuntimeError, pickle.UnpicklingError) as error:
        raise UserError(
            f"The weights '{path}' cannot be read ({error}): check the path, or fetch them anew."
        ) from error
    raise UserError(
        f"The weights '{path}' are neither safetensors nor the checkpoint of '{name}' as published, and loading them "
        "could run foreign code: choose a .safetensors file, or the unchanged published one."
    )
