"""What a painting does about memory that others want: it makes do with less, says so, and ends with a way out."""

import dataclasses
import io
import json

import pytest
import torch
from clips import style_picture, write_film, write_png

from style_core import protocol, session
from style_core.cache import FrameCache
from style_core.engine.memory import keeps_too_much, too_little
from style_core.engine.objective import LEAST_BYTES, Objective
from style_core.engine.precision import can_be_lowered
from style_core.job import Job, Look, Output, Source
from style_core.sequence import paint_job
from style_core.worker import Worker

CPU, CUDA, MPS = map(torch.device, ("cpu", "cuda", "mps"))
GIB = 1 << 30
NONE_LEFT = "CUDA out of memory. Tried to allocate 2.00 GiB"


@pytest.fixture
def job(tmp_path):
    film, style = write_film(tmp_path / "clip.mp4", 2), write_png(tmp_path / "style.png", style_picture())
    look, output = Look(styles=(str(style),), steps=1), Output(cache=str(tmp_path / "cache"), size=32, report=False)
    return Job(Source(str(film), last=1), look, output=output, precision="auto")


@pytest.fixture
def card(monkeypatch):
    """Stands for a card: `card.allows` says whether an evaluation finds memory. No card is needed to run out of it."""

    class Card:
        allows = staticmethod(lambda objective: True)

    evaluate = Objective.evaluate

    def scarce(objective, x):
        if not Card.allows(objective):
            raise torch.OutOfMemoryError(NONE_LEFT)
        return evaluate(objective, x)

    monkeypatch.setattr(Objective, "evaluate", scarce)
    monkeypatch.setattr(session, "can_be_lowered", lambda name, kind, device: can_be_lowered(name, kind, CUDA))
    return Card


def in_float32(monkeypatch):
    """Auto takes float32, as on a card without fast half precision."""
    monkeypatch.setattr("style_core.engine.precision.multiplies_in_half", lambda device: False)


def test_half_precision_saves_memory_where_the_choice_is_ours_and_never_on_the_processor():
    asked = [(name, kind, device) for name in ("auto", "full", "half") for kind in (torch.float32, torch.float16)
             for device in (CPU, CUDA, MPS) if can_be_lowered(name, kind, device)]  # fmt: skip
    assert asked == [("auto", torch.float32, CUDA), ("auto", torch.float32, MPS)]


def test_what_torch_keeps_for_later_is_given_back_between_frames_only_if_others_have_little():
    assert keeps_too_much(free=GIB // 2, reserved=6 * GIB, used=GIB)
    assert not keeps_too_much(free=8 * GIB, reserved=6 * GIB, used=GIB), "it would be asked for again at once"
    assert not keeps_too_much(free=GIB // 2, reserved=GIB, used=GIB), "there is nothing to give"


def test_memory_that_runs_out_leads_to_smaller_pieces_then_to_half_precision_and_both_are_told(job, card, monkeypatch):
    in_float32(monkeypatch)
    tried = []

    def allows(objective):
        tried.append((objective.encoder.precision, objective.most_bytes))
        return objective.encoder.precision != torch.float32

    card.allows, heard = allows, []
    assert paint_job(job, heard.append).notes == (session.IN_HALF,)
    assert heard[-1].notes == (session.IN_HALF,), "the panel shows it while it goes on"
    in_full = [most for precision, most in tried if precision == torch.float32]
    assert in_full == sorted(in_full, reverse=True) and in_full[-1] == LEAST_BYTES < in_full[0]
    cache = FrameCache(job, job.fingerprint(), "png8")
    assert cache.memory("cpu") == (LEAST_BYTES, True), "going on later is done in the same way"


def answers_to(job):
    """What a worker says to a job."""
    said = io.StringIO()
    worker = Worker(io.StringIO(protocol.encode(protocol.RUN, id="a", job=json.loads(job.to_json()))), said)
    worker.quitting.is_set = lambda: False  # the input of a test ends at once
    worker.serve()
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_where_nothing_is_left_the_processor_is_offered(job, card):
    assert "set Device to Processor" in too_little(CUDA, (3840, 2160))
    assert "Device" not in too_little(CPU, (64, 64))
    card.allows = lambda objective: False
    told = answers_to(dataclasses.replace(job, precision="full"))
    assert told[-1]["type"] == protocol.ERROR and "too little memory left for frames of 32 x " in told[-1]["message"]
    assert told[-1]["wrong_input"] is False, "the same may be painted another time"


def test_smaller_pieces_are_told_with_the_progress_and_at_the_end(job, card):
    job = dataclasses.replace(job, precision="full")
    card.allows = lambda objective: objective.most_bytes < 8 * LEAST_BYTES
    told = answers_to(job)
    frames = [one for one in told if one["type"] == protocol.FRAME]
    assert [one["notes"] for one in frames] == [[session.IN_PIECES]] and told[-1]["notes"] == [session.IN_PIECES]
