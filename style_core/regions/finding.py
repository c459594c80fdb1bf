"""Mattes that are found, followed or refined: made once, and kept for every job of the same clip.

They are made in rounds: one finds them, and one more refines their edges where that is wanted. Each round keeps one
PNG for each frame in a folder of the cache, and goes on where it was stopped.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ..cache import mark_used
from ..identity import identity
from ..job import Source, digest, frame_name
from ..media.clip import Clip
from ..media.pictures import read_picture, write_grey
from ..region import FINDER_VERSION, FOUND, Region
from ..setting import UserError
from ..whole import add_line, write_bytes
from .faces import Faces
from .following import follow
from .matte import Matte
from .people import People
from .refine import refined
from .smoothing import SPAN, face_mattes, people_mattes

FOLDER = "mattes"
# Beside the mattes of an object: how sure each is, by the number of its frame; and the same as it is noted while they
# are made, a frame and a number a line, so that a long film is not written down anew with each of its frames.
CONFIDENCE, NOTES = "confidence.json", "confidence.jsonl"
# What a round does, as progress is told.
FINDING, REFINING = "finding", "refining"
# How many frames before one have a say in its matte; of kinds that are not here, all have.
LEAD = {"people": SPAN}

# Told of what is done, the frame in work, how many are done and of how many; what it raises stops the work.
Tell = Callable[[str, int, int, int], None]


def found_mattes(
    region: Region, source: Source, clip: Clip, numbers: range, root: Path, device: torch.device, tell: Tell
) -> Path:
    """The folder with the mattes of a region, not inverted, one PNG for each frame, named by the frame.

    Args:
        region: what is looked for.
        source, clip: where.
        numbers: of the frames.
        root: the cache.
        device: what large networks compute on.
        tell: told of every frame before it is looked at.

    Raises:
        UserError: networks are missing, a frame or a mask cannot be read or does not fit, or nothing can be written.
    """
    rounds = rounds_of(region, source, clip, numbers, root, device)
    for one in rounds:
        one.make(tell)
    return rounds[-1].folder


def rounds_of(
    region: Region, source: Source, clip: Clip, numbers: range, root: Path, device: torch.device
) -> list["Round"]:
    """What has to be done for the mattes of a region, in this order; the last has what is wanted.

    Arguments and errors are those of `found_mattes`.
    """
    shown = identity(Path(source.path), source.files)

    def folder(*made_from: object) -> Path:
        return root / FOLDER / digest([FINDER_VERSION, *made_from, shown])[:16]

    stretch = numbers.start, numbers.stop
    rounds: list[Round] = []
    if region.matte in FOUND:
        # A matte is steadied by those beside it: where the clip begins and ends decides how it looks.
        rounds.append(Finding(region, device, folder(region.source_parts(), *stretch), clip, numbers))
    elif region.matte == "object":
        rounds.append(Following(known(region, source, clip), folder(region.source_parts()), clip, numbers))
    if region.refine != "none" or not rounds:
        where = folder(region.source_parts(), region.refine, *stretch)
        rounds.append(Refining(region, rounds[0].folder if rounds else Path(region.mask), source, where, clip, numbers))
    return rounds


def known(region: Region, source: Source, clip: Clip) -> dict[int, np.ndarray]:
    """The mattes of a region's keyframes, (H, W) uint8, by their frames; raises UserError if one does not fit."""
    for keyframe in region.keyframes:
        if keyframe.frame > clip.count:
            raise UserError(
                f"'{keyframe.matte}' says where the object is in frame {keyframe.frame}, but '{source.path}' has "
                f"{clip.count} (1-{clip.count}): choose a frame within it."
            )
    mattes = {keyframe.frame: read_matte(keyframe.matte, clip.size) for keyframe in region.keyframes}
    if not any((matte > 127).any() for matte in mattes.values()):
        raise UserError(
            f"Nothing is white in '{region.keyframes[0].matte}', so there is no object to follow: give a matte that "
            "shows it."
        )
    return mattes


def read_matte(path: str, size: tuple[int, int]) -> np.ndarray:
    """A matte (H, W) uint8 from a file; raises UserError if it cannot be read, or is not as large as its frame."""
    frame = read_picture(path)
    if frame.size != size:
        raise UserError(
            f"The matte '{path}' is {frame.size[0]} x {frame.size[1]} pixels, its frame {size[0]} x {size[1]}: make it "
            "as large as the frame."
        )
    return frame.seen.max(axis=2)


class Round:
    """Mattes of a clip's frames in a folder, those that are there and those that are still to be made.

    Args:
        folder: where they are.
        clip, numbers: the frames.
    """

    doing = FINDING

    def __init__(self, folder: Path, clip: Clip, numbers: range) -> None:
        self.folder, self.clip, self.numbers = folder, clip, numbers

    def file(self, number: int) -> Path:
        """Where the matte of a frame is."""
        return self.folder / frame_name(number)

    @property
    def confidence(self) -> dict[int, float]:
        """How sure the matte of each frame is, 0..1; empty where that is not known."""
        return {}

    @property
    def missing(self) -> list[int]:
        """The frames whose matte is not there."""
        return [number for number in self.numbers if not self.file(number).is_file()]

    def make(self, tell: Tell) -> None:
        """Makes what is missing."""
        mark_used(self.folder)
        if not self.missing:
            return
        for number, matte in self.mattes(lambda number, done: tell(self.doing, number, done, len(self.numbers))):
            if not self.file(number).is_file():
                write_grey(self.file(number), matte)

    def mattes(self, tell: Callable[[int, int], None]) -> Iterator[tuple[int, np.ndarray]]:
        """Frames with their mattes, (H, W) uint8, all that are missing among them.

        `tell` is told of every frame before it is looked at, and how many are done.
        """
        raise NotImplementedError


