"""Outlines of mattes as closed cubic Bézier curves with few points, as mask editors have them.

Fitted as in P. J. Schneider, "An algorithm for automatically fitting digitized curves", Graphics Gems (1990): by least
squares between corners, better parameters by Newton's method, and a split where the error is largest.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from ..setting import UserError

# What is at least so bright is inside.
INSIDE = 128
# Outlines are found between pixels, at so many places a pixel.
FINE = 4
# Pixels along an outline over which its steps are smoothed away, as a share of the tolerance.
SMOOTHING = 0.5
# Directions are measured over so many tolerances, and at least so many pixels.
LOOK, LEAST_LOOK = 2.0, 2.0
# An outline that turns by more than this has a corner, in radians.
CORNER = math.radians(55)
# Newton steps before a piece that does not fit is split, and how far off it may be to be worth them, in tolerances.
STEPS, WORTH = 6, 4.0
# Binary digits of parts of a pixel when curves are filled.
SHIFT = 8
# Times in 0..1 at which the length of a cubic is measured.
FINELY = np.linspace(0, 1, 17)
# How far a contour moves from one key frame to the next, at most, in sums of both radii.
FARTHEST = 1.5
# Outlines around less than this many square tolerances are noise.
SPECK = 4.0

# A direction of length 1, (2,); None: whichever fits best.
Way = np.ndarray | None


@dataclass(frozen=True)
class Contour:
    """A closed curve around a part of a matte, or around a hole in one."""

    points: np.ndarray
    """(N, 3, 2) float64: each point, its handle before and its handle after, in pixels, x right and y down; the corner
    of the first pixel is (0, 0). The curve goes around what is inside as the hands of a clock, around holes against."""
    is_hole: bool
    is_there: bool = True
    """Whether it is in the matte; if not, it is what it was when it last was, or will be."""

    def area(self) -> float:
        """In square pixels; of a hole, negative."""
        x, y = polyline(self.points).T
        return 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def contours(matte: np.ndarray, tolerance: float) -> list[Contour]:
    """The outlines of what is bright in a matte, the largest first.

    Args:
        matte: (H, W) uint8; half and more is inside.
        tolerance: how far a curve may be from the outline, in pixels. The larger, the fewer points.

    Raises UserError if the tolerance is not positive.
    """
    if not tolerance > 0:
        raise UserError(f"The tolerance is {tolerance:g} pixels; it must be more than 0.")
    found = []
    for outline, is_hole in outlines(matte):
        if cv2.contourArea(outline.astype(np.float32)) >= SPECK * tolerance**2:
            found.append(Contour(fitted(outline, tolerance), is_hole))
    return sorted(found, key=lambda contour: -abs(contour.area()))


def outlines(matte: np.ndarray) -> list[tuple[np.ndarray, bool]]:
    """The border lines between bright and dark, dense points (N, 2) float64, and whether each is around a hole."""
    # The frame's border is one of the matte's, too.
    framed = cv2.copyMakeBorder(matte, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    fine = cv2.resize(framed, None, fx=FINE, fy=FINE, interpolation=cv2.INTER_LINEAR)
    lines, tree = cv2.findContours((fine >= INSIDE).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    found = []
    for line, (*_, parent) in zip(lines, tree[0] if lines else (), strict=True):
        points = (line[:, 0].astype(np.float64) + 0.5) / FINE - 1
        # OpenCV goes around against the clock on the screen, and around holes with it.
        found.append((points[::-1], bool(parent >= 0)))
    return found


def alike(keys: dict[int, list[Contour]]) -> dict[int, list[Contour]]:
    """The same contours with as many points at every key frame, so that one can be moved into the next.

    Contours of neighbouring key frames that lie near each other are taken for one and the same. What is missing at a
    key frame is marked as not there, and goes along with the largest contour. No curve changes its shape: where points
    are missing, pieces are divided.

    Args:
        keys: the contours of each key frame.
    """
    frames = sorted(keys)
    tracks: list[dict[int, Contour]] = []
    for number, frame in enumerate(frames):
        before = [track for track in tracks if number and frames[number - 1] in track]
        for contour in keys[frame]:
            near = [track for track in before if meets(track[frames[number - 1]], contour) and frame not in track]
            if near:
                nearest = min(near, key=lambda track: gap(track[frames[number - 1]], contour))
                nearest[frame] = contour
            else:
                tracks.append({frame: contour})
    tracks.sort(key=lambda track: -max(abs(contour.area()) for contour in track.values()))
    whole = [even_track(track, frames, tracks[0]) for track in tracks]
    return {frame: [track[frame] for track in whole] for frame in frames}


def meets(first: Contour, second: Contour) -> bool:
    """Whether two contours may be the same thing at two moments."""
    radii = math.sqrt(abs(first.area()) / math.pi) + math.sqrt(abs(second.area()) / math.pi)
    apart = np.linalg.norm(middle_of(first.points) - middle_of(second.points))
    return first.is_hole == second.is_hole and bool(apart < FARTHEST * radii)


def gap(first: Contour, second: Contour) -> float:
    """How far two contours are from being the same, by place and size, in pixels."""
    apart = np.linalg.norm(middle_of(first.points) - middle_of(second.points))
    return float(apart + abs(math.sqrt(abs(first.area())) - math.sqrt(abs(second.area()))))


def middle_of(points: np.ndarray) -> np.ndarray:
    """The mean of a closed curve (N, 3, 2), (2,)."""
    return polyline(points).mean(axis=0)


def even_track(track: dict[int, Contour], frames: list[int], largest: dict[int, Contour]) -> dict[int, Contour]:
    """A contour at all frames, always with as many points, each of which stays at about the same place of it."""
    richest = max(track, key=lambda frame: len(track[frame].points))
    points = {richest: track[richest].points}
    known = sorted(track)
    at = known.index(richest)
    for way in (known[at + 1 :], known[:at][::-1]):
        like = points[richest]
        for frame in way:
            points[frame] = like = like_points(track[frame].points, like)
    whole = {}
    for frame in frames:
        nearest = min(track, key=lambda one: abs(one - frame))
        moved = np.zeros(2)
        if frame in largest and nearest in largest:
            moved = middle_of(largest[frame].points) - middle_of(largest[nearest].points)
        is_there = frame in track
        whole[frame] = Contour(points[nearest] + (0 if is_there else moved), track[nearest].is_hole, is_there)
    return whole


def like_points(points: np.ndarray, like: np.ndarray) -> np.ndarray:
    """The same closed curve (n, 3, 2) with as many points as another has, (N, 3, 2), N >= n.

    Each of its points is given to one of the other's, in their order, so that the squares of the distances are least,
    both seen from their middles; pieces are divided for those that are left.
    """
    own, other = points[:, 0] - middle_of(points), like[:, 0] - middle_of(like)
    apart = ((own[:, None] - other[None]) ** 2).sum(axis=2)  # (n, N)
    given = min((in_order(apart, first) for first in range(len(like))), key=lambda found: found[0])[1]
    pieces, lengths = split(points), [length(piece) for piece in split(like)]
    following = np.append(given[1:], given[0] + len(like))
    made = []
    for piece, start, end in zip(pieces, given, following, strict=True):
        made += divided(piece, [lengths[number % len(like)] for number in range(start, end)])
    return np.roll(joined(made), given[0], axis=0)


def in_order(apart: np.ndarray, first: int) -> tuple[float, np.ndarray]:
    """The cheapest way to give points to others in order, the first one to number `first`, and what it costs.

    Args:
        apart: what each pair costs, (n, N).

    Returns:
        The cost, and for every point a number that counts on beyond N after one turn, (n,) int.
    """
    count, places = apart.shape
    costs = np.roll(apart, -first, axis=1)
    total = np.full((count, places), np.inf)
    total[0, 0] = costs[0, 0]
    for number in range(1, count):
        total[number, 1:] = np.minimum.accumulate(total[number - 1, :-1]) + costs[number, 1:]
    place, given = places, []
    for number in reversed(range(count)):
        place = int(total[number, :place].argmin())
        given.append(place + first)
    return float(total[-1].min()), np.array(given[::-1])


def divided(piece: np.ndarray, shares: list[float]) -> list[np.ndarray]:
    """A cubic (4, 2) as several whose lengths are in these proportions; together they are the same curve."""
    travelled = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(at(piece, FINELY), axis=0), axis=1))])
    ends = np.cumsum(shares) / sum(shares) * travelled[-1]
    times = np.interp(ends[:-1], travelled, FINELY)
    made, begun = [], 0.0
    for time in times:
        left, piece = cut(piece, (time - begun) / (1 - begun))
        made.append(left)
        begun = time
    return [*made, piece]


def cut(piece: np.ndarray, time: float) -> tuple[np.ndarray, np.ndarray]:
    """A cubic (4, 2) as two, cut at a time in 0..1 (de Casteljau)."""
    first = piece[:-1] + time * np.diff(piece, axis=0)
    second = first[:-1] + time * np.diff(first, axis=0)
    centre = second[0] + time * (second[1] - second[0])
    return np.stack([piece[0], first[0], second[0], centre]), np.stack([centre, second[1], first[2], piece[3]])


def length(piece: np.ndarray) -> float:
    """The length of a cubic (4, 2)."""
    return float(np.linalg.norm(np.diff(at(piece, FINELY), axis=0), axis=1).sum())


def fitted(outline: np.ndarray, tolerance: float) -> np.ndarray:
    """A closed curve along dense points (N, 2), as the points of a Contour."""
    line = smoothed(outline, SMOOTHING * tolerance)
    look = max(1, round(max(LEAST_LOOK, LOOK * tolerance) * len(line) / length_of(line)))
    corners = corners_of(line, min(look, max(1, len(line) // 8)))
    starts = corners if len(corners) else np.array([0])
    pieces = []
    for start, end in zip(starts, np.roll(starts, -1), strict=True):
        piece = np.take(line, np.arange(start, end + (len(line) if end <= start else 0) + 1), axis=0, mode="wrap")
        # At a corner the direction is what fits best; a line without corners goes on where it began.
        along = None if len(corners) else unit(line[look % len(line)] - line[-look])
        pieces += pieces_of(piece, along, None if along is None else -along, tolerance, look)
    return joined(pieces)


def smoothed(line: np.ndarray, pixels: float) -> np.ndarray:
    """A closed line (N, 2) without its steps, evenly spaced, about FINE points a pixel."""
    closed = np.vstack([line, line[:1]])
    travelled = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    count = max(8, round(travelled[-1] * FINE / 2))
    even = np.linspace(0, travelled[-1], count, endpoint=False)
    spaced = np.column_stack([np.interp(even, travelled, closed[:, axis]) for axis in (0, 1)])
    spread = pixels * count / travelled[-1]
    frequencies = np.fft.rfftfreq(count)[:, None]
    blur = np.exp(-2 * (math.pi * frequencies * spread) ** 2)
    return np.fft.irfft(np.fft.rfft(spaced, axis=0) * blur, count, axis=0)


def corners_of(line: np.ndarray, look: int) -> np.ndarray:
    """The numbers of the points at which a closed line (N, 2) has corners."""
    before, after = line - np.roll(line, look, axis=0), np.roll(line, -look, axis=0) - line
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    turn = np.abs(np.arctan2(cross, (before * after).sum(axis=1)))
    around = np.stack([np.roll(turn, shift) for shift in range(-look, look + 1)])
    sharpest = (turn == around.max(axis=0)) & (turn > CORNER)
    return np.flatnonzero(sharpest)


def pieces_of(line: np.ndarray, first: Way, last: Way, tolerance: float, look: int) -> list[np.ndarray]:
    """Cubic pieces (4, 2) along a line (N, 2) that begins in the direction `first` and ends, seen back, in `last`."""
    times = chord_times(line)
    worst = 0
    for _ in range(STEPS):
        piece = least_squares(line, times, first, last)
        distances = np.linalg.norm(at(piece, times) - line, axis=1)
        worst = int(distances.argmax())
        if distances[worst] <= tolerance or len(line) <= 4:
            return [piece]
        if distances[worst] > WORTH * tolerance:
            break
        times = nearer(piece, line, times)
    worst = min(max(worst, 1), len(line) - 2)
    reach = min(look, worst, len(line) - 1 - worst)
    along = unit(line[worst + reach] - line[worst - reach])
    return [
        *pieces_of(line[: worst + 1], first, -along, tolerance, look),
        *pieces_of(line[worst:], along, last, tolerance, look),
    ]


def least_squares(line: np.ndarray, times: np.ndarray, first: Way, last: Way) -> np.ndarray:
    """The cubic (4, 2) with these ends and directions that is nearest to a line's points at these times."""
    start, end = line[0], line[-1]
    b0, b1, b2, b3 = bernstein(times)
    ways = [np.eye(2) if way is None else way[None] for way in (first, last)]
    columns = [np.outer(share, way).ravel() for share, own in zip((b1, b2), ways, strict=True) for way in own]
    rest = line - ((b0 + b1)[:, None] * start + (b2 + b3)[:, None] * end)
    found = np.linalg.lstsq(np.stack(columns, axis=1), rest.ravel(), rcond=None)[0]
    handles = found[: len(ways[0])] @ ways[0], found[len(ways[0]) :] @ ways[1]
    longest = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
    if not all(map(lambda handle, way: is_sound(handle, way, longest), handles, (first, last))):
        # Schneider's way out.
        reach = max(float(np.linalg.norm(end - start)), longest / 2) / 3
        chord = unit(end - start)
        handles = reach * (chord if first is None else first), reach * (-chord if last is None else last)
    return np.stack([start, start + handles[0], end + handles[1], end])


