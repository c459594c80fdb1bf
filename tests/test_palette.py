"""What comes into sight begins in the colours that the paint has given to the like."""

import numpy as np

from style_core.motion.palette import in_paints_colours

GREY, GREEN, CREAM, BLUE = (150, 150, 150), (40, 120, 40), (230, 210, 150), (30, 60, 150)


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> np.ndarray:
    """A picture (40, 80, 3) of two colours, a little uneven."""
    picture = np.empty((40, 80, 3), np.uint8)
    picture[:, :40], picture[:, 40:] = left, right
    return picture + np.random.default_rng(0).integers(0, 6, picture.shape, dtype=np.uint8)


def test_a_street_behind_a_car_has_the_colour_of_the_painted_street():
    content, paint = halves(GREY, GREEN), halves(CREAM, BLUE).astype(np.float32)
    painted = np.ones((40, 80), bool)
    painted[:, 20:30] = False  # where the car was
    found = in_paints_colours(content, paint, painted)
    assert np.abs(found[:, 20:30] - CREAM).mean() < 8, "that of its own shade, and not the mean of all paint"
    assert np.abs(found[:, 50:] - BLUE).mean() < 8


def test_a_shade_that_no_paint_is_known_of_stays_as_it_is():
    content, paint = halves(GREY, GREEN), halves(CREAM, BLUE).astype(np.float32)
    painted = np.zeros((40, 80), bool)
    assert np.array_equal(in_paints_colours(content, paint, painted), content)
    painted[:, :40] = True
    assert np.array_equal(in_paints_colours(content, paint, painted)[:, 40:], content[:, 40:])
