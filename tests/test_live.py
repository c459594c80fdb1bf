"""The Neural Style node, painted while its scene is rendered: equal to what is baked, and never waited for in vain."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from clips import style_picture, write_png
from test_node import of_kind, pixels, plan  # noqa: F401 - a fixture

pytestmark = [pytest.mark.blender, pytest.mark.slow]

FRAMES = 3
PAINTED = {"size": 32, "steps": 2, "steps_per_frame": 1}
HOOK = """
def play(plan):
    from node import compositor, new_scene, objects, render
    from pathlib import Path
    scene = new_scene({}, 2)
    objects(scene)
    tree, result = compositor(scene)
    layers = tree.nodes.new("CompositorNodeRLayers")
    layers.scene, layers.layer = scene, scene.view_layers[0].name
    invert = tree.nodes.new("CompositorNodeInvert")
    tree.links.new(layers.outputs["Image"], invert.inputs["Color"])
    tree.links.new(invert.outputs[0], result)
    heard, handlers = [], bpy.app.handlers

    def stats(message, *_):
        heard.append(message)
        if "Compositing" in message:
            file = str(Path(plan["folder"]) / f"raw{scene.frame_current}.exr")
            bpy.data.images["Render Result"].save_render(file, scene=scene)

    handlers.render_pre.append(lambda *_: heard.append("render_pre"))
    handlers.render_stats.append(stats)
    handlers.render_post.append(lambda *_: heard.append("render_post"))
    inverted = render(scene, Path(plan["folder"]) / "inverted")
    for one in (handlers.render_pre, handlers.render_stats, handlers.render_post):
        one.clear()
    tree.links.new(layers.outputs["Image"], result)
    return {"heard": heard, "inverted": inverted, "plain": render(scene, Path(plan["folder"]) / "plain")}
