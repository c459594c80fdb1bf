"""What helps to make regions: a new mask, finding them to show them, and a strip without the paint over it."""

from typing import Any

import cv2
import numpy as np
import pytest
from clips import numbered_frame, style_picture, write_png

from tests.conftest import Blender

pytestmark = pytest.mark.blender

TOOLS = """
from pathlib import Path

def play(plan):
    stage.enable()
    part = lambda name: importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")
    part("preferences").preferences().cache_folder = plan["folder"] + "/cache"
    scene = stage.new_scene()
    strips = scene.sequence_editor.strips
    strip = strips.new_image("Clip", plan["pictures"][0], 1, 1)
    for file in plan["pictures"][1:]:
        strip.elements.append(Path(file).name)
    scene.sequence_editor.active_strip = strip
    strip_job, shown, ops = part("strip_job"), part("regions.show_region"), bpy.ops.stylestrip
    own, told = strip.stylestrip, {}
    own.style = plan["style"]

    def state(region):
        file = shown.file_of(region, 2, scene)
        return [shown.why_not_shown(region, scene), str(file) if file else None]

    def regions_of_job():
        cache = Path(plan["folder"]) / "cache"
        job = strip_job.job_of(scene, strip, part("host.footage").footage_of(strip, scene, cache), cache)
        return importlib.import_module(f"{stage.EXTENSION}.style_core.job").json.loads(job.to_json())["regions"]

    ops.add_region(source="MASK")
    region = own.regions[0]
    for lies_over in ("FRAME", "STRIP"):
        region.mask_lies_over = lies_over
        ops.new_mask()
        told[lies_over] = [region.mask.name, state(region)[0]]
        ops.find_region()
        told[lies_over] += state(region)
        region.seen = ""
    region.source = "ALPHA"
    try:
        ops.find_region()
    except RuntimeError as error:
        told["opaque"] = [str(error), *state(region)]
    region.source = "FILE"
    told["file"], told["known"] = [state(region)], not ops.find_region.poll()
    for path in ("film.mp4", "mask.png"):
        region.path = str(Path(plan["folder"]) / path)
        told["file"].append(state(region))
    region.source = "PEOPLE"
    told["people"] = [state(region)[0], sorted(ops.find_region()), *state(region)]
    told["nobody"] = part("jobs").latest.message
    region.network = "lraspp-mobilenet"
    region.network_weights = plan["folder"] + "/weights.pth"
    told["network"] = regions_of_job()[0]
    region.source = "FACES"
    told["faces"] = [state(region)[0], regions_of_job()[0]["network"]]
    told["keyed"] = [
        known.identifier
        for settings in (own, region)
        for known in settings.bl_rna.properties
        if known.is_animatable and known.type not in ("POINTER", "COLLECTION")
    ]
    return told | {"cut": uncovered(part, scene, strips, strip, plan)} | {"lost": lost(part, scene, strip, plan)}


def uncovered(part, scene, strips, strip, plan):
    for name, channel in (("Below", 2), ("Painted", 4), ("Again", 5)):
        strips.new_image(name, plan["pictures"][0], channel, 1)["stylestrip_job"] = "{}"
    strips.new_effect("Title", "TEXT", 6, 1, **stage.length_of_effect(1, 5))
    strip.channel, strip.mute, strips["Again"].mute = 3, True, True
    mutes = lambda: {one.name: one.mute for one in strips}
    before = mutes()
    cover = part("regions.uncovered").Uncovered(scene, strip)
    during = mutes()
    strips.remove(strips["Again"])
    cover.put_back()
    return [before, during, mutes()]


def lost(part, scene, strip, plan):
    frames = part("regions.shown_frames")
    frames.AGAIN_SECONDS, file = 0.0, Path(plan["pictures"][0])
    folder = file.parent.rename(file.parent.with_name("away"))
    key, told = frames.key_of(scene, strip), []
    for _ in range(2):
        told.append(frames.shown_frames(scene, strip))
        frames.find(key, scene.name, strip.name)
        if folder.exists():
            folder.rename(file.parent)
    return [*told, frames.shown_frames(scene, strip), frames.shown_frames(scene, strip)]
"""


played: dict[str, dict[str, Any]] = {}


@pytest.fixture
def told(blender: Blender, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one run of each Blender has done."""
    if blender.name not in played:
        folder = tmp_path_factory.mktemp(f"tools-{blender.name}")
        (folder / "film").mkdir()
        pictures = [str(write_png(folder / "film" / f"p{n}.png", numbered_frame(n))) for n in (1, 2)]
        write_png(folder / "mask.png", np.full((64, 96), 255, np.uint8))
        for name in ("film.mp4", "weights.pth"):
            (folder / name).write_text("not read")
        style = str(write_png(folder / "style.png", style_picture()))
        played[blender.name] = blender.play(TOOLS, folder, pictures=pictures, style=style) | {"home": str(folder)}
    return played[blender.name]


def test_a_new_mask_is_a_soft_ellipse_in_the_middle(told):
    for lies_over in ("FRAME", "STRIP"):
        name, before, after, file = told[lies_over]
        assert name.startswith("Mask") and before == "The region is not drawn or found yet." and after == ""
        matte = cv2.imread(file, cv2.IMREAD_GRAYSCALE)
        assert matte.shape == (64, 96) and matte[32, 48] == 255 and matte[2, 2] == 0
        assert (matte > 127).mean() == pytest.approx(np.pi * 0.3 * 0.3, rel=0.25), "an ellipse"
        assert len(np.unique(matte)) > 20, "its edge is soft"


def test_regions_are_shown_as_they_were_found_last(told):
    asks = "The region is not drawn or found yet."
    assert "have no alpha" in told["opaque"][0] and told["opaque"][1:] == [asks, None]
    nothing, film, picture = told["file"]
    assert nothing[0].startswith("Choose a picture") and film == nothing
    assert told["known"]
    assert picture == ["", f"{told['home']}/mask.png"]
    *outcome, file = told["people"]
    assert outcome == [asks, ["FINISHED"], ""]
    assert cv2.imread(file, cv2.IMREAD_GRAYSCALE).shape == (64, 96)
    assert told["faces"][0] == asks, "people that were found are no faces"


def test_where_nobody_is_found_that_is_said_and_nothing_else(told):
    assert told["nobody"].startswith("Nobody was found in frame"), told["nobody"]


def test_people_are_found_by_the_network_that_was_chosen(told):
    weights = f"{told['home']}/weights.pth"
    assert [told["network"][name] for name in ("network", "network_weights")] == ["lraspp-mobilenet", weights]
    assert told["faces"][1] == "selfie"


def test_settings_have_no_keys_that_would_do_nothing(told):
    assert sorted(told["keyed"]) == ["content_weight", "mix", "style_weight"], "these change through a film"


def test_paint_is_away_while_something_is_cut_out(told):
    before, during, after = told["cut"]
    assert before == {"Clip": True, "Below": False, "Painted": False, "Again": True, "Title": False}
    assert during == {"Clip": False, "Below": False, "Painted": True, "Again": True, "Title": False}
    assert after == {name: mute for name, mute in before.items() if name != "Again"}


def test_frames_are_known_when_a_lost_file_is_back(told):
    assert told["lost"] == [[], [], [1, 2], [1, 2]]
