"""Settings that change through a film: mixing, strength and shapes, frame by frame."""

import json
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import numbered_frame, write_png

from style_core.curve import Curve
from style_core.job import Job, Look, Motion, Output, Source, UserError
from style_core.sequence import paint_job
from style_core.styles import STYLES

QUICK = {"steps": 12, "first_size": 64}


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Four frames that are all alike but for their grain."""
    folder = tmp_path / "clip"
    folder.mkdir()
    for number in range(1, 5):
        grain = np.random.default_rng(number).integers(-2, 3, (64, 96, 3))
        write_png(folder / f"{number}.png", np.clip(numbered_frame(1) + grain, 0, 255).astype(np.uint8))
    return folder


def job(pictures: Path, cache: Path, **given: object) -> Job:
    """All frames of the pictures, painted quickly."""
    look = Look(styles=(str(STYLES["oil-swirl"].file),), **QUICK)
    given = {"look": look, "motion": Motion(steps=6)} | given
    return Job(source=Source(str(pictures)), output=Output(size=96, cache=str(cache), report=False), **given)


def frames(painting: Job) -> list[np.ndarray]:
    """The painted frames of a job."""
    return [cv2.imread(str(file)).astype(float) for file in paint_job(painting, lambda progress: None).files]


def test_a_mix_lays_the_paint_over_the_source(pictures, tmp_path):
    sources = [cv2.imread(str(file)).astype(float) for file in sorted(pictures.iterdir())]
    whole = frames(job(pictures, tmp_path / "cache"))
    half = frames(job(pictures, tmp_path / "cache", mix=0.5))
    none = frames(job(pictures, tmp_path / "cache", mix=0.0))
    for source, painted, mixed, bare in zip(sources, whole, half, none, strict=True):
        assert np.abs(mixed - (source + painted) / 2).max() <= 1
        assert np.array_equal(bare, source)


def test_another_mix_costs_no_painting(pictures, tmp_path):
    one, other = (job(pictures, tmp_path / "cache", mix=mix) for mix in (0.5, 0.7))
    paint_job(one, lambda progress: None)
    layers = {layer.fingerprint() for layer in (*one.layers, *other.layers)}
    assert len(layers) == 1, "both are mixed from the same paint"
    (folder,) = layers
    times = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "cache" / folder).glob("*.png")}
    paint_job(other, lambda progress: None)
    assert {f.name: f.stat().st_mtime_ns for f in (tmp_path / "cache" / folder).glob("*.png")} == times
    assert one.fingerprint() != other.fingerprint()


def test_a_mix_changes_through_the_film(pictures, tmp_path):
    whole = frames(job(pictures, tmp_path / "cache"))
    curve = Curve("mix", (0.0, 0.25, 1.0))
    mixed = frames(job(pictures, tmp_path / "cache", curves=(curve,)))
    sources = [cv2.imread(str(file)).astype(float) for file in sorted(pictures.iterdir())]
    for source, painted, found, share in zip(sources, whole, mixed, (0.0, 0.25, 1.0, 1.0), strict=True):
        assert np.abs(found - (source + share * (painted - source))).max() <= 1


def test_strength_that_grows_is_painted_more_strongly_with_every_frame(pictures, tmp_path):
    curve = Curve("style_weight", (0.02, 0.1, 0.5, 2.5))
    painted = frames(job(pictures, tmp_path / "cache", curves=(curve,)))
    source = cv2.imread(str(pictures / "1.png")).astype(float)
    away = [np.abs(frame - source).mean() for frame in painted]
    assert all(later > earlier * 1.02 for earlier, later in pairwise(away)), away


@pytest.mark.slow
def test_what_was_interrupted_goes_on_with_the_same_strength(pictures, tmp_path):
    curve = Curve("style_weight", (0.1, 0.5, 1.0, 2.0))
    whole = frames(job(pictures, tmp_path / "whole", curves=(curve,)))
    shorter = job(pictures, tmp_path / "cache", curves=(curve,))
    first = Job(**{**vars(shorter), "source": Source(str(pictures), last=2)})
    frames(first)
    assert first.fingerprint() == shorter.fingerprint()
    assert all(map(np.array_equal, frames(shorter), whole))


def test_a_curve_that_stays_as_it_ended_is_the_same_curve_longer(pictures, tmp_path):
    def fingerprint(*values: float) -> str:
        return job(pictures, tmp_path, curves=(Curve("style_weight", values),)).fingerprint()

    assert fingerprint(1.0, 2.0) == fingerprint(1.0, 2.0, 2.0)
    assert fingerprint(1.0, 2.0) != fingerprint(1.0, 2.0, 1.0)


def test_without_curves_and_mix_a_job_is_called_as_before(pictures, tmp_path):
    plain = job(pictures, tmp_path)
    assert plain.fingerprint() == plain.layers[0].fingerprint()


@pytest.mark.parametrize(
    "curves, words",
    [
        ([{"setting": "mix", "values": []}], "has no values"),
        ([{"setting": "mix", "values": [0.5, 1.5]}], "Mix is 1.5"),
        ([{"setting": "style_weight", "values": [-1]}], "Strength is -1"),
        ([{"setting": "size", "values": [1]}], "'size'; choose one of mix"),
        ([{"setting": "mix", "values": [1]}, {"setting": "mix", "values": [0]}], "two curves of 'mix'"),
    ],
)
def test_a_curve_that_cannot_be_is_refused_with_its_value(curves, words):
    with pytest.raises(UserError) as error:
        Job.from_json(json.dumps({"curves": curves}))
    assert words in str(error.value)
