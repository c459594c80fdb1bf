"""Paint is carried along the motion, and what no frame has shown begins anew."""

import numpy as np
from known_motion import TrueFlows, moved, true_flows, uncovered

from style_core.job import Motion
from style_core.motion.flows import Shot
from style_core.motion.history import MATURE, YOUNG, Finished, History


def test_paint_is_carried_from_the_nearest_frame_and_what_was_hidden_for_a_while_gets_its_own_again():
    earlier, later = uncovered()
    forward, backward = true_flows()
    still = np.zeros_like(forward)
    # Frame 1 shows the background that the thing hides in frame 2 and sets free in frame 3.
    known = {(3, 2): backward, (2, 3): forward, (3, 1): still, (1, 3): still}
    history = History(Motion(long_term=(1, 2)), TrueFlows(known))
    old, new = np.full((120, 160, 3), 50, np.uint8), np.full((120, 160, 3), 200, np.uint8)
    history.add(Finished(Shot(1, later), old))
    history.add(Finished(Shot(2, earlier), new))
    carried = history.carry(Shot(3, later), later)
    assert (carried.paint[30:90, 41:46] == 50).all()
    assert (carried.paint[:28] == 200).all()
    assert not carried.fresh.any()
    assert (carried.target[32:88, 42:44] == 50).all()
    assert (carried.trust[:25] == 1).all(), "a farther frame adds nothing to what a nearer one knows"
    assert carried.trust.max() <= 1


def test_what_no_frame_has_shown_is_the_frame_itself_in_the_paints_colours_and_marked_as_fresh():
    earlier, later = uncovered()
    forward, backward = true_flows()
    history = History(Motion(long_term=(1,)), TrueFlows({(2, 1): backward, (1, 2): forward}))
    history.add(Finished(Shot(1, earlier), np.full((120, 160, 3), 200, np.uint8)))
    carried = history.carry(Shot(2, later), later)
    assert carried.fresh[30:90, 40:46].all()
    assert carried.fresh.sum() < 60 * 8
    assert np.abs(carried.paint[carried.fresh] - 200.0).mean() < 15 < np.abs(later[carried.fresh] - 200.0).mean()
    assert (carried.trust[carried.fresh] == 0).all()


def test_a_thin_thing_that_has_gone_leaves_no_line_in_the_paint():
    later = moved(0, 0) // 2
    earlier, painted = later.copy(), np.full((120, 160, 3), 200, np.uint8)
    earlier[20:100, 80:82] += 46
    painted[20:100, 80:82] = 30
    still = np.zeros((120, 160, 2), np.float32)
    history = History(Motion(long_term=(1,)), TrueFlows({(2, 1): still, (1, 2): still}))
    history.add(Finished(Shot(1, earlier), painted))
    carried = history.carry(Shot(2, later), later)
    around = carried.paint[20:100, 60:76].mean()
    assert abs(carried.paint[20:100, 80:82].mean() - around) < 30, "it begins in the colours of what is around"


def test_where_things_part_slowly_the_paint_of_one_is_not_drawn_out():
    scene = moved(0, 0)
    later = scene.copy()
    later[61:] = scene[60:-1]
    there, back = np.zeros((120, 160, 2), np.float32), np.zeros((120, 160, 2), np.float32)
    there[60:, :, 1], back[61:, :, 1] = 1, -1
    painted = np.full((120, 160, 3), 50, np.uint8)
    painted[60:] = 200
    history = History(Motion(long_term=(1,)), TrueFlows({(2, 1): back, (1, 2): there}))
    history.add(Finished(Shot(1, scene), painted))
    carried = history.carry(Shot(2, later), later)
    line = np.zeros((120, 160), bool)
    line[60] = True
    assert np.array_equal(carried.fresh, line)
    assert carried.paint[60].mean() < 190
    assert (carried.age[line] == 0).all()


def test_exact_motion_is_trusted_up_to_the_edge_of_a_thing_and_an_estimate_is_not():
    earlier, later = uncovered()
    forward, backward = true_flows()
    trusts = []
    for known in (False, True):
        history = History(Motion(long_term=(1,)), TrueFlows({(2, 1): backward, (1, 2): forward}, known))
        history.add(Finished(Shot(1, earlier), np.full((120, 160, 3), 200, np.uint8)))
        trusts.append(history.carry(Shot(2, later), later).trust)
    edge = np.abs(np.gradient(backward[..., 0], axis=0)) > 1
    seen = trusts[1][edge] > 0.9
    assert seen.sum() > 50
    assert (trusts[0][edge][seen] == 0).all()
    assert (trusts[1] >= trusts[0]).all()


