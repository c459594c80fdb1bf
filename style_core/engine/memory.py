"""How much memory is free, how much of it the gradient of a frame may take, and what is done where it is not enough."""

import ctypes
import gc
import subprocess
import sys
from pathlib import Path

import torch

# Of the free memory that a gradient's activations may take; the rest is for the optimiser, for Blender and for others.
SHARE = 0.5
# On the processor more gains nothing, and the machine's memory is everybody's; on a card 1440p fits in whole, and what
# is larger pays a sixth of its time for leaving the rest to Blender.
MOST_ON_CPU, MOST_ON_CARD = 1 << 29, 4 << 30
# Free memory of a card below which torch keeps none for later between two frames: Blender draws with the rest.
LEAST_FREE = 1 << 30
# Where a system does not say what is free.
UNKNOWN = 2 << 30


def budget(device: torch.device) -> int:
    """Bytes that the activations of a gradient may take on a device."""
    if device.type == "cuda":
        return min(int(torch.cuda.mem_get_info(device)[0] * SHARE), MOST_ON_CARD)
    free = int(free_memory() * SHARE)
    return min(free, MOST_ON_CPU) if device.type == "cpu" else free


def make_room(device: torch.device) -> None:
    """Between two frames, gives back what torch keeps for the next one, if others have little left."""
    if device.type == "cuda" and keeps_too_much(
        torch.cuda.mem_get_info(device)[0], torch.cuda.memory_reserved(device), torch.cuda.memory_allocated(device)
    ):
        torch.cuda.empty_cache()


def keeps_too_much(free: int, reserved: int, used: int) -> bool:
    """Whether torch should give back what it keeps for later, which takes milliseconds and is asked for again.

    Args:
        free: bytes that are free on the card.
        reserved: bytes that torch has, with what it keeps for later.
        used: bytes of those that are in use.
    """
    return free < LEAST_FREE and reserved > used


def give_back() -> None:
    """Gives back all that is not in use, on whichever device."""
    gc.collect()
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def too_little(device: torch.device, size: tuple[int, int]) -> str:
    """A sentence for memory that does not suffice even in the smallest pieces, with the ways out.

    Args:
        device: what ran out.
        size: width and height of the frames.
    """
    frames = f"frames of {size[0]} x {size[1]} pixels, even in the smallest pieces"
    if device.type == "cpu":
        return (
            f"This machine has too little memory left for {frames}: make Size smaller, close other programs, and try "
            "again."
        )
    return (
        f"The graphics card has too little memory left for {frames}: make Size smaller, close what else uses the card, "
        "or set Device to Processor (under More, Time and Quality; --device cpu), which is slower. Finished frames are "
        "kept."
    )


def free_memory() -> int:
    """Bytes of the machine's memory that programs can still get."""
    if sys.platform == "linux":
        return free_on_linux(Path("/proc/meminfo").read_text(), limits())
    if sys.platform == "darwin":
        said = subprocess.run(["/usr/bin/vm_stat"], capture_output=True, text=True)
        return free_on_macos(said.stdout)
    return free_on_windows() if sys.platform == "win32" else UNKNOWN


def free_on_linux(meminfo: str, limit: int | None) -> int:
    """From the text of /proc/meminfo, and what a container leaves of its limit."""
    lines = [line.split() for line in meminfo.splitlines()]
    found = [int(words[1]) * 1024 for words in lines if words and words[0] == "MemAvailable:"]
    free = found[0] if found else UNKNOWN
    return free if limit is None else min(free, limit)


def limits() -> int | None:
    """Bytes that this process's control group leaves, if it is limited."""
    group = Path("/sys/fs/cgroup")
    try:
        left = int((group / "memory.max").read_text()) - int((group / "memory.current").read_text())
        # Files that lie in memory count as used, and make room when it is wanted.
        found = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        return max(0, left + int(found.get("inactive_file", 0)) + int(found.get("active_file", 0)))
    except (OSError, ValueError):  # no such group, or "max": no limit
        return None


def free_on_macos(vm_stat: str) -> int:
    """From the output of vm_stat: free, inactive and speculative pages."""
    lines = dict(line.split(":", 1) for line in vm_stat.splitlines() if ":" in line)
    words = next(iter(lines.values()), "").split()
    page = next((int(word) for word in words if word.isdigit()), 4096)
    pages = [int(lines.get(f"Pages {kind}", "0").strip(" .")) for kind in ("free", "inactive", "speculative")]
    return sum(pages) * page or UNKNOWN


def free_on_windows() -> int:
    """From the system's own account (GlobalMemoryStatusEx)."""

    class Status(ctypes.Structure):
        _fields_ = [("length", ctypes.c_uint32), ("load", ctypes.c_uint32)] + [
            (name, ctypes.c_uint64)
            for name in ("total", "free", "total_page", "free_page", "total_virtual", "free_virtual", "extended")
        ]

    status = Status(length=ctypes.sizeof(Status))
    return status.free if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else UNKNOWN


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether torch found no memory, on whichever device; the processor's allocator has no error of its own."""
    words = ("out of memory", "can't allocate memory", "not enough memory", "failed to allocate")
    return isinstance(error, torch.OutOfMemoryError) or any(word in str(error).lower() for word in words)
