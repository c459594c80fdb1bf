"""Strips that are rendered before they are painted: what is kept, what is refused, and what stays as it was."""

import json
import signal
import subprocess
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import number_in, numbered_frame, style_picture, write_film, write_png
from test_addon import write_painter

pytestmark = pytest.mark.blender

BEGIN = """
from pathlib import Path
from kinds import add_effect, add_mask, change, part, retime

NOTHING = {"steps": 0, "size": 0, "device": "cpu"}

def text(scene, name="Clip", channel=4):
    strip = add_effect(scene, name, "TEXT", channel)
    strip.text, strip.font_size = "Title", 30
    return strip

def stylize(strip, **arguments):
    strip.id_data.sequence_editor.active_strip = strip
    try:
        bpy.ops.stylestrip.stylize_strip(strip=strip.name, **(arguments or NOTHING))
        return part("jobs").latest.message
    except RuntimeError as error:
        return str(error).strip().removeprefix("Error: ")

def rendered(plan):
    return {str(file): file.stat().st_mtime_ns for file in sorted(Path(plan["folder"]).glob("cache/render-*/*"))}

def ready(plan):
    stage.enable()
    part("preferences").preferences().cache_folder = plan["folder"] + "/cache"
"""

KEPT = """
def play(plan):
    ready(plan)
    told, scene = {}, stage.new_scene()
    strip = text(scene)
    stylize(strip)
    told["first"] = rendered(plan)
    lost = Path(list(told["first"])[2])
    lost.unlink()
    strip.mute = False
    stylize(strip)
    told["again"], told["lost"] = rendered(plan), str(lost)
    strip.text = "Other"
    stylize(strip)
    told["changed"] = rendered(plan)
    strip.keyframe_insert("font_size", frame=3)
    stylize(strip)
    told["keyed"] = rendered(plan)
    return told
"""


def test_what_is_rendered_is_kept_until_the_strip_changes(blender, tmp_path):
    told = blender.play(BEGIN + KEPT, tmp_path)
    first, again = told["first"], told["again"]
    assert [Path(file).name for file in first] == [f"{number:06d}.png" for number in range(1, 7)]
    lost = told["lost"]
    assert set(again) == set(first)
    assert {file for file in first if first[file] != again[file]} == {lost}, "only what was missing is rendered"
    assert len(told["changed"]) == 12 and len(told["keyed"]) == 18


REGION = """
def play(plan):
    ready(plan)
    told = {}
    for name in ("text", "retimed"):
        scene = stage.new_scene(name)
        if name == "text":
            strip = text(scene)
            strip.color = (0.2, 0.5, 0.9, 1)
        else:
            strip = scene.sequence_editor.strips.new_movie("Clip", plan["film"], 4, 1)
            retime(scene, strip, 200)
            stage.change(strip.transform, scale_x=0.8, offset_x=9)
        stage.change(strip, right=4)
        back = scene.sequence_editor.strips.new_image("Back", plan["back"], 1, 1)
        stage.change(back, right=10)
        bpy.ops.stylestrip.add_region.poll()
        scene.sequence_editor.active_strip = strip
        bpy.ops.stylestrip.add_region(source="MASK")
        helper = stage.new_scene(name + " helper")
        strip.stylestrip.regions[0].mask = add_mask(helper, plan).mask
        stage.show(scene)
        stage.render(scene, 1, 3, Path(plan["folder"]) / name / "before")
        told[name] = stylize(strip, **plan["arguments"])
        stage.render(scene, 1, 3, Path(plan["folder"]) / name / "after")
        bpy.ops.stylestrip.add_region(source="OBJECT")
        told[name + " object"] = stylize(strip, **plan["arguments"])
        strip.stylestrip.regions[1].source = "PEOPLE"
        told[name + " people"] = refused(lambda: part("host.strips").source_of(strip, scene))
        mask = part("host.mattes").mask_in_frame_space(
            scene, strip, strip.stylestrip.regions[0].mask, Path(plan["folder"]) / name / "mask"
        )
        told[name + " mask"] = str(mask.path)
    return told

def refused(way):
    try:
        return str(way())
    except Exception as error:
        return f"{type(error).__name__}: {error}"
"""


