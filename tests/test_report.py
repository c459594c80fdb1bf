"""What is measured of a painted film, and the page that shows it."""

import dataclasses
import json
import re

import cv2
import numpy as np
import pytest
from clips import numbered_frame, style_picture, write_film, write_png

from style_core.__main__ import main
from style_core.engine.painter import Painter, choose_device
from style_core.job import Job, Look, Motion, Output, Source
from style_core.media.frame import Frame
from style_core.report.evaluation import evaluate
from style_core.report.measures import Flicker, lai_error, mean_lab, ruder_error, stability
from style_core.report.page import page
from style_core.sequence import paint_job


def test_ruders_error_counts_hidden_pixels_as_none_and_lais_leaves_them_out():
    rng = np.random.default_rng(0)
    now, warped = (rng.integers(0, 256, (4, 5, 3)).astype(np.uint8) for _ in range(2))
    seen = rng.random((4, 5)) < 0.6
    each = ((now.astype(float) - warped) / 255) ** 2
    assert ruder_error(now, warped, seen) == pytest.approx((each * seen[..., None]).sum() / 60, rel=1e-5)
    assert lai_error(now, warped, seen) == pytest.approx(each[seen].mean(), rel=1e-5)
    assert ruder_error(now, now, seen) == lai_error(now, now, seen) == 0


def test_stability_is_the_root_of_the_mean_error():
    assert stability([0.01, 0.03]) == pytest.approx(0.02**0.5)
    assert stability([]) == 0


def test_flicker_is_the_deviation_of_pixels_that_stand_still_after_they_have_settled():
    rng, flicker, still = np.random.default_rng(1), Flicker(5), np.ones((40, 50), bool)
    still[:, 25:] = False
    found = []
    for number in range(60):
        noise = rng.normal(0, 2, (40, 50, 3))
        noise[:, 25:] *= 20  # where things move nothing is counted
        jump = 100 if number < 4 else 0  # nor what happens before the picture has settled
        found.append(flicker.add(128 + noise + jump, still if number else None))
    assert found[:6] == [None] * 6
    assert found[-1] == pytest.approx(2, rel=0.05)


def test_mean_lab_of_grey_has_lightness_alone():
    lightness, a, b = mean_lab(np.full((8, 8, 3), 119, np.uint8))
    assert lightness == pytest.approx(50, abs=0.5)
    assert abs(a) < 0.1
    assert abs(b) < 0.1


def textured(shift=0, seed=0):
    noise = np.random.default_rng(seed).integers(0, 256, (120, 200, 3)).astype(np.uint8)
    return np.ascontiguousarray(cv2.GaussianBlur(noise, (0, 0), 2)[:96, 40 - shift : 168 - shift])


def measured(source, painted, **motion):
    return evaluate(
        range(1, len(source) + 1),
        lambda n: Frame(source[n - 1]),
        lambda n: Frame(painted[n - 1]),
        Motion(flow="dis-fast", **motion),
        None,
    )


def test_paint_that_moves_with_the_film_is_steady_and_paint_that_boils_is_not():
    film = [textured(2 * i) for i in range(4)]
    along = [255 - textured(2 * i) for i in range(4)]
    boiling = [textured(2 * i, seed=i + 5) for i in range(4)]
    steady, unsteady = (measured(film, paint).summary()["warp_error_ruder"] for paint in (along, boiling))
    assert steady < 0.02 * unsteady


