"""Paths beside the .blend file hold when it is saved elsewhere, and objects are still followed then."""

import json
from pathlib import Path

import pytest
from clips import style_picture, write_png

pytestmark = pytest.mark.blender

SAVED = """
from pathlib import Path

def play(plan):
    stage.enable()
    part = lambda name: importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")
    keyframes, painted, saved = part("regions.keyframes"), part("host.painted"), part("saved_paths")
    if bpy.app.module:
        part("host.handlers").attach(saved.HANDLERS)
    home = Path(plan["folder"]) / "home"
    scene = stage.new_scene()
    bpy.ops.wm.save_as_mainfile(filepath=str(home / "a.blend"))
    strip = scene.sequence_editor.strips.new_image("Clip", plan["picture"], 1, 1)
    scene.sequence_editor.active_strip = strip
    own = strip.stylestrip
    own.style, own.start_picture = "//style.png", plan["picture"]
    bpy.ops.stylestrip.add_region(source="OBJECT")
    region = own.regions[0]
    region.path, region.style = "//cache/matte.png", "//../picture.png"
    for number in (1, 2):
        keyframes.set_keyframe(region, number, home / "cache" / f"{number}.png")
    region.followed = painted.blend_relative(home / "cache" / "found")
    region.followed_from = keyframes.knowledge(region)

    def state():
        paths = [own.style, own.start_picture, region.path, region.style, region.followed]
        paths += [keyframe.matte for keyframe in region.keyframes]
        found = [part("host.strips").absolute(path, scene) for path in paths]
        return [paths[0], found, keyframes.is_followed(region), keyframes.doubtful(region, scene)]

    told = {"before": state()}
    def save(name, **more):
        try:
            bpy.ops.wm.save_as_mainfile(filepath=str(Path(plan["folder"]) / name), **more)
        except RuntimeError as error:
            assert "Cannot open file" in str(error)
        told[name] = state()

    save("home/b.blend")
    save("copy.blend", copy=True)
    save("nowhere/a.blend")
    save("new/a.blend")
    region.keyframes[0].frame = 12
    told["corrected"] = state()[2:]
    saved.unregister()
    for name in ("copy", "new/a"):
        bpy.ops.wm.open_mainfile(filepath=str(Path(plan["folder"]) / f"{name}.blend"))
        scene = bpy.data.scenes["Film"]
        own = scene.sequence_editor.strips["Clip"].stylestrip
        region = own.regions[0]
        told[f"{name} opened"] = state()
    return told
"""


def test_paths_hold_wherever_the_file_is_saved(blender, tmp_path):
    (tmp_path / "home" / "cache" / "found").mkdir(parents=True)
    (tmp_path / "new").mkdir()
    sure = dict.fromkeys(range(1, 30), 0.9) | {12: 0.3, 20: 0.5}
    (tmp_path / "home" / "cache" / "found" / "confidence.json").write_text(json.dumps(sure))
    told = blender.play(SAVED, tmp_path, picture=str(write_png(tmp_path / "picture.png", style_picture())))
    style, files, followed, doubtful = told["before"]
    assert style == "//style.png" and followed and doubtful == {"12": 0.3, "20": 0.5}
    home = tmp_path / "home"
    assert [Path(file) for file in files] == [
        *(home / "style.png", tmp_path / "picture.png", home / "cache" / "matte.png", tmp_path / "picture.png"),
        *(home / "cache" / "found", home / "cache" / "1.png", home / "cache" / "2.png"),
    ]
    for name in ("home/b.blend", "copy.blend", "nowhere/a.blend"):
        assert told[name] == told["before"], f"{name}: the open file is where it was"
    assert told["new/a.blend"] == ["//../home/style.png", *told["before"][1:]]
    assert told["copy opened"] == ["//home/style.png", *told["before"][1:]]
    assert told["new/a opened"][:2] == ["//../home/style.png", files]
    assert told["corrected"] == [False, {"20": 0.5}], "the other frame is still to be looked at"
