"""The worker draws outlines of mattes, for masks that can be edited."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from shots import HEIGHT, RADIUS, WIDTH, middle, write_shot
from test_worker import Spoken

from style_core import protocol
from style_core.job import MatteJob, Output, Region, Source


@pytest.fixture
def worker():
    spoken = Spoken()
    spoken.hear()
    yield spoken
    spoken.process.kill()
    spoken.process.communicate()


def request(folder: Path, frames: list[int], tolerance: float = 1.0) -> dict:
    """Outlines of a disc that moves through five frames."""
    clip, masks = write_shot(folder, 5)
    cache = Output(cache=str(folder / "cache"))
    mattes = MatteJob(source=Source(path=str(clip)), region=Region(mask=str(masks)), output=cache)
    return {"mattes": dataclasses.asdict(mattes), "frames": frames, "tolerance": tolerance}


def test_outlines_lie_around_the_thing_at_every_key_frame(worker, tmp_path):
    worker.say(protocol.OUTLINE, id="a", job=request(tmp_path, [1, 5]))
    *progress, told = worker.hear_until(*protocol.FINAL)
    assert {message["stage"] for message in progress} >= {"outlining"}
    assert told["type"] == protocol.OUTLINES, told
    assert told["size"] == [WIDTH, HEIGHT]
    assert sorted(told["outlines"]) == ["1", "5"]
    for frame, [outline] in told["outlines"].items():
        points = np.array(outline["points"])
        distances = np.hypot(*(points[:, 0] - np.add(middle(int(frame) - 1), 0.5)).T)
        assert np.abs(distances - RADIUS).max() < 2
        assert 2 <= len(points) <= 10, "few enough to be moved by hand"
        assert (outline["is_there"], outline["is_hole"]) == (True, False)
    assert len({len(outline["points"]) for [outline] in told["outlines"].values()}) == 1


def test_outlines_that_are_cancelled_are_answered_so_and_the_next_are_drawn(worker, tmp_path):
    job = request(tmp_path, [1, 2, 3])
    worker.say(protocol.OUTLINE, id="a", job=job)
    worker.say(protocol.CANCEL, id="a")
    assert worker.hear_until(*protocol.FINAL)[-1]["type"] == protocol.CANCELLED
    worker.say(protocol.OUTLINE, id="b", job=job)
    assert worker.hear_until(*protocol.FINAL)[-1]["type"] == protocol.OUTLINES


@pytest.mark.parametrize(
    "change, words",
    [
        ({"frames": []}, "no frame"),
        ({"frames": [9]}, "at frame 9, but the mattes are of frames 1-5"),
        ({"tolerance": 0.0}, "Tolerance is 0"),
    ],
)
def test_outlines_that_cannot_be_drawn_are_refused_with_a_sentence(worker, tmp_path, change, words):
    worker.say(protocol.OUTLINE, id="a", job=request(tmp_path, [1]) | change)
    told = worker.hear_until(*protocol.FINAL)[-1]
    assert told["type"] == protocol.ERROR and told["wrong_input"]
    assert words in told["message"], json.dumps(told)
