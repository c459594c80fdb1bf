"""Flow and warp: pixels end where the motion takes them."""

import cv2
import numpy as np
import pytest

from style_core.motion.flow import PRESETS, dis_flow
from style_core.motion.warp import consistent, warp


@pytest.fixture(scope="module")
def texture():
    noise = np.random.default_rng(5).integers(0, 256, (160, 200, 3), np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 2.5)


def moved(texture, dx, dy, height=120, width=160):
    """The view of the texture after its content moved by (dx, dy)."""
    return np.ascontiguousarray(texture[20 - dy : 20 - dy + height, 20 - dx : 20 - dx + width])


@pytest.mark.parametrize("preset", PRESETS)
def test_flow_points_from_the_frame_back_to_where_things_were(texture, preset):
    earlier, later = moved(texture, 0, 0), moved(texture, 4, -3)
    flow = dis_flow(later, earlier, preset)[20:-20, 20:-20]
    assert np.abs(flow - (-4, 3)).mean() < 0.25


def test_warp_moves_the_earlier_picture_onto_the_later_one(texture):
    earlier, later = moved(texture, 0, 0), moved(texture, 4, -3)
    flow = np.full((120, 160, 2), (-4, 3), np.float32)
    result, inside = warp(earlier, flow)
    assert np.array_equal(result[inside], later[inside])
    assert not inside[:, :4].any(), "what came in from the left was not in the earlier frame"
    assert not inside[-3:].any()
    assert inside[:-3, 4:].all()


def test_warp_by_half_a_pixel_keeps_the_brightness(texture):
    earlier = moved(texture, 0, 0)
    result, inside = warp(earlier, np.full((120, 160, 2), 0.5, np.float32))
    assert abs(result[inside].mean() - earlier.mean()) < 0.5


def test_what_an_object_uncovers_is_not_consistent(texture):
    background = moved(texture, 0, 0)
    earlier, later = background.copy(), background.copy()
    thing = 255 - texture[60:120, 60:120]
    earlier[30:90, 40:100] = thing
    later[30:90, 46:106] = thing  # 6 pixels to the right: columns 40 to 46 come into sight
    backward, forward = dis_flow(later, earlier), dis_flow(earlier, later)
    agrees = consistent(forward, backward)
    assert agrees[40:80, 60:95].mean() > 0.9, "the thing itself is found again"
    assert agrees[:20].mean() > 0.95, "the still background is found again"
    assert agrees[40:80, 41:45].mean() < 0.5, "what was hidden is not"
