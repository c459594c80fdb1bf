"""The torches that there are to choose from, and where they come from."""

from typing import NamedTuple

TORCH_INDEX = "https://download.pytorch.org/whl"
AUTOMATIC, FROM_INDEX = "auto", "index"


class Build(NamedTuple):
    """A torch: what it computes on, where it comes from, and about how large it is."""

    name: str
    about: str
    folders: tuple[str, ...] = ()
    """Folders of PyTorch's own index, the best first; () where the package index has it, hashes and all."""
    megabytes: tuple[int, int] = (0, 0)
    """About how much of PyTorch's index is downloaded and then installed; what is locked is known exactly."""


CUDA12_FOLDERS = ("cu129", "cu128", "cu126")
BUILDS = {
    "cuda13": Build("NVIDIA (CUDA 13)", "for NVIDIA cards from RTX 20 on, with a driver from 580 on",
                    ("cu132", "cu130"), (2000, 4500)),
    "cuda12": Build("NVIDIA (CUDA 12)", "for NVIDIA cards with an older driver, from 525 on, or an older card",
                    CUDA12_FOLDERS, (2900, 5500)),
    "rocm": Build("AMD (ROCm)", "for AMD cards under Linux with ROCm installed",
                  ("rocm7.2", "rocm7.1", "rocm7.0", "rocm6.4"), (4500, 16000)),
    "mps": Build("Apple (MPS)", "for Macs with a chip of Apple's"),
    "cpu": Build("Processor", "for machines without a card that torch can use; slower", ("cpu",), (200, 900)),
}  # fmt: skip
