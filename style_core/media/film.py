"""Films in, through PyAV: any frame by its number, exact after every jump."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from ..job import UserError
from .frame import Frame, rounded

# Decoding on is cheaper than jumping back to a key frame when the wanted frame is no further away than this.
NEAR_FRAMES = 48
UNSPECIFIED_COLORSPACE = 2
# How much red and blue are in Y, by the number that films have for it (ITU-T H.273, table 4).
WEIGHTS = {1: (0.2126, 0.0722), 4: (0.3, 0.11), 5: (0.299, 0.114), 6: (0.299, 0.114), 7: (0.212, 0.087)}
WEIGHTS |= {9: (0.2627, 0.0593)}
# Rows and columns of pixels for each sample of colour.
CHROMA_STEPS = {"yuv420p": (2, 2), "yuv422p": (1, 2), "yuv440p": (2, 1), "yuv444p": (1, 1)}
CHROMA_STEPS |= {name.replace("yuv", "yuvj"): steps for name, steps in CHROMA_STEPS.items()} | {
    f"{name}{bits}le": steps for name, steps in CHROMA_STEPS.items() for bits in (10, 12)
}


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
        self.depth = "png8" if bits_of(self.stream.codec_context.format) == 8 else "png16"
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
    turns = round(picture.rotation / 90) % 4
    return Frame(np.ascontiguousarray(np.rot90(to_rgb(picture), turns)))


def to_rgb(picture: av.VideoFrame) -> np.ndarray:
    """The pixels of a decoded picture, (H, W, 3) in 0..255: uint8, or float32 where it has more than 8 bits.

    Those that films usually have are computed as Blender does, exactly and with the colour of the nearest sample: the
    short cuts of swscale are darker by 1 of 255 on average, and wrong by 3 here and there.
    """
    # Films that do not say how they were coded are read as BT.601, as Blender does.
    tagged = picture.colorspace != UNSPECIFIED_COLORSPACE
    source = picture.colorspace if tagged else Colorspace.ITU601
    bits = bits_of(picture.format)
    if picture.format.name not in CHROMA_STEPS or source not in WEIGHTS:
        found = picture.reformat(format="rgb24" if bits == 8 else "rgb48le", src_colorspace=source).to_ndarray()
        return found if bits == 8 else found.astype(np.float32) / 257
    full = picture.color_range == ColorRange.JPEG or picture.format.name.startswith("yuvj")
    down, across = CHROMA_STEPS[picture.format.name]
    light, *chroma = (samples(plane, bits) for plane in picture.planes)
    height, width = light.shape
    spread = [one.repeat(down, axis=0).repeat(across, axis=1)[:height, :width] for one in chroma]
    coded = np.dstack([light, *spread]).astype(np.float32)  # of bytes OpenCV would round the matrix
    if bits > 8:
        # Black and no colour are at the same places then, and white where it is in 8 bits.
        middle = np.float32([0, 128, 128]) if full else np.float32(0)
        coded = (coded - middle * 2 ** (bits - 8)) * (255 / (2**bits - 1) if full else 2.0 ** (8 - bits)) + middle
    found = cv2.transform(coded, matrix_of(*WEIGHTS[source], full)).clip(0, 255)
    return rounded(found, np.uint8) if bits == 8 else found


def bits_of(form: av.VideoFormat) -> int:
    """The bits of each sample, at least 8."""
    return max(8, *(component.bits for component in form.components))


def samples(plane: av.video.plane.VideoPlane, bits: int) -> np.ndarray:
    """The samples of a plane, (H, W) uint8 or uint16."""
    kind = np.dtype(np.uint8 if bits == 8 else np.uint16)
    rows = np.frombuffer(plane, kind).reshape(-1, plane.line_size // kind.itemsize)
    return rows[: plane.height, : plane.width]


def matrix_of(red: float, blue: float, full: bool) -> np.ndarray:
    """From Y, Cb and Cr to R, G and B, all in 0..255, (3, 4) float32 (ITU-T H.273, 8.3).

    Args:
        red, blue: how much of each is in Y.
        full: whether Y goes from 0 to 255, or from 16 to 235.
    """
    light, chroma, black = (1.0, 1.0, 0) if full else (255 / 219, 255 / 224, 16)
    to_red, to_blue, green = 2 * (1 - red) * chroma, 2 * (1 - blue) * chroma, 1 - red - blue
    mixing = [[light, 0, to_red], [light, -to_blue * blue / green, -to_red * red / green], [light, to_blue, 0]]
    return np.column_stack([mixing, np.matmul(mixing, (-black, -128, -128))]).astype(np.float32)
