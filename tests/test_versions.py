"""Painted strips know their source and their versions: painted again they change in place, and can be switched back."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import numbered_frame, style_picture, write_png

pytestmark = [pytest.mark.blender, pytest.mark.slow]

PLAY = """
import shutil
from pathlib import Path

QUICK = {"size": 96, "steps": 4, "steps_per_frame": 2, "device": "cpu"}

def module(name):
    return importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")

def begin(plan, count=6):
    stage.enable()
    cache = Path(plan["folder"]) / "cache"
    bpy.context.preferences.addons[stage.EXTENSION].preferences.cache_folder = str(cache)
    scene = stage.new_scene("Cut")
    strip = scene.sequence_editor.strips.new_image("Clip", plan["files"][0], 1, 10)
    for file in plan["files"][1:count]:
        strip.elements.append(Path(file).name)
    stage.change(strip, right=10 + count)
    strip.stylestrip.picture = "woodcut"
    for name, value in QUICK.items():
        setattr(strip.stylestrip, name, value)
    scene.sequence_editor.active_strip = strip
    return scene, strip

def stylize(strip="Clip", **given):
    try:
        return sorted(bpy.ops.stylestrip.stylize_strip(strip=strip, **given))
    except RuntimeError as error:
        return str(error)

def call(operator, **given):
    try:
        return sorted(operator(**given))
    except RuntimeError as error:
        return str(error)

def paint(scene):
    return [one for one in scene.sequence_editor.strips_all if "stylestrip_job" in one]

def facts(strip):
    own = strip.stylestrip_paint
    return {
        "name": strip.name, "channel": strip.channel, "tag": strip.color_tag,
        "left": getattr(strip, stage.LEFT), "right": getattr(strip, stage.RIGHT),
        "start": getattr(strip, stage.START), "files": [element.filename for element in strip.elements],
        "folder": bpy.path.abspath(strip.directory).rstrip("/"), "shown": own.shown,
        "versions": [one.name for one in own.versions], "scale": list(strip.transform.__getattribute__(n) for n in ("scale_x", "scale_y")),
        "offset": strip.transform.offset_x, "blend": strip.blend_type, "crop": strip.crop.min_x,
    }
"""  # noqa: E501


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Ten pictures of 96 by 64 pixels."""
    return [str(write_png(tmp_path / f"{n:03d}.png", numbered_frame(n))) for n in range(1, 11)]


LONGER = """
def play(plan):
    scene, strip = begin(plan)
    told = {"first": [stylize(), facts(paint(scene)[0])]}
    cache = Path(told["first"][1]["folder"])
    times = {file.name: file.stat().st_mtime_ns for file in cache.glob("*.png")}
    # The strip shows more, at its end and at its beginning.
    for file in plan["files"][6:9]:
        strip.elements.append(Path(file).name)
    stage.change(strip, right=19)
    told["longer"] = [stylize(), [facts(one) for one in paint(scene)]]
    told["new"] = sorted(file.name for file in Path(told["longer"][1][0]["folder"]).glob("*.png"))
    told["kept"] = [name for name, time in times.items() if (cache / name).stat().st_mtime_ns == time]
    return told
"""


def test_a_strip_that_shows_more_is_painted_where_it_is_new(modules, files, tmp_path):
    told = modules.play(PLAY + LONGER, tmp_path, files=files)
    outcome, first = told["first"]
    assert outcome == ["FINISHED"]
    assert (first["left"], first["right"], first["tag"]) == (10, 16, "COLOR_06")
    outcome, (longer,) = told["longer"]
    assert outcome == ["FINISHED"]
    assert (longer["left"], longer["right"], longer["channel"]) == (10, 19, first["channel"])
    assert longer["files"] == [f"{n:06d}.png" for n in range(1, 10)]
    assert len(told["kept"]) == 6, "what was painted is not painted again"


