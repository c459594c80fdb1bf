"""The preview without a window: the same paint as the strip's, of as few frames as are needed."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import numbered_frame, style_picture, write_film, write_png

pytestmark = pytest.mark.blender

BEGIN = """
from pathlib import Path

def part(name):
    return importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")

def begin(plan, **change):
    stage.enable()
    part("preferences").preferences().cache_folder = plan["folder"] + "/cache"
    scene = stage.new_scene("Cut")
    strips = scene.sequence_editor.strips
    if plan["files"][0].endswith(".mp4"):
        strip = strips.new_movie("Clip", plan["files"][0], 1, 11)
    else:
        strip = strips.new_image("Clip", plan["files"][0], 1, 11)
        for file in plan["files"][1:]:
            strip.elements.append(Path(file).name)
    stage.change(strip, **change)
    scene.sequence_editor.active_strip = strip
    own = strip.stylestrip
    own.style, own.size, own.steps, own.steps_per_frame, own.device = plan["style"], 96, 4, 3, "cpu"
    return scene, strip

def shown():
    known = part("preview.frames").latest
    return {number: [str(one.file), one.is_finished] for number, one in known.pictures.items()} if known else None

def said(**given):
    try:
        return sorted(bpy.ops.stylestrip.preview(**given))
    except RuntimeError as error:
        return str(error)
"""


@pytest.fixture
def style(tmp_path: Path) -> str:
    return str(write_png(tmp_path / "style.png", style_picture()))


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    return [str(write_png(tmp_path / f"p{number}.png", numbered_frame(number))) for number in range(1, 9)]


@pytest.fixture
def film(tmp_path: Path) -> list[str]:
    return [str(write_film(tmp_path / "clip.mp4", 20))]


FIRST = """
def play(plan):
    scene, strip = begin(plan, right=15)
    before = sorted(one.name for one in bpy.data.scenes), scene.frame_current, strip.mute
    scene.frame_set(11)
    told = {"said": said(), "shown": shown()}
    file = Path(told["shown"]["1"][0] if "1" in told["shown"] else told["shown"][1][0])
    stamp = file.stat().st_mtime_ns
    bpy.ops.stylestrip.stylize_strip()
    painted = next(one for one in scene.sequence_editor.strips if one.name != "Clip")
    frames = [str(Path(bpy.path.abspath(painted.directory)) / one.filename) for one in painted.elements]
    told |= {"film": frames, "kept": file.stat().st_mtime_ns == stamp}
    painted_files = {name: Path(name).stat().st_mtime_ns for name in frames}
    scene.frame_set(13)
    told |= {"said again": said(frames=2), "shown again": shown()}
    told["at once"] = painted_files == {name: Path(name).stat().st_mtime_ns for name in frames}
    return told
"""


@pytest.mark.slow
def test_the_first_frame_is_the_films_own_and_what_the_film_has_is_shown_at_once(modules, pictures, style, tmp_path):
    told = modules.play(BEGIN + FIRST, tmp_path, files=pictures, style=style)
    assert told["said"] == ["FINISHED"]
    [[file, is_finished]] = told["shown"].values()
    assert is_finished and list(told["shown"]) == ["1"]
    assert file == told["film"][0] and told["kept"], "the film goes on from it"
    assert told["said again"] == ["FINISHED"] and told["at once"]
    assert told["shown again"]["3"] == [told["film"][2], True]


SHOT = """
def play(plan):
    scene, strip = begin(plan, **plan["change"])
    told = {}
    for moment in plan["moments"]:
        part("preview.frames").put_away()
        told[moment] = [said(frame=moment, frames=5), sorted(shown())]
    return told
"""


@pytest.mark.slow
def test_several_frames_lie_around_the_playhead_within_the_strip(modules, film, style, tmp_path):
    change = {"left": 13, "right": 22}
    told = modules.play(BEGIN + SHOT, tmp_path, files=film, style=style, change=change, moments=[13, 17, 21])
    assert told == {
        "13": [["FINISHED"], [3, 4, 5, 6, 7]],
        "17": [["FINISHED"], [5, 6, 7, 8, 9]],
        "21": [["FINISHED"], [7, 8, 9, 10, 11]],
    }


RENDERED = """
import numpy as np

