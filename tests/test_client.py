"""The client of the worker: with the real worker, and with small false ones for what the real one never does."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clips import style_picture, write_film, write_png
from stylestrip.blender_addon import client
from stylestrip.blender_addon.client import Message, Worker
from stylestrip.blender_addon.runtime.environment import worker_environment
from stylestrip.style_core import protocol
from stylestrip.style_core.job import Job, Look, Motion, Output, Source

Start = Callable[..., Worker]

ROOT = Path(__file__).resolve().parent.parent
FRAMES = 8
BEGIN = """
import json, os, signal, subprocess, sys, time
def say(kind, **values):
    print(json.dumps({"type": kind, **values}), flush=True)
def log(words):
    print(words, file=sys.stderr, flush=True)
"""
GREET = f"say({protocol.HELLO!r}, protocol={protocol.PROTOCOL_VERSION})\n"
STAY = "sys.stdin.read()\n"  # a closed stdin means QUIT
REAL_WITH_LOG = "import sys; from style_core import worker; print('on the test bed', file=sys.stderr); worker.serve()"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a worker: the real one, or one that does what a script says. All are gone afterwards."""
    workers = []

    def started(script: str = "", **given) -> Worker:
        if script:
            file = tmp_path / f"false_worker_{len(workers)}.py"
            file.write_text(BEGIN + script, encoding="utf-8")
            given["command"] = (str(file),)
        workers.append(Worker(Path(sys.executable), tmp_path / "user", worker_environment(os.environ), **given))
        return workers[-1]

    yield started
    for worker in workers:
        worker.close()
        assert is_gone(worker)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Eight frames of 32 by 24 pixels, few steps."""
    write_film(tmp_path / "clip.mp4", FRAMES, width=32, height=24)
    write_png(tmp_path / "style.png", style_picture())
    return painting_of(tmp_path, "style.png", "cache")


def painting_of(folder: Path, style: str, cache: str) -> Job:
    """The clip of a folder in a style, with its frames in a cache of this name."""
    return Job(
        source=Source(path=str(folder / "clip.mp4")),
        look=Look(styles=(str(folder / style),), steps=3),
        motion=Motion(steps=3),
        output=Output(size=32, cache=str(folder / cache)),
        device="cpu",
    )


def large_job() -> Job:
    """A job whose text is larger than any pipe: the names of a long sequence."""
    job = Job(source=Source(path="pictures", files=tuple(f"{number:0200d}.png" for number in range(5000))))
    assert len(job.to_json()) > 1_000_000
    return job


# Seconds that a call may take on a busy machine, where one that waits for the worker would take minutes.
SOON = 10


def until(worker: Worker, enough: Callable[[list[Message]], bool], seconds: float = 240.0) -> list[Message]:
    """What a worker says until it is enough."""
    heard = []
    deadline = time.monotonic() + seconds
    while not enough(heard):
        assert time.monotonic() < deadline, f"after {len(heard)} messages, {heard[-2:]}: silence; {list(worker.log)}"
        heard += worker.poll()
        time.sleep(0.005)
    return heard


def to_the_end(worker: Worker) -> list[Message]:
    """What a worker says up to the end of a job, or of itself, and the moment after."""
    heard = until(worker, lambda heard: any(message["type"] in protocol.FINAL for message in heard))
    time.sleep(0.1)
    return heard + worker.poll()


def only_error(worker: Worker) -> str:
    """The sentence of a worker that says nothing but that it has failed, and says it once."""
    heard = to_the_end(worker)
    assert [(m["type"], m["id"], m["wrong_input"]) for m in heard] == [(protocol.ERROR, None, False)]
    until(worker, lambda heard: not worker.is_alive)
    return heard[0]["message"]


def numbers(heard: list[Message]) -> list[int]:
    """The frames that were finished, in their order."""
    return [message["number"] for message in heard if message["type"] == protocol.FRAME]


def painted(folder: str) -> list[bytes]:
    """The files of all frames."""
    return [(Path(folder) / f"{number:06d}.png").read_bytes() for number in range(1, FRAMES + 1)]


def seconds_of(call: Callable[[], object]) -> float:
    """How long a call takes."""
    began = time.monotonic()
    call()
    return time.monotonic() - began


def is_gone(worker: Worker) -> bool:
    """Whether nothing of a worker is left: no process, thread or open pipe."""
    process = worker.process
    threads = (worker.log_reader, worker.reader, worker.writer)
    pipes = (process.stdin, process.stdout, process.stderr)
    return process.returncode is not None and not any(t.is_alive() for t in threads) and all(p.closed for p in pipes)


def runs(pid: int) -> bool:
    """Whether a process exists and is no mere zombie."""
    status = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(status) and not status.startswith("Z")


def ends(pid: int) -> bool:
    """Whether a process that was killed is gone, once the system gives it the time to."""
    begun = time.monotonic()
    while runs(pid) and time.monotonic() - begun < 10:
        time.sleep(0.05)
    return not runs(pid)


# The real worker


def test_a_job_comes_back_as_progress_every_frame_and_one_end(start, job):
    worker = start()
    worker.run("a", job)
    heard = to_the_end(worker)
    assert {message["id"] for message in heard} == {"a"}, "the greeting is not for the person"
    assert any(m["type"] == protocol.PROGRESS and m["steps"] == 3 and m["loss"] > 0 for m in heard)
    assert numbers(heard) == list(range(1, FRAMES + 1))
    assert all(Path(message["path"]).is_file() for message in heard if message["type"] == protocol.FRAME)
    assert [message["type"] for message in heard if message["type"] in protocol.FINAL] == [protocol.DONE]
    assert (heard[-1]["frames"], heard[-1]["reused"]) == (FRAMES, 0)
    assert worker.is_alive


@pytest.mark.slow
def test_a_cancelled_job_ends_and_the_same_worker_takes_the_next(start, job):
    worker = start()
    worker.run("a", job)
    until(worker, numbers)
    worker.cancel("a")
    end = to_the_end(worker)[-1]
    assert (end["type"], end["id"]) == (protocol.CANCELLED, "a")
    assert 1 <= end["done"] < FRAMES
    worker.run("b", job)
    end = to_the_end(worker)[-1]
    assert (end["type"], end["id"]) == (protocol.DONE, "b")
    assert 1 <= end["reused"] < FRAMES


def test_a_job_with_a_wrong_input_is_answered_with_its_sentence(start, job, tmp_path):
    worker = start()
    worker.run("a", painting_of(tmp_path, "gone.png", "cache"))
    error = to_the_end(worker)[-1]
    assert (error["type"], error["id"]) == (protocol.ERROR, "a")
    assert error["message"] == f"The style picture '{tmp_path / 'gone.png'}' does not exist: check the path."
    assert error["wrong_input"] is True
    assert worker.is_alive


@pytest.mark.slow
def test_a_killed_worker_is_told_at_once_and_the_next_one_ends_with_the_same_bytes(start, job, tmp_path):
    worker = start(command=("-c", REAL_WITH_LOG))
    worker.run("a", painting_of(tmp_path, "style.png", "whole"))
    whole = to_the_end(worker)[-1]["folder"]
    worker.run("b", job)
    until(worker, lambda heard: 2 in numbers(heard))
    os.kill(worker.process.pid, signal.SIGKILL)
    died = time.monotonic()
    heard = until(worker, lambda heard: any(message["type"] == protocol.ERROR for message in heard))
    assert time.monotonic() - died < 0.8
    assert (heard[-1]["type"], heard[-1]["id"]) == (protocol.ERROR, None)
    assert heard[-1]["message"] == (
        "The painter stopped unexpectedly (killed by SIGKILL). Finished frames are kept; start again to go on from "
        "there. It last said: on the test bed"
    )
    assert not worker.is_alive
    time.sleep(0.1)
    assert worker.poll() == []

    after = start()
    after.run("c", job)
    end = to_the_end(after)[-1]
    assert end["type"] == protocol.DONE
    assert 2 <= end["reused"] < FRAMES
    assert painted(end["folder"]) == painted(whole)


def test_closing_in_the_middle_of_a_job_leaves_nothing_running_and_says_nothing(start, job):
    before = threading.enumerate()
    worker = start()
    worker.run("a", job)
    until(worker, lambda heard: any(message["type"] == protocol.PROGRESS for message in heard))
    worker.close()
    assert is_gone(worker)
    assert not runs(worker.process.pid)
    assert threading.enumerate() == before
    assert not [message for message in worker.poll() if message["type"] == protocol.ERROR]


# Workers that misbehave


def test_a_worker_of_another_version_is_refused(start):
    sentence = only_error(start(f"say({protocol.HELLO!r}, protocol=99)\n" + STAY))
    assert sentence == (
        f"The worker speaks protocol 99, this add-on speaks {protocol.PROTOCOL_VERSION}: install both from the same "
        "version of Stylestrip."
    )


def test_a_worker_that_does_not_greet_first_is_refused(start):
    assert "began with 'done' instead of its greeting" in only_error(start("say('done')\n" + STAY))


@pytest.mark.parametrize("greeting", ["", GREET])
@pytest.mark.parametrize("line", ["Fatal: no kernel image", "[1, 2]", '{"kind": "frame"}'])
def test_what_is_no_message_ends_the_worker_with_an_error_that_shows_it(start, greeting, line):
    assert line in only_error(start(f"{greeting}print({line!r}, flush=True)\n" + STAY))


@pytest.mark.parametrize("greeting", ["", GREET])
def test_a_worker_that_ends_by_itself_is_told_with_its_exit_code_and_last_words(start, greeting):
    worker = start(f"{greeting}log('torch is too old')\nlog('')\nsys.exit(3)\n")
    sentence = only_error(worker)
    assert "stopped unexpectedly (exit code 3)" in sentence
    assert sentence.endswith("It last said: torch is too old")


def test_the_log_is_in_the_details_of_an_error(start):
    worker = start("log('first')\nlog('second')\nsys.exit(3)\n")
    assert to_the_end(worker)[0]["details"] == "first\nsecond"


def test_a_worker_that_never_greets_is_given_up(start, monkeypatch):
    monkeypatch.setattr(client, "HELLO_SECONDS", 0.3)
    worker = start("time.sleep(600)\n")
    assert only_error(worker) == f"The painter's Python '{sys.executable}' did not answer within 0.3 seconds."
    assert worker.process.wait(timeout=60)


def test_a_worker_that_has_greeted_may_be_silent_for_long(start, monkeypatch):
    worker = start(GREET + STAY)
    until(worker, lambda heard: worker.greeted)
    monkeypatch.setattr(client, "HELLO_SECONDS", 0.1)
    time.sleep(0.3)
    assert worker.poll() == []
    assert worker.is_alive


def test_a_flood_of_log_holds_nothing_up_and_only_its_end_is_kept(start):
    flood = "for n in range(100_000): print(n, 'x' * 100, file=sys.stderr)\n"
    worker = start(GREET + flood + "say('done', id='a')\n" + STAY)
    assert [message["type"] for message in to_the_end(worker)] == [protocol.DONE]
    assert len(worker.log) == client.LOG_LINES
    assert worker.log[-1].startswith("99999 ")


def test_a_worker_that_does_not_listen_holds_nothing_up(start):
    worker = start(GREET + "time.sleep(600)\n")
    until(worker, lambda heard: worker.greeted)
    assert seconds_of(lambda: worker.run("a", large_job())) < SOON + seconds_of(large_job)
    for _ in range(20):
        assert seconds_of(worker.poll) < SOON
    assert seconds_of(lambda: worker.cancel("a")) < SOON


def test_a_large_job_arrives_whole(start):
    worker = start(GREET + "say('got', files=json.loads(sys.stdin.readline())['job']['source']['files'])\n" + STAY)
    worker.run("a", large_job())
    assert tuple(until(worker, bool)[0]["files"]) == large_job().source.files


def test_a_death_while_a_job_is_sent_is_told_with_the_words_of_the_worker(start):
    worker = start(GREET + "log('out of memory')\nsys.stdin.read(10)\nsys.exit(4)\n")
    worker.run("a", large_job())
    assert only_error(worker).endswith("(exit code 4). Finished frames are kept; start again to go on from there. "
                                       "It last said: out of memory")  # fmt: skip


def test_half_a_message_is_a_death_and_no_message(start):
    worker = start(GREET + "print('{\"type\": \"fra', end='', flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n")
    assert "stopped unexpectedly (killed by SIGKILL)" in only_error(worker)


def test_a_worker_that_hangs_after_its_last_word_is_ended(start, monkeypatch):
    monkeypatch.setattr(client, "QUIT_SECONDS", 0.3)
    worker = start(GREET + "os.close(1)\ntime.sleep(600)\n")
    assert "stopped unexpectedly" in only_error(worker)
    assert not runs(worker.process.pid)


def test_many_messages_arrive_all_and_in_order(start):
    worker = start(GREET + "for n in range(50_000): print(json.dumps({'type': 'progress', 'n': n}))\n" + STAY)
    heard = until(worker, lambda heard: len(heard) >= 50_000)
    assert [message["n"] for message in heard] == list(range(50_000))


def test_a_worker_that_never_stops_talking_does_not_hold_a_poll(start):
    worker = start(GREET + "while True: print('{\"type\": \"progress\"}\\n' * 1000, end='')\n")
    until(worker, bool)
    for _ in range(10):
        time.sleep(0.02)
        assert len(worker.poll()) <= client.MOST_MESSAGES
    client.end(worker.process)


@pytest.mark.parametrize("busy", [False, True])
def test_a_worker_that_ignores_quit_is_killed_in_time(start, monkeypatch, busy):
    monkeypatch.setattr(client, "QUIT_SECONDS", 0.5)
    ignore = "for name in (signal.SIGTERM, signal.SIGINT): signal.signal(name, signal.SIG_IGN)\n"
    worker = start(ignore + GREET + "time.sleep(600)\n")
    until(worker, lambda heard: worker.greeted)
    if busy:
        worker.run("a", large_job())
    assert 0.4 < seconds_of(worker.close) < 2.5
    assert worker.process.returncode == -signal.SIGKILL
    assert is_gone(worker)


@pytest.mark.parametrize("busy", [False, True])
def test_letting_a_worker_go_that_ignores_it_holds_nobody_up(start, monkeypatch, busy):
    monkeypatch.setattr(client, "QUIT_SECONDS", 1.5)
    worker = start(GREET + "time.sleep(600)\n")
    until(worker, lambda heard: worker.greeted)
    assert seconds_of(lambda: worker.let_go(at_once=busy)) < 0.5
    assert not worker.is_alive
    assert seconds_of(lambda: worker.process.wait(timeout=60)) < (1 if busy else 3)
    assert worker.process.returncode == -signal.SIGKILL
    assert worker.poll() == []


def test_an_idle_worker_that_is_let_go_ends_by_itself(start):
    worker = start(GREET + STAY)
    until(worker, lambda heard: worker.greeted)
    worker.let_go(at_once=False)
    assert worker.process.wait(timeout=60) == 0


def test_a_python_that_ends_leaves_no_worker_behind(tmp_path):
    file = tmp_path / "stubborn.py"
    file.write_text(BEGIN + GREET + "time.sleep(600)\n", encoding="utf-8")
    code = (
        "import os, sys, time; from pathlib import Path; from tests import conftest; "
        "from stylestrip.blender_addon import client; client.QUIT_SECONDS = 0.3; "
        f"w = client.Worker(Path(sys.executable), Path({str(tmp_path)!r}), dict(os.environ), ({str(file)!r},)); "
        "time.sleep(0.5); w.let_go(at_once=False); print(w.process.pid)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not runs(int(done.stdout))


def test_a_worker_that_is_killed_takes_along_what_it_has_started(start, monkeypatch):
    monkeypatch.setattr(client, "QUIT_SECONDS", 0.3)
    child = "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    worker = start(child + GREET + "say('child', pid=child.pid)\ntime.sleep(600)\n")
    pid = until(worker, bool)[0]["pid"]
    worker.close()
    assert is_gone(worker)
    assert ends(pid)


@pytest.mark.slow
def test_closing_does_not_wait_for_what_a_worker_left_behind(start):
    leave = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(6)'], stdout=2)\n"
    worker = start(leave + GREET + STAY)
    until(worker, lambda heard: worker.greeted)
    assert seconds_of(worker.close) < 4
    worker.log_reader.join()
    worker.process.stderr.close()


def test_closing_twice_is_closing_once(start):
    worker = start(GREET + STAY)
    worker.close()
    worker.close()
    assert is_gone(worker)
    assert worker.process.returncode == 0


def test_a_python_that_is_not_there_is_told_as_an_error(tmp_path):
    worker = Worker(tmp_path / "python", tmp_path, dict(os.environ))
    assert only_error(worker) == (
        f"The painter's Python '{tmp_path / 'python'}' cannot be run (No such file or directory): choose another one "
        "in the preferences of Stylestrip."
    )
    worker.close()


def test_ctrl_c_in_the_terminal_of_blender_does_not_reach_the_worker(start):
    worker = start(GREET + STAY)
    assert os.getpgid(worker.process.pid) != os.getpgid(0)
