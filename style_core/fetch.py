"""Fetching a file from the network: only ever when a person has asked for that file."""

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from .job import UserError

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
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    digest = hashlib.sha256()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(url, timeout=PATIENCE) as source, part.open("wb") as file:
            total = int(source.headers.get("Content-Length") or 0)
            while piece := source.read(PIECE):
                digest.update(piece)
                file.write(piece)
                tell(file.tell(), total)
        if not digest.hexdigest().startswith(digits):
            raise UserError(
                f"What '{url}' holds is not the file it should be (its SHA-256 begins with "
                f"{digest.hexdigest()[:8]}, not with {digits}): try again later, or get the file another way."
            )
        part.replace(path)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        why = getattr(error, "reason", error)
        raise UserError(
            f"'{url}' cannot be fetched ({why}): check the network, or get the file another way."
        ) from error
    except OSError as error:
        raise UserError(f"'{path}' cannot be written ({error.strerror}): free some space.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
