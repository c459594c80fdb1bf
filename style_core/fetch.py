"""Fetching a file from the network: only ever when a person has asked for that file."""

import hashlib
import http.client
import os
import shlex
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from .job import UserError
from .setting import ScarceError
from .whole import written

Answer = TypeVar("Answer")

# Bytes that are read at once; seconds without any after which the network is given up.
PIECE, PATIENCE = 1 << 18, 30


def fetch(url: str, digits: str, path: Path, tell: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Puts what an address holds into a file, at once or not at all.

    Args:
        url: the address, https.
        digits: what the SHA-256 of the file begins with.
        path: where it goes.
        tell: told how many bytes are there, and of how many (0: not known).

    Raises:
        UserError: it cannot be had or written, or is not what it should be.
    """
    try:
        with written(path) as part:
            with part.open("wb") as file:
                digest = copied(url, file, tell)
            if not digest.startswith(digits):
                raise UserError(
                    f"What '{url}' holds is not the file it should be (its SHA-256 begins with {digest[:8]}, not with "
                    f"{digits}): try again later, or get the file another way."
                )
    except OSError as error:
        raise UserError(
            f"'{path}' cannot be written ({error.strerror or error}): free some space, or choose another place."
        ) from error


def fetch_command(name: str) -> str:
    """What a person types into a terminal (of Windows: PowerShell), in whatever folder, to fetch a network's weights.

    Where the painter was started with places to find things in, as Blender does, Python and these are named in full.
    """
    places, command = os.environ.get("PYTHONPATH"), f"-m style_core fetch {name}"
    if not places:
        return f"python {command}"
    if os.name == "nt":
        return f'$env:PYTHONPATH="{places}"; & "{sys.executable}" {command}'
    return f"PYTHONPATH={shlex.quote(places)} {shlex.quote(sys.executable)} {command}"


def copied(url: str, file: BinaryIO, tell: Callable[[int, int], None]) -> str:
    """Writes what an address holds into an open file; its SHA-256 in hexadecimal digits.

    Raises:
        UserError: the network or the server fails.
        OSError: the file cannot be written.
    """
    digest = hashlib.sha256()
    with asked(url, lambda: urllib.request.urlopen(url, timeout=PATIENCE)) as source:
        total = int(source.headers.get("Content-Length") or 0)
        while piece := asked(url, lambda: source.read(PIECE)):
            digest.update(piece)
            file.write(piece)
            tell(file.tell(), total)
    return digest.hexdigest()


def asked(url: str, ask: Callable[[], Answer]) -> Answer:
    """What the network answers; raises ScarceError if it fails, in whatever way.

    Apart from writing, whose errors are of the same kinds: a connection that TLS or the server breaks off is no fault
    of the disk.
    """
    try:
        return ask()
    except urllib.error.HTTPError as error:
        why = f"the server answers {error.code} {error.reason}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "reason", None) or str(error) or type(error).__name__
    raise ScarceError(f"'{url}' cannot be fetched ({why}): check the network, or get the file another way.")
