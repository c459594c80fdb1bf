"""The list of a strip's regions inside Blender: how it is changed, and the job that it makes."""

import wave
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import numbered_frame, style_picture, write_film, write_png

pytestmark = pytest.mark.blender

LIST = """
from pathlib import Path

def play(plan):
    stage.enable()
    part = lambda name: importlib.import_module(f"{stage.EXTENSION}.{name}")
    strip_job, job_module = part("blender_addon.strip_job"), part("style_core.job")
    scene = stage.new_scene()
    strip = scene.sequence_editor.strips.new_image("Clip", plan["picture"], 1, 1)
    scene.sequence_editor.active_strip = strip
    own, ops, told = strip.stylestrip, bpy.ops.stylestrip, {}
    own.style = plan["style"]

    def job(**more):
        footage = part("blender_addon.host.footage").footage_of(strip, scene, Path(plan["folder"]))
        made = strip_job.job_of(scene, strip, footage, Path(plan["folder"]), **more)
        return job_module.json.loads(made.to_json())

    def why_not():
        try:
            return job()["regions"]
        except job_module.UserError as error:
            return str(error)

    told["none"] = job()["regions"]
    for _ in range(3):
        ops.add_region(source="FILE")
    told["names"] = [region.name for region in own.regions]
    told["chosen"] = own.region_index
    told["without a file"] = why_not()
    for region in own.regions:
        region.path = plan["mask"]
    first, second, third = own.regions
    first.feather, first.invert = 3.0, True
    second.paint, second.style, second.look = "OWN", plan["other"], "portrait"
    third.paint, own.rest, own.steps = "KEEP", True, 7
    told["job"] = job()
    ops.move_region(way="UP")
    told["moved"] = [region.name for region in own.regions]
    told["stays"] = [sorted(ops.move_region(way="UP")), sorted(ops.move_region(way="UP"))][1]
    ops.remove_region()
    told["removed"] = [region.name for region in own.regions]
    own.regions[0].enabled = False
    told["enabled"] = [region["name"] for region in job()["regions"]]
    told["for all"] = [region["feather"] for region in job(overrides={"feather": 9.0})["regions"]]
    told["one mask"] = job(mask=plan["mask"], overrides={"feather": 9.0})["regions"]
    ops.remove_region()
    ops.remove_region()
    told["empty"] = [len(own.regions), ops.remove_region.poll()]
    other = scene.sequence_editor.strips.new_image("Other", plan["picture"], 2, 1)
    for names, regions in ((["Sky", "Sky", ""], own.regions), (["Sky"], other.stylestrip.regions)):
        for name in names:
            regions.add().name = name
    own.regions[1].name = "Region"
    told["unique"] = [region.name for region in (*own.regions, *other.stylestrip.regions)]
    told["masks"] = []
    for name in ("Only", "Another"):
        bpy.data.masks.new(name)
        ops.add_region(source="MASK")
        told["masks"].append(own.regions[-1].mask and own.regions[-1].mask.name)
    return told
"""


@pytest.fixture
def told(blender, tmp_path):
    """What the list says while it is changed."""
    pictures = {name: write_png(tmp_path / f"{name}.png", style_picture()) for name in ("picture", "style", "other")}
    mask = write_png(tmp_path / "mask.png", np.full((64, 64), 255, np.uint8))
    return blender.play(LIST, tmp_path, mask=str(mask), **{name: str(path) for name, path in pictures.items()}) | {
        "files": {name: str(path) for name, path in pictures.items()} | {"mask": str(mask)}
    }


