"""What a strip is painted in, chosen in Blender: pictures that come along, files, images, looks of one's own."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import numbered_frame, style_picture, write_png

from style_core.job import Job
from style_core.styles import STYLES

pytestmark = pytest.mark.blender

PLAY = """
from pathlib import Path

def module(name):
    return importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")

def begin(plan, names=("Clip",)):
    stage.enable()
    scene = stage.new_scene("Cut")
    strips = scene.sequence_editor.strips
    made = [strips.new_image(name, plan["content"], channel, 1) for channel, name in enumerate(names, 1)]
    scene.sequence_editor.active_strip, made[0].select = made[0], True
    return scene, made

def job(scene, strip, plan, **given):
    cache = Path(plan["folder"]) / "cache"
    footage = module("host.footage").footage_of(strip, scene, cache)
    return module("strip_job").job_of(scene, strip, footage, cache, **given)

def said(ask):
    try:
        return list(ask().look.styles)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
"""


@pytest.fixture
def content(tmp_path: Path) -> str:
    return str(write_png(tmp_path / "content.png", numbered_frame(3)))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A picture of one's own."""
    return write_png(tmp_path / "own.png", style_picture())


CHOOSE = """
def play(plan):
    scene, (strip,) = begin(plan)
    own = strip.stylestrip
    items = module("gallery").items
    told = {"offered": [item[0] for item in items], "numbers": [item[4] for item in items]}
    told["fresh"] = own.picture, said(lambda: job(scene, strip, plan))
    for key in plan["keys"]:
        own.picture = key
        told[key] = said(lambda: job(scene, strip, plan))
    told["beside"] = said(lambda: job(scene, strip, plan, styles=("Ink Wash", plan["own"])))
    own.picture = "FILE"
    told["empty"] = said(lambda: job(scene, strip, plan))
    own.picture = "mosaic"
    own.style = plan["own"]
    told["chosen"] = [own.picture]
    told["file"] = said(lambda: job(scene, strip, plan))
    own.style = "mosaic"
    told["name"] = said(lambda: job(scene, strip, plan))
    own.style = "mosiac"
    told["misspelt"] = said(lambda: job(scene, strip, plan))
    own.picture = "woodcut"
    own.image = bpy.data.images.load(plan["own"])
    told["chosen"].append(own.picture)
    own.picture = "woodcut"
    region = own.regions.add()
    region.source, region.path, region.paint, region.picture = "FILE", plan["content"], "OWN", "pastel"
    told["region"] = list(job(scene, strip, plan).regions[0].look.styles)
    region.picture = "FILE"
    told["region as the strip"] = list(job(scene, strip, plan).regions[0].look.styles)
    browser = module("own_picture")
    browser.asked = next(names for names, settings in browser.places() if settings == region)
    bpy.ops.stylestrip.own_picture(filepath=plan["own"])
    told["browsed"] = region.picture, region.style
    return told
"""


def test_a_picture_is_chosen_in_the_gallery_by_its_file_or_by_its_name(blender, content, own, tmp_path):
    told = blender.play(PLAY + CHOOSE, tmp_path, content=content, own=str(own), keys=list(STYLES))
    installed = blender.resources / "extensions" / "user_default" / "stylestrip" / "style_core" / "style_pictures"
    assert told["offered"] == [*STYLES, "FILE", "IMAGE"]
    assert told["numbers"] == [*range(10, 10 + len(STYLES)), 0, 1], "a .blend file keeps these numbers"
    assert told["fresh"] == ["oil-swirl", [str(installed / "oil-swirl.jpg")]], "a new user need not choose"
    assert "No style picture is chosen" in told["empty"]
    assert told["chosen"] == ["FILE", "IMAGE"], "who gives a file or an image wants that one"
    for key in STYLES:
        assert told[key] == [str(installed / f"{key}.jpg")]
    assert told["beside"] == [str(installed / "ink-wash.jpg"), str(own)]
    assert told["file"] == [str(own)]
    assert told["name"] == [str(installed / "mosaic.jpg")]
    assert "no style picture 'mosiac'" in told["misspelt"] and "mosaic" in told["misspelt"]
    assert told["region"] == [str(installed / "pastel.jpg")]
    assert told["region as the strip"] == [str(installed / "woodcut.jpg")]
    assert told["browsed"] == ["FILE", str(own)], "what the file browser gave goes where it was asked for"


