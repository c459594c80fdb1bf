"""python -m style_core cache: how much is kept of earlier work, and its removal."""

import argparse
import json
import re
import shutil
import stat
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .options import number
from .setting import UserError

DAY = 24 * 3600.0
MEGABYTE = 1e6
# What the cache has, by where it lies in it. All else in the folder is not ours, or cannot be made again, such as what
# a person has cut out in Blender, and is never touched.
KINDS = {
    "painted frames": re.compile(r"[0-9a-f]{32}(-.+)?"),
    "motion": re.compile(r"flow-[0-9a-f]{16}"),
    "rendered strips": re.compile(r"render-[0-9a-f]{16}"),
    "mattes": re.compile(r"mattes/([0-9a-f]{16}|cuts)"),
    "style pictures": re.compile(r"style-[0-9a-f]{16}"),
}


@dataclass(frozen=True)
class Kept:
    """One folder of the cache: a film's frames, the mattes of one region, or a style picture out of a .blend file."""

    kind: str
    folder: Path
    size: int
    """In bytes."""
    used: float
    """When it was last written to or read, in seconds of the system's clock."""

    @classmethod
    def of(cls, kind: str, folder: Path) -> "Kept":
        """What is in a folder now."""
        known = [folder.stat()]
        for file in folder.rglob("*"):
            with suppress(FileNotFoundError):  # renamed meanwhile by a job that goes on
                known.append(file.lstat())
        size = sum(one.st_size for one in known if stat.S_ISREG(one.st_mode))
        return cls(kind, folder, size, max(one.st_mtime for one in known))


def add_cache(commands: "argparse._SubParsersAction") -> None:
    """The command and its options."""
    cache = commands.add_parser("cache", help="show how much is kept of earlier work, or remove it")
    cache.add_argument(
        "--clear",
        action="store_true",
        help="remove what can be made again: frames, motion, mattes and the images of .blend files",
    )
    cache.add_argument("--older-than", metavar="DAYS", type=number, help="only what was not used for so many days")
    cache.add_argument("--cache", metavar="FOLDER", help="look in this folder (default: the user's cache); strips "
                       "in Blender need the frames that they show")  # fmt: skip
    cache.add_argument("--json", action="store_true", help="as one JSON object")
    cache.set_defaults(command=show_or_clear)


def show_or_clear(options: argparse.Namespace) -> int:
    """Lists what is kept by its kind, or removes it and lists that; returns the exit code."""
    days = options.older_than
    if days is not None and not days >= 0:
        raise UserError(f"--older-than is {days:g}; it must be at least 0 days.")
    # Late, as it needs OpenCV: a Python that lacks what painting needs must still be able to say so.
    from .cache import user_cache_folder

    root = Path(options.cache) if options.cache else user_cache_folder()
    if options.cache and not root.is_dir():
        raise UserError(f"The cache folder '{root}' does not exist: check the path.")
    found = [kept for kept in contents(root) if days is None or time.time() - kept.used > days * DAY]
    amounts = {kind: [kept.size for kept in found if kept.kind == kind] for kind in KINDS}
    if options.clear:
        for kept in found:
            remove(kept)
    if options.json:
        told = {kind: {"folders": len(sizes), "bytes": sum(sizes)} for kind, sizes in amounts.items()}
        print(json.dumps({"folder": str(root), "cleared": options.clear, "kinds": told}))
        return 0
    for kind, sizes in amounts.items():
        print(f"{kind:16} {len(sizes):5} folders {sum(sizes) / MEGABYTE:10.1f} MB")
    print(f"{'Removed from' if options.clear else 'Kept in'} {root}")
    return 0


def contents(root: Path) -> list[Kept]:
    """All that the cache in a folder has; what only leads elsewhere is not in it."""
    inner = [] if (root / "mattes").is_symlink() else root.glob("mattes/*")
    real = [place for place in sorted([*root.glob("*"), *inner]) if place.is_dir() and not place.is_symlink()]
    named = [(place, place.relative_to(root).as_posix()) for place in real]
    return [Kept.of(kind, place) for place, name in named for kind, form in KINDS.items() if form.fullmatch(name)]


def remove(kept: Kept) -> None:
    """Removes a folder of the cache; raises UserError if that cannot be done."""
    try:
        shutil.rmtree(kept.folder)
    except OSError as error:
        raise UserError(
            f"'{kept.folder}' cannot be removed ({error.strerror}): end what uses it, and call this again."
        ) from error
