"""A film, a picture or a folder of pictures, read the same way."""

from pathlib import Path
from typing import Protocol

from ..job import Source, UserError
from .film import Film
from .frame import Frame
from .pictures import ENDINGS, picture_files, read_picture


class Clip(Protocol):
    """Frames numbered from 1 to count."""

    count: int
    size: tuple[int, int]
    depth: str
    """What holds all of its first frame, one of job.DEPTHS."""

    def read(self, number: int) -> Frame:
        """Frame `number`, from 1; raises UserError if there is none such or it cannot be read."""


class Sequence:
    """Pictures in the order given, all of the size of the first."""

    def __init__(self, files: list[Path]) -> None:
        self.files = files
        self.count = len(files)
        first = read_picture(files[0])
        self.size, self.depth = first.size, first.depth

    def extend(self, files: list[Path]) -> None:
        """Takes in the files that have come since; `files` are all."""
        self.files, self.count = files, len(files)

    def read(self, number: int) -> Frame:
        if not 1 <= number <= self.count:
            raise UserError(f"The sequence has {self.count} pictures; picture {number} does not exist.")
        frame = read_picture(self.files[number - 1])
        if frame.size != self.size:
            raise UserError(
                f"'{self.files[number - 1]}' is {frame.size[0]} x {frame.size[1]} pixels, the sequence began with "
                f"{self.size[0]} x {self.size[1]}: make all pictures one size."
            )
        return frame


def open_clip(path: str, files: tuple[str, ...] = ()) -> Clip:
    """The clip at `path`; `files` names pictures inside a folder. Raises UserError if it cannot be read."""
    place = Path(path)
    if place.is_dir():
        pictures = [place / name for name in files] or picture_files(place)
        if not pictures:
            raise UserError(
                f"The folder '{path}' has no pictures in it: choose a folder of PNG, JPEG, TIFF or EXR files."
            )
        return Sequence(pictures)
    if not place.exists():
        raise UserError(f"'{path}' does not exist: check the path.")
    return Sequence([place]) if place.suffix.lower() in ENDINGS else Film(place)


def frame_range(source: Source, clip: Clip) -> range:
    """The numbers of the frames to paint; raises UserError if the clip has no such frames."""
    last = source.last or clip.count
    if source.first > clip.count or last > clip.count:
        raise UserError(
            f"Frames {source.first}-{last} are wanted, but '{source.path}' has {clip.count} (1-{clip.count}): choose "
            "frames within it."
        )
    return range(source.first, last + 1)
