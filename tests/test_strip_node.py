"""A Neural Style node in a strip's own Compositor modifier: what is baked is what comes in, frame by frame."""

import pytest
from test_kinds import CASES
from test_within import difference, modern, picture, plan  # noqa: F401 - fixtures

pytestmark = pytest.mark.blender

CHOSEN = (
    "pictures, trim", "pictures, speed", "film, through a speed effect", "text, plain", "pictures, transform",
    "pictures, masked by a modifier", "adjustment, plain",
)  # fmt: skip


@pytest.mark.slow
def test_what_is_baked_is_what_comes_into_the_node_and_goes_along_with_the_strip(modern, plan, tmp_path):  # noqa: F811
    cases = {name: CASES[name] for name in CHOSEN}
    told = modern.run("strip_node.py", tmp_path, case="nodes", cases=cases, **plan)
    assert set(told["cases"]) == set(CHOSEN)
    for name, found in told["cases"].items():
        assert found["painted"] == found["strip"], f"{name}: all frames of the strip are painted, and no other"
        assert difference(found["before"], found["after"]) == 0, name
    moved = told["moved"]
    assert moved["painted"] == [10, 15] and moved["problem"] == ""
    assert difference(moved["before"], moved["after"]) == 0, "it was moved by 7 frames"
    assert "node-live" not in moved["image"] and moved["image"].endswith("000003.exr"), "not of live renders"
    assert all((picture(file)[..., :3] == 255).all() for file in moved["matte"]), "the paint is shown"
    assert all((picture(file)[..., :3] == 0).all() for file in moved["beyond"]), "and no paint where there is none"
    sentence = "Frame 17 of 'Neural Style': frames 10 to 15 are painted, and this one is not. Press Bake at the node."
    assert moved["told"] == [sentence], "it is told"
    assert moved["stopped"] == ["0015.png"], "and stops the render where that is wanted"
    assert all((picture(file)[..., :3] == 255).all() for file in moved["pieces"]), "pieces take theirs along"
    assert moved["apart"]
    assert moved["left"] == [["node", "moved scene/Clip", "Neural Style"], True], "it is known again after a crash"


def test_what_cannot_be_baked_in_a_modifier_is_refused_with_a_sentence(modern, plan, tmp_path):  # noqa: F811
    told = modern.run("strip_node.py", tmp_path, case="refusals", **plan)
    words = {
        "no node": "Add a Neural Style node to the scene's compositor or to a strip's modifier first",
        "no such node": "There is no Neural Style node 'Nobody' in 'Nothing' of strip 'Clip'; there is 'Neural Style'.",
        "two strips": "is in a modifier of 2 strips ('Clip' and 'Other'), and paint is of one",
        "nothing": "Nothing is connected to Image of 'Neural Style'",
        "no output": "Node group 'By Hand' has no output",
        "in a group": "Strip 'Clip' of scene 'refused scene' has no Compositor modifier with a Neural Style node.",
    }
    for case, part in words.items():
        assert part in told[case] and "Traceback" not in told[case], told[case]
