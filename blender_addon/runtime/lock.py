"""The wheels that a runtime is made of: pinned, with hash and size, in lock.json (`build.py lock` writes it)."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ...style_core.job import UserError
from .builds import BUILDS
from .machine import Choice, Machine
from .sizes import MEGABYTE

LOCK_FILE = Path(__file__).with_name("lock.json")
# Those that come in another build from PyTorch's own index, and those that only the locked CUDA build needs.
TORCH = ("torch", "torchvision")
OF_CUDA = ("nvidia-", "cuda-", "triton")
INSTALLER = "pip"


class Wheel(NamedTuple):
    """One file to install."""

    file: str
    name: str
    version: str
    sha256: str
    size: int
    """Bytes to download; 0: not known yet."""
    installed: int = 0
    """Bytes on the disk."""
    longest_path: int = 0
    """Letters of the longest path inside."""
    url: str = ""
    """Where it is to be had; empty: the package index tells."""
    licence: str = ""
    locked: bool = True
    """Whether the hash stands in the lock; else it is the one that PyTorch's index stated."""


class Plan(NamedTuple):
    """What is going to be installed."""

    choice: Choice
    wheels: tuple[Wheel, ...]
    """Those that are known with their hashes."""
    missing: tuple[tuple[str, str], ...]
    """(package, version) of those that PyTorch's index has."""
    digest: str
    """Of all pins: another one means that there is an update."""
    estimate: tuple[int, int] = (0, 0)
    """Bytes of the missing ones, about: downloaded, and installed."""

    @property
    def download(self) -> int:
        """Bytes to download."""
        return sum(wheel.size for wheel in self.wheels) + self.estimate[0]

    @property
    def installed(self) -> int:
        """Bytes on the disk when all is installed."""
        return sum(wheel.installed for wheel in self.wheels) + self.estimate[1]

    def with_found(self, found: list[Wheel]) -> "Plan":
        """The plan with what was found on PyTorch's index."""
        installed = max(0, self.estimate[1] - sum(wheel.installed for wheel in found))
        return self._replace(wheels=(*self.wheels, *found), missing=(), estimate=(0, installed))


@cache
def read_lock(path: Path = LOCK_FILE) -> dict:
    """The lock as it stands in its file."""
    return json.loads(path.read_text(encoding="utf-8"))


def target_of(machine: Machine) -> str:
    """The name in the lock of a platform and Python."""
    return f"{machine.platform} {machine.python}"


def lock_digest(lock: dict) -> str:
    """Changes when any pin changes."""
    return hashlib.sha256(json.dumps(lock["targets"], sort_keys=True).encode()).hexdigest()[:16]


def plan_for(machine: Machine, choice: Choice, lock: dict) -> Plan:
    """What has to be installed for a build. Raises UserError where nothing is locked for this Python."""
    files = lock["targets"].get(target_of(machine))
    if files is None:
        known = sorted({target.rpartition(" ")[2] for target in lock["targets"]}, key=lambda v: int(v.split(".")[1]))
        raise UserError(
            f"Stylestrip has wheels for Python {', '.join(known)}, and this Blender runs Python {machine.python}: "
            "choose a Python that has torch, of your own, in the preferences of Stylestrip, or use another Blender."
        )
    wheels = [Wheel(file, **lock["wheels"][file]) for file in files]
    digest = lock_digest(lock)
    if not choice.folders:
        return Plan(choice, tuple(wheels), (), digest)
    kept = tuple(wheel for wheel in wheels if wheel.name not in TORCH and not wheel.name.startswith(OF_CUDA))
    missing = tuple((wheel.name, wheel.version) for wheel in wheels if wheel.name in TORCH)
    estimate = tuple(int(size * MEGABYTE) for size in BUILDS[choice.build].megabytes)
    return Plan(choice, kept, missing, digest, estimate)
