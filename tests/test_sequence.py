"""The frame loop: where a frame begins, what a mask leaves alone, what an interruption costs (nothing)."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from clips import numbered_frame, style_picture, write_film, write_png

from style_core.cache import FrameCache
from style_core.engine.painter import Painter
from style_core.job import Job, Look, Motion, Output, Region, Source, UserError
from style_core.media.clip import open_clip
from style_core.media.frame import Frame
from style_core.media.pictures import read_picture
from style_core.regions.matte import feather, lay_over
from style_core.sequence import Cancelled, paint_job


@pytest.fixture
def job(tmp_path):
    """Six frames at 96 x 64, few steps."""
    write_film(tmp_path / "clip.mp4", 6)
    write_png(tmp_path / "style.png", style_picture())
    return Job(
        source=Source(path=str(tmp_path / "clip.mp4")),
        look=Look(styles=(str(tmp_path / "style.png"),), steps=4),
        motion=Motion(steps=2),
        output=Output(size=96, cache=str(tmp_path / "cache")),
        device="cpu",
    )


def change(job, part, **values):
    return dataclasses.replace(job, **{part: dataclasses.replace(getattr(job, part), **values)})


def inside(job, mask, **values):
    """The job in one region alone."""
    return dataclasses.replace(job, regions=(Region(mask=str(mask), **values),))


def ignore(progress):
    """For jobs whose progress does not matter."""


def bytes_of(result):
    return [file.read_bytes() for file in result.files]


def test_pictures_become_a_film_of_the_rate_that_is_named_and_else_it_is_said_which(job, tmp_path):
    (tmp_path / "frames").mkdir()
    for number in range(1, 5):
        write_png(tmp_path / "frames" / f"{number:04d}.png", numbered_frame(number))
    kept = change(change(job, "look", steps=0), "output", path=str(tmp_path / "out.mp4"), report=False)
    pictures = change(kept, "source", path=str(tmp_path / "frames"))

    def made(job):
        notes = paint_job(job, ignore).notes
        return round(float(open_clip(job.output.path).rate), 3), " ".join(notes)

    rate, said = made(pictures)
    assert rate == 25 and "out.mp4' has 25 frames a second, as pictures do not say how many" in said
    assert made(change(pictures, "output", rate=23.976)) == (23.976, "")
    assert made(kept) == (25, "")
    rate, said = made(change(kept, "output", rate=24.0))
    assert rate == 25 and "has the 25 frames a second of its source" in said


STARTS = {
    "random": ({"start": "random"}, {"carry": "none"}),
    "content": ({"start": "content"}, {"carry": "none"}),
    "previous": ({}, {"carry": "previous"}),
    "warped": ({}, {"carry": "warped"}),
}


def begun(job, start):
    """The job with one of the four starts."""
    look, motion = STARTS[start]
    return change(change(job, "look", **look), "motion", **motion)


def test_following_frames_take_their_own_number_of_steps(job):
    seen = {}
    paint_job(job, lambda p: seen.update({p.frame: p.steps}) if p.steps else None)
    assert seen == {1: 4, 2: 2, 3: 2, 4: 2, 5: 2, 6: 2}


@pytest.mark.slow
def test_every_start_paints_every_frame_of_the_range(job):
    for start in ("random", "content", "previous", "warped"):
        some = change(begun(job, start), "source", first=2, last=4)
        result = paint_job(some, ignore)
        assert [file.name for file in result.files] == ["000002.png", "000003.png", "000004.png"]
        for number, file in enumerate(result.files, 2):
            painted = read_picture(file).rgb
            assert painted.shape == (64, 96, 3)
            assert np.abs(painted.astype(int) - numbered_frame(number)).mean() > 3, f"{start}: a copy of the source"


@pytest.mark.slow
def test_an_interrupted_job_ends_with_the_bytes_of_an_unbroken_one(job, tmp_path):
    finished = []
    whole = paint_job(change(job, "output", cache=str(tmp_path / "whole")), ignore)
    with pytest.raises(Cancelled):
        paint_job(job, lambda p: finished.append(p.frame) if p.finished else None, lambda: len(finished) == 3)
    assert finished == [1, 2, 3]
    rest = paint_job(job, ignore)
    assert rest.reused == 3
    assert bytes_of(rest) == bytes_of(whole)


@pytest.mark.slow
def test_a_job_goes_on_in_the_pieces_in_which_it_began_whatever_memory_is_free_by_then(job, tmp_path, monkeypatch):
    def with_memory(amount, some):
        monkeypatch.setattr(Painter, "affordable_bytes", lambda painter: amount)
        return paint_job(some, ignore)

    whole = with_memory(1 << 20, change(job, "output", cache=str(tmp_path / "whole")))
    with_memory(1 << 20, change(job, "source", last=3))
    rest = with_memory(1 << 30, job)
    assert rest.reused == 3
    assert bytes_of(rest) == bytes_of(whole)
    assert FrameCache(job, job.fingerprint(), "png8").memory("cpu") == (1 << 20, False)
    assert FrameCache(job, job.fingerprint(), "png8").memory("cuda") == (None, False), "another device has other memory"


VARIANTS = {
    "long-term": ({"long_term": (1, 2, 3)}, (2,)),
    "denoised": ({"denoise": 1.0}, (2,)),
    "cuts named": ({"cuts": "3"}, (2, 3)),
    "two passes": ({"passes": 2}, (2, 4, 6)),
    "three passes": ({"passes": 3}, (5, 10)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", VARIANTS)
def test_whatever_holds_the_paint_an_interruption_anywhere_changes_nothing(job, tmp_path, name):
    settings, places = VARIANTS[name]
    job = change(change(job, "motion", steps=3, **settings), "source", last=4)
    whole = paint_job(change(job, "output", cache=str(tmp_path / "whole")), ignore)
    for place in places:
        part, done = change(job, "output", cache=str(tmp_path / str(place))), []
        with pytest.raises(Cancelled):
            paint_job(part, lambda p, d=done: d.append(p.done), lambda d=done, n=place: d and d[-1] >= n)
        assert bytes_of(paint_job(part, ignore)) == bytes_of(whole), f"after {place} frames"


def test_several_passes_are_counted_as_one_work(job):
    told = []
    result = paint_job(change(change(job, "motion", passes=2), "source", last=3), told.append)
    assert {p.total for p in told} == {6}
    assert [p.done for p in told if p.finished] == [4, 5, 6]
    assert len(result.files) == 3
    assert [p.frame for p in told if p.finished] == [3, 2, 1], "the second pass goes backwards"


def test_a_named_cut_begins_anew(job):
    seen = {}
    some = change(job, "motion", cuts="3,6")
    paint_job(some, lambda p: seen.update({p.frame: p.steps}) if p.steps else None)
    assert seen == {1: 4, 2: 2, 3: 4, 4: 2, 5: 2, 6: 4}


@pytest.mark.slow
@pytest.mark.parametrize("by", ["luminance", "statistics"])
def test_kept_colours_are_the_same_after_an_interruption(job, tmp_path, by):
    keeping = change(job, "look", keep_colours=0.7, keep_colours_by=by)
    whole = paint_job(change(keeping, "output", cache=str(tmp_path / "whole")), ignore)
    paint_job(change(keeping, "source", last=3), ignore)
    assert bytes_of(paint_job(keeping, ignore)) == bytes_of(whole)


@pytest.mark.slow
def test_a_longer_range_goes_on_from_the_shorter_one(job, tmp_path):
    whole = paint_job(change(job, "output", cache=str(tmp_path / "whole")), ignore)
    paint_job(change(job, "source", last=2), ignore)
    longer = paint_job(job, ignore)
    assert longer.reused == 2
    assert bytes_of(longer) == bytes_of(whole)


@pytest.mark.slow
def test_half_written_frames_are_not_taken_for_finished(job):
    result = paint_job(job, ignore)
    before = bytes_of(result)
    result.files[3].rename(result.files[3].with_name(".000004.123.part.png"))
    assert bytes_of(paint_job(job, ignore)) == before


@pytest.fixture
def masked(job, tmp_path):
    """The job inside a circle."""
    mask = np.zeros((64, 96), np.uint8)
    y, x = np.mgrid[:64, :96]
    mask[(x - 48) ** 2 + (y - 36) ** 2 < 22**2] = 255
    write_png(tmp_path / "mask.png", mask)
    return inside(job, tmp_path / "mask.png", feather=4.0), mask


@pytest.mark.parametrize("start", ["random", "content", "previous", "warped"])
def test_outside_the_mask_the_frame_is_untouched_to_the_bit(masked, tmp_path, start):
    job, mask = masked
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in (1, 2, 3):
        write_png(pictures / f"{number}.png", numbered_frame(number))
    result = paint_job(begun(change(job, "source", path=str(pictures)), start), ignore)
    for number, file in enumerate(result.files, 1):
        painted = read_picture(file).rgb.astype(int)
        source = numbered_frame(number)
        assert np.array_equal(painted[mask == 0], source[mask == 0])
        assert np.abs(painted - source)[mask == 255].mean() > 2


def test_the_edge_of_a_mask_is_soft_and_lies_inside(masked):
    _, mask = masked
    soft = feather(mask.astype(np.float32) / 255, 6)
    assert not soft[mask == 0].any()
    assert soft[36, 48] == 1
    profile = soft[36, 26:40]
    assert (np.diff(profile) >= 0).all()
    assert np.diff(profile).max() < 0.35, "no step of more than a third"


def test_a_mask_at_the_border_of_the_frame_does_not_fade_there():
    assert feather(np.ones((20, 30), np.float32), 5).min() == 1


def test_paint_laid_over_keeps_the_alpha(masked):
    _, mask = masked
    alpha = np.arange(64 * 96, dtype=np.uint32).reshape(64, 96).astype(np.uint8)
    content = numbered_frame(1)
    over = lay_over(Frame(content, alpha), Frame(content), 255 - content, mask / np.float32(255), 1.0)
    assert np.array_equal(over.alpha, alpha)


def test_an_inverted_mask_paints_the_rest(masked, tmp_path):
    job, mask = masked
    result = paint_job(change(inside(job, tmp_path / "mask.png", invert=True), "source", last=1), ignore)
    painted = read_picture(result.files[0]).rgb.astype(int)
    unpainted = paint_source(job)
    assert np.array_equal(painted[mask == 255], unpainted[mask == 255])
    assert not np.array_equal(painted[mask == 0], unpainted[mask == 0])


def paint_source(job):
    return open_clip(job.source.path).read(1).rgb


def test_a_mask_sequence_moves_with_the_frames(job, tmp_path):
    masks = tmp_path / "masks"
    masks.mkdir()
    for index in range(3):  # one for each frame painted: a bar that goes to the right
        mask = np.zeros((64, 96), np.uint8)
        mask[:, 10 + 20 * index : 30 + 20 * index] = 255
        write_png(masks / f"{index}.png", mask)
    some = change(inside(job, masks, feather=0.0), "source", first=3, last=5)
    result = paint_job(some, ignore)
    clip = open_clip(job.source.path)
    for index, file in enumerate(result.files):
        changed = np.abs(read_picture(file).rgb.astype(int) - clip.read(3 + index).rgb).sum(axis=(0, 2)) > 0
        assert changed[10 + 20 * index : 30 + 20 * index].any()
        assert not changed[: 10 + 20 * index].any()
        assert not changed[30 + 20 * index :].any()


def test_a_mask_of_the_wrong_length_says_both_lengths(job, tmp_path):
    masks = tmp_path / "masks"
    masks.mkdir()
    for index in range(4):
        write_png(masks / f"{index}.png", np.full((64, 96), 255, np.uint8))
    with pytest.raises(UserError, match=r"has 4 frames, but 3 frames are painted of 6"):
        paint_job(change(inside(job, masks), "source", first=3, last=5), ignore)


def test_an_empty_mask_leaves_the_frame_as_it_is(job, tmp_path):
    write_png(tmp_path / "black.png", np.zeros((64, 96), np.uint8))
    result = paint_job(change(inside(job, tmp_path / "black.png"), "source", last=1), ignore)
    assert np.array_equal(read_picture(result.files[0]).rgb, paint_source(job))


def test_a_still_picture_is_one_frame(job, tmp_path):
    write_png(tmp_path / "still.png", numbered_frame(9))
    told = []
    result = paint_job(change(job, "source", path=str(tmp_path / "still.png")), told.append)
    assert len(result.files) == 1
    steps = [p for p in told if p.steps]
    assert steps[0].seconds_left is None and steps[-1].seconds_left == 0, "of one frame its own steps tell"


def test_a_job_tells_where_it_is_and_how_long_it_takes(job):
    told = []
    paint_job(job, told.append)
    steps = [p for p in told if p.steps]
    assert [p.done for p in told if p.finished] == [1, 2, 3, 4, 5, 6]
    assert all(Path(p.finished).is_file() for p in told if p.finished)
    assert all(p.total == 6 for p in steps)
    assert all((p.seconds_left is None) == (p.done < 2) for p in steps), "before a frame took over paint, it is a guess"
    assert all(p.seconds_left >= 0 for p in steps if p.done >= 2)
    assert steps[0].loss > steps[3].loss


def test_delivered_films_show_the_painted_frames(job, tmp_path):
    result = paint_job(change(job, "output", path=str(tmp_path / "out.mkv")), ignore)
    out = open_clip(str(tmp_path / "out.mkv"))
    assert out.count == 6
    assert out.size == (96, 64)
    for number in (1, 4, 6):
        painted = read_picture(result.files[number - 1]).rgb.astype(int)
        difference = out.read(number).rgb - painted
        assert np.abs(difference).mean() < 12, "4:2:0 coding blurs the colours of single pixels"
        assert np.abs(difference.mean(axis=(0, 1))).max() < 2, "but no colour shifts"


def test_a_job_of_no_steps_delivers_the_frames_as_they_are_and_needs_no_style(job, tmp_path):
    alpha = np.tile(np.arange(96, dtype=np.uint8), (64, 1))
    pictures = [np.dstack([numbered_frame(number), alpha]) for number in (1, 2)]
    (tmp_path / "pictures").mkdir()
    for number, picture in enumerate(pictures, 1):
        write_png(tmp_path / "pictures" / f"{number}.png", picture)
    source = Source(path=str(tmp_path / "pictures"))
    plain = dataclasses.replace(job, source=source, look=Look(steps=0))
    result = paint_job(plain, ignore)
    assert result.report is None
    for file, picture in zip(result.files, pictures, strict=True):
        frame = read_picture(file)
        assert np.array_equal(np.dstack([frame.rgb, frame.alpha]), picture)
    assert bytes_of(paint_job(change(plain, "motion", passes=3), ignore)) == bytes_of(result)
