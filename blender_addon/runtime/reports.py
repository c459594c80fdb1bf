"""Asks the machine's own programs what is in it, for `machine` to judge."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from ..client import apart
from .environment import own_environment
from .machine import Machine, read_architectures, read_cards, read_chip, read_header, read_trouble

QUERY = ("--query-gpu=name,driver_version,memory.total,compute_cap", "--format=csv,noheader,nounits")
# A driver's program may hang where the driver does.
REPORT_SECONDS = 20.0
PLACES = {"rocminfo": "/opt/rocm/bin/rocminfo", "nvidia-smi": r"C:\Windows\System32\nvidia-smi.exe"}


def this_machine(python: str = "") -> Machine:
    """What is in this machine.

    Args:
        python: the version of the Python that the runtime is made with; empty: of this one.
    """
    system, processor = platform.system(), platform.machine()
    python = python or f"{sys.version_info.major}.{sys.version_info.minor}"
    if system == "Darwin":
        chip = read_chip(report("system_profiler", "SPHardwareDataType"))
        return Machine(system, processor, python, chip=chip)
    plain = report("nvidia-smi")
    cards = read_cards(report("nvidia-smi", *QUERY)) or read_header(plain)
    trouble = "" if cards else read_trouble(plain)
    architectures = read_architectures(report("rocminfo")) if system == "Linux" and not cards else ()
    return Machine(system, processor, python, cards, architectures, platform.processor(), trouble)


def report(name: str, *arguments: str) -> str:
    """What a program says; empty if there is none such, or it hangs."""
    program = shutil.which(name) or PLACES.get(name, name)
    if not Path(program).is_file():
        return ""
    try:
        done = subprocess.run(
            [program, *arguments],
            capture_output=True,
            env=own_environment(os.environ),
            stdin=subprocess.DEVNULL,
            timeout=REPORT_SECONDS,
            encoding="utf-8",
            errors="replace",
            **apart(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr
