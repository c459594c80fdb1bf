"""The films of the gallery: what is painted, and how. docs/gallery.md shows them; `gallery_film.py` makes them."""

from dataclasses import dataclass

COUNT, SIZE = 16, 288  # frames, and pixels of the longer side
# Clips that are no files: the film of the demo, and a scene of ours, rendered with its exact motion.
RABBIT, RENDERED = "demo", "slow_pan"


@dataclass(frozen=True)
class Film:
    """A short film before and after."""

    key: str
    """Its picture is `film-KEY.webp`."""
    clip: str
    """Below the folder of data, or one of RABBIT and RENDERED."""
    first: int
    arguments: tuple[str, ...]
    """What the command line is told beside clip and size."""
    bars: float = 0.0
    """Share of the frame's height that a black bar takes above and below, which is cut off."""

    @property
    def picture(self) -> str:
        """The file's name."""
        return f"film-{self.key}.webp"


FILMS = (
    Film("rabbit", RABBIT, 37, ("-s", "oil-swirl")),
    Film("speaker", "footage/intel_asl_learn.mkv", 1, ("-s", "mosaic", "--region", "people=")),
)
