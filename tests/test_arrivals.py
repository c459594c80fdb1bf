"""Frames that come one by one are painted as if the whole film had been there, and what is painted is found again."""

import dataclasses
import io
import json
import shutil
import weakref
from pathlib import Path

import numpy as np
import pytest
from clips import numbered_frame, style_picture, write_png

from style_core import protocol
from style_core.arrivals import Arrival, Arrivals
from style_core.job import Job, Look, Motion, Output, Region, Source, UserError
from style_core.media.pictures import read_picture
from style_core.sequence import Cancelled, paint_job
from style_core.worker import Worker

# Two pictures that have nothing in common.
CUT = [np.full((21, 32, 3), colour, np.uint8) for colour in ((220, 40, 30), (20, 60, 200))]
CUT[0][:, :16], CUT[1][:10] = 255, 0
NAMES = [f"{number:06d}.png" for number in range(11, 15)]


@pytest.fixture
def job(tmp_path) -> Job:
    """Four frames at 32 x 21, of which none is there yet."""
    write_png(tmp_path / "style.png", style_picture())
    (tmp_path / "render-1").mkdir()
    return Job(
        source=Source(str(tmp_path / "render-1"), tuple(NAMES), growing=True),
        look=Look(styles=(str(tmp_path / "style.png"),), steps=2),
        motion=Motion(steps=1, carry="previous"),
        output=Output(size=32, cache=str(tmp_path / "cache"), report=False),
        device="cpu",
    )


class Feeding:
    """One render: its frames come, and are painted."""

    def __init__(self, job: Job, render: str = "first") -> None:
        self.job, self.render, self.arrivals, self.steps = job, render, Arrivals(), 0

    def come(self, names: list[str], only_known: bool = False, shown: int = 0) -> Path | None:
        """The paint of the last of these frames, which comes now and shows the number in its name, or another."""
        write_png(Path(self.job.source.path) / names[-1], numbered_frame(shown or int(Path(names[-1]).stem) - 10))
        job = dataclasses.replace(self.job, source=dataclasses.replace(self.job.source, files=tuple(names)))
        found = self.arrivals.take(Arrival(job, self.render, only_known), self.count, lambda: False)
        return found and found.path

    def count(self, progress) -> None:
        self.steps += bool(progress.steps)

    def all(self, names: list[str] = NAMES) -> list[Path]:
        return [self.come(names[:count]) for count in range(1, len(names) + 1)]


def bytes_of(files) -> list[bytes]:
    return [file.read_bytes() for file in files]


def test_what_comes_one_by_one_is_painted_as_all_at_once_to_the_bit_and_each_finds_the_others_paint(job, tmp_path):
    job = dataclasses.replace(job, motion=Motion(steps=1))
    painted = bytes_of(Feeding(job).all())
    again = paint_job(job, lambda progress: None)
    assert again.reused == len(NAMES) and bytes_of(again.files) == painted
    elsewhere = dataclasses.replace(job, output=dataclasses.replace(job.output, cache=str(tmp_path / "other")))
    at_once = paint_job(elsewhere, lambda progress: None)
    assert at_once.reused == 0 and bytes_of(at_once.files) == painted
    assert len(set(painted)) == len(NAMES)
    fed = Feeding(elsewhere, "second")
    assert bytes_of(fed.all()) == painted and fed.steps == 0


def test_a_film_that_was_interrupted_goes_on_as_if_it_had_not_been(job, tmp_path):
    whole = bytes_of(Feeding(job).all())
    shutil.rmtree(tmp_path / "cache")
    first = Feeding(job).all(NAMES[:2])
    rest = Feeding(job, "second")
    assert bytes_of(first + [rest.come(NAMES[:count]) for count in range(3, 5)]) == whole


def test_frames_that_show_something_else_are_painted_anew_with_all_after_them(job):
    before = bytes_of(Feeding(job).all())
    fed = Feeding(job, "second")
    same = [fed.come(NAMES[:count]) for count in (1, 2)]
    assert fed.steps == 0
    other = fed.come(NAMES[:3], shown=7)
    after = [fed.come(NAMES)]
    assert fed.steps > 0 and bytes_of(same) == before[:2]
    assert all(one != two for one, two in zip(bytes_of([other, *after]), before[2:], strict=True))
    assert bytes_of(paint_job(job, lambda progress: None).files) == bytes_of([*same, other, *after])


def test_a_single_frame_is_taken_from_any_film_that_has_it_and_else_begins_one(job):
    film = Feeding(job).all(NAMES[:3])
    single = Feeding(job, "second")
    assert single.come(NAMES[2:3], only_known=True) == film[2]
    assert single.come(NAMES[2:3], only_known=True, shown=7) is None
    assert single.come(NAMES[3:4], only_known=True) is None and single.steps == 0
    begun = single.come(NAMES[3:4])
    assert begun.parent != film[0].parent and single.steps > 0
    assert single.come(NAMES[3:4], only_known=True) == begun
    assert single.come([NAMES[3], "000015.png"], only_known=True) is None, "the next one of its film is not painted"