VERSIONS = """
def play(plan):
    scene, strip = begin(plan)
    stylize()
    (painted,) = paint(scene)
    # What a person does to the painted strip stays through all that follows.
    painted.name = "My paint"
    painted.transform.offset_x, painted.blend_type = 7, "ALPHA_OVER"
    stage.change(painted, left=11)
    told = {"first": facts(painted)}
    strip.stylestrip.style_weight, strip.stylestrip.size = 3.0, 48
    told["second"] = [stylize(), [facts(one) for one in paint(scene)]]
    # Both are moved, and the painted strip is shown as it was.
    for one in (strip, painted):
        stage.change(one, **{stage.START: getattr(one, stage.START) + 20})
    told["moved"] = facts(painted)
    told["back"] = [call(bpy.ops.stylestrip.show_version, version=0), facts(painted), strip.stylestrip.style_weight]
    told["settings"] = [call(bpy.ops.stylestrip.use_its_settings), strip.stylestrip.style_weight, strip.stylestrip.size]
    told["again"] = [stylize(), [facts(one) for one in paint(scene)]]
    told["none"] = call(bpy.ops.stylestrip.show_version, version=9)
    strip.stylestrip.seed = 7
    stylize()
    # As an undo of the Update leaves it.
    call(bpy.ops.stylestrip.show_version, version=0)
    painted.stylestrip_paint.versions.remove(len(painted.stylestrip_paint.versions) - 1)
    module("painting").forget_look()  # two draws are not that close
    newest = module("jobs").queue[-1]
    told["undone"] = [newest.words]
    shutil.rmtree(newest.folder)
    told["undone"] += [newest.words, stylize(), newest.is_taken_back, len(painted.stylestrip_paint.versions)]
    told["new"] = [stylize(as_new=True), [facts(one) for one in paint(scene)]]
    return told
"""


def test_another_look_is_another_version_of_the_same_strip(modules, files, tmp_path):
    told = modules.play(PLAY + VERSIONS, tmp_path, files=files)
    outcome, (second,) = told["second"]
    assert outcome == ["FINISHED"] and len(second["versions"]) == 2 and second["shown"] == 1
    assert second["folder"] != told["first"]["folder"]
    assert second["scale"] == pytest.approx([2, 2], abs=0.05), "frames of half the size are twice as large"
    for name in ("name", "left", "right", "offset", "blend"):
        assert second[name] == told["first"][name], name
    assert (second["name"], second["offset"], second["blend"]) == ("My paint", 7, "ALPHA_OVER")
    outcome, back, weight = told["back"]
    assert outcome == ["FINISHED"] and back["folder"] == told["first"]["folder"] and back["shown"] == 0
    assert (back["left"], back["right"]) == (told["moved"]["left"], told["moved"]["right"]) == (31, 36)
    assert back["scale"] == pytest.approx([1, 1]) and back["offset"] == 7
    assert weight == 3.0, "settings are given back only when that is asked for"
    assert told["settings"] == [["FINISHED"], 1.0, 96]
    outcome, (again,) = told["again"]
    assert outcome == ["FINISHED"] and again["shown"] == 0 and len(again["versions"]) == 2, "it was there already"
    assert "no version 9" in told["none"]
    seen = "An earlier version of the paint of 'Clip' is shown again"
    assert told["undone"] == [
        f"{seen}. The frames of the newer one are kept: Update with its settings brings it back.",
        f"{seen}, and the frames of the newer one are deleted: Update paints it again.",
        ["FINISHED"], False, 3,
    ]  # fmt: skip
    assert len(told["new"][1]) == 2, "a strip of its own, as that was asked for"


CUTS = """
def cut(scene, strip, frame):
    first = strip.name
    if hasattr(strip, "split"):
        return strip.split(frame=frame, split_method="SOFT")

def play(plan):
    scene, strip = begin(plan)
    stylize()
    (painted,) = paint(scene)
    # The source is cut in two below one painted strip: a new look for one piece leaves the paint of the other.
    other = cut(scene, strip, 13)
    strip.stylestrip.style_weight = 3.0
    told = {"one piece": [stylize(), [facts(one) for one in paint(scene)]]}
    return told | {"sources": sorted(one.name for one in scene.sequence_editor.strips_all if not one.get("stylestrip_job"))}
"""  # noqa: E501


def test_a_new_look_for_one_piece_of_a_cut_strip_leaves_the_paint_of_the_other(modules, files, tmp_path):
    told = modules.play(PLAY + CUTS, tmp_path, files=files)
    assert len(told["sources"]) == 2
    outcome, painted = told["one piece"]
    assert outcome == ["FINISHED"] and len(painted) == 2
    assert sorted((one["left"], one["right"]) for one in painted) == [(10, 13), (10, 16)]


