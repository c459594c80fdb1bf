"""The worker, started as Blender starts it and spoken to in the words of the protocol."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from clips import style_picture, write_film, write_png
from shots import write_shot

from style_core import protocol
from style_core.job import Job, Keyframe, Look, MatteJob, Motion, Output, Region, Source
from style_core.media.pictures import read_picture

ROOT = Path(__file__).parent.parent


class Spoken:
    """A running worker."""

    def __init__(self, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "style_core", "serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        )

    def say(self, kind, **values):
        self.process.stdin.write(protocol.encode(kind, **values))
        self.process.stdin.flush()

    def hear(self):
        return protocol.decode(self.process.stdout.readline())

    def hear_until(self, *kinds):
        """All messages up to the first of one of these kinds."""
        heard = [self.hear()]
        while heard[-1]["type"] not in kinds:
            heard.append(self.hear())
        return heard


@pytest.fixture
def worker():
    spoken = Spoken()
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


def described(job):
    return json.loads(json.dumps(dataclasses.asdict(job)))


def test_a_worker_ends_with_its_client_whatever_it_was_told(worker):
    worker.hear()
    worker.process.stdin.write("[" * 100_000 + "\n")
    worker.process.stdin.flush()
    assert worker.hear()["type"] == protocol.ERROR
    worker.process.stdin.close()
    worker.process.stdin = None
    assert worker.process.wait(timeout=60) == 0


def test_a_worker_greets_with_its_version_before_it_loads_anything_heavy(worker):
    hello = worker.hear()
    protocol.check_hello(hello)
    assert hello["pid"] == worker.process.pid


def test_a_greeting_of_another_version_is_refused():
    with pytest.raises(protocol.ProtocolError, match="speaks protocol 99"):
        protocol.check_hello({"type": protocol.HELLO, "protocol": 99})


@pytest.mark.slow
def test_a_job_is_answered_with_progress_every_frame_and_one_end(worker, job):
    worker.hear()
    worker.say(protocol.RUN, id="a", job=described(job))
    heard = worker.hear_until(*protocol.FINAL)
    assert [m["number"] for m in heard if m["type"] == protocol.FRAME] == [1, 2, 3, 4, 5]
    assert all(Path(m["path"]).is_file() for m in heard if m["type"] == protocol.FRAME)
    assert any(m["type"] == protocol.PROGRESS and m["steps"] == 3 and m["loss"] > 0 for m in heard)
    assert heard[-1]["type"] == protocol.DONE
    assert (heard[-1]["frames"], heard[-1]["reused"], heard[-1]["device"]) == (5, 0, "cpu")


@pytest.mark.slow
def test_a_cancelled_job_stops_and_the_worker_takes_the_next(worker, job):
    worker.hear()
    worker.say(protocol.RUN, id="a", job=described(job))
    worker.hear_until(protocol.FRAME)
    worker.say(protocol.CANCEL, id="a")
    heard = worker.hear_until(*protocol.FINAL)
    assert heard[-1]["type"] == protocol.CANCELLED
    assert 1 <= heard[-1]["done"] < 5
    worker.say(protocol.RUN, id="b", job=described(job))
    end = worker.hear_until(*protocol.FINAL)[-1]
    assert (end["type"], end["id"]) == (protocol.DONE, "b")
    assert end["reused"] >= 1


@pytest.mark.slow
def test_a_wrong_job_is_answered_with_its_sentence_and_the_worker_stays(worker, job, tmp_path):
    worker.hear()
    missing = described(job)
    missing["look"]["styles"] = [str(tmp_path / "gone.png")]
    worker.say(protocol.RUN, id="a", job=missing)
    error = worker.hear_until(*protocol.FINAL)[-1]
    assert (error["type"], error["id"]) == (protocol.ERROR, "a")
    assert error["message"] == f"The style picture '{tmp_path / 'gone.png'}' does not exist: check the path."
    assert error["wrong_input"] is True
    worker.say(protocol.RUN, id="b", job=described(job))
    assert worker.hear_until(*protocol.FINAL)[-1]["type"] == protocol.DONE


@pytest.mark.parametrize("line", ["hello?", "[1, 2]", '{"kind": "run"}', '{"type": "dance"}'])
def test_what_is_no_message_is_answered_and_does_not_stop_the_worker(worker, line):
    worker.hear()
    worker.process.stdin.write(line + "\n")
    worker.process.stdin.flush()
    answer = worker.hear()
    assert (answer["type"], answer["id"], answer["wrong_input"]) == (protocol.ERROR, None, False)
    assert worker.process.poll() is None


@pytest.mark.slow
@pytest.mark.parametrize("way", ["quit", "close"])
def test_a_worker_never_outlives_its_client(worker, job, way):
    worker.hear()
    worker.say(protocol.RUN, id="a", job=described(job))
    worker.hear_until(protocol.PROGRESS)
    if way == "quit":
        worker.say(protocol.QUIT)
    else:
        worker.process.stdin.close()
        worker.process.stdin = None
    assert worker.process.wait(timeout=20) == 0


@pytest.mark.slow
def test_a_killed_worker_leaves_whole_frames_and_the_next_one_ends_with_the_same_bytes(worker, job, tmp_path):
    unbroken = described(job)
    unbroken["output"]["cache"] = str(tmp_path / "whole")
    worker.hear()
    worker.say(protocol.RUN, id="a", job=unbroken)
    whole = Path(worker.hear_until(*protocol.FINAL)[-1]["folder"])

    worker.say(protocol.RUN, id="b", job=described(job))
    while worker.hear().get("number") != 2:
        pass
    os.kill(worker.process.pid, signal.SIGKILL)
    worker.process.wait()

    after = Spoken()
    after.hear()
    after.say(protocol.RUN, id="c", job=described(job))
    end = after.hear_until(*protocol.FINAL)[-1]
    after.process.kill()
    after.process.communicate()
    assert end["type"] == protocol.DONE
    assert end["reused"] >= 2
    for number in range(1, 6):
        name = f"{number:06d}.png"
        assert (Path(end["folder"]) / name).read_bytes() == (whole / name).read_bytes()


def test_a_python_without_torch_says_what_is_missing(job, tmp_path):
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')")
    spoken = Spoken(PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)]))
    spoken.hear()
    spoken.say(protocol.RUN, id="a", job=described(job))
    error = spoken.hear_until(*protocol.FINAL)[-1]
    spoken.process.kill()
    spoken.process.communicate()
    assert "does not load (No module named 'torch')" in error["message"]
    assert error["wrong_input"] is False


# --- mattes, and cutting out ---


@pytest.fixture
def mattes(tmp_path):
    """The description of mattes of an object through five frames."""
    clip, masks = write_shot(tmp_path, 5)
    return MatteJob(
        source=Source(path=str(clip)),
        region=Region(matte="object", keyframes=(Keyframe(2, str(masks / "000002.png")),)),
        output=Output(cache=str(tmp_path / "cache")),
    )


@pytest.fixture
def wish(tmp_path):
    """A wish to cut a disc out of a picture."""
    (tmp_path / "still").mkdir()
    clip, _ = write_shot(tmp_path / "still", 1)
    return {
        "source": {"path": str(clip)},
        "frame": 1,
        "rectangle": [14, 26, 44.5, 44],
        "strokes": [],
        "begin": "",
        "overlay": str(tmp_path / "overlay.pgm"),
        "matte": str(tmp_path / "matte.png"),
    }


def test_mattes_are_answered_with_progress_and_their_folder(worker, mattes):
    worker.hear()
    worker.say(protocol.MATTE, id="a", job=described(mattes))
    heard = worker.hear_until(*protocol.FINAL)
    assert {m["stage"] for m in heard[:-1]} == {"finding"}
    assert heard[-1]["type"] == protocol.DONE
    assert (heard[-1]["frames"], heard[-1]["reused"]) == (5, 0)
    folder = Path(heard[-1]["folder"])
    assert sorted(file.name for file in folder.glob("*.png")) == [f"{number:06d}.png" for number in range(1, 6)]
    confidence = json.loads((folder / "confidence.json").read_text())
    assert sorted(confidence) == ["1", "2", "3", "4", "5"]
    assert confidence["2"] == 1
    worker.say(protocol.MATTE, id="b", job=described(mattes))
    assert worker.hear_until(*protocol.FINAL)[-1]["reused"] == 5


def test_cancelled_mattes_stop_and_go_on_with_what_is_missing(worker, mattes):
    worker.hear()
    worker.say(protocol.MATTE, id="a", job=described(mattes))
    worker.hear_until(protocol.PROGRESS)
    worker.say(protocol.CANCEL, id="a")
    heard = worker.hear_until(*protocol.FINAL)[-1]
    assert (heard["type"], heard["id"]) == (protocol.CANCELLED, "a")
    worker.say(protocol.MATTE, id="b", job=described(mattes))
    assert worker.hear_until(*protocol.FINAL)[-1]["type"] == protocol.DONE


def test_mattes_without_a_keyframe_are_refused_in_a_sentence(worker, mattes):
    worker.hear()
    job = described(mattes)
    job["region"]["keyframes"] = []
    worker.say(protocol.MATTE, id="a", job=job)
    error = worker.hear_until(*protocol.FINAL)[-1]
    assert (error["type"], error["wrong_input"]) == (protocol.ERROR, True)
    assert "no frame says where it is" in error["message"]


def test_a_cut_is_answered_once_with_what_was_written(worker, wish):
    worker.hear()
    worker.say(protocol.CUT, id="a", **wish)
    (told,) = worker.hear_until(*protocol.FINAL)
    assert (told["type"], told["id"]) == (protocol.CUT_DONE, "a")
    assert told["size"] == [128, 96]
    assert Path(told["overlay"]).read_bytes().startswith(b"P5\n128 96\n255\n")
    assert read_picture(told["matte"]).rgb.mean() / 255 == pytest.approx(told["share"])
    assert 0.05 < told["share"] < 0.2


def test_of_the_cuts_that_wait_the_newest_alone_is_done(worker, wish, mattes):
    worker.hear()
    worker.say(protocol.MATTE, id="before", job=described(mattes))
    for identifier in ("a", "b", "c"):
        worker.say(protocol.CUT, id=identifier, **wish)
    ends = [message for message in worker.hear_until(protocol.DONE) if message["id"] != "before"]
    assert [(end["id"], end["type"]) for end in ends] == [
        ("a", protocol.CANCELLED),
        ("b", protocol.CANCELLED),
        ("c", protocol.CUT_DONE),
    ]


def test_a_cut_that_was_cancelled_while_it_waited_is_not_done(worker, wish, mattes):
    worker.hear()
    worker.say(protocol.MATTE, id="before", job=described(mattes))
    worker.say(protocol.CUT, id="a", **wish)
    worker.say(protocol.CANCEL, id="a")
    (end,) = (message for message in worker.hear_until(protocol.DONE) if message["id"] == "a")
    assert end["type"] == protocol.CANCELLED
    assert not Path(wish["matte"]).exists()


@pytest.mark.slow
def test_while_a_film_is_painted_a_cut_is_done_between_two_steps_and_changes_no_paint(worker, wish, job, tmp_path):
    worker.hear()
    alone = described(job)
    alone["output"]["cache"] = str(tmp_path / "alone")
    worker.say(protocol.RUN, id="alone", job=alone)
    whole = Path(worker.hear_until(protocol.DONE)[-1]["folder"])
    worker.say(protocol.RUN, id="film", job=described(job))
    worker.hear_until(protocol.FRAME)
    worker.say(protocol.CUT, id="a", **wish)
    heard = worker.hear_until(protocol.DONE)
    assert [message["type"] for message in heard if message["id"] == "a"] == [protocol.CUT_DONE]
    for file in sorted(whole.glob("0*.png")):
        assert (Path(heard[-1]["folder"]) / file.name).read_bytes() == file.read_bytes()


def test_a_wrong_cut_is_answered_with_its_sentence_and_the_next_is_done(worker, wish):
    worker.hear()
    worker.say(protocol.CUT, id="a", **wish | {"rectangle": [500, 5, 10, 10]})
    error = worker.hear()
    assert (error["type"], error["id"], error["wrong_input"]) == (protocol.ERROR, "a", True)
    assert "lies outside of the picture" in error["message"]
    worker.say(protocol.CUT, id="b", **wish)
    assert worker.hear()["type"] == protocol.CUT_DONE
