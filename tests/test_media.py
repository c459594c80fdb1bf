"""Frames in and out: exact by number, right in colour, whole on disk."""

from fractions import Fraction

import av
import cv2
import numpy as np
import OpenImageIO
import pytest
from clips import number_in, numbered_frame, write_film, write_png

from style_core.job import Job, Look, Region, Source, UserError
from style_core.media.clip import frame_range, open_clip
from style_core.media.delivery import Sound, check_delivery, deliver, refuse_inputs
from style_core.media.frame import Frame, fitted_size
from style_core.media.pictures import read_picture, write_picture


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_any_frame_of_a_film_is_exact_in_any_order(tmp_path, ending):
    film = open_clip(str(write_film(tmp_path / f"film{ending}", 60)))
    assert film.count == 60
    order = [1, 2, 3, 30, 29, 60, 1, 12, 13, 14, 59, 58, 25, 60]
    assert [number_in(film.read(number).rgb) for number in order] == order


def test_a_film_is_read_with_its_colours(tmp_path):
    film = open_clip(str(write_film(tmp_path / "film.mp4", 3)))
    difference = film.read(2).rgb.astype(int) - numbered_frame(2)
    assert np.abs(difference).mean() < 6
    assert abs(difference.mean()) < 1


@pytest.mark.parametrize("layout, steps", [("yuv420p", (2, 2)), ("yuv422p", (1, 2)), ("yuv444p", (1, 1))])
@pytest.mark.parametrize("colours, red, blue", [("", 0.299, 0.114), ("bt709", 0.2126, 0.0722)])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("bits", [8, 10, 12])
def test_the_colours_of_a_film_are_those_of_the_formula(tmp_path, layout, steps, colours, red, blue, full, bits):
    layout += f"{bits}le" if bits > 8 else ""
    kind, scale = (np.uint8 if bits == 8 else np.uint16), 2 ** (bits - 8)
    path, planes = tmp_path / "film.mkv", []
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 50, 38, layout
        stream.codec_context.colorspace = {"": 2, "bt709": 1}[colours]
        stream.codec_context.color_range = 2 if full else 1
        frame = av.VideoFrame(50, 38, layout)
        for seed, plane in enumerate(frame.planes):
            size = (plane.height, plane.line_size // np.dtype(kind).itemsize)
            noise = np.random.default_rng(seed).integers(16 * scale, 236 * scale, size, kind)
            plane.update(noise.tobytes())
            planes.append(noise[:, : plane.width].astype(float))
        container.mux([*stream.encode(frame), *stream.encode(None)])
    light, first, second = planes[0], *(one.repeat(steps[0], 0).repeat(steps[1], 1) for one in planes[1:])
    # ITU-T H.273: E'Y, E'PB and E'PR in shares of 1.
    middle, most = 128 * scale, 2**bits - 1
    y, pb, pr = (light / most, (first - middle) / most, (second - middle) / most) if full else (
        (light / scale - 16) / 219, (first - middle) / scale / 224, (second - middle) / scale / 224
    )  # fmt: skip
    r, b = y + 2 * (1 - red) * pr, y + 2 * (1 - blue) * pb
    g = (y - red * r - blue * b) / (1 - red - blue)
    expected = 255 * np.dstack([r, g, b]).clip(0, 1)
    film = open_clip(str(path))
    found = film.read(1).rgb
    assert (film.depth, found.dtype) == (("png8", np.uint8) if bits == 8 else ("png16", np.float32))
    expected, limit = (np.rint(expected), 1) if bits == 8 else (expected, 1e-3)
    assert np.abs(found - expected).max() <= limit and (np.abs(found - expected) > 1e-3).mean() < 0.01


def test_a_frame_that_a_film_does_not_have_is_named(tmp_path):
    film = open_clip(str(write_film(tmp_path / "film.mp4", 5)))
    with pytest.raises(UserError, match="has 5 frames; frame 6 does not exist"):
        film.read(6)
    with pytest.raises(UserError, match=r"Frames 3-9 are wanted.*has 5"):
        frame_range(Source(path="film.mp4", first=3, last=9), film)


def test_pictures_of_a_folder_come_in_the_order_of_their_numbers(tmp_path):
    for number in (10, 9, 2, 1, 11):
        write_png(tmp_path / f"shot{number}.png", numbered_frame(number))
    (tmp_path / "notes.txt").write_text("not a picture")
    clip = open_clip(str(tmp_path))
    assert [number_in(clip.read(n).rgb) for n in range(1, clip.count + 1)] == [1, 2, 9, 10, 11]


def test_named_files_come_in_the_order_given(tmp_path):
    for number in (1, 2, 3):
        write_png(tmp_path / f"{number}.png", numbered_frame(number))
    clip = open_clip(str(tmp_path), ("3.png", "1.png", "3.png"))
    assert [number_in(clip.read(n).rgb) for n in (1, 2, 3)] == [3, 1, 3]


def test_a_sequence_of_two_sizes_is_refused(tmp_path):
    write_png(tmp_path / "1.png", numbered_frame(1))
    write_png(tmp_path / "2.png", numbered_frame(2, width=80))
    with pytest.raises(UserError, match=r"2\.png' is 80 x 64 pixels, the sequence began with 96 x 64"):
        open_clip(str(tmp_path)).read(2)


def test_alpha_and_colour_survive_reading_and_writing(tmp_path):
    rgba = np.random.default_rng(0).integers(0, 256, (8, 9, 4), np.uint8)
    frame = read_picture(write_png(tmp_path / "in.png", rgba))
    assert np.array_equal(frame.rgb, rgba[..., :3])
    assert np.array_equal(frame.alpha, rgba[..., 3])
    write_picture(tmp_path / "out.png", frame)
    assert np.array_equal(cv2.imread(str(tmp_path / "out.png"), cv2.IMREAD_UNCHANGED), rgba[..., [2, 1, 0, 3]])


def test_grey_becomes_colour_and_16_bits_are_seen_as_8(tmp_path):
    ramp = np.tile(np.arange(0, 65536, 257, np.uint16), (4, 1))
    frame = read_picture(write_png(tmp_path / "ramp.png", ramp))
    assert np.array_equal(frame.seen, np.repeat((ramp // 257).astype(np.uint8)[..., None], 3, axis=2))


def test_scene_linear_exr_is_seen_as_the_eye_sees_it(tmp_path):
    linear = np.array([[[0.2158605, 0.0, 1.0], [7.0, 0.0030, 0.5]]], np.float32)
    file = OpenImageIO.ImageOutput.create(str(tmp_path / "a.exr"))
    file.open(str(tmp_path / "a.exr"), OpenImageIO.ImageSpec(2, 1, 3, "half"))
    file.write_image(linear)
    file.close()
    assert read_picture(tmp_path / "a.exr").seen.tolist() == [[[128, 0, 255], [255, 10, 188]]]


@pytest.mark.parametrize("name", ["notes.txt", "broken.png"])
def test_what_is_no_picture_is_refused_by_name(tmp_path, name):
    (tmp_path / name).write_text("Dear editor")
    with pytest.raises(UserError, match=f"{name}' cannot be read as a picture"):
        read_picture(tmp_path / name)


def test_what_is_no_film_is_refused_by_name(tmp_path):
    (tmp_path / "notes.txt").write_text("Dear editor")
    with pytest.raises(UserError, match=r"notes\.txt' cannot be read as a film"):
        open_clip(str(tmp_path / "notes.txt"))


def test_a_failed_write_leaves_neither_file_nor_remains(tmp_path):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(UserError, match="Cannot write"):
        write_picture(tmp_path / "folder.png", Frame(numbered_frame(1)))
    assert [p.name for p in tmp_path.iterdir()] == ["folder.png"]


def test_sizes_keep_their_shape():
    assert fitted_size(1920, 1080, 256) == (256, 144)
    assert fitted_size(480, 854, 256) == (144, 256)
    assert fitted_size(640, 480, 0) == (640, 480)


def test_a_delivered_film_has_the_clips_rate_frames_and_sound_of_the_same_time(tmp_path):
    clip = open_clip(str(write_film(tmp_path / "clip.mp4", 50, sound=True)))
    files = [write_png(tmp_path / f"{n:06d}.png", numbered_frame(n, 97, 63)) for n in range(21, 36)]
    deliver(files, tmp_path / "out.mp4", clip, first=21)

    out = open_clip(str(tmp_path / "out.mp4"))
    assert (out.count, out.rate) == (15, 25)
    assert out.size == (98, 64), "odd sides are filled up"
    assert [number_in(out.read(n).rgb) for n in (1, 8, 15)] == [21, 28, 35]

    with av.open(str(tmp_path / "out.mp4")) as container:
        sound = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    assert len(sound) / 48000 == pytest.approx(0.6, abs=0.03)
    # The tone gets louder at 1.0 s of the clip, which is 0.2 s into the stretch.
    loudness = [np.sqrt(np.mean(sound[int(a * 48000) : int(b * 48000)] ** 2)) for a, b in ((0.05, 0.17), (0.25, 0.5))]
    assert loudness[1] / loudness[0] == pytest.approx(2, rel=0.1)


def loudness_of(path):
    """The sound of a film, as how loud each tenth of a second of it is."""
    with av.open(str(path)) as container:
        layout = container.streams.audio[0].layout.name
        resampler = av.AudioResampler(format="fltp", layout=layout, rate=48000)
        blocks = [one.to_ndarray()[0] for frame in container.decode(audio=0) for one in resampler.resample(frame)]
    sound = np.concatenate(blocks)
    return [np.sqrt(np.mean(part**2)) for part in np.split(sound, range(4800, len(sound), 4800))]


@pytest.mark.parametrize("ending", [".mp4", ".webm"])
def test_sound_that_begins_late_and_has_a_gap_stays_with_its_pictures(tmp_path, ending):
    with av.open(str(tmp_path / "clip.mkv"), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "4"})
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        track = container.add_stream("pcm_s16le", rate=48000, layout="stereo")
        for number in range(1, 76):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(numbered_frame(number))))
        container.mux(stream.encode(None))
        for begin, end in ((1.0, 1.5), (2.0, 2.5)):
            for start in range(int(begin * 48000), int(end * 48000), 480):
                wave = np.repeat(9000 * np.sin(np.arange(480) / 480 * 20 * np.pi), 2)[None].astype(np.int16)
                frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="stereo")
                frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
                container.mux(track.encode(frame))
    clip = open_clip(str(tmp_path / "clip.mkv"))
    files = [write_png(tmp_path / f"{n:06d}.png", numbered_frame(n)) for n in range(11, 76)]
    deliver(files, tmp_path / f"out{ending}", clip, first=11)
    # The stretch begins at 0.4 s of the clip.
    heard = [part > 0.05 for part in loudness_of(tmp_path / f"out{ending}")]
    assert heard[:21] == [False] * 6 + [True] * 5 + [False] * 5 + [True] * 5