def play(plan):
    scene, strip = begin(plan, right=19)
    modifier = strip.modifiers.new("Brighter", "BRIGHT_CONTRAST")
    modifier.bright = 20
    scene.frame_set(14)
    told = {"said": said(frames=2), "shown": shown()}
    cache = Path(plan["folder"]) / "cache"
    told["rendered"] = sorted(file.name for file in next(cache.glob("render-*")).iterdir())
    # The same from all of the strip.
    told["whole"] = sorted(bpy.ops.stylestrip.stylize_strip())
    told["again"] = said(frames=2), shown()
    strip.color_multiply = 0.6
    scene.frame_set(14)
    told["darker"] = said()
    source = part("preview.frames").latest.source
    sides = part("preview.both_sides").Sides(scene, strip, 4, source)
    told["coloured"] = sides.coloured_by is not None
    scene.sequence_editor.strips.remove(scene.sequence_editor.strips["Clip painted"])
    strip.mute = False
    stage.render(scene, 14, 14, Path(plan["folder"]) / "seen")
    drawn = part("preview.display").displayed(Path(source.path) / "000004.png", scene, sides.coloured_by)
    try:
        while True:
            next(drawn)
    except StopIteration as ended:
        np.save(Path(plan["folder"]) / "seen.npy", ended.value)
    return told
"""


@pytest.mark.slow
def test_of_a_strip_that_is_rendered_only_the_frames_that_are_needed_are(modules, pictures, style, tmp_path):
    told = modules.play(BEGIN + RENDERED, tmp_path, files=pictures, style=style)
    assert told["said"] == ["FINISHED"], told["said"]
    assert sorted(told["shown"]) == ["4", "5"]
    assert told["rendered"] == ["000004.png", "000005.png"]
    paint = cv2.imread(told["shown"]["4"][0])
    assert paint.shape == (64, 96, 3) and paint.std() > 20
    assert told["whole"] == ["FINISHED"]
    again = cv2.imread(told["again"][1]["4"][0]).astype(float)
    # There strokes follow from the frames before.
    assert 0 < np.abs(again - paint).mean() < 40
    assert told["darker"] == ["FINISHED"] and told["coloured"] is False, "a render has the strip's colours"
    seen = cv2.imread(str(tmp_path / "seen" / "0014.png"))[..., ::-1].astype(float)
    assert np.abs(np.load(tmp_path / "seen.npy")[..., :3] - seen).mean() < 1


STALE = """
def play(plan):
    scene, strip = begin(plan, right=15)
    frames = part("preview.frames")
    told = {"fresh": [said(frame=12), frames.latest.is_up_to_date]}
    def after(change):
        change()
        return frames.latest.is_up_to_date
    own = strip.stylestrip
    told["other size"] = after(lambda: setattr(own, "size", 64))
    told["back"] = after(lambda: setattr(own, "size", 96))
    told["region"] = after(lambda: setattr(own.regions.add(), "source", "FILE"))
    told["none"] = after(lambda: own.regions.remove(0))
    told["renamed region index"] = after(lambda: setattr(own, "region_index", 3))
    told["beside the paint"] = after(lambda: (setattr(own, "place", "INSTEAD"), setattr(own, "device", "auto")))
    own.device = "cpu"
    told["added"] = [said(frame=13), sorted(shown())]
    own.brush_size = 2
    told["other settings"] = [said(frame=13), sorted(shown())]
    told["beside"] = said(frame=50)
    told["kept"] = sorted(shown())
    told["lost"] = said(strip="Clop")
    own.style = "/no/such.png"
    told["no style"] = said(frame=12)
    strip.name = "Other"
    told["renamed"] = frames.latest.place is None
    bpy.ops.stylestrip.put_preview_away()
    told["away"] = [shown(), bpy.ops.stylestrip.put_preview_away.poll()]
    temporary = Path(bpy.app.tempdir)
    told["left"] = [one.name for one in temporary.glob("stylestrip_*")]
    return told
"""


def test_a_preview_knows_whether_the_strip_would_still_be_painted_so(modules, pictures, style, tmp_path):
    told = modules.play(BEGIN + STALE, tmp_path, files=pictures, style=style)
    assert told["fresh"] == [["FINISHED"], True]
    assert (told["other size"], told["back"]) == (False, True)
    assert (told["region"], told["none"], told["renamed region index"]) == (False, True, True)
    assert told["beside the paint"], "where it goes and what paints it changes no pixel"
    assert told["added"] == [["FINISHED"], [2, 3]], "frames of the same settings stay"
    assert told["other settings"] == [["FINISHED"], [3]]
    assert "'Clip' is at frames 11-14, and frame 50 is to be previewed: move the playhead" in told["beside"]
    assert told["kept"] == [3], "what cannot be previewed takes nothing away"
    assert "no strip 'Clop'; there are 'Clip'" in told["lost"]
    assert "/no/such.png" in told["no style"]
    assert told["renamed"] and told["away"] == [None, False] and told["left"] == []


KEYED = """
def play(plan):
    scene, strip = begin(plan, right=15)
    frames, curves = part("preview.frames"), part("host.curves")
    for frame, value in ((11, 0.1), (14, 0.9)):
        strip.stylestrip.mix = value
        curves.set_key(scene, strip, "mix", frame)
    scene.frame_set(12)
    told = {"said": said(), "values": []}
    for frame in (12, 13, 14):
        scene.frame_set(frame)
        told["values"].append([round(strip.stylestrip.mix, 3), frames.latest.is_up_to_date])
    key = curves.curve_of(scene, strip, "mix").keyframe_points[1]
    key.co[1] = 0.5
    told["other key"] = frames.latest.is_up_to_date
    key.co[1] = 0.9
    told["back"] = frames.latest.is_up_to_date
    key.interpolation = "CONSTANT"
    return told | {"interpolation": frames.latest.is_up_to_date}
