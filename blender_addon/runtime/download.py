"""Wheels from an index, one by one: resumed where they were cut off, whole only when their hash is right."""

import hashlib
import shutil
import time
import urllib.error
from collections import deque
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from ...style_core.job import UserError
from .index import address_of
from .lock import Wheel
from .network import Answer, Network, NetworkError
from .sizes import in_megabytes

CHUNK = 1 << 18  # bytes
HASHED = 1 << 24  # bytes between two looks at Cancel
TRIES = 4  # without a byte in between
WAIT_SECONDS = (1.0, 3.0, 8.0)
RATE_SECONDS = 10.0  # over which the rate is measured
# Called with the bytes that came, or with a negative number where bytes turned out to be wrong. May raise, to stop.
Tell = Callable[[int], None]


class Rate:
    """How fast bytes come, and how long the rest takes at that rate."""

    def __init__(self) -> None:
        self.seen: deque[tuple[float, int]] = deque()

    def note(self, done: int) -> None:
        """So much is done now."""
        now = time.monotonic()
        self.seen.append((now, done))
        while now - self.seen[0][0] > RATE_SECONDS and len(self.seen) > 2:
            self.seen.popleft()

    @property
    def per_second(self) -> float:
        """Bytes per second; 0: not known yet."""
        if len(self.seen) < 2:
            return 0.0
        (first, before), (last, now) = self.seen[0], self.seen[-1]
        return max(0.0, (now - before) / (last - first)) if last > first else 0.0


def is_whole(path: Path, wheel: Wheel, tell: Tell) -> bool:
    """Whether a file is the one that was pinned. Cancel is heard meanwhile: some have a gigabyte."""
    if not path.is_file() or (wheel.size and path.stat().st_size != wheel.size):
        return False
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(HASHED):
            digest.update(data)
            tell(0)
    return digest.hexdigest() == wheel.sha256


def part_of(path: Path) -> Path:
    """Where a wheel is kept until it is whole."""
    return path.with_name(path.name + ".part")


def have(folder: Path, wheel: Wheel) -> int:
    """Bytes of a wheel that have been downloaded before; cheap: no hash is computed."""
    path = folder / wheel.file
    for place in (path, part_of(path)):
        if place.is_file():
            return place.stat().st_size
    return 0


def take(folder: Path, wheel: Wheel, tell: Tell) -> Path:
    """A wheel out of a folder that somebody has brought along. Raises UserError if it is not the pinned one."""
    path = folder / wheel.file
    if not is_whole(path, wheel, tell):
        raise UserError(
            f"'{path}' is not the file that Stylestrip was tested with (its sha256 is another one): copy the folder "
            "again, and do not use this file."
        )
    tell(path.stat().st_size)
    return path


def fetch(network: Network, wheel: Wheel, folder: Path, tell: Tell) -> Path:
    """Downloads a wheel into a folder, or goes on with one; nothing is downloaded twice.

    Raises:
        NetworkError: the server does not answer, or not to the end; what has come is kept.
        UserError: the file is not the pinned one, and was removed.
        OSError: the folder cannot be written.
    """
    path = folder / wheel.file
    folder.mkdir(parents=True, exist_ok=True)
    if is_whole(path, wheel, tell):
        tell(path.stat().st_size)
        return path
    path.unlink(missing_ok=True)
    part = part_of(path)
    if part.is_file():
        tell(part.stat().st_size)
    failures = 0
    while True:
        before = part.stat().st_size if part.is_file() else 0
        try:
            wheel = address_of(network, wheel)
            append(network, wheel, part, tell)
            break
        except (NetworkError, urllib.error.HTTPError) as error:
            if isinstance(error, urllib.error.HTTPError):
                error = refused(wheel, error)
                if not isinstance(error, NetworkError):
                    raise error from None
            came = part.is_file() and part.stat().st_size > before
            failures = 1 if came else failures + 1
            if failures >= TRIES:
                raise error from None
            pause(WAIT_SECONDS[failures - 1], tell)
    if not is_whole(part, wheel, tell):
        part.unlink()
        raise UserError(
            f"'{wheel.file}' from {wheel.url} is not the file that was pinned (its sha256 is another one), and was "
            "removed: press Install again; if that does not help, check the index in the preferences of Stylestrip."
        )
    part.replace(path)
    return path


def pause(seconds: float, tell: Tell) -> None:
    """Waits before another try; Cancel is heard meanwhile."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        tell(0)
        time.sleep(0.1)


def append(network: Network, wheel: Wheel, part: Path, tell: Tell) -> None:
    """Adds to a part what is missing. Raises NetworkError if it is cut off again."""
    begun = part.stat().st_size if part.is_file() else 0
    if wheel.size and begun >= wheel.size:
        if begun == wheel.size:
            return
        part.unlink()
        tell(-begun)
        begun = 0
    with network.open(wheel.url, **({"Range": f"bytes={begun}-"} if begun else {})) as answer:
        if begun and answer.status != 206:  # a server that cannot go on begins again
            tell(-begun)
            begun = 0
        with part.open("ab" if begun else "wb") as file:
            copy(answer, wheel, file, tell)
    came = part.stat().st_size
    if wheel.size and came < wheel.size:
        raise cut_off(wheel, came, "the connection was closed")


def copy(answer: Answer, wheel: Wheel, file, tell: Tell) -> None:
    """Writes what comes as it comes, so that a kill loses nothing of it."""
    while True:
        try:
            data = answer.read1(CHUNK)
        except (OSError, HTTPException) as error:
            raise cut_off(wheel, file.tell(), str(error)) from error
        if not data:
            return
        file.write(data)
        file.flush()
        tell(len(data))


def cut_off(wheel: Wheel, came: int, reason: str) -> NetworkError:
    """A sentence for a download that did not come to its end."""
    whole = f" of {in_megabytes(wheel.size)}" if wheel.size else ""
    return NetworkError(
        f"The download of '{wheel.file}' was cut off after {in_megabytes(came)}{whole} ({reason}): check the network "
        "and press Install again; it goes on from there."
    )


def refused(wheel: Wheel, error: urllib.error.HTTPError) -> UserError:
    """A sentence for a server that says no; one that is only busy may say yes later."""
    kind = NetworkError if error.code in (408, 425, 429) or error.code >= 500 else UserError
    return kind(
        f"{wheel.url} answers with error {error.code} ({error.reason}): check the index in the preferences of "
        "Stylestrip, or try again later."
    )


def free_bytes(folder: Path) -> int:
    """Room on the disk of a folder that need not exist yet."""
    place = next(one for one in (folder, *folder.parents) if one.exists())
    return shutil.disk_usage(place).free
