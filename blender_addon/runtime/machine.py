"""From what a machine's own programs report to the torch that it can run. Pure functions: they run nothing."""

import csv
import re
from typing import NamedTuple

from ...style_core.job import UserError
from .builds import AUTOMATIC, BUILDS, CUDA12_FOLDERS, FROM_INDEX

# The oldest driver that runs a CUDA of this generation, on Linux and on Windows (CUDA release notes, table "CUDA
# Toolkit and Minimum Required Driver Version for CUDA Minor Version Compatibility").
OLDEST_DRIVER = {("cuda13", "Linux"): 580.0, ("cuda13", "Windows"): 580.0,
                 ("cuda12", "Linux"): 525.60, ("cuda12", "Windows"): 528.33}  # fmt: skip
# The oldest architecture that CUDA 13 builds code for (Turing); older cards are left with CUDA 12.
OLDEST_OF_CUDA13 = 7.5
# torch's own builds for CUDA 12 begin with Maxwell; those for Blackwell (10.0) need CUDA 12.8.
OLDEST_OF_CUDA12 = 5.0
# Architectures that torch's ROCm builds have code for.
ROCM_ARCHITECTURES = frozenset({
    "gfx900", "gfx906", "gfx908", "gfx90a", "gfx942", "gfx950", "gfx1030", "gfx1100", "gfx1101", "gfx1102", "gfx1150",
    "gfx1151", "gfx1200", "gfx1201",
})  # fmt: skip


class Card(NamedTuple):
    """A graphics card of NVIDIA."""

    name: str
    driver: str
    megabytes: int = 0
    compute: float = 0.0
    """Its architecture; 0: its driver is too old to tell."""


class Machine(NamedTuple):
    """What decides which torch can run here."""

    system: str
    """Linux, Darwin or Windows."""
    processor: str
    """As platform.machine() says it: x86_64, AMD64, arm64, aarch64."""
    python: str
    """The version of the Python that the runtime is made with, such as 3.13."""
    cards: tuple[Card, ...] = ()
    architectures: tuple[str, ...] = ()
    """Of the AMD cards that ROCm sees, such as gfx1100."""
    chip: str = ""
    """The name of Apple's chip, or of the processor."""
    trouble: str = ""
    """What a driver's program says instead of a report."""

    @property
    def platform(self) -> str:
        """The name of the platform in the lock; '' if there is no torch for it."""
        names = {("Linux", "x86_64"): "linux-x86_64", ("Darwin", "arm64"): "macos-arm64",
                 ("Windows", "AMD64"): "windows-amd64"}  # fmt: skip
        return names.get((self.system, self.processor), "")


# What the package index itself has: the only builds whose wheels are locked with their hashes.
LOCKED = {"linux-x86_64": "cuda13", "macos-arm64": "mps", "windows-amd64": "cpu"}


class Choice(NamedTuple):
    """Which build is taken, and why."""

    build: str
    folders: tuple[str, ...]
    """Of PyTorch's index; () if the wheels are locked."""
    why: str


# Reports


def read_cards(listing: str) -> tuple[Card, ...]:
    """The cards in a report of nvidia-smi.

    Args:
        listing: the answer to --query-gpu=name,driver_version,memory.total,compute_cap
            --format=csv,noheader,nounits. Columns that a driver does not know read "[N/A]", or are left out.
    """
    cards = []
    for row in csv.reader(listing.splitlines(), skipinitialspace=True):
        if len(row) >= 3 and re.fullmatch(r"\d+(\.\d+)+", row[1].strip()):
            name, driver, memory, compute, *_ = [*(cell.strip() for cell in row), ""]
            cards.append(Card(name, driver, int(number(memory)), number(compute)))
    return tuple(cards)


def read_header(report: str) -> tuple[Card, ...]:
    """One card from the report that nvidia-smi gives without arguments: only the driver of it is known."""
    found = re.search(r"Driver Version:\s*(\d+(?:\.\d+)+)", report)
    return (Card("NVIDIA card", found[1]),) if found else ()


def read_trouble(report: str) -> str:
    """What nvidia-smi says where it cannot reach the driver; empty: nothing of that kind."""
    lines = [line.strip() for line in report.splitlines()]
    words = ("NVIDIA-SMI has failed", "Failed to initialize NVML", "No devices were found")
    return next((line for line in lines if line.startswith(words)), "")


def read_architectures(report: str) -> tuple[str, ...]:
    """The architectures of the graphics cards that rocminfo lists as agents."""
    return tuple(dict.fromkeys(re.findall(r"^\s*Name:\s*(gfx[0-9a-f]+)\s*$", report, re.MULTILINE)))


def read_chip(report: str) -> str:
    """The chip in the report of system_profiler SPHardwareDataType: 'Apple M3 Pro', or an Intel processor's name."""
    found = re.search(r"^\s*(?:Chip|Processor Name):\s*(.+?)\s*$", report, re.MULTILINE)
    return found[1] if found else ""


