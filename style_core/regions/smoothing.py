"""What is found frame by frame, held steady over a clip: faces along their tracks, mattes along the motion.

All of these take frames one by one and give results one by one, in their order and as many, some frames later: what
comes after a frame counts as much as what came before it, so nothing lags behind.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import cv2
import numpy as np

from ..motion.cuts import is_cut
from ..motion.warp import grid, inside
from .faces import BELIEVED, POSSIBLE, Face, Faces, face_matte
from .people import People

# Frames without a face over which its track goes on, and how many are looked at ahead of the one that is told.
GAP, AHEAD = 10, 16
# How far a face goes from one frame to the next at most, in its own sizes, and how much larger or smaller it becomes.
FURTHEST, GROWTH = 0.6, 1.5
# Over how many frames a track is smoothed, as the standard deviation of its weights in time.
STEADY = 2.5
# In how many frames, or in all if there are fewer, what is followed must be surely a face to be one anywhere.
SURELY = 3

# How many frames before and after one have a say in its matte, and how much less with each frame of distance.
SPAN, EARLIER = 2, 0.8
# Longer side at which the motion for mattes is looked for.
FLOW_SIDE = 320
# Colours that differ by more than about this (0..255) from where the motion leads are of another thing.
DIFFERENT = 18.0


def people_mattes(frames: Iterable[np.ndarray], people: People) -> Iterator[np.ndarray]:
    """Where people are in a clip, steadied, one matte (H, W) float32 in 0..1 for each frame (H, W, 3) uint8."""
    return steady_mattes((frame, people.matte(frame)) for frame in frames)


def face_mattes(frames: Iterable[np.ndarray], faces: Faces) -> Iterator[np.ndarray]:
    """Soft ellipses over all faces in a clip, steadied, one matte (H, W) for each frame (H, W, 3) uint8."""
    sizes: deque[tuple[int, int]] = deque()

    def found() -> Iterator[tuple[np.ndarray, list[Face]]]:
        for frame in frames:
            sizes.append(frame.shape[:2])
            yield frame, faces.faces(frame, POSSIBLE)

    for steady in steady_faces(found()):
        yield face_matte(steady, sizes.popleft())


# --- faces ---


class Track(NamedTuple):
    """One face over time: what was found, by the number of the frame in its shot."""

    seen: dict[int, Face]

    def at(self, number: int) -> Face | None:
        """The face in this frame by a line through what was found around it, in weights that fall with distance and
        rise with how sure each is; None where there is none, or none of the track can be believed."""
        numbers = np.array([one for one in self.seen if abs(one - number) <= AHEAD])
        if number not in self.seen and not between(numbers, number):
            return None
        surest = sorted((face.score for face in self.seen.values()), reverse=True)[:SURELY]
        if surest[-1] < BELIEVED:
            return None
        around = [self.seen[one] for one in numbers.tolist()]
        scores = np.array([face.score for face in around])
        reach = max(STEADY, float(np.abs(numbers - number).min()))
        values = np.stack([np.append(face.box, face.marks) for face in around])
        told = line_at(numbers - number, values, scores**2 * np.exp(-0.5 * ((numbers - number) / reach) ** 2))
        return Face(told[:4], told[4:].reshape(-1, 2), float(scores.max()))


def between(numbers: np.ndarray, number: int) -> bool:
    """Whether a frame lies in a gap that is short enough to be filled."""
    before, after = numbers[numbers < number], numbers[numbers > number]
    return len(before) > 0 and len(after) > 0 and after.min() - before.max() <= GAP + 1


def line_at(steps: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The value at step 0 of a line fitted to values (n, d) at steps (n,) in weighted least squares, (d,)."""
    share = weights / weights.sum()
    middle, level = share @ steps, share @ values
    spread = share @ (steps - middle) ** 2
    slope = (share * (steps - middle)) @ values / max(spread, 1e-6)
    return level - slope * middle


def steady_faces(found: Iterable[tuple[np.ndarray, list[Face]]]) -> Iterator[list[Face]]:
    """Faces of a clip, followed from frame to frame, smoothed in time, and short gaps filled.

    Args:
        found: frames (H, W, 3) uint8 with the faces in each, down to a score of POSSIBLE: those that are less sure
            than BELIEVED count where the same face is surer in another frame.

    Yields:
        The faces in each frame. No track goes over a cut.
    """
    tracks: list[Track] = []
    number = told = 0
    before = None
    for frame, faces in found:
        if before is not None and is_cut(before, frame):
            yield from (faces_at(tracks, one) for one in range(told, number))
            tracks, number, told = [], 0, 0
        join(tracks, faces, number)
        before, number = frame, number + 1
        if number - told > AHEAD:
            yield faces_at(tracks, told)
            told += 1
            tracks = [track for track in tracks if max(track.seen) > told - AHEAD]
    yield from (faces_at(tracks, one) for one in range(told, number))


def faces_at(tracks: list[Track], number: int) -> list[Face]:
    """All faces that tracks have in one frame."""
    return [face for face in (track.at(number) for track in tracks) if face is not None]


