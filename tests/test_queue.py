"""The queue: what goes first, what leaves off for a while, and what a person does with it."""

import pytest
from queueing import BEGIN, film_and_style

pytestmark = pytest.mark.blender


@pytest.fixture
def plan(tmp_path):
    return film_and_style(tmp_path)


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
