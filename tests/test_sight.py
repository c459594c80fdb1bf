"""Warp and consistency: pixels end where the motion takes them, and what was hidden is known."""

import numpy as np
import pytest
from known_motion import flow_by, moved, true_flows, uncovered

from style_core.motion.consistency import parted, sight, smooth, visible
from style_core.motion.warp import grid, inside, warp


def test_warp_moves_the_earlier_picture_onto_the_later_one():
    earlier, later = moved(0, 0), moved(4, -3)
    flow = np.full((120, 160, 2), (-4, 3), np.float32)
    result, known = warp(earlier, flow), inside(grid(flow) + flow)
    assert np.array_equal(result[known], later[known])
    assert not known[:, :4].any(), "what came in from the left was not in the earlier frame"
    assert not known[-3:].any()
    assert known[:-3, 4:].all()


def test_warp_by_half_a_pixel_keeps_the_brightness():
    earlier = moved(0, 0)
    result = warp(earlier, np.full((120, 160, 2), 0.5, np.float32))
    assert abs(result[:-1, :-1].mean() - earlier.mean()) < 0.5


def test_what_an_object_uncovers_was_not_visible():
    seen = visible(*true_flows())
    assert (seen[30:90, 46:106] == 1).all(), "the thing itself is found again"
    assert (seen[:28] == 1).all(), "the still background is found again"
    assert (seen[30:90, 40:46] == 0).all(), "what was hidden is not"


def test_what_comes_from_outside_the_frame_was_not_visible():
    flow = np.full((50, 60, 2), (-3, 0), np.float32)
    seen = visible(-flow, flow)
    assert (seen[:, :3] == 0).all()
    assert (seen[:, 3:] == 1).all()


def test_the_edges_of_motions_are_not_trusted():
    _, backward = true_flows()
    assert smooth(backward)[60, 45:47].max() == 0
    assert (smooth(backward)[:25] == 1).all()


def test_flows_that_agree_on_another_colour_are_not_believed():
    still = np.zeros((120, 160, 2), np.float32)
    earlier, later = moved(0, 0), moved(0, 0)
    later[40:60, 40:60] = 255 - later[40:60, 40:60]
    seen = sight(still, still, earlier, later).seen
    assert (seen[44:56, 44:56] < 0.5).mean() > 0.7
    assert (seen[80:, 80:] == 1).all()


def test_a_change_of_the_light_hides_nothing():
    still = np.zeros((120, 160, 2), np.float32)
    earlier = moved(0, 0)
    lighter = np.clip(earlier.astype(int) + 40, 0, 255).astype(np.uint8)
    assert (sight(still, still, earlier, lighter).seen > 0.5).all()


def test_in_an_even_surface_flows_may_disagree_but_not_leave_the_frame():
    wall = np.full((60, 80, 3), 130, np.uint8)
    forward, backward = np.full((60, 80, 2), (3, 0), np.float32), np.full((60, 80, 2), (-6, 0), np.float32)
    assert visible(forward, backward).max() == 0
    seen = sight(forward, backward, wall, wall).seen
    assert (seen[:, 6:] == 1).all()
    assert (seen[:, :5] == 0).all()


def test_what_a_thing_uncovers_of_an_even_wall_is_not_taken_for_the_thing():
    forward, backward = true_flows()
    earlier, later = (np.full((120, 160, 3), 110, np.uint8) for _ in range(2))
    earlier[30:90, 40:100], later[30:90, 46:106] = 150, 150  # even as well, and not much lighter
    found = sight(forward, backward, earlier, later)
    assert (found.seen[32:88, 41:45] < 0.5).all()
    assert not found.same[32:88, 41:45].any()
    assert (found.seen[:26] == 1).all() and (found.seen[32:88, 50:104] == 1).all()
    assert found.light.gain == 1 and np.abs(found.light.offset[:20]).max() < 0.5


@pytest.mark.parametrize("gap, weight", [(0.4, 1), (1.0, 0.5), (1.6, 0)])
def test_the_weight_is_a_half_where_ruder_et_al_have_their_threshold(gap, weight):
    """|w + w'|^2 = 0.01 (|w|^2 + |w'|^2) + 0.5, their eq. 5, for flows whose sum is as large as `gap` thresholds."""
    back = np.zeros((9, 9, 2), np.float32)
    forward = np.zeros((9, 9, 2), np.float32)
    # gap^2 = share * gap^2 + 0.5 at the threshold itself.
    forward[..., 0] = np.sqrt(gap * 0.5 / (1 - 0.01 * gap))
    assert visible(forward, back)[4, 4] == pytest.approx(weight, abs=1e-3)


def test_an_estimate_finds_what_an_object_uncovers():
    earlier, later = uncovered()
    seen = visible(flow_by("dis-medium", earlier, later), flow_by("dis-medium", later, earlier))
    assert seen[40:80, 60:95].mean() > 0.9
    assert seen[:20].mean() > 0.95
    assert seen[40:80, 41:45].mean() < 0.5


def test_a_pixel_belongs_to_the_frame_up_to_its_own_border():
    places = np.full((4, 4, 2), 1.0, np.float32)
    places[0, :, 0] = (-0.4, -0.6, 3.4, 3.6)
    assert inside(places)[0].tolist() == [True, False, True, False]


def seam(step, wide=160, across=(0.0, 0.0), larger=0.0, hidden=None):
    """Where a camera that moves, and comes nearer, sees a thing part from what is above it, `wide` pixels wide."""
    y, x = np.mgrid[:120, :160].astype(np.float32)
    flow = np.stack([-across[0] - larger * (x - 80), -across[1] - larger * (y - 60)], -1)
    flow[60:, :wide, 1] -= step
    if hidden is None:
        hidden = np.zeros((120, 160), bool)
        hidden[59 : 60 + int(step), :wide] = True
    return parted(flow, hidden)


@pytest.mark.parametrize("camera", [{}, {"across": (0.3, -0.2)}, {"across": (3.3, 2.2)}, {"larger": 0.05}])
@pytest.mark.parametrize("step", [0.9, 1.0, 3.0])
def test_things_that_part_are_found_however_the_camera_moves(step, camera):
    found = seam(step, **camera)
    assert found[58:62].any(0).mean() > 0.95
    assert not found[:58].any() and not found[64:].any()


def test_what_comes_nearer_or_closes_or_slides_or_is_a_speck_does_not_part():
    everywhere = np.ones((120, 160), bool)
    assert not seam(0.0, larger=0.4, hidden=everywhere).any(), "it grows as a whole"
    assert seam(2.0, hidden=everywhere).any()
    assert not seam(-2.0, hidden=everywhere).any(), "the one covers the other"
    slide = np.zeros((120, 160, 2), np.float32)
    slide[60:, :, 0] = 3
    assert not parted(slide, everywhere).any(), "it goes along the edge of the other"
    assert not seam(1.0, wide=8).any(), "too short to be the edge of a thing"
