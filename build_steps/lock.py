"""The lock: every wheel of the runtime for each platform and Python that Blender ships, with hash and sizes."""

import json
import os
import subprocess
from pathlib import Path

from . import ROOT, BuildError
from .console import say
from .environments import RUNTIME, ensure, pins

FILE = ROOT / "blender_addon" / "runtime" / "lock.json"
RESOLVER = ROOT / "build_steps" / "resolve_wheels.py"
# What may be set for pip here.
OF_THIS_MACHINE = ("PIP_INDEX_URL", "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL")
# That pip installs the wheels, whatever pip the Python of a Blender has, or has not.
PIP = "pip==26.3"
PYTHONS = ("3.11", "3.13", "3.14")  # of Blender 4.5, of 5.2, and of Debian's 5.2
GLIBC = 28  # Blender itself needs this glibc 2.x
MARKERS = {
    "linux-x86_64": {"platform_system": "Linux", "sys_platform": "linux", "os_name": "posix",
                     "platform_machine": "x86_64"},
    "macos-arm64": {"platform_system": "Darwin", "sys_platform": "darwin", "os_name": "posix",
                    "platform_machine": "arm64"},
    "windows-amd64": {"platform_system": "Windows", "sys_platform": "win32", "os_name": "nt",
                      "platform_machine": "AMD64"},
}  # fmt: skip
TAGS = {
    "linux-x86_64": [f"manylinux_2_{minor}_x86_64" for minor in range(GLIBC, 4, -1)]
    + [f"manylinux{year}_x86_64" for year in ("2014", "2010", "1")],
    "macos-arm64": ["macosx_14_0_arm64"],
    "windows-amd64": ["win_amd64"],
}


def make_lock() -> None:
    """Writes lock.json from the package index as it is now; BuildError if a wheel is missing there."""
    python, wanted = ensure(RUNTIME), [*pins(["runtime"]), PIP]
    targets = {}
    for platform in MARKERS:
        for version in PYTHONS:
            say(f"Lock: {platform}, Python {version} ...")
            targets[f"{platform} {version}"] = resolve(python, wanted, platform, version)
    wheels = {wheel["file"]: wheel for found in targets.values() for wheel in found}
    lock = {
        "pins": wanted,
        "targets": {target: [wheel["file"] for wheel in found] for target, found in targets.items()},
        "wheels": {
            file: {key: value for key, value in wheels[file].items() if key != "file"} for file in sorted(wheels)
        },
    }
    FILE.write_text(json.dumps(lock, indent=1) + "\n", encoding="utf-8")
    say(f"Lock: {FILE.relative_to(ROOT)}, {len(wheels)} wheels for {len(targets)} platforms and Pythons")


def resolve(python: Path, wanted: list[str], platform: str, version: str) -> list[dict]:
    """The wheels of one platform and Python; BuildError says which there is none of."""
    environment = MARKERS[platform] | {
        "python_version": version,
        "python_full_version": f"{version}.0",
        "implementation_name": "cpython",
        "implementation_version": f"{version}.0",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_version": "",
        "extra": "",
    }
    asked = {"pins": wanted, "platforms": TAGS[platform], "python": version, "environment": environment}
    # The index itself, not what somebody has set up on this machine: the lock is the same wherever it is made.
    own = {name: value for name, value in os.environ.items() if name not in OF_THIS_MACHINE}
    own |= {"PIP_CONFIG_FILE": os.devnull}
    done = subprocess.run([python, "-P", RESOLVER], input=json.dumps(asked), env=own, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BuildError(f"The wheels for {platform} and Python {version} cannot be found ({reason}).")
    return json.loads(done.stdout)