IMAGES = """
def play(plan):
    scene, (strip,) = begin(plan)
    own, told = strip.stylestrip, {}
    own.picture = "IMAGE"
    told["none"] = said(lambda: job(scene, strip, plan))
    own.image = image = bpy.data.images.load(plan["own"])
    told["on disk"] = said(lambda: job(scene, strip, plan))
    image.pack()
    Path(plan["own"]).unlink()
    told["packed"] = said(lambda: job(scene, strip, plan))
    told["again"] = said(lambda: job(scene, strip, plan))
    size = image.size[0] * image.size[1]
    image.pixels.foreach_set([1.0, 0.0, 0.0, 1.0] * size)
    told["painted on"] = said(lambda: job(scene, strip, plan))
    told["left"] = image.is_dirty, image.filepath == plan["own"], bool(image.packed_file)
    own.image = drawn = bpy.data.images.new("Drawn", 16, 8)
    drawn.generated_type = "COLOR_GRID"
    told["generated"] = said(lambda: job(scene, strip, plan))
    own.image = light = bpy.data.images.new("Light", 16, 8, float_buffer=True)
    light.pixels.foreach_set([0.5, 0.5, 0.5, 1.0] * 128)
    told["linear"] = said(lambda: job(scene, strip, plan))
    light.pack()
    told["linear, packed"] = said(lambda: job(scene, strip, plan))
    own.image = bpy.data.images.load(plan["lost"])
    Path(plan["lost"]).unlink()
    told["lost"] = said(lambda: job(scene, strip, plan))
    own.image = film = bpy.data.images.load(plan["content"])
    film.source = "SEQUENCE"
    told["sequence"] = said(lambda: job(scene, strip, plan))
    blocked = Path(plan["folder"]) / "cache"
    blocked.rename(plan["kept"])
    blocked.write_text("in the way")
    own.image = drawn
    told["no room"] = said(lambda: job(scene, strip, plan))
    return told
"""


def test_an_image_of_the_file_is_a_style_picture_packed_painted_or_drawn_too(blender, content, own, tmp_path):
    lost, pixels = write_png(tmp_path / "lost.png", style_picture()), own.read_bytes()
    kept = tmp_path / "kept"
    told = blender.play(PLAY + IMAGES, tmp_path, content=content, own=str(own), lost=str(lost), kept=str(kept))

    def again(file: str) -> Path:
        """Where a file of the cache is now."""
        return kept / Path(file).relative_to(tmp_path / "cache")

    assert "No style picture is chosen" in told["none"]
    assert told["on disk"] == [str(own)]
    (packed,) = told["packed"]
    assert again(packed).read_bytes() == pixels
    assert told["again"] == told["packed"], "the same pixels are the same file, whatever the image is called"
    assert (cv2.imread(str(again(*told["painted on"]))) == (0, 0, 255)).all()
    assert told["left"] == [True, True, True], "the image stays as it is"
    assert cv2.imread(str(again(*told["generated"]))).shape == (8, 16, 3)
    grey = cv2.imread(str(again(*told["linear"])))
    assert np.abs(grey.astype(int) - 188).max() <= 1, "0.5 of the light is 188 of 255 on the screen"
    assert told["linear, packed"][0].endswith(".exr")
    assert "has lost its file" in told["lost"] and str(lost) in told["lost"]
    assert "is of the kind 'image sequence'" in told["sequence"]
    assert "cannot be written" in told["no room"] and "UserError" in told["no room"]
    assert len(list(kept.iterdir())) == 5, "nothing else is left there"


