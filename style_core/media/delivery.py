"""Painted frames out: as a film with the source's sound, or as a folder of pictures."""

import itertools
import re
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.video.reformatter import Colorspace

from ..job import Job, MatteJob, UserError
from ..whole import written
from .clip import Clip
from .film import Film
from .pictures import ENDINGS, picture_files, read_picture, require_folder

CODECS = {
    ".mp4": ("libx264", "aac"),
    ".mov": ("libx264", "aac"),
    ".mkv": ("libx264", "aac"),
    ".webm": ("libvpx-vp9", "libopus"),
}
# Constant quality; 16 keeps brush strokes that a default of 23 would smear.
QUALITY = {"libx264": {"crf": "16", "preset": "medium"}, "libvpx-vp9": {"crf": "24", "b": "0"}}
FRAME_NAME = re.compile(r"\d{6,}\.(png|exr)")  # of finished frames, which a folder gets under the same names
GAP = (
    0.05  # seconds that sound lies elsewhere than its samples say before it is placed anew; clocks of films are coarse
)
DEFAULT_RATE = 25.0  # of pictures, which have no rate of their own


def is_film(path: Path) -> bool:
    """Whether a delivery path names a film and not a folder; raises UserError for other kinds of files."""
    if path.suffix.lower() in CODECS:
        if path.is_dir():
            raise UserError(f"'{path}' is a folder with the name of a film: name another film, or another folder.")
        return True
    if path.suffix and not path.is_dir():
        raise UserError(f"'{path}' ends in '{path.suffix}': name a film ({', '.join(CODECS)}) or a folder.")
    return False


def check_delivery(path: Path, job: Job) -> None:
    """Raises UserError, before any work is done, if nothing can be written to `path`, or a job's input would be."""
    refuse_inputs(path, job)
    require_folder(path.parent if is_film(path) else path)


def refuse_inputs(path: Path, job: Job | MatteJob) -> None:
    """Raises UserError if `path` is something that the job reads: nobody's film is painted over.

    Also if `path` is a picture in a folder that the job reads, or a folder with a picture that the job reads under the
    name of a frame.
    """
    output = path.resolve()
    for given in job.inputs:
        place = Path(given).resolve()
        member = output.parent == place and output.suffix.lower() in ENDINGS and output.is_file()
        if output == place or member:
            raise UserError(f"The output '{path}' is what the job reads: name another output.")
        if output == place.parent and FRAME_NAME.fullmatch(place.name):
            raise UserError(f"A frame written into '{path}' could replace '{given}': name another output.")


def deliver(files: list[Path], path: Path, clip: Clip, first: int, rate: float = 0.0) -> None:
    """Writes painted frames, which begin at frame `first` of `clip`, to a film or a folder at `path`; `rate` is as in
    Output.

    Raises UserError if the place cannot be written.
    """
    try:
        if is_film(path):
            with written(path) as part:
                write_film(files, part, clip, first, rate)
        else:
            for file in files:
                with written(path / file.name) as part:
                    shutil.copyfile(file, part)
    except (OSError, av.FFmpegError) as error:
        raise UserError(
            f"Cannot write '{path}' ({error.strerror}): free some space or choose another output. The painted frames "
            "are kept, so the next try is quick."
        ) from error


def strangers(folder: Path, files: list[Path]) -> str:
    """A sentence about pictures in a folder that are not among the `files` delivered to it; empty if there are none.

    They are left as they are, but whoever reads the folder as a film sees them too.
    """
    ours = {file.name for file in files}
    others = [file.name for file in picture_files(folder) if file.name not in ours]
    if not others:
        return ""
    if len(others) == 1:
        return f"'{folder}' also holds '{others[0]}', which this job has not made: move it away if it is of another."
    return (
        f"'{folder}' also holds {len(others)} pictures that this job has not made ('{others[0]}' to '{others[-1]}'): "
        "move them away if they are of another."
    )


def about_rate(path: Path, clip: Clip, rate: float) -> str:
    """A sentence about a film's rate where it is not as somebody said; empty if it is, or `path` is no film."""
    if not is_film(path) or isinstance(clip, Film) != bool(rate):
        return ""
    if rate:
        return f"'{path}' has the {float(clip.rate):g} frames a second of its source: --rate is for pictures alone."
    return f"'{path}' has {DEFAULT_RATE:g} frames a second, as pictures do not say how many: name others with --rate."


