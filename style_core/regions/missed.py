"""What to say of mattes in which nothing is: a region that is empty in every frame paints nothing, without a reason."""

from collections.abc import Iterable
from pathlib import Path

from ..media.pictures import read_picture
from ..region import Region

# From which value on a pixel of a matte (0..255) is in the region.
INSIDE = 128
# What was not found, and what may help, by the kind of matte.
SENTENCES = {
    "faces": "No face was found in {frames} of '{clip}': small, dark or turned away, they are missed; one that is cut "
    "out by hand is followed (mask --rect).",
    "people": "Nobody was found in {frames} of '{clip}': another network may see them (--people-network), and who is "
    "cut out by hand is followed (mask --rect).",
    "object": "The object was not found in {frames} of '{clip}': say where it is in one of them (--start), as it "
    "is not followed over a cut.",
}


def missed(region: Region, clip: str, numbers: range, mattes: Iterable[Path]) -> str:
    """A sentence about a region of which nothing was found in any frame; empty where something was.

    Args:
        region: what was looked for.
        clip, numbers: where.
        mattes: the files of its mattes, not inverted; they are read until one is not empty.

    Raises UserError if one cannot be read.
    """
    if region.matte not in SENTENCES or any((read_picture(file).seen >= INSIDE).any() for file in mattes):
        return ""
    first, last = numbers[0], numbers[-1]
    frames = f"frame {first}" if first == last else f"frames {first}-{last}"
    return SENTENCES[region.matte].format(frames=frames, clip=clip)