def test_a_mixed_film_and_one_that_changes_nothing_come_one_by_one_too(job):
    for number, changed in enumerate(
        (dataclasses.replace(job, mix=0.5), dataclasses.replace(job, look=dataclasses.replace(job.look, steps=0)))
    ):
        files = Feeding(changed, str(number)).all(NAMES[:2])
        part = dataclasses.replace(changed, source=dataclasses.replace(job.source, files=tuple(NAMES[:2])))
        again = paint_job(part, lambda progress: None)
        assert again.reused == 2 and bytes_of(again.files) == bytes_of(files)


def test_a_stopped_frame_is_painted_when_it_comes_again(job):
    fed = Feeding(job)
    whole = bytes_of(fed.all(NAMES[:3]))
    other = Feeding(dataclasses.replace(job, look=dataclasses.replace(job.look, seed=7)))
    other.all(NAMES[:2])
    job_now = dataclasses.replace(other.job, source=dataclasses.replace(job.source, files=tuple(NAMES[:3])))
    with pytest.raises(Cancelled):
        other.arrivals.take(Arrival(job_now, "first"), other.count, lambda: True)
    assert other.come(NAMES[:3]).is_file() and len(whole) == 3


def test_a_shot_that_begins_nowhere_any_more_is_forgotten(job):
    def fed(render: str, third: int) -> str:
        own = Feeding(job, render)
        for count in range(1, 5):
            write_png(folder / NAMES[count - 1], CUT[third if count > 2 else 0])
            files = dataclasses.replace(job.source, files=tuple(NAMES[:count]))
            found = own.arrivals.take(Arrival(dataclasses.replace(job, source=files), render), own.count, bool)
        return (found.path.parent / "shots.txt").read_text()

    folder = Path(job.source.path)
    assert [fed("first", 1).split(), fed("second", 0).split()] == [["1", "3"], ["1"]]
    assert [fed("third", 1).split(), fed("fourth", 1).split()] == [["1", "3"]] * 2


def test_one_still_mask_is_for_all_frames_that_come_and_masks_for_each_frame_wait_for_them(job, tmp_path):
    mask = np.zeros((21, 32, 3), np.uint8)
    mask[:, :16] = 255
    region = Region(mask=str(write_png(tmp_path / "left.png", mask)), name="Left")
    masked = dataclasses.replace(job, regions=(region,))
    painted = Feeding(masked).all()
    elsewhere = dataclasses.replace(masked, output=dataclasses.replace(job.output, cache=str(tmp_path / "other")))
    assert bytes_of(paint_job(elsewhere, lambda progress: None).files) == bytes_of(painted)
    assert not np.array_equal(read_picture(painted[2]).rgb, read_picture(painted[0]).rgb)
    for many in (tmp_path, tmp_path / "masks.mp4"):
        waits = dataclasses.replace(job, regions=(Region(mask=str(many), name="Left"),)).waits_for
        assert waits == "the region 'Left' has a mask of its own for each frame"
    refined = dataclasses.replace(job, regions=(dataclasses.replace(region, refine="guided"),))
    assert refined.waits_for == "the region 'Left' is made for all frames together"


def test_what_depends_on_later_frames_is_refused_with_the_name_of_the_setting(job):
    changed = dataclasses.replace(job, motion=dataclasses.replace(job.motion, passes=3))
    with pytest.raises(UserError, match="Frames cannot be painted as they come: 'Passes' is 3"):
        Feeding(changed).come(NAMES[:1])
    assert dataclasses.replace(job, motion=dataclasses.replace(job.motion, denoise=0.5)).waits_for
    assert job.waits_for == ""
    with pytest.raises(UserError, match="are to be named"):
        Source("somewhere", growing=True)


def test_light_is_told_apart_by_more_than_what_is_seen_of_it(job):
    from style_core.ledger import digest_of
    from style_core.media.frame import frame_of_light

    bright = np.full((4, 4, 4), 8, np.float32)
    brighter = bright.copy()
    brighter[..., :3] = 16
    one, two = (digest_of(frame_of_light(light, is_half=False)) for light in (bright, brighter))
    assert one != two and one == digest_of(frame_of_light(bright.copy(), is_half=False))


def test_the_worker_lets_the_films_of_a_render_go_when_it_is_over(job):
    worker = Worker(io.StringIO(protocol.encode(protocol.FORGET)), io.StringIO())
    write_png(Path(job.source.path) / NAMES[0], numbered_frame(1))
    first = dataclasses.replace(job, source=dataclasses.replace(job.source, files=tuple(NAMES[:1])))
    arrival = {"job": json.loads(first.to_json()), "render": "first", "only_known": False}
    worker.answer({"type": protocol.ARRIVE, "id": "one", "arrival": arrival})
    film = weakref.ref(next(iter(worker.arrivals.films.values())))
    assert film() is not None and f'"{protocol.ARRIVED}"' in worker.outgoing.getvalue()
    worker.serve()
    assert film() is None and protocol.ERROR not in worker.outgoing.getvalue()
