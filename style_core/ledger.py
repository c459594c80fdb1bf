"""What each frame in a folder was painted from, where the frames of a film are made one after the other, or anew."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .media.contents import Contents
from .media.frame import Frame
from .whole import add_line, write_bytes

NAME = "painted-from.txt"


@dataclass(frozen=True)
class Entry:
    """The picture that a frame was painted from."""

    name: str
    """That of its file."""
    stamp: str
    """Size and time of its file: while they are the same, its pixels are."""
    digest: str
    """Of its pixels, as they are painted from."""

    @classmethod
    def of(cls, source: Contents, number: int) -> "Entry":
        """The picture of a frame as it is now."""
        file = source.clip.files[number - 1]
        return cls(file.name, stamp_of(file), digest_of(source.read(number)))


class Ledger:
    """A line for each finished frame, in order. Paint follows from that of all frames before it, so that it holds only
    as far as those are what they were.

    Args:
        folder: with the finished frames.
        source: the frames that are painted, from 1.
    """

    def __init__(self, folder: Path, source: Contents) -> None:
        self.file, self.source = folder / NAME, source
        self.entries = read_entries(self.file)
        # So many frames were looked at from the first and are as they were; the one after them if it is not.
        self.sound, self.broken = 0, 0

    def holds(self, number: int) -> bool:
        """Whether a frame and all before it show what they were painted from."""
        while self.sound < number and not self.broken:
            if self.is_same(self.sound + 1):
                self.sound += 1
            else:
                self.broken = self.sound + 1
        return number <= self.sound

    def is_same(self, number: int) -> bool:
        """Whether a frame is there and shows what it was painted from."""
        entry = self.entries.get(number)
        files = self.source.clip.files
        if entry is None or number > len(files) or entry.name != files[number - 1].name:
            return False
        return entry.stamp == stamp_of(files[number - 1]) or entry.digest == digest_of(self.source.read(number))

    def drop(self, number: int) -> bool:
        """Forgets a frame that is about to be painted anew and all after it, unless it shows what it did; whether it
        shows something else."""
        before = self.entries.get(number)
        if before and before.digest == digest_of(self.source.read(number)):
            return False
        kept = {known: entry for known, entry in self.entries.items() if known < number}
        has_dropped, self.entries = len(kept) < len(self.entries), kept
        if has_dropped:
            lines = [line_of(known, entry) for known, entry in kept.items()]
            write_bytes(self.file, "".join(f"{line}\n" for line in lines).encode())
        return True

    def note(self, number: int) -> None:
        """Notes what a frame was painted from that has just been stored."""
        entry = Entry.of(self.source, number)
        if self.entries.get(number) != entry:
            self.entries[number] = entry
            add_line(self.file, line_of(number, entry))
        if self.broken == number:
            self.broken = 0


def line_of(number: int, entry: Entry) -> str:
    """What is written down of a frame."""
    return f"{number} {entry.stamp} {entry.digest} {entry.name}"


def read_entries(file: Path) -> dict[int, Entry]:
    """What was written down, by the numbers of frames; a line that was not finished is left out."""
    entries = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        parts = line.split(" ", 3)
        if len(parts) == 4 and parts[0].isdecimal():
            entries[int(parts[0])] = Entry(parts[3], *parts[1:3])
    return entries


def stamp_of(file: Path) -> str:
    """By what a change of a file is noticed."""
    known = file.stat()
    return f"{known.st_size}:{known.st_mtime_ns}"


def digest_of(frame: Frame) -> str:
    """32 hexadecimal digits that change whenever a pixel does."""
    digest = hashlib.sha256()
    for array in (frame.rgb, frame.alpha, frame.light and frame.light.pixels):
        if array is not None:
            digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()[:32]
