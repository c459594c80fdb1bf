"""What is noted of what has not come to its end, strips and nodes, and how it is gone on with."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ..style_core.job import Job, UserError, build
from .compositor.baking import Bake
from .compositor.left_over import LeftBake
from .host.footage import Footage
from .painting import Painting, go_on
from .task import Task
from .tickets import find_strip


@dataclass(frozen=True)
class Left:
    """A strip on which painting has not come to its end."""

    ticket: str
    scene: str
    strip: str
    job: Job
    footage: Footage
    as_new: bool = False

    @classmethod
    def of(cls, painting: Painting) -> "Left":
        """What is noted of a painting."""
        own = painting
        return cls(own.identifier, own.scene, own.strip, own.painted_job, own.footage, own.as_new)

    @property
    def place(self) -> tuple[str, str, str]:
        """By what it is known, whatever its ticket."""
        return "strip", self.scene, self.strip

    def check(self) -> None:
        """Raises UserError if it cannot be what was noted."""
        if not self.footage.frames or any(type(number) is not int for number in self.footage.frames):
            raise UserError("a strip has no frames")

    def require(self) -> None:
        """Raises UserError if the strip is gone."""
        find_strip(self.ticket, self.scene, self.strip)

    def go_on(self) -> None:
        """Puts the strip into the queue again, with the settings that it had then; raises UserError."""
        go_on(self.ticket, self.scene, self.strip, self.job, self.footage, self.as_new)


Entry = Left | LeftBake
# What is noted of which tasks, and under which word.
KINDS = {"strips": (Painting, Left), "nodes": (Bake, LeftBake)}


def of(task: Task) -> Entry | None:
    """What is noted of a task; None if nothing is."""
    return next((kind.of(task) for about, kind in KINDS.values() if isinstance(task, about)), None)


def as_told(entries: Iterable[Entry]) -> dict[str, Any]:
    """Entries as a note has them."""
    return {word: [asdict(one) for one in entries if type(one) is kind] for word, (_, kind) in KINDS.items()}


def read(note: dict[str, Any]) -> list[Entry]:
    """The entries of a note, checked; raises UserError."""
    found = [build(kind, one, "entry") for word, (_, kind) in KINDS.items() for one in note.get(word, ())]
    for one in found:
        one.check()
    return found
