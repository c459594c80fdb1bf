"""Makes a virtual environment out of wheels: beside the one that counts, and without the network."""

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ...style_core.job import UserError
from ..client import apart, end
from .environment import own_environment
from .folders import venv_python
from .lock import INSTALLER, Wheel
from .sizes import MEGABYTE

BATCH = 100 * MEGABYTE  # bytes of wheels that one pip installs: progress is told in between
NAMED = 3  # of the wheels in a batch
# What pip says, what it means, and what to do.
REASONS = (
    (("No space left on device", "not enough space", "Errno 28"), "the disk is full",
     "free some space and press Install again; what was downloaded is kept"),
    (("DO NOT MATCH THE HASHES",), "a wheel is not the one that was pinned",
     "press Install again, and it is downloaded anew"),
    (("Permission denied", "Access is denied", "Read-only file system"), "the folder cannot be written",
     "check who owns it, and try again"),
    (("No matching distribution found", "is not a supported wheel"), "a wheel does not fit this Python",
     "take the wheels for this Blender and system"),
)  # fmt: skip


class Stopped(Exception):  # noqa: N818 - stopping on request is no error
    """The person pressed Cancel."""


class Commands:
    """Runs commands one after the other, which another thread may stop at any moment.

    Args:
        log: takes each line that they say.
    """

    def __init__(self, log: Callable[[str], None]) -> None:
        self.log, self.stopped = log, False
        self.process: subprocess.Popen | None = None

    def stop(self) -> None:
        """Ends the command that runs, and those to come before they begin."""
        self.stopped = True
        if self.process:
            end(self.process)

    def check(self) -> None:
        """Raises Stopped if that is what somebody wants."""
        if self.stopped:
            raise Stopped

    def call(self, what: str, command: Sequence[str | Path], scratch: Path, path: str = "") -> str:
        """Runs a command to its end; returns what it said. Raises UserError if it fails, Stopped on Cancel.

        Args:
            what: what it does, for the sentence of an error.
            scratch: a folder for temporary files: pip leaves gigabytes when it is ended.
            path: what its Python shall find modules in, besides its own.
        """
        self.check()
        environment = own_environment(os.environ) | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
        environment |= {"PYTHONPATH": path} if path else {}
        # In the scratch folder: a file of the person's folder could pass for a module of Python's.
        try:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=scratch,
                encoding="utf-8",
                errors="replace",
                **apart(),
            )
        except OSError as error:
            raise UserError(f"{what} failed: '{command[0]}' cannot be run ({error.strerror}).") from error
        if self.stopped:  # Cancel came between two commands, and found the earlier one
            end(self.process)
        lines = []
        for line in self.process.stdout:
            lines.append(line.rstrip())
            self.log(line.rstrip())
        code = self.process.wait()
        self.check()
        if code:
            raise UserError(explain(what, code, lines))
        return "\n".join(lines)


def explain(what: str, code: int, lines: Sequence[str]) -> str:
    """A sentence for a command that failed."""
    said = "\n".join(lines)
    for words, reason, remedy in REASONS:
        if any(word in said for word in words):
            return f"{what} failed, as {reason}: {remedy}."
    spoken = [line.strip() for line in lines if line.strip()]
    last = next((line for line in reversed(spoken) if "error" in line.lower()), (spoken or [f"exit code {code}"])[-1])
    return f"{what} failed ({last}): press Install again, and report it if it stays so."


def make_environment(commands: Commands, base: str, folder: Path, scratch: Path) -> None:
    """An empty environment. It has no pip of its own: that of a Blender may be missing, or old."""
    commands.call("Making a Python environment", [base, "-m", "venv", "--without-pip", folder], scratch)


def mend_environment(commands: Commands, base: str, folder: Path, scratch: Path) -> None:
    """Leads an environment to the Python that Blender has now; its packages stay."""
    for link in folder.glob("bin/python*"):
        link.unlink()  # venv leaves a link alone, also one that leads nowhere
    command = [base, "-m", "venv", "--without-pip", "--upgrade", folder]
    commands.call("Mending the Python environment", command, scratch)


def install(
    commands: Commands,
    folder: Path,
    wheels: Sequence[tuple[Wheel, Path]],
    scratch: Path,
    tell: Callable[[str, int], None],
) -> None:
    """Installs wheels into an environment, hashes checked once more, with the pip that is among them.

    Args:
        wheels: each with its file.
        tell: hears what is installed next, and the bytes of what is.
    """
    python = venv_python(folder)
    pip = next(path for wheel, path in wheels if wheel.name == INSTALLER)  # which runs from its wheel
    done = 0
    for batch in batches([one for one in wheels if one[0].name != INSTALLER]):
        names = [wheel.name for wheel, _ in reversed(batch)]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        tell(", ".join(names[:NAMED]) + more, done)
        pins = scratch / "wheels.txt"
        # As addresses and not as names: a folder of wheels may hold other versions, too.
        lines = [f"{wheel.name} @ {path.resolve().as_uri()} --hash=sha256:{wheel.sha256}" for wheel, path in batch]
        pins.write_text("\n".join(lines) + "\n", encoding="utf-8")
        arguments = ["install", "--isolated", "--no-index", "--no-deps", "--require-hashes", "--no-cache-dir",
                     "--no-warn-script-location", "--disable-pip-version-check", "--no-input", "--progress-bar", "off",
                     "-r", pins]  # fmt: skip
        named = batch[0][0].name if len(batch) == 1 else "packages"
        commands.call(f"Installing {named}", [python, "-m", "pip", *arguments], scratch, str(pip))
        done += sum(wheel.installed for wheel, _ in batch)
    tell("", done)


def batches(wheels: Sequence[tuple[Wheel, Path]]) -> Iterator[list[tuple[Wheel, Path]]]:
    """Wheels in groups that take about as long: a large one by itself, small ones together."""
    group, size = [], 0
    for wheel, path in sorted(wheels, key=lambda one: one[0].size):
        if group and size + wheel.size > BATCH:
            yield group
            group, size = [], 0
        group.append((wheel, path))
        size += wheel.size
    if group:
        yield group
