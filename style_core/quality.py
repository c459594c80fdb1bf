"""How well a film is painted, in one word: how large, and in how many steps. Needs nothing but the standard library."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quality:
    """A choice between soon and fine."""

    name: str
    about: str
    size: int
    """Longer side of the painted frames; 0: the source's own."""
    steps: int
    """Rounds for every frame but the first, at most."""


QUALITIES = {
    "draft": Quality("Draft", "Small and quick, to see what it will be", 256, 12),
    "good": Quality("Good", "For most films and screens", 512, 24),
    "high": Quality("High", "Twice as fine: about four times as long", 1024, 24),
    "full": Quality("Full", "As large as the source itself: this may take long", 0, 24),
}