"""


def test_keys_make_a_preview_stale_when_they_change_and_not_when_one_scrubs(modules, pictures, style, tmp_path):
    script = KEYED
    told = modules.play(BEGIN + script, tmp_path, files=pictures, style=style)
    assert told["said"] == ["FINISHED"]
    values, fresh = zip(*told["values"], strict=True)
    assert len(set(values)) == 3 and fresh == (True, True, True)
    assert (told["other key"], told["back"], told["interpolation"]) == (False, True, False)


CHANGED = """
def play(plan):
    scene, strip = begin(plan, right=15)
    told = {"film": [said(frame=12), said(frame=13), sorted(shown())]}
    stage.change(strip, trim_start=0, right=14)
    told["shorter"] = [said(frame=13), sorted(shown())]
    strip.modifiers.new("Brighter", "BRIGHT_CONTRAST").bright = 20
    told["rendered"] = [said(frame=12), said(frame=13), sorted(shown())]
    strip.modifiers[0].bright = 30
    told["brighter"] = [said(frame=13), sorted(shown())]
    other = scene.sequence_editor.strips.new_image("Other", plan["files"][0], 5, 11)
    panel = part("preview.panel")
    strip.stylestrip.size = 64
    told["told"] = [[sentence for sentence, _ in panel.sentences_at(one)] for one in (strip, other)]
    return told
"""


@pytest.mark.slow
def test_pictures_of_what_has_changed_are_not_shown_beside_new_ones(modules, pictures, style, tmp_path):
    told = modules.play(BEGIN + CHANGED, tmp_path, files=pictures, style=style)
    assert told["film"] == [["FINISHED"], ["FINISHED"], [2, 3]]
    assert told["shorter"] == [["FINISHED"], [2, 3]], "other frames are of the same film"
    assert told["rendered"] == [["FINISHED"], ["FINISHED"], [2, 3]], told["rendered"]
    assert told["brighter"] == [["FINISHED"], [3]]
    assert told["told"] == [["Settings changed: preview again."], []], "at its own strip alone"


SOURCES = """
import time

def until(enough):
    sources, deadline = part("preview.sources"), time.monotonic() + 60
    while not enough() and time.monotonic() < deadline:
        sources.hear()
        time.sleep(0.02)

def play(plan):
    scene, strip = begin(plan, right=15)
    sources, sides = part("preview.sources"), part("preview.both_sides")
    file = Path(plan["files"][1])
    source, _ = part("host.strips").source_of(strip, scene)
    key = source.path, source.files, 2
    away = file.rename(file.with_name("away.png"))
    sources.known[key] = None
    sources.ask(key, source)
    until(lambda: sources.problem)
    told = {"problem": sources.problem, "at once": [sources.file_of(source, 2), key in sources.known]}
    away.rename(file)
    sources.failed[key] -= sources.AGAIN_SECONDS
    told["later"] = [sources.file_of(source, 2), key in sources.known]
    sources.ask(key, source)
    until(lambda: sources.known[key])
    told["read"] = bool(sources.known[key] and sources.known[key].is_file())
    textures, screen = part("preview.textures"), part("host.screen")
    picture = textures.key_of(file, scene, strip)
    during = []
    textures.asked.add(picture)

    def on_frame(*_):
        during.append([textures.read(picture, scene.name, strip.name), picture in textures.known])

    part("host.handlers").attach(screen.HANDLERS)
    bpy.app.handlers.render_post.append(on_frame)
    stage.render(scene, 11, 11, Path(plan["folder"]) / "any")
    bpy.app.handlers.render_post.remove(on_frame)
    while (after := textures.read(picture, scene.name, strip.name)) is not None:
        pass
    after = after, picture in textures.known
    job = part("strip_job").job_of(scene, strip, part("host.footage").footage_of(strip, scene, Path("c")), Path("c"))
    text = job.to_json()
    return told | {"during": during, "after": after, "job": [sides.source_in(text) == source, sides.source_in("{}x")]}
