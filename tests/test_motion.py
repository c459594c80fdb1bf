"""Flow, warp and consistency: pixels end where the motion takes them, and what was hidden is known."""

import cv2
import numpy as np
import OpenImageIO
import pytest
import torch
from paintings import CPU

from style_core.job import FLOWS, Motion, UserError
from style_core.motion.consistency import sight, smooth, visible
from style_core.motion.denoise import denoised
from style_core.motion.flow import Flows
from style_core.motion.flows import Shot, flow_method, methods
from style_core.motion.flows.files import FLO_TAG, is_exact, turned_round
from style_core.motion.flows.raft import renamed
from style_core.motion.history import MATURE, YOUNG, Finished, History
from style_core.motion.propagation import propagated
from style_core.motion.rest import settled
from style_core.motion.warp import grid, inside, warp

CLASSICAL = ("dis-fast", "dis-medium", "dis-fine", "farneback")


@pytest.fixture(scope="module")
def texture():
    noise = np.random.default_rng(5).integers(0, 256, (160, 200, 3), np.uint8)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.5).astype(np.float32)
    return (128 + 4 * (soft - soft.mean())).clip(0, 255).astype(np.uint8)


def moved(texture, dx, dy, height=120, width=160):
    """The view of the texture after its content moved by (dx, dy)."""
    return np.ascontiguousarray(texture[20 - dy : 20 - dy + height, 20 - dx : 20 - dx + width])


def flow_by(name, frame, other, **more):
    return flow_method(Motion(flow=name, **more), CPU)(Shot(2, frame), Shot(1, other))


def write_flo(path, flow):
    path.parent.mkdir(parents=True, exist_ok=True)
    header = np.float32(FLO_TAG).tobytes() + np.int32(flow.shape[1::-1]).tobytes()
    path.write_bytes(header + flow.astype("<f4").tobytes())


def test_every_name_of_a_flow_method_has_a_file_that_makes_it():
    assert tuple(methods()) == FLOWS


@pytest.mark.parametrize("name", CLASSICAL)
def test_flow_points_from_the_frame_back_to_where_things_were(texture, name):
    flow = flow_by(name, moved(texture, 4, -3), moved(texture, 0, 0))[20:-20, 20:-20]
    # Farneback's motion comes out too short on fine textures.
    assert np.abs(flow - (-4, 3)).mean() < (0.5 if name == "farneback" else 0.25)


def test_warp_moves_the_earlier_picture_onto_the_later_one(texture):
    earlier, later = moved(texture, 0, 0), moved(texture, 4, -3)
    flow = np.full((120, 160, 2), (-4, 3), np.float32)
    result, known = warp(earlier, flow), inside(grid(flow) + flow)
    assert np.array_equal(result[known], later[known])
    assert not known[:, :4].any(), "what came in from the left was not in the earlier frame"
    assert not known[-3:].any()
    assert known[:-3, 4:].all()


def test_warp_by_half_a_pixel_keeps_the_brightness(texture):
    earlier = moved(texture, 0, 0)
    result = warp(earlier, np.full((120, 160, 2), 0.5, np.float32))
    assert abs(result[:-1, :-1].mean() - earlier.mean()) < 0.5


def test_what_stands_still_has_no_flow_at_all_whatever_the_grain(texture):
    still = moved(texture, 0, 0)
    rng = np.random.default_rng(1)
    first, second = (np.clip(still + rng.normal(0, 2, still.shape), 0, 255).astype(np.uint8) for _ in range(2))
    trembling = flow_by("dis-medium", second, first)
    assert np.abs(trembling).max() > 0.01, "an estimate trembles"
    assert all(np.abs(flow).max() == 0 for flow in settled(trembling, trembling, second, first))


def test_what_moves_slowly_keeps_its_flow(texture):
    earlier, later = moved(texture, 0, 0), moved(texture, 1, 0)
    flow, there = flow_by("dis-medium", later, earlier), flow_by("dis-medium", earlier, later)
    assert np.abs(settled(flow, there, later, earlier)[0][20:-20, 20:-20] - (-1, 0)).mean() < 0.15


