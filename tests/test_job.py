"""The description of the work: checked, written and read back, and named by what changes the picture."""

import dataclasses
import errno
import json
import os
import time
from pathlib import Path

import pytest

from style_core.job import Job, Look, MatteJob, Output, Region, Source, UserError, identity
from style_core.region import Keyframe
from style_core.setting import build, require_file


@pytest.fixture
def job(tmp_path):
    """A job whose files exist; what is in them does not matter to the description."""
    for name in ("clip.mp4", "style.png", "mask.png"):
        (tmp_path / name).write_bytes(name.encode() * 100)
    return Job(
        source=Source(path=str(tmp_path / "clip.mp4"), first=3, last=9),
        look=Look(styles=(str(tmp_path / "style.png"),), content_layers=("conv2_2",), style_weight=2.5),
        regions=(Region(mask=str(tmp_path / "mask.png")),),
    )


def test_json_reads_back_to_an_equal_job(job):
    assert Job.from_json(job.to_json()) == job


def test_settings_left_out_of_the_json_have_their_defaults():
    assert Job.from_json("{}") == Job()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1", "not valid JSON"),
        ("3", "must be an object"),
        ('{"look": {"stepz": 1}}', "no setting 'stepz'"),
        ('{"look": {"steps": -1}}', "Steps is -1; it must be between 0 and"),
        ('{"look": {"steps": 1.5}}', "'job.look.steps' is 1.5"),
        ('{"look": {"pooling": "median"}}', "'median'; choose one of average, max"),
        ('{"look": {"style_layers": ["conv9_1"]}}', "'conv9_1'; choose one of"),
        ('{"look": {"style_weight": -1}}', "Strength is -1"),
        ('{"source": {"first": 5, "last": 2}}', "Frames 5-2 are no range"),
        ('{"output": {"size": 20}}', "Size is 20"),
        ('{"look": {"styles": "a.png"}}', "which is no list"),
        ('{"look": {"style_layers": []}}', "Style layers are none"),
        ('{"look": {"content_layers": ["conv4_2", "conv4_2"]}}', "name each only once"),
        ('{"regions": [{"look": {"steps": -1}}]}', "Steps is -1; it must be between 0 and"),
        ('{"regions": {"mask": "a.png"}}', "which is no list"),
        ('{"look": {"content_weight": 1' + "0" * 400 + "}}", "which is no number"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(text, words):
    with pytest.raises(UserError, match=r"^[^\n]*$") as error:
        Job.from_json(text)
    assert words in str(error.value)


def change(job, part, **values):
    return dataclasses.replace(job, **{part: dataclasses.replace(getattr(job, part), **values)})


def region(job, **values):
    """The job with other settings of its only region."""
    return dataclasses.replace(job, regions=(dataclasses.replace(job.regions[0], **values),))


def test_what_changes_the_picture_changes_the_fingerprint(job, tmp_path):
    other = tmp_path / "other.png"
    other.write_bytes(b"another picture")
    changed = [
        change(job, "look", steps=7),
        change(job, "look", seed=1),
        change(job, "look", styles=(str(other),)),
        change(job, "look", start="picture", start_picture=str(other)),
        change(job, "motion", carry="none"),
        region(job, feather=0.0),
        region(job, strength=0.5),
        region(job, invert=True),
        region(job, look=dataclasses.replace(job.look, steps=7)),
        dataclasses.replace(job, regions=()),
        dataclasses.replace(job, rest=True),
        change(job, "output", size=64),
        change(job, "source", first=1),
    ]
    # The first and the look of the region are one and the same picture.
    assert len({job.fingerprint(), *(other.fingerprint() for other in changed)}) == len(changed)


def test_frames_of_two_sizes_are_two_jobs_where_nothing_is_painted(job):
    kept = change(dataclasses.replace(job, regions=()), "look", steps=0)
    full = change(kept, "output", full_size=True)
    assert (kept.is_composed, full.is_composed) == (True, True)
    assert kept.fingerprint() != full.fingerprint()


def test_what_does_not_change_the_picture_keeps_the_fingerprint(job):
    same = [
        dataclasses.replace(job, device="cpu"),
        change(job, "source", last=20),
        change(job, "output", path="film.mp4", cache="elsewhere"),
        region(job, name="hair"),
        region(job, look=job.look),
    ]
    assert {job.fingerprint()} == {other.fingerprint() for other in same}


def test_a_moved_clip_keeps_its_frames_and_an_edited_one_loses_them(job, tmp_path):
    moved = tmp_path / "moved.mp4"
    before = job.fingerprint()
    moved.write_bytes((tmp_path / "clip.mp4").read_bytes())
    assert change(job, "source", path=str(moved)).fingerprint() == before
    (tmp_path / "clip.mp4").write_bytes(b"edited")
    assert job.fingerprint() != before


def test_another_feather_keeps_the_paint(job):
    def paint(job):
        return [layer.fingerprint() for layer in job.layers]

    both = dataclasses.replace(job, rest=True)
    for same in (region(both, feather=9.0), region(both, strength=0.5), dataclasses.replace(job, rest=True)):
        assert paint(same) == paint(both)
    other = region(both, look=dataclasses.replace(job.look, steps=7))
    assert paint(other)[0] == paint(both)[0]
    assert paint(other)[1] != paint(both)[1]


def test_without_regions_it_does_not_matter_whether_the_rest_is_painted(job):
    whole = dataclasses.replace(job, regions=())
    assert whole.fingerprint() == dataclasses.replace(whole, rest=True).fingerprint()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"mask": "", "name": "hair"}, "Region 'hair' has no mask"),
        ({"mask": "nowhere.png"}, "The mask 'nowhere.png' does not exist"),
        ({"name": "hair", "look": Look()}, "No style picture is chosen for the region 'hair'"),
    ],
)
def test_a_region_that_lacks_something_is_named(job, values, words):
    with pytest.raises(UserError, match=words):
        region(job, **values).require_inputs()


