"""Contours: curves with few points around what a matte shows, and the same points from key frame to key frame."""

import cv2
import numpy as np
import pytest

from style_core.regions.contours import Contour, alike, contours, filled, polyline
from style_core.setting import UserError

WIDTH, HEIGHT = 160, 120


def matte(*shapes: tuple) -> np.ndarray:
    """Discs on black, each (x, y, radius, value)."""
    picture = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x, y, radius, value in shapes:
        cv2.circle(picture, (x, y), radius, value, -1)
    return picture


def jaccard(first: np.ndarray, second: np.ndarray) -> float:
    """The share of what either matte shows that both show."""
    first, second = first >= 128, second >= 128
    return float((first & second).sum() / (first | second).sum())


def test_a_disc_is_a_few_points_and_filled_again_a_disc():
    disc = matte((80, 60, 40, 255))
    (contour,) = contours(disc, 1.0)
    assert len(contour.points) <= 4
    assert jaccard(filled([contour], WIDTH, HEIGHT), disc) > 0.97
    assert contour.area() == pytest.approx((disc > 0).sum(), rel=0.01)


def test_corners_stay_corners():
    square = np.zeros((HEIGHT, WIDTH), np.uint8)
    square[30:90, 40:110] = 255
    (contour,) = contours(square, 1.0)
    assert len(contour.points) == 4
    for corner in ((40, 30), (110, 30), (110, 90), (40, 90)):
        assert np.linalg.norm(contour.points[:, 0] - corner, axis=1).min() < 1.5
    assert jaccard(filled([contour], WIDTH, HEIGHT), square) > 0.985


def test_curves_go_around_what_is_inside_with_the_clock_and_around_holes_against_it():
    ring = contours(matte((80, 60, 50, 255), (80, 60, 25, 0), (80, 60, 10, 255)), 1.0)
    assert [contour.is_hole for contour in ring] == [False, True, False], "the largest first"
    assert [contour.area() > 0 for contour in ring] == [True, False, True]
    for contour in ring:
        # What runs to the right along the top has the inside below it, on the screen's right hand.
        line = polyline(contour.points)
        top = line[:, 1].argmin()
        assert (line[(top + 1) % len(line), 0] > line[top - 1, 0]) == (not contour.is_hole)


def test_a_matte_that_ends_at_the_border_is_closed_along_it():
    cut = matte((0, 0, 60, 255))
    found = contours(cut, 1.0)
    assert jaccard(filled(found, WIDTH, HEIGHT), cut) > 0.98
    assert np.concatenate([polyline(contour.points) for contour in found]).min() > -1


@pytest.mark.parametrize("tolerance", [0.5, 1.0, 3.0])
def test_no_curve_is_farther_from_the_outline_than_asked(tolerance):
    shape = matte((60, 60, 35, 255), (100, 50, 25, 255), (110, 80, 12, 255))
    line = np.concatenate([polyline(contour.points, 64) for contour in contours(shape, tolerance)])
    edge = cv2.findContours(shape, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0][0][:, 0] + 0.5
    apart = np.linalg.norm(line[:, None] - edge[None], axis=2).min(axis=1)
    # The outline runs between the pixels, half a pixel beyond the last that is inside; corners are a little rounded.
    assert apart.max() < 1.5 * tolerance + 1.0


def test_specks_and_nothing_at_all():
    assert contours(np.zeros((HEIGHT, WIDTH), np.uint8), 1.0) == []
    assert not filled([], WIDTH, HEIGHT).any()
    assert contours(matte((80, 60, 0, 255)), 1.5) == []
    with pytest.raises(UserError, match="tolerance is 0 pixels"):
        contours(matte((80, 60, 9, 255)), 0.0)


def test_key_frames_have_as_many_points_and_no_curve_changes():
    keys = {
        1: contours(matte((50, 60, 30, 255), (50, 60, 12, 0)), 1.0),
        5: contours(matte((60, 60, 35, 255), (60, 60, 10, 0), (80, 50, 20, 255)), 1.0),
        9: contours(matte((70, 60, 35, 255), (90, 50, 20, 255), (140, 20, 9, 255)), 1.0),
    }
    same = alike(keys)
    shapes = [[(len(contour.points), contour.is_hole) for contour in same[key]] for key in keys]
    assert shapes[0] == shapes[1] == shapes[2] and len(shapes[0]) == 3
    assert [[contour.is_there for contour in same[key]] for key in keys] == [
        [True, True, False],
        [True, True, False],
        [True, False, True],
    ]
    for key, found in keys.items():
        before, after = filled(found, WIDTH, HEIGHT), filled(same[key], WIDTH, HEIGHT)
        assert jaccard(before, after) > 0.99


def test_between_key_frames_the_outline_moves_as_the_thing_does():
    shapes = [np.array([[x, 30], [x + 60, 40], [x + 50, 90], [x + 10, 80]]) for x in (20, 40, 60)]
    pictures = [cv2.fillPoly(np.zeros((HEIGHT, WIDTH), np.uint8), [shape], 255) for shape in shapes]
    # At the second key frame the curve begins at another point.
    first, last = contours(pictures[0], 1.0), contours(pictures[2], 1.0)
    last = [Contour(np.roll(contour.points, 2, axis=0), contour.is_hole) for contour in last]
    same = alike({1: first, 3: last})
    halfway = Contour((same[1][0].points + same[3][0].points) / 2, is_hole=False)
    assert jaccard(filled([halfway], WIDTH, HEIGHT), pictures[1]) > 0.97


@pytest.mark.parametrize("clip, points", [("car-shadow", 45), ("dance-twirl", 90)])
def test_masks_that_people_made_are_kept_with_few_points(data, clip, points):
    files = sorted((data / "davis" / clip).rglob("*.png"))[::4]
    assert files
    found, counts = [], []
    for file in files:
        mask = (cv2.imread(str(file), cv2.IMREAD_GRAYSCALE) > 0).astype(np.uint8) * 255
        curves = contours(mask, 1.0)
        counts.append(sum(len(curve.points) for curve in curves))
        found.append(jaccard(filled(curves, mask.shape[1], mask.shape[0]), mask))
    assert min(found) > 0.97 and np.mean(found) > 0.98
    assert np.mean(counts) < points
