"""Regions: each painted by itself in its own look, and laid over one another."""

import dataclasses
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import style_picture, write_film, write_png
from drawn import lend_networks, person
from paintings import CPU
from shots import WIDTH, write_shot

from style_core.job import Job, Keyframe, Look, MatteJob, Motion, Output, Region, Source, UserError
from style_core.matting import make_mattes
from style_core.media.clip import open_clip
from style_core.media.pictures import read_picture
from style_core.regions.finding import found_mattes
from style_core.regions.matte import Matte
from style_core.sequence import Cancelled, paint_job

LEFT, RIGHT = slice(8, 40), slice(56, 88)


def ignore(progress):
    """For jobs whose progress does not matter."""


def mask_of(path: Path, *parts: slice) -> str:
    """A mask that is white in these columns of a frame, but for its upper and lower 8 rows."""
    mask = np.zeros((64, 96), np.uint8)
    for part in parts:
        mask[8:-8, part] = 255
    path.parent.mkdir(exist_ok=True)
    return str(write_png(path, mask))


@pytest.fixture
def job(tmp_path):
    """Three frames of 96 x 64 in two regions, the right one in other colours."""
    write_film(tmp_path / "clip.mp4", 3)
    write_png(tmp_path / "orange.png", style_picture())
    write_png(tmp_path / "other.png", np.ascontiguousarray(255 - style_picture()))
    look = Look(styles=(str(tmp_path / "orange.png"),), steps=4)
    other = dataclasses.replace(look, styles=(str(tmp_path / "other.png"),), style_weight=20.0, optimiser="adam")
    left = Region(mask=mask_of(tmp_path / "left.png", LEFT), feather=0.0)
    right = Region(mask=mask_of(tmp_path / "right.png", RIGHT), feather=0.0, look=other)
    return Job(
        source=Source(path=str(tmp_path / "clip.mp4")),
        look=look,
        regions=(left, right),
        motion=Motion(steps=2, tolerance=0.0),
        output=Output(size=96, cache=str(tmp_path / "cache"), report=False),
        device="cpu",
    )


def painted(job):
    """The frames of a job, (N, H, W, 3) int."""
    return np.stack([read_picture(file).rgb for file in paint_job(job, ignore).files]).astype(int)


def grey(path):
    """A mask (H, W) uint8 from a file."""
    return read_picture(path).rgb[..., 0]


def changed(job):
    """Where the frames of a job are painted, (N, H, W) bool."""
    first = job.source.first - 1
    return np.abs(painted(job) - source(job)[first:]).max(-1) > 0


def source(job):
    """The frames that are painted, (N, H, W, 3) int."""
    clip = open_clip(job.source.path)
    return np.stack([clip.read(number).rgb for number in range(1, clip.count + 1)]).astype(int)


def alone(job, which, **values):
    """The job in one of its regions, with other settings of that."""
    return dataclasses.replace(job, regions=(dataclasses.replace(job.regions[which], **values),))


@pytest.mark.slow
def test_each_region_has_the_paint_that_it_has_alone_and_all_else_is_the_source(job):
    both, first, second = (painted(one) for one in (job, alone(job, 0), alone(job, 1)))
    assert np.array_equal(both[:, 8:-8, LEFT], first[:, 8:-8, LEFT])
    assert np.array_equal(both[:, 8:-8, RIGHT], second[:, 8:-8, RIGHT])
    outside = np.ones((64, 96), bool)
    outside[8:-8, LEFT] = outside[8:-8, RIGHT] = False
    assert np.array_equal(both[:, outside], source(job)[:, outside])
    assert np.abs(both - source(job))[:, 8:-8, LEFT].mean() > 5


@pytest.mark.slow
def test_regions_have_the_colours_of_their_own_style_pictures(job):
    film = painted(job)
    in_other = painted(alone(job, 1, look=dataclasses.replace(job.regions[1].look, styles=job.look.styles)))
    assert np.abs(film - in_other)[:, 8:-8, RIGHT].mean() > 3


@pytest.mark.slow
def test_a_later_region_lies_over_an_earlier_one_and_the_rest_below_both(job, tmp_path):
    wide = dataclasses.replace(job.regions[0], mask=mask_of(tmp_path / "wide.png", slice(8, 88)))
    film = painted(dataclasses.replace(job, regions=(wide, job.regions[1]), rest=True))
    assert np.array_equal(film[:, 8:-8, RIGHT], painted(alone(job, 1))[:, 8:-8, RIGHT])
    assert np.array_equal(film[:, 8:-8, LEFT], painted(alone(job, 0, mask=wide.mask))[:, 8:-8, LEFT])
    whole = painted(dataclasses.replace(job, regions=()))
    assert np.array_equal(film[:, :8], whole[:, :8])