LOOKS = """
def in_node_editor(plan, file):
    before, scene = bpy.context.window.scene, bpy.data.scenes.new("Comp")
    bpy.context.window.scene = scene
    tree, _ = importlib.import_module("node").compositor(scene)
    node = tree.nodes.new("CompositorNodeStylestrip")
    tree.nodes.active = node
    own = node.node_tree.stylestrip_node.settings
    area = bpy.context.window.screen.areas[0]
    area.ui_type = "CompositorNodeTree"
    area.spaces.active.node_tree = tree
    with bpy.context.temp_override(window=bpy.context.window, area=area, scene=scene):
        bpy.ops.stylestrip.use_look(filepath=str(file))
        taken = own.preset, own.look, own.steadiness
        own.steadiness = 4.25
        saved = sorted(bpy.ops.stylestrip.save_look(name="Of a Node"))
        tree.nodes.remove(node)
        tree.nodes.active = None
        refused = bpy.ops.stylestrip.save_look.poll()
    text = file.with_name("Of_a_Node.py").read_text()
    file.with_name("Of_a_Node.py").unlink()
    bpy.context.window.scene = before
    return taken, saved, "settings.steadiness = 4.25" in text, refused

def play(plan):
    scene, (one, two) = begin(plan, ("One", "Two"))
    own, other = one.stylestrip, two.stylestrip
    own.look, own.picture, own.size, own.steadiness, own.keep_colours = "ink", "pastel", 777, 3.5, 0.25
    own.steps, other.quality = 40, "high"
    told = {"saved": sorted(bpy.ops.stylestrip.save_look(name="My Fine Ink")), "chosen": own.preset}
    (file,) = Path(bpy.utils.preset_paths("stylestrip")[0]).iterdir()
    told["file"], told["text"] = file.name, file.read_text()
    told["twice"] = sorted(bpy.ops.stylestrip.save_look(name="My Fine Ink")), own.preset
    try:
        bpy.ops.stylestrip.save_look(name=" .. ")
    except RuntimeError as error:
        told["nameless"] = str(error)
    scene.sequence_editor.active_strip = two
    other.picture, other.size, other.device = "mosaic", 300, "cpu"
    bpy.ops.stylestrip.use_look(filepath=str(file))
    names = ("preset", "look", "steadiness", "keep_colours", "picture", "size", "device", "content_weight")
    told["taken"] = {name: getattr(other, name) for name in names}
    other.picture = own.picture = "mosaic"
    told["same"] = [job(scene, strip, plan).look == job(scene, one, plan).look for strip in (one, two)]
    told["layers"] = list(job(scene, two, plan).look.content_layers)
    other.look = "bold"
    told["shipped"] = other.preset, other.keep_colours
    told["steps"] = [other.steps, other.quality]
    other.quality = "good"
    told["steps"] += [other.steps, other.quality]
    shown = lambda: [other.quality, other.size, *module("setting_panels").simple_settings(other)[4:]]
    told["custom"], before = [shown()], module("preview.frames").settings_of(two)
    other.quality = "own"
    told["custom"].append(shown())
    told["a preview holds"] = module("preview.frames").settings_of(two) == before
    other.size = 1024
    told["custom"].append(shown())
    other.quality = "draft"
    told["custom"].append(shown())
    other.size = 300
    told["custom"].append(shown())
    bpy.ops.script.execute_preset(filepath=str(file), menu_idname="STYLESTRIP_MT_looks")
    told["as a script"] = other.preset, other.steadiness
    told["of a node"] = in_node_editor(plan, file)
    name = module("presets").SaveLook.as_filename(other.preset)
    told["removed"] = sorted(bpy.ops.stylestrip.save_look(name=name, remove_name=True)), other.preset, file.exists()
    return told
"""


def test_a_look_of_ones_own_is_saved_given_to_another_strip_and_removed(blender, content, tmp_path):
    told = blender.play(PLAY + LOOKS, tmp_path, content=content)
    assert told["saved"] == ["FINISHED"] and told["chosen"] == "My Fine Ink"
    assert told["file"] == "My_Fine_Ink.py"
    for line in ("settings.look = 'ink'", "settings.steadiness = 3.5", "settings.keep_colours = 0.25"):
        assert line in told["text"].splitlines()
    for film_s_own in ("size", "device", "cuts", "flow_path", "picture", "style"):
        assert f"settings.{film_s_own} " not in told["text"], "that is no matter of looks"
    assert str(tmp_path) not in told["text"], "it may be given to others"
    assert told["twice"] == [["CANCELLED"], "My Fine Ink"]
    assert "is no name for a look" in told["nameless"]
    taken = {"preset": "My Fine Ink", "look": "ink", "steadiness": 3.5, "keep_colours": 0.25, "picture": "mosaic"}
    assert told["taken"] == taken | {"size": 300, "device": "cpu", "content_weight": 1.0}
    assert told["same"] == [True, True]
    assert told["layers"] == ["conv3_2"], "what only the look says is in it, too"
    assert told["shipped"] == ["", 0.0]
    assert told["custom"] == [
        ["good", 512],
        ["own", 512, "size", "steps_per_frame", "steps"],
        ["own", 1024, "size", "steps_per_frame", "steps"],
        ["draft", 256],
        ["own", 300],
    ], "Custom stays until another is chosen, with its settings right below"
    assert told["a preview holds"]
    assert told["steps"] == [40, "own", 100, "good"], "steps are a matter of quality, unless one's own look has some"
    assert told["as a script"] == ["My Fine Ink", 3.5], "it is a preset as Blender's own are"
    assert told["of a node"] == [["My Fine Ink", "ink", 3.5], ["FINISHED"], True, False]
    assert told["removed"] == [["FINISHED"], "", False]


