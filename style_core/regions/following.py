"""An object through a film, from any number of frames in which it is known, in both directions of time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np

from ..job import Motion
from ..motion.cuts import Cuts, is_empty, is_flat
from ..motion.flows import Shot
from ..setting import UserError
from .ahead import ahead, sharing_cores
from .edges import graph_cut, refined_edge
from .features import QUICK_SIDE, Features
from .reduction import fitted, reduced
from .track import Found, Sight, Tracker, overlap, seen

# Reads frame `number` of a film, (H, W, 3) uint8.
Read = Callable[[int], np.ndarray]
# Told, at the beginning and after each step, of the frame in work, and of how many steps are done of how many; a frame
# between two keyframes takes two steps. What it raises stops the work.
Tell = Callable[[int, int, int], None]

# Films are read forwards, in blocks of so many frames, also where they are followed backwards.
BLOCK = 24
# The object is known by its looks in so many keyframes, the nearest.
MOST_KNOWN = 4
# Log-odds of what two passes agree on.
AGREED = 4.0
# How sure a matte is that was kept over a frame in which nothing can be seen, such as a flash.
UNSEEN = 0.5


class Followed(NamedTuple):
    """The object in a frame of the film."""

    number: int
    matte: np.ndarray
    """(H, W) uint8, 255 inside and soft at its edge."""
    confidence: float
    """How sure that is, 0..1: 1 in keyframes, 0 where nothing is known, in shots without a keyframe."""


def follow(
    read: Read,
    numbers: range,
    keyframes: Mapping[int, np.ndarray],
    tell: Tell = lambda number, done, total: None,
    cuts: Cuts | None = None,
) -> Iterator[Followed]:
    """The object in the frames `numbers` of a film, in their order.

    Between two keyframes it is followed from both, and the two passes are blended by how near and how sure they are;
    before the first and after the last it is followed from one. In keyframes the matte is the given one, to the bit.
    Hard cuts end it: in shots without a keyframe the matte is empty. A frame's matte depends on the film and on the
    keyframes alone, not on which frames are asked for: work that was stopped goes on with the numbers that are missing.

    Memory, however long the film is: about 40 MB beside the networks, two frames at full size, and a few KB for each
    frame between two keyframes.

    Args:
        read: gives frame `number`.
        numbers: of the frames that are wanted, in steps of 1.
        keyframes: mattes by the numbers of their frames, which may lie outside of `numbers`: (H, W) uint8, 255 where
            the object is; empty where it is not in sight.
        tell: told of progress.
        cuts: where other shots begin; None: hard cuts are found.

    Raises:
        UserError: there are no keyframes, or one is not of its frame's size.
    """
    if not keyframes:
        raise UserError("The object is known in no frame: cut it out in one at least.")
    film = Film(read, keyframes, cuts or Cuts(Motion()))
    film.check()
    stretches = stretches_of(numbers, sorted(keyframes))
    told = Steps(tell, sum(stretch.steps for stretch in stretches))
    told.begin(numbers.start)
    with sharing_cores():
        for stretch in stretches:
            if stretch.left in numbers:
                yield Followed(stretch.left, keyframes[stretch.left], 1.0)
            for number, rgb, found in found_in(stretch, film, told):
                if number in numbers:
                    matte = np.round(255 * refined_edge(found.matte, rgb)).astype(np.uint8)
                    yield Followed(number, matte, found.confidence)


class Stretch(NamedTuple):
    """Frames between two keyframes, or before the first or after the last."""

    left: int | None
    """The keyframe before them, if there is one."""
    right: int | None
    forward: range
    """The frames that are followed from the left, or looked at, in their order."""
    backward: range
    """Those that are followed from the right, from the last on."""

    @property
    def steps(self) -> int:
        """How many frames have to be looked at, some of them twice."""
        return len(self.forward) + len(self.backward)


def stretches_of(numbers: range, known: list[int]) -> list[Stretch]:
    """What has to be done for the frames `numbers` with these keyframes, in ascending order."""
    result = []
    for left, right in pairwise([None, *known, None]):
        first = numbers.start if left is None else left + 1
        stop = numbers.stop if right is None else min(right, numbers.stop)
        wanted = range(max(first, numbers.start), stop)
        if wanted or left in numbers:
            backward = range(right - 1, wanted.start - 1, -1) if wanted and right is not None else range(0)
            result.append(Stretch(left, right, range(first, stop) if wanted else range(0), backward))
    return result


class Steps:
    """Tells of the steps of all stretches."""

    def __init__(self, tell: Tell, total: int) -> None:
        self.tell, self.done, self.total = tell, 0, total

    def begin(self, number: int) -> None:
        """Before the first frame that is looked at, if any has to be."""
        if self.total:
            self.tell(number, self.done, self.total)

    def __call__(self, number: int) -> None:
        """After a frame was looked at."""
        self.done += 1
        self.tell(number, self.done, self.total)


class Film:
    """Frames of a film, as they are and reduced.

    Args:
        read, keyframes, cuts: as `follow` takes them.
    """

    def __init__(self, read: Read, keyframes: Mapping[int, np.ndarray], cuts: Cuts) -> None:
        self.read, self.keyframes, self.cuts = read, keyframes, cuts

    def check(self) -> None:
        """Raises UserError if a matte has another size than the film."""
        height, width = self.read(min(self.keyframes)).shape[:2]
        for number, matte in self.keyframes.items():
            if matte.shape != (height, width):
                raise UserError(
                    f"The matte of frame {number} is {matte.shape[1]} x {matte.shape[0]} pixels, but the film has "
                    f"{width} x {height}: give one of its size."
                )

    def known(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """A keyframe, (h, w, 3), and its matte in 0..1, (h, w), both reduced."""
        small = reduced(self.read(number))
        return small, fitted(self.keyframes[number], small.shape[:2]) / 255

    def forwards(self, numbers: range) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Frames as they are and reduced."""
        for number in numbers:
            rgb = self.read(number)
            yield number, rgb, reduced(rgb)

    def backwards(self, numbers: range) -> Iterator[tuple[int, np.ndarray]]:
        """Reduced frames from the last on, which are read in blocks: films cannot be read backwards well."""
        for first in range(0, len(numbers), BLOCK):
            block = numbers[first : first + BLOCK]
            frames = [reduced(self.read(number)) for number in reversed(block)]
            for number in block:
                yield number, frames.pop()


