"""RAFT (Teed and Deng 2020) through torchvision: the finest flow, best on a graphics card.

Its weights are no part of the package: they come from a file that the user names, as safetensors or as a checkpoint
that torchvision or RAFT's authors publish, or the user has them fetched from where torchvision publishes them.
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch.nn import functional as F
from torchvision.models.optical_flow import Raft_Large_Weights, Raft_Small_Weights, raft_large, raft_small

from ...engine.precision import by_itself
from ...fetch import fetch, fetch_command
from ...job import Motion, UserError
from ...kept import user_cache_folder
from . import FlowMethod, Shot

NETWORKS = {"raft-small": raft_small, "raft-large": raft_large}
NAMES = tuple(NETWORKS)
URLS = {"raft-small": Raft_Small_Weights.DEFAULT.url, "raft-large": Raft_Large_Weights.DEFAULT.url}
# What the network needs: sides that are multiples of 8, and large enough for its pyramid of correlations.
STRIDE, LEAST_SIDE = 8, 128
UPDATES = 12
# Checkpoints as they are published, by the first digits of their SHA-256: the authors' own of raft-small, and those
# that torchvision names after their digits. Others are read as safetensors alone, which can hold nothing but numbers.
PUBLISHED = ("c7d41b9c", *(Path(w.url).stem.rpartition("-")[2] for w in (*Raft_Small_Weights, *Raft_Large_Weights)))
# The authors' names for parts that torchvision calls otherwise, replaced in this order.
AUTHORS_NAMES = (
    (r"^module\.", ""),
    (r"^fnet\.", "feature_encoder."),
    (r"^cnet\.", "context_encoder."),
    (r"^(\w+_encoder)\.conv1\.", r"\1.convnormrelu.0."),
    (r"^(\w+_encoder)\.norm1\.", r"\1.convnormrelu.1."),
    (r"^(\w+_encoder)\.conv2\.", r"\1.conv."),
    (r"(layer\d\.\d)\.conv(\d)\.", r"\1.convnormrelu\2.0."),
    (r"(layer\d\.\d)\.norm(\d)\.", r"\1.convnormrelu\2.1."),
    (r"^update_block\.encoder\.convc(\d)\.", r"update_block.motion_encoder.convcorr\1.0."),
    (r"^update_block\.encoder\.convf(\d)\.", r"update_block.motion_encoder.convflow\1.0."),
    (r"^update_block\.encoder\.conv\.", "update_block.motion_encoder.conv.0."),
    (r"\.gru\.conv([zrq])\.", r".recurrent_block.convgru1.conv\1."),
    (r"\.gru\.conv([zrq])([12])\.", r".recurrent_block.convgru\2.conv\1."),
    (r"^update_block\.mask\.0\.", "mask_predictor.convrelu.0."),
    (r"^update_block\.mask\.2\.", "mask_predictor.conv."),
)


def make(name: str, motion: Motion, device: torch.device) -> FlowMethod:
    """Flow by RAFT on the device that paints."""
    network = NETWORKS[name]().eval()
    load(network, name, motion.flow_weights)
    network = network.to(device)

    def flow(frame: Shot, other: Shot) -> np.ndarray:
        height, width = frame.rgb.shape[:2]
        size = [max(LEAST_SIDE, -(-side // STRIDE) * STRIDE) for side in (height, width)]
        with torch.no_grad(), by_itself():
            found = network(*(prepared(shot.rgb, size, device) for shot in (frame, other)), num_flow_updates=UPDATES)
            found = found[-1][0].permute(1, 2, 0).float().cpu().numpy()
        return np.ascontiguousarray(found[:height, :width])

    return flow


def prepared(rgb: np.ndarray, size: list[int], device: torch.device) -> torch.Tensor:
    """(H, W, 3) uint8 -> (1, 3, height, width) in -1..1, the border repeated to the right and below."""
    x = torch.tensor(rgb, device=device).permute(2, 0, 1)[None].float() / 127.5 - 1
    return F.pad(x, (0, size[1] - rgb.shape[1], 0, size[0] - rgb.shape[0]), mode="replicate")


def load(network: torch.nn.Module, name: str, path: str) -> None:
    """Puts the weights in a file into the network; raises UserError if there is no such file, or it is for another."""
    if not path and not fetched(name).is_file():
        raise UserError(
            f"The flow method '{name}' needs its weights, which are not here: in a terminal, '{fetch_command(name)}' "
            "gets them once from the network, or name a file of them (network weights, --flow-weights); dis-fine "
            "needs none."
        )
    path = path or str(fetched(name))
    found = {renamed(key): value for key, value in read_weights(Path(path)).items()}
    wanted = network.state_dict()
    wrong = [key for key, value in wanted.items() if key not in found or found[key].shape != value.shape]
    if wrong:
        raise UserError(f"The flow weights '{path}' do not fit {name} (at '{wrong[0]}'): choose the file made for it.")
    # The authors list the normalisation of a shortcut twice.
    network.load_state_dict({key: found[key] for key in wanted})


def fetched(name: str) -> Path:
    """Where the weights of a network are once they have been fetched."""
    return user_cache_folder() / "weights" / Path(URLS[name]).name


def fetch_weights(name: str, tell: Callable[[int, int], None]) -> Path:
    """Fetches the weights of a network as torchvision publishes them; raises UserError if they cannot be had."""
    path = fetched(name)
    if not path.is_file():
        fetch(URLS[name], path.stem.rpartition("-")[2], path, tell)
    return path


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """The tensors in a file by their names; raises UserError if it is none that can be trusted or read."""
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        if hashlib.sha256(path.read_bytes()).hexdigest().startswith(PUBLISHED):
            return torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, SafetensorError) as error:
        raise UserError(f"The flow weights '{path}' cannot be read ({error}): check the path.") from error
    raise UserError(
        f"The flow weights '{path}' are neither safetensors nor a checkpoint as published, and loading them could run "
        "foreign code: choose a .safetensors file, or the unchanged published one."
    )


def renamed(key: str) -> str:
    """A name of the authors' checkpoint as torchvision has it; its own names stay."""
    for pattern, name in AUTHORS_NAMES:
        key = re.sub(pattern, name, key)
    return key
