"""Flow: every method finds the motion that there is, and none where there is none."""

import numpy as np
import pytest
import torch
from known_motion import flow_by, moved, true_flows, uncovered
from paintings import CPU

from style_core.job import FLOWS, Motion, UserError
from style_core.motion.consistency import visible
from style_core.motion.denoise import denoised
from style_core.motion.flow import Flows
from style_core.motion.flows import Shot, flow_method, methods
from style_core.motion.flows.raft import renamed
from style_core.motion.propagation import propagated
from style_core.motion.rest import settled

CLASSICAL = ("dis-fast", "dis-medium", "dis-fine", "farneback")


def test_every_name_of_a_flow_method_has_a_file_that_makes_it():
    assert tuple(methods()) == FLOWS


@pytest.mark.parametrize("name", CLASSICAL)
def test_flow_points_from_the_frame_back_to_where_things_were(name):
    flow = flow_by(name, moved(4, -3), moved(0, 0))[20:-20, 20:-20]
    # Farneback's motion comes out too short on fine textures.
    assert np.abs(flow - (-4, 3)).mean() < (0.5 if name == "farneback" else 0.25)


def test_flow_in_small_frames_is_measured_in_pixels_of_the_large_ones():
    flows = Flows(Motion(flow_size=80), CPU)
    found, _ = flows.between(Shot(2, moved(6, 0)), Shot(1, moved(0, 0)))
    flows.close()
    assert found.shape == (120, 160, 2)
    assert np.abs(found[30:-30, 30:-30] - (-6, 0)).mean() < 0.5


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


def test_raft_with_the_authors_weights_finds_motion(data):
    weights = str(data / "weights" / "raft-small.pth")
    flow = flow_by("raft-small", moved(4, -3), moved(0, 0), flow_weights=weights)
    assert flow.shape == (120, 160, 2)
    assert np.abs(flow[20:-20, 20:-20] - (-4, 3)).mean() < 0.5


def test_what_stands_still_has_no_flow_at_all_whatever_the_grain():
    still = moved(0, 0)
    rng = np.random.default_rng(1)
    first, second = (np.clip(still + rng.normal(0, 2, still.shape), 0, 255).astype(np.uint8) for _ in range(2))
    trembling = flow_by("dis-medium", second, first)
    assert np.abs(trembling).max() > 0.01, "an estimate trembles"
    assert all(np.abs(flow).max() == 0 for flow in settled(trembling, trembling, second, first))


def test_what_moves_slowly_keeps_its_flow():
    earlier, later = moved(0, 0), moved(1, 0)
    flow, there = flow_by("dis-medium", later, earlier), flow_by("dis-medium", earlier, later)
    assert np.abs(settled(flow, there, later, earlier)[0][20:-20, 20:-20] - (-1, 0)).mean() < 0.15


def wall(across=0, light=0.0):
    """A shaded wall above ground with much detail, seen by a camera so many pixels further to the left, with so many
    levels more light."""
    x = np.arange(160, dtype=np.float32) - across
    scene = moved(across, 0)
    scene[:60] = (120 + light + 30 * np.sin(x / 30)).round()[None, :, None]
    return scene


def test_a_wall_whose_light_changes_stands_still():
    earlier, later = wall(), wall(light=2.6)
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


def test_a_wall_that_is_panned_over_moves():
    earlier, later = wall(), wall(across=3)
    flow = np.full((120, 160, 2), (-3, 0), np.float32)
    kept = settled(flow, -flow, later, earlier)[0][:50, 10:-10]
    assert np.abs(kept - (-3, 0)).mean() < 0.6, "but where its shade is at its extremes, which nothing shows"


def test_the_background_beside_a_moving_thing_gets_its_own_flow_back():
    earlier, later = uncovered()
    forward, backward = flow_by("dis-fine", earlier, later), flow_by("dis-fine", later, earlier)
    better = propagated(forward, backward, earlier, later)
    ahead = np.s_[32:88, 106:114]  # background that the thing has not reached yet
    wrong = [np.abs(flow[ahead]).sum(-1).mean() for flow in (backward, better[1])]
    assert wrong[1] < 0.1 * wrong[0]
    known = visible(*true_flows()) < 0.5
    taken = [(visible(*pair) < 0.5)[~known].sum() for pair in ((forward, backward), better)]
    assert taken[1] < 0.05 * taken[0], "and is no longer taken for hidden"


def test_where_nothing_moves_there_is_nothing_to_take_over():
    still = np.zeros((120, 160, 2), np.float32)
    assert not np.stack(propagated(still, still, moved(0, 0), moved(0, 0))).any()


def test_grain_is_averaged_away_along_the_motion_and_what_changes_stays():
    rng = np.random.default_rng(3)
    clean = [moved(2 * i, 0) for i in range(3)]
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