COUNTERPARTS = """
def play(plan):
    scene, strip = begin(plan)
    told = {"nothing": call(bpy.ops.stylestrip.select_counterpart)}
    stylize()
    (painted,) = paint(scene)
    active = lambda: scene.sequence_editor.active_strip.name
    told["to paint"] = [call(bpy.ops.stylestrip.select_counterpart), active()]
    # With the paint active, Stylize is about the strip that it was painted of.
    strip.stylestrip.style_weight = 2.0
    told["from paint"] = [stylize(""), len(paint(scene)), len(painted.stylestrip_paint.versions)]
    told["to source"] = [call(bpy.ops.stylestrip.select_counterpart), active()]
    scene.sequence_editor.active_strip = painted
    scene.sequence_editor.strips.remove(strip)
    told["gone"] = call(bpy.ops.stylestrip.select_counterpart)
    return told
"""


def test_from_the_source_to_its_paint_and_back(modules, files, tmp_path):
    told = modules.play(PLAY + COUNTERPARTS, tmp_path, files=files)
    assert "Select a painted strip" in told["nothing"]
    assert told["to paint"] == [["FINISHED"], "Clip painted"]
    assert told["from paint"] == [["FINISHED"], 1, 2]
    assert told["to source"] == [["FINISHED"], "Clip"]
    assert "is gone" in told["gone"]


DELETE = """
def folders(cache):
    return sorted(str(path) for path in cache.iterdir() if path.is_dir())

def play(plan):
    scene, strip = begin(plan)
    cache = Path(plan["folder"]) / "cache"
    stylize()
    (painted,) = paint(scene)
    first = facts(painted)["folder"]
    strip.stylestrip.style_weight = 3.0
    stylize()
    second = facts(painted)["folder"]
    own = cache / ("0" * 32)
    own.mkdir()
    (own / "a letter.txt").write_text("not ours")
    told = {"folders": [first, second, str(own)], "before": folders(cache)}
    # Another strip shows the first version: what it needs is kept.
    twin = scene.sequence_editor.strips.new_image("Twin", plan["files"][0], 5, 60)
    told["old"] = [call(bpy.ops.stylestrip.delete_cache, what="OLD"), folders(cache), facts(painted)]
    told["all"] = [call(bpy.ops.stylestrip.delete_cache, what="ALL"), folders(cache), len(paint(scene)), strip.mute]
    return told
"""


def test_painted_frames_are_deleted_and_nothing_else(modules, files, tmp_path):
    told = modules.play(PLAY + DELETE, tmp_path, files=files)
    first, second, own = told["folders"]
    assert {first, second, own} <= set(told["before"])
    outcome, left, painted = told["old"]
    assert outcome == ["FINISHED"] and second in left and own in left and first not in left
    assert painted["folder"] == second and len(painted["versions"]) == 1 and painted["shown"] == 0
    outcome, left, count, muted = told["all"]
    assert outcome == ["FINISHED"] and own in left and second not in left
    assert count == 0 and not muted, "the source is seen again"


SEEN = """
def play(plan):
    scene, strip = begin(plan, 3)
    folder, told = Path(plan["folder"]), {}
    def shot(name):
        stage.render(scene, 11, 11, folder / name)
        told[name] = str(folder / name / "0011.png")
    strip.transform.scale_x = strip.transform.scale_y = 0.8
    strip.crop.min_x, strip.crop.max_y = 8, 6
    strip.stylestrip.steps = 0
    shot("source")
    stylize()
    shot("full")
    strip.stylestrip.size = 48
    stylize()
    shot("half")
    # The source is moved, and its paint goes with it when it is painted again.
    strip.transform.offset_x = 11
    strip.stylestrip.size = 96
    strip.mute, paint(scene)[0].mute = False, True
    shot("moved source")
    strip.mute, paint(scene)[0].mute = True, False
    stylize()
    shot("moved")
    return told
"""


def test_versions_lie_exactly_where_their_source_is_whatever_their_size(modules, files, tmp_path):
    told = modules.play(PLAY + SEEN, tmp_path, files=files)
    source, full, half, moved_source, moved = (
        cv2.imread(told[name]).astype(float) for name in ("source", "full", "half", "moved source", "moved")
    )
    assert np.abs(full - source).max() == 0
    assert np.abs(half - source).mean() < 4, "half the pixels at the same place"
    assert np.abs(moved_source - source).mean() > 4
    assert np.abs(moved - moved_source).max() == 0


