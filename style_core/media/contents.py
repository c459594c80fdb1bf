"""A clip's frames at the size at which they are painted."""

from collections import OrderedDict

from .clip import Clip
from .frame import Frame

# Bytes of source frames in memory: going backwards through a film, half as many are decoded at once.
KEPT_BYTES = 1 << 28


# What a pixel takes of it; light is kept beside what is shown of it.
PIXEL_BYTES = {"png8": 3, "png16": 12, "exr": 32}


class Contents:
    """Frames of a clip at the painted size and in the depth that is wanted, of which the newest are kept.

    Args:
        clip: where they come from.
        size: width and height.
        depth: one of job.DEPTHS; "auto" is the clip's own.
    """

    def __init__(self, clip: Clip, size: tuple[int, int], depth: str) -> None:
        self.clip, self.size = clip, size
        self.depth = clip.depth if depth == "auto" else depth
        self.most = max(4, KEPT_BYTES // (size[0] * size[1] * PIXEL_BYTES[self.depth]))
        self.kept: OrderedDict[int, Frame] = OrderedDict()

    def read(self, number: int) -> Frame:
        """Frame `number` of the source."""
        if number not in self.kept:
            # Going backwards, those before it will be wanted next, and a film is decoded forwards.
            backwards = number + 1 in self.kept and number - 1 not in self.kept
            for each in range(max(1, number - self.most // 2), number) if backwards else ():
                self.keep(each)
            self.keep(number)
        self.kept.move_to_end(number)
        return self.kept[number]

    def keep(self, number: int) -> None:
        """Reads a frame in the place of the one that was wanted longest ago."""
        self.kept[number] = self.clip.read(number).at(self.depth).resized(*self.size)
        while len(self.kept) > self.most:
            self.kept.popitem(last=False)