def test_a_region_without_strength_keeps_the_source_in_a_painted_film(job):
    kept = dataclasses.replace(alone(job, 0, strength=0.0), rest=True)
    film, whole = painted(kept), painted(dataclasses.replace(job, regions=()))
    assert np.array_equal(film[:, 8:-8, LEFT], source(job)[:, 8:-8, LEFT])
    assert np.array_equal(film[:, :, RIGHT], whole[:, :, RIGHT])


def test_half_of_the_strength_is_half_of_the_paint(job):
    full, half = painted(alone(job, 0)), painted(alone(job, 0, strength=0.5))
    assert np.abs(half - (full + source(job)) / 2).max() <= 1


def test_a_soft_mask_mixes_paint_and_source(job, tmp_path):
    soft = np.tile(np.linspace(0, 255, 96), (64, 1)).round().astype(np.uint8)
    write_png(tmp_path / "soft.png", soft)
    film, full = (painted(alone(job, 0, mask=str(tmp_path / name))) for name in ("soft.png", "soft.png"))
    change = np.abs(film - source(job)).mean((0, 1, 3))
    assert not change[:1].any()
    assert change[4:16].mean() < 0.5 * change[-16:].mean()
    assert np.array_equal(film, full)


def test_a_mask_of_another_shape_is_named_and_one_of_another_size_is_not(job, tmp_path):
    nothing = dataclasses.replace(job.look, steps=0)
    for name, shape in (("square.png", (64, 64)), ("large.png", (129, 192))):
        write_png(tmp_path / name, np.full(shape, 255, np.uint8))
    job = dataclasses.replace(job, look=nothing)
    (note,) = paint_job(alone(job, 0, mask=str(tmp_path / "square.png")), ignore).notes
    assert "square.png' has 64 x 64 pixels and is stretched over frames of 96 x 64" in note
    assert not paint_job(alone(job, 0, mask=str(tmp_path / "large.png")), ignore).notes


def test_a_still_mask_is_decoded_once(job, monkeypatch):
    clip, region, decoded = open_clip(job.source.path), job.regions[0], []
    matte = Matte(region, region.mask, job.source, clip, range(1, 4))
    read = matte.masks.read
    monkeypatch.setattr(matte.masks, "read", lambda number: decoded.append(number) or read(number))
    masks = [matte.read(number, 96, 64) for number in (1, 2, 3)]
    assert decoded == [1] and np.array_equal(masks[0], masks[2])


@pytest.mark.slow
def test_only_the_region_that_changed_is_painted_again(job, monkeypatch):
    painted(job)
    told = []
    harder = dataclasses.replace(job.regions[1], look=dataclasses.replace(job.regions[1].look, style_weight=2.0))
    paint_job(dataclasses.replace(job, regions=(job.regions[0], harder)), lambda p: told.append((p.step, p.steps)))
    # Of the two halves of each frame's steps, those of the first region are never told.
    assert told and all(step >= steps / 2 for step, steps in told if step)


def test_another_feather_or_order_costs_no_painting(job):
    painted(job)
    told = []
    soft = tuple(dataclasses.replace(region, feather=5.0) for region in reversed(job.regions))
    paint_job(dataclasses.replace(job, regions=soft), lambda p: told.append(p.step))
    assert not any(told)


@pytest.mark.slow
def test_an_interrupted_film_of_regions_ends_with_the_same_bytes(job, tmp_path):
    moved = dataclasses.replace(job, output=dataclasses.replace(job.output, cache=str(tmp_path / "other")))
    seen = []
    with pytest.raises(Cancelled):
        paint_job(job, lambda p: seen.append(p), lambda: any(p.frame == 2 and p.step > p.steps / 2 for p in seen))
    again, whole = paint_job(job, ignore), paint_job(moved, ignore)
    assert [file.read_bytes() for file in again.files] == [file.read_bytes() for file in whole.files]


def test_guided_by_the_gradient_alone_no_pixel_outside_moves(job):
    film = painted(alone(job, 0, guide="gradient"))
    assert np.array_equal(film[:, :, 40:], source(job)[:, :, 40:])
    assert np.abs(film - source(job))[:, 8:-8, LEFT].mean() > 3
    assert not np.array_equal(film, painted(alone(job, 0)))


def test_masks_named_by_frames_belong_to_those_frames(job, tmp_path):
    for number, part in ((1, LEFT), (2, RIGHT), (3, LEFT)):
        mask_of(tmp_path / "masks" / f"{number:06d}.png", part)
    some = alone(job, 0, mask=str(tmp_path / "masks"))
    some = dataclasses.replace(some, source=dataclasses.replace(job.source, first=2, last=2))
    (frame,) = painted(some)
    changed = np.abs(frame - source(job)[1]).sum(-1).any(0)
    assert changed[RIGHT].all() and not changed[:56].any()