def wall(texture, across=0, light=0.0):
    """A shaded wall above ground with much detail, seen by a camera so many pixels further to the left, with so many
    levels more light."""
    x = np.arange(160, dtype=np.float32) - across
    scene = moved(texture, across, 0)
    scene[:60] = (120 + light + 30 * np.sin(x / 30)).round()[None, :, None]
    return scene


def test_a_wall_whose_light_changes_stands_still(texture):
    earlier, later = wall(texture), wall(texture, light=2.6)
    flows = flow_by("dis-fine", later, earlier), flow_by("dis-fine", earlier, later)
    for flow, rest in zip(flows, settled(*flows, later, earlier), strict=True):
        assert np.abs(flow[:50]).mean() > 0.3, "its shades wander"
        assert np.abs(rest[:50]).mean() < 0.02


def test_grain_in_fog_moves_nothing():
    rng = np.random.default_rng(3)
    later, earlier = (np.clip(rng.normal(128, 1.2, (96, 128, 3)), 0, 255).astype(np.uint8) for _ in range(2))
    chance = rng.normal(0, 2, (96, 128, 2)).astype(np.float32)
    for flow in settled(chance, -chance, later, earlier):
        assert np.abs(flow).mean() < 0.05, "of what shows nothing, nothing is known to move"


def test_a_wall_that_is_panned_over_moves(texture):
    earlier, later = wall(texture), wall(texture, across=3)
    flow = np.full((120, 160, 2), (-3, 0), np.float32)
    kept = settled(flow, -flow, later, earlier)[0][:50, 10:-10]
    assert np.abs(kept - (-3, 0)).mean() < 0.6, "but where its shade is at its extremes, which nothing shows"


def uncovered(texture):
    """A frame, and the next, in which a thing has gone 6 pixels to the right: columns 40 to 46 come into sight."""
    earlier, later = moved(texture, 0, 0), moved(texture, 0, 0)
    thing = 255 - texture[60:120, 60:120]
    earlier[30:90, 40:100] = thing
    later[30:90, 46:106] = thing
    return earlier, later


def true_flows():
    """Of `uncovered`: from the earlier frame to the later, and back."""
    forward, backward = np.zeros((120, 160, 2), np.float32), np.zeros((120, 160, 2), np.float32)
    forward[30:90, 40:100], backward[30:90, 46:106] = (6, 0), (-6, 0)
    return forward, backward


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


def test_flows_that_agree_on_another_colour_are_not_believed(texture):
    still = np.zeros((120, 160, 2), np.float32)
    earlier, later = moved(texture, 0, 0), moved(texture, 0, 0)
    later[40:60, 40:60] = 255 - later[40:60, 40:60]
    seen = sight(still, still, earlier, later).seen
    assert (seen[44:56, 44:56] < 0.5).mean() > 0.7
    assert (seen[80:, 80:] == 1).all()


def test_a_change_of_the_light_hides_nothing(texture):
    still = np.zeros((120, 160, 2), np.float32)
    earlier = moved(texture, 0, 0)
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


def test_paint_is_carried_into_the_light_of_now(texture):
    still = np.zeros((120, 160, 2), np.float32)
    earlier = moved(texture, 0, 0)
    later = np.clip(earlier * 0.8, 0, 255).astype(np.uint8)
    history = History(Motion(long_term=(1,)), TrueFlows({(2, 1): still, (1, 2): still}))
    history.add(Finished(Shot(1, earlier), np.full((120, 160, 3), 200, np.uint8)))
    carried = history.carry(Shot(2, later), later)
    assert abs(carried.paint.mean() - 0.8 * 200) < 1
    assert abs(carried.target.mean() - 0.8 * 200) < 1
    assert not carried.fresh.any() and carried.trust.mean() > 0.8


