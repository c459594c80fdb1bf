"""A Neural Style node that is painted while its scene is rendered."""

import os
import sys
import threading
import time
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage
from node import link, never_removed, part, render, said, set_up, told_by_render


def cache_at(folder: Path) -> None:
    """Another cache."""
    part("preferences").preferences().cache_folder = str(folder)


def mix_in(node: bpy.types.Node, result: bpy.types.NodeSocket) -> bpy.types.Node:
    """Another node of the same source, painted otherwise; the result is half of each."""
    tree = node.id_data
    other, mix = tree.nodes.new(node.bl_idname), tree.nodes.new("ShaderNodeMix")
    tree.links.new(node.inputs["Image"].links[0].from_socket, other.inputs["Image"])
    mine, its = node.node_tree.stylestrip_node.settings, other.node_tree.stylestrip_node.settings
    for name in ("picture", "style", "size", "steps", "steps_per_frame", "device"):
        setattr(its, name, getattr(mine, name))
    its.style_weight *= 3
    mix.data_type = "RGBA"
    sockets = {socket.identifier: socket for socket in (*mix.inputs, *mix.outputs)}
    sockets["Factor_Float"].default_value = 0.5
    tree.links.new(node.outputs["Image"], sockets["A_Color"])
    tree.links.new(other.outputs["Image"], sockets["B_Color"])
    tree.links.new(sockets["Result_Color"], result)
    return other


def stamps(folder: Path, names: str) -> dict[str, int]:
    """When files were written."""
    return {str(file): file.stat().st_mtime_ns for file in folder.glob(names)}


def still(plan: dict) -> dict:
    """One frame alone of what nodes make of a render, painted live after a bake of all."""
    scene, node, result = set_up(plan)
    folder, tree = Path(plan["folder"]), node.id_data
    invert = tree.nodes.new("CompositorNodeInvert")
    tree.links.new(node.inputs["Image"].links[0].from_socket, invert.inputs["Color"])
    tree.links.new(invert.outputs[0], node.inputs["Image"])
    link(node, result)
    told = {"problem": said(bpy.ops.stylestrip.bake_node, node=node.name)}
    told["baked"] = told_by_render(scene, folder / "baked")
    before = stamps(folder / "cache", "render-*/0*") | stamps(folder / "cache", "render-*/vectors/0*")
    node.node_tree.stylestrip_node.mode = "LIVE"
    rendered = next((folder / "cache").glob("render-*"))
    left_by_another, persons = rendered / ("rendering-" + "0" * 16), folder / "cache" / "render-mine"
    for place in (left_by_another, rendered / "rendering-mine", persons / "rendering-mine", persons):
        place.mkdir(parents=True, exist_ok=True)
        os.utime(place, (0, 0))
    scene.frame_set(2)
    scene.render.filepath = str(folder / "still.exr")
    bpy.ops.render.render(write_still=True, scene=scene.name)
    told["told"] = list(part("compositor.check").told)
    after = stamps(folder / "cache", "render-*/0*") | stamps(folder / "cache", "render-*/vectors/0*")
    told["renewed"] = sorted({Path(file).stem for file in before if after.get(file) != before[file]})
    told["sources"] = len(before)
    since = time.monotonic()
    while len(left := list((folder / "cache").glob("render-*/rendering-*"))) > 2 and time.monotonic() - since < 10:
        time.sleep(0.1)  # the second Blender is ending
    told["left"] = [one.name for one in left]
    frames, cache = part("compositor.baking").frames_of, Path("cache")
    folders = [frames(scene, node, range(1, 2), cache).folder.name]
    scene.frame_start = 2
    told["folders"] = [*folders, frames(scene, node, range(1, 2), cache).folder.name]
    part("compositor.live_painter").end()
    return told


def busy(plan: dict) -> dict:
    """A live render of what is in the queue, and a bake of what a render paints."""
    scene, node, result = set_up(plan)
    link(node, result)
    own, baking, jobs, told = node.node_tree.stylestrip_node, part("compositor.baking"), part("jobs"), {}
    own.mode, own.if_missing = "LIVE", "SOURCE"
    task = baking.bake(scene, node, range(1, 2))
    told["queued"] = told_by_render(scene, Path(plan["folder"]) / "queued")["told"]
    jobs.cancel(task)

    def bake(*_: object) -> None:
        told["live"] = said(bpy.ops.stylestrip.bake_node, node=node.name)

    bpy.app.handlers.render_post.append(bake)
    told["render"] = told_by_render(scene, Path(plan["folder"]) / "render")["told"]
    bpy.app.handlers.render_post.remove(bake)
    told["afterwards"] = said(bpy.ops.stylestrip.bake_node, node=node.name)
    part("compositor.live_painter").end()
    return told