def test_mattes_of_other_frames_are_refused_even_where_there_are_as_many(job, tmp_path):
    for number in (4, 5, 6):
        mask_of(tmp_path / "masks" / f"{number:06d}.png", LEFT)
    with pytest.raises(UserError, match="are of frames 4-6, and frames 1-3 are painted"):
        paint_job(alone(job, 0, mask=str(tmp_path / "masks")), ignore)


def test_a_mask_that_vanishes_in_the_middle_of_the_film_leaves_those_frames_alone(job, tmp_path):
    for number, parts in ((1, (LEFT,)), (2, ()), (3, (LEFT,))):
        mask_of(tmp_path / "masks" / f"{number:06d}.png", *parts)
    film, clip = painted(alone(job, 0, mask=str(tmp_path / "masks"))), source(job)
    assert np.array_equal(film[1], clip[1])
    assert all(np.abs(film[n] - clip[n])[8:-8, LEFT].mean() > 3 for n in (0, 2))


def test_a_full_mask_is_painted_like_the_whole_frame(job, tmp_path):
    full = str(write_png(tmp_path / "full.png", np.full((64, 96), 255, np.uint8)))
    assert np.array_equal(painted(alone(job, 0, mask=full)), painted(dataclasses.replace(job, regions=())))


@pytest.mark.slow
def test_a_mask_is_refined_to_the_edges_of_each_frame_and_then_inverted(job, tmp_path):
    clip, masks = write_shot(tmp_path, 2)
    wide = str(write_png(tmp_path / "wide.png", cv2.dilate(grey(masks / "000001.png"), np.ones((5, 5), np.uint8))))
    moving = dataclasses.replace(job, source=Source(path=str(clip)), output=dataclasses.replace(job.output, size=WIDTH))
    fine, inverted, coarse = (
        np.abs(painted(alone(moving, 0, mask=wide, **values)) - source(moving))[0].max(-1)
        for values in ({"refine": "crf"}, {"refine": "crf", "invert": True}, {})
    )
    true = grey(masks / "000001.png") > 127
    assert fine[~true].sum() < 0.8 * coarse[~true].sum()
    assert fine[true].mean() > 5
    assert not inverted[cv2.erode(true.astype(np.uint8), np.ones((11, 11))).astype(bool)].any()
    assert inverted[:20].mean() > 5


def test_an_object_is_followed_from_its_keyframes_and_painted(job, tmp_path):
    clip, masks = write_shot(tmp_path, 4)
    keyframes = (Keyframe(2, str(masks / "000002.png")),)
    followed = dataclasses.replace(
        alone(job, 0, mask="", matte="object", keyframes=keyframes),
        source=Source(path=str(clip), first=2),
        output=dataclasses.replace(job.output, size=WIDTH),
    )
    stages = []
    paint_job(followed, lambda p: stages.append((p.stage, p.done, p.total)))
    assert ("finding", 0, 3) in stages
    for number, change in zip((2, 3, 4), changed(followed), strict=True):
        true = grey(masks / f"{number:06d}.png") > 127
        assert change[true].mean() > 0.85
        assert not change[~cv2.dilate(true.astype(np.uint8), np.ones((9, 9))).astype(bool)].any()
    again = []
    paint_job(followed, lambda p: again.append(p.stage))
    assert "finding" not in again


def test_a_part_of_a_clip_that_is_followed_alone_leaves_what_is_known_of_the_rest(tmp_path):
    clip, masks = write_shot(tmp_path, 4)
    region = Region(matte="object", keyframes=(Keyframe(2, str(masks / "000002.png")),))
    whole = MatteJob(Source(path=str(clip)), region, Output(cache=str(tmp_path / "cache")), device="cpu")
    first = make_mattes(whole, ignore)
    part = make_mattes(dataclasses.replace(whole, source=Source(path=str(clip), first=3, last=3)), ignore)
    assert (part.reused, list(part.confidence)) == (1, [3])
    again = make_mattes(whole, ignore)
    assert again.reused == 4 and again.confidence == first.confidence


def test_how_sure_mattes_are_is_noted_a_line_a_frame_and_written_down_once_in_the_end(tmp_path):
    clip, masks = write_shot(tmp_path, 4)
    region = Region(matte="object", keyframes=(Keyframe(1, str(masks / "000001.png")),))
    job = MatteJob(Source(path=str(clip)), region, Output(cache=str(tmp_path / "cache")), device="cpu")
    meanwhile = []
    made = make_mattes(job, lambda p: meanwhile.extend((tmp_path / "cache").rglob("confidence.json")))
    assert not meanwhile, "written anew at every frame, it costs the square of a film's length"
    assert len((made.folder / "confidence.jsonl").read_text().splitlines()) == 4
    assert json.loads((made.folder / "confidence.json").read_text()) == {str(n): c for n, c in made.confidence.items()}


