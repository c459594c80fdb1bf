"""The builds of torch that only PyTorch's own index has: found by pip, with the hashes that the index states."""

import json
import urllib.error
from contextlib import suppress
from pathlib import Path

from ...style_core.job import UserError
from .folders import venv_python
from .lock import Plan, Wheel
from .machine import Machine
from .making import Commands
from .network import Network

NOT_THERE = "does not fit this Python"


def find_torch(
    commands: Commands, network: Network, plan: Plan, machine: Machine, folder: Path, pip: Path, scratch: Path
) -> Plan:
    """The plan with the wheels of the best folder of PyTorch's index that has them all, and what they need further.

    Args:
        folder: the environment that they shall go into: its Python decides which wheels fit.
        pip: the wheel of pip.

    Raises UserError if no folder has them.
    """
    sources = network.sources
    for name in plan.choice.folders:
        index, report = f"{sources.torch_index}/{name}", scratch / "report.json"
        pins = [f"{package}=={version}+{name}" for package, version in plan.missing]
        arguments = ["install", "--isolated", "--dry-run", "--ignore-installed", "--only-binary", ":all:", "--quiet",
                     "--no-input", "--disable-pip-version-check", "--report", report, "--index-url", index,
                     *(["--proxy", sources.proxy] if sources.proxy else []),
                     *(["--cert", sources.certificates] if sources.certificates else [])]  # fmt: skip
        what = f"Asking {sources.torch_index} for torch"
        try:
            commands.call(what, [venv_python(folder), "-m", "pip", *arguments, *pins], scratch, str(pip))
        except UserError as error:
            if NOT_THERE in str(error):
                continue
            raise
        return plan.with_found(wheels_of(network, json.loads(report.read_text(encoding="utf-8")), plan, index))
    with suppress(urllib.error.HTTPError), network.open(f"{sources.torch_index}/"):
        pass  # it is there; who is not, is told in other words
    wanted = " and ".join(f"{package} {version}" for package, version in plan.missing)
    raise UserError(
        f"'{sources.torch_index}' has no {wanted} for {machine.system} and Python {machine.python} in "
        f"{', '.join(plan.choice.folders)}: choose the Build 'Package Index' under Where It "
        "Comes From in the preferences of Stylestrip."
    )


def wheels_of(network: Network, report: dict, plan: Plan, index: str) -> list[Wheel]:
    """The wheels in pip's report that are not locked. Raises UserError if the index states no hash for one."""
    locked, found = {wheel.name for wheel in plan.wheels}, []
    for one in report["install"]:
        name, address = one["metadata"]["name"].lower().replace("_", "-"), one["download_info"]
        if name in locked:
            continue
        file = address["url"].rpartition("/")[2].replace("%2B", "+")
        digest = address.get("archive_info", {}).get("hashes", {}).get("sha256", "")
        if not digest:
            raise UserError(f"'{index}' states no sha256 for '{file}': take the index of PyTorch itself.")
        size = length(network, address["url"])
        found.append(Wheel(file, name, one["metadata"]["version"], digest, size, url=address["url"], locked=False))
    return found


def length(network: Network, url: str) -> int:
    """The bytes of a file on a server; 0 if it does not say."""
    try:
        with network.open(url, Range="bytes=0-0") as answer:
            return int(answer.headers.get("Content-Range", "/0").rpartition("/")[2])
    except (urllib.error.HTTPError, ValueError):
        return 0
