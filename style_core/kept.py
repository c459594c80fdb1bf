"""What a cache folder holds of earlier work, and what of it goes first. Both sides ask here."""

import os
import re
import shutil
import stat
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from .setting import UserError

DAY = 24 * 3600.0
PAINTED, HALF_DONE = "painted frames", "left half done"
# What a cache has, by where it lies in it. All else in the folder is not ours, or cannot be made again, such as what
# a person has cut out in Blender, and is never touched.
KINDS = {
    PAINTED: re.compile(r"[0-9a-f]{32}(-.+)?"),
    "motion": re.compile(r"flow-[0-9a-f]{16}"),
    "rendered strips": re.compile(r"render-[0-9a-f]{16}"),
    "frames of nodes": re.compile(r"node-[0-9a-f]{16}--?[0-9]+"),
    "live frames": re.compile(r"node-live-[0-9a-f]{16}"),
    "mattes": re.compile(r"mattes/([0-9a-f]{16}|cuts)"),
    "style pictures": re.compile(r"style-[0-9a-f]{16}"),
    HALF_DONE: re.compile(r"(mattes/)?(rendering|drawing|writing)-[0-9a-f]{16}"),
}
# Others call folders by 32 digits as well: what is in ours besides.
PROOF = {PAINTED: "job.json"}


class Linked(NamedTuple):
    """A file that has other names, there or elsewhere: what nodes show are painted frames by another name."""

    identity: tuple[int, int]
    size: int
    """In bytes."""
    names: int


class Kept(NamedTuple):
    """One folder of the cache: a film's frames, the mattes of one region, or a style picture out of a .blend file."""

    kind: str
    folder: Path
    size: int
    """In bytes, without what is linked."""
    used: float
    """When it was last written to or read, in seconds of the system's clock."""
    linked: tuple[Linked, ...] = ()

    @classmethod
    def of(cls, kind: str, folder: Path) -> "Kept":
        """What is in a folder now."""
        known = [folder.stat()]
        for file in folder.rglob("*"):
            with suppress(FileNotFoundError):  # renamed meanwhile by a job that goes on
                known.append(file.lstat())
        files = [one for one in known if stat.S_ISREG(one.st_mode)]
        linked = [Linked((one.st_dev, one.st_ino), one.st_size, one.st_nlink) for one in files if one.st_nlink > 1]
        size = sum(one.st_size for one in files) - sum(one.size for one in linked)
        return cls(kind, folder, size, max(one.st_mtime for one in known), tuple(linked))


def user_cache_folder() -> Path:
    """The folder that this system gives programs for what can be made again."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", home / ".cache"))
    return base / "stylestrip"


def contents(root: Path, kinds: Collection[str] = tuple(KINDS)) -> list[Kept]:
    """All that the cache in a folder has of some kinds; what only leads elsewhere is not in it."""
    inner = [] if (root / "mattes").is_symlink() else root.glob("mattes/*")
    real = [place for place in sorted([*root.glob("*"), *inner]) if place.is_dir() and not place.is_symlink()]
    named = [(place, place.relative_to(root).as_posix()) for place in real]
    found = []
    for place, name in named:
        with suppress(FileNotFoundError):  # removed meanwhile by another one
            found += [Kept.of(kind, place) for kind in kinds if is_of_kind(kind, place, name)]
    return found


def is_of_kind(kind: str, place: Path, name: str) -> bool:
    """Whether a folder, by its name within the cache and by what is in it, is one of ours."""
    return KINDS[kind].fullmatch(name) is not None and (place / PROOF.get(kind, "")).exists()


def by_kind(found: Sequence[Kept]) -> dict[str, list[Kept]]:
    """What was found, by its kind; all kinds are there."""
    return {kind: [kept for kept in found if kept.kind == kind] for kind in KINDS}


def freed_by(going: Iterable[Kept]) -> Iterator[int]:
    """Bytes that are free as these are removed, one after the other: a file goes with the last of its names."""
    gone: Counter[tuple[int, int]] = Counter()
    for kept in going:
        gone.update(one.identity for one in kept.linked)
        last = {one.identity: one.size for one in kept.linked if gone[one.identity] == one.names}
        yield kept.size + sum(last.values())


def total(found: Sequence[Kept]) -> int:
    """Bytes that are free when all of these are removed."""
    return sum(freed_by(found))


def totals(found: Sequence[Kept]) -> dict[str, int]:
    """The same by their kinds; what several have is counted with the first."""
    sums = dict.fromkeys(KINDS, 0)
    order = sorted(found, key=lambda kept: -list(KINDS).index(kept.kind))
    for kept, size in zip(order, freed_by(order), strict=True):
        sums[kept.kind] += size
    return sums


def not_used_since(found: Sequence[Kept], moment: float, is_needed: Callable[[Kept], bool]) -> list[Kept]:
    """What may go: it was not used since a moment of the system's clock, and nobody needs it."""
    return [kept for kept in found if kept.used < moment and not is_needed(kept)]


def over_the_limit(found: Sequence[Kept], most: int, moment: float, is_needed: Callable[[Kept], bool]) -> list[Kept]:
    """What has to go for the rest to take `most` bytes: the longest unused first, and none of what may not go."""
    over, going = total(found) - most, []
    oldest = sorted(not_used_since(found, moment, is_needed), key=lambda one: one.used)
    for kept, size in zip(oldest, freed_by(oldest), strict=True):
        if over <= 0:
            break
        going.append(kept)
        over -= size
    return going


def remove(kept: Kept) -> None:
    """Removes a folder of the cache; raises UserError if that cannot be done."""
    try:
        shutil.rmtree(kept.folder)
    except OSError as error:
        raise UserError(
            f"'{kept.folder}' cannot be removed ({error.strerror}): end what uses it, and try again."
        ) from error