def test_where_a_clip_ends_decides_how_people_are_painted_and_how_objects_are_not(job):
    def fingerprints(**region):
        ends = (dataclasses.replace(job, source=dataclasses.replace(job.source, last=last)) for last in (3, 6))
        return {alone(end, 0, mask="", **region).fingerprint() for end in ends}

    assert len(fingerprints(matte="people")) == len(fingerprints(matte="people", strength=0.0)) == 2
    assert len(fingerprints(matte="object", keyframes=(Keyframe(1, __file__),))) == 1


def test_a_corrected_keyframe_is_followed_anew(job, tmp_path):
    clip, masks = write_shot(tmp_path, 2)
    matte = write_png(tmp_path / "known.png", grey(masks / "000001.png"))
    region = Region(matte="object", keyframes=(Keyframe(1, str(matte)),), feather=0.0)
    followed = dataclasses.replace(job, source=Source(path=str(clip)), regions=(region,))
    first = painted(followed)
    write_png(matte, grey(masks / "000001.png") * (np.arange(WIDTH) < 36).astype(np.uint8))
    assert not np.array_equal(painted(followed), first)


@pytest.mark.parametrize(
    ("frame", "size", "words"),
    [
        (9, (64, 96), r"in frame 9, but '.*clip.mp4' has 3 \(1-3\)"),
        (2, (10, 20), "is 20 x 10 pixels, its frame 96 x 64"),
        (2, (64, 96), "Nothing is white in '.*known.png', so there is no object to follow"),
    ],
)
def test_a_keyframe_that_does_not_fit_the_clip_is_refused_before_anything_is_written(job, tmp_path, frame, size, words):
    write_png(tmp_path / "known.png", np.zeros(size, np.uint8))
    keyframes = (Keyframe(frame, str(tmp_path / "known.png")),)
    wrong = alone(job, 0, mask="", matte="object", keyframes=keyframes)
    with pytest.raises(UserError, match=words):
        paint_job(wrong, ignore)
    assert not (tmp_path / "cache").exists()


def test_people_that_were_found_half_the_way_are_found_on_with_the_same_bytes(job, tmp_path, request, monkeypatch):
    lend_networks(request, monkeypatch)
    (tmp_path / "walk").mkdir()
    for number in range(1, 8):
        picture, _ = person(size=(120, 160), at=(60 + 6 * number, 50), side=34)
        write_png(tmp_path / "walk" / f"{number}.png", picture)
    source = Source(path=str(tmp_path / "walk"))
    clip, looked_at = open_clip(source.path), []

    def find(root):
        looked_at.clear()
        tell = lambda stage, number, done, total: looked_at.append(number)  # noqa: E731
        return found_mattes(Region(matte="people"), source, clip, range(1, 8), root, CPU, tell)

    whole, broken = find(tmp_path / "whole"), find(tmp_path / "broken")
    for number in (5, 6, 7):
        (broken / f"{number:06d}.png").unlink()
    find(tmp_path / "broken")
    assert looked_at == [3, 4, 5, 6, 7]
    assert [(broken / file.name).read_bytes() for file in sorted(whole.iterdir())] == [
        file.read_bytes() for file in sorted(whole.iterdir())
    ]


@pytest.mark.slow
def test_people_and_faces_are_found_once_and_painted(tmp_path, data):
    clip = str(data / "footage" / "intel_asl_learn.mkv")
    write_png(tmp_path / "style.png", style_picture())
    job = Job(
        source=Source(path=clip, last=2),
        look=Look(styles=(str(tmp_path / "style.png"),), steps=3),
        regions=(Region(matte="people"), Region(matte="faces", strength=0.0)),
        motion=Motion(steps=2),
        output=Output(size=160, cache=str(tmp_path / "cache"), report=False),
        device="cpu",
    )
    stages = []
    files = paint_job(job, lambda p: stages.append(p.stage)).files
    clip = open_clip(clip).read(1).resized(160, 120).rgb.astype(int)
    change = np.abs(read_picture(files[0]).rgb - clip).sum(-1)
    assert not change[:20, :20].any(), "the wall is no person"
    assert change[90:, 70:90].mean() > 5, "the body is painted"
    folders = sorted((tmp_path / "cache" / "mattes").iterdir())
    assert [len(list(folder.iterdir())) for folder in folders] == [2, 2]
    assert "finding" in stages
    again = []
    paint_job(job, lambda p: again.append(p.stage))
    assert "finding" not in again