def test_the_list_of_regions_becomes_the_regions_of_the_job(told):
    assert told["none"] == []
    assert told["names"] == ["File", "File 2", "File 3"]
    assert told["chosen"] == 2, "the new one is chosen"
    assert "Region 'File' has no file" in told["without a file"]
    first, second, third = told["job"]["regions"]
    assert all(region["mask"] == told["files"]["mask"] for region in (first, second, third))
    assert (first["feather"], first["invert"], first["look"]) == (3.0, True, None)
    assert second["look"]["styles"] == [told["files"]["other"]]
    assert second["look"]["content_layers"] == ["conv2_2"], "that is the portrait's"
    assert second["look"]["steps"] == 7, "what its look does not say is as for the strip"
    assert third["strength"] == 0.0
    assert told["job"]["rest"] is True
    assert told["moved"] == ["File", "File 3", "File 2"]
    assert told["stays"] == ["CANCELLED"], "the first cannot go up"
    assert told["removed"] == ["File", "File 2"]
    assert told["enabled"] == ["File 2"], "the other is switched off"
    assert told["for all"] == [9.0]
    assert [(region["mask"], region["feather"]) for region in told["one mask"]] == [(told["files"]["mask"], 9.0)]
    assert told["empty"] == [0, False]
    assert told["unique"] == ["Sky", "Region 2", "Region", "Sky"], "only within a strip"
    assert told["masks"] == ["Only", None], "of several, a person must choose"


DRAWN = """
from pathlib import Path

def mask_of(name, left, right):
    # In mask space, which goes from 0 to 1 along the longer side; clockwise, or edges have no feather.
    mask = bpy.data.masks.new(name)
    spline = mask.layers.new().splines.new()
    spline.use_cyclic = True
    corners = [(left, 0.4), (left, 0.6), (right, 0.6), (right, 0.4)]
    spline.points.add(len(corners) - 1)
    for point, corner in zip(spline.points, corners):
        point.handle_type = "VECTOR"
        point.co = point.handle_left = point.handle_right = corner
    return mask

def play(plan):
    stage.enable()
    part = lambda name: importlib.import_module(f"{stage.EXTENSION}.{name}")
    preferences = part("blender_addon.preferences").preferences()
    preferences.cache_folder = plan["folder"] + "/cache"
    scene = stage.new_scene()
    strips = scene.sequence_editor.strips
    strip = strips.new_image("Clip", plan["pictures"][0], 1, 1)
    for file in plan["pictures"][1:]:
        strip.elements.append(Path(file).name)
    matte = strips.new_image("Matte", plan["matte"], 3, 1)
    stage.change(matte, right=1 + len(plan["pictures"]))
    matte.mute = True
    scene.sequence_editor.active_strip = strip
    ops, own = bpy.ops.stylestrip, strip.stylestrip
    for source in ("MASK", "STRIP"):
        ops.add_region(source=source)
    by_mask, by_strip = own.regions
    by_mask.mask, by_mask.feather = mask_of("Left", 0.1, 0.3), 0.0
    by_strip.strip, by_strip.feather = "Matte", 0.0
    by_strip.paint, by_strip.style = "OWN", plan["other"]
    outcome = ops.stylize_strip(strip="Clip", style=plan["style"], size=48, steps=4, steps_per_frame=2, device="cpu")
    painted = next(other for other in strips if other.get("stylestrip_job"))
    folder = Path(bpy.path.abspath(painted.directory))
    return {"outcome": sorted(outcome), "files": [str(folder / element.filename) for element in painted.elements]}
"""


@pytest.mark.slow
def test_blenders_masks_and_strips_are_regions(blender, tmp_path):
    pictures = [write_png(tmp_path / f"p{number}.png", numbered_frame(number)) for number in (1, 2)]
    matte = np.zeros((64, 96), np.uint8)
    matte[16:48, 60:84] = 255
    plan = {
        "pictures": [str(path) for path in pictures],
        "matte": str(write_png(tmp_path / "matte.png", matte)),
        "style": str(write_png(tmp_path / "style.png", style_picture())),
        "other": str(write_png(tmp_path / "other.png", np.ascontiguousarray(255 - style_picture()))),
    }
    told = blender.play(DRAWN, tmp_path, **plan)
    assert told["outcome"] == ["FINISHED"]
    assert len(told["files"]) == 2
    for number, file in enumerate(told["files"], 1):
        change = np.abs(cv2.imread(file)[..., ::-1].astype(int) - numbered_frame(number)).sum(-1)
        regions = np.zeros((64, 96), bool)
        regions[20:44, 7:31] = regions[15:49, 59:85] = True  # a pixel or two more, for the edges
        assert not change[~regions].any(), "all else is the source, to the bit, though paint is half as large"
        assert change[24:40, 11:28].mean() > 3 and change[18:46, 62:82].mean() > 3