def test_after_a_flash_paint_comes_from_before_it(texture):
    still = np.zeros((120, 160, 2), np.float32)
    scene = moved(texture, 0, 0)
    flash = np.clip(scene.astype(int) + 120, 0, 255).astype(np.uint8)
    known = {(a, b): still for a in range(4) for b in range(4)}
    history = History(Motion(long_term=(1, 2)), TrueFlows(known))
    history.add(Finished(Shot(1, scene), np.full((120, 160, 3), 50, np.uint8)))
    history.add(Finished(Shot(2, flash), np.full((120, 160, 3), 255, np.uint8)))
    carried = history.carry(Shot(3, scene), scene)
    assert (carried.paint == 50).mean() > 0.95


@pytest.mark.parametrize("gap, weight", [(0.4, 1), (1.0, 0.5), (1.6, 0)])
def test_the_weight_is_a_half_where_ruder_et_al_have_their_threshold(gap, weight):
    """|w + w'|^2 = 0.01 (|w|^2 + |w'|^2) + 0.5, their eq. 5, for flows whose sum is as large as `gap` thresholds."""
    back = np.zeros((9, 9, 2), np.float32)
    forward = np.zeros((9, 9, 2), np.float32)
    # gap^2 = share * gap^2 + 0.5 at the threshold itself.
    forward[..., 0] = np.sqrt(gap * 0.5 / (1 - 0.01 * gap))
    assert visible(forward, back)[4, 4] == pytest.approx(weight, abs=1e-3)


def test_an_estimate_finds_what_an_object_uncovers(texture):
    earlier, later = uncovered(texture)
    seen = visible(flow_by("dis-medium", earlier, later), flow_by("dis-medium", later, earlier))
    assert seen[40:80, 60:95].mean() > 0.9
    assert seen[:20].mean() > 0.95
    assert seen[40:80, 41:45].mean() < 0.5


def test_the_background_beside_a_moving_thing_gets_its_own_flow_back(texture):
    earlier, later = uncovered(texture)
    forward, backward = flow_by("dis-fine", earlier, later), flow_by("dis-fine", later, earlier)
    better = propagated(forward, backward, earlier, later)
    ahead = np.s_[32:88, 106:114]  # background that the thing has not reached yet
    wrong = [np.abs(flow[ahead]).sum(-1).mean() for flow in (backward, better[1])]
    assert wrong[1] < 0.1 * wrong[0]
    known = visible(*true_flows()) < 0.5
    taken = [(visible(*pair) < 0.5)[~known].sum() for pair in ((forward, backward), better)]
    assert taken[1] < 0.05 * taken[0], "and is no longer taken for hidden"


def test_where_nothing_moves_there_is_nothing_to_take_over(texture):
    still = np.zeros((120, 160, 2), np.float32)
    assert not np.stack(propagated(still, still, moved(texture, 0, 0), moved(texture, 0, 0))).any()


def test_a_pixel_belongs_to_the_frame_up_to_its_own_border():
    places = np.full((4, 4, 2), 1.0, np.float32)
    places[0, :, 0] = (-0.4, -0.6, 3.4, 3.6)
    assert inside(places)[0].tolist() == [True, False, True, False]


def test_flow_from_middlebury_files_is_read_for_both_directions(tmp_path):
    there, back = np.full((20, 30, 2), (1.5, -2), np.float32), np.full((20, 30, 2), (-1.5, 2), np.float32)
    write_flo(tmp_path / "forward" / "frame_0004.flo", there)
    write_flo(tmp_path / "backward" / "frame_0005.flo", back)
    motion = Motion(flow="files", flow_path=str(tmp_path))
    flow = flow_method(motion, CPU)
    picture = np.zeros((20, 30, 3), np.uint8)
    assert not is_exact(motion)
    assert np.array_equal(flow(Shot(4, picture), Shot(5, picture)), there)
    assert np.array_equal(flow(Shot(5, picture), Shot(4, picture)), back)
    assert np.array_equal(flow(Shot(4, picture), Shot(4, picture)), np.zeros_like(there))
    with pytest.raises(UserError, match="no flow for frame 5"):
        flow(Shot(4, picture), Shot(6, picture))


