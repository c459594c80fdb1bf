"""The Neural Style node: what is baked is what a render shows, and what is missing is told."""

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation writes it so
import pytest
from clips import numbered_frame, style_picture, write_film, write_png

pytestmark = pytest.mark.blender

FRAMES = 4
SETTINGS = {"size": 0, "steps": 0, "device": "cpu"}
KINDS = ("layers", "film", "clip", "pictures")


@pytest.fixture
def plan(tmp_path) -> dict[str, Any]:
    """What is painted by which settings; as it is, the paint changes nothing."""
    style = str(write_png(tmp_path / "style.png", style_picture()))
    return {"frames": FRAMES, "settings": SETTINGS | {"style": style}}


def of_kind(kind: str, folder: Path) -> dict[str, str]:
    """A source of this kind."""
    if kind == "pictures":
        files = [write_png(folder / f"p{n:04d}.png", numbered_frame(n)) for n in range(1, FRAMES + 1)]
        return {"kind": kind, "film": str(files[0])}
    return {"kind": kind, "film": "" if kind == "layers" else str(write_film(folder / "clip.mp4", 12))}


def pixels(file: str) -> np.ndarray:
    """All that a file holds."""
    return oiio.ImageInput.open(file).read_image("float")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_paint_that_changes_nothing_is_the_render_without_the_node_to_the_bit(blender, plan, kind, tmp_path):
    told = blender.run("node.py", tmp_path, case="bake", **plan, **of_kind(kind, tmp_path))
    assert told["problem"] == "" and told["told"] == []
    assert len(told["before"]) == len(told["after"]) == FRAMES
    for before, after in zip(told["before"], told["after"], strict=True):
        assert np.array_equal(pixels(before), pixels(after))
    assert told["painted"][:2] == [1, FRAMES]
    assert told["linked"] and told["range"] == [1, FRAMES]
    assert told["never removed"] == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["layers", "film"])
def test_a_render_shows_the_painted_frames_each_at_its_time(blender, plan, kind, tmp_path):
    plan["settings"] |= {"steps": 3, "steps_per_frame": 2, "carry": "none"}
    told = blender.run("node.py", tmp_path, case="bake", **plan, **of_kind(kind, tmp_path))
    assert told["problem"] == "" and told["told"] == []
    first, last, folder, ending = told["painted"]
    painted = [pixels(f"{folder}/{number:06d}{ending}") for number in range(first, last + 1)]
    for number, (before, after) in enumerate(zip(told["before"], told["after"], strict=True)):
        shown = [light_of(picture, ending) for picture in painted]
        differences = [np.abs(pixels(after)[..., :3] - one).mean() for one in shown]
        assert differences[number] < 1e-5 and min(differences[:number] + differences[number + 1 :]) > 1e-4
        assert np.abs(pixels(before) - pixels(after))[..., :3].mean() > 0.01, "it is painted"
        assert np.array_equal(pixels(before)[..., 3:], pixels(after)[..., 3:]), "alpha is that of the image"


def light_of(picture: np.ndarray, ending: str) -> np.ndarray:
    """A painted file as scene-linear light."""
    colour = picture[..., :3]
    if ending == ".exr":
        return colour
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def test_a_frame_without_its_paint_is_told_and_stops_the_render_or_shows_the_image(blender, plan, tmp_path):
    told = blender.run("node.py", tmp_path, case="missing", **plan, **of_kind("film", tmp_path))
    before = [pixels(file) for file in told["before"]]

    def shown(case: str) -> list[str]:
        """Which frames were written, none of them black."""
        files = [tmp_path / FOLDERS.get(case, case) / f"{name}.exr" for name in told[case]["files"]]
        assert all(np.array_equal(pixels(str(file)), before[int(file.stem) - 1]) for file in files)
        return told[case]["files"]

    every = ["0001", "0002", "0003", "0004"]
    assert shown("never baked") == every
    assert len(told["never baked"]["told"]) == FRAMES and "nothing is painted yet" in told["never baked"]["told"][0]
    assert shown("outside SOURCE") == every
    outside = "Frame 4 of 'Neural Style': frames 1 to 3 are painted, and this one is not. Press Bake at the node."
    assert told["outside SOURCE"]["told"] == told["outside STOP"]["told"] == [outside]
    assert shown("outside STOP") == every[:3]
    assert told["path"].endswith("outside STOP/"), "the render's own path is back"
    (gone,) = told["gone SOURCE"]["told"]
    assert gone.startswith("Frame 2 of 'Neural Style': its painted frame '") and "000002" in gone
    assert shown("gone SOURCE") == every[:3] and shown("gone STOP") == every[:1]
    assert told["again"] == {"files": every[:3], "told": []}, "what is gone is laid out again"
    assert len(told["old SOURCE"]["told"]) == 3 and "settings have changed" in told["old SOURCE"]["told"][0]
    assert shown("old SOURCE") == every[:3] and shown("old STOP") == []
    for case in ("muted", "not linked"):
        assert told[case]["told"] == [] and shown(case) == every[:3]


