"""One installation at a time: a file that the system locks for as long as a process lives, and no longer."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...style_core.file_lock import lock
from ...style_core.job import UserError

CLAIM_FILE = "setup.lock"
OWNER = 32  # bytes at the file's beginning that say who holds it; the byte behind them is what is locked
TRIES, TRY_SECONDS = 5, 0.05


class ClaimedError(UserError):
    """Another process is installing."""


@contextmanager
def claimed(user_folder: Path) -> Iterator[None]:
    """Nobody else installs into this folder within. The lock of a process that died is none: the system drops it.

    Raises ClaimedError if somebody does already.
    """
    (user_folder / CLAIM_FILE).touch()
    with (user_folder / CLAIM_FILE).open("r+b", buffering=0) as file:
        if not wait_for_lock(file.fileno()):
            file.seek(0)
            owner = file.read(OWNER).decode("ascii", "replace").strip() or "unknown"
            raise ClaimedError(
                f"Another Blender installs the painter in this folder just now (process {owner}): wait until it is "
                "done, or cancel there."
            )
        file.seek(0)
        file.write(f"{os.getpid()}".ljust(OWNER).encode("ascii"))
        yield


def is_claimed(user_folder: Path) -> bool:
    """Whether an installation is going on in some process."""
    try:
        with (user_folder / CLAIM_FILE).open("r+b") as file:
            lock(file.fileno(), OWNER)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def wait_for_lock(file: int) -> bool:
    """Locks the file, past those who only look for a moment whether it is locked; False if somebody keeps it."""
    for _ in range(TRIES):
        try:
            lock(file, OWNER)
            return True
        except OSError:
            time.sleep(TRY_SECONDS)
    return False