def test_a_delivered_folder_holds_the_frames_under_their_numbers(tmp_path):
    clip = open_clip(str(write_film(tmp_path / "clip.mp4", 5)))
    files = [write_png(tmp_path / f"{n:06d}.png", numbered_frame(n)) for n in (2, 3)]
    (tmp_path / "out").mkdir()
    deliver(files, tmp_path / "out", clip, first=2)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["000002.png", "000003.png"]


def write_film_with_gaps(path, frames, dropped, rate=30):
    """Numbered frames, of which some were never recorded: the one before is shown for longer."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "4", "g": "12"})
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        stream.codec_context.time_base = Fraction(1, rate)
        for number in range(1, frames + 1):
            if number not in dropped:
                picture = av.VideoFrame.from_ndarray(numbered_frame(number))
                picture.pts, picture.time_base = number - 1, Fraction(1, rate)
                container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def test_a_film_of_variable_rate_is_counted_in_time_and_holds_its_pictures(tmp_path):
    dropped = {20, 21, 22, 40, 41, 70, 71, 72, 73, 90}
    film = open_clip(str(write_film_with_gaps(tmp_path / "phone.mp4", 120, dropped)))
    assert (film.rate, film.count) == (30, 120)
    shown = {n: number_in(film.read(n).rgb) for n in (1, 19, 20, 22, 23, 41, 42, 73, 74, 80, 120, 21)}
    assert shown == {1: 1, 19: 19, 20: 19, 22: 19, 23: 23, 41: 39, 42: 42, 73: 69, 74: 74, 80: 80, 120: 120, 21: 19}


def test_colours_of_a_linear_picture_are_not_darkened_by_its_alpha(tmp_path):
    pixels = np.zeros((4, 4, 4), np.float32)
    pixels[:2] = (0.25, 0.25, 0.25, 0.5)  # half transparent, so its colour is 0.5
    path = str(tmp_path / "render.exr")
    target = OpenImageIO.ImageOutput.create(path)
    assert target.open(path, OpenImageIO.ImageSpec(4, 4, 4, "float")) and target.write_image(pixels) and target.close()
    frame = read_picture(path).at("png8")
    assert frame.rgb[0, 0].tolist() == [188, 188, 188]
    assert frame.alpha[0, 0] == 128 and frame.alpha[3, 3] == 0
    assert frame.rgb[3, 3].tolist() == [0, 0, 0]


@pytest.mark.parametrize("which", ["source", "style", "mask"])
def test_what_a_job_reads_is_never_its_output(tmp_path, which):
    place = tmp_path / "mine.mkv"
    inputs = {name: str(place if name == which else tmp_path / name) for name in ("source", "style", "mask")}
    job = Job(Source(inputs["source"]), Look(styles=(inputs["style"],)), (Region(mask=inputs["mask"]),))
    with pytest.raises(UserError, match="is what the job reads"):
        check_delivery(tmp_path / "folder" / ".." / "mine.mkv", job)


def test_a_folder_that_a_job_reads_is_never_its_output(tmp_path):
    (tmp_path / "shots").mkdir()
    write_png(tmp_path / "shots" / "1.png", numbered_frame(1))
    for job in (Job(Source(str(tmp_path / "shots"))), Job(regions=(Region(mask=str(tmp_path / "shots")),))):
        with pytest.raises(UserError, match="is what the job reads"):
            check_delivery(tmp_path / "shots", job)
        with pytest.raises(UserError, match="is what the job reads"):
            refuse_inputs(tmp_path / "shots" / "1.png", job)
        check_delivery(tmp_path / "shots" / "film.mp4", job)


def test_a_picture_named_like_a_frame_is_not_painted_over_in_its_folder(tmp_path):
    picture = str(write_png(tmp_path / "000001.png", numbered_frame(1)))
    for job in (Job(Source(picture)), Job(Source(str(tmp_path / "clip.mp4")), Look(styles=(picture,)))):
        with pytest.raises(UserError, match=r"could replace '.*000001\.png'"):
            check_delivery(tmp_path, job)
    check_delivery(tmp_path, Job(Source(str(tmp_path / "clip.mp4"))))


def test_grey_of_a_linear_picture_is_read_like_colour_beside_its_alpha(tmp_path):
    path = str(tmp_path / "grey.exr")
    spec = OpenImageIO.ImageSpec(4, 4, 2, "float")
    spec.channelnames, spec.alpha_channel = ("Y", "A"), 1
    target = OpenImageIO.ImageOutput.create(path)
    pixels = np.full((4, 4, 2), (0.25, 0.5), np.float32)
    assert target.open(path, spec) and target.write_image(pixels) and target.close()
    frame = read_picture(path).at("png8")
    assert frame.rgb[0, 0].tolist() == [188, 188, 188]
    assert frame.alpha[0, 0] == 128


def test_sound_after_the_wanted_stretch_is_not_decoded(tmp_path):
    sound = Sound(write_film(tmp_path / "clip.mp4", 250, sound=True), Fraction(0), Fraction(1))
    with av.open(str(tmp_path / "out.mp4"), "w") as container:
        track = container.add_stream("aac", rate=sound.rate)
        assert sum(block.samples for block in sound.frames(track)) == 48000
    rest = next(sound.container.decode(sound.stream))
    assert float(rest.pts * rest.time_base) < 5, "of 10 seconds"