def number(text: str) -> float:
    """A number in a report; 0 where none is known."""
    found = re.match(r"\d+(?:\.\d+)?", text)
    return float(found[0]) if found else 0.0


# The choice


def choose_build(machine: Machine, wish: str = AUTOMATIC) -> Choice:
    """The torch for a machine.

    Args:
        wish: one of BUILDS, AUTOMATIC, or FROM_INDEX: what the package index has for this system.

    Raises UserError where there is no torch for the machine, or none that its driver can run.
    """
    if not machine.platform:
        raise UserError(no_torch(machine))
    locked = LOCKED[machine.platform]
    if wish == FROM_INDEX:
        return Choice(locked, (), "as chosen: what the package index has")
    if wish != AUTOMATIC:
        if wish not in builds_for(machine.system):
            known = ", ".join((AUTOMATIC, FROM_INDEX, *builds_for(machine.system)))
            raise UserError(f"There is no build '{wish}' of torch for {machine.system}: choose one of {known}.")
        return Choice(wish, folders_of(machine, wish), "as chosen")
    if machine.system == "Darwin":
        return Choice("mps", (), machine.chip or "a chip of Apple's")
    if machine.cards:
        return choose_cuda(machine)
    if machine.system == "Linux" and (usable := [a for a in machine.architectures if a in ROCM_ARCHITECTURES]):
        return Choice("rocm", folders_of(machine, "rocm"), f"an AMD card ({usable[0]}) with ROCm")
    return Choice("cpu", folders_of(machine, "cpu"), why_processor(machine))


def choose_for_folder(machine: Machine, wish: str) -> Choice:
    """The torch out of a folder of wheels: those that the package index has, whatever suited the machine best.

    Raises UserError as `choose_build`.
    """
    if wish not in (AUTOMATIC, FROM_INDEX):
        return choose_build(machine, wish)
    choice, best = choose_build(machine, FROM_INDEX), choose_build(machine, wish)
    if machine.cards and best.build not in (choice.build, "cpu"):
        return choice._replace(why=f"{best.why} cannot run it: the processor will paint")
    return choice._replace(why=best.why)


def choose_cuda(machine: Machine) -> Choice:
    """Which CUDA the driver and the best of the cards can run."""
    card = max(machine.cards, key=lambda one: (one.compute, one.megabytes))
    driver, compute = number(card.driver), card.compute or OLDEST_OF_CUDA13
    why = f"{card.name} with driver {card.driver}"
    if compute < OLDEST_OF_CUDA12:
        return Choice("cpu", folders_of(machine, "cpu"), f"{card.name} is older than what torch can use")
    if compute >= OLDEST_OF_CUDA13 and driver >= OLDEST_DRIVER["cuda13", machine.system]:
        return Choice("cuda13", folders_of(machine, "cuda13"), why)
    oldest = OLDEST_DRIVER["cuda12", machine.system]
    if driver < oldest:
        raise UserError(
            f"The driver {card.driver} of {card.name} is too old for torch, which needs {oldest:g} or newer: update "
            "the driver of the card and try again, or choose the build 'Processor' to paint without the card."
        )
    folders = CUDA12_FOLDERS
    if compute < OLDEST_OF_CUDA13:
        folders = ("cu126",)  # the last that has code for Maxwell, Pascal and Volta
    elif compute >= 10.0:
        folders = ("cu129", "cu128")  # the first that have code for Blackwell
    return Choice("cuda12", folders, why)


def folders_of(machine: Machine, build: str) -> tuple[str, ...]:
    """The folders of PyTorch's index for a build; none where it is locked."""
    return () if LOCKED.get(machine.platform) == build else BUILDS[build].folders


def builds_for(system: str) -> tuple[str, ...]:
    """The builds that there are for a system."""
    if system == "Darwin":
        return ("mps",)
    return ("cuda13", "cuda12", "rocm", "cpu") if system == "Linux" else ("cuda13", "cuda12", "cpu")


def why_processor(machine: Machine) -> str:
    """Why the processor paints."""
    if machine.trouble:
        return f"the driver of the NVIDIA card does not answer ({machine.trouble.rstrip('.')})"
    if machine.architectures:
        return f"torch has no code for the AMD card ({', '.join(machine.architectures)})"
    return "no card that torch can use was found"


def no_torch(machine: Machine) -> str:
    """A sentence for a machine that torch is not made for."""
    what = f"{machine.system} on {machine.processor}"
    if machine.system == "Darwin":
        what = f"Macs with a processor of Intel's ({machine.chip or machine.processor})"
    return (
        f"There is no torch of today for {what}: choose a Python that has torch, of your own, in the preferences of "
        "Stylestrip, or paint on another machine."
    )