class Unseen:
    """A frame in which nothing can be seen, such as a flash."""


class Pass:
    """The object followed from a keyframe on, in one direction, up to the end of its shot.

    Args:
        film: what it is followed through.
        number: of the keyframe.
        others: keyframes that also tell what the object looks like, by their numbers.
    """

    def __init__(self, film: Film, number: int, others: Sequence[int]) -> None:
        self.cuts = film.cuts
        rgb, matte = film.known(number)
        known = [(rgb, matte), *(film.known(other) for other in others)]
        self.features = Features(side=QUICK_SIDE)
        self.tracker = Tracker(self.features, known, rgb, matte)
        # Of the frame that was looked at last, not of the one that was followed last.
        self.last, self.ended = Shot(number, rgb), False

    def look(self, number: int, rgb: np.ndarray) -> Sight | Unseen | None:
        """What `follow` has to know of the next frame, reduced, whatever became of the object before it; None once its
        shot has ended."""
        shot = Shot(number, rgb)
        if not self.ended and (is_empty(rgb) or (is_flat(rgb) and not is_flat(self.last.rgb))):
            return Unseen()
        self.ended = self.ended or self.cuts.between(self.last, shot)
        if self.ended:
            return None
        before, self.last = self.last.rgb, shot
        return seen(rgb, before, self.features)

    def follow(self, sight: Sight | Unseen | None) -> Found | None:
        """The object in the next frame, at which was looked; None once its shot has ended."""
        if sight is None:
            return None
        if isinstance(sight, Unseen):
            return Found(self.tracker.matte, UNSEEN)
        return self.tracker.follow(sight)


class Kept(NamedTuple):
    """What was found in a frame, in little memory."""

    png: np.ndarray
    confidence: float


def found_in(stretch: Stretch, film: Film, told: Steps) -> Iterator[tuple[int, np.ndarray, Found]]:
    """The frames of a stretch, in their order, as they are, with the object in each."""
    if not stretch.steps:
        return
    ends = [end for end in (stretch.left, stretch.right) if end is not None]
    others = sorted(set(film.keyframes) - set(ends), key=lambda one: min(abs(one - end) for end in ends))
    near = (ends + others)[:MOST_KNOWN]
    kept = {} if stretch.right is None else kept_backward(stretch, film, near, told)
    forward = None
    if stretch.left is not None:
        forward = Pass(film, stretch.left, [one for one in near if one != stretch.left])

    def look(frame: tuple[int, np.ndarray, np.ndarray]) -> Sight | Unseen | None:
        number, _, small = frame
        return forward and forward.look(number, small)

    for (number, rgb, small), sight in ahead(film.forwards(stretch.forward), look):
        found = [forward and forward.follow(sight), unpacked(kept.pop(number, None))]
        share = part_of_way(number, stretch.left, stretch.right)
        yield number, rgb, blended(small, *found, share)
        told(number)


def part_of_way(number: int, left: int | None, right: int | None) -> float:
    """How far a frame is on the way from one keyframe to another, 0..1; 0 where one of them is missing."""
    return 0.0 if left is None or right is None else (number - left) / (right - left)


def kept_backward(stretch: Stretch, film: Film, near: Sequence[int], told: Steps) -> dict[int, Kept]:
    """What is found in a stretch from its right on, by the frames' numbers."""
    backward = Pass(film, stretch.right, [one for one in near if one != stretch.right])
    kept, after = {}, told.done + len(stretch.backward)
    for (number, _), sight in ahead(film.backwards(stretch.backward), lambda frame: backward.look(*frame)):
        found = backward.follow(sight)
        if found is None:
            break
        png = cv2.imencode(".png", np.round(255 * found.matte).astype(np.uint8))[1]
        kept[number] = Kept(png, found.confidence)
        told(number)
    told.done = after  # whatever a cut has left out
    return kept


def unpacked(kept: Kept | None) -> Found | None:
    """What was kept."""
    if kept is None:
        return None
    return Found(cv2.imdecode(kept.png, cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255, kept.confidence)


def blended(rgb: np.ndarray, forward: Found | None, backward: Found | None, share: float) -> Found:
    """What two passes have found in a frame, as one.

    Args:
        rgb: the frame, (h, w, 3).
        forward, backward: None: nothing is known from there.
        share: how far the frame is on the way from the left to the right, 0..1.
    """
    if forward is None and backward is None:
        return Found(np.zeros(rgb.shape[:2], np.float32), 0.0)
    if forward is None or backward is None:
        return forward or backward
    weights = np.array([(1 - share) * forward.confidence, share * backward.confidence]) + 1e-6
    left, right = weights / weights.sum()
    mixed = left * forward.matte + right * backward.matte
    # Where they differ, the picture's edges have a say: a mean of two outlines would be a ghost.
    matte = graph_cut(AGREED * (2 * mixed - 1), rgb)
    doubt = 4 * left * right * (1 - overlap(forward.matte > 0.5, backward.matte > 0.5))
    return Found(matte, (left * forward.confidence + right * backward.confidence) * (1 - doubt))
