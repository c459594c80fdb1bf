"""How well a film is painted, in one word: how large, and in how many steps. Needs nothing but the standard library."""

from dataclasses import fields
from typing import NamedTuple

from .job import Look, Motion, Output


class Quality(NamedTuple):
    """A choice between soon and fine."""

    name: str
    about: str
    size: int
    """Longer side of the painted frames; 0: the source's own."""
    steps: int
    """Rounds for every frame but the first, at most."""
    first_steps: int
    """Rounds for the first frame, at its first size."""


SIZE = next(spec.default for spec in fields(Output) if spec.name == "size")
STEPS = next(spec.default for spec in fields(Motion) if spec.name == "steps")
FIRST_STEPS = next(spec.default for spec in fields(Look) if spec.name == "steps")
QUALITIES = {
    "draft": Quality("Draft", "Small and quick, to see what it will be", SIZE // 2, STEPS // 2, FIRST_STEPS),
    "good": Quality("Good", "For most films and screens", SIZE, STEPS, FIRST_STEPS),
    "high": Quality("High", "Twice as fine: about four times as long", 2 * SIZE, STEPS, FIRST_STEPS),
    "full": Quality("Full", "As large as the source itself: this may take long", 0, STEPS, FIRST_STEPS),
}
