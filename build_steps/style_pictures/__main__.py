"""Paints the style pictures that come along, run by the runtime's Python from the repository's folder.

    .envs/runtime/bin/python -m build_steps.style_pictures [--folder style_core/style_pictures] [NAME ...]

The same seeds give the same pictures; what is kept in the repository was made so.
"""

import argparse
import sys
from pathlib import Path

import cv2

from . import crosshatch, ink_wash, mosaic, oil_swirl, pastel, pixel, watercolour, woodcut

SIDE, MOST_BYTES = 512, 150_000
# By what each is called on the command line.
PAINTERS = {
    "ink-wash": ink_wash.ink_wash,
    "oil-swirl": oil_swirl.oil_swirl,
    "mosaic": mosaic.mosaic,
    "crosshatch": crosshatch.crosshatch,
    "watercolour": watercolour.watercolour,
    "woodcut": woodcut.woodcut,
    "pastel": pastel.pastel,
    "pixel": pixel.pixel,
}
# From the best that is small enough; all with full colour, as strokes are thin.
QUALITIES = (95, 92, 88, 84, 80, 76)


def write(path: Path, name: str) -> None:
    """Paints a picture into a JPEG file of less than MOST_BYTES."""
    picture = PAINTERS[name](SIDE)[..., ::-1]
    for quality in QUALITIES:
        settings = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111]
        done, data = cv2.imencode(".jpg", picture, settings)
        if done and len(data) < MOST_BYTES:
            path.write_bytes(data.tobytes())
            print(f"{path}: {len(data):,} bytes, quality {quality}", flush=True)
            return
    sys.exit(f"'{name}' has more than {MOST_BYTES:,} bytes at the lowest quality: paint less fine a grain.")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--folder", type=Path, default=Path("style_core/style_pictures"))
    options.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PAINTERS)}; none: all")
    given = options.parse_args()
    unknown = [name for name in given.names if name not in PAINTERS]
    if unknown:
        sys.exit(f"There is no picture '{unknown[0]}'; there are {', '.join(PAINTERS)}.")
    given.folder.mkdir(parents=True, exist_ok=True)
    for name in given.names or PAINTERS:
        write(given.folder / f"{name}.jpg", name)


if __name__ == "__main__":
    main()