KEPT = (
    DRAWN.split("def play(plan):")[0]
    + """
import os, shutil, time

def play(plan):
    stage.enable()
    part = lambda name: importlib.import_module(f"{stage.EXTENSION}.{name}")
    wanted_of, cache = part("blender_addon.regions.capture").wanted_of, Path(plan["folder"]) / "cache"
    drawn = part("blender_addon.host.matte_drawing").draw
    scene = stage.new_scene()
    strip = scene.sequence_editor.strips.new_image("Clip", plan["picture"], 1, 1)
    scene.sequence_editor.active_strip = strip
    for name, left in (("A", 0.1), ("B", 0.5)):
        bpy.ops.stylestrip.add_region(source="MASK")
        strip.stylestrip.regions[-1].mask = mask_of(name, left, left + 0.2)
    first, second = strip.stylestrip.regions

    def draw(region, folder=cache):
        try:
            return str(drawn(wanted_of(region), scene, strip, folder, lambda done, total: None))
        except part("style_core.job").UserError as error:
            return str(error)

    told = {"first": draw(first), "second": draw(second)}
    written = Path(told["first"]).stat().st_mtime_ns
    told["again"] = [draw(first), Path(told["first"]).stat().st_mtime_ns == written]
    first.mask = mask_of("C", 0.3, 0.4)
    told["changed"] = draw(first)
    told["there"] = [Path(told[name]).is_file() for name in ("first", "second", "changed")]
    persons = cache / "mattes" / "shot010"
    persons.mkdir()
    for old in (Path(told["second"]).parent, persons):
        os.utime(old, (0, 0))
    draw(first)
    told["mattes"] = sorted(path.name for path in (cache / "mattes").iterdir())
    (Path(plan["folder"]) / "file").write_text("no folder")
    told["no place"] = draw(first, Path(plan["folder"]) / "file")
    return told
"""
)


def test_a_matte_that_was_drawn_stays_as_it_is_whatever_is_drawn_later(modules, tmp_path):
    told = modules.play(KEPT, tmp_path, picture=str(write_png(tmp_path / "picture.png", style_picture())))
    assert told["first"] != told["second"]
    assert told["again"] == [told["first"], True], "the same matte is the same file"
    assert told["changed"] not in (told["first"], told["second"])
    assert told["there"] == [True, True, True]
    folders = sorted(Path(told[name]).parent.name for name in ("first", "second", "changed"))
    assert told["mattes"] == [*folders, "shot010"], "what is old stays, and nothing of drawing"
    assert "region 'Mask' cannot be written below" in told["no place"] and "choose another" in told["no place"]


INTERRUPTED = (
    DRAWN.split("def play(plan):")[0]
    + """
import contextlib, io, os, signal, threading, time

def play(plan):
    stage.enable()
    part = lambda name: importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")
    cache = Path(plan["folder"]) / "cache"
    part("preferences").preferences().cache_folder = str(cache)
    scene = stage.new_scene()
    strip = scene.sequence_editor.strips.new_image("Clip", plan["picture"], 1, 1)
    for _ in range(400):
        strip.elements.append(Path(plan["picture"]).name)
    scene.sequence_editor.active_strip = strip
    strip.transform.keyframe_insert("offset_x", frame=1)
    strip.transform.offset_x = 40
    strip.transform.keyframe_insert("offset_x", frame=400)
    bpy.ops.stylestrip.add_region(source="MASK")
    strip.stylestrip.regions[0].mask = mask_of("Left", 0.1, 0.3)
    bpy.ops.wm.save_as_mainfile(filepath=plan["folder"] + "/a.blend")

    def press():
        while not list(cache.glob("mattes/drawing-*/*.png")):
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press).start()
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = part("command").run(["--strip", "Clip", "--style", plan["picture"], "--scene", "Film"])
    names = [one.name for one in bpy.data.scenes]
    return {"code": code, "said": said.getvalue(), "left": os.listdir(cache / "mattes"), "scenes": names}
"""
)


