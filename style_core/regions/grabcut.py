"""Cutting an object out of a still: a rectangle around it, then strokes, live (after Rother et al. 2004).

Beyond colours, places are compared by what the painting network sees in them: what looks like something outside of the
rectangle is background, also where colours alone cannot tell.
"""

import cv2
import numpy as np

from ..setting import UserError
from .appearance import distance_from, nearest
from .correction import corrected
from .edges import graph_cut, refined_edge
from .features import Features
from .reduction import fitted, reduced, sigmoid
from .sides import colours, regression
from .somebody import somebody
from .strokes import Rectangle, Stroke, box_of, drawn, grown, slices, small_strokes, united, within

# Longer side at which what is around a rectangle or a matte is cut; its edge is refined at full size.
WINDOW = 320
# Rounds of learning from one's own cut; more change next to nothing.
ROUNDS = 4
# Log-odds of what looks unlike all that lies outside, of the regression on features, of colours, and of the place in
# the rectangle.
UNLIKE, MODEL, COLOUR, PLACE = 1.0, 2.5, 0.5, 1.0
# What the rectangle leaves out is certain.
CERTAIN = 50.0
# Where nothing lies outside of the rectangle, so many places along the picture's border are taken to do so.
BORDER = 4
# With how many places outside of the rectangle each one inside is compared, at most.
MOST_OUTSIDE = 3000
# Pieces with less than this share of the largest are left out, and holes with less than its square are filled.
SHARE = 0.04
# A stretch around the rectangle, as a share of its size, that counts as its surroundings; and so many pixels at least.
AROUND, LEAST_AROUND = 0.35, 8