def write_film(files: list[Path], path: Path, clip: Clip, first: int, rate: float) -> None:
    """Encodes the pictures at the clip's rate; sound of the same stretch of time goes along."""
    rate = clip.rate if isinstance(clip, Film) else Fraction(rate or DEFAULT_RATE).limit_denominator(1001)
    video_codec, audio_codec = CODECS[path.suffix.lower()]
    with av.open(str(path), "w") as container:
        width, height = read_picture(files[0]).size
        stream = container.add_stream(video_codec, rate=rate, options=QUALITY[video_codec])
        stream.width, stream.height, stream.pix_fmt = width + width % 2, height + height % 2, "yuv420p"
        stream.codec_context.colorspace = Colorspace.ITU709.value
        stream.codec_context.time_base = 1 / rate
        sound = Sound(clip.path, Fraction(first - 1) / rate, len(files) / rate) if isinstance(clip, Film) else None
        track = container.add_stream(audio_codec, rate=sound.rate) if sound and sound.stream else None
        for index, file in enumerate(files):
            picture = av.VideoFrame.from_ndarray(even(read_picture(file).seen), format="rgb24")
            coded = picture.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
            coded.pts, coded.time_base = index, 1 / rate
            container.mux(stream.encode(coded))
        container.mux(stream.encode(None))
        if sound and track:
            for samples in sound.frames(track):
                container.mux(track.encode(samples))
            container.mux(track.encode(None))


def even(pixels: np.ndarray) -> np.ndarray:
    """(H, W, 3) with the last row or column repeated where the side is odd, as 4:2:0 films need."""
    height, width = pixels.shape[:2]
    return np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")


class Sound:
    """The sound of a film from `start` for `length` seconds of its pictures."""

    def __init__(self, path: Path, start: Fraction, length: Fraction) -> None:
        self.container = av.open(str(path))
        self.stream = self.container.streams.audio[0] if self.container.streams.audio else None
        self.rate = 48000
        self.length = round(length * self.rate)
        pictures = self.container.streams.video[0]
        self.start = start + (pictures.start_time or 0) * (pictures.time_base or 0)

    def frames(self, track: av.AudioStream) -> Iterator[av.AudioFrame]:
        """Samples of exactly this stretch, in the size and format that `track` encodes; silence where the film has no
        sound yet, or a gap in it."""
        context = track.codec_context
        resampler = AudioResampler(format=context.format, layout=context.layout, rate=self.rate)
        fifo = av.AudioFifo()
        # Formats that are not planar have the samples of all channels in one row.
        width = 1 if context.format.is_planar else context.layout.nb_channels
        filled, at = 0, None  # samples of the stretch so far, and where in it the next one belongs
        for decoded in itertools.chain(self.container.decode(self.stream), [None]):
            at = self.place(decoded, at)
            for block in resampler.resample(decoded):
                samples = block.to_ndarray()
                rows, missing = len(samples), min(at, self.length) - filled
                if missing > 0:
                    fifo.write(self.block(np.zeros((rows, missing * width), samples.dtype), context))
                    filled += missing
                wanted = samples[:, max(0, filled - at) * width : max(0, self.length - at) * width]
                at += block.samples
                if wanted.size:
                    fifo.write(self.block(wanted, context))
                    filled += wanted.shape[1] // width
            if filled >= self.length:
                break
        told = 0
        while piece := fifo.read(context.frame_size or 1024, partial=True):
            piece.pts, piece.time_base = told, Fraction(1, self.rate)
            told += piece.samples
            yield piece

    def place(self, decoded: av.AudioFrame | None, expected: int | None) -> int:
        """Where in the stretch a block of the film begins, in samples: where it is expected, as far as clocks go."""
        if decoded is None or decoded.pts is None:
            return expected or 0
        at = round((decoded.pts * decoded.time_base - self.start) * self.rate)
        return at if expected is None or abs(at - expected) > GAP * self.rate else expected

    def block(self, samples: np.ndarray, context: av.AudioCodecContext) -> av.AudioFrame:
        """A frame of samples, as many rows as its format has planes."""
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples), format=context.format.name, layout=context.layout
        )
        frame.sample_rate = self.rate
        return frame
