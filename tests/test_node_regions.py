"""Things of a rendered scene as regions of a Neural Style node: each in its own style, and all else as it was."""

from pathlib import Path

import numpy as np
import pytest
from clips import style_picture, write_png
from test_node import pixels

from style_core.job import Region
from style_core.media.frame import frame_of_light
from style_core.media.pictures import read_picture
from style_core.regions.passes import decoded

pytestmark = pytest.mark.blender


@pytest.fixture
def plan(tmp_path) -> dict:
    """Two frames, painted quickly, in a style that is red and one that is blue."""
    red, blue = (np.array(tint, np.float32) for tint in ((1, 0.1, 0.1), (0.1, 0.2, 1)))
    styles = [
        str(write_png(tmp_path / f"{name}.png", (style_picture() * tint).astype(np.uint8)))
        for name, tint in (("red", red), ("blue", blue))
    ]
    settings = {"size": 0, "steps": 10, "steps_per_frame": 3, "start": "random", "device": "cpu"}
    return {"frames": 2, "settings": settings | {"style": styles[0]}, "other": styles[1]}


@pytest.mark.slow
def test_two_things_are_painted_in_two_styles_and_nothing_else_is_touched(blender, plan, tmp_path):
    told = blender.run("node_regions.py", tmp_path, case="two styles", **plan)
    assert told["problem"] == "" and told["told"] == [] and told["feather"] == 0
    assert told["passes"][0] == told["passes"][1], "the view layer is set as before"
    before, after, card, sail = ([pixels(file) for file in told[name]] for name in ("before", "after", "Card", "Sail"))
    paint = [frames_of(folder) for folder in layers_below(tmp_path / "cache")]
    for number in range(2):
        source, result = before[number][..., :3], after[number][..., :3]
        shares = card[number][..., 0], sail[number][..., 0]
        nowhere = (shares[0] == 0) & (shares[1] == 0)
        assert nowhere.mean() > 0.3 and np.array_equal(after[number][nowhere], before[number][nowhere]), "to the bit"
        assert (np.abs(result - source).mean(-1)[~nowhere] > 1e-3).mean() > 0.9
        # Red on the one, blue on the other, as far as ten steps from the orange frame come.
        (r, _, b), (r2, _, b2) = (result[share == 1].mean(0) for share in shares)
        assert r / b > 1.5 * r2 / b2
        mixed = source.copy()
        for share, layer in zip(shares, paint, strict=True):
            over = light_of_paint(layer[number], before[number])
            mixed = mixed * (1 - share[..., None]) + over * share[..., None]
        edges = (sum(shares) > 0.05) & (np.maximum(*shares) < 0.95)
        assert edges.sum() > 50
        assert np.abs(mixed - result)[edges].max() < 2e-3, "as a compositor mixes light"


def layers_below(cache: Path) -> list[Path]:
    """The folders with the paint of the regions, from the lowest."""
    (composed,) = cache.glob("*/layers.txt")
    return [cache / name for name in composed.read_text().split()]


def frames_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("0*.exr"))


def light_of_paint(file: Path, source: np.ndarray) -> np.ndarray:
    """A region's paint as the light that it is where it covers all."""
    content = frame_of_light(source, is_half=False)
    return content.repainted(read_picture(file).as_paint_of(content).rgb).light.pixels[..., :3]


@pytest.mark.slow
def test_other_things_in_a_region_need_no_other_render_and_all_kinds_of_passes_are_kept(modules, plan, tmp_path):
    plan["settings"] |= {"size": 32, "steps": 2, "steps_per_frame": 1}
    told = modules.run("node_regions.py", tmp_path, case="changed", **plan | {"frames": 1})
    assert told["first"] == told["second"] == told["third"] == ""
    assert told["fresh"] == ["", "its settings have changed since it was painted", ""]
    first, second, third = told["rendered"]
    assert first == second, "the passes are there"
    (passes,) = (Path(file) for file in third if file not in second and "/mattes/" in file)
    regions = told["regions"]
    assert [one["things"] for one in regions] == [["Sail"], ["Sail colour"], [], ["Wall"], []]
    made = [
        decoded(passes, Region(**{key: one[key] for key in ("matte", "layer", "known_by", "things", "pass_index")}))
        for one in regions
    ]
    objects, materials, material_index, _, object_index = made
    assert np.array_equal(objects, materials) and len(np.unique(objects)) > 3
    for index in (material_index, object_index):
        assert set(np.unique(index)) == {0, 1}
        assert index[objects == 1].all() and not index[objects == 0].any()


def test_a_region_that_no_render_tells_is_refused_with_what_to_do(modules, plan, tmp_path):
    told = modules.run("node_regions.py", tmp_path, case="refused", **plan)
    words = {
        "empty": "Region 'CRYPTOMATTE' has nothing in it: add what belongs to it",
        "unknown": "there is no object 'Nobody' in this file",
        "Workbench": "This render engine writes no Cryptomatte: render with Cycles or EEVEE",
        "EEVEE": "EEVEE writes no Pass Index: take Cryptomatte, or render with Cycles",
        "asset": "which assets do not have",
        "two layers": "the view layers 'Second', 'ViewLayer' come in; choose the one that shows it",
        "another layer": "is of view layer 'Third', but 'Second', 'ViewLayer' comes in",
        "blurred": "'Blur' may move what is in the picture: put it behind this node",
        "picture": "Cryptomatte needs Render Layers of this scene: connect them to Image",
    }
    for case, part in words.items():
        assert part in told[case] and "Traceback" not in told[case], (case, told[case])
    assert "STRIP" in told["of strips"] and told["count"] == 0


def test_the_buttons_of_a_node_editor_change_the_regions_of_the_node(modules, plan, tmp_path):
    told = modules.run("node_regions.py", tmp_path, case="listed", **plan)
    assert "A node can have no region of the kind 'Strip'" in told["of strips"]
    assert told["object"] == told["asset"] == ["Card", "Sail"] and told["material"] == ["Card", "Sail colour"]
    assert told["things"] == 0 and not told["no things"]
    assert told["moved"] == ["Cryptomatte", "Faces"] and told["removed"] == ["Faces"]
    assert told["names"] == ["Faces", "Faces 2"]