def test_versions_are_named_by_what_they_are_and_the_panel_knows_what_has_changed_since(modules, files, tmp_path):
    own = write_png(tmp_path / "night_sky.png", style_picture())
    script = """
def play(plan):
    scene, strip = begin(plan, 2)
    settings, shown_frames, told = strip.stylestrip, module("regions.shown_frames"), []

    def note():
        # What a panel asks for is looked up a moment later, by the window's timer.
        shown_frames.find(shown_frames.key_of(scene, strip), scene.name, strip.name)
        told.append(module("sequencer.paint_state").why_out_of_date(scene, strip))

    note()
    stylize()
    note()
    settings.picture, settings.style, settings.seed, settings.device = "FILE", plan["own"], 5, "auto"
    note()
    settings.device = "cpu"
    stylize()
    settings.style_weight, settings.look = 3.0, "bold"
    settings.look = "painting"
    settings.style_weight, settings.steps = 3.0, 5
    note()
    stylize()
    note()
    strip.elements.append(Path(plan["files"][2]).name)
    stage.change(strip, right=13)
    settings.regions.add()
    note()
    bpy.ops.stylestrip.show_version(version=0)
    settings.regions.clear()
    note()
    settings.mix = 0.5
    settings.id_data.keyframe_insert('sequence_editor.strips_all["Clip"].stylestrip.mix', frame=11)
    note()
    return {"names": facts(paint(scene)[0])["versions"], "told": told, "quality": settings.quality}
"""
    told = modules.play(PLAY + script, tmp_path, files=files, own=str(own))
    first, second, third = told["names"]
    assert first.startswith("Woodcut, Painting, 96 px, ") and second.startswith("Night Sky, Painting, 96 px, ")
    assert third.startswith("Night Sky, Painting, Strength 3, Steps 5, 96 px, "), third
    assert told["told"] == [
        None,
        "",
        "Changed since it was painted: Picture.",
        "Changed since it was painted: Strength, Steps.",
        "",
        "Changed since it was painted: Regions. 1 of its frames is not painted yet.",
        "Changed since it was painted: Picture, Strength, Steps. 1 of its frames is not painted yet.",
        "Changed since it was painted: Picture, Strength, Steps and 1 more. 1 of its frames is not painted yet.",
    ], "a seed means nothing there, nor does the device"
    assert told["quality"] == "own", "a look that comes along leaves the steps as they are"


def test_a_film_a_picture_or_a_mask_that_was_replaced_under_its_name_has_changed(modules, files, tmp_path):
    own, mask = (write_png(tmp_path / name, style_picture()) for name in ("night_sky.png", "mask.png"))
    script = """
import os

def play(plan):
    scene, strip = begin(plan, 2)
    settings, why = strip.stylestrip, module("sequencer.paint_state").why_out_of_date
    settings.picture, settings.style, settings.steps = "FILE", plan["own"], 0
    region = settings.regions.add()
    region.name, region.source, region.path = "Mask", "FILE", plan["mask"]
    image = bpy.data.images.load(plan["own"])

    def why_once(replaced):
        known = os.stat(replaced)
        os.utime(replaced, ns=(known.st_atime_ns, known.st_mtime_ns + 1000))
        told.append(why(scene, strip))
        os.utime(replaced, ns=(known.st_atime_ns, known.st_mtime_ns))

    stylize()
    told = [why(scene, strip)]
    for file in (plan["files"][1], plan["own"], plan["mask"]):
        why_once(file)
    settings.picture, settings.image = "IMAGE", image
    stylize()
    told.append(why(scene, strip))
    why_once(plan["own"])
    image.pixels[0] = 1 - image.pixels[0]
    told.append(why(scene, strip))
    return told
"""
    told = modules.play(PLAY + script, tmp_path, files=files, own=str(own), mask=str(mask))
    changed = [f"Changed since it was painted: {what}." for what in ("The film", "Picture", "Regions")]
    assert told == ["", *changed, "", changed[1], changed[1]]


