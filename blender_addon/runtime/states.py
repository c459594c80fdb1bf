"""The painter's state: what it may be, what may follow on what, and its record on the disk."""

import json
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from .folders import write_whole

STATE_FILE = "painter-state.json"


class State(StrEnum):
    """What the painter is."""

    NOT_INSTALLED = "not installed"
    INSTALLING = "installing"
    UNCHECKED = "not checked"
    """There is a Python, of which nobody knows whether it can paint."""
    CHECKING = "checking"
    READY = "ready"
    NEEDS_REPAIR = "needs repair"
    UPDATE_AVAILABLE = "update available"
    """It can paint, and this version of the extension has newer wheels."""


WORKING = (State.READY, State.UPDATE_AVAILABLE)
BUSY = (State.INSTALLING, State.CHECKING)

# What may follow. Whatever is cut off leaves the earlier painter, so that each may also follow on a work's end.
AT_REST = {State.NOT_INSTALLED, State.UNCHECKED, State.READY, State.NEEDS_REPAIR, State.UPDATE_AVAILABLE}
TRANSITIONS = {
    State.NOT_INSTALLED: {State.INSTALLING, State.UNCHECKED},
    State.INSTALLING: {State.CHECKING, *AT_REST},
    State.UNCHECKED: {State.CHECKING, State.INSTALLING, *AT_REST},
    State.CHECKING: AT_REST,
    State.READY: {State.CHECKING, State.INSTALLING, *AT_REST},
    State.NEEDS_REPAIR: {State.CHECKING, State.INSTALLING, *AT_REST},
    State.UPDATE_AVAILABLE: {State.CHECKING, State.INSTALLING, *AT_REST},
}


class Step(StrEnum):
    """Where an installation is."""

    NONE = ""
    LOOKING = "Looking at this machine"
    ENVIRONMENT = "Making a Python environment"
    FINDING = "Asking PyTorch's index"
    DOWNLOADING = "Downloading"
    INSTALLING = "Installing"
    CHECKING = "Trying the painter"
    FINISHING = "Finishing"


class Status(NamedTuple):
    """All that is to be shown of the painter."""

    state: State = State.NOT_INSTALLED
    problem: str = ""
    """What is wrong, and what to do about it; may also be said beside an earlier painter that still works."""
    step: Step = Step.NONE
    detail: str = ""
    """What of the step is going on: the file that comes."""
    done: int = 0
    total: int = 0
    """Bytes of the step; 0: it has none."""
    rate: float = 0.0
    """Bytes per second."""
    python: str = ""
    device: str = ""
    memory: str = ""
    versions: str = ""
    speed: str = ""
    """What a trial took."""
    note: str = ""
    """What else to know: what an installation that was stopped has left to go on with."""

    @property
    def seconds_left(self) -> float | None:
        """Of this step; None: not known."""
        return (self.total - self.done) / self.rate if self.rate > 0 and self.total else None

    @property
    def fraction(self) -> float:
        """Of this step that is done."""
        return min(1.0, self.done / self.total) if self.total else 0.0


def follow(status: Status, state: State, **values) -> Status:
    """The status with a new state. Raises ValueError where that cannot follow: a mistake in the program."""
    if state != status.state and state not in TRANSITIONS[status.state]:
        raise ValueError(f"'{state}' cannot follow on '{status.state}'.")
    return status._replace(state=state, **values)


def read_status(user_folder: Path) -> Status:
    """What was written down last; one that cannot be read is as none."""
    try:
        values = json.loads((user_folder / STATE_FILE).read_text(encoding="utf-8"))
        return Status(**values | {"state": State(values["state"]), "step": Step(values["step"])})
    except (OSError, ValueError, TypeError, KeyError):
        return Status()


def write_status(user_folder: Path, status: Status) -> None:
    """Writes the status down, whole or not at all."""
    write_whole(user_folder / STATE_FILE, json.dumps(status._asdict()))
