"""What is noted of a node whose bake has not come to its end, and how that is gone on with."""

from dataclasses import dataclass
from pathlib import Path

from bpy.types import Node

from ...style_core.job import Job, UserError
from ..host.passes import Passes
from .baking import Bake, Frames, named_node, queue_up
from .in_strip import find_in_strip
from .strip_baking import BakeInStrip


@dataclass(frozen=True)
class LeftBake:
    """A node on which painting has not come to its end, as JSON can hold it."""

    ticket: str
    scene: str
    strip: str
    """The node's name."""
    job: Job
    folder: str
    first: int
    last: int
    passes: Passes
    size: tuple[int, int] | None
    ending: str
    painted_by: str
    of_strip: str = ""
    """The strip whose modifier has the node; empty: a scene's compositor has it."""
    start: int = 0
    """Where the strip's content began then."""

    @classmethod
    def of(cls, bake: Bake) -> "LeftBake":
        """What is noted of a bake."""
        own, numbers = bake.frames, bake.frames.numbers
        given = {"passes": own.passes, "size": own.size, "ending": own.ending, "painted_by": bake.painted_by}
        of_frames = {"folder": str(own.folder), "first": numbers[0], "last": numbers[-1]}
        if isinstance(bake, BakeInStrip):
            given |= {"of_strip": bake.of_strip, "start": bake.start}
        return cls(ticket=bake.identifier, scene=bake.scene, strip=bake.strip, job=bake.job, **of_frames, **given)

    @property
    def place(self) -> tuple[str, str, str]:
        """By what it is known, whatever its ticket."""
        return "node", f"{self.scene}/{self.of_strip}", self.strip

    def check(self) -> None:
        """Raises UserError if it cannot be what was noted."""
        if self.last < self.first:
            raise UserError("a node has no frames")

    def require(self) -> None:
        """Raises UserError if the node is gone."""
        self.node()

    def node(self) -> Node:
        """The node, by its ticket or else by its name; raises UserError if it is gone."""
        if self.of_strip:
            return find_in_strip(self.ticket, self.scene, self.of_strip, self.strip)[1]
        return named_node(self.ticket, self.scene, self.strip)[1]

    def go_on(self) -> None:
        """Puts the node into the queue again, with the settings that it had then; raises UserError as `bake` does."""
        frames = Frames(Path(self.folder), range(self.first, self.last + 1), self.passes, self.size, self.ending)
        given = {"identifier": self.ticket, "scene": self.scene, "strip": self.strip, "frames": frames}
        given |= {"job": self.job, "painted_by": self.painted_by}
        own = {"of_strip": self.of_strip, "start": self.start}
        queue_up(BakeInStrip(**given, **own) if self.of_strip else Bake(**given), self.node())