def test_flow_from_files_is_brought_to_the_size_of_the_frames(tmp_path):
    write_flo(tmp_path / "0001.flo", np.full((20, 30, 2), (3, 4), np.float32))
    flow = flow_method(Motion(flow="files", flow_path=str(tmp_path)), CPU)
    found = flow(Shot(1, np.zeros((40, 90, 3), np.uint8)), Shot(2, np.zeros((40, 90, 3), np.uint8)))
    assert found.shape == (40, 90, 2)
    assert np.allclose(found, (9, 8))


def test_flow_over_several_frames_is_put_together_from_files(tmp_path):
    for number in (1, 2, 3):
        write_flo(tmp_path / f"{number:04d}.flo", np.full((20, 30, 2), (number, 0), np.float32))
    flow = flow_method(Motion(flow="files", flow_path=str(tmp_path)), CPU)
    picture = np.zeros((20, 30, 3), np.uint8)
    assert np.allclose(flow(Shot(1, picture), Shot(4, picture)), (6, 0))
    assert np.allclose(flow(Shot(4, picture), Shot(1, picture))[:, 6:], (-6, 0))


def test_flow_forwards_alone_is_turned_round():
    forward, backward = true_flows()
    found = turned_round(forward)
    seen = visible(forward, found)
    assert np.array_equal(found[30:90, 46:106], backward[30:90, 46:106])
    assert (seen[32:88, 41:45] < 0.5).all(), "nothing is found for what was hidden"


def test_the_vector_pass_counts_upwards_and_has_both_directions(tmp_path):
    channels = np.zeros((20, 30, 4), np.float32)
    channels[...] = (-10, -5, -15, -10)  # a thing that has moved by (10, 5), and will by (15, 10), counted upwards
    spec = OpenImageIO.ImageSpec(30, 20, 4, "float")
    spec.channelnames = tuple(f"ViewLayer.Vector.{c}" for c in "XYZW")
    file = OpenImageIO.ImageOutput.create(str(tmp_path / "pass0007.exr"))
    file.open(str(tmp_path / "pass0007.exr"), spec)
    file.write_image(channels)
    file.close()
    motion = Motion(flow="files", flow_path=str(tmp_path))
    flow, picture = flow_method(motion, CPU), np.zeros((20, 30, 3), np.uint8)
    assert is_exact(motion)
    assert not is_exact(Motion())
    assert np.allclose(flow(Shot(7, picture), Shot(6, picture)), (-10, 5))
    assert np.allclose(flow(Shot(7, picture), Shot(8, picture)), (15, -10))


def test_flow_files_that_are_missing_or_damaged_are_named(tmp_path):
    picture = np.zeros((20, 30, 3), np.uint8)
    with pytest.raises(UserError, match="name the motion folder"):
        flow_method(Motion(flow="files"), CPU)
    flow = flow_method(Motion(flow="files", flow_path=str(tmp_path)), CPU)
    with pytest.raises(UserError, match="has no flow in it"):
        flow(Shot(1, picture), Shot(2, picture))
    (tmp_path / "0001.flo").write_bytes(b"PIEH and nothing more")
    with pytest.raises(UserError, match=r"0001\.flo' cannot be read"):
        flow(Shot(1, picture), Shot(2, picture))


def test_raft_without_weights_and_with_untrusted_ones_is_refused(tmp_path):
    with pytest.raises(UserError, match="needs its weights"):
        flow_method(Motion(flow="raft-small"), CPU)
    torch.save({"a": torch.zeros(1)}, tmp_path / "mine.pth")
    with pytest.raises(UserError, match="could run foreign code"):
        flow_method(Motion(flow="raft-small", flow_weights=str(tmp_path / "mine.pth")), CPU)


def test_the_authors_names_of_rafts_parts_are_known():
    for theirs, ours in {
        "module.fnet.layer2.0.downsample.0.bias": "feature_encoder.layer2.0.downsample.0.bias",
        "module.cnet.layer1.1.norm2.weight": "context_encoder.layer1.1.convnormrelu2.1.weight",
        "module.update_block.gru.convq2.bias": "update_block.recurrent_block.convgru2.convq.bias",
        "module.update_block.mask.2.weight": "mask_predictor.conv.weight",
        "feature_encoder.conv.weight": "feature_encoder.conv.weight",
    }.items():
        assert renamed(theirs) == ours


