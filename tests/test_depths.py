"""Frames of more than eight bits: what was not painted is as it was, what was painted is as fine and as bright."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from clips import numbered_frame, style_picture, write_png

from style_core.__main__ import main
from style_core.job import Job, Look, Motion, Output, Region, Source
from style_core.media.clip import open_clip
from style_core.media.frame import Frame
from style_core.media.pictures import read_picture, read_pixels, write_picture, write_pixels
from style_core.sequence import Cancelled, paint_job

KINDS = {
    "8 bits": (".png", "uint8"),
    "16 bits": (".png", "uint16"),
    "16 bits, TIFF": (".tif", "uint16"),
    "half floats": (".exr", "float16"),
    "floats": (".exr", "float32"),
}


def picture_of(kind: str, number: int, alpha: bool = False) -> np.ndarray:
    """A numbered frame in this depth, (H, W, C): as light up to nine times as bright as white, with dark that is less
    than black, and a glow where there is no alpha."""
    shown = numbered_frame(number).astype(np.float64) / 255 + np.linspace(0, 0.003, 96)[:, None]
    see_through = np.linspace(-0.2, 1.2, 96)[None, :, None].clip(0, 1).repeat(64, axis=0)
    if "float" in kind:
        light = 9 * shown**3 - 0.01
        light = np.dstack([light * see_through, see_through]) if alpha else light
        light[-8:, :8, :3] = 2.5
        return light.astype(KINDS[kind][1])
    values = np.dstack([shown, see_through]) if alpha else shown
    return np.rint(values.clip(0, 1) * (255 if kind == "8 bits" else 65535)).astype(KINDS[kind][1])


def sequence(folder: Path, kind: str, count: int = 3, alpha: bool = False) -> Path:
    """A folder of pictures."""
    folder.mkdir()
    for number in range(1, count + 1):
        write_pixels(folder / f"{number}{KINDS[kind][0]}", picture_of(kind, number, alpha))
    return folder


def job_of(source: Path, tmp_path: Path, steps: int = 3, **output: object) -> Job:
    write_png(tmp_path / "style.png", style_picture())
    return Job(
        Source(str(source)),
        Look(styles=(str(tmp_path / "style.png"),), steps=steps),
        motion=Motion(steps=2),
        output=Output(**{"size": 0, "cache": str(tmp_path / "cache"), "report": False} | output),
        device="cpu",
    )


def ignore(progress: object) -> None:
    """For jobs whose progress does not matter."""


def left_half(tmp_path: Path) -> Region:
    mask = np.zeros((64, 96), np.uint8)
    mask[:, :48] = 255
    return Region(mask=str(write_png(tmp_path / "mask.png", mask)))


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_job_that_changes_nothing_keeps_every_bit(tmp_path, kind, alpha):
    job = job_of(sequence(tmp_path / "clip", kind, 2, alpha), tmp_path, steps=0)
    for number, file in enumerate(paint_job(job, ignore).files, 1):
        found, expected = read_pixels(file), picture_of(kind, number, alpha)
        assert found.dtype == expected.dtype and np.array_equal(found, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_what_lies_outside_of_a_region_keeps_every_bit(tmp_path, kind):
    job = job_of(sequence(tmp_path / "clip", kind, 1, alpha=True), tmp_path)
    (file,) = paint_job(dataclasses.replace(job, regions=(left_half(tmp_path),)), ignore).files
    found, expected = read_pixels(file), picture_of(kind, 1, alpha=True)
    assert found.dtype == expected.dtype
    assert np.array_equal(found[:, 48:], expected[:, 48:])
    assert np.array_equal(found[..., 3], expected[..., 3])
    assert (found[:, 24:40, :3] != expected[:, 24:40, :3]).mean() > 0.5


def test_light_is_painted_as_bright_as_it_is(tmp_path):
    job = job_of(sequence(tmp_path / "clip", "half floats", 1), tmp_path, steps=20)
    (file,) = paint_job(job, ignore).files
    found, light = (
        pixels.astype(np.float32).max(axis=2) for pixels in (read_pixels(file), picture_of("half floats", 1))
    )
    assert file.name == "000001.exr" and read_pixels(file).dtype == np.float16
    bright = light > 4
    assert found[bright].mean() > 0.3 * light[bright].mean() and found[bright].mean() > 1.5
    assert found[light < 1].max() <= 1.001


def test_the_network_sees_the_hue_of_light_however_bright_it_is(tmp_path):
    write_pixels(tmp_path / "a.exr", np.array([[[8, 2, 1], [1, 0.25, 0.125], [0.5, 0.5, 0.5]]], np.float16))
    bright, white, grey = read_picture(tmp_path / "a.exr").rgb[0]
    assert np.allclose(bright, white, atol=1e-3) and bright[0] > 254.9
    assert np.allclose(grey, 187.5, atol=0.1)


def test_light_comes_back_from_its_file_in_the_colours_of_its_paint(tmp_path):
    write_pixels(tmp_path / "source.exr", picture_of("floats", 1, alpha=True))
    source = read_picture(tmp_path / "source.exr")
    paint = 255 * np.random.default_rng(0).random((64, 96, 3), np.float32)
    write_picture(tmp_path / "paint.exr", source.repainted(paint).halved())
    found = read_picture(tmp_path / "paint.exr").as_paint_of(source)
    opaque = source.alpha > 100
    assert np.abs(found.rgb - paint)[opaque].max() < 0.15
    glow = read_pixels(tmp_path / "paint.exr")[-8:, :8, :3]
    assert (glow == 2.5).all(), "what has no alpha has nothing that could be painted"


def test_a_finer_source_is_painted_finer(tmp_path):
    job = job_of(sequence(tmp_path / "clip", "16 bits", 1), tmp_path)
    (file,) = paint_job(job, ignore).files
    painted = read_pixels(file)
    assert painted.dtype == np.uint16 and len(np.unique(painted)) > 1000


@pytest.mark.parametrize("kind", ["16 bits", "half floats"])
def test_an_interrupted_job_ends_with_the_bytes_of_an_unbroken_one(tmp_path, kind):
    finished = []
    job = job_of(sequence(tmp_path / "clip", kind, alpha=True), tmp_path)
    whole = paint_job(job_of(tmp_path / "clip", tmp_path, cache=str(tmp_path / "whole")), ignore)
    with pytest.raises(Cancelled):
        paint_job(job, lambda p: finished.append(p.frame) if p.finished else None, lambda: len(finished) == 2)
    rest = paint_job(job, ignore)
    assert rest.reused == 2
    assert [file.read_bytes() for file in rest.files] == [file.read_bytes() for file in whole.files]


@pytest.mark.parametrize("depth, ending, type_", [("png8", ".png", "uint8"), ("png16", ".png", "uint16"),
                                                   ("exr", ".exr", "float16")])  # fmt: skip
@pytest.mark.parametrize("kind", ["8 bits", "16 bits", "half floats"])
def test_frames_are_stored_in_the_depth_that_is_wanted(tmp_path, kind, depth, ending, type_):
    job = job_of(sequence(tmp_path / "clip", kind, 1, alpha=True), tmp_path, steps=0, depth=depth)
    (file,) = paint_job(job, ignore).files
    assert (file.suffix, read_pixels(file).dtype) == (ending, type_)
    source, stored = (read_picture(path) for path in (tmp_path / "clip" / f"1{KINDS[kind][0]}", file))
    visible = source.alpha > 16
    assert np.abs(stored.seen.astype(int) - source.seen)[visible].max() <= 1
    assert job.fingerprint() != job_of(tmp_path / "clip", tmp_path, steps=0).fingerprint()


def test_a_sequence_of_two_depths_is_painted_in_that_of_the_first(tmp_path):
    folder = sequence(tmp_path / "clip", "16 bits", 1)
    write_pixels(folder / "2.png", picture_of("8 bits", 2))
    one, other = paint_job(job_of(folder, tmp_path), ignore).files
    assert read_pixels(one).dtype == read_pixels(other).dtype == np.uint16


def test_light_is_delivered_as_it_is_to_a_folder_and_as_it_is_seen_to_a_film(tmp_path):
    folder = sequence(tmp_path / "clip", "half floats", 2)
    paint_job(job_of(folder, tmp_path, steps=0, path=str(tmp_path / "out")), ignore)
    assert np.array_equal(read_pixels(tmp_path / "out" / "000002.exr"), picture_of("half floats", 2))
    paint_job(job_of(folder, tmp_path, steps=0, path=str(tmp_path / "out.mkv")), ignore)
    film = open_clip(str(tmp_path / "out.mkv")).read(2).seen.astype(int)
    assert np.abs(film - read_picture(folder / "2.exr").seen).mean() < 6


def test_a_film_of_light_is_measured(tmp_path):
    result = paint_job(job_of(sequence(tmp_path / "clip", "floats", 2), tmp_path, report=True), ignore)
    assert result.report and not result.why_no_report


def test_a_picture_is_painted_to_an_exr_file_as_light(tmp_path):
    write_pixels(tmp_path / "in.exr", picture_of("half floats", 1))
    write_png(tmp_path / "style.png", style_picture())
    words = ["image", str(tmp_path / "in.exr"), "-s", str(tmp_path / "style.png"), "--steps", "3", "--size", "64"]
    words += ["--device", "cpu", "--cache", str(tmp_path / "cache"), "-o"]
    assert main([*words, str(tmp_path / "out.exr")]) == 0
    assert read_pixels(tmp_path / "out.exr").max() > 2
    assert main([*words, str(tmp_path / "out.png"), "--depth", "png16"]) == 0
    assert read_pixels(tmp_path / "out.png").dtype == np.uint16


def test_a_lamp_has_no_dark_ring_where_a_frame_is_made_larger():
    light = np.full((16, 16, 3), 0.2, np.float32)
    light[8:, 8:] = 50
    frame = Frame(np.zeros((16, 16, 3), np.uint8)).at("exr")
    frame = dataclasses.replace(frame, light=dataclasses.replace(frame.light, pixels=light))
    assert frame.resized(40, 40).light.pixels.min() >= 0.2
