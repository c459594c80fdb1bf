"""Faces: found at any size and tilt, covered softly with forehead and chin, and held steady over a clip."""

import cv2
import numpy as np
import pytest
from drawn import lend_networks, person

from style_core.media.clip import open_clip
from style_core.regions.faces import Face, Faces, distinct, face_matte
from style_core.regions.smoothing import face_mattes, steady_faces

FRAMES = 30


@pytest.fixture
def faces(request, monkeypatch):
    lend_networks(request, monkeypatch)
    return Faces()


def face(x, y, side, score=0.9):
    """A face that looks straight ahead, by its box."""
    marks = np.array([(0.3, 0.35), (0.7, 0.35), (0.5, 0.6), (0.5, 0.8), (0.05, 0.4), (0.95, 0.4)])
    return Face(np.array([x, y, side, side], float), marks * side + (x, y), score)


def scenes(count, seed=0):
    """The same frame, so often: a ground with discs."""
    rng = np.random.default_rng(seed)
    picture = np.full((120, 160, 3), rng.integers(60, 200, 3), np.uint8)
    for x, y, radius, *colour in rng.integers(0, (160, 120, 24, 256, 256, 256), (30, 6)).tolist():
        cv2.circle(picture, (x, y), radius, colour, -1)
    return [picture] * count


@pytest.mark.parametrize("side", [18, 60, 100])
def test_a_face_is_found_where_it_is_whatever_its_size(faces, side):
    found = faces.boxes(person(at=(150, 100), side=side)[0])
    assert len(found) == 1
    x, y, width, height, score = found[0]
    assert np.hypot(x + width / 2 - 150, y + height / 2 - 100 - 0.1 * side) < 0.12 * side
    assert 0.8 * side < width < 1.2 * side
    assert score > 0.75


def test_a_small_face_is_found_in_a_large_picture_and_of_two_both(faces):
    picture = person(size=(720, 1280), at=(900, 200), side=50)[0]
    picture[300:540, 100:420] = person(side=70)[0]
    assert sorted(round(box[0] / 100) for box in faces.boxes(picture)) == [2, 9]


def test_where_nobody_is_no_face_is_found(faces):
    assert faces.boxes(np.full((240, 320, 3), 128, np.uint8)) == []
    assert faces.boxes(scenes(1)[0]) == []
    assert faces.matte(scenes(1)[0]).max() == 0


@pytest.mark.parametrize("tilt", [-0.5, 0.4])
def test_the_matte_is_tilted_as_the_head_is(faces, tilt):
    picture, _ = person(tilt=tilt)
    assert faces.faces(picture)[0].roll == pytest.approx(tilt, abs=0.1)
    matte = faces.matte(picture)
    y, x = np.nonzero(matte > 0.5)
    spread = np.linalg.eigh(np.cov(x, y))[1][:, 1]  # along the ellipse
    assert abs(np.dot(spread, (-np.sin(tilt), np.cos(tilt)))) > 0.98


def test_the_matte_covers_forehead_eyes_and_chin_and_not_the_shirt(faces):
    matte = faces.matte(person(at=(160, 110), side=60)[0])
    for y in (110 - 36, 105, 110 + 36):
        assert matte[y, 160] > 0.6
    assert matte[110 + 75, 160] == 0
    assert ((matte > 0.02) & (matte < 0.98)).any(), "its edge is soft"


def test_of_boxes_of_one_face_the_surest_stays():
    kept = distinct([face(10, 10, 40, 0.7), face(14, 12, 40, 0.9), face(90, 10, 40, 0.6), face(98, 20, 16, 0.5)])
    assert [one.score for one in kept] == [0.9, 0.6]


def test_a_face_that_moves_is_followed_without_lag_trembling_less():
    rng = np.random.default_rng(3)
    path = [30 + 2.0 * k for k in range(FRAMES)]
    found = [[face(x + rng.normal(0, 1.5), 40 + rng.normal(0, 1.5), 30)] for x in path]
    steady = list(steady_faces(zip(scenes(FRAMES), found, strict=True)))
    raw, told = (np.array([one[0].box[0] for one in each]) - path for each in (found, steady))
    assert abs(told[8:-8].mean() - raw[8:-8].mean()) < 0.2, "it does not lag"
    assert np.abs(np.diff(told, 2)).mean() < 0.35 * np.abs(np.diff(raw, 2)).mean()


def test_short_gaps_are_filled_and_long_ones_are_not():
    found = [[face(30 + k, 40, 30)] for k in range(FRAMES)]
    found[5:10], found[15:27] = [[]] * 5, [[]] * 12
    steady = list(steady_faces(zip(scenes(FRAMES), found, strict=True)))
    assert [len(faces) for faces in steady] == [1] * 15 + [0] * 12 + [1] * 3
    assert steady[7][0].box[0] == pytest.approx(37, abs=0.5)


def test_a_doubtful_face_counts_where_it_was_sure_before_and_else_does_not():
    sure_then_doubtful = [[face(30, 40, 30, 0.85 if k < 8 else 0.55), face(100, 60, 30, 0.6)] for k in range(FRAMES)]
    steady = list(steady_faces(zip(scenes(FRAMES), sure_then_doubtful, strict=True)))
    assert [[round(one.box[0]) for one in faces] for faces in steady] == [[30]] * FRAMES


def test_no_face_is_carried_over_a_cut():
    frames = scenes(10) + scenes(10, seed=8)
    found = [[face(30, 40, 30)]] * 10 + [[]] + [[face(34, 42, 30)]] * 9
    steady = [len(faces) for faces in steady_faces(zip(frames, found, strict=True))]
    assert steady == [1] * 10 + [0] + [1] * 9


def test_a_clip_has_a_matte_for_every_frame_some_frames_later(faces):
    frames = [person(at=(140 + 3 * k, 110))[0] for k in range(4)]
    mattes = list(face_mattes(iter(frames), faces))
    assert [matte.shape for matte in mattes] == [(240, 320)] * 4
    middles = [np.argwhere(matte > 0.5).mean(0)[1] for matte in mattes]
    assert np.diff(middles) == pytest.approx([3, 3, 3], abs=0.7)


def test_an_ellipse_at_the_border_is_cut_off_there():
    matte = face_matte([face(-15, 20, 30)], (60, 80))
    assert matte[35, 0] == 1
    assert matte[:, 40:].max() == 0


@pytest.mark.parametrize(
    ("film", "numbers", "most_missed"),
    [
        ("intel_preview_head-pose-face-detection-female.gif", range(1, 24, 5), 0),
        ("sintel_trailer-720p.mp4", range(546, 564, 9), 0),
    ],
)
def test_in_real_footage_the_one_face_is_found_and_no_other(faces, data, film, numbers, most_missed):
    clip = open_clip(str(data / "footage" / film))
    counts = [len(faces.boxes(clip.read(number).rgb)) for number in numbers]
    assert max(counts) == 1
    assert counts.count(0) <= most_missed
