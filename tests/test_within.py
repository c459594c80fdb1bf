"""Paint in a Compositor modifier of its strip: nothing else is touched, and the paint goes wherever the strip goes."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import number_in, numbered_frame, write_film, write_png
from test_kinds import ARGUMENTS, CASES, COUNT, CROP, DECODED, PLACE, see_through

from tests.conftest import Blender, missing

pytestmark = [pytest.mark.blender, pytest.mark.slow]

# Of all that test_kinds.py does to strips: each kind, and each property once.
CHOSEN = (
    "film, plain", "pictures, alpha", "picture, plain", "transparent, crop", "scene sequencer, trim", "meta, plain",
    "movie clip, reverse", "text, plain", "colour, plain", "cross, transform", "adjustment, plain", "pictures, speed",
    "pictures, modifier, in its place", "pictures, masked by a modifier", "pictures, colour space", "pictures, strobe",
    "pictures, through a speed effect", "pictures, in a meta", "pictures, flipped", "pictures, moved by keys",
)  # fmt: skip
OWN = {
    "pictures, its colours changed": {"kind": "pictures", "change": {"color_multiply": 0.6, "color_saturation": 0.3}},
    "transparent, placed and cropped": {"kind": "transparent", "transform": PLACE, "crop": CROP},
}


@pytest.fixture
def modern(beds: dict[str, Blender]) -> Blender:
    """The module of a Blender whose strips have Compositor modifiers."""
    return beds["bpy-5.2"] if "bpy-5.2" in beds else missing("bpy-5.2")


@pytest.fixture
def plan(tmp_path: Path) -> dict:
    """Films and pictures."""
    numbers = range(1, COUNT + 1)
    grey = np.full((64, 96, 3), (60, 60, 90), np.uint8)
    return {
        "film": str(write_film(tmp_path / "clip.mp4", COUNT)),
        "pictures": [str(write_png(tmp_path / f"p{n}.png", numbered_frame(n))) for n in numbers],
        "transparent": [str(write_png(tmp_path / f"t{n}.png", see_through(n))) for n in numbers],
        "backdrop": str(write_png(tmp_path / "backdrop.png", grey)),
        "arguments": ARGUMENTS,
    }


def picture(file: str) -> np.ndarray:
    return cv2.imread(file, cv2.IMREAD_UNCHANGED).astype(int)


def difference(files: list[str], others: list[str]) -> int:
    """How far the pixels of rendered frames differ at most, of 255."""
    return max(np.abs(picture(one) - picture(other)).max() for one, other in zip(files, others, strict=True))


def test_paint_that_changes_nothing_looks_as_the_strip_does_to_the_bit(modern, plan, tmp_path):
    cases = {name: CASES[name] for name in CHOSEN} | OWN
    told = modern.run("within.py", tmp_path, case="kinds", cases=cases, **plan)
    exact = 0
    for name, found in told.items():
        assert "error" not in found, f"{name}: {found['error']}"
        limit = DECODED if found["way"] == "Painted straight from its file." and name.startswith("film") else 0
        # Blender reckons in light from a Compositor modifier on, which shows where pixels are mixed afterwards.
        own = difference(found["before"], found["nothing"]) if "colour space" not in name else 0
        exact += own == 0
        assert difference(found["after"], found["nothing" if own else "before"]) <= limit, name
        assert found["same"], f"{name}: nothing else of the strip is touched"
        assert found["strips"] == [], "no strip is added"
        if not name.startswith(("transparent", "text")):  # of alpha, Blender loses a little by any modifier
            assert difference(found["muted"], found["before"]) == 0, f"{name}: muted, it is the source"
    assert exact >= 12


def test_paint_goes_along_with_its_strip_frame_by_frame(modern, plan, tmp_path):
    others = {
        "speed": {"kind": "pictures", "shown_through": 2.0},
        "meta": {"kind": "pictures", "meta": True},
        "reverse": {"kind": "pictures", "change": {"use_reverse_frames": True}},
        "clip": {"kind": "movie clip", "change": {"left": 3}},
    }
    told = modern.run("within.py", tmp_path, case="follow", others=others, **plan)
    numbers = {}
    for name, found in told["looks"].items():
        pairs = list(zip(found["painted"], found["source"], strict=True))
        numbers[name] = [number_in(cv2.imread(source)) for _, source in pairs]
        for painted, source in pairs[1:-1] if name == "first, longer" else pairs:
            assert np.abs(255 - picture(painted) - picture(source))[..., :3].max() <= 1, f"{name}: {painted}"
    unpainted = told["looks"]["first, longer"]
    assert all(difference([unpainted["painted"][end]], [unpainted["source"][end]]) == 0 for end in (0, -1))
    assert numbers["first, moved"] == [3, 8] and numbers["first, trimmed"] == [5, 6]
    assert numbers["meta, moved"] == [1, 2] and numbers["reverse, moved"] == [12, 11]
    assert numbers["clip, moved"] == [3, 4] and numbers["first, longer"] == [2, 3, 8, 9]
    assert told["beyond"] == "Frames 10 to 15 are painted, and the strip is seen from 9 to 16."
    ends, gone = (told["told"][0], told["told"][-1]), told["told"][1]
    sentence = "Frame {} of strip 'Clip': frames 10 to 15 are painted, and this one is not. It is shown as it is: press"
    assert ends == tuple(f"{sentence.format(frame)} Update." for frame in (9, 16)), "the render tells"
    assert len(told["told"]) == 3 and "Frame 12 of strip 'Clip': its painted frame '" in gone and "000005" in gone
    assert told["shared"] and told["apart"], "a piece that is moved alone gets a node group of its own"
    assert told["kept"] == 2, "both are saved"
    assert told["pace"] == [True, False], "another speed is noticed"


def test_paint_is_painted_again_switched_mixed_put_elsewhere_and_deleted(modern, plan, tmp_path):
    told = modern.run("within.py", tmp_path, case="versions", **plan)

    def seen(name: str) -> np.ndarray:
        return picture(told[name][1])

    above = ["Clip painted", False]
    states = {
        "first": [1, 0, False, False, []],
        "second": [2, 1, False, False, []],
        "switched": [2, 0, False, False, []],
        "above": [2, 0, True, True, [above]],
        "within again": [2, 0, False, False, [[above[0], True]]],
        "old deleted": [1, 0, False, False, [[above[0], True]]],
        "all deleted": [0, 0, False, None, [[above[0], True]]],
    }
    assert {name: told[name][0] for name in states} == states
    source = picture(told["source"])
    assert np.abs(seen("first") - source).mean() > 2 and np.abs(seen("second") - seen("first")).mean() > 0.5
    for name in ("switched", "above", "within again", "old deleted"):
        assert np.array_equal(seen(name), seen("first")), name
    assert np.array_equal(seen("mix"), source), "Mix 0 is the source, and is not painted for"
    assert np.array_equal(seen("all deleted"), source)
    assert told["settings"] and told["select"] == [["FINISHED"], True]
    assert told["left"] == [0, []], "no modifier and no node group is left behind"


def test_what_an_editor_does_to_a_painted_strip_leaves_all_paint_where_it_belongs(modern, plan, tmp_path):
    told = modern.run("within.py", tmp_path, case="edits", **plan)
    assert difference([told["first"]], [told["first again"]]) == 0, "an older version goes along with a moved strip"
    assert difference([told["first"]], [told["second"]]) > 0
    assert told["way"] == "Painted straight from its files."
    assert difference([told["brighter"]], [told["brighter again"]]) == 0, "what comes after paint acts once"
    assert difference([told["first again"]], [told["brighter"]]) > 0
    assert told["pieces"], "to paint one piece again changes no other"
    assert told["copied"] == [False, False] and told["at"] is None, "a copied modifier shows no paint of its own"
    assert told["muted"] == [True, False], "what was muted for paint that is deleted is seen again"
    gone = "The paint of 'Clip' is gone from the timeline, and its frames are deleted: Stylize paints it again."
    assert told["words"] == ["'Clip' is painted.", gone]
    assert told["one frame"] == [False, "Frame 3 is painted, and the strip is seen from 2 to 4."]


def test_the_command_puts_paint_into_a_modifier_and_knows_it_again(modern, plan, tmp_path):
    told = modern.run("within.py", tmp_path, case="command", **plan)
    within = [["Clip", False, 1]]
    assert [told["paint"][0], told["paint"][2]] == [0, within], told["paint"][1]
    assert told["list"][0] == 0 and "It has been painted." in told["list"][1]
    assert told["all"][0] == 2 and "All that are have been painted" in told["all"][1]
    assert [told["again"][0], told["again"][2]] == [0, [["Clip", True, 1], ["Clip painted", False, 0]]]


def test_a_blender_without_such_modifiers_does_not_offer_them(beds):
    old = beds["bpy-4.5"] if "bpy-4.5" in beds else missing("bpy-4.5")
    folder = old.resources / "place"
    folder.mkdir()
    script = """
def play(plan):
    stage.enable()
    kind = importlib.import_module(f"{stage.EXTENSION}.blender_addon.settings").StylestripSettings
    return kind.bl_rna.properties["place"].enum_items.keys()
"""
    assert old.play(script, folder) == ["ABOVE", "INSTEAD"]
