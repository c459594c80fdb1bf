"""An object followed through a film: in both directions, from any number of keyframes, as far as its shot goes."""

import sys

import numpy as np
import pytest
from moving import SIZE, as_matte, ground, likeness, shown

from style_core.job import Motion
from style_core.media.clip import open_clip
from style_core.motion.cuts import Cuts
from style_core.regions.appearance import nearest
from style_core.regions.following import follow, stretches_of
from style_core.setting import UserError

COUNT = 9


def film(count=COUNT, size=SIZE, radius=16, path=lambda t: (35 + 90 * t, 48)):
    """A disc that goes from left to right: frames and masks by their numbers, from 1."""
    below = ground(size)
    made = [shown(path(number / max(1, count - 1)), radius, size, below) for number in range(count)]
    return ({number: pair[side] for number, pair in enumerate(made, 1)} for side in (0, 1))


def followed(frames, masks, known, numbers=None, **options):
    """What `follow` finds, by the frames' numbers, when the true masks of some frames are known."""
    keyframes = {number: as_matte(masks[number]) for number in known}
    numbers = numbers or range(1, len(frames) + 1)
    found = list(follow(frames.__getitem__, numbers, keyframes, **options))
    assert [one.number for one in found] == list(numbers)
    return {one.number: one for one in found}


def worst(found, masks):
    """The least likeness to the true masks."""
    return min(likeness(one.matte, masks[number]) for number, one in found.items())


# --- one keyframe ---


@pytest.mark.parametrize("known", [1, 5, COUNT])
def test_a_thing_is_followed_forwards_and_backwards(known):
    frames, masks = film()
    found = followed(frames, masks, [known])
    assert worst(found, masks) > 0.85
    assert found[known].confidence == 1
    assert all(0.5 < one.confidence <= 1 for one in found.values())


def test_a_keyframe_is_kept_to_the_bit():
    frames, masks = film(3)
    odd = as_matte(masks[2])
    odd[10:14, 20:29] = 77
    found = {one.number: one for one in follow(frames.__getitem__, range(1, 4), {2: odd})}
    assert np.array_equal(found[2].matte, odd)


def test_a_film_of_one_frame_is_its_keyframe():
    frames, masks = film(1)
    assert np.array_equal(followed(frames, masks, [1])[1].matte, as_matte(masks[1]))


@pytest.mark.parametrize("size", [(160, 90), (97, 131), (54, 96)])
def test_portrait_odd_and_small_films_are_followed(size):
    middle = size[0] / 2
    frames, masks = film(5, size, 14, lambda t: (size[1] * (0.35 + 0.3 * t), middle))
    assert worst(followed(frames, masks, [1]), masks) > 0.8


def test_a_grey_film_is_followed():
    frames, masks = film(5)
    grey = {number: np.dstack([frame.max(-1)] * 3) for number, frame in frames.items()}
    assert worst(followed(grey, masks, [1]), masks) > 0.75


def test_a_tiny_thing_is_followed():
    frames, masks = film(5, (120, 200), 4, lambda t: (60 + 20 * t, 60))
    assert worst(followed(frames, masks, [1]), masks) > 0.4


def test_a_thing_that_fills_the_frame_fills_it_in_the_next():
    frames, masks = film(3, radius=300)
    found = followed(frames, masks, [1])
    assert found[3].matte.min() == 255


def test_a_uniform_film_keeps_its_matte_and_is_not_sure():
    masks = {number: np.zeros(SIZE, bool) for number in (1, 2, 3)}
    masks[1][30:60, 50:90] = True
    frames = {number: np.full((*SIZE, 3), 90, np.uint8) for number in masks}
    found = followed(frames, masks, [1])
    assert likeness(found[3].matte, masks[1]) > 0.9
    assert found[3].confidence <= 0.5


# --- leaving, coming back, cuts ---


def test_a_thing_that_leaves_has_an_empty_matte_and_is_found_when_it_comes_back():
    def there_and_back(t):
        return 120 + 75 * np.sin(np.pi * t), 48

    frames, masks = film(13, path=there_and_back)
    found = followed(frames, masks, [1])
    gone = [number for number, mask in masks.items() if not mask.any()]
    assert len(gone) > 2
    assert all(found[number].matte.mean() < 1 for number in gone[1:])
    assert likeness(found[13].matte, masks[13]) > 0.8