def is_sound(handle: np.ndarray, way: Way, longest: float) -> bool:
    """Whether a handle makes no loop: it points forwards, and not far beyond the line that the curve is to follow."""
    forwards = way is None or float(handle @ way) > 1e-3 * longest
    return forwards and float(np.linalg.norm(handle)) <= longest


def nearer(piece: np.ndarray, line: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Times at which a cubic is nearer to a line's points than at the given ones, by one Newton step each."""
    velocity, bend = 3 * np.diff(piece, axis=0), 6 * np.diff(piece, n=2, axis=0)
    u = times[:, None]
    speed = (1 - u) ** 2 * velocity[0] + 2 * u * (1 - u) * velocity[1] + u**2 * velocity[2]
    change = (1 - u) * bend[0] + u * bend[1]
    off = at(piece, times) - line
    slope = (speed**2).sum(axis=1) + (off * change).sum(axis=1)
    step = (off * speed).sum(axis=1) / np.where(slope > 1e-9, slope, np.inf)
    return np.maximum.accumulate((times - step).clip(0, 1))


def chord_times(line: np.ndarray) -> np.ndarray:
    """Where the points of a line lie along it, 0..1."""
    travelled = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    return travelled / max(travelled[-1], 1e-12)


def bernstein(times: np.ndarray) -> tuple[np.ndarray, ...]:
    """The shares of a cubic's four points at these times."""
    left = 1 - times
    return left**3, 3 * times * left**2, 3 * times**2 * left, times**3


def at(piece: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The points of a cubic (4, 2) at times in 0..1, (N, 2)."""
    return np.stack(bernstein(times), axis=1) @ piece


def joined(pieces: list[np.ndarray]) -> np.ndarray:
    """Pieces around a closed curve as points with their handles before and after, (N, 3, 2)."""
    return np.stack([np.stack([piece[0], pieces[number - 1][2], piece[1]]) for number, piece in enumerate(pieces)])


def split(points: np.ndarray) -> list[np.ndarray]:
    """The cubic pieces of a closed curve (N, 3, 2)."""
    following = np.roll(points, -1, axis=0)
    return [np.stack([a[0], a[2], b[1], b[0]]) for a, b in zip(points, following, strict=True)]


def polyline(points: np.ndarray, parts: int = 48) -> np.ndarray:
    """A closed curve (N, 3, 2) as a closed line with so many points a piece, (N * parts, 2)."""
    times = np.arange(parts) / parts
    return np.concatenate([at(piece, times) for piece in split(points)])


def unit(way: np.ndarray) -> np.ndarray:
    """A direction of length 1; of nothing, to the right."""
    length = float(np.linalg.norm(way))
    return way / length if length else np.array([1.0, 0.0])


def length_of(line: np.ndarray) -> float:
    """The length of a closed line (N, 2)."""
    return float(np.linalg.norm(line - np.roll(line, 1, axis=0), axis=1).sum())


def filled(curves: list[Contour], width: int, height: int) -> np.ndarray:
    """The matte (H, W) uint8 that contours enclose, with smooth edges."""
    fine = np.zeros((height * FINE, width * FINE), np.uint8)
    # OpenCV counts from the centre of the first pixel, and in parts of a pixel; it draws the border line as well.
    lines = [
        np.rint((polyline(curve.points) * FINE - 0.5) * (1 << SHIFT)).astype(np.int32)
        for curve in curves
        if curve.is_there
    ]
    if lines:
        cv2.fillPoly(fine, lines, 255, shift=SHIFT)
    return cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