@pytest.mark.slow
def test_regions_hold_for_what_is_rendered(blender, tmp_path):
    back = str(write_png(tmp_path / "back.png", np.full((64, 96, 3), 128, np.uint8)))
    style = str(write_png(tmp_path / "style.png", style_picture()))
    arguments = {"size": 0, "steps": 4, "steps_per_frame": 2, "device": "cpu", "style": style}
    film = str(write_film(tmp_path / "clip.mp4", 12))
    told = blender.play(BEGIN + REGION, tmp_path, film=film, back=back, arguments=arguments)
    inside = np.zeros((64, 96), np.uint8)
    # As add_mask has it: in shares of the width, around the middle, y up.
    outline = [(48 + (x - 0.5) * 96, 32 - (y - 0.5) * 96) for x, y in ((0.2, 0.3), (0.3, 0.7), (0.8, 0.6), (0.7, 0.25))]
    cv2.fillPoly(inside, [np.rint(outline).astype(np.int32)], 255)
    outside = cv2.dilate(inside, np.ones((7, 7))) == 0
    for name in ("text", "retimed"):
        assert told[name] == "'Clip' is painted.", told[name]
        for number in (1, 2, 3):
            old, new = (cv2.imread(str(tmp_path / name / way / f"{number:04d}.png")).astype(int)
                        for way in ("before", "after"))  # fmt: skip
            assert np.abs(old - new)[outside].max() <= 1, name
            assert np.abs(old - new)[inside > 0].mean() > 1, name
        assert "has no cut-out yet" in told[f"{name} object"]
        assert "UserError: Strip 'Clip' is painted from a render of it, as it is " in told[f"{name} people"]


REFUSED = """
def play(plan):
    ready(plan)
    told, scene = {}, stage.new_scene()
    strips = scene.sequence_editor.strips
    early = text(scene, "Early")
    stage.change(early, left=-2)
    told["early"] = stylize(early)
    meta = strips.new_meta("Meta", 6, 1)
    strips.new_movie("Gone", plan["gone"], 5, 1).move_to_meta(meta)
    stage.change(meta, left=1, right=4)
    Path(plan["gone"]).rename(plan["gone"] + "x")
    told["lost file"] = stylize(meta)
    empty = bpy.data.scenes.new("Empty")
    shown = strips.new_scene("Shown", empty, 7, 1)
    told["no camera"] = stylize(shown)
    shown.scene_input = "SEQUENCER"
    told["no strips"] = stylize(shown)
    shown.scene = None
    told["no scene"] = stylize(shown)
    mask = add_mask(scene, plan)
    mask.mask = None
    told["no mask"] = stylize(mask)
    part("jobs").cache_folder = lambda: Path(plan["file"]) / "cache"
    told["no folder"] = stylize(text(scene, "Here", 9))
    told["left"] = [other.name for other in strips if other.mute or other.get("stylestrip_job")]
    told["state"] = part("jobs").latest and part("jobs").latest.state
    return told
"""


def test_what_cannot_be_rendered_is_refused_with_a_sentence(blender, tmp_path):
    gone = str(write_film(tmp_path / "gone.mp4", 3))
    file = tmp_path / "file"
    file.write_text("no folder")
    told = blender.play(BEGIN + REFUSED, tmp_path, gone=gone, film=gone, file=str(file))
    assert told.pop("left") == [] and told.pop("state") is None
    words = {
        "early": "Strip 'Early' begins at frame -2 and is painted from a render of it, as it is a text: move it to ",
        "lost file": f"Strip 'Gone' has lost its file '{gone}'",
        "no camera": "Scene 'Empty' of strip 'Shown' has no camera",
        "no strips": "Strip 'Shown' shows the sequencer of scene 'Empty', which is empty",
        "no scene": "Strip 'Shown' has lost its scene",
        "no mask": "Strip 'Clip' has lost its mask",
        "no folder": "cannot be rendered to",
    }
    assert set(told) == set(words)
    for name, said in told.items():
        assert words[name] in said and "Traceback" not in said, f"{name}: {said}"