def equal(plan: dict) -> dict:
    """The same frames without the node, painted live, baked, and once more live with what was baked."""
    scene, node, result = set_up(plan)
    folder = Path(plan["folder"])
    told = {"before": render(scene, folder / "before")}
    link(node, result)
    nodes = [node, mix_in(node, result)] if plan.get("two") else [node]
    insides = [one.node_tree.stylestrip_node for one in nodes]
    for own in insides:
        own.mode = "LIVE"
    check, painter = part("compositor.check"), part("compositor.live_painter")
    began = time.monotonic()
    told["live"] = render(scene, folder / "live")
    told["seconds"] = time.monotonic() - began
    told["told"] = list(check.told)
    for notes in (folder / "cache").glob("node-live-*/painted.txt"):
        notes.write_text(notes.read_text() + "7 cut")  # as of a Blender that was killed
    for own in insides:
        own.mode = "CACHE"
    told["taken over"] = render(scene, folder / "taken over")
    told["told"] += check.told
    told["never removed"] = never_removed(folder / "cache")
    cache_at(folder / "other")
    told["problem"] = "".join(said(bpy.ops.stylestrip.bake_node, node=one.name) for one in nodes)
    told["baked"] = render(scene, folder / "baked")
    told["told"] += check.told
    painted = {str(file): file.stat().st_mtime_ns for file in (folder / "other").glob("[0-9a-f]*-0*/0*")}
    for own in insides:
        own.mode = "LIVE"
    told["again"] = render(scene, folder / "again")
    told["told"] += check.told
    now = {str(file): file.stat().st_mtime_ns for file in (folder / "other").glob("[0-9a-f]*-0*/0*")}
    told["painted anew"] = [name for name in now if now[name] != painted.get(name)]
    told["count"] = len(painted)
    painter.end()
    return told


def single(plan: dict) -> dict:
    """Frames in any order, and what is told of them."""
    scene, node, result = set_up(plan)
    folder, own = Path(plan["folder"]), node.node_tree.stylestrip_node
    link(node, result)
    own.mode = "LIVE"
    last, told = scene.frame_end, {}

    def frames(first: int, last: int, name: str) -> dict:
        scene.frame_start, scene.frame_end = first, last
        return told_by_render(scene, folder / name)

    told["third"] = frames(3, 3, "third")
    told["all"] = frames(1, last, "all")
    told["third again"] = frames(3, 3, "third again")
    told["from two"] = frames(2, last, "from two")
    cache_at(folder / "other")
    told["first two"], told["gone on"] = frames(1, 2, "first two"), frames(3, 3, "gone on")
    painted = stamps(folder / "other", "*-000001/0*")
    scene.frame_step = 2
    told["steps"] = frames(1, last, "steps")
    scene.frame_step = 1
    told["all again"] = frames(1, last, "all again")
    told["all again"]["kept"] = (
        len(painted) == last and stamps(folder / "other", "*-000001/0*").items() >= painted.items()
    )
    part("compositor.live_painter").end()
    return told


def choices(plan: dict) -> dict:
    """What cannot be painted live, a painter that dies, and what else a node may do with frames that are missing."""
    scene, node, result = set_up(plan)
    folder, own = Path(plan["folder"]), node.node_tree.stylestrip_node
    told = {"before": render(scene, folder / "before")}
    link(node, result)
    own.mode = "LIVE"
    own.settings.passes = 3
    own.if_missing = "SOURCE"
    told["passes"] = told_by_render(scene, folder / "passes")
    own.if_missing = "STOP"
    told["passes stop"] = told_by_render(scene, folder / "passes stop")
    own.settings.passes = 1
    own.mode, own.if_missing = "CACHE", "NOW"
    told["bake"] = said(bpy.ops.stylestrip.bake_node, node=node.name, frame_start=1, frame_end=2)
    told["now"] = told_by_render(scene, folder / "now")
    own.mode, own.if_missing = "CACHE", "STOP"
    told["all"] = said(bpy.ops.stylestrip.bake_node, node=node.name)
    told["baked"] = told_by_render(scene, folder / "baked")
    own.settings.passes, own.if_missing = 3, "NOW"
    told["bake"] += said(bpy.ops.stylestrip.bake_node, node=node.name, frame_start=1, frame_end=2)
    told["passes now"] = told_by_render(scene, folder / "passes now")
    own.if_missing = "STOP"
    told["passes baked"] = told_by_render(scene, folder / "passes baked")
    own.settings.passes = 1
    own.mode = "LIVE"
    own.settings.style_weight *= 2
    painter = part("compositor.live_painter")

    def kill(*_: object) -> None:
        threading.Timer(0.5, painter.worker.process.kill).start()

    bpy.app.handlers.render_init.append(kill)
    own.if_missing = "SOURCE"
    told["killed"] = told_by_render(scene, folder / "killed")
    bpy.app.handlers.render_init.remove(kill)
    painter.end()
    return told


def given_up(plan: dict) -> dict:
    """What is said when a render's thread waits no longer: for a window that does nothing, and for a person."""
    set_up(plan)
    rendering, window, told = part("compositor.live_render"), part("compositor.live_window"), {}

    def wait(name: str) -> None:
        try:
            window.in_main(lambda: None)
        except Exception as error:
            told[name] = rendering.reason(error)

    def in_thread(name: str) -> None:
        thread = threading.Thread(target=wait, args=(name,))
        thread.start()
        thread.join()

    window.begin()
    window.PATIENCE_SECONDS = 0.2
    in_thread("held")
    window.is_asked = True
    in_thread("asked")
    told["fault"] = rendering.reason(KeyError("x"))
    window.end()
    return told


