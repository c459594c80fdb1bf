"""The queue: what goes first, what leaves off for a while, and what a person does with it."""

import subprocess

import pytest
from clips import style_picture, write_film, write_png

pytestmark = pytest.mark.blender

BEGIN = """
import time
from pathlib import Path

QUICK = {"size": 96, "steps": 12, "steps_per_frame": 12, "device": "cpu"}

def part(name):
    return importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")

def ready(plan, cache="cache"):
    stage.enable()
    part("preferences").preferences().cache_folder = plan["folder"] + "/" + cache
    return part("jobs")

def add(scene, plan, name="Clip", channel=1, last=7, **settings):
    strip = scene.sequence_editor.strips.new_movie(name, plan["film"], channel, 1)
    stage.change(strip, right=last)
    strip.stylestrip.style = plan["style"]
    for key, value in (QUICK | settings).items():
        setattr(strip.stylestrip, key, value)
    return strip

def start(scene, strip):
    jobs, cache = part("jobs"), part("jobs").cache_folder()
    footage = part("host.footage").footage_of(strip, scene, cache)
    job = part("strip_job").job_of(scene, strip, footage, cache)
    return part("painting").start(scene, strip, job, footage)

def until(enough, seconds=120):
    deadline = time.monotonic() + seconds
    while not enough():
        assert not any(task.state == "failed" for task in part("jobs").queue), part("jobs").queue[0].words
        assert time.monotonic() < deadline, [(task.state, task.words) for task in part("jobs").queue]
        part("driver").advance()
        time.sleep(0.02)

def film(plan, cache):
    return [file.read_bytes().hex() for file in sorted(Path(plan["folder"], cache).glob("[0-9a-f]*/0*.png"))]

def painted(scene):
    return sorted(strip.name for strip in scene.sequence_editor.strips if strip.get("stylestrip_job"))
"""


@pytest.fixture
def plan(tmp_path):
    """A film and a style picture."""
    return {
        "film": str(write_film(tmp_path / "clip.mp4", 20)),
        "style": str(write_png(tmp_path / "style.png", style_picture())),
    }


URGENT = """
def play(plan):
    jobs = ready(plan)
    scene = stage.new_scene()
    painting = start(scene, add(scene, plan))
    other = add(scene, plan, "Other", 5, 3, steps=2)
    footage = part("host.footage").footage_of(other, scene, jobs.cache_folder())
    job = part("strip_job").job_of(scene, other, footage, Path(plan["folder"]) / "preview")

    class Preview(part("task").Task):
        def deliver(self, folder):
            return f"{len(list(folder.glob('0*.png')))} frames are there."

    until(lambda: painting.done >= 2)
    preview = Preview()
    jobs.begin(preview, "run", part("painting").request_of(job), urgent=True)
    told = {"asked": [painting.state, painting.words, preview.state, preview.words]}
    until(lambda: preview.state == "running")
    told["during"] = [painting.state, painting.words, painting.done]
    until(lambda: preview.is_over)
    told["preview"] = [preview.state, preview.message]
    told["after"] = painting.state
    until(lambda: painting.is_over)
    told |= {"end": [painting.state, painting.message], "film": film(plan, "cache"), "painted": painted(scene)}
    part("preferences").preferences().cache_folder = plan["folder"] + "/unbroken"
    whole = start(scene, add(scene, plan, "Whole", 8))
    until(lambda: whole.is_over)
    return told | {"unbroken": film(plan, "unbroken")}
"""


@pytest.mark.slow
def test_a_preview_goes_first_and_the_painting_goes_on_to_the_same_film(oldest, plan, tmp_path):
    told = oldest.play(BEGIN + URGENT, tmp_path, **plan)
    assert told["asked"] == ["running", "Pausing ...", "waiting", "Waiting"]
    state, words, done = told["during"]
    assert state == "waiting" and 2 <= done < 6
    assert words == f"Paused for a preview, {done} of 6 frames are there"
    assert told["preview"] == ["done", "2 frames are there."]
    assert told["after"] == "running", "it goes on by itself"
    assert told["end"] == ["done", "'Clip' is painted."] and told["painted"] == ["Clip painted"]
    assert len(told["film"]) == 6 and told["film"] == told["unbroken"]


