"""A file that the system locks for as long as a process lives, and no longer. Needs the standard library alone."""

import os
import sys


def lock(file: int, place: int = 0) -> None:
    """Locks an open file until it is closed; raises OSError if somebody has it.

    Args:
        file: its descriptor, open for writing.
        place: on Windows, which locks bytes and lets nobody read them, the byte that is locked.
    """
    if sys.platform == "win32":
        import msvcrt

        os.lseek(file, place, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        return
    import fcntl

    # Of the open file and not of the process: two that want it within one process exclude each other, too.
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
