"""A few frames at once: what is shown of them meanwhile, and that they are the film's."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from clips import numbered_frame, style_picture, write_film, write_png
from test_worker import Spoken, described

from style_core import protocol
from style_core.job import Job, Look, Motion, Output, Region, Source
from style_core.media.pictures import read_picture


@pytest.fixture
def worker():
    spoken = Spoken()
    spoken.hear()
    yield spoken
    spoken.process.kill()
    spoken.process.communicate()


@pytest.fixture
def job(tmp_path):
    write_film(tmp_path / "clip.mp4", 5)
    write_png(tmp_path / "style.png", style_picture())
    return Job(
        source=Source(path=str(tmp_path / "clip.mp4")),
        look=Look(styles=(str(tmp_path / "style.png"),), steps=3),
        motion=Motion(steps=3),
        output=Output(size=96, cache=str(tmp_path / "cache")),
        device="cpu",
    )


@pytest.fixture
def slow(job):
    """A job with enough steps to be looked at."""
    return dataclasses.replace(job, look=dataclasses.replace(job.look, steps=30, first_size=64))


def previewed(worker, job, first, last=0, pictures=""):
    """All that a worker says about a preview."""
    wanted = {"job": described(job), "first": first, "last": last or first, "pictures": str(pictures)}
    worker.say(protocol.PREVIEW, id="preview", job=wanted)
    return worker.hear_until(*protocol.FINAL)


def painted(worker, job):
    """The folder of a film that is painted."""
    worker.say(protocol.RUN, id="film", job=described(job))
    end = worker.hear_until(*protocol.FINAL)[-1]
    assert end["type"] == protocol.DONE, end
    return Path(end["folder"])


def elsewhere(job, tmp_path):
    """The same job with a cache of its own."""
    return dataclasses.replace(job, output=dataclasses.replace(job.output, cache=str(tmp_path / "elsewhere")))


@pytest.mark.slow
def test_a_frame_is_shown_while_it_is_painted_and_then_finished(worker, slow, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    heard = previewed(worker, slow, 3, pictures=folder)
    shown = [message for message in heard if message["type"] == protocol.PICTURE]
    assert shown and {message["number"] for message in shown} == {3}
    assert len({message["path"] for message in shown}) == len(shown), "whoever reads one is not disturbed"
    assert [message["number"] for message in heard if message["type"] == protocol.FRAME] == [3]
    assert heard[-1]["type"] == protocol.DONE
    final = read_picture(Path(heard[-1]["folder"]) / "000003.png").rgb.astype(float)
    first = read_picture(shown[0]["path"]).rgb
    assert first.shape == final.shape
    content = numbered_frame(3).astype(float)
    assert np.abs(first - content).mean() > 1, "it is painted"
    assert np.abs(first - final).mean() < np.abs(content - final).mean(), "it is on the way"


@pytest.mark.slow
def test_at_the_films_first_frame_it_is_the_film_to_the_bit_and_the_film_goes_on_from_it(worker, slow, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    alone = painted(worker, elsewhere(slow, tmp_path))
    previewed(worker, slow, 1, pictures=folder)
    worker.say(protocol.RUN, id="film", job=described(slow))
    end = worker.hear_until(protocol.DONE)[-1]
    assert end["reused"] == 1
    for number in range(1, 6):
        assert (Path(end["folder"]) / f"{number:06d}.png").read_bytes() == (alone / f"{number:06d}.png").read_bytes(), (
            number
        )


@pytest.mark.slow
def test_several_frames_have_motion_as_a_film_that_begins_there(worker, job, tmp_path):
    heard = previewed(worker, job, 2, 4)
    assert [message["number"] for message in heard if message["type"] == protocol.FRAME] == [2, 3, 4]
    begun = dataclasses.replace(elsewhere(job, tmp_path), source=dataclasses.replace(job.source, first=2, last=4))
    film = painted(worker, begun)
    for number in (2, 3, 4):
        name = f"{number:06d}.png"
        assert (Path(heard[-1]["folder"]) / name).read_bytes() == (film / name).read_bytes()


@pytest.mark.slow
def test_what_the_film_has_is_shown_at_once(worker, job):
    film = painted(worker, job)
    before = {path: path.stat().st_mtime_ns for path in film.iterdir()}
    (end,) = previewed(worker, job, 3, 4)
    assert end["type"] == protocol.DONE, end
    assert (end["type"], end["frames"], end["reused"], end["folder"]) == (protocol.DONE, 2, 2, str(film))
    assert {path: path.stat().st_mtime_ns for path in film.iterdir() if path.suffix == ".png"} == {
        path: time for path, time in before.items() if path.suffix == ".png"
    }


@pytest.mark.slow
def test_masks_in_files_belong_to_the_whole_film(worker, job, tmp_path):
    masks = tmp_path / "masks"
    masks.mkdir()
    for number in range(2, 6):  # one for each frame that is painted, under names of their own
        mask = np.zeros((64, 96), np.uint8)
        mask[:, : 16 * number] = 255
        write_png(masks / f"m{number}.png", mask)
    job = dataclasses.replace(job, source=dataclasses.replace(job.source, first=2), regions=(Region(mask=str(masks)),))
    end = previewed(worker, job, 4)[-1]
    assert end["type"] == protocol.DONE, end
    frame = read_picture(Path(end["folder"]) / "000004.png").rgb
    film = painted(worker, elsewhere(job, tmp_path))
    alike = (frame == read_picture(film / "000004.png").rgb).all(axis=2)
    assert alike[:, 64:].all() and not alike[:, :60].all(), "beyond the mask of that frame nothing is painted"


@pytest.mark.slow
def test_a_cancelled_preview_ends_and_the_worker_takes_the_next(worker, slow):
    wanted = {"job": described(dataclasses.replace(slow, look=dataclasses.replace(slow.look, steps=3000)))}
    worker.say(protocol.PREVIEW, id="p", job=wanted | {"first": 2, "last": 2, "pictures": ""})
    worker.hear_until(protocol.PROGRESS)
    worker.say(protocol.CANCEL, id="p")
    assert worker.hear_until(*protocol.FINAL)[-1]["type"] == protocol.CANCELLED
    assert previewed(worker, slow, 2)[-1]["type"] == protocol.DONE


def test_frames_that_are_not_painted_are_refused_in_a_sentence(worker, job):
    job = dataclasses.replace(job, source=dataclasses.replace(job.source, first=2, last=4))
    for first, last in ((1, 2), (4, 5), (3, 2)):
        error = previewed(worker, job, first, last)[-1]
        assert (error["type"], error["wrong_input"]) == (protocol.ERROR, True)
        assert f"Frames {first}-{last}" in error["message"] and "2-4" in error["message"]


@pytest.mark.slow
def test_a_frame_of_the_source_is_shown_in_the_midst_of_other_work(worker, slow, tmp_path):
    path = tmp_path / "before.png"
    worker.say(protocol.RUN, id="film", job=described(slow))
    worker.hear_until(protocol.FRAME)
    source = json.loads(json.dumps(dataclasses.asdict(Source(path=slow.source.path))))
    worker.say(protocol.SHOW, id="s", source=source, frame=4, path=str(path))
    heard = worker.hear_until(protocol.DONE)
    assert [message["type"] for message in heard if message["id"] == "s"] == [protocol.SHOWN]
    assert np.abs(read_picture(path).rgb.astype(int) - numbered_frame(4)).mean() < 6
    worker.say(protocol.SHOW, id="s", source=source, frame=9, path=str(path))
    error = worker.hear()
    assert (error["type"], error["wrong_input"]) == (protocol.ERROR, True)