QUEUE = """
def play(plan):
    jobs = ready(plan)
    scene, told, after = stage.new_scene(), {}, []
    watchers = list(jobs.watchers)
    jobs.watchers[:] = [lambda: 1 / 0, lambda: after.append(True)]
    jobs.changed()
    told["watched"], jobs.watchers[:] = after, watchers
    jobs.changed = lambda: [watcher() for watcher in jobs.watchers]
    strips = [add(scene, plan, name, channel, 3) for channel, name in enumerate("ABCD", 1)]
    a, b, c, d = [start(scene, strip) for strip in strips]
    states = lambda: [task.strip + " " + task.state for task in jobs.queue]
    told["queued"] = states()
    try:
        start(scene, strips[1])
    except Exception as error:
        told["again"] = str(error)
    strips[1].stylestrip.steps = 1  # it was queued with another number
    jobs.move(d, -2)
    told["moved"] = [task.strip for task in jobs.queue]
    jobs.cancel(c)
    told["cancelled"] = [c.state, c.message]
    until(lambda: a.done >= 1)
    jobs.pause()
    until(lambda: a.state == "waiting")
    told["paused"] = [states(), a.words, jobs.is_running()]
    for _ in range(20):
        part("driver").advance()
        time.sleep(0.05)
    told["still"] = states()
    jobs.resume()
    told["resumed"] = states()[0]
    until(lambda: not jobs.is_running())
    told |= {"end": states(), "painted": painted(scene), "steps": b.job.look.steps}
    jobs.try_again(c)
    until(lambda: c.is_over)
    told |= {"retried": [task.strip for task in jobs.queue], "then": c.state}
    places = dict(zip(part("sequencer.queue_panel").places_of(jobs.queue), told["retried"], strict=True))
    told["shown"] = [places[row] for row in sorted(places)]
    for task in list(jobs.queue):
        jobs.remove(task)
    told["left"] = len(jobs.queue)
    Task = part("task").Task
    jobs.queue[:] = [Task(name, state=state) for name, state in
                     (("first", "waiting"), ("ended", "done"), ("last", "waiting"))]
    jobs.move(jobs.queue[2], -1)
    told["over"] = [task.identifier for task in jobs.queue]
    jobs.queue.clear()
    return told
"""


@pytest.mark.slow
def test_strips_wait_for_each_other_are_ordered_paused_taken_out_and_tried_again(modules, plan, tmp_path):
    told = modules.play(BEGIN + QUEUE, tmp_path, **plan)
    assert told["queued"] == ["A running", "B waiting", "C waiting", "D waiting"]
    assert told["again"] == "Strip 'B' is in the queue already, with these settings."
    assert told["moved"] == ["A", "D", "B", "C"]
    assert told["over"] == ["last", "ended", "first"], "what waits is moved among what waits, as it is shown"
    assert told["watched"] == [True], "who fails to look keeps nobody else from it"
    assert told["cancelled"] == ["cancelled", "Taken out of the queue before it was painted."]
    states, words, is_running = told["paused"]
    assert states == told["still"] == ["A waiting", "D waiting", "B waiting", "C cancelled"]
    assert words == "Paused, 1 of 2 frames are there" and is_running is False
    assert told["resumed"] == "A running"
    assert told["end"] == ["A done", "D done", "B done", "C cancelled"]
    assert told["painted"] == ["A painted", "B painted", "D painted"]
    assert told["steps"] == 12, "a strip is painted with the settings it had when it was queued"
    assert told["retried"] == ["A", "D", "B", "C"] and told["then"] == "done" and told["left"] == 0
    assert told["shown"] == ["C", "B", "D", "A"], "all have ended: the newest stands first"


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
    script = BEGIN.replace("import time", "import json, time") + NOTE
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


BESIDE = """
def play(plan):
    jobs = ready(plan)
    scene = stage.new_scene()
    strip = add(scene, plan)
    painting = start(scene, strip)
    region = strip.stylestrip.regions.add()
    region.source = "MASK"
    scene.sequence_editor.active_strip = strip
    bpy.ops.stylestrip.new_mask()
    redrawn, region_task = [], part("regions.region_task")
    region_task.redraw = lambda: redrawn.append(region.seen)
    until(lambda: painting.within > 0)
    showing = part("regions.finding").begin(scene, strip, region)
    told = {"begun": [painting.stopped_for, showing.state]}
    until(lambda: showing.is_over)
    told |= {"end": [painting.state, showing.state], "redrawn": redrawn == [region.seen] != [""]}
    jobs.cancel(painting)
    until(lambda: painting.is_over)
    return told
"""


def test_a_matte_that_blender_draws_is_shown_while_the_painting_goes_on(modules, plan, tmp_path):
    told = modules.play(BEGIN + BESIDE, tmp_path, **plan)
    assert told == {"begun": [None, "running"], "end": ["running", "done"], "redrawn": True}


APART = """
import contextlib
import io

def play(plan):
    ready(plan)
    output, task = part("command_output"), part("task").Task()
    task.strip, task.state, task.total, told = "Clip", "running", 4, io.StringIO()
    output.LINE_SECONDS = -1
    with contextlib.redirect_stdout(told):
        line = output.TerminalLine()
        for task.stage, task.done in (("finding", 2), ("painting", 1)):
            task.fraction = task.done / task.total
            line.progress(task)
    return told.getvalue().splitlines()
"""