def masks(plan: dict) -> dict:
    """What the panel and a render say of a region by files: one picture, and a folder of them."""
    scene, node, result = set_up(plan)
    link(node, result)
    own, live, told = node.node_tree.stylestrip_node, part("compositor.live"), {}
    own.mode, own.if_missing = "LIVE", "SOURCE"
    region = own.settings.regions.add()
    region.name, region.source = "Left", "FILE"
    for name in ("still", "many"):
        region.path = plan[name]
        told[name] = [live.why_not_live(scene, node), told_by_render(scene, Path(plan["folder"]) / name)["told"]]
    part("compositor.live_painter").end()
    return told


def saved(plan: dict) -> dict:
    """A file for renders of the command line."""
    scene, node, result = set_up(plan)
    link(node, result)
    node.node_tree.stylestrip_node.mode = "LIVE"
    scene.render.image_settings.file_format = "PNG"
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(plan["folder"]) / "live.blend"))
    return {}


def region(plan: dict) -> dict:
    """A render region and two views: without the node, with its paint, live, and the frame as usual afterwards; and a
    Blender that does not say when a frame is rendered."""
    scene, node, result = set_up(plan)
    folder, own, frame = Path(plan["folder"]), node.node_tree.stylestrip_node, scene.render
    whole = render(scene, folder / "whole before")
    frame.use_border, frame.border_min_x, frame.border_max_y = True, 0.25, 0.75
    told = {"before": [*whole, *render(scene, folder / "before")]}
    link(node, result)
    bpy.ops.stylestrip.bake_node(node=node.name)
    own.if_missing = "SOURCE"
    told["baked"] = told_by_render(scene, folder / "baked")
    own.mode = "LIVE"
    told["live"] = told_by_render(scene, folder / "live")
    frame.use_border, own.mode = False, "CACHE"
    told["whole"] = told_by_render(scene, folder / "whole")
    frame.use_multiview = True
    told["views"] = told_by_render(scene, folder / "views")
    node.mute = True
    told["views before"] = render(scene, folder / "views before")
    frame.use_multiview = node.mute = False
    own.mode, words = "LIVE", part("compositor.render_words")
    words.HANDLERS = ()
    told["not told"] = told_by_render(scene, folder / "not told")
    return told


def cleaning(plan: dict) -> dict:
    """A render region: the inside in a file that is saved during a render, and after a render that Esc has ended; and
    what is wished of a main thread that is waited for no more. The render's thread is one of ours here."""
    scene, node, result = set_up(plan)
    link(node, result)
    check, window = part("compositor.check"), part("compositor.live_window")
    end, file = node.node_tree.nodes["To Frame"].inputs[1], str(Path(plan["folder"]) / "saved.blend")
    node.node_tree.nodes["Painted Frames"].frame_duration = 4
    part("compositor.tree").begin_at(node.node_tree, 1)
    scene.render.use_border, scene.render.filepath = True, "//out"
    name = node.node_tree.name
    if bpy.app.module:
        part("host.handlers").attach(part("compositor.hiding").HANDLERS)
    check.on_render_begin(scene)
    told = {"during": [end.default_value]}
    bpy.ops.wm.save_as_mainfile(filepath=file, copy=True)
    told["during"].append(end.default_value)
    with bpy.data.libraries.load(file) as (_, here):
        here.node_groups = [name]
    told["saved"] = here.node_groups[0].nodes["To Frame"].inputs[1].default_value
    check.stop(scene)

    def in_thread(work) -> list[str]:
        heard = []

        def tried() -> None:
            try:
                work()
            except BaseException as error:
                heard.append(type(error).__name__)

        thread = threading.Thread(target=tried)
        thread.start()
        thread.join()
        return heard

    window.is_on = window.is_asked = True
    told["end"] = in_thread(lambda: check.on_render_end(scene))
    told["asked"] = window.is_asked
    window.pump()
    told["after"] = [end.default_value, scene.render.filepath]
    end.default_value = -1e7  # as an undo step has it that was made during the render
    part("compositor.hiding").after_return()
    told["after"].append(end.default_value)
    done, ended = [], []

    def slow() -> str:
        done.append("late")
        window.is_asked = True
        time.sleep(0.3)
        return "late"

    window.is_asked = True
    told["given up"] = in_thread(lambda: window.in_main(lambda: done.append("never")))
    window.pump()
    window.begin()
    thread = threading.Thread(target=in_thread, args=[lambda: window.in_main(slow, ended.append)])
    thread.start()
    while not done:
        window.pump()
    thread.join()
    window.end()
    return told | {"done": done, "ended": ended}


CASES = {
    case.__name__: case for case in (busy, still, masks, cleaning, given_up, region, saved, equal, single, choices)
}

if __name__ == "__main__":
    stage.perform(lambda plan: CASES[plan["case"]](plan))