def test_paint_is_trusted_more_with_every_frame_after_it_came_into_sight():
    earlier, later = uncovered()
    forward, backward = true_flows()
    still = np.zeros_like(forward)
    known = {(2, 1): backward, (1, 2): forward} | {(n, n - 1): still for n in range(3, 17)}
    known |= {(n - 1, n): still for n in range(3, 17)}
    history = History(Motion(long_term=(1,)), TrueFlows(known))
    history.add(Finished(Shot(1, earlier), np.full((120, 160, 3), 200, np.uint8)))
    ages, trusts, young = [], [], []
    for number in range(2, 16):
        carried = history.carry(Shot(number, later), later)
        young.append(bool(carried.young[60, 43]))
        ages.append(int(carried.age[60, 43]))
        trusts.append(float(carried.trust[60, 43]))
        assert not carried.young[:25].any(), "what has always been in sight is not young"
        history.add(Finished(Shot(number, later), carried.paint, age=carried.age))
    assert ages == [*range(MATURE), MATURE, MATURE]
    assert trusts[0] == 0 and trusts[-2:] == [1, 1] and np.all(np.diff(trusts[:-1]) > 0)
    assert young == [True] * YOUNG + [False] * (len(ages) - YOUNG)


def test_where_flows_disagree_but_colours_do_not_paint_is_begun_with_and_not_held():
    gentle = (128 + (moved(0, 0).astype(int) - 128) // 6).astype(np.uint8)  # textured, but hardly
    there, back = np.full((120, 160, 2), (1.5, 0), np.float32), np.zeros((120, 160, 2), np.float32)
    history = History(Motion(long_term=(1,)), TrueFlows({(2, 1): back, (1, 2): there}))
    history.add(Finished(Shot(1, gentle), np.full((120, 160, 3), 200, np.uint8)))
    carried = history.carry(Shot(2, gentle), gentle)
    assert not carried.fresh.any()
    assert (carried.paint == 200).all()
    doubted = carried.trust < 0.5
    assert doubted.mean() > 0.3


def test_in_a_slow_pan_the_border_is_new_and_not_drawn_out():
    flow = np.full((120, 160, 2), (0.4, 0), np.float32)  # less than half a pixel
    history = History(Motion(long_term=(1,)), TrueFlows({(2, 1): flow, (1, 2): -flow}))
    history.add(Finished(Shot(1, moved(0, 0)), np.full((120, 160, 3), 200, np.uint8)))
    carried = history.carry(Shot(2, moved(0, 0)), moved(0, 0))
    assert carried.fresh[:, -1].all()
    assert not carried.fresh[:, :-1].any()


def test_what_was_outside_of_the_mask_is_no_paint_to_carry():
    still = np.zeros((120, 160, 2), np.float32)
    history = History(Motion(long_term=(1,)), TrueFlows({(2, 1): still, (1, 2): still}))
    mask = np.zeros((120, 160), np.float32)
    mask[:, 80:] = 1
    history.add(Finished(Shot(1, moved(0, 0)), np.full((120, 160, 3), 200, np.uint8), mask))
    carried = history.carry(Shot(2, moved(0, 0)), moved(0, 0))
    assert carried.fresh[:, :79].all()
    assert not carried.fresh[:, 80:].any()


def test_paint_is_carried_into_the_light_of_now():
    still = np.zeros((120, 160, 2), np.float32)
    earlier = moved(0, 0)
    later = np.clip(earlier * 0.8, 0, 255).astype(np.uint8)
    history = History(Motion(long_term=(1,)), TrueFlows({(2, 1): still, (1, 2): still}))
    history.add(Finished(Shot(1, earlier), np.full((120, 160, 3), 200, np.uint8)))
    carried = history.carry(Shot(2, later), later)
    assert abs(carried.paint.mean() - 0.8 * 200) < 1
    assert abs(carried.target.mean() - 0.8 * 200) < 1
    assert not carried.fresh.any() and carried.trust.mean() > 0.8


def test_after_a_flash_paint_comes_from_before_it():
    still = np.zeros((120, 160, 2), np.float32)
    scene = moved(0, 0)
    flash = np.clip(scene.astype(int) + 120, 0, 255).astype(np.uint8)
    known = {(a, b): still for a in range(4) for b in range(4)}
    history = History(Motion(long_term=(1, 2)), TrueFlows(known))
    history.add(Finished(Shot(1, scene), np.full((120, 160, 3), 50, np.uint8)))
    history.add(Finished(Shot(2, flash), np.full((120, 160, 3), 255, np.uint8)))
    carried = history.carry(Shot(3, scene), scene)
    assert (carried.paint == 50).mean() > 0.95