COPY = """
def play(plan):
    scene, (one, two, three) = begin(plan, ("One", "Two", "Three"))
    own = one.stylestrip
    two.select, three.select = False, False
    told = {"alone": bpy.ops.stylestrip.copy_settings.poll()}
    own.look, own.style, own.size, own.steps = "bold", "//mine.png", 333, 7
    own.image = bpy.data.images.new("Mine", 4, 4)
    own.picture = "pastel"
    own.ticket = "mine"
    region = own.regions.add()
    region.name, region.source, region.path, region.feather = "Sky", "FILE", plan["content"], 2.5
    key = region.keyframes.add()
    key.frame, key.matte = 4, "a.png"
    old = two.stylestrip.regions.add()
    old.name = "Old"
    three.select, three["stylestrip_job"] = True, "{}"
    told["paint"] = bpy.ops.stylestrip.copy_settings.poll()
    two.select = True
    told["copied"] = sorted(bpy.ops.stylestrip.copy_settings())
    def facts(strip):
        s = strip.stylestrip
        image, regions = s.image.name if s.image else "", [region.name for region in s.regions]
        return [s.look, s.picture, s.style, s.size, s.steps, image, s.ticket, regions]
    told["two"], told["three"] = facts(two), facts(three)
    bpy.ops.stylestrip.copy_settings(regions=True)
    (copied,) = two.stylestrip.regions
    keys = [[key.frame, key.matte] for key in copied.keyframes]
    told["region"] = [copied.name, copied.path == plan["content"], copied.feather, keys]
    return told
"""


def test_the_selected_strips_get_the_settings_of_the_active_one(blender, content, tmp_path):
    told = blender.play(PLAY + COPY, tmp_path, content=content)
    assert told["alone"] is False and told["paint"] is False
    assert told["copied"] == ["FINISHED"]
    assert told["two"] == ["bold", "pastel", "//mine.png", 333, 7, "Mine", "", ["Old"]]
    assert told["three"] == ["painting", "oil-swirl", "", 512, 100, "", "", []], "it is paint"
    assert told["region"] == ["Sky", True, 2.5, [[4, "a.png"]]]


PAINT = """
def play(plan):
    scene, (strip,) = begin(plan)
    bpy.context.preferences.addons[stage.EXTENSION].preferences.cache_folder = plan["folder"] + "/cache"
    strip.stylestrip.picture = "mosaic"
    quick = {"size": 64, "steps": 4, "device": "cpu", "wait": True}
    told = {"gallery": sorted(bpy.ops.stylestrip.stylize_strip(**quick))}
    told["named"] = sorted(bpy.ops.stylestrip.stylize_strip(style="pixel", as_new=True, **quick))
    painted = [s for s in scene.sequence_editor.strips_all if s.get("stylestrip_job")]
    told["jobs"] = [s["stylestrip_job"] for s in sorted(painted, key=lambda s: s.channel)]
    return told
"""


def test_a_new_user_paints_without_a_file(blender, content, tmp_path):
    told = blender.play(PLAY + PAINT, tmp_path, content=content)
    assert told["gallery"] == told["named"] == ["FINISHED"]
    styles = [Job.from_json(job).look.styles[0] for job in told["jobs"]]
    assert [Path(style).stem for style in styles] == ["mosaic", "pixel"]
    assert len({json.loads(job)["look"]["styles"][0] for job in told["jobs"]}) == 2


@pytest.mark.slow
@pytest.mark.window
def test_a_person_chooses_in_the_window_and_drops_a_picture_on_the_tab(window, content, own, tmp_path):
    told = window.run("choose_picture.py", tmp_path, window=True, content=content, own=str(own))
    assert "error" not in told, told["error"]
    assert told["chosen"][0] in STYLES, "one of those that come along"
    assert told["dropped on the tab"] == ["FILE", "own.png", 1]
    assert told["dropped on the timeline"] == ["FILE", "own.png", 2], "there Blender adds a strip, as ever"
