"""Films in, through PyAV: any frame by its number, exact after every jump."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import Colorspace

from ..job import UserError
from .frame import Frame

# Decoding on is cheaper than jumping back to a key frame when the wanted frame is no further away than this.
NEAR_FRAMES = 48
UNSPECIFIED_COLORSPACE = 2


class Film:
    """The frames of a film, numbered from 1 at its nominal rate.

    Frame i is the picture shown at (i - 1) / rate, which is how Blender counts, also for films of variable rate. The
    same frame comes out whatever was read before.

    Raises UserError if the file is no film.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.container = av.open(str(path))
        except (av.FFmpegError, OSError) as error:
            raise UserError(
                f"'{path}' cannot be read as a film ({error.strerror}): choose a film or a picture."
            ) from error
        if not self.container.streams.video:
            raise UserError(f"'{path}' has no pictures in it, only sound: choose a film.")
        self.stream = self.container.streams.video[0]
        self.stream.thread_type = "AUTO"
        # The guess, as in Blender: the average of a film that leaves pictures out is no rate that it was made at.
        self.rate = Fraction(self.stream.guessed_rate or self.stream.average_rate or 25)
        self.count = self.count_frames()
        self.decoded: Iterator[av.VideoFrame] = iter(())
        self.ahead: av.VideoFrame | None = None
        self.current: av.VideoFrame | None = None
        self.size = self.read(1).size

    def count_frames(self) -> int:
        """Number of frames at the rate for the film's duration; the pictures in it where that is the same but for one.

        A film of variable rate holds fewer pictures than that, some of them for longer.
        """
        if self.stream.duration:
            lasting = round(self.stream.duration * self.stream.time_base * self.rate)
        elif self.container.duration:
            lasting = round(Fraction(self.container.duration, av.time_base) * self.rate)
        else:
            lasting = 0
        pictures = self.stream.frames
        return max(1, pictures if pictures and abs(lasting - pictures) <= 1 else lasting or pictures)

    def read(self, number: int) -> Frame:
        """Frame `number`, 1 to count; past the last picture of a film that is shorter than it says, that picture."""
        if not 1 <= number <= self.count:
            raise UserError(f"'{self.path}' has {self.count} frames; frame {number} does not exist.")
        if self.current is None or not -1 < number - self.number_of(self.current) <= NEAR_FRAMES:
            self.jump(number)
        while self.ahead is not None and self.number_of(self.ahead) <= number:
            self.current, self.ahead = self.ahead, self.next_decoded()
        if self.current is None:
            raise UserError(f"'{self.path}' cannot be decoded at frame {number}: the film is damaged or empty.")
        return to_frame(self.current)

    def number_of(self, frame: av.VideoFrame) -> int:
        """The number of the first frame that shows this picture."""
        seconds = ((frame.pts or 0) - (self.stream.start_time or 0)) * self.stream.time_base
        return round(seconds * self.rate) + 1

    def jump(self, number: int) -> None:
        """Goes on decoding from the key frame at or before `number`."""
        start = self.stream.start_time or 0
        seconds = Fraction(number - 1) / self.rate
        offset = max(start, start + int(seconds / self.stream.time_base))
        self.container.seek(offset, stream=self.stream, backward=True)
        self.begin_decoding()
        if self.current is None or self.number_of(self.current) > number:  # the index pointed past it
            self.container.seek(start, stream=self.stream, backward=True)
            self.begin_decoding()

    def begin_decoding(self) -> None:
        """Takes the first picture at the container's position."""
        self.decoded = self.container.decode(self.stream)
        self.current = self.next_decoded()
        self.ahead = self.next_decoded()

    def next_decoded(self) -> av.VideoFrame | None:
        """The next picture, or None at the end; raises UserError where the film is damaged."""
        try:
            return next(self.decoded, None)
        except av.FFmpegError as error:
            raise UserError(f"'{self.path}' is damaged and cannot be decoded ({error.strerror}).") from error


def to_frame(picture: av.VideoFrame) -> Frame:
    """sRGB pixels of a decoded picture, turned upright as the camera noted."""
    # Films that do not say how they were coded are read as BT.601, as Blender does.
    tagged = picture.colorspace != UNSPECIFIED_COLORSPACE
    source = picture.colorspace if tagged else Colorspace.ITU601
    pixels = picture.reformat(format="rgb24", src_colorspace=source).to_ndarray()
    turns = round(picture.rotation / 90) % 4
    return Frame(np.ascontiguousarray(np.rot90(pixels, turns)))
