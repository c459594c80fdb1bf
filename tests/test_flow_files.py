"""Flow in files: what others have found or rendered is read, and what we have found is kept."""

import numpy as np
import OpenImageIO
import pytest
from known_motion import moved, true_flows
from paintings import CPU

from style_core.job import Motion, UserError
from style_core.motion.consistency import visible
from style_core.motion.flow import Flows
from style_core.motion.flows import Shot, flow_method
from style_core.motion.flows.files import FLO_TAG, is_exact, turned_round


def write_flo(path, flow):
    path.parent.mkdir(parents=True, exist_ok=True)
    header = np.float32(FLO_TAG).tobytes() + np.int32(flow.shape[1::-1]).tobytes()
    path.write_bytes(header + flow.astype("<f4").tobytes())


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


def test_flow_is_found_once_and_kept_in_files_where_that_is_wanted(tmp_path):
    pair = Shot(8, moved(2, 0)), Shot(7, moved(0, 0))
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
def test_a_damaged_file_of_kept_flow_is_found_anew(tmp_path, left):
    pair = Shot(1, moved(0, 0)), Shot(2, moved(2, 0))
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


def test_flow_that_cannot_be_kept_says_so(tmp_path):
    (tmp_path / "flow").write_text("a file where the folder should be")
    flows = Flows(Motion(), CPU, tmp_path / "flow")
    with pytest.raises(UserError, match="cannot be written"):
        flows.between(Shot(2, moved(1, 0)), Shot(1, moved(0, 0)))
    flows.close()
