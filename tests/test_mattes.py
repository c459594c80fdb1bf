"""Mattes that Blender draws: what is painted in a region is what Blender shows of its mask."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import write_png

from style_core.regions.contours import alike, contours
from tests.conftest import Blender

pytestmark = pytest.mark.blender

SIZE = WIDTH, HEIGHT = 200, 150
COUNT = 7
KEYS = (1, 4, 7)
PLACE = {"offset_x": 23, "offset_y": -11, "scale_x": 1.1, "scale_y": 0.9, "rotation": 0.35}
OVER_FRAME, MODIFIERS = {"draw": "mask_in_frame_space"}, {"draw": "modifier_mask"}
CROP = {"min_x": 20, "max_x": 40, "min_y": 30, "max_y": 10}
IN_META = {"moving": False, "frames": [1], "meta": {"transform": PLACE | {"scale_x": 0.8}}}
# At other frames of the timeline than those of the source.
SHIFTED = {"start": 3, "change": {"left": 4, "right": 9}, "frames": [4, 6, 8]}
HELD = {"start": 3, "change": {"left": 1, "right": 12}, "frames": [1, 4, 8], "moving": False}

CASES = {
    "as it is": OVER_FRAME,
    "in its place": OVER_FRAME | {"transform": PLACE},
    "around another origin": OVER_FRAME | {"transform": PLACE | {"origin": (0.2, 0.7)}},
    "flipped along x": OVER_FRAME | {"transform": PLACE, "change": {"use_flip_x": True}},
    "flipped along y": OVER_FRAME | {"transform": PLACE, "change": {"use_flip_y": True}},
    "cropped": OVER_FRAME | {"transform": PLACE, "crop": CROP},
    "small": OVER_FRAME | {"transform": PLACE | {"scale_x": 0.4, "scale_y": 0.5}},
    "in a meta": OVER_FRAME | IN_META | {"transform": PLACE},
    "moved by keys": OVER_FRAME
    | {"transform": PLACE, "keys": {"offset_x": [(1, -20), (7, 40)], "rotation": [(1, 0), (7, 0.6)]}},
    "still": OVER_FRAME | {"transform": PLACE, "moving": False, "change": {"right": 8}},
    "later": OVER_FRAME | SHIFTED | {"transform": PLACE},
    "backwards": OVER_FRAME | {"transform": PLACE, "change": {"use_reverse_frames": True}},
    "held": OVER_FRAME | HELD | {"transform": PLACE},
    "strobed": OVER_FRAME
    | {"transform": PLACE, "moving": False, "change": {"right": 8, "strobe": 3.0}, "frames": [1, 4, 7]},
    "by the strip's time": OVER_FRAME | {"start": 3, "transform": PLACE, "time": "RELATIVE", "frames": [3, 6, 9]},
    "on the strip by its time": {"draw": "mask_in_strip_space", "start": 3, "time": "RELATIVE", "frames": [3, 6, 9]}
    | {"transform": {"scale_x": 1.6, "scale_y": 1.6}},
    "modifier": MODIFIERS | {"transform": PLACE},
    "modifiers on what is flipped": MODIFIERS
    | {"transform": PLACE, "change": {"use_flip_x": True}, "times": ["ABSOLUTE", "RELATIVE"]},
    "modifier by the strip's own time": MODIFIERS
    | {"transform": PLACE, "start": -1, "change": {"left": 2, "right": 5}, "frames": [2, 3, 4], "times": ["RELATIVE"]},
    "modifier of a cut strip": MODIFIERS | SHIFTED | {"transform": PLACE, "times": ["RELATIVE"]},
    "modifier in a meta": MODIFIERS | IN_META | {"transform": PLACE, "change": {"use_flip_y": True}},
}


def grey(path: str) -> np.ndarray:
    """A picture over black, (H, W) float."""
    picture = cv2.imread(path, cv2.IMREAD_UNCHANGED).astype(float)
    if picture.ndim == 3 and picture.shape[2] == 4:
        picture = picture[..., :3] * picture[..., 3:] / 255
    return picture if picture.ndim == 2 else picture.mean(axis=2)


def without_corner(picture: np.ndarray) -> np.ndarray:
    """A picture's pixels but for the upper right one, which in masks of Blender 4.5 is what the memory held before."""
    width = picture.shape[1]
    return np.delete(picture.ravel(), width - 1)


