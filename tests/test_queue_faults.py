"""A queue that was cut short: by a person, a full disk, a painter that died, and a Blender that was killed."""

import subprocess

import pytest
from queueing import BEGIN, film_and_style

pytestmark = pytest.mark.blender


@pytest.fixture
def plan(tmp_path):
    return film_and_style(tmp_path)


NOTE = """
import os, signal

def cut(plan):
    scene = stage.new_scene()
    for channel, name in enumerate("ABC", 1):
        add(scene, plan, name, channel)
    bpy.ops.wm.save_as_mainfile(filepath=plan["folder"] + "/cut.blend")
    return scene.sequence_editor.strips

def said(operator):
    try:
        return sorted(operator())
    except RuntimeError as error:
        return str(error)

def notes(plan):
    return sorted(path.name for path in Path(plan["folder"]).glob("*/queue-*"))

def die(plan):
    strips = cut(plan)
    a, b, c = [start(strips[name].id_data, strips[name]) for name in "ABC"]
    until(lambda: a.done >= 2)
    Path(plan["result"]).write_text(json.dumps({"notes": notes(plan), "done": a.done}))
    os.kill(os.getpid(), signal.SIGKILL)

def paint_whole(plan):
    strips = cut(plan)
    tasks = [start(strips[name].id_data, strips[name]) for name in "AB"]
    part("driver").wait(tasks[1])
    return {"film": film(plan, plan["cache"]), "notes": notes(plan)}

def go_on(plan):
    jobs, unfinished = part("jobs"), part("unfinished")
    bpy.ops.wm.open_mainfile(filepath=plan["folder"] + "/cut.blend")
    scene = next(one for one in bpy.data.scenes if one.sequence_editor)
    stage.show(scene)
    strips = scene.sequence_editor.strips
    unfinished.look()
    told = {"left": [one.strip for one in unfinished.left], "kept": film(plan, plan["cache"])}
    told["elsewhere"] = []
    for name in ("other", "cut"):
        bpy.ops.wm.save_as_mainfile(filepath=f"{plan['folder']}/{name}.blend")
        unfinished.follow()
        told["elsewhere"].append([one.strip for one in unfinished.read(unfinished.file())] + [len(notes(plan))])
    strips["B"].stylestrip.steps = 1  # what was changed since is for another painting
    strips.remove(strips["C"])
    part("preferences").preferences().python = plan["folder"] + "/no/python"
    no_painter = list(map(str, unfinished.go_on_with_all()))
    told["no painter"] = [no_painter, [one.strip for one in unfinished.left], notes(plan)]
    part("preferences").preferences().python = ""
    told["problems"] = list(map(str, unfinished.go_on_with_all()))
    until(lambda: not jobs.is_running())
    told["queue"] = [[task.strip, task.state] for task in jobs.queue]
    scene.sequence_editor.active_strip = next(one for one in strips if one.name == "B painted")
    told["settings"] = said(bpy.ops.stylestrip.use_its_settings), strips["B"].stylestrip.steps
    return told | {"film": film(plan, plan["cache"]), "notes": notes(plan), "painted": painted(scene)}

def play(plan):
    ready(plan, plan["cache"])
    return {"die": die, "whole": paint_whole, "go on": go_on}[plan["act"]](plan)
"""


@pytest.mark.slow
def test_a_blender_that_was_killed_is_gone_on_with_to_the_same_film(oldest, plan, tmp_path):
    script = BEGIN + NOTE
    died = oldest.play(script, tmp_path, act="die", cache="cache", **plan)
    assert len(died["notes"]) == 1
    told = oldest.play(script, tmp_path, act="go on", cache="cache", **plan)
    assert told["left"] == ["A", "B", "C"]
    assert told["elsewhere"] == [["A", "B", "C", 1]] * 2, "what is left over goes along"
    gone, no_painter = told["no painter"][0][-1], told["no painter"][0][0]
    assert gone == "The strip 'C' was deleted meanwhile: undo that, and start again."
    assert "no/python" in no_painter and len(told["no painter"][0]) == 2
    assert told["no painter"][1:] == [["A", "B"], died["notes"]], "without a painter nothing is forgotten"
    assert told["problems"] == []
    assert "'B' was set for" in told["settings"][0] and "is not known any more" in told["settings"][0]
    assert told["settings"][1] == 1, "what is set today was not what it was painted with"
    assert told["queue"] == [["A", "done"], ["B", "done"]]
    assert told["notes"] == [], "nothing is left over"
    assert told["painted"] == ["A painted", "B painted"]
    whole = oldest.play(script, tmp_path, act="whole", cache="whole", **plan)
    assert died["done"] <= len(told["kept"]) < 6
    assert told["film"] == whole["film"] and len(whole["film"]) == 6, "A and B show the same frames"
    assert set(told["kept"]) <= set(told["film"])
    assert whole["notes"] == []


