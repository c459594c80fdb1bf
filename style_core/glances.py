"""Looks at a picture while it is painted: now and then, as each takes time from the painting."""

import time
from collections.abc import Callable

import numpy as np

from .media.frame import Frame

SECONDS = 0.5  # between two

# Shown a frame, by its number in the source, as it looks by then.
Show = Callable[[int, Frame], None]
Picture = Callable[[np.ndarray], None]


class Glances:
    """Shows unfinished pictures, (H, W, 3) uint8, to somebody who wants to see the painting grow.

    Args:
        show: takes a picture; what it raises stops the painting.
        since: when the last one was shown, by the monotonic clock, for all who share it.
    """

    def __init__(self, show: Picture, since: list[float] | None = None) -> None:
        self.to, self.since = show, since or [0.0]

    @property
    def are_due(self) -> bool:
        """Whether it is time for another one."""
        return time.monotonic() - self.since[0] >= SECONDS

    def show(self, picture: np.ndarray) -> None:
        """Shows a picture."""
        self.to(picture)
        # Counted from the end: a slow disk shall not have all of the time.
        self.since[0] = time.monotonic()

    def through(self, change: Callable[[np.ndarray], np.ndarray]) -> "Glances":
        """The same for pictures that are changed before they are shown."""
        return Glances(lambda picture: self.to(change(picture)), self.since)
