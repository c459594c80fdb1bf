"""Objects as regions of a strip, without a window: kept, followed, painted, made a mask."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from clips import style_picture, write_png
from test_cut_out import ellipse, overlap, picture, thing

from tests.conftest import Blender

pytestmark = [pytest.mark.blender, pytest.mark.slow]

COUNT, SIZE, FRAME = 4, (320, 180), (400, 300)
PLACE = {"offset_x": 23, "offset_y": -17, "scale_x": 1.1, "scale_y": 0.9, "rotation": 0.3, "origin": [0.3, 0.6]}

played: dict[str, dict[str, Any]] = {}


@pytest.fixture
def told(blender: Blender, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one run of each Blender has done."""
    if blender.name not in played:
        folder = tmp_path_factory.mktemp(f"objects-{blender.name}")
        numbers = range(1, COUNT + 1)
        plan = {
            "files": [str(write_png(folder / f"p{n}.png", picture(n))) for n in numbers],
            "mattes": [str(write_png(folder / f"m{n}.png", thing(n))) for n in numbers],
            "style": str(write_png(folder / "style.png", style_picture())),
            "resolution": FRAME,
            "size": SIZE,
            "transform": PLACE,
            "middle": ellipse(2)[0],
        }
        played[blender.name] = blender.run("objects.py", folder, **plan) | {"plan": plan, "home": str(folder)}
    return played[blender.name]


def test_without_a_window_nothing_is_cut_out_and_nothing_drawn(told):
    assert (told["poll"], told["overlay"]) == (False, False)


def test_the_view_of_the_preview_is_where_blender_draws_the_thing(told):
    rendered = cv2.imread(told["place"]["rendered"]).astype(int)
    blue, green, red = np.moveaxis(rendered, 2, 0)
    rows, columns = np.nonzero((red > 200) & (green < 64) & (blue < 64))
    middle = (columns.min() + columns.max() + 1) / 2 - FRAME[0] / 2, FRAME[1] / 2 - (rows.min() + rows.max() + 1) / 2
    assert told["place"]["view"] == pytest.approx(middle, abs=1.5)
    assert told["place"]["frame"] == 2, "the strip begins at frame 11 of the timeline"


def test_what_was_cut_out_is_kept_in_the_cache_and_becomes_keyframes_of_the_job(told):
    assert told["moved"] and all(
        Path(file).parent == Path(told["home"]) / "cache" / "cut-outs" for file in told["kept"]
    )
    assert told["job"]["matte"] == "object"
    first, second = told["job"]["keyframes"]
    assert (first["frame"], second["frame"]) == (1, 3)
    assert (first["matte"], second["matte"]) == (told["kept"][0], told["kept"][2]), "the newest counts"
    assert told["removed"] == [1]
    assert told["went"] == 13


def test_an_object_that_is_not_known_is_refused_with_a_sentence(told):
    assert "Region 'Object' has no cut-out yet" in told["no keyframe"]
    assert told["kept"][0] in told["gone"] and "cut it out again" in told["gone"]


def test_an_object_is_followed_until_more_is_said_of_it(told):
    assert told["before"] == ""
    assert told["outcome"] == ["FINISHED"]
    assert sorted(told["sure"]) == ["1", "2", "3", "4"]
    for number, file in enumerate(told["mattes"], 1):
        assert overlap(cv2.imread(file, cv2.IMREAD_GRAYSCALE), number) > 0.9
    assert told["mattes"][0] == told["kept"][0], "what a person said goes before what was found"
    assert told["followed"] == [True, False, True]
    assert told["renamed"] == ["done", "'Thing' is followed through the strip."], "names may change on the way"


def test_paint_stays_on_the_object(told):
    assert told["stylized"] == ["FINISHED"]
    assert len(told["painted"]) == COUNT
    for number, file in enumerate(told["painted"], 1):
        change = np.abs(cv2.imread(file)[..., ::-1].astype(int) - picture(number)).sum(-1)
        around = cv2.dilate(thing(number), np.ones((25, 25))) > 0
        assert not change[~around].any()
        assert change[cv2.erode(thing(number), np.ones((9, 9))) > 0].mean() > 10


def test_faces_are_protected_with_one_click(told):
    assert told["protected"]["with"] == ["OBJECT", "FACES", False], "what was not painted stays as it is"
    job = told["protected"]["without"]
    assert job["rest"] is True
    [region] = job["regions"]
    assert (region["matte"], region["strength"]) == ("faces", 1.0)
    assert region["feather"] > 1, "a soft edge"
    assert region["look"]["content_layers"] == ["conv2_2"], "that is the portrait's"


def test_the_region_of_a_frame_becomes_a_mask(told):
    mask = told["mask"]
    assert mask["renamed"][0] == "done" and "'Thing' is now where the mask 'Thing' is" in mask["renamed"][1]
    assert (mask["outcome"], mask["source"], mask["time"]) == (["FINISHED"], "MASK", "RELATIVE")
    for number in (1, 3):
        drawn = [cv2.imread(f"{folder}/{number:06d}.png", cv2.IMREAD_GRAYSCALE) for folder in mask["drawn"]]
        assert overlap(drawn[0], number) > 0.9
        assert cv2.absdiff(*drawn).mean() < 0.1, "it goes along with its strip"
    assert "'Object' is a mask already" in mask["again"]


def test_the_image_and_clip_editors_tell_what_they_show(told):
    found, files = told["editors"], told["plan"]["files"]
    assert found["file"] == [files[0], 1, list(SIZE)]
    assert found["packed"] == [f"{told['home']}/picture.png", 1, list(SIZE)]
    assert found["generated"] == [f"{told['home']}/picture.png", 1, [40, 20]]
    assert np.allclose(found["whole"], [(0, 1), (1, 0)])
    assert found["clip"] == [files[1], 1, list(SIZE)]
    assert "no picture" in found["no image"] and "no film" in found["no clip"]
    assert "stabilized" in found["stable"]
    assert found["boxes"] == [[0, 3, 40, 17], None], "what lies beside the picture is cut off"