def test_raft_with_the_authors_weights_finds_motion(texture, data):
    weights = str(data / "weights" / "raft-small.pth")
    flow = flow_by("raft-small", moved(texture, 4, -3), moved(texture, 0, 0), flow_weights=weights)
    assert flow.shape == (120, 160, 2)
    assert np.abs(flow[20:-20, 20:-20] - (-4, 3)).mean() < 0.5


def test_flow_is_found_once_and_kept_in_files_where_that_is_wanted(texture, tmp_path):
    pair = Shot(8, moved(texture, 2, 0)), Shot(7, moved(texture, 0, 0))
    flows, kept = Flows(Motion(), CPU), Flows(Motion(), CPU, tmp_path / "flow")
    assert flows.ahead(*pair) is flows.ahead(*pair)
    found = kept.between(*pair)
    assert np.array_equal(found, flows.between(*pair)), "kept or not, it is the same to the bit"
    assert np.array_equal(found, flows.between(*pair[::-1])[::-1]), "whichever of the two is asked from"
    again = Flows(Motion(), CPU, tmp_path / "flow")
    again.method = None
    assert np.array_equal(again.between(*pair), found)
    for each in (flows, kept, again):
        each.close()


@pytest.mark.parametrize("left", [0, 40, 2000])
def test_a_damaged_file_of_kept_flow_is_found_anew(texture, tmp_path, left):
    pair = Shot(1, moved(texture, 0, 0)), Shot(2, moved(texture, 2, 0))
    known = []
    for _ in range(2):
        flows = Flows(Motion(), CPU, tmp_path / "flow")
        known.append(flows.between(*pair))
        flows.close()
        (file,) = (tmp_path / "flow").iterdir()
        whole = file.read_bytes()
        file.write_bytes(whole[:left])
    assert np.array_equal(*known)
    assert len(whole) > 2000


def test_flow_that_cannot_be_kept_says_so(texture, tmp_path):
    (tmp_path / "flow").write_text("a file where the folder should be")
    flows = Flows(Motion(), CPU, tmp_path / "flow")
    with pytest.raises(UserError, match="cannot be written"):
        flows.between(Shot(2, moved(texture, 1, 0)), Shot(1, moved(texture, 0, 0)))
    flows.close()


def test_flow_in_small_frames_is_measured_in_pixels_of_the_large_ones(texture):
    flows = Flows(Motion(flow_size=80), CPU)
    found, _ = flows.between(Shot(2, moved(texture, 6, 0)), Shot(1, moved(texture, 0, 0)))
    flows.close()
    assert found.shape == (120, 160, 2)
    assert np.abs(found[30:-30, 30:-30] - (-6, 0)).mean() < 0.5


class TrueFlows:
    """Flow that is known."""

    def __init__(self, known, is_exact=False):
        self.known, self.is_exact = known, is_exact

    def between(self, frame, other):
        return self.known[frame.number, other.number], self.known[other.number, frame.number]


def test_paint_is_carried_from_the_nearest_frame_and_what_was_hidden_for_a_while_gets_its_own_again(texture):
    earlier, later = uncovered(texture)
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


def test_what_no_frame_has_shown_is_the_frame_itself_in_the_paints_colours_and_marked_as_fresh(texture):
    earlier, later = uncovered(texture)
    forward, backward = true_flows()
    history = History(Motion(long_term=(1,)), TrueFlows({(2, 1): backward, (1, 2): forward}))
    history.add(Finished(Shot(1, earlier), np.full((120, 160, 3), 200, np.uint8)))
    carried = history.carry(Shot(2, later), later)
    assert carried.fresh[30:90, 40:46].all()
    assert carried.fresh.sum() < 60 * 8
    assert np.abs(carried.paint[carried.fresh] - 200.0).mean() < 15 < np.abs(later[carried.fresh] - 200.0).mean()
    assert (carried.trust[carried.fresh] == 0).all()