KEPT = """
def play(plan):
    jobs = ready(plan)
    scene = stage.new_scene()
    strip = add(scene, plan)
    frames, outlook = part("regions.shown_frames"), part("sequencer.outlook").outlook
    frames.find(frames.key_of(scene, strip), scene.name, strip.name)
    width, height = part("host.painted_size").painted_size((96, 64), 96)
    of_step = 10 / (width * height * 12)
    part("speed").known["cpu " + strip.stylestrip.precision] = {"first": 2 * of_step, "next": of_step}
    says = lambda: outlook(scene, strip).partition(", ")[2]
    told = {"before": says()}
    painting = start(scene, strip)
    until(lambda: painting.done >= 2)
    jobs.cancel(painting)
    until(lambda: painting.is_over)
    told |= {"done": painting.done, "after": says()}
    strip.stylestrip.style_weight += 1
    return told | {"changed": says()}
"""


def test_after_cancel_only_what_is_missing_is_told_to_take_its_time(modules, plan, tmp_path):
    told = modules.play(BEGIN + KEPT, tmp_path, **plan)
    assert told["before"] == told["changed"] == "about 70 s"
    assert 2 <= told["done"] < 6 and told["after"] == f"about {10 * (6 - told['done'])} s more"


TROUBLE = """
import os, shutil, signal

def over(task):
    deadline = time.monotonic() + 120
    while not task.is_over and time.monotonic() < deadline:
        part("driver").advance()
        time.sleep(0.02)
    return [task.state, task.message]

def play(plan):
    jobs = ready(plan, "disk")
    scene, told = stage.new_scene(), {}
    if shutil.disk_usage(plan["folder"] + "/disk").total > 500_000:
        return told  # in a system of its own, which has not got that disk
    Path(plan["folder"], "disk", "filler").write_bytes(bytes(plan["filler"]))
    full = start(scene, add(scene, plan, "Full", carry="none"))
    told["full"], told["kept"], told["wrong input"] = over(full), film(plan, "disk"), full.wrong_input
    Path(plan["folder"], "disk", "filler").unlink()
    jobs.try_again(full)
    told["room"], told["full film"] = over(full), film(plan, "disk")
    part("preferences").preferences().cache_folder = plan["folder"] + "/killed"
    killed = start(scene, add(scene, plan, "Killed", 5, carry="none"))
    until(lambda: killed.done >= 2)
    os.kill(part("connection").worker.process.pid, signal.SIGKILL)
    told["killed"] = over(killed)
    jobs.try_again(killed)
    told["again"], told["killed film"] = over(killed), film(plan, "killed")
    part("preferences").preferences().cache_folder = plan["folder"] + "/whole"
    told["whole"] = over(start(scene, add(scene, plan, "Whole", 9, carry="none")))
    return told | {"film": film(plan, "whole"), "painted": painted(scene)}
"""


@pytest.fixture
def disk(tmp_path):
    """A disk of 400 kB, which tests run as another person than root cannot have."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_and_a_killed_painter_lose_nothing_and_say_what_to_do(oldest, plan, disk, tmp_path):
    told = oldest.play(BEGIN + TROUBLE, tmp_path, filler=330_000, **plan)
    if not told:
        pytest.skip("this Blender runs in a system that does not see the small disk")
    state, message = told["full"]
    assert state == "failed" and "No space left on device" in message and "free some space" in message, message
    assert told["wrong input"] is False, "nor does the command end with that code"
    assert 1 <= len(told["kept"]) < 6 and set(told["kept"]) <= set(told["film"])
    assert told["room"] == ["done", "'Full' is painted."]
    state, message = told["killed"]
    assert state == "failed" and "The painter stopped unexpectedly (killed by SIGKILL)" in message
    assert "Finished frames are kept; start again to go on from there." in message
    assert told["again"] == ["done", "'Killed' is painted."]
    assert told["whole"] == ["done", "'Whole' is painted."]
    assert len(told["film"]) == 6 and told["full film"] == told["killed film"] == told["film"]
    assert told["painted"] == ["Full painted", "Killed painted", "Whole painted"]