FOLDERS = {"never baked": "never"}


def test_what_cannot_be_baked_is_refused_with_a_sentence(blender, plan, tmp_path):
    told = blender.run("node.py", tmp_path, case="refused", **plan, **of_kind("film", tmp_path))
    words = {
        "no such node": "There is no Neural Style node 'Nobody' in the compositor of scene 'Comp'; there is 'Neural",
        "frames": "Frames 5 to 3 are no range",
        "style": "/no/such.png",
        "views": "Stereoscopy is switched on",
        "film": "cannot be read from '/no/such.mp4'",
        "nothing": "Nothing is connected to Image of 'Neural Style'",
        "in a group": "itself, but in a node group there: take it out of its group (Ctrl Alt G), and bake it then",
    }
    for case, part in words.items():
        assert part in told[case] and "Traceback" not in told[case], told[case]
    assert told["count"] == 0


@pytest.mark.slow
def test_a_node_outlives_saving_loading_copying_appending_and_the_add_on(blender, plan, tmp_path):
    plan["settings"] |= {"steps": 3, "steps_per_frame": 2}
    told = blender.run("node.py", tmp_path, case="kept", **plan, **of_kind("film", tmp_path))
    assert told["loaded"] == ["CompositorNodeStylestrip", 0.75, FRAMES] and told["fresh"]
    first = [pixels(file) for file in told["first"]]
    for case in ("after loading", "without"):
        assert len(told[case]) == FRAMES
        assert all(np.array_equal(pixels(file), one) for file, one in zip(told[case], first, strict=True)), case
    assert told["twin"] == [True, FRAMES] and told["apart"] == [False, True]
    assert told["converted"] == ["CompositorNodeGroup", 0.75, True] and told["told"] == []
    for case in ("appended", "linked"):
        kind, count, file = told[case]
        assert (kind, count) == ("CompositorNodeStylestrip", FRAMES) and Path(file).is_file()
    assert "is linked from another file" in told["bake linked"]


@pytest.mark.slow
def test_what_is_rendered_for_a_bake_is_kept_until_the_nodes_before_it_change_or_somebody_asks(blender, plan, tmp_path):
    plan["settings"] |= {"carry": "none", "size": 32}
    told = blender.run("node.py", tmp_path, case="again", **plan, **of_kind("layers", tmp_path))
    (first, shown), (more, _), (same, _), (again, _), (smaller, _) = (
        told[name] for name in ("first", "more", "same", "again", "smaller")
    )
    assert len(first) == len(shown) == 2 and len(more) == FRAMES
    assert first.items() <= more.items(), "what is there is not rendered again"
    assert same == more
    assert again.keys() == more.keys() and not again.items() & more.items()
    assert again.items() <= smaller.items() and len(smaller) == 2 * FRAMES
    assert told["small"] == [32, 21] and told["fresh"] == ""


