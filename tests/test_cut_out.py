"""A thing is cut out of the picture in Blender's window, by somebody whose events are made up."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from clips import write_png

pytestmark = [pytest.mark.blender, pytest.mark.slow, pytest.mark.window]

WIDTH, HEIGHT, COUNT = 320, 180, 4
FRAME = 400, 300
# The strip does not lie as its picture is.
PLACE = {"offset_x": 23, "offset_y": -17, "scale_x": 1.3, "scale_y": 1.1, "rotation": 0.3, "origin": [0.3, 0.6]}


def ellipse(number: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Middle and radii of the red thing in a frame."""
    return (90 + 12 * number, 80), (46, 30)


def thing(number: int) -> np.ndarray:
    """Where the red thing is in a frame, (H, W) uint8."""
    middle, radii = ellipse(number)
    return cv2.ellipse(np.zeros((HEIGHT, WIDTH), np.uint8), middle, radii, 20, 0, 360, 255, -1)


def picture(number: int) -> np.ndarray:
    """A pure red thing on uneven grey ground, (H, W, 3) uint8."""
    ground = np.random.default_rng(1).normal(120, 40, (HEIGHT // 6, WIDTH // 6))
    ground = cv2.resize(ground, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).clip(60, 180)
    shaded = np.dstack([ground, ground + 10, ground + 20]).astype(np.uint8)
    shaded[thing(number) > 0] = 255, 0, 0
    return shaded


def grey(file: str) -> np.ndarray:
    """A matte, (H, W) uint8."""
    return cv2.imread(file, cv2.IMREAD_GRAYSCALE)


def overlap(matte: np.ndarray, number: int) -> float:
    """Intersection over union of a matte and the thing."""
    one, two = matte > 127, thing(number) > 127
    return (one & two).sum() / (one | two).sum()


visits: list[dict[str, Any]] = []


@pytest.fixture
def told(window, tmp_path_factory) -> dict[str, Any]:
    """What one long visit has seen."""
    if not visits:
        folder = tmp_path_factory.mktemp("visit")
        files = [str(write_png(folder / f"p{n}.png", picture(n))) for n in range(1, COUNT + 1)]
        place = {"transform": PLACE, "change": {"use_flip_x": True}, "crop": {"min_x": 10, "max_y": 12}}
        place |= {"resolution": FRAME, "middle": ellipse(2)[0]}
        visits.append(window.run("cut_out.py", folder, window=True, files=files, **place) | {"home": str(folder)})
    assert "error" not in visits[0], visits[0]["error"]
    return visits[0]


def test_a_rectangle_and_strokes_on_the_screen_become_a_keyframe_of_a_region(told):
    [region] = told["accepted"]
    [[frame, file]] = region["keyframes"]
    assert (region["name"], region["source"], frame) == ("Object", "OBJECT", 2)
    assert Path(file).is_relative_to(Path(told["home"]) / "cache")
    matte = grey(file)
    (x, y), _ = ellipse(2)
    assert matte[y, x] == 0, "the last stroke says that the middle does not belong to it"
    cv2.circle(matte, (x, y), 24, 255, -1)
    assert overlap(matte, 2) > 0.9, "it lies where it does in the strip's own picture"


def test_strokes_add_and_take_away_and_are_taken_back(told):
    rectangle, right, back, ctrl, left, again = told["inside"]
    assert (rectangle, back, left) == (255, 255, 255)
    assert (right, ctrl, again) == (0, 0, 0)


def test_the_wheel_zooms_while_something_is_cut_out(told):
    assert told["zoom"] > 1.05


def test_undo_takes_the_region_back_and_redo_brings_it_again(told):
    assert told["undo"] == []
    assert told["redo"] == told["accepted"]


def test_esc_leaves_nothing_behind(told):
    assert told["left"] == {"busy": [True], "running": False, "same": True, "folder": False, "handler": "is gone"}


def test_an_object_is_followed_and_a_correction_begins_with_what_is_known(told):
    state, message, is_followed = told["following"]
    assert (state, is_followed) == ("done", True), message
    assert sorted(told["sure"]) == [str(number) for number in range(1, COUNT + 1)]
    files = [file for file in told["followed"] if file.endswith(".png")]
    assert [Path(file).name for file in files] == [f"{number:06d}.png" for number in range(1, COUNT + 1)]
    assert told["begins with"] == pytest.approx(grey(files[2]).mean() / 255, rel=0.05)
    [region] = told["corrected"]
    assert [frame for frame, _ in region["keyframes"]] == [2, 3]
    assert told["stale"], "it is to be followed again, from both"


def test_the_strip_is_seen_without_its_paint_while_it_is_cut_and_only_then(told):
    during, *afterwards = told["covered"]
    assert during == {"Clip": False, "Paint": True}
    assert afterwards == [{"Clip": True, "Paint": False}] * 4, "after Enter, undo, redo and Esc"


def test_a_region_becomes_a_mask_that_moves_with_it(told):
    state, message, source = told["to mask"]
    assert (state, source) == ("done", "MASK"), message
    for number, file in enumerate(told["drawn"], 1):
        matte = grey(file)
        (x, y), _ = ellipse(number)
        cv2.circle(matte, (x, y), 24, 255, -1)
        assert overlap(matte, number) > 0.9, number


@pytest.mark.parametrize("kind", ["image", "clip"])
def test_in_the_image_and_clip_editors_it_becomes_a_mask_with_few_points(told, kind):
    mask = told[f"{kind} mask"]
    assert mask["mode"] == "MASK"
    # Blender's masks count from the middle, upwards, and the longer side is 1.
    points = (np.array(mask["points"]) - 0.5) * WIDTH * (1, -1) + (WIDTH / 2, HEIGHT / 2)
    assert 2 <= len(points) <= 12
    inside = thing(2)
    rim = cv2.dilate(inside, np.ones((5, 5))) & ~cv2.erode(inside, np.ones((5, 5)))
    assert all(rim[round(y), round(x)] for x, y in points), points
    assert told[f"{kind} undone"]


def test_places_are_right_whatever_changes_the_preview(told):
    distances = dict(told["distances"])
    # Proxies themselves lie up to one of their pixels aside, and one of those is about eight of the screen wide.
    assert len(told["proxies"]) == COUNT and distances.pop("from a proxy") < 9, told["distances"]
    assert len(distances) == 7
    # The picture's pixels are about two of the screen wide.
    assert all(distance < 3 for distance in distances.values()), distances


def test_what_cannot_be_cut_is_refused_with_a_sentence(told):
    assert "'Clip' is at frames 1-4, and the current frame is 50" in told["refused"]
    assert "drag a rectangle around the thing first" in told["too early"]
    assert told["beside"] == "The rectangle lies beside the picture: drag it over the thing."


def test_the_region_is_tinted_in_the_preview_and_nothing_else_is(told):
    on, beside = told["tinted"]
    assert on > 0.8 and beside < 0.02
    assert told["tinted within the frame"] > 0.3 and told["tinted beyond the frame"] == 0, "it ends with the frame"


def test_a_thing_is_cut_out_of_a_real_film(window, data, tmp_path):
    clip, files = data / "davis" / "car-shadow", []
    for number in range(2):
        frame = cv2.imread(str(clip / "frames" / f"{number:05d}.jpg"))
        files.append(str(tmp_path / f"{number}.png"))
        cv2.imwrite(files[-1], cv2.resize(frame, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    height, width = frame.shape[0] // 2, frame.shape[1] // 2
    truth = cv2.resize(grey(str(clip / "masks" / "00001.png")), (width, height)) > 127
    rows, columns = np.nonzero(truth)
    low, high = (columns.min() - 3, rows.min() - 3), (columns.max() + 3, rows.max() + 3)
    spots = [low, high, (columns.mean(), rows.mean()), (low[0] - 12, low[1] + 10)]
    plan = {"files": files, "resolution": (width, height), "transform": {}, "change": {}, "crop": {}}
    told = window.run("cut_film.py", tmp_path, window=True, spots=[[float(x), float(y)] for x, y in spots], **plan)
    assert "error" not in told, told["error"]
    [region] = told["accepted"]
    [[frame, file]] = region["keyframes"]
    matte = grey(file) > 127
    assert frame == 2
    assert (matte & truth).sum() / (matte | truth).sum() > 0.7
