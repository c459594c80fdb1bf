"""blender -b FILE --command stylestrip cache: what is kept of earlier work for a file, and its removal."""

import argparse
import json
import sys

from ..style_core.job import UserError
from ..style_core.kept import DAY, Kept, by_kind, total, totals
from ..style_core.options import OneSentence, code_of, number
from . import disk, unfinished
from .runtime.sizes import GIGABYTE, in_megabytes

COMMAND = "cache"
DONE = 0


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    about = "Says how much is kept of earlier work for the file that is open, and of files that were never saved."
    options = OneSentence(prog=f"stylestrip {COMMAND}", description=about)
    what = options.add_mutually_exclusive_group()
    what.add_argument("--clear", action="store_true", help="remove what the file does not show and its queue does not "
                      "need; strips of other files in its folder must be painted again then. What was used within the "
                      "last hour stays: another Blender may be painting it")  # fmt: skip
    what.add_argument("--limit", metavar="GB", type=number, help="remove what was longest unused of that, until so "
                      "much is left; what was used within the last hour stays")  # fmt: skip
    options.add_argument("--older-than", metavar="DAYS", type=number, help="with --clear, only what was not used for "
                         "so many days")  # fmt: skip
    options.add_argument("--json", action="store_true", help="as one JSON object")
    return options


def run(arguments: list[str]) -> int:
    """Does what the options ask for; the exit code."""
    try:
        given = parser().parse_args(arguments)
    except SystemExit as ended:  # argparse has said what is wrong; Blender must end with the code
        return int(ended.code or 0)
    try:
        gone = removed(given)
    except UserError as error:
        print(f"stylestrip: {error}", file=sys.stderr, flush=True)
        return code_of(error)
    tell(given, gone)
    return DONE


def removed(given: argparse.Namespace) -> list[Kept]:
    """Removes what the options name; raises UserError if they are wrong or something cannot be removed."""
    unfinished.look()
    for name, value in (("--older-than", given.older_than), ("--limit", given.limit)):
        if value is not None and not value >= 0:
            raise UserError(f"{name} is {value:g}: it must be at least 0.")
    if given.older_than is not None and not given.clear:
        raise UserError(f"--older-than is {given.older_than:g} without --clear: add that, or leave this one out.")
    if given.clear:
        return disk.clean_up(max(given.older_than or 0.0, disk.LATELY_SECONDS / DAY))
    if given.limit is None:
        return []
    return disk.shrink(disk.places().caches, int(given.limit * GIGABYTE), disk.needed())


def tell(given: argparse.Namespace, gone: list[Kept]) -> None:
    """Says what is kept, and what is gone."""
    needed, found = disk.needed(), disk.found()
    sizes = totals(found)
    if given.json:
        kinds = {kind: {"folders": len(some), "bytes": sizes[kind]} for kind, some in by_kind(found).items()}
        folders = [str(one) for one in disk.places().caches]
        print(json.dumps({"folders": folders, "removed": total(gone), "kinds": kinds}), flush=True)
        return
    spare = totals([kept for kept in found if not needed(kept)])
    for kind, size in sizes.items():
        print(f"{kind:16} {in_megabytes(size):>8}, of which the file needs {in_megabytes(size - spare[kind])}")
    if given.clear or given.limit is not None:
        print(f"Removed: {in_megabytes(total(gone))}")
    print(f"Kept in {' and '.join(map(str, disk.places().caches))}", flush=True)