def test_a_region_that_keeps_the_source_needs_no_style(job):
    kept = region(job, look=Look(), strength=0.0)
    kept.require_inputs()


@pytest.fixture
def followed(job, tmp_path):
    """The job with a region that follows an object from frames 3 and 8 on."""
    for frame in (3, 8):
        (tmp_path / f"{frame}.png").write_bytes(b"matte %d" % frame)
    keyframes = tuple(Keyframe(frame, str(tmp_path / f"{frame}.png")) for frame in (3, 8))
    return dataclasses.replace(job, regions=(Region(matte="object", keyframes=keyframes),))


def test_another_keyframe_or_refinement_changes_the_paint_and_their_order_does_not(followed, tmp_path):
    first, second = followed.regions[0].keyframes
    layers = {
        region(followed, **values).layers[0].fingerprint()
        for values in (
            {},
            {"keyframes": (first,)},
            {"refine": "crf"},
            {"keyframes": (Keyframe(4, first.matte), second)},
        )
    }
    assert len(layers) == 4
    assert region(followed, keyframes=(second, first)).fingerprint() == followed.fingerprint()
    before = followed.fingerprint()
    (tmp_path / "8.png").write_bytes(b"corrected")
    assert followed.fingerprint() != before


def test_the_mattes_of_keyframes_are_inputs(followed, tmp_path):
    assert str(tmp_path / "8.png") in followed.inputs
    (tmp_path / "8.png").unlink()
    with pytest.raises(UserError, match=r"The matte of frame 8 '.*8\.png' does not exist"):
        followed.require_inputs()


def test_the_description_of_mattes_reads_back_from_json(followed):
    wanted = MatteJob(source=followed.source, region=followed.regions[0], output=Output(path="mattes"), device="cpu")
    assert build(MatteJob, json.loads(json.dumps(dataclasses.asdict(wanted))), "job") == wanted


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"matte": "object", "name": "car"}, "'car' follows an object, but no frame says where it is"),
        ({"matte": "people", "keyframes": (Keyframe(1, "a.png"),)}, "has keyframes, .* but its matte is 'people'"),
        ({"matte": "object", "keyframes": (Keyframe(2, "a.png"),) * 2}, "has 2 mattes for frame 2"),
        ({"refine": "sharp"}, "Refine edges is 'sharp'; choose one of none, guided, crf"),
    ],
)
def test_a_region_whose_settings_exclude_each_other_is_refused(values, words):
    with pytest.raises(UserError, match=words):
        Region(**values)