def test_a_thin_thing_that_has_gone_leaves_no_line_in_the_paint(texture):
    later = moved(texture, 0, 0) // 2
    earlier, painted = later.copy(), np.full((120, 160, 3), 200, np.uint8)
    earlier[20:100, 80:82] += 46
    painted[20:100, 80:82] = 30
    still = np.zeros((120, 160, 2), np.float32)
    history = History(Motion(long_term=(1,)), TrueFlows({(2, 1): still, (1, 2): still}))
    history.add(Finished(Shot(1, earlier), painted))
    carried = history.carry(Shot(2, later), later)
    around = carried.paint[20:100, 60:76].mean()
    assert abs(carried.paint[20:100, 80:82].mean() - around) < 30, "it begins in the colours of what is around"


def test_exact_motion_is_trusted_up_to_the_edge_of_a_thing_and_an_estimate_is_not(texture):
    earlier, later = uncovered(texture)
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


def test_paint_is_trusted_more_with_every_frame_after_it_came_into_sight(texture):
    earlier, later = uncovered(texture)
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


def test_where_flows_disagree_but_colours_do_not_paint_is_begun_with_and_not_held(texture):
    gentle = (128 + (moved(texture, 0, 0).astype(int) - 128) // 6).astype(np.uint8)  # textured, but hardly
    there, back = np.full((120, 160, 2), (1.5, 0), np.float32), np.zeros((120, 160, 2), np.float32)
    history = History(Motion(long_term=(1,)), TrueFlows({(2, 1): back, (1, 2): there}))
    history.add(Finished(Shot(1, gentle), np.full((120, 160, 3), 200, np.uint8)))
    carried = history.carry(Shot(2, gentle), gentle)
    assert not carried.fresh.any()
    assert (carried.paint == 200).all()
    doubted = carried.trust < 0.5
    assert doubted.mean() > 0.3


def test_in_a_slow_pan_the_border_is_new_and_not_drawn_out(texture):
    flow = np.full((120, 160, 2), (0.4, 0), np.float32)  # less than half a pixel
    history = History(Motion(long_term=(1,)), TrueFlows({(2, 1): flow, (1, 2): -flow}))
    history.add(Finished(Shot(1, moved(texture, 0, 0)), np.full((120, 160, 3), 200, np.uint8)))
    carried = history.carry(Shot(2, moved(texture, 0, 0)), moved(texture, 0, 0))
    assert carried.fresh[:, -1].all()
    assert not carried.fresh[:, :-1].any()


def test_what_was_outside_of_the_mask_is_no_paint_to_carry(texture):
    still = np.zeros((120, 160, 2), np.float32)
    history = History(Motion(long_term=(1,)), TrueFlows({(2, 1): still, (1, 2): still}))
    mask = np.zeros((120, 160), np.float32)
    mask[:, 80:] = 1
    history.add(Finished(Shot(1, moved(texture, 0, 0)), np.full((120, 160, 3), 200, np.uint8), mask))
    carried = history.carry(Shot(2, moved(texture, 0, 0)), moved(texture, 0, 0))
    assert carried.fresh[:, :79].all()
    assert not carried.fresh[:, 80:].any()


def test_grain_is_averaged_away_along_the_motion_and_what_changes_stays(texture):
    rng = np.random.default_rng(3)
    clean = [moved(texture, 2 * i, 0) for i in range(3)]
    grainy = [np.clip(p + rng.normal(0, 4, p.shape), 0, 255).astype(np.uint8) for p in clean]
    grainy[1][50:60, 70:80] = 255  # a flash, in this frame alone
    shots = [Shot(i, p) for i, p in enumerate(grainy)]
    flows = Flows(Motion(), CPU)
    result = denoised(shots[1].rgb, shots[1], (shots[0], shots[2]), flows, 1.0)
    flows.close()
    part = np.s_[70:-15, 15:-15]
    before, after = (np.square(p[part].astype(float) - clean[1][part]).mean() ** 0.5 for p in (grainy[1], result))
    assert after < 0.75 * before
    assert (result[52:58, 72:78] > 245).all()
