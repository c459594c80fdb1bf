"""Small films and pictures that the tests make for themselves, every frame telling its own number."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

BITS = 8


def numbered_frame(number: int, width: int = 96, height: int = 64) -> np.ndarray:
    """A moving scene, (H, W, 3) uint8, with `number` as a row of black and white squares along the top."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    red = 128 + 90 * np.sin((x + 2 * number) / 9)
    green = 128 + 90 * np.cos((y - number) / 7)
    picture = np.dstack([red, green, 128 + 60 * np.sin((x + y) / 11)]).astype(np.uint8)
    cv2.circle(picture, (20 + 2 * number % width, height // 2 + 8), 10, (250, 230, 40), -1)
    side = width // BITS
    for bit in range(BITS):
        picture[:side, bit * side : (bit + 1) * side] = 255 if number >> bit & 1 else 0
    return picture


def number_in(picture: np.ndarray) -> int:
    """The number that `numbered_frame` wrote into a picture (H, W, 3), whatever its size."""
    side = picture.shape[1] / BITS
    centres = [int((bit + 0.5) * side) for bit in range(BITS)]
    return sum(1 << bit for bit, x in enumerate(centres) if picture[int(side / 2), x].mean() > 127)


def write_film(path: Path, frames: int, rate: int = 25, sound: bool = False, **size: int) -> Path:
    """A film of numbered frames, from 1, with few key frames; with a rising tone if `sound`."""
    with av.open(str(path), "w") as container:
        first = numbered_frame(1, **size)
        options = {"crf": "4", "g": "12", "bf": "2"}
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.height, stream.width, stream.pix_fmt = *first.shape[:2], "yuv420p"
        track = container.add_stream("aac", rate=48000) if sound else None
        for number in range(1, frames + 1):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(numbered_frame(number, **size))))
        container.mux(stream.encode(None))
        if track:
            for block in tone(frames / rate):
                container.mux(track.encode(block))
            container.mux(track.encode(None))
    return path


def tone(seconds: float) -> list[av.AudioFrame]:
    """A tone of 440 Hz that is twice as loud in its second half."""
    time = np.arange(int(seconds * 48000)) / 48000
    wave = np.where(time < seconds / 2, 0.2, 0.4) * np.sin(2 * np.pi * 440 * time)
    frames = []
    for start in range(0, len(wave) - 1023, 1024):
        samples = np.stack([wave[start : start + 1024]] * 2).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
        frames.append(frame)
    return frames


def write_png(path: Path, picture: np.ndarray) -> Path:
    """Writes (H, W), (H, W, 3) RGB or (H, W, 4) RGBA, 8 or 16 bit."""
    codes = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    cv2.imwrite(str(path), picture if picture.ndim == 2 else cv2.cvtColor(picture, codes[picture.shape[2]]))
    return path


def style_picture() -> np.ndarray:
    """Orange and blue waves, (64, 64, 3) uint8: a style that no test frame has by itself."""
    y, x = np.mgrid[:64, :64].astype(np.float32)
    wave = 0.5 + 0.5 * np.sin((x + 6 * np.sin(y / 5)) / 2.5)
    return (wave[..., None] * (250, 140, 20) + (1 - wave[..., None]) * (20, 40, 180)).astype(np.uint8)
