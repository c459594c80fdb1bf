"""The state of the painter that was made here, as the disk shows it."""

from pathlib import Path

from . import folders
from .claim import is_claimed
from .folders import Current, current, venv_python
from .lock import lock_digest
from .sizes import in_megabytes
from .states import BUSY, WORKING, State, Status, Step, read_status


def state_of_whole(made: Current, lock: dict) -> State:
    """Whether a painter that works is the newest."""
    return State.READY if made.lock == lock_digest(lock) else State.UPDATE_AVAILABLE


def settled(user_folder: Path, lock: dict) -> Status:
    """The state of the painter that we make, as the disk shows it; starts nothing.

    What a process was at when it died is not believed: the disk has either the earlier painter or the new one.
    """
    told, made = read_status(user_folder), current(user_folder)
    if told.state in BUSY and is_claimed(user_folder):
        return told  # in another Blender
    cut_off = told.state in BUSY
    told = told._replace(step=Step.NONE, detail="", done=0, total=0, rate=0.0)
    if made is None:
        if told.state is State.NEEDS_REPAIR and told.problem and not told.python:
            return told  # else it is about a Python that somebody had named
        size = folders.size_of(user_folder / folders.WHEELS)
        left = f" {in_megabytes(size)} are downloaded: Install goes on from there." if size > 1e6 else ""
        return Status(note=f"An installation was cut off.{left}" if cut_off else told.note)
    python = venv_python(user_folder / made.folder)
    if not python.is_file():
        return told._replace(state=State.NEEDS_REPAIR, python=str(python), problem=(
            f"The painter's Python '{python}' is gone; Blender may have been moved or updated since it was installed: "
            "press Repair."))  # fmt: skip
    if told.python != str(python):
        return Status(State.UNCHECKED, python=str(python))
    if cut_off:
        told = told._replace(problem="", note="An installation was cut off; the painter from before is still in use.")
        return told._replace(state=state_of_whole(made, lock))
    if told.state in WORKING:
        return told._replace(state=state_of_whole(made, lock))
    return told
