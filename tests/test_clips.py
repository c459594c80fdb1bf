"""The rendered clips: their flow explains what is seen, and their occlusions are where things came into sight."""

import os
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from style_core.motion.warp import grid, inside, warp
from tests.conftest import BEDS, ROOT, SECONDS, environment_python, missing

pytestmark = [pytest.mark.blender, pytest.mark.slow]

CLIPS = ("fast_occluder", "rotating")
FRAMES, WIDTH, HEIGHT = 4, 96, 54
LATER = range(2, FRAMES + 1)


@pytest.fixture(scope="module", params=BEDS[:2])
def clips(request: pytest.FixtureRequest, runtime: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small clips, rendered by each bpy module in turn."""
    python = environment_python(request.param, "STYLESTRIP_BPY_PYTHONS") or missing(request.param)
    out = tmp_path_factory.mktemp(request.param)
    command = [python, "-m", "benchmarks.clips", out, "--clips", *CLIPS, "--frames", FRAMES, "--width", WIDTH]
    done = subprocess.run(
        [*map(str, command)],
        env=os.environ | {"STYLESTRIP_RUNTIME": runtime},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return out


def frame(clip: Path, number: int) -> np.ndarray:
    """A frame, (H, W, 3) uint8."""
    return cv2.imread(str(clip / "frames" / f"{number:04d}.png"))


def flow(clip: Path, direction: str, number: int) -> np.ndarray:
    """Flow from a frame, (H, W, 2)."""
    return cv2.readOpticalFlow(str(clip / "flow" / direction / f"{number:04d}.flo"))


def occluded(clip: Path, number: int) -> np.ndarray:
    """Where a frame shows what was not seen before, (H, W) bool."""
    return cv2.imread(str(clip / "occlusion" / f"{number:04d}.png"), cv2.IMREAD_GRAYSCALE) == 255


def moving(found: np.ndarray) -> np.ndarray:
    """Where something moves, (H, W) bool."""
    return np.abs(found).max(axis=-1) > 0.05


def difference(clip: Path, number: int) -> tuple[np.ndarray, np.ndarray]:
    """How far a frame is from the one before carried along the flow, (H, W) of 255; and where that is valid."""
    backward = flow(clip, "backward", number)
    carried = warp(frame(clip, number - 1), backward)
    return np.abs(carried.astype(float) - frame(clip, number)).mean(axis=-1), inside(grid(backward) + backward)


def test_every_frame_has_its_files_and_no_others_do(clips):
    for name in CLIPS:
        found = {path.relative_to(clips / name).as_posix() for path in (clips / name).rglob("*.*")}
        wanted = {f"frames/{n:04d}.png" for n in range(1, FRAMES + 1)}
        wanted |= {f"flow/forward/{n - 1:04d}.flo" for n in LATER} | {f"flow/backward/{n:04d}.flo" for n in LATER}
        assert found == wanted | {f"occlusion/{n:04d}.png" for n in LATER}
        assert frame(clips / name, 1).shape == (HEIGHT, WIDTH, 3)
        assert frame(clips / name, 1).std() > 30, "there is a picture on it"


@pytest.mark.parametrize("name", CLIPS)
def test_the_flow_explains_the_frames_outside_of_occlusions(clips, name):
    for number in LATER:
        apart, inside = difference(clips / name, number)
        still = np.abs(frame(clips / name, number).astype(float) - frame(clips / name, number - 1)).mean(axis=-1)
        moved = inside & moving(flow(clips / name, "backward", number)) & ~occluded(clips / name, number)
        assert apart[inside & ~occluded(clips / name, number)].mean() < 3
        assert apart[moved].mean() < 0.5 * still[moved].mean(), "the motion is needed"


def test_the_flow_does_not_explain_the_frames_inside_of_occlusions(clips):
    for number in LATER:
        apart, inside = difference(clips / "fast_occluder", number)
        hidden = occluded(clips / "fast_occluder", number)
        assert apart[inside & hidden].mean() > 5 * apart[inside & ~hidden].mean()


def test_both_flows_undo_each_other_where_nothing_is_hidden(clips):
    for name in CLIPS:
        for number in LATER:
            backward, forward = flow(clips / name, "backward", number), flow(clips / name, "forward", number - 1)
            rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
            there = cv2.remap(forward, columns + backward[..., 0], rows + backward[..., 1], cv2.INTER_NEAREST)
            gap = np.linalg.norm(there + backward, axis=-1)[~occluded(clips / name, number)]
            assert np.quantile(gap, 0.97) < 0.3


def test_the_background_is_occluded_exactly_where_the_boat_has_left_it(clips):
    clip = clips / "fast_occluder"
    for number in LATER:
        before, now = moving(flow(clip, "forward", number - 1)), moving(flow(clip, "backward", number))
        left = before & ~now
        assert left.sum() > 30
        assert np.array_equal(occluded(clip, number) & ~now, left)


def test_the_boat_moves_to_the_right_by_some_pixels_a_frame(clips):
    clip = clips / "fast_occluder"
    for number in LATER:
        backward, forward = flow(clip, "backward", number), flow(clip, "forward", number - 1)
        speed = np.median(forward[moving(forward)], axis=0)
        assert 2.5 < speed[0] < 5 and abs(speed[1]) < 1
        assert np.median(backward[moving(backward)], axis=0) == pytest.approx(-speed, abs=0.2)


def test_what_comes_from_beyond_the_border_is_occluded(clips):
    clip = clips / "fast_occluder"
    backward, hidden = flow(clip, "backward", 2), occluded(clip, 2)
    beyond = np.arange(WIDTH) + backward[..., 0] < -0.5
    assert beyond.any(), "the stern is still outside"
    assert hidden[beyond].all()


def test_bodies_that_turn_bring_into_sight_only_what_lies_on_them_or_beside_them(clips):
    clip = clips / "rotating"
    for number in LATER:
        turning = moving(flow(clip, "forward", number - 1)) | moving(flow(clip, "backward", number))
        hidden = occluded(clip, number)
        assert hidden.any()
        assert not (hidden & ~turning).any()