def test_the_share_that_the_command_tells_is_of_the_painting_alone(modules, plan, tmp_path):
    told = modules.play(BEGIN + APART, tmp_path, **plan)
    assert told == ["      Clip: Finding the region, frame 3 of 4", " 25%  Clip: Frame 2 of 4"]


SHARED = """
def play(plan):
    jobs = ready(plan)
    asking, queue_panel = part("regions.asking"), part("sequencer.queue_panel")
    scene = stage.new_scene()
    strip = add(scene, plan)
    first = start(scene, strip)
    strip.stylestrip.steps = 6
    second = start(scene, strip)
    region = strip.stylestrip.regions.add()
    region.name = "Thing"

    class Asked(part("task").Task):
        scene, strip = "Film", "Clip"

        def deliver(self, folder):
            return "It is found."

    told = {"painting": [task is first for task in queue_panel.tasks_of(strip)]}
    asked = Asked()
    asking.ask(asked, "run", part("painting").request_of(first.job), strip, region)
    strip.name = "Renamed"
    find = part("tickets")
    told["found"] = [find.find_strip(task.identifier, "", "")[1] == strip for task in (first, second, asked)]
    told["region"] = find.find_region(strip, asked.identifier, "").name
    told["with errand"] = [task is one for task, one in zip(queue_panel.tasks_of(strip), (first, asked), strict=True)]
    until(lambda: not jobs.is_running())
    told["end"] = [task.message for task in (first, second, asked)]
    told["then"] = [task is second for task in queue_panel.tasks_of(strip)]

    # The same name in another scene.
    strip.stylestrip.regions.clear()
    other = stage.new_scene("Other")
    twin = add(other, plan, "Renamed")
    third = start(other, twin)
    strip.stylestrip.steps = 9
    fourth = start(scene, strip)
    fourth.strip = third.strip = "Renamed"
    told["operator"] = sorted(bpy.ops.stylestrip.cancel(task=third.identifier)), third.words, fourth.words
    return told
"""


@pytest.mark.slow
def test_a_strip_is_found_by_all_that_is_asked_about_it(modules, plan, tmp_path):
    told = modules.play(BEGIN + SHARED, tmp_path, **plan)
    assert told["painting"] == [True], "of two paintings the one that is next"
    assert told["found"] == [True, True, True] and told["region"] == "Thing"
    assert told["with errand"] == [True, True]
    assert told["end"] == ["'Renamed' is painted.", "'Renamed' is painted.", "It is found."]
    assert told["then"] == [True], "an errand that is done hides no painting"
    assert told["operator"][0] == ["FINISHED"]
    assert told["operator"][1:] == ["Cancelling ...", "Waiting"]


WAITING = """
def play(plan):
    jobs = ready(plan)
    scene = stage.new_scene()
    done = start(scene, add(scene, plan, "Done", 1, 3, steps=2))
    deadline = time.monotonic() + 100
    while done.folder is None and time.monotonic() < deadline:
        part("driver").advance(hold=True)
        time.sleep(0.02)
    told = {"waits": done.words}
    other = add(scene, plan, "Other", 5, 3, steps=2)
    footage = part("host.footage").footage_of(other, scene, jobs.cache_folder())
    job = part("strip_job").job_of(scene, other, footage, Path(plan["folder"]) / "preview")

    class Preview(part("task").Task):
        def deliver(self, folder):
            return "It is there."

    preview = Preview()
    jobs.begin(preview, "run", part("painting").request_of(job), urgent=True)
    worker = part("connection").worker
    jobs.cancel(done)
    told["cancelled"] = [done.state, part("connection").worker is worker, preview.state]
    until(lambda: preview.is_over)
    jobs.pause()
    strip = add(scene, plan, "Slid", 7, 5)
    slid = start(scene, strip)
    stage.change(strip, right=8)
    setattr(strip, stage.START, getattr(strip, stage.START) + 10)
    told["slid"] = [[left, frames] for _, _, left, frames in slid.pieces()[0]]
    start_anew = part("painting").start
    told["elsewhere"] = start_anew(scene, strip, slid.job, slid.footage, True).state
    try:
        start_anew(scene, strip, slid.job, slid.footage, True)
    except Exception as error:
        told["twice"] = str(error)
    return told | {"preview": preview.message}
"""


@pytest.mark.slow
def test_cancelling_what_waits_for_a_render_leaves_the_painter_at_its_other_work(oldest, plan, tmp_path):
    told = oldest.play(BEGIN + WAITING, tmp_path, **plan)
    assert told["waits"] == "Done, and waiting for the render to end"
    assert told["cancelled"] == ["cancelled", True, "running"]
    assert told["preview"] == "It is there."
    [[left, frames]] = told["slid"]
    assert (left, len(frames)) == (11, 4), "paint goes where a strip is that grew as well"
    assert told["elsewhere"] == "waiting", "to put it elsewhere is another painting"
    assert told["twice"] == "Strip 'Slid' is in the queue already, with these settings."


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
