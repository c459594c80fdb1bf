"""Finished frames on disk: each complete or absent, found again by what they were painted from."""

import os
from contextlib import suppress
from copy import copy
from pathlib import Path

from .job import Job, UserError, frame_name
from .kept import user_cache_folder
from .ledger import Ledger
from .media.contents import Contents
from .media.frame import Frame
from .media.pictures import read_picture, write_picture
from .whole import write_bytes

# Beside the frames: in how much memory they were computed, which decides how they were cut.
MEMORY, LOWERED = "memory.txt", "half"
# The frames that shots begin with, one a line.
SHOTS = "shots.txt"
# The folders with the paint of the layers that the frames are composed of, one a line.
LAYERS = "layers.txt"


class FrameCache:
    """Finished frames of a job, or the paint of one of its layers, in a folder named by a fingerprint.

    Frames are stored in the depth of the job, and a film goes on from the stored frame and not from the one in memory,
    so that a job that was interrupted ends with the same bytes as one that was not. For the same reason what
    activations could take is kept beside them: cut otherwise, sums round otherwise.

    Args:
        job: what is painted.
        name: the job's fingerprint, or that of the layer.
        depth: what its frames are stored in, one of job.DEPTHS but for "auto".
        source: the frames that are painted, where it is noted of each what it was painted from: a growing source.

    Raises UserError if the folder cannot be made or written.
    """

    def __init__(self, job: Job, name: str, depth: str, source: Contents | None = None) -> None:
        self.job, self.depth = job, depth
        self.root = cache_root(job)
        self.folder = self.root / name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"The cache folder '{self.root}' cannot be written ({error.strerror}): free some space or "
                "choose another one."
            ) from error
        self.write_text("job.json", job.to_json())
        self.ledger = Ledger(self.folder, source) if source else None

    def write_text(self, name: str, text: str) -> None:
        """Writes a small file; raises UserError if the disk is full."""
        write_bytes(self.folder / name, text.encode())

    def memory(self, device: str) -> tuple[int | None, bool]:
        """What activations could take for the newest frame, in bytes, and whether that took half precision; (None,
        False) where none was painted on this device."""
        try:
            where, amount, *lowered = (self.folder / MEMORY).read_text(encoding="utf-8").split()
            return (max(1, int(amount)), lowered == [LOWERED]) if where == device else (None, False)
        except (OSError, ValueError):
            return None, False

    def remember_memory(self, device: str, most_bytes: int, is_lowered: bool = False) -> None:
        """Notes what activations could take for a frame that is about to be stored, on which kind of device, and
        whether half precision was taken to save memory."""
        if (most_bytes, is_lowered) != self.memory(device):
            self.write_text(MEMORY, f"{device} {most_bytes} {LOWERED}" if is_lowered else f"{device} {most_bytes}")

    def of_pass(self, number: int) -> "FrameCache":
        """The frames of a pass that is not the last."""
        cache = copy(self)
        cache.folder = self.folder / f"pass-{number}"
        cache.folder.mkdir(exist_ok=True)
        return cache

    def flow_folder(self) -> Path:
        """Where the flow of this clip is kept, for all looks; asked for, it is in use."""
        folder = self.root / f"flow-{self.job.flow_fingerprint()}"
        mark_used(folder)
        return folder

    def shots(self) -> list[int]:
        """The frames that shots begin with, as far as they have been painted, in the order of painting."""
        try:
            return [int(line) for line in (self.folder / SHOTS).read_text(encoding="utf-8").split()]
        except (OSError, ValueError):
            return []

    def remember_shot(self, number: int) -> None:
        """Notes that a shot begins with a frame that is about to be stored."""
        known = self.shots()
        if number not in known:
            self.write_text(SHOTS, "\n".join(map(str, [*known, number])))

    def forget_after(self, number: int) -> None:
        """Forgets a frame that is about to be painted of another picture than before, and all after it, with the shots
        that began there."""
        if self.ledger and self.ledger.drop(number):
            known = self.shots()
            kept = [shot for shot in known if shot < number]
            if kept != known:
                self.write_text(SHOTS, "\n".join(map(str, kept)))

    def remember_layers(self, layers: list["FrameCache"]) -> None:
        """Notes whose paint the frames are composed of: with them, it has had its time."""
        self.write_text(LAYERS, "\n".join(layer.folder.name for layer in layers))

    def path(self, number: int) -> Path:
        """Where frame `number` of the source is kept."""
        return self.folder / frame_name(number, ".exr" if self.depth == "exr" else ".png")

    def __contains__(self, number: int) -> bool:
        return self.path(number).is_file() and (self.ledger is None or self.ledger.holds(number))

    def read(self, number: int) -> Frame:
        """A finished frame; raises UserError if it is damaged."""
        return read_picture(self.path(number)).at(self.depth)

    def paint(self, number: int, source: Frame) -> Frame:
        """A finished frame in the colours that `source` was painted with; raises UserError if it is damaged."""
        return self.read(number).as_paint_of(source)

    def write(self, number: int, frame: Frame) -> None:
        """Stores a finished frame at once or not at all; raises UserError if the disk is full."""
        if self.ledger:
            self.ledger.drop(number)
        write_picture(self.path(number), frame.at(self.depth))
        if self.ledger:
            self.ledger.note(number)


def mark_used(folder: Path) -> None:
    """Notes that a folder of the cache is in use, if it is there: the cache is tidied by age."""
    with suppress(OSError):  # not there yet, or on a disk that is only read
        os.utime(folder)


def cache_root(job: Job) -> Path:
    """The folder with what was made for a job and for others."""
    return Path(job.output.cache) if job.output.cache else user_cache_folder()