def join(tracks: list[Track], faces: list[Face], number: int) -> None:
    """Adds the faces of a frame to the tracks that they continue, the nearest first; the others begin new ones."""
    open_tracks = [track for track in tracks if number - max(track.seen) <= GAP + 1]
    pairs = sorted(
        (apart(track.seen[max(track.seen)], face), i, j)
        for i, track in enumerate(open_tracks)
        for j, face in enumerate(faces)
    )
    taken: set[int] = set()
    for distance, i, j in pairs:
        if distance <= FURTHEST and number not in open_tracks[i].seen and j not in taken:
            open_tracks[i].seen[number] = faces[j]
            taken.add(j)
    tracks.extend(Track({number: face}) for j, face in enumerate(faces) if j not in taken)


def apart(face: Face, other: Face) -> float:
    """How far two faces are apart in units of the smaller; infinite if their sizes are too different."""
    sizes = [float(one.box[2:].mean()) for one in (face, other)]
    if max(sizes) > GROWTH * min(sizes):
        return np.inf
    middles = [one.box[:2] + one.box[2:] / 2 for one in (face, other)]
    return float(np.linalg.norm(middles[0] - middles[1])) / min(sizes)


# --- mattes ---


class Shown(NamedTuple):
    """A frame with its matte, and the frame small."""

    matte: np.ndarray
    small: np.ndarray


def steady_mattes(found: Iterable[tuple[np.ndarray, np.ndarray]]) -> Iterator[np.ndarray]:
    """Mattes of a clip without what flickers: each is the median of those around it, brought to it along the motion.

    Args:
        found: frames (H, W, 3) uint8 with the matte of each, (H, W) float32 in 0..1.

    Yields:
        A matte for each frame, (H, W) float32 in 0..1. Nothing is brought over a cut.
    """
    shot: list[Shown] = []  # from SPAN frames before the one that is told next, as far as they are of its shot
    told = 0
    before = None
    for frame, matte in found:
        if before is not None and is_cut(before, frame):
            yield from (steady(shot, one) for one in range(told, len(shot)))
            shot, told = [], 0
        shot.append(Shown(matte, scaled_down(frame)))
        before = frame
        if len(shot) - told > SPAN:
            yield steady(shot, told)
            told += 1
            shot, told = shot[max(0, told - SPAN) :], min(told, SPAN)
    yield from (steady(shot, one) for one in range(told, len(shot)))


def steady(shot: list[Shown], at: int) -> np.ndarray:
    """The median of a frame's matte and of those around it in the same shot, (H, W) float32."""
    around = [k for k in range(max(0, at - SPAN), min(len(shot), at + SPAN + 1)) if k != at]
    brought = [carried(shot[k], shot[at]) for k in around]
    mattes = np.stack([shot[at].matte, *(matte for matte, _ in brought)])
    weights = np.stack(
        [
            np.ones_like(shot[at].matte),
            *(share * EARLIER ** abs(k - at) for k, (_, share) in zip(around, brought, strict=True)),
        ]
    )
    return weighted_median(mattes, weights)


def carried(other: Shown, shown: Shown) -> tuple[np.ndarray, np.ndarray]:
    """The matte of another frame brought to this one along the motion, and how far it can be believed, (H, W) each."""
    height, width = shown.matte.shape
    grey = [cv2.cvtColor(one.small, cv2.COLOR_RGB2GRAY) for one in (shown, other)]
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST).calc(*grey, None)
    places = grid(flow) + flow
    moved = cv2.remap(other.small, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    change = cv2.blur(np.abs(moved.astype(np.float32) - shown.small).mean(-1), (3, 3))
    share = np.exp(-np.square(change / DIFFERENT)) * inside(places)
    scale = np.float32([width / flow.shape[1], height / flow.shape[0]])
    large = cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR) * scale
    matte = cv2.remap(other.matte, grid(large) + large, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return matte, cv2.resize(share.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)


def weighted_median(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The median of values (n, H, W) along the first axis, each counting by its weight (n, H, W); between the two
    values next to it where the half of the weight lies between them, (H, W)."""
    order = np.argsort(values, 0)
    values, weights = (np.take_along_axis(one, order, 0) for one in (values, weights))
    # Each value stands at the middle of its weight; what the median reads lies on the line through these points.
    places = np.cumsum(weights, 0) - weights / 2
    half = weights.sum(0) / 2
    result = values[0].copy()
    for k in range(1, len(values)):
        share = ((half - places[k - 1]) / np.maximum(places[k] - places[k - 1], 1e-6)).clip(0, 1)
        result += share * (values[k] - values[k - 1])
    return result


def scaled_down(frame: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 with a longer side of FLOW_SIDE pixels at most, and sides in which motion can be found."""
    factor = min(1.0, FLOW_SIDE / max(frame.shape[:2]))
    size = [max(16, round(side * factor)) for side in frame.shape[1::-1]]
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