class Finding(Round):
    """All people or faces.

    Args:
        region: which of them, and what finds people.
        device: what a large network computes on.
        folder, clip, numbers: as of any round.
    """

    def __init__(self, region: Region, device: torch.device, folder: Path, clip: Clip, numbers: range) -> None:
        super().__init__(folder, clip, numbers)
        self.region, self.device = region, device

    def mattes(self, tell: Callable[[int, int], None]) -> Iterator[tuple[int, np.ndarray]]:
        first = self.numbers.index(self.missing[0])
        rest = self.numbers[max(0, first - LEAD.get(self.region.matte, first)) :]

        def frames() -> Iterator[np.ndarray]:
            for number in rest:
                tell(number, number - self.numbers.start)
                yield self.clip.read(number).seen

        for number, matte in zip(rest, self.steadied(frames()), strict=True):
            yield number, as_grey(matte)

    def steadied(self, frames: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
        """A matte (H, W) float32 in 0..1 for each frame (H, W, 3) uint8."""
        if self.region.matte == "faces":
            return face_mattes(frames, Faces())
        if self.region.network == "selfie":
            return people_mattes(frames, People())
        from .semantic import Semantic  # torchvision takes a second to load, and is seldom wanted

        return people_mattes(frames, People(Semantic(self.region.network, self.region.network_weights, self.device)))


class Following(Round):
    """An object that is known in some frames.

    Args:
        keyframes: by the frame's number: its matte, (H, W) uint8.
        folder, clip, numbers: as of any round.
    """

    def __init__(self, keyframes: dict[int, np.ndarray], folder: Path, clip: Clip, numbers: range) -> None:
        super().__init__(folder, clip, numbers)
        self.keyframes = keyframes
        self.sure = self.read_confidence()

    @property
    def confidence(self) -> dict[int, float]:
        return {number: self.sure[number] for number in self.numbers if number in self.sure}

    @property
    def missing(self) -> list[int]:
        return [number for number in self.numbers if number not in self.sure or not self.file(number).is_file()]

    def read_confidence(self) -> dict[int, float]:
        """What has been noted of earlier frames.

        A line that a sudden end has left half written says nothing: its frame is followed again, to the same matte.
        """
        try:
            notes = (self.folder / NOTES).read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):
            return {}  # none was followed yet, or by a hand that was not ours: it is found anew
        return dict(note for note in map(read_note, notes) if note)

    def make(self, tell: Tell) -> None:
        try:
            super().make(tell)
        finally:
            self.write_confidence()

    def write_confidence(self) -> None:
        """Writes down, for whoever looks at the mattes, how sure all of them are, if that is not there yet."""
        known = json.dumps(self.sure, indent=0, sort_keys=True).encode()
        file = self.folder / CONFIDENCE
        if self.sure and not (file.is_file() and file.read_bytes() == known):
            write_bytes(file, known)

    def mattes(self, tell: Callable[[int, int], None]) -> Iterator[tuple[int, np.ndarray]]:
        rest = range(self.missing[0], self.numbers.stop)
        finished = len(self.numbers) - len(rest)

        def step(number: int, done: int, total: int) -> None:
            tell(number, finished + len(rest) * done // total)

        for found in follow(lambda number: self.clip.read(number).seen, rest, self.keyframes, step):
            if found.number not in self.sure:
                self.sure[found.number] = round(found.confidence, 4)
                add_line(self.folder / NOTES, json.dumps([found.number, self.sure[found.number]]))
            yield found.number, found.matte


def read_note(line: str) -> tuple[int, float] | None:
    """A frame and how sure its matte is, from a line of the notes; None where the line is not whole."""
    try:
        number, sure = json.loads(line)
        return int(number), float(sure)
    except (ValueError, TypeError):
        return None


class Refining(Round):
    """Mattes of other files at the clip's size, their edges refined as the region says.

    Args:
        region: whose mattes they are.
        mask: the picture, film or folder with the mattes as they are.
        source: the clip's.
        folder, clip, numbers: as of any round.
    """

    doing = REFINING

    def __init__(self, region: Region, mask: Path, source: Source, folder: Path, clip: Clip, numbers: range) -> None:
        super().__init__(folder, clip, numbers)
        self.region, self.mask, self.source = region, mask, source

    def mattes(self, tell: Callable[[int, int], None]) -> Iterator[tuple[int, np.ndarray]]:
        as_it_is = replace(self.region, invert=False)
        masks = Matte(as_it_is, str(self.mask), self.source, self.clip, self.numbers)
        for number in self.missing:
            tell(number, number - self.numbers.start)
            matte = masks.read(number, *self.clip.size)
            yield number, as_grey(refined(matte, self.clip.read(number).seen, self.region.refine))


def as_grey(matte: np.ndarray) -> np.ndarray:
    """A matte in 0..1 as it is written, uint8."""
    return np.rint(matte * 255).astype(np.uint8)