MOVED = """
def begun(plan, name, kind):
    scene = stage.new_scene(name)
    strips = scene.sequence_editor.strips
    if kind == "text":
        strip = text(scene)
    else:
        strip = strips.new_movie("Clip", plan["film"], 4, 1)
        retime(scene, strip, 200)
        stage.change(strip, left=2, right=6)
    jobs = part("jobs")
    footage = part("host.footage").footage_of(strip, scene, jobs.cache_folder())
    job = part("strip_job").job_of(scene, strip, footage, jobs.cache_folder(), overrides={"steps": 0})
    painting = part("painting").start(scene, strip, job, footage)
    return scene, strip, painting

def pieces(scene):
    strips = [strip for strip in scene.sequence_editor.strips if strip.get("stylestrip_job")]
    return sorted(
        [getattr(s, stage.LEFT), getattr(s, stage.RIGHT), [e.filename[4:6] for e in s.elements]] for s in strips
    )

def play(plan):
    ready(plan)
    part("preferences").preferences().python = plan["painter"]
    told = {}
    for kind in ("text", "film"):
        scene, strip, painting = begun(plan, kind + " moved", kind)
        stage.change(strip, **({stage.START: getattr(strip, stage.START) + 10}))
        strip.name = "Other"
        part("driver").wait(painting)
        told[kind + " moved"] = [painting.message, pieces(scene)]
        scene, strip, painting = begun(plan, kind + " cut", kind)
        stage.change(strip, left=3, right=5)
        part("driver").wait(painting)
        told[kind + " cut"] = [painting.message, pieces(scene)]
        scene, strip, painting = begun(plan, kind + " longer", kind)
        stage.change(strip, right=getattr(strip, stage.RIGHT) + 3)
        part("driver").wait(painting)
        told[kind + " longer"] = [painting.message, pieces(scene)]
    return told
"""


def test_paint_of_what_was_rendered_goes_where_the_strip_is_by_then(blender, tmp_path):
    folder = tmp_path / "painted"
    folder.mkdir()
    for number in range(1, 7):
        write_png(folder / f"{number:06d}.png", numbered_frame(number))
    done = {"type": "done", "folder": str(folder), "notes": []}
    painter = write_painter(
        tmp_path,
        'while job["type"] != "quit":\n'
        '    if job["type"] == "run":\n'
        f'        print(json.dumps({done!r} | {{"id": job["id"]}}), flush=True)\n'
        '    job = json.loads(sys.stdin.readline() or \'{"type": "quit"}\')',
    )
    told = blender.play(BEGIN + MOVED, tmp_path, painter=painter, film=str(write_film(tmp_path / "clip.mp4", 12)))
    all_of_text, all_of_film = ["01", "02", "03", "04", "05", "06"], ["01", "02", "03", "04"]
    assert told["text moved"] == ["'Other' is painted.", [[11, 17, all_of_text]]]
    assert told["film moved"] == ["'Other' is painted.", [[12, 16, all_of_film]]]
    assert told["text cut"] == ["'Clip' is painted.", [[3, 5, ["03", "04"]]]]
    assert told["film cut"] == ["'Clip' is painted.", [[3, 5, ["02", "03"]]]]
    sentence = "'Clip' is painted. 'Clip' shows more frames now than at the start: stylize it again."
    assert told["text longer"] == [sentence, [[1, 7, all_of_text]]]
    assert told["film longer"] == [sentence, [[2, 6, all_of_film]]]


UNDISTURBED = """
def state(scene):
    own = scene.animation_data
    curves = [[c.data_path, [list(k.co) for k in c.keyframe_points]] for c in part("host.keys").curves_of(own)]
    kinds = {name: getattr(bpy.data, name) for name in dir(bpy.data)}
    kinds = {name: data for name, data in kinds.items() if isinstance(data, bpy.types.bpy_prop_collection)}
    kinds.pop("all_ids", None)
    strips = [[s.name, s.channel, s.mute, s.blend_type, s.blend_alpha, s.transform.offset_x, len(s.modifiers)]
              for s in scene.sequence_editor.strips_all]
    return {"curves": curves, "action": own.action.name, "users": own.action.users, "strips": strips,
            "data": {name: sorted(one.name for one in data) for name, data in kinds.items()}}

def play(plan):
    ready(plan)
    scene = stage.new_scene()
    strips = scene.sequence_editor.strips
    meta, outer = strips.new_meta("Inner", 5, 1), strips.new_meta("Outer", 6, 1)
    clip = strips.new_movie("Clip", plan["film"], 2, 1)
    retime(scene, clip, 200)
    for frame, value in ((1, 0.0), (6, 1.0)):
        clip.blend_alpha = value
        clip.keyframe_insert("blend_alpha", frame=frame)
    clip.move_to_meta(meta)
    meta.move_to_meta(outer)
    text(scene, "Beside", 3).move_to_meta(outer)
    for one in (meta, outer):
        stage.change(one, left=1, right=7)
        one.transform.offset_x = 5
        one.keyframe_insert("blend_alpha", frame=2)
    stage.change(clip, right=5)
    scene.frame_set(3)
    stage.render(scene, 3, 3, Path(plan["folder"]) / "any")
    before = state(scene)
    footage = part("host.footage").footage_of(clip, scene, Path(plan["folder"]) / "cache")
    Path(footage.folder).mkdir(parents=True)
    wanted = footage.numbers, footage.ending
    list(part("host.isolation").render_missing(scene, clip, footage.way, footage.folder, footage.left, *wanted))
    after = state(scene)
    told = {"changed": [name for name in before if before[name] != after[name]], "curves": len(before["curves"])}
    return told | {"frames": [str(file) for file in sorted(footage.folder.iterdir())], "said": stylize(clip)}
"""