ELSEWHERE = """
def play(plan):
    scene, strip = begin(plan, 2)
    home, new = Path(plan["folder"]) / "home", Path(plan["folder"]) / "new"
    home.mkdir()
    new.mkdir()
    module("host.handlers").attach(module("saved_paths").HANDLERS)
    bpy.context.preferences.addons[stage.EXTENSION].preferences.cache_folder = ""
    bpy.ops.wm.save_as_mainfile(filepath=str(home / "cut.blend"))
    stylize()
    strip.stylestrip.style_weight = 3.0
    stylize()
    before = [one.folder for one in paint(scene)[0].stylestrip_paint.versions]
    bpy.ops.wm.save_as_mainfile(filepath=str(new / "cut.blend"))
    own = [one for one in bpy.data.scenes["Cut"].sequence_editor.strips_all if "stylestrip_job" in one][0]
    after = [one.folder for one in own.stylestrip_paint.versions]
    told = [call(bpy.ops.stylestrip.show_version, version=0), facts(own)]
    return {"before": before, "after": after, "told": told, "there": Path(told[1]["folder"]).is_dir()}
"""


def test_versions_are_found_when_the_file_is_saved_elsewhere(modules, files, tmp_path):
    told = modules.play(PLAY + ELSEWHERE, tmp_path, files=files)
    assert all(folder.startswith("//stylestrip_cache/") for folder in told["before"])
    assert all(folder.startswith("//../home/stylestrip_cache/") for folder in told["after"])
    outcome, painted = told["told"]
    assert outcome == ["FINISHED"] and painted["shown"] == 0 and told["there"]


INSTEAD = """
def play(plan):
    scene, strip = begin(plan)
    other = scene.sequence_editor.strips.new_image("Next", plan["files"][9], 2, 14)
    stage.change(other, right=20)
    cross = scene.sequence_editor.strips.new_effect(
        name="Cross", type="CROSS", channel=3, frame_start=14, input1=strip, input2=other, **stage.length_of_effect(14, 2)
    )
    strip.stylestrip.place = "INSTEAD"
    told = {"outcome": stylize(), "paint": facts(paint(scene)[0]), "source": strip.channel, "muted": strip.mute}
    told["inputs"] = [cross.input_1.name, cross.input_2.name]
    folder = Path(plan["folder"])
    stage.render(scene, 14, 14, folder / "crossed")
    told["crossed"] = str(folder / "crossed" / "0014.png")
    told["again"] = [stylize(), [facts(one)["channel"] for one in paint(scene)], strip.channel]
    strip.stylestrip.place = "ABOVE"
    told["above"] = [stylize(), paint(scene)[0].channel > strip.channel, strip.channel, cross.input_1.name]
    strip.stylestrip.place = "INSTEAD"
    stylize()
    told["gone"] = [call(bpy.ops.stylestrip.delete_cache, what="ALL"), cross.input_1.name, strip.channel, strip.mute]
    return told
"""  # noqa: E501


def test_paint_takes_the_strips_place_and_its_transitions(modules, files, tmp_path):
    told = modules.play(PLAY + INSTEAD, tmp_path, files=files)
    assert told["outcome"] == ["FINISHED"] and told["muted"]
    assert told["paint"]["channel"] == 1 and told["source"] > 3
    assert told["inputs"] == ["Clip painted", "Next"]
    assert told["again"] == [["FINISHED"], [1], told["source"]], "it stays in its place"
    assert told["above"] == [["FINISHED"], True, 1, "Clip"]
    assert told["gone"] == [["FINISHED"], "Clip", 1, False], "all is as before"


KEYS = """
def play(plan):
    scene, strip = begin(plan, 4)
    key = bpy.ops.stylestrip.key_setting
    told = {}
    for frame, value in ((10, 0.0), (13, 1.0)):
        scene.frame_set(frame)
        strip.stylestrip.mix = value
        told[str(frame)] = call(key, setting="mix")
    scene.frame_set(11)
    told["between"] = strip.stylestrip.mix
    told["outcome"] = stylize()
    (painted,) = paint(scene)
    import json
    told["curves"] = json.loads(painted["stylestrip_job"])["curves"]
    told["frames"] = [str(Path(facts(painted)["folder"]) / file) for file in facts(painted)["files"]]
    # Given for once, a value goes before the keys.
    told["given"] = stylize(mix=1.0), len(json.loads(painted["stylestrip_job"])["curves"])
    strip.use_reverse_frames = True
    told["reverse"] = stylize(), json.loads(painted["stylestrip_job"])["curves"]
    strip.use_reverse_frames = False
    scene.frame_set(13)
    told["taken"] = call(key, setting="mix")
    told["left"] = stylize(), json.loads(painted["stylestrip_job"])["curves"]
    return told
"""


