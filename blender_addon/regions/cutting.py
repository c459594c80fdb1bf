"""What a person says about a thing in a picture, and what the worker makes of it while they say more."""

import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import bpy

from ...style_core import protocol
from .. import connection
from ..arrays import np
from ..client import Message
from .cut_targets import Box, Picture

OVERLAY, MATTE = "overlay.pgm", "matte.png"
# Points of a stroke that are nearer to each other than this share of its radius say nothing new.
SPACING = 0.25
# How long the worker's last answer is waited for, before the files are removed anyhow.
LEAVE_SECONDS, LEAVE_TRIES = 0.1, 100
HEADER = re.compile(rb"P5\s+(?P<width>\d+)\s+(?P<height>\d+)\s+255\s")


@dataclass
class Stroke:
    """A line that was painted over the picture, in its pixels, y down."""

    radius: float
    keep: bool
    """Whether what lies under it belongs to the thing."""
    points: list[tuple[float, float]] = field(default_factory=list)

    def add(self, point: tuple[float, float]) -> bool:
        """Goes on to a point, unless it is next to the last one; returns whether it has."""
        if self.points and np.hypot(*np.subtract(point, self.points[-1])) < SPACING * self.radius:
            return False
        self.points.append(point)
        return True


class Cutting:
    """One thing that is being cut out of a picture. Every request holds all that was said; the newest one counts.

    Args:
        picture: what it is cut out of.
        begin: the matte to start from; empty: none.
        folder: for the worker's answers.
    """

    def __init__(self, picture: Picture, begin: str, folder: Path) -> None:
        self.picture, self.begin, self.folder = picture, begin, folder
        self.rectangle: Box | None = None
        self.strokes: list[Stroke] = []
        self.matte: np.ndarray | None = None
        """What the newest answer shows, (h, w) uint8, at most 960 pixels long."""
        self.share = 0.0
        self.file: Path | None = None
        """The matte at full size, once it was asked for and is there."""
        self.awaited: set[str] = set()
        """The requests whose answers are on their way."""
        self.newest = ""
        """The one whose answer counts."""
        self.changed = False
        """Whether more has been said than was asked."""
        self.problem = ""

    @property
    def is_busy(self) -> bool:
        """Whether the answer that counts is on its way."""
        return self.newest in self.awaited

    @property
    def is_first(self) -> bool:
        """Whether the worker may still be getting ready."""
        return self.is_busy and self.matte is None

    @property
    def has_begun(self) -> bool:
        """Whether there is anything to cut: a matte to start from, or a rectangle."""
        return bool(self.begin) or self.rectangle is not None

    def draw_rectangle(self, box: Box) -> None:
        """Begins anew with a rectangle around the thing."""
        self.rectangle, self.begin, self.strokes, self.changed = box, "", [], True

    def take_back(self) -> None:
        """Takes the last stroke back, or the rectangle if there is none."""
        if self.strokes:
            self.strokes.pop()
            self.changed = True
        elif self.rectangle is not None:
            self.forget()

    def forget(self) -> None:
        """Leaves nothing of what was said, for a new rectangle."""
        self.rectangle, self.begin, self.strokes = None, "", []
        self.matte, self.share, self.newest, self.changed = None, 0.0, "", False

    def ask(self, whole: bool = False) -> None:
        """Asks for the cut; `whole`: for the matte at full size, too. Raises UserError if there is no painter."""
        # Asking may start another worker, and the end of the last one is no answer to this.
        self.changed, self.problem, self.newest = False, "", ""
        self.newest = connection.ask(
            protocol.CUT,
            self.hear,
            source=asdict(self.picture.source),
            frame=self.picture.frame,
            rectangle=self.rectangle and list(self.rectangle),
            strokes=[asdict(stroke) for stroke in self.strokes],
            begin=self.begin,
            overlay=str(self.folder / OVERLAY),
            matte=str(self.folder / MATTE) if whole else "",
        )
        self.awaited.add(self.newest)

    def hear(self, message: Message) -> None:
        """Takes an answer in, if it is that to the newest request."""
        # The worker's death is about every request.
        about = self.awaited.copy() if message["id"] is None else {message["id"]}
        self.awaited -= about
        if self.newest not in about:
            return
        if message["type"] == protocol.ERROR:
            self.problem = message["message"]
            if message["wrong_input"] and not self.strokes:
                self.rectangle = None  # it was no good: the next drag is another one
        elif message["type"] == protocol.CUT_DONE:
            self.matte, self.share = read_grey(Path(message["overlay"])), message["share"]
            self.file = Path(message["matte"]) if message["matte"] else None


def read_grey(path: Path) -> np.ndarray:
    """A binary PGM picture of 8 bits without comments, (H, W) uint8."""
    data = path.read_bytes()
    found = HEADER.match(data)
    width, height = int(found["width"]), int(found["height"])
    return np.frombuffer(data, np.uint8, width * height, found.end()).reshape(height, width)


def leave(cut: Cutting, folder: TemporaryDirectory) -> None:
    """Removes a cut's files, after the worker has written the last of them."""
    tries = LEAVE_TRIES

    def later() -> float | None:
        nonlocal tries
        connection.hear()
        tries -= 1
        if cut.awaited and tries:
            return LEAVE_SECONDS
        folder.cleanup()
        return None

    for identifier in cut.awaited:
        connection.cancel(identifier)
    bpy.app.timers.register(later, first_interval=0.0)
