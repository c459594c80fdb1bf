"""python -m style_core cache: how much is kept of earlier work, and its removal."""

import argparse
import json
import time
from pathlib import Path

from .kept import DAY, by_kind, contents, remove, totals, user_cache_folder
from .options import number
from .setting import UserError

MEGABYTE = 1e6


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
    root = Path(options.cache) if options.cache else user_cache_folder()
    if options.cache and not root.is_dir():
        raise UserError(f"The cache folder '{root}' does not exist: check the path.")
    found = [kept for kept in contents(root) if days is None or time.time() - kept.used > days * DAY]
    folders, sizes = {kind: len(some) for kind, some in by_kind(found).items()}, totals(found)
    if options.clear:
        for kept in found:
            remove(kept)
    if options.json:
        told = {kind: {"folders": folders[kind], "bytes": size} for kind, size in sizes.items()}
        print(json.dumps({"folder": str(root), "cleared": options.clear, "kinds": told}))
        return 0
    for kind, size in sizes.items():
        print(f"{kind:16} {folders[kind]:5} folders {size / MEGABYTE:10.1f} MB")
    print(f"{'Removed from' if options.clear else 'Kept in'} {root}")
    return 0
