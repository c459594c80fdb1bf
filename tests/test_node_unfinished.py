"""A node whose bake was not finished: a Blender that was killed is gone on with to the same frames."""

import pytest
from clips import style_picture, write_film, write_png

pytestmark = pytest.mark.blender

SCRIPT = """
import json, os, signal, time
from pathlib import Path
from node import link, part, set_up

def bake(scene, node):
    return part("compositor.baking").bake(scene, node, range(1, 5))

def frames(plan):
    return {file.name: file.read_bytes().hex() for file in Path(plan["folder"]).glob("cache/node-*/0*")}

def notes(plan):
    return len(list(Path(plan["folder"]).glob("cache/queue-*")))

def die(plan):
    scene, node, result = set_up(plan)
    link(node, result)
    bpy.ops.wm.save_as_mainfile(filepath=plan["folder"] + "/comp.blend")
    task = bake(scene, node)
    while task.done < 2 or task.rendering:
        assert not task.is_over, task.message
        part("driver").advance()
        time.sleep(0.02)
    Path(plan["result"]).write_text(json.dumps({"notes": notes(plan), "done": task.done}))
    os.kill(os.getpid(), signal.SIGKILL)

def go_on(plan):
    stage.enable()
    part("preferences").preferences().cache_folder = plan["folder"] + "/cache"
    unfinished, jobs = part("unfinished"), part("jobs")
    bpy.ops.wm.open_mainfile(filepath=plan["folder"] + "/comp.blend")
    unfinished.look()
    told = {"left": unfinished.sentence(), "problem": unfinished.problem}
    node = part("compositor.node").nodes_of(part("host.versions").compositor_of(bpy.data.scenes["Comp"]))[0]
    node.node_tree.stylestrip_node.settings.steps += 1  # changed since: for another bake
    told["problems"] = list(map(str, unfinished.go_on_with_all()))
    part("driver").wait(jobs.queue[0])
    told |= {"state": jobs.queue[0].state, "frames": frames(plan), "notes": notes(plan)}
    told["shown"] = node.node_tree.stylestrip_node.count, node.node_tree.stylestrip_node.is_fresh
    return told

def whole(plan):
    scene, node, result = set_up(plan)
    part("driver").wait(bake(scene, node))
    return frames(plan)

def play(plan):
    return {"die": die, "go on": go_on, "whole": whole}[plan["act"]](plan)
"""


@pytest.mark.slow
def test_a_bake_of_a_blender_that_was_killed_is_gone_on_with_to_the_same_frames(modules, tmp_path):
    settings = {"size": 96, "steps": 12, "steps_per_frame": 12, "device": "cpu"}
    settings["style"] = str(write_png(tmp_path / "style.png", style_picture()))
    plan = {"settings": settings, "kind": "film", "film": str(write_film(tmp_path / "clip.mp4", 6))}
    died = modules.play(SCRIPT, tmp_path, act="die", **plan)
    assert died["notes"] == 1
    told = modules.play(SCRIPT, tmp_path, act="go on", **plan)
    assert told["left"] == "Not finished: node 'Neural Style'." and told["problem"] == ""
    assert told["problems"] == [] and told["state"] == "done"
    assert told["shown"] == [4, False], "it was painted by the settings that it had then"
    assert told["notes"] == 0, "nothing is left over"
    (tmp_path / "whole").mkdir()
    whole = modules.play(SCRIPT, tmp_path / "whole", act="whole", **plan)
    assert len(whole) == 4 and told["frames"] == whole