def test_all_that_a_person_has_is_as_it_was_after_a_render(blender, tmp_path):
    told = blender.play(BEGIN + UNDISTURBED, tmp_path, film=str(write_film(tmp_path / "clip.mp4", 12)))
    assert told["changed"] == [] and told["curves"] == 3
    frames = [cv2.imread(file, cv2.IMREAD_UNCHANGED) for file in told["frames"]]
    assert [number_in(frame[..., :3]) for frame in frames] == [1, 3, 5, 7]
    assert all((frame[..., 3] == 255).all() for frame in frames), "what fades the strip is not in its frames"
    assert told["said"] == (
        "'Clip' is painted. Of 'Clip' the keys were not carried over: set them again at the painted strip."
    )


PAUSED = """
import time

def go_on_until(painting, count):
    jobs, deadline = part("jobs"), time.monotonic() + 60
    while len(rendered({"folder": painting.footage.folder.parents[1]})) < count and time.monotonic() < deadline:
        assert not painting.is_over, painting.message
        part("driver").advance()

def play(plan):
    ready(plan)
    jobs, inner = part("jobs"), stage.new_scene("Inner")
    text(inner)
    scene = stage.new_scene()
    strip = scene.sequence_editor.strips.new_scene("Clip", inner, 4, 1)
    strip.scene_input = "SEQUENCER"
    stage.change(strip, right=7)
    for name, value in NOTHING.items():
        setattr(strip.stylestrip, name, value)
    part("host.rendering").TURN_SECONDS = 0.001  # a frame at a time
    cache = jobs.cache_folder()
    footage = part("host.footage").footage_of(strip, scene, cache)
    painting = part("painting").start(scene, strip, part("strip_job").job_of(scene, strip, footage, cache), footage)
    go_on_until(painting, 3)
    first = rendered(plan)
    jobs.pause()
    stage.change(strip, left=1, right=7)
    jobs.resume()
    told = {"first": first, "on": [painting.rendering.done, painting.job.source.path]}
    go_on_until(painting, 4)
    told["then"] = rendered(plan)
    jobs.pause()
    stage.change(strip, right=6)
    jobs.resume()
    part("driver").wait(painting)
    return told | {"cut": rendered(plan), "end": painting.message}
"""


def test_what_cannot_be_known_again_is_gone_on_with_after_a_pause_unless_it_was_cut(blender, tmp_path):
    told = blender.play(BEGIN + PAUSED, tmp_path)
    first, then = told["first"], told["then"]
    frames = [file for file in first if Path(file).name[0].isdigit()]
    done, folder = told["on"]
    assert done == len(frames) >= 2 and {str(Path(file).parent) for file in frames} == {folder}
    assert {file: then[file] for file in frames} == {file: first[file] for file in frames}, "none is rendered again"
    others = {Path(file).parent for file in told["cut"]} - {Path(folder)}
    assert len(others) == 1 and told["end"].startswith("'Clip' is painted."), "with other frames it begins again"


TWICE = """
def play(plan):
    ready(plan)
    scene = stage.new_scene()
    strip = text(scene)
    footage = part("host.footage").footage_of(strip, scene, Path(plan["folder"]) / "cache")
    footage.folder.mkdir(parents=True)
    wanted = strip, footage.way, footage.folder, footage.left, footage.numbers, footage.ending
    names = lambda: sorted(path.name for path in footage.folder.iterdir() if path.is_dir())
    both = [part("host.isolation").render_missing(scene, *wanted) for _ in range(2)]
    told = {"begun": [next(one) for one in both], "places": names()}
    list(both[0])
    list(both[1])
    told |= {"left": names(), "files": [Path(file).name for file in rendered(plan)]}
    Path(list(rendered(plan))[2]).unlink()
    try:
        part("host.rendering").RenderingHere(footage, iter(())).advance()
    except part("jobs").UserError as error:
        told["gone"] = str(error)
        told["codes"] = [failed(error), failed(part("jobs").UserError("A setting is wrong."))]
    return told

def failed(error):
    task = part("task").Task(state="running")
    part("jobs").fail(task, error)
    return [task.state, task.wrong_input]
"""