def test_a_frame_before_the_first_is_no_keyframe():
    with pytest.raises(UserError, match="Frame is 0; it must be at least 1"):
        Keyframe(0, "a.png")


def test_every_setting_has_words_and_a_default_within_its_bounds():
    for part in (Source, Look, Region, Keyframe, Output, MatteJob):
        part()
        for spec in dataclasses.fields(part):
            assert not spec.metadata or (spec.metadata["label"] and spec.metadata["help"]), spec.name


def test_the_json_holds_nothing_but_the_settings(job):
    assert set(json.loads(job.to_json())) == {
        "source", "look", "regions", "rest", "motion", "output", "curves", "device", "mix", "precision",
    }  # fmt: skip


def test_a_change_anywhere_in_a_large_picture_is_noticed(tmp_path):
    picture = tmp_path / "frame.bmp"
    data = bytearray(8 << 20)
    picture.write_bytes(data)
    before = identity(picture)
    data[2 << 20] = 1
    picture.write_bytes(data)
    assert identity(picture) != before


def test_a_file_is_read_once_while_nobody_writes_it(tmp_path, monkeypatch):
    pictures = [tmp_path / f"{number}.exr" for number in (1, 2)]
    for picture in pictures:
        picture.write_bytes(b"a frame")
        os.utime(picture, (1000, 1000))
    known, opened, open_file = identity(tmp_path), [], Path.open
    monkeypatch.setattr(Path, "open", lambda path, *a, **b: opened.append(path) or open_file(path, *a, **b))
    assert (identity(tmp_path), opened) == (known, [])
    pictures[0].write_bytes(b"another")
    assert identity(tmp_path) != known
    assert opened[-1:] == pictures[:1] and pictures[1] not in opened


def test_what_was_written_just_now_is_read_again_as_clocks_of_file_systems_are_coarse(tmp_path):
    picture, now = tmp_path / "frame.png", time.time()
    known = set()
    for content in (b"one", b"two"):
        picture.write_bytes(content)
        os.utime(picture, (now, now))
        known.add(identity(picture))
    assert len(known) == 2


@pytest.mark.parametrize(("name", "is_wrong"), [("EACCES", True), ("ESTALE", False), ("ETIMEDOUT", False)])
def test_a_disk_that_does_not_answer_is_no_wrong_input(tmp_path, monkeypatch, name, is_wrong):
    number = getattr(errno, name)

    def fail(path, **how):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "stat", fail)
    found = []
    for reads in (identity, lambda path: require_file(str(path), "picture")):
        with pytest.raises(UserError, match="cannot be read") as error:
            reads(tmp_path / "000031.exr")
        found.append(error.value.wrong_input)
    monkeypatch.undo()
    assert found == [is_wrong, is_wrong]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="it needs a file that even root cannot read")
def test_a_file_that_cannot_be_read_is_named(job):
    for part, values in (("source", {"path": "/proc/self/mem"}), ("look", {"styles": ("/proc/self/mem",)})):
        with pytest.raises(UserError, match=r"'/proc/self/mem' cannot be read .*: see who may read it"):
            change(job, part, **values).fingerprint()


def test_a_large_film_that_was_written_again_is_another_film(tmp_path):
    film = tmp_path / "cut.mov"
    film.write_bytes(bytes(8 << 20))
    before = identity(film)
    os.utime(film, ns=(1, 1))
    assert identity(film) != before


def test_what_systems_leave_in_a_folder_changes_nothing(tmp_path):
    (tmp_path / "1.png").write_bytes(b"a")
    before = identity(tmp_path)
    for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
        (tmp_path / name).write_bytes(b"x")
    assert identity(tmp_path) == before
    (tmp_path / "2.png").write_bytes(b"b")
    assert identity(tmp_path) != before


def test_a_picture_that_a_sequence_has_lost_is_named(job, tmp_path):
    (tmp_path / "1.png").write_bytes(b"a")
    lost = change(job, "source", path=str(tmp_path), files=("1.png", "2.png"))
    with pytest.raises(UserError, match=r"The picture '.*2\.png' does not exist"):
        lost.require_inputs()