def test_ctrl_c_while_a_matte_is_drawn_ends_with_a_sentence(modules, tmp_path):
    told = modules.play(INTERRUPTED, tmp_path, picture=str(write_png(tmp_path / "picture.png", style_picture())))
    assert (told["code"], told["said"]) == (130, "stylestrip: Cancelled before anything was painted.\n")
    assert told["left"] == [] and "Film" in told["scenes"] and "Stylestrip matte" not in told["scenes"]


OFFERED = """
from pathlib import Path

def play(plan):
    stage.enable()
    part = lambda name: importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")
    panel, regions, told = bpy.types.SEQUENCER_PT_stylestrip_regions, part("regions.list_regions"), {}
    scene = stage.new_scene()
    editor = scene.sequence_editor
    editor.strips.new_image("Clip", plan["picture"], 1, 1)
    editor.strips.new_sound("Sound", plan["sound"], 2, 1)
    editor.strips.new_effect("Text", "TEXT", 3, 1, **stage.length_of_effect(1, 5))
    editor.strips.new_image("Painted", plan["picture"], 4, 1)["stylestrip_job"] = "{}"

    def offered(strip):
        return [panel.poll(bpy.context), bpy.ops.stylestrip.add_region.poll(), regions.why_no_regions(strip)]

    for strip in editor.strips:
        editor.active_strip = strip
        told[strip.name] = offered(strip)
    file = str(Path(plan["folder"]) / "other.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    stage.enable()
    with bpy.data.libraries.load(file, link=True) as (there, here):
        here.scenes = ["Film"]
    linked = here.scenes[0]
    stage.show(linked)
    strip = linked.sequence_editor.strips["Clip"]
    told["linked"] = offered(strip)
    try:
        importlib.import_module(f"{stage.EXTENSION}.blender_addon.host.strips").source_of(strip, linked)
    except Exception as error:
        told["source"] = str(error)
    return told
"""


def test_regions_are_offered_for_what_can_be_painted(blender, tmp_path):
    sound = tmp_path / "sound.wav"
    with wave.open(str(sound), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(8000))
    picture = write_png(tmp_path / "picture.png", style_picture())
    told = blender.play(OFFERED, tmp_path, picture=str(picture), sound=str(sound))
    assert told["Clip"] == told["Text"] == [True, True, ""]
    for name, words in {
        "Sound": "Strip 'Sound' is sound: select a strip that has a picture.",
        "Painted": "Strip 'Painted' is painted",
        "linked": "Scene 'Film' comes from another file: paint it there, or make it local.",
    }.items():
        assert told[name][:2] == [False, False] and words in told[name][2], name
    assert told["source"] == told["linked"][2]


SOUND = """
ADD = {"move_strips": False} if bpy.app.version >= (5, 0, 0) else {}

def sequencer():
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    area.type = "SEQUENCE_EDITOR"
    return {"window": window, "area": area, "region": next(one for one in area.regions if one.type == "WINDOW")}

def play(plan):
    stage.enable()
    part = lambda name: importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")
    scene, told = stage.new_scene(), {}
    editor = scene.sequence_editor

    def meant():
        names = [one.name for one in part("sequencer.stylize_strip").meant(scene)]
        try:
            previewed = part("preview.previewing").chosen(scene, "").name
        except Exception as error:
            previewed = str(error)
        return [part("host.versions").active_strip(bpy.context).name, names, previewed]

    def choose(*strips):
        for one in editor.strips:
            one.select = one in strips
        editor.active_strip = strips[0]

    with bpy.context.temp_override(**sequencer()):
        bpy.ops.sequencer.movie_strip_add(filepath=plan["film"], frame_start=1, channel=1, **ADD)
        sound = next(one for one in editor.strips if one.type == "SOUND")
        next(one for one in editor.strips if one.type == "MOVIE").name, sound.name = "Film", "Sound"
        editor.active_strip = sound  # as 5.2 leaves it
        told["added"] = meant()
        bpy.ops.sequencer.disconnect()
    choose(sound)
    told["apart"] = meant()
    other = editor.strips.new_image("Other", plan["picture"], 5, 1)
    choose(sound, other)
    told["with another"] = meant()
    stage.change(sound, **{stage.START: 3})
    choose(sound)
    told["moved"] = meant()
    return told
"""