def disc(number: int, hole: bool = True) -> np.ndarray:
    """A disc with a hole that moves to the right and shrinks, (H, W) uint8."""
    picture = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.circle(picture, (50 + 12 * number, 75), 45 - 2 * number, 255, -1)
    if hole:
        cv2.circle(picture, (50 + 12 * number, 75), 15, 0, -1)
    return picture


def write_all(folder: Path, name: str, pictures: list[np.ndarray]) -> list[str]:
    """Writes pictures, numbered from 1."""
    return [str(write_png(folder / f"{name}{n}.png", picture)) for n, picture in enumerate(pictures, 1)]


drawn: dict[str, dict] = {}


@pytest.fixture
def told(blender: Blender, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What one run of each Blender has drawn and said."""
    if blender.name not in drawn:
        drawn[blender.name] = draw_all(blender, tmp_path_factory.mktemp(f"mattes-{blender.name}"))
    return drawn[blender.name]


def draw_all(blender: Blender, folder: Path, window: bool = False) -> dict:
    """Draws all cases and whatever else the tests look at."""
    numbers = range(1, COUNT + 1)
    colour = np.full((HEIGHT, WIDTH, 3), (40, 90, 200), np.uint8)
    shades = [np.dstack([disc(n) // 255 * (60 + 25 * n) + 20] * 3) for n in numbers]
    other = {"draw": "strip_matte", "other": write_all(folder, "other", shades), "frames": [2, 4, 7]}
    other |= {"transform": PLACE, "placed": {"scale_x": 1.3, "scale_y": 1.1, "rotation": -0.2, "offset_y": 9}}
    keys = alike({key: contours(disc(key, hole=key < 7), 1.0) for key in KEYS})
    return blender.run(
        "mattes.py",
        folder,
        window,
        size=SIZE,
        white=write_all(folder, "white", [np.full((HEIGHT, WIDTH, 3), 255, np.uint8)] * COUNT),
        transparent=write_all(folder, "transparent", [np.dstack([colour, disc(n)]) for n in numbers]),
        cases=CASES | {"strip": other, "strip by a modifier": other | {"modifier": True}},
        keys={
            key: [{"points": c.points.tolist(), "is_hole": c.is_hole, "is_there": c.is_there} for c in found]
            for key, found in keys.items()
        },
    )


def test_a_matte_in_the_strips_place_is_what_blender_shows_of_the_mask(told):
    compared = told["compared"]
    assert len(compared) == len(CASES) + 2
    for name, case in compared.items():
        for shown, own in zip(case["blender"], case["own"], strict=True):
            assert grey(shown).mean() > 5, name
            assert np.abs(grey(shown) - grey(own)).mean() < 1, name
    exact = compared["as it is"]
    for shown, own in zip(exact["blender"], exact["own"], strict=True):
        assert np.array_equal(without_corner(grey(shown)), without_corner(grey(own)))


def test_mattes_are_named_by_the_frames_of_the_source_and_what_is_still_is_one_picture(told):
    compared = told["compared"]
    names = {name: [Path(file).name for file in case["mattes"]] for name, case in compared.items()}
    every = [f"{number:06d}.png" for number in range(1, COUNT + 1)]
    assert names["as it is"] == names["backwards"] == every
    assert names["modifier by the strip's own time"] == every[3:6]
    for name, case in compared.items():
        assert case["is_still"] == (CASES.get(name, {}).get("moving") is False), name
        assert len(names[name]) == 1 or not case["is_still"], name
        assert Path(case["path"]).is_file() == case["is_still"], name
    picture = cv2.imread(compared["as it is"]["mattes"][0], cv2.IMREAD_UNCHANGED)
    assert picture.shape == (HEIGHT, WIDTH) and picture.dtype == np.uint8


def test_a_mask_over_the_strips_own_picture_is_blenders_to_the_bit(told):
    special = told["special"]
    matte = cv2.imread(special["over the strip"][0], cv2.IMREAD_UNCHANGED)
    assert len(np.unique(matte)) > 50, "it has a feather"
    assert np.array_equal(without_corner(matte), without_corner(grey(special["blender"])))


def test_the_corner_that_blender_leaves_undefined_is_as_the_pixel_beside_it(told):
    folder = Path(told["special"]["over the strip"][0]).parent.parent / "kept"
    mattes = [grey(str(file)) for name in ("a", "b", "c") for file in (folder / name).iterdir()]
    assert len(mattes) == 3 * COUNT
    assert all(matte[0, -1] == matte[0, -2] == 0 for matte in mattes)


def test_a_mask_without_points_is_black_and_a_colour_is_white_throughout(told):
    empty, is_still = told["special"]["empty"]
    assert is_still and not grey(empty).any()
    folder, is_still = told["special"]["colour"]
    seen = [grey(str(file)).min() for file in sorted(Path(folder).iterdir())]
    assert not is_still and seen == [255] * COUNT


def test_the_alpha_of_pictures_is_theirs_to_the_bit(told):
    files = told["undisturbed"]["alpha"]
    assert len(files) == COUNT
    for number, file in enumerate(files, 1):
        assert np.array_equal(cv2.imread(file, cv2.IMREAD_UNCHANGED), disc(number))


def test_all_that_a_person_has_is_as_it_was_also_after_a_cancel(told):
    found = told["undisturbed"]["found"]
    assert len(found) == 5
    for name, ways in found.items():
        assert ways["told"] == [[done, COUNT] for done in range(1, COUNT + 1)], name
        assert ways["stopped"] == "RuntimeError: cancelled", name
        assert ways["changed"] == {}, name
    before, after = (cv2.imread(file, cv2.IMREAD_UNCHANGED) for file in told["undisturbed"]["rendered"])
    assert before.any() and np.array_equal(before, after), "what was rendered last can still be saved"


def test_what_cannot_be_a_matte_is_refused_with_a_sentence(told):
    words = {
        "no mask": "The mask of the region has been deleted",
        "deleted mask": "The mask of the region has been deleted",
        "opaque": "strip 'Clip' have no alpha",
        "no such strip": "There is no strip 'Nobody'",
        "itself": "cannot be its own matte",
        "at another time": "Strip 'Late' is at frames 500-506",
        "over a photograph": "Frame 1 of strip 'Photo' is shown at 7 frames of the timeline and painted once, but its "
        "matte at frame 2 is not that of frame 1",
        "over what strobes": "Frame 1 of strip 'Strobed' is shown at 3 frames",
        "too short": "Strip 'Half' is at frames 1-4 of the timeline, and 'Clip' is also at frames 5-7",
        "not a picture": "Strip 'Speed' is of the kind 'speed",
        "not paintable": "Scene 'Without camera' of strip 'Blind' has no camera",
        "no modifier": "Strip 'Clip' has no mask modifier",
        "modifier without mask": "The mask modifier 'Nothing' of strip 'Broken' has no mask",
        "no such channel": "no channel 'red'",
        "during a render": "Blender is rendering",
    }
    assert set(told["refused"]) == set(words)
    for name, said in told["refused"].items():
        assert words[name] in said and "Error:" not in said, f"{name}: {said}"


def test_outlines_become_a_mask_that_moves_from_key_to_key(told):
    outlines = told["outlines"]
    assert outlines["moved"] < 1e-6, "it is at once as it is at the present frame"
    shown = [cv2.imread(file, cv2.IMREAD_UNCHANGED) for file in outlines["mattes"]]
    for number, matte in enumerate(shown, 1):
        wanted = disc(number, hole=number < 7) >= 128
        # Between key frames the hole that goes away fades, and is neither there nor gone.
        settled = np.ones(wanted.shape, bool) if number in KEYS else disc(number, hole=False) == disc(number)
        seen, wanted = (matte >= 128) & settled, wanted & settled
        assert (seen & wanted).sum() / (seen | wanted).sum() > 0.94, number
    assert len(np.unique(shown[0])) > 50, "its edges are smooth"


def test_outlines_leave_everything_else_alone_and_are_refused_where_they_differ(told):
    outlines = told["outlines"]
    assert outlines["changed"] == {}
    assert outlines["still"], "one key frame is no animation"
    assert "no outline" in outlines["none"] and "other points at frame 7 than at frame 1" in outlines["uneven"]
    assert not {"None", "Uneven"} & set(outlines["masks"])


@pytest.mark.slow
@pytest.mark.window
def test_all_this_holds_in_the_window(screen, tmp_path):
    told = draw_all(screen, tmp_path, window=True)
    test_a_matte_in_the_strips_place_is_what_blender_shows_of_the_mask(told)
    test_all_that_a_person_has_is_as_it_was_also_after_a_cancel(told)
    test_what_cannot_be_a_matte_is_refused_with_a_sentence(told)
    test_outlines_become_a_mask_that_moves_from_key_to_key(told)
    test_outlines_leave_everything_else_alone_and_are_refused_where_they_differ(told)