class Cutout:
    """An object in a picture, cut out by a rectangle and strokes, or begun from a matte and corrected by strokes.

    What the network sees is kept: after the first cut, strokes are answered at once.

    Args:
        rgb: (H, W, 3) uint8.
        features: what sees places alike; None: a new one.
    """

    def __init__(self, rgb: np.ndarray, features: Features | None = None) -> None:
        self.rgb, self.eye = rgb, features or Features()
        self.size = rgb.shape[1::-1]
        self.strokes: list[Stroke] = []
        """What was drawn; may be cleared, to draw anew."""
        self.rectangle: Rectangle | None = None
        self.begun: np.ndarray | None = None
        self.window: Rectangle | None = None
        # The rectangle that was cut last.
        self.cut_for: Rectangle | None = None

    def draw_rectangle(self, rectangle: tuple[float, float, float, float]) -> None:
        """Says that the object lies in (x, y, width, height), pixels from the top left; strokes stay.

        What was begun from a matte is forgotten: a rectangle begins anew.

        Raises UserError if the rectangle lies outside of the picture or has no area.
        """
        self.rectangle, self.begun = within(rectangle, self.size), None

    def begin(self, matte: np.ndarray) -> None:
        """Begins from the object as it is known, (H, W) uint8: strokes change it near them, and leave the rest.

        A rectangle that was drawn is forgotten. Raises UserError if the matte has not the picture's size.
        """
        if matte.shape != self.rgb.shape[:2]:
            raise UserError(
                f"The matte to begin from is {matte.shape[1]} x {matte.shape[0]} pixels, the picture {self.size[0]} x "
                f"{self.size[1]}: give one of its size."
            )
        self.rectangle, self.begun = None, matte

    def draw_stroke(self, points: tuple[tuple[float, float], ...], radius: float, keep: bool) -> None:
        """Says that what lies under a stroke is the object (`keep`), or is not; pixels of the picture, y down.

        Later strokes lie over earlier ones, and all of them win over everything else.
        """
        self.strokes.append((points, radius, keep))

    def matte(self) -> np.ndarray:
        """The object, (H, W) uint8, 255 inside and soft at its edge; all 0 where nothing was found or said."""
        result = np.zeros(self.rgb.shape[:2], np.uint8) if self.begun is None else self.begun.copy()
        if self.rectangle is not None:
            self.cut_rectangle()
            result[self.found_in] = self.found
        window = self.window_of_strokes()
        if window is not None:
            self.look_at(window)
            part, said = result[self.part], drawn(self.strokes, window)
            if said.any():
                self.mend(part, said)
            part[said != 0] = np.where(said[said != 0] > 0, 255, 0)
        return result

    def window_of_strokes(self) -> Rectangle | None:
        """What of the picture has to be looked at for the strokes, (x, y, width, height); None if nothing has.

        It goes by what was said and not by what was looked at before: a stroke that is taken back leaves no trace.
        """
        strokes = [box_of(stroke, self.size) for stroke in self.strokes]
        if united(strokes) is None:
            return None
        first = self.rectangle
        if self.begun is not None:
            x, y, width, height = cv2.boundingRect((self.begun > 127).astype(np.uint8))
            first = (x, y, width, height) if width else None
        elif first is None:
            return (0, 0, *self.size) if any(keep for _, _, keep in self.strokes) else None
        wanted = united([first, *strokes])
        usual = None if first is None else self.around(first)
        return usual if usual is not None and united([usual, wanted]) == usual else self.around(wanted)

    def around(self, box: Rectangle) -> Rectangle:
        """A box and what lies around it, within the picture."""
        return within(grown(box, max(LEAST_AROUND, round(AROUND * max(box[2:])))), self.size)

    def look_at(self, window: Rectangle) -> None:
        """Looks at a part of the picture, unless that is what was looked at last."""
        if self.window != window:
            self.window, self.part = window, slices(window, self.rgb.shape[:2])
            self.small = reduced(self.rgb[self.part], WINDOW)
            # Whatever was looked at before has no say in what is seen here.
            self.eye.forget()
            self.features = self.eye.of(self.small)

    def mend(self, matte: np.ndarray, said: np.ndarray) -> None:
        """Corrects the window's matte (H, W) uint8 by strokes in it, (H, W), in place, where they change it."""
        before = fitted(matte, self.small.shape[:2]) / 255
        after = corrected(before, small_strokes(said, before.shape), self.small, self.features)
        changed = cv2.dilate((np.abs(after - before) > 0.1).astype(np.uint8), np.ones((3, 3), np.uint8))
        where = fitted(changed, matte.shape) > 0.5
        fine = np.round(255 * refined_edge(after, self.rgb[self.part])).astype(np.uint8)
        matte[where] = fine[where]

    def cut_rectangle(self) -> None:
        """Cuts the object out of the rectangle, if that was not done yet; strokes have no say in it."""
        if self.cut_for != self.rectangle:
            self.look_at(self.around(self.rectangle))
            matte = refined_edge(self.cut(), self.rgb[self.part]) * self.inside()
            self.cut_for, self.found_in, self.found = self.rectangle, self.part, np.round(255 * matte).astype(np.uint8)

    def cut(self) -> np.ndarray:
        """The object in the rectangle, in the window at the reduced size, (h, w) in 0..1."""
        allowed = self.allowed()
        base = self.first_guess(allowed) + np.where(allowed, 0, -CERTAIN).astype(np.float32)
        result = sigmoid(base)
        for _ in range(ROUNDS):
            alike = MODEL * self.model(result, allowed) + COLOUR * colours(self.small, result)
            result = graph_cut(base + alike, self.small)
        return tidy(result)

    def allowed(self) -> np.ndarray:
        """Where the object may be in the window at the reduced size, (h, w) bool."""
        share = fitted(self.inside(), self.small.shape[:2])
        return share >= min(0.5, share.max())  # a line may cover less than half of any reduced pixel

    def inside(self) -> np.ndarray:
        """1 in the rectangle and 0 outside, in the window, (H, W) float32."""
        inside = np.zeros(self.rgb[self.part].shape[:2], np.float32)
        x, y, width, height = self.rectangle
        inside[slices((x - self.window[0], y - self.window[1], width, height), inside.shape)] = 1
        return inside

    def first_guess(self, allowed: np.ndarray) -> np.ndarray:
        """Log-odds before anything is known of the object: by its novelty and place, and if it may be a person."""
        person = somebody(self.rgb[self.part], allowed)
        return PLACE * middle_of(allowed) + UNLIKE * self.novelty(allowed) + person

    def novelty(self, allowed: np.ndarray) -> np.ndarray:
        """How unlike all that lies outside each place is, (h, w), -1..1."""
        grid = fitted(allowed.astype(np.float32), self.features.shape[:2]) > 0.5
        if not grid.any():
            return np.zeros(allowed.shape, np.float32)
        if grid.all():
            grid = np.zeros_like(grid)
            grid[BORDER:-BORDER, BORDER:-BORDER] = True
        outside = self.features[~grid]
        distances = nearest(self.features[grid], outside[:: -(-len(outside) // MOST_OUTSIDE)])
        low, high = np.quantile(distances, (0.1, 0.9))
        result = np.full(grid.shape, -1, np.float32)
        result[grid] = np.clip(2 * (distances - low) / max(high - low, 1e-6) - 1, -1, 1)
        return fitted(result, allowed.shape)

    def model(self, matte: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        """What a regression on the features says that tells the object from its surroundings, (h, w), about -1..1."""
        grid = self.features.shape[:2]
        near = np.exp(-distance_from(fitted(allowed.astype(np.float32), grid)) / max(grid))
        return fitted(regression(self.features, fitted(matte, grid), near), matte.shape)


def middle_of(allowed: np.ndarray) -> np.ndarray:
    """1 in the middle of where the object may be, -1 at its corners and outside, (h, w) float32."""
    ends = [np.flatnonzero(allowed.any(axis))[[0, -1]] for axis in (1, 0)]
    y, x = (
        (2 * np.arange(count) - first - last) / (last - first + 1)
        for count, (first, last) in zip(allowed.shape, ends, strict=True)
    )
    return np.clip(1 - np.sqrt(2) * np.hypot(y[:, None], x[None]), -1, 1).astype(np.float32)


def tidy(matte: np.ndarray) -> np.ndarray:
    """A matte without its small pieces, and without small holes, (h, w) in 0..1."""
    count, labels, figures, _ = cv2.connectedComponentsWithStats((matte > 0.5).astype(np.uint8))
    if count < 2:
        return matte
    areas = figures[:, cv2.CC_STAT_AREA]
    largest = areas[1:].max()
    stays = areas >= SHARE * largest
    stays[0] = False
    whole = stays[labels].astype(np.uint8)
    _, labels, figures, _ = cv2.connectedComponentsWithStats(1 - whole)
    holes = figures[:, cv2.CC_STAT_AREA] < SHARE * SHARE * largest
    holes[0] = False
    # Where a piece goes, its soft edge goes with it.
    around = cv2.dilate(whole, np.ones((5, 5), np.uint8))
    return np.where(holes[labels], 1, matte * around).astype(np.float32)