"""


def test_a_frame_that_was_lost_is_asked_for_again_and_nothing_is_read_during_a_render(
    modules, pictures, style, tmp_path
):
    told = modules.play(BEGIN + SOURCES, tmp_path, files=pictures, style=style)
    assert "p2.png" in told["problem"] and told["at once"] == [None, False]
    assert told["later"] == [None, True] and told["read"]
    assert told["during"] == [[0.5, False]], "no datablock may come or go"
    assert told["after"] == [None, True]
    assert told["job"] == [True, None]


COMPARED = """
def play(plan):
    begin(plan, right=12)
    manager, told = bpy.context.window_manager, []
    for split in plan["splits"]:
        manager.stylestrip_compare, manager.stylestrip_split = False, split
        manager.stylestrip_compare = True
        told.append(round(manager.stylestrip_split, 3))
    return told
"""


def test_who_begins_to_compare_sees_both_sides(modules, pictures, style, tmp_path):
    splits = [0.0, 0.004, 0.3, 0.96, 1.0]
    told = modules.play(BEGIN + COMPARED, tmp_path, files=pictures[:1], style=style, splits=splits)
    assert told == [0.5, 0.5, 0.3, 0.5, 0.5]


DISPLAYED = """
import numpy as np

def ended(bits):
    while True:
        try:
            next(bits)
        except StopIteration as end:
            return end.value

def whole(display, file, scene):
    image = bpy.data.images.load(str(file))
    with display.view_of(scene) as own:
        image.save_render(str(file.with_suffix(".tga")), scene=own)
    seen = part("host.screen").read_frame(file.with_suffix(".tga"), tuple(image.size))
    bpy.data.images.remove(image)
    return seen

def as_floats(folder):
    image = bpy.data.images.new("Floats", 40, 30, alpha=True, float_buffer=True)
    image.pixels.foreach_set(np.linspace(0, 1.5, 40 * 30 * 4, dtype=np.float32))
    image.file_format, image.filepath_raw = "OPEN_EXR", str(folder / "floats.exr")
    image.save()
    bpy.data.images.remove(image)
    return folder / "floats.exr"

def play(plan):
    scene, strip = begin(plan, right=12)
    display = part("preview.display")
    display.BAND = 1000  # many of them
    scene.frame_set(11)
    told, view = {"same": []}, scene.view_settings
    files = Path(plan["files"][0]), as_floats(Path(plan["folder"]))
    names = [one.name for one in bpy.data.scenes]
    for name, values in plan["views"].items():
        strip.color_multiply, strip.color_saturation = 1, 1
        view.use_curve_mapping = False
        for key, value in values.items():
            setattr(strip if key.startswith("color_") else view, key, value)
        if view.use_curve_mapping:
            view.curve_mapping.curves[3].points.new(0.3, 0.6)
            view.curve_mapping.update()
        stage.render(scene, 11, 11, Path(plan["folder"]) / name)
        images = list(bpy.data.images)
        drawn = ended(display.displayed(Path(plan["files"][0]), scene, strip))
        told["images"] = images == list(bpy.data.images)
        told["same"] += [bool((ended(display.displayed(file, scene)) == whole(display, file, scene)).all())
                         for file in files]
        np.save(Path(plan["folder"]) / f"{name}.npy", drawn)
    told["scenes"] = names == [one.name for one in bpy.data.scenes]
    return told
"""


def test_pictures_have_the_colours_that_blender_renders_them_in(modules, pictures, style, tmp_path):
    views = {
        "standard": {"view_transform": "Standard"},
        "agx": {"view_transform": "AgX"},
        "bright": {"view_transform": "AgX", "exposure": 1.0, "gamma": 1.2},
        "filmic": {"view_transform": "Filmic", "exposure": 0.0, "gamma": 1.0},
        "curves": {"view_transform": "Standard", "use_curve_mapping": True},
        "strip": {"view_transform": "AgX", "color_multiply": 0.6, "color_saturation": 0.4},
    }
    told = modules.play(BEGIN + DISPLAYED, tmp_path, files=pictures[:1], style=style, views=views)
    assert told == {"scenes": True, "images": True, "same": [True] * 12}
    seen = {}
    for name in views:
        rendered = cv2.imread(str(tmp_path / name / "0011.png"))[..., ::-1].astype(int)
        seen[name] = np.load(tmp_path / f"{name}.npy")[..., :3].astype(int)
        # Blender keeps what it multiplies in 8 bits, and dithers what it renders.
        most = 6 if name == "strip" else 3
        assert np.abs(rendered - seen[name]).max() <= most, name
        assert np.abs(rendered - seen[name]).mean() < 1.0, name
    assert np.abs(seen["agx"] - seen["standard"]).mean() > 5, "views differ"
