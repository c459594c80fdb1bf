"""In what the convolutions compute."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


def choose_precision(name: str, device: torch.device, has_half: bool | None = None) -> torch.dtype:
    """bfloat16 where it was asked for, or where the device is made for it; float32 elsewhere.

    Args:
        name: one of PRECISIONS.
        device: what computes.
        has_half: whether the device multiplies in bfloat16; None: as it says itself.
    """
    if name == "auto":
        half = multiplies_in_half(device) if has_half is None else has_half
        return torch.bfloat16 if half else torch.float32
    return torch.bfloat16 if name == "half" else torch.float32


def multiplies_in_half(device: torch.device) -> bool:
    """Whether bfloat16 is faster than float32 on this device."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    # MPS converts and gains nothing; a processor without the instructions is slower than in float32.
    return device.type == "cpu" and any(map(capability, ("_is_amx_tile_supported", "_is_avx512_bf16_supported")))


def capability(name: str) -> bool:
    """What torch says of this processor; False where this torch has no such question."""
    ask = getattr(torch.cpu, name, None)
    return bool(ask and ask())


@contextmanager
def matching(precision: torch.dtype) -> Iterator[None]:
    """Lets the processor's float32 matrix products round their factors as the convolutions do, and adds in float32."""
    matmul = torch.backends.mkldnn.matmul
    before = matmul.fp32_precision
    matmul.fp32_precision = "bf16" if precision == torch.bfloat16 else before
    try:
        yield
    finally:
        matmul.fp32_precision = before
