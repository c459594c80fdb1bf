"""Does what the pages say in Blender: runs their examples, reads their commands, and opens the template."""

import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage


def part(name: str):
    """A module of the add-on."""
    return __import__(f"{stage.EXTENSION}.blender_addon.{name}", fromlist=["_"])


def refused(arguments: list[str]) -> bool:
    """Whether the command does not take these arguments."""
    command, setup, cache = part("command"), part("setup_command"), part("cache_command")
    own = {name: setup.parser(name) for name in setup.COMMANDS} | {cache.COMMAND: cache.parser()}
    name = arguments[0] if arguments and arguments[0] in own else ""
    try:
        own.get(name, command.parser()).parse_args(arguments[1:] if name else arguments)
    except SystemExit:
        return True
    return False


def template(path: str) -> dict:
    """What is in the template, and what it lacks."""
    bpy.ops.wm.open_mainfile(filepath=path)
    timeline, shot = bpy.data.scenes["Timeline"], bpy.data.scenes["Shot"]
    strip = timeline.sequence_editor.strips_all["Shot"]
    tree = part("host.versions").compositor_of(shot)
    (node,) = (one for one in tree.nodes if one.bl_idname == "CompositorNodeStylestrip")
    own = node.node_tree.stylestrip_node
    shot.render.resolution_percentage, shot.cycles.samples = 5, 1
    shot.render.use_sequencer = False
    shot.frame_end = shot.frame_start
    stage.show(shot)
    shot.render.filepath = str(Path(stage.plan()["folder"]) / "template-")
    bpy.ops.render.render(animation=True, scene=shot.name)
    return {
        "paintable": part("host.strips").why_not_paintable(strip),
        "picture": strip.stylestrip.picture,
        "node": [own.settings.picture, own.settings.regions[0].picture, own.settings.regions[0].things[0].name],
        "files": [one.filepath for one in (*bpy.data.images, *bpy.data.libraries) if one.filepath],
        "rendered": len(list(Path(stage.plan()["folder"]).glob("template-*"))),
    }


def clip(folder: Path) -> bpy.types.Scene:
    """A strip 'Clip' of one frame, in a file that is saved."""
    picture = bpy.data.images.new("frame", 64, 36)
    picture.pixels = [(i * 7 % 64) / 64 for i in range(64 * 36 * 4)]
    picture.filepath_raw, picture.file_format = str(folder / "frame.png"), "PNG"
    picture.save()
    scene = stage.new_scene("Film", 64, 36)
    strip = scene.sequence_editor.strips.new_image("Clip", str(folder / "frame.png"), 1, 1)
    stage.change(strip, right=2)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "examples.blend"))
    return scene


def quick(example: str) -> str:
    """An example that paints a small frame with one step, and else does what it says."""
    own = "own.settings.size, own.settings.steps, own.settings.steps_per_frame = 32, 1, 1"
    for before, after in (
        (", size=128, steps=20", ""),
        ("stylize_strip(", "stylize_strip(size=32, steps=1, "),
        ("bpy.ops.stylestrip.bake_node(", f"{own}\nbpy.ops.stylestrip.bake_node("),
        ("frame_end=48", "frame_end=1"),
    ):
        example = example.replace(before, after)
    return example


def play(plan: dict) -> dict:
    stage.enable()
    told = {"template": template(plan["template"]), "refused": [one for one in plan["commands"] if refused(one)]}
    from node_scene import composited  # it looks for the add-on

    shot, node = composited((64, 36), 1)
    film = clip(Path(plan["folder"]))
    named = {"NAME": "Clip", "PICTURE": "watercolour"}
    command = [named.get(word, word) for word in plan["commands"][0]]
    told["code"] = part("command_entry").run([*command, "--size", "32", "--steps", "1"])
    for example in plan["examples"]:
        stage.show(shot if "bake_node" in example else film)
        exec(quick(example), {"__name__": "example"})
    strips = film.sequence_editor.strips_all
    told["regions"] = [one.source for one in strips["Clip"].stylestrip.regions]
    told["baked"] = node.node_tree.stylestrip_node.count
    told["versions"] = {one.name: [it.name for it in one.stylestrip_paint.versions] for one in strips}
    return told


stage.perform(play)