@pytest.mark.slow
def test_mask_and_mix_lay_the_paint_over_the_image(blender, plan, tmp_path):
    plan["settings"] |= {"steps": 3, "steps_per_frame": 2, "carry": "none", "size": 48}
    told = blender.run("node.py", tmp_path, case="mixed", **plan | {"frames": 1}, **of_kind("film", tmp_path))
    whole, quarter, masked, matte, source = (
        pixels(told[name][0])[..., :3] for name in ("whole", "quarter", "masked", "matte", "source")
    )
    assert whole.shape == source.shape, "smaller paint fills the image"
    assert np.abs(whole - source).mean() > 0.01
    assert np.allclose(quarter, 0.75 * source + 0.25 * whole, atol=1e-4)
    assert 0.01 < matte.mean() < 0.6 and np.allclose(masked, source + (whole - source) * matte, atol=1e-4)
    assert np.array_equal(masked[matte == 0], source[matte == 0])


@pytest.mark.slow
def test_a_copy_of_a_node_that_is_baked_otherwise_leaves_the_first_its_paint(modules, plan, tmp_path):
    plan["settings"] |= {"steps": 2, "size": 32}
    told = modules.run("node.py", tmp_path, case="twins", **plan | {"frames": 1}, **of_kind("film", tmp_path))
    assert told["problem"] == "" and told["told"] == []
    first, again, copy = (pixels(told[case][0]) for case in ("first", "first again", "copy"))
    assert np.array_equal(first, again) and not np.array_equal(first, copy)


def test_what_comes_in_is_known_by_all_its_files_the_inside_of_groups_and_what_is_drawn(modules, plan, tmp_path):
    told = modules.run("node.py", tmp_path, case="states", **plan, **of_kind("pictures", tmp_path))
    *known, refusal = told.pop("painted on")
    assert told.pop("styles") == 4, "nor does a style picture that is painted on stay what a bake was painted by"
    assert known == [True] * 3 and refusal.startswith("Image 'Drawn' of node 'Image' has been painted on")
    made_anew = {"mask", "another outline"}  # what is keyed in a mask is known to nobody
    assert told == {name: [True, True, name in made_anew] for name in told} and len(told) == 10


def test_the_strength_and_settings_may_have_keys_and_are_baked_frame_by_frame(modules, plan, tmp_path):
    told = modules.run("node_strength.py", tmp_path, **plan, **of_kind("film", tmp_path))
    assert told["usual"] == {"style": 1.0, "content": 1.0, "curves": {}} and told["painted"] == ""
    assert told["half"] == {"style": 1.5, "content": 1.0, "curves": {}}
    assert "settings have changed" in told["changed"]
    assert told["keyed"]["curves"] == {"style_weight": [0.0, 3.0, 6.0, 9.0], "content_weight": [2.0, 3.0, 4.0, 5.0]}
    assert (told["keyed"]["style"], told["keyed"]["content"]) == (0.0, 2.0)
    assert told["fresh"] == told["later"] == "", "the playhead changes nothing"
    assert "settings have changed" in told["moved key"]
    assert told["value node"]["style"] == 6.0
    assert "Strength of 'Neural Style' comes from 'Math'" in told["computed"]["problem"]
    assert "A driver moves Strength of 'Neural Style'" in told["driven"]["problem"]


def test_a_render_of_the_command_line_shows_the_paint_and_no_other_render_is_slowed(program, plan, tmp_path):
    plan["settings"] |= {"steps": 3, "steps_per_frame": 2}
    told = program.run("node.py", tmp_path, case="unslowed", **plan, **of_kind("film", tmp_path))
    assert told["calls"][0] == told["calls"][1] < 60, "for a frame, however many other nodes there are"
    done = program.call("-b", str(tmp_path / "film.blend"), "-o", f"{tmp_path}/out/", "-s", "1", "-e", "6", "-a")
    written = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert written == [f"{number:04d}.png" for number in range(1, FRAMES + 1)], done.stdout
    sentence = "Stylestrip: Frame 5 of 'Neural Style': frames 1 to 4 are painted, and this one is not."
    assert sentence in done.stdout
    painted = next((tmp_path / "cache").glob("node-*/000002.png"))
    shown = pixels(str(tmp_path / "out" / "0002.png"))[..., :3]
    assert np.abs(shown - pixels(str(painted))[..., :3]).max() < 2 / 255