def test_two_renders_of_the_same_frames_do_not_write_to_the_same_file(blender, tmp_path):
    told = blender.play(BEGIN + TWICE, tmp_path)
    assert told["begun"] == [1, 1] and len(told["places"]) == 2
    assert told["left"] == [] and told["files"] == [f"{number:06d}.png" for number in range(1, 7)]
    assert told["gone"].startswith("A frame that was rendered of the strip is gone from '"), "nobody waits for ever"
    assert told["codes"] == [["failed", False], ["failed", True]], "another time it may succeed; a setting stays wrong"


APART = """
import time

def play(plan):
    ready(plan)
    scene = stage.new_scene()
    strip = text(scene)
    footage = part("host.footage").footage_of(strip, scene, Path(plan["folder"]) / "cache")
    footage.folder.mkdir(parents=True)
    values = {"scene": scene.name, "strip": strip.name, "folder": str(footage.folder), "left": footage.left}
    values |= {"first": 1, "last": 6, "ending": footage.ending, "way": {"reason": "it is a text", "covers_frame": True}}
    children = [part("host.child").Child(footage.folder, "isolation", "render_all", values) for _ in range(2)]
    children[1].end()
    deadline = time.monotonic() + 60
    while children[0].is_running and time.monotonic() < deadline:
        time.sleep(0.1)
    told = {"code": children[0].process.returncode, "problem": children[0].problem()}
    children[0].end()
    while any(path.is_dir() for path in footage.folder.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return told | {"files": [Path(file).name for file in rendered(plan)]}
"""


def test_two_blenders_that_render_the_same_strip_do_not_disturb_each_other(program, tmp_path):
    told = program.play(BEGIN + APART, tmp_path)
    assert told["code"] == 0, told["problem"]
    assert told["files"] == [f"{number:06d}.png" for number in range(1, 7)]


SAVE = """
def play(plan):
    stage.enable()
    scene = stage.new_scene()
    text(scene)
    bpy.ops.wm.save_as_mainfile(filepath=plan["file"])
    return {}
"""


def test_the_headless_command_paints_what_must_be_rendered(program, tmp_path):
    file = tmp_path / "cut.blend"
    program.play(BEGIN + SAVE, tmp_path, file=str(file))
    options = ["--strip", "Clip", "--steps", "0", "--size", "0", "--device", "cpu", "--json"]
    done = program.call("-b", str(file), "--command", "stylestrip", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert said[-1]["strip"] == "Clip painted"
    assert [line["done"] for line in said if line.get("stage") == "rendering"][-1] == 6
    strips = program.run("look.py", tmp_path, file=str(file))
    assert len(strips["Clip painted"]["elements"]) == 6 and strips["Clip"]["mute"]


LONG = SAVE.replace("text(scene)", "stage.change(text(scene), right=2001)")


@pytest.mark.slow
def test_ctrl_c_while_a_strip_is_rendered_keeps_its_frames_and_the_next_call_goes_on(program, tmp_path):
    file = tmp_path / "cut.blend"
    program.play(BEGIN + LONG, tmp_path, file=str(file))
    options = ["--strip", "Clip", "--steps", "0", "--size", "0", "--device", "cpu"]
    kept = []
    for _ in range(2):
        command = [program.program, "-b", str(file), "--command", "stylestrip", *options]
        running = subprocess.Popen(
            command, env=program.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        begun = time.monotonic()
        while len(list(tmp_path.glob("stylestrip_cache/render-*/*"))) < len(kept) + 20:
            assert time.monotonic() - begun < 100
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        begun = time.monotonic()
        _, errors = running.communicate(timeout=60)
        assert running.returncode == 130 and time.monotonic() - begun < 5, errors
        now = sorted(tmp_path.glob("stylestrip_cache/render-*/[0-9]*.png"))
        assert f"Cancelled. {len(now)} of 2000 rendered frames are kept." in errors
        assert set(kept) <= {(path, path.stat().st_mtime_ns) for path in now}, "none is rendered again"
        kept = [(path, path.stat().st_mtime_ns) for path in now]