def test_a_setting_with_keys_changes_through_the_film(modules, files, tmp_path):
    told = modules.play(PLAY + KEYS, tmp_path, files=files)
    assert told["10"] == told["13"] == told["outcome"] == ["FINISHED"]
    assert 0.1 < told["between"] < 0.5
    (curve,) = told["curves"]
    assert curve["setting"] == "mix" and curve["values"][0] == 0 and curve["values"][-1] == 1
    assert curve["values"][1] == pytest.approx(told["between"], abs=1e-5)
    first, last = (np.abs(cv2.imread(told["frames"][n]).astype(float) - cv2.imread(files[n])).mean() for n in (0, 3))
    assert first == 0 and last > 5
    assert told["given"] == [["FINISHED"], 0]
    (reverse,) = told["reverse"][1]
    assert reverse["values"] == pytest.approx(curve["values"][::-1], abs=1e-5), "by the source's frames"
    assert told["left"][1][0]["values"] == [0.0] * 4


PIECES = """
def cut(strip, frame):
    return strip.split(frame=frame, split_method="SOFT")

def play(plan):
    scene, strip = begin(plan)
    stylize()
    (painted,) = paint(scene)
    cut(strip, 13)
    cut(painted, 13)
    # One half gets another look; the frames that the other half shows are then no old version of it.
    strip.stylestrip.style_weight = 3.0
    told = {"outcome": stylize(), "paint": [facts(one) for one in paint(scene)]}
    changed = next(one for one in paint(scene) if one.stylestrip_paint.shown == 1)
    scene.sequence_editor.active_strip = changed
    told["deleted"] = call(bpy.ops.stylestrip.delete_cache, what="OLD")
    told["there"] = [Path(facts(one)["folder"]).is_dir() for one in paint(scene)]
    for one in list(paint(scene)):
        scene.sequence_editor.active_strip = one
        call(bpy.ops.stylestrip.delete_cache, what="ALL")
    told["end"] = sorted([one.name, one.mute] for one in scene.sequence_editor.strips_all)
    return told
"""


def test_frames_that_another_piece_shows_are_no_old_version(modules, files, tmp_path):
    told = modules.play(PLAY + PIECES, tmp_path, files=files)
    assert told["outcome"] == ["FINISHED"]
    assert sorted(one["shown"] for one in told["paint"]) == [0, 1]
    assert told["paint"][0]["folder"] != told["paint"][1]["folder"]
    assert told["deleted"] == ["FINISHED"] and told["there"] == [True, True]
    assert len(told["end"]) == 2 and not any(mute for _, mute in told["end"]), "both halves are seen again"


PLAYHEAD = """
import json

def play(plan):
    scene, strip = begin(plan, 4)
    told = {"quality": scene.sequence_editor.strips.new_image("New", plan["files"][0], 6, 1).stylestrip.quality}
    for frame, value in ((10, 0.2), (12, 1.0), (13, 0.4)):
        scene.frame_set(frame)
        strip.stylestrip.style_weight = value
        strip.stylestrip.mix = min(1.0, 2 * value)
        for setting in ("style_weight", "mix"):
            call(bpy.ops.stylestrip.key_setting, setting=setting)
    told["outcome"] = stylize()
    (painted,) = paint(scene)
    told["values"] = {one["setting"]: one["values"] for one in json.loads(painted["stylestrip_job"])["curves"]}
    told["lost"] = module("host.likeness").left_behind(scene, strip, module("host.ways_in").way_into(strip, scene))
    scene.frame_set(11)
    told["again"] = stylize()
    told["versions"] = len(painted.stylestrip_paint.versions)
    return told
"""


def test_where_there_are_keys_the_playhead_has_no_say(modules, files, tmp_path):
    told = modules.play(PLAY + PLAYHEAD, tmp_path, files=files)
    assert told["quality"] == "good"
    assert told["outcome"] == told["again"] == ["FINISHED"]
    assert max(told["values"]["mix"]) <= 1, "smooth curves swing beyond their keys"
    assert told["versions"] == 1, "it is the same film wherever the playhead is"
    assert told["lost"] == [], "keys of the painting are no keys of the picture"