def test_sound_stands_for_the_picture_that_it_belongs_to(blender, tmp_path):
    film, picture = write_film(tmp_path / "film.mp4", 6, sound=True), write_png(tmp_path / "p.png", style_picture())
    told = blender.play(SOUND, tmp_path, film=str(film), picture=str(picture))
    assert told["added"] == told["apart"] == ["Film", ["Film"], "Film"]
    assert told["with another"] == ["Other", ["Other"], "Other"]
    assert told["moved"] == ["Sound", [], "Strip 'Sound' is sound: select a strip that has a picture."]


@pytest.mark.slow
def test_a_dancer_by_her_matte_and_a_wall_by_a_mask_of_blender_have_two_styles_and_all_else_is_the_film(
    blender, tmp_path, data
):
    clip, size = data / "davis" / "dance-twirl", (320, 180)
    files = [sorted((clip / part).iterdir())[:2] for part in ("frames", "masks")]
    films, mattes = ([cv2.resize(cv2.imread(str(file)), size, interpolation=cv2.INTER_AREA) for file in part]
                     for part in files)  # fmt: skip
    for folder in ("film", "mattes"):
        (tmp_path / folder).mkdir()
    mattes = [np.where(matte.max(-1) > 127, 255, 0).astype(np.uint8) for matte in mattes]
    pictures = [str(write_png(tmp_path / "film" / f"{n}.png", film[..., ::-1])) for n, film in enumerate(films, 1)]
    for number, matte in enumerate(mattes, 1):
        write_png(tmp_path / "mattes" / f"{number}.png", matte)
    plan = {"pictures": pictures, "mattes": str(tmp_path / "mattes")}
    plan |= {"style": str(data / "style" / "starry_night.jpg"), "other": str(data / "style" / "wave.jpg")}
    told = blender.play(DANCER, tmp_path, **plan)
    assert told["outcome"] == ["FINISHED"]
    for matte, film, file in zip(mattes, films, told["files"], strict=True):
        painted = cv2.imread(file)
        change = np.abs(painted.astype(int) - film).sum(-1)
        wall = np.zeros(matte.shape, bool)
        wall[90 - 34 : 90 + 34, 14:82] = True  # a pixel or two more than the mask, for its edge
        assert not change[(matte == 0) & ~wall].any(), "all else is the film, to the bit"
        for region in (matte > 0, wall):
            assert change[region].mean() > 12


DANCER = (
    DRAWN.replace('"""', "").split("def play(plan):")[0]
    + """
def play(plan):
    stage.enable()
    part = lambda name: importlib.import_module(f"{stage.EXTENSION}.{name}")
    part("blender_addon.preferences").preferences().cache_folder = plan["folder"] + "/cache"
    scene = stage.new_scene(width=320, height=180)
    strips = scene.sequence_editor.strips
    strip = strips.new_image("Clip", plan["pictures"][0], 1, 1)
    for file in plan["pictures"][1:]:
        strip.elements.append(Path(file).name)
    scene.sequence_editor.active_strip = strip
    ops, own = bpy.ops.stylestrip, strip.stylestrip
    for source in ("FILE", "MASK"):
        ops.add_region(source=source)
    dancer, wall = own.regions
    dancer.path, dancer.feather = plan["mattes"], 0.0
    wall.mask, wall.feather = mask_of("Wall", 0.05, 0.25), 0.0
    wall.paint, wall.style = "OWN", plan["other"]
    outcome = ops.stylize_strip(strip="Clip", style=plan["style"], size=320, steps=12, steps_per_frame=6, device="cpu")
    painted = next(other for other in strips if other.get("stylestrip_job"))
    folder = Path(bpy.path.abspath(painted.directory))
    return {"outcome": sorted(outcome), "files": [str(folder / element.filename) for element in painted.elements]}
"""
)