def test_drift_is_what_the_mean_colour_does_beyond_the_films_own():
    film = [textured()] * 5
    brighter = [np.clip(textured() // 2 + 60 + 6 * i, 0, 255).astype(np.uint8) for i in range(5)]
    by_hand = np.linalg.norm(mean_lab(brighter[4]) - mean_lab(brighter[0]))
    assert measured(film, brighter).summary()["drift"] == pytest.approx(by_hand, rel=1e-3)
    assert measured(brighter, brighter).summary()["drift"] == 0, "a fade of the film itself is none"


def test_across_a_cut_nothing_is_compared():
    film = [textured(), textured(1), 255 - textured(0, seed=9), 255 - textured(1, seed=9)]
    report = measured(film, film, cuts="3")
    assert [frame.begins_shot for frame in report.frames] == [True, False, True, False]
    assert [frame.ruder is None for frame in report.frames] == [True, False, True, False]
    assert "Shots begin at 3" in page(report, "film")


def test_the_page_needs_nothing_else_and_shows_every_number():
    film = [textured(2 * i) for i in range(5)]
    text = page(measured(film, film), 'a "film" & <more>')
    assert not re.search(r"https?://|<script|<link|src=\"(?!data:)", text)
    assert "a &quot;film&quot; &amp; &lt;more&gt;" in text
    assert text.count("<svg") == 2, "no losses without a style, and no flicker before a second has gone"
    data = re.search(r"data:image/jpeg;base64,([^\"]+)", text).group(1)
    assert len(data) > 1000


@pytest.fixture
def job(tmp_path):
    write_film(tmp_path / "clip.mp4", 3)
    write_png(tmp_path / "style.png", style_picture())
    look = Look(styles=(str(tmp_path / "style.png"),), steps=3)
    output = Output(size=96, cache=str(tmp_path / "cache"))
    return Job(source=Source(path=str(tmp_path / "clip.mp4")), look=look, motion=Motion(steps=2), output=output)


@pytest.mark.slow
def test_a_job_writes_its_report_beside_the_frames_and_paints_the_same_without(job, tmp_path):
    stages = set()
    result = paint_job(job, lambda progress: stages.add(progress.stage))
    assert result.report == result.folder / "report.html"
    numbers = json.loads((result.folder / "report.json").read_text())
    assert len(numbers["frames"]) == 3
    assert numbers["summary"]["style_loss"] > 0
    assert "checking" in stages
    plain = dataclasses.replace(job.output, report=False, cache=str(tmp_path / "other"))
    without = paint_job(dataclasses.replace(job, output=plain), lambda progress: None)
    assert without.report is None
    assert [f.read_bytes() for f in without.files] == [f.read_bytes() for f in result.files]
    assert dataclasses.replace(job, output=plain).fingerprint() == job.fingerprint()


def test_a_finished_film_is_measured_again_only_if_other_frames_are_asked_for(job):
    whole = paint_job(job, lambda progress: None)
    stages = []
    assert paint_job(job, lambda progress: stages.append(progress.stage)).report == whole.report
    assert "checking" not in stages
    part = dataclasses.replace(job, source=dataclasses.replace(job.source, last=2))
    page_of_part = paint_job(part, lambda progress: None).report
    assert page_of_part.name == "report-1-2.html"
    assert frames_in(page_of_part) == [1, 2]
    assert frames_in(whole.report) == [1, 2, 3], "each stretch keeps its own"


def frames_in(page_file):
    """The frames that a report is on."""
    return [frame["number"] for frame in json.loads(page_file.with_suffix(".json").read_text())["frames"]]


def test_one_frame_alone_has_no_report(job):
    one = dataclasses.replace(job, source=dataclasses.replace(job.source, last=1))
    assert paint_job(one, lambda progress: None).report is None


def test_the_command_measures_a_painted_film(job, tmp_path, capsys):
    result = paint_job(job, lambda progress: None)
    painted = tmp_path / "painted"
    painted.mkdir()
    for file in result.files:
        (painted / file.name).write_bytes(file.read_bytes())
    command = ["evaluate", str(painted), "--source", job.source.path, "-s", job.look.styles[0], "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)["summary"]
    assert found["warp_error_ruder"] > 0
    assert found["content_loss"] > 0
    assert (painted / "report.html").is_file()


def test_exact_flow_is_named_as_the_pictures_are_numbered(tmp_path):
    (tmp_path / "shot").mkdir()
    for number in (1001, 1002):
        write_png(tmp_path / "shot" / f"shot.{number}.png", numbered_frame(number))
    (tmp_path / "flow").mkdir()
    cv2.writeOpticalFlow(str(tmp_path / "flow" / "1001.flo"), np.zeros((64, 96, 2), np.float32))
    shot = str(tmp_path / "shot")
    command = ["evaluate", shot, "--source", shot, "--frames", "1-2", "--flow", str(tmp_path / "flow")]
    assert main([*command, "-o", str(tmp_path / "report.html")]) == 0


def test_the_style_pictures_of_a_look_file_are_those_of_the_film(job, tmp_path, capsys):
    (tmp_path / "mine.toml").write_text('styles = ["style.png"]\n')
    clip = job.source.path
    assert main(["evaluate", clip, "--source", clip, "--look", str(tmp_path / "mine.toml"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["summary"]["style_loss"] > 0


def test_a_film_of_another_length_is_refused_with_both_lengths(job, tmp_path, capsys):
    write_film(tmp_path / "short.mp4", 2)
    assert main(["evaluate", str(tmp_path / "short.mp4"), "--source", job.source.path]) == 2
    assert "has 2 frames, but 3 of" in capsys.readouterr().err


def test_frames_are_compared_with_those_that_their_files_are_named_by(job, tmp_path, capsys):
    painted = tmp_path / "painted"
    painted.mkdir()
    for number in (2, 3):
        write_png(painted / f"{number:06d}.png", numbered_frame(number))
    command = ["evaluate", str(painted), "--source", job.source.path, "--json"]
    assert main(command) == 0
    assert [frame["number"] for frame in json.loads(capsys.readouterr().out)["frames"]] == [2, 3]
    (painted / "000002.png").rename(painted / "000001.png")
    assert main([*command, "--frames", "2-3"]) == 0
    assert [frame["number"] for frame in json.loads(capsys.readouterr().out)["frames"]] == [2, 3], "as a person says"
    assert main(command) == 2
    assert f"'{painted}' has frames 1-3, but not frame 2: paint what is missing" in capsys.readouterr().err


@pytest.mark.parametrize(("width", "height"), [(96, 96), (64, 96), (96, 54)])
def test_a_film_of_another_shape_is_refused_with_both_sizes(job, tmp_path, capsys, width, height):
    write_film(tmp_path / "other.mp4", 3, width=width, height=height)
    assert main(["evaluate", str(tmp_path / "other.mp4"), "--source", job.source.path]) == 2
    said = capsys.readouterr().err
    assert f"other.mp4' has {width} x {height} pixels" in said and "96 x 64, which is another shape" in said
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(("width", "height"), [(192, 128), (64, 44), (72, 48)])
def test_a_film_of_another_size_is_measured_whatever_its_sides_were_rounded_to(job, tmp_path, width, height):
    write_film(tmp_path / "other.mp4", 3, width=width, height=height)
    assert main(["evaluate", str(tmp_path / "other.mp4"), "--source", job.source.path]) == 0


def test_the_losses_are_those_of_the_look():
    content = numbered_frame(1)
    style = cv2.resize(style_picture(), content.shape[1::-1])
    painter = Painter(Look(), [style], choose_device("cpu"), "full")
    assert painter.content_and_style(content, content)[0] == 0
    assert painter.content_and_style(content, style)[1] < painter.content_and_style(content, content)[1]