"""


@pytest.mark.parametrize("kind", ["layers", "film", "clip"])
def test_what_is_painted_live_is_what_is_baked_to_the_bit_and_a_bake_is_taken_as_it_is(
    modules,
    plan,  # noqa: F811
    kind,
    tmp_path,
):
    equal(modules, plan | of_kind(kind, tmp_path), tmp_path)


def test_so_it_is_in_the_program_with_two_nodes_that_are_painted_otherwise(program, plan, tmp_path):  # noqa: F811
    told = equal(program, plan | of_kind("film", tmp_path) | {"two": True}, tmp_path)
    assert told["count"] == 2 * FRAMES


def equal(blender, plan, folder: Path) -> dict:  # noqa: F811
    """Compares frames that are painted live, baked, and painted live where they are baked; what was told."""
    plan["settings"] |= PAINTED
    told = blender.run("live.py", folder, case="equal", **plan | {"frames": FRAMES})
    assert told["told"] == [] and told["problem"] == "" and told["count"] >= FRAMES
    cases = [told[case] for case in ("before", "live", "taken over", "baked", "again")]
    assert [len(case) for case in cases] == [FRAMES] * len(cases)
    for before, live, *others in zip(*cases, strict=True):
        assert all(np.array_equal(pixels(live), pixels(other)) for other in others)
        assert not np.array_equal(pixels(before), pixels(live)), "it is painted"
    assert told["painted anew"] == told["never removed"] == []
    return told


def test_blender_says_when_a_frame_is_rendered_and_not_yet_composited(blender, tmp_path):
    told = blender.play(HOOK, tmp_path)
    heard = [word for word in told["heard"] if word.startswith("render_") or "Compositing" in word]
    words = [word if word.startswith("render_") else "Compositing" for word in heard]
    assert words == ["render_pre", "Compositing", "render_post"] * 2, (
        "This Blender does not call the handlers render_stats with 'Compositing' once between a frame's render and its "
        "compositor, by which the node's mode Live paints Render Layers: find another way in compositor/live_source.py."
    )
    for number, (inverted, plain) in enumerate(zip(told["inverted"], told["plain"], strict=True), 1):
        raw = pixels(str(tmp_path / f"raw{number}.exr"))
        assert np.array_equal(raw, pixels(plain)) and not np.array_equal(raw, pixels(inverted)), (
            "What this Blender saves as its Render Result at that moment is not the frame before its compositor."
        )


def test_single_frames_are_taken_from_a_film_that_was_painted_and_else_begin_one(modules, plan, tmp_path):  # noqa: F811
    plan["settings"] |= PAINTED | {"carry": "previous"}
    told = modules.run("live.py", tmp_path, case="single", **plan | {"frames": FRAMES}, **of_kind("film", tmp_path))
    assert all(told[case]["told"] == [] for case in told)
    film = [pixels(str(tmp_path / "all" / f"000{number}.exr")) for number in (1, 2, 3)]
    alone, again = (pixels(str(tmp_path / case / "0003.exr")) for case in ("third", "third again"))
    assert not np.array_equal(alone, film[2]) and np.array_equal(again, film[2])
    assert all(np.array_equal(pixels(str(tmp_path / "from two" / f"000{n}.exr")), film[n - 1]) for n in (2, 3))
    assert np.array_equal(pixels(str(tmp_path / "gone on" / "0003.exr")), film[2]), "a new render goes on with the film"
    assert told["steps"]["files"] == ["0001", "0003"]
    assert told["all again"]["kept"], "every second frame is another film"


def test_a_single_frame_is_rendered_alone_and_what_a_bake_has_rendered_of_the_others_stays(modules, plan, tmp_path):  # noqa: F811
    plan["settings"] |= PAINTED
    told = modules.run("live.py", tmp_path, case="still", **plan | {"frames": FRAMES}, **of_kind("layers", tmp_path))
    assert told["problem"] == "" and told["told"] == told["baked"]["told"] == []
    assert len(set(told["folders"])) == 1, "a render that begins elsewhere finds what was rendered"
    assert told["renewed"] == ["000002"] and told["sources"] >= FRAMES
    assert told["left"] == ["rendering-mine"] * 2, "of a Blender that was killed nothing is left"
    assert np.array_equal(pixels(str(tmp_path / "still.exr")), pixels(str(tmp_path / "baked" / "0002.exr")))


def test_what_cannot_be_painted_live_is_told_and_a_frame_that_was_not_baked_may_be_painted_now(
    modules,
    plan,  # noqa: F811
    tmp_path,
):
    plan["settings"] |= PAINTED | {"carry": "previous"}
    told = modules.run("live.py", tmp_path, case="choices", **plan, **of_kind("film", tmp_path))
    every = ["0001", "0002", "0003", "0004"]
    reason = "'Passes' is 3, for which all frames must be there: choose Cache and press Bake."
    assert told["passes"] == {
        "files": every,
        "told": [f"Frame {number} of 'Neural Style': {reason}" for number in range(1, 5)],
    }
    assert told["passes stop"] == {"files": [], "told": told["passes"]["told"][:1]}
    assert told["bake"] == told["all"] == ""
    assert told["now"] == told["baked"] == {"files": every, "told": []}
    for name in every:
        now, baked = (pixels(str(tmp_path / case / f"{name}.exr")) for case in ("now", "baked"))
        assert np.array_equal(now, baked), "what is painted now follows from what is baked"
        assert np.array_equal(pixels(str(tmp_path / "killed" / f"{name}.exr")), pixels(told["before"][int(name) - 1]))
    told_now = [f"Frame 3 of 'Neural Style': {reason}"]
    assert told["passes now"] == {"files": every[:2], "told": told_now}, "a bake is shown where nothing can be painted"
    for name in every[:2]:
        now, baked = (pixels(str(tmp_path / case / f"{name}.exr")) for case in ("passes now", "passes baked"))
        assert np.array_equal(now, baked)
        assert not np.array_equal(now, pixels(told["before"][int(name) - 1]))
    assert told["killed"]["files"] == every
    assert "The painter stopped unexpectedly (killed by SIGKILL)" in told["killed"]["told"][0]


def test_a_region_of_one_still_mask_is_painted_live_and_one_of_many_masks_waits_for_a_bake(modules, plan, tmp_path):  # noqa: F811
    (tmp_path / "masks").mkdir()
    files = {"still": str(write_png(tmp_path / "masks" / "000001.png", style_picture())), "many": f"{tmp_path}/masks"}
    plan |= {"frames": 1, "settings": plan["settings"] | PAINTED} | files
    told = modules.run("live.py", tmp_path, case="masks", **plan, **of_kind("film", tmp_path))
    assert told["still"] == ["", []]
    reason, render = told["many"]
    assert reason.startswith("the region 'Left' has a mask of its own for each frame")
    assert render == [f"Frame 1 of 'Neural Style': {reason}."]


def test_what_is_in_the_queue_is_not_painted_by_a_render_at_the_same_time_nor_baked_while_it_is(
    modules,
    plan,  # noqa: F811
    tmp_path,
):
    plan |= {"frames": 1, "settings": plan["settings"] | PAINTED}
    told = modules.run("live.py", tmp_path, case="busy", **plan, **of_kind("film", tmp_path))
    words = "its frames are in the queue: wait until they are baked, or cancel that there"
    assert told["queued"] == [f"Frame 1 of 'Neural Style': {words}."]
    assert "A render paints these frames right now" in told["live"]
    assert told["render"] == [] and told["afterwards"] == ""


def test_a_window_that_does_nothing_is_told_and_told_apart_from_a_person_who_stops_the_render(modules, plan, tmp_path):  # noqa: F811
    told = modules.run("live.py", tmp_path, case="given_up", **plan, **of_kind("film", tmp_path))
    assert told["asked"] == "the render was stopped"
    assert "waited for Blender's window" in told["held"] and "render this frame again" in told["held"]
    assert told["fault"].startswith("Stylestrip has a fault (KeyError: 'x')")


def test_where_paint_does_not_fit_or_blender_does_not_say_when_to_paint_the_image_is_shown_as_it_is(
    modules,
    plan,  # noqa: F811
    tmp_path,
):
    told = modules.run("live.py", tmp_path, case="region", **plan | {"frames": 1}, **of_kind("layers", tmp_path))
    words = (
        "Frame 1 of 'Neural Style': a render region is on, and frames are painted whole: switch it off in the output "
    )
    assert told["baked"] == told["live"] == {"files": ["0001"], "told": [f"{words}tab."]}
    assert told["whole"] == {"files": ["0001"], "told": []}
    whole, part = (pixels(file) for file in told["before"])
    assert all(np.array_equal(pixels(str(tmp_path / case / "0001.exr")), part) for case in ("baked", "live"))
    assert np.array_equal(pixels(str(tmp_path / "whole" / "0001.exr")), whole) and not np.array_equal(whole, part)
    words = "stereoscopy is switched on, and one view is painted only: switch it off in the output tab"
    assert told["views"] == {"files": ["0001_L", "0001_R"], "told": [f"Frame 1 of 'Neural Style': {words}."]}
    for file in told["views before"]:
        assert np.array_equal(pixels(str(tmp_path / "views" / Path(file).name)), pixels(file))
    (sentence,) = told["not told"]["told"]
    assert sentence.startswith("Frame 1 of 'Neural Style': this Blender did not say when its frame was rendered")
    assert sentence.endswith("choose Cache and press Bake.") and told["not told"]["files"] == ["0001"]
    assert np.array_equal(pixels(str(tmp_path / "not told" / "0001.exr")), whole)


def test_so_it_is_with_view_layers_of_two_scenes_half_the_size_motion_blur_and_files_of_the_compositor(
    modules,
    plan,  # noqa: F811
    tmp_path,
):
    plan["settings"] |= PAINTED
    told = modules.run("pipeline.py", tmp_path, **plan | {"frames": 2}, **of_kind("layers", tmp_path))
    assert told["LIVE"] == told["CACHE"] == {"files": ["0001", "0002"], "told": []} and told["problem"] == ""
    for live, baked in (("LIVE", "CACHE"), ("painted LIVE", "painted CACHE"), ("matte LIVE", "matte CACHE")):
        files = [sorted((tmp_path / name).iterdir()) for name in (live, baked)]
        assert len(files[0]) == len(files[1]) == 2
        for one, other in zip(*files, strict=True):
            assert np.array_equal(pixels(str(one)), pixels(str(other))), one


def test_what_a_stopped_render_leaves_is_put_right_and_what_was_wished_for_it_is_not_begun_or_ended(
    modules,
    plan,  # noqa: F811
    tmp_path,
):
    told = modules.run("live.py", tmp_path, case="cleaning", **plan | {"frames": 1}, **of_kind("layers", tmp_path))
    assert told["during"] == [-1e7, -1e7] and told["saved"] == 4.5
    assert told["end"] == [] and not told["asked"] and told["after"] == [4.5, "//out", 4.5]
    assert told["given up"] == ["Stopped"]
    assert told["done"] == told["ended"] == ["late"]


def test_ctrl_c_ends_a_live_render_of_the_command_line_with_all_that_it_has_started(program, plan, tmp_path):  # noqa: F811
    plan["settings"] |= {"size": 96, "steps": 10000}
    program.run("live.py", tmp_path, case="saved", **plan, **of_kind("film", tmp_path))

    def processes(part: str, parents: set[int] | None = None) -> set[int]:
        """Those whose command has something in it, of certain parents."""
        lines = subprocess.run(["ps", "-ewwo", "pid=,ppid=,args="], capture_output=True, text=True).stdout.splitlines()
        found = [line.split(None, 2) for line in lines if part in line]
        return {int(pid) for pid, parent, _ in found if parents is None or int(parent) in parents}

    file = str(tmp_path / "live.blend")
    command = [program.program, "-b", file, "-o", f"{tmp_path}/out/", "-a"]
    process = subprocess.Popen(
        command, env=program.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        since, painters = time.monotonic(), set()
        while not painters and time.monotonic() - since < 60:
            time.sleep(0.1)
            # The command may be a script that runs Blender.
            painters = processes("style_core serve", processes(file))
        time.sleep(3)  # it is loading its network, or painting
        assert painters
        os.kill(max(processes(file)), signal.SIGINT)
        since = time.monotonic()
        words = process.communicate(timeout=30)[0].decode()
        seconds = time.monotonic() - since
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert "the render was stopped" in words
    assert seconds < 3 and not (tmp_path / "out").exists()
    time.sleep(1)
    assert not painters & processes("style_core serve")
