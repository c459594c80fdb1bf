"""In what the convolutions compute, and how products outside them are rounded."""

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch


def choose_precision(name: str, device: torch.device, has_half: bool | None = None) -> torch.dtype:
    """The device's half precision where it was asked for, or where the device is made for it; float32 elsewhere.

    On CUDA that is float16, whose mantissa is eight times finer than bfloat16's and whose range suffices when
    activations and gradients are scaled: the noise of bfloat16 costs steps. Processors multiply in bfloat16 alone.

    Args:
        name: one of PRECISIONS.
        device: what computes.
        has_half: whether the device is made for it; None: as it says itself.
    """
    half = torch.float16 if device.type == "cuda" else torch.bfloat16
    if name == "auto":
        has_half = multiplies_in_half(device) if has_half is None else has_half
        return half if has_half else torch.float32
    return half if name == "half" else torch.float32


def can_be_lowered(name: str, precision: torch.dtype, device: torch.device) -> bool:
    """Whether half precision is left to save memory: nobody has asked for the full one. On the processor it saves
    little, and may take many times as long.

    Args:
        name: what was asked for, one of PRECISIONS.
        precision: what is computed in.
        device: what computes.
    """
    return name == "auto" and precision == torch.float32 and device.type != "cpu"


def multiplies_in_half(device: torch.device) -> bool:
    """Whether half precision is faster than float32 on this device."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (7, 0)
    # MPS converts and gains nothing; a processor without the instructions is slower than in float32.
    return device.type == "cpu" and any(map(capability, ("_is_amx_tile_supported", "_is_avx512_bf16_supported")))


def capability(name: str) -> bool:
    """What torch says of this processor; False where this torch has no such question."""
    ask = getattr(torch.cpu, name, None)
    return bool(ask and ask())


# Torch knows one way to round for the whole process: threads that want different ones take turns.
TURN = threading.RLock()


@contextmanager
def matching(precision: torch.dtype) -> Iterator[None]:
    """Lets float32 products round their factors as the convolutions do, and add in float32.

    On CUDA the factors come from float16 or bfloat16, which TF32 holds without loss. In float32 nothing is rounded,
    neither there nor in the convolutions, where torch would by itself.
    """
    half = precision != torch.float32
    wanted = [
        (torch.backends.mkldnn.matmul, "bf16" if precision == torch.bfloat16 else "none"),
        (torch.backends.cuda.matmul, "tf32" if half else "ieee"),
        (torch.backends.cudnn.conv, "tf32" if half else "ieee"),
    ]
    with TURN:
        before = [backend.fp32_precision for backend, _ in wanted]
        try:
            for backend, rounding in wanted:
                backend.fp32_precision = rounding
            yield
        finally:
            for (backend, _), rounding in zip(wanted, before, strict=True):
                backend.fp32_precision = rounding


@contextmanager
def by_itself() -> Iterator[None]:
    """Keeps products rounded as torch does by itself, whatever other threads want: a network that computes beside the
    painting would find other numbers in the same pictures, according to what is painted meanwhile."""
    with TURN:
        yield


def make_repeatable(device: torch.device) -> None:
    """Has CUDA add up in the same order every time, so that the same job paints the same bytes."""
    if device.type == "cuda":
        # Matrix products do so only with a workspace of their own; read when CUDA's libraries start.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.backends.cudnn.benchmark = False
        # A warning and no error: what it would refuse is max pooling, not knowing that our blocks do not overlap.
        # (By this name, as its namesake loads torch's compiler first, which takes seconds.)
        torch.set_deterministic_debug_mode("warn")
        warnings.filterwarnings("ignore", message=".*max_pool2d.* does not have a deterministic implementation.*")
        # Filling what is about to be written anyway is for finding faults.
        torch.utils.deterministic.fill_uninitialized_memory = False