def two_shots():
    """The disc, then after a cut another film with a disc as well: frames and masks; the second begins at 5."""
    frames, masks = film(8)
    squares = (np.indices(SIZE) // 12).sum(0) % 2
    other = np.where(squares[..., None], (190, 200, 60), (40, 10, 70)).astype(np.uint8)
    for number in range(5, 9):
        frames[number], masks[number] = shown((120 - 8 * number, 40), 18, below=other)
    return frames, masks


def test_a_cut_ends_it_and_beyond_nothing_is_known():
    frames, masks = two_shots()
    found = followed(frames, masks, [2])
    assert worst({number: found[number] for number in range(1, 5)}, masks) > 0.85
    assert not any(found[number].matte.any() for number in range(5, 9))
    assert all(found[number].confidence == 0 for number in range(5, 9))


def test_each_shot_is_followed_from_its_own_keyframe():
    frames, masks = two_shots()
    assert worst(followed(frames, masks, [2, 7]), masks) > 0.85


def test_cuts_that_are_named_end_it():
    frames, masks = film()
    found = followed(frames, masks, [1], cuts=Cuts(Motion(cuts="4")))
    assert found[3].matte.any()
    assert not found[4].matte.any()


def test_a_flash_does_not_end_it():
    frames, masks = film()
    frames[4] = np.full((*SIZE, 3), 255, np.uint8)
    found = followed(frames, masks, [1])
    assert likeness(found[5].matte, masks[5]) > 0.8
    assert found[4].confidence <= 0.5


# --- several keyframes ---


def test_a_correction_improves_its_neighbours_on_both_sides():
    frames, masks = film(11)
    wrong = as_matte(masks[1])
    wrong[:, 20:34] = 0  # a half of the disc
    alone = {one.number: one for one in follow(frames.__getitem__, range(1, 12), {1: wrong})}
    keyframes = {1: wrong, 6: as_matte(masks[6])}
    mended = {one.number: one for one in follow(frames.__getitem__, range(1, 12), keyframes)}
    for number in (4, 5, 7, 8):
        better = likeness(mended[number].matte, masks[number])
        assert better > likeness(alone[number].matte, masks[number]) + 0.05
        assert better > 0.8


def test_where_a_keyframe_says_that_it_is_gone_it_is():
    frames, masks = film(7)
    masks[7] = np.zeros(SIZE, bool)
    found = followed(frames, masks, [1, 7])
    assert not found[7].matte.any()
    assert likeness(found[2].matte, masks[2]) > 0.8


def test_two_passes_that_disagree_are_less_sure_in_the_middle():
    frames, masks = film()
    other = np.zeros(SIZE, np.uint8)
    other[70:90, 20:60] = 255  # of the ground
    found = {one.number: one for one in follow(frames.__getitem__, range(1, 10), {1: as_matte(masks[1]), 9: other})}
    assert found[5].confidence < min(found[2].confidence, found[8].confidence)


# --- parts of a film ---


def test_a_frame_does_not_depend_on_which_frames_are_asked_for():
    frames, masks = film()
    whole = followed(frames, masks, [3, 8])
    for part in (range(1, 3), range(5, 7), range(9, 10), range(6, 10)):
        for number, one in followed(frames, masks, [3, 8], part).items():
            assert np.array_equal(one.matte, whole[number].matte)
            assert one.confidence == whole[number].confidence


def test_frames_are_read_one_by_one_and_the_work_is_told_to_its_end():
    frames, masks = film()
    told, read = [], []

    def reading(number):
        read.append(number)
        return frames[number]

    found = follow(reading, range(1, 10), {5: as_matte(masks[5])}, tell=lambda *steps: told.append(steps))
    next(found)
    assert max(read) <= 5
    list(found)
    dones = [done for _, done, _ in told]
    assert dones == sorted(dones)
    assert {total for _, _, total in told} == {dones[-1]}


def test_looking_for_the_nearest_of_ever_other_numbers_takes_no_more_memory():
    resource = pytest.importorskip("resource")  # Windows has none
    vectors = np.random.default_rng(1).normal(0, 1, (6000, 128)).astype(np.float32)
    peaks = []
    for count in range(60):
        nearest(vectors[: 6000 - 37 * count], vectors[: 2900 - 13 * count])
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    unit = 1 if sys.platform == "darwin" else 1024
    assert (peaks[-1] - peaks[4]) * unit < 40e6


@pytest.mark.parametrize(("count", "among"), [(1, 1), (1500, 700), (1024, 2048)])
def test_the_nearest_vector_is_found_however_many_there_are(count, among):
    random = np.random.default_rng(count)
    one, two = (random.normal(0, 1, (n, 24)).astype(np.float32) for n in (count, among))
    expected = np.sqrt(np.square(one[:50, None].astype(np.float64) - two[None]).sum(-1)).min(1)
    found = nearest(one, two)
    assert found.shape == (count,)
    assert np.allclose(found[:50], expected, atol=0.05)  # products may be rounded to 8 bits


def test_work_can_be_stopped_at_any_frame():
    frames, masks = film()

    def tell(number, done, total):
        if number == 3:
            raise KeyboardInterrupt

    found = follow(frames.__getitem__, range(1, 10), {1: as_matte(masks[1])}, tell=tell)
    assert [next(found).number for _ in range(3)] == [1, 2, 3]
    with pytest.raises(KeyboardInterrupt):
        next(found)


def test_no_frame_is_looked_at_in_vain():
    stretches = stretches_of(range(20, 23), [1, 10, 22, 40])
    assert [(stretch.left, stretch.right) for stretch in stretches] == [(10, 22), (22, 40)]
    assert stretches[0].forward == range(11, 22)
    assert list(stretches[0].backward) == [21, 20]
    assert stretches[1].forward == range(0)


# --- wrong input ---


def test_no_keyframe_and_one_of_another_size_are_named():
    frames, masks = film(2)
    with pytest.raises(UserError, match="known in no frame: cut it out in one at least"):
        list(follow(frames.__getitem__, range(1, 3), {}))
    with pytest.raises(UserError, match="matte of frame 2 is 20 x 10 pixels, but the film has 160 x 96"):
        list(follow(frames.__getitem__, range(1, 3), {1: as_matte(masks[1]), 2: np.zeros((10, 20), np.uint8)}))


# --- real films ---


def test_a_dancer_before_a_crowd_is_followed(data):
    folder = data / "davis" / "dance-twirl"
    pictures, truths = (open_clip(str(folder / name)) for name in ("frames", "masks"))
    frames = {number: pictures.read(number).rgb for number in range(1, 9)}
    masks = {number: truths.read(number).rgb[..., 0] > 127 for number in range(1, 9)}
    found = followed(frames, masks, [1])
    assert np.mean([likeness(found[number].matte, masks[number]) for number in frames]) > 0.8
    assert likeness(found[8].matte, masks[8]) < likeness(followed(frames, masks, [1, 8])[7].matte, masks[7])
