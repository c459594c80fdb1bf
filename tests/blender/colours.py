"""Paints strips of many depths and colour spaces with a job that changes nothing, and renders the edit before and
after: as light, and as several views show it."""

import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import kinds
import stage

LIGHT = "light"


def add_lamp(scene, plan: dict) -> bpy.types.Strip:
    """A scene strip with a camera before a plane that shines brighter than white."""
    strip = kinds.add_camera(scene, plan)
    (plane,) = [one for one in strip.scene.collection.objects if one.type == "MESH"]
    nodes = plane.data.materials[0].node_tree.nodes
    next(node for node in nodes if node.type == "EMISSION").inputs["Strength"].default_value = 12
    return strip


def add_file(scene, plan: dict, case: dict) -> bpy.types.Strip:
    strip = scene.sequence_editor.strips.new_image("Clip", plan["files"][case["file"]], kinds.CHANNEL, 1)
    return stage.change(strip, right=3)


def add_film(scene, plan: dict, case: dict) -> bpy.types.Strip:
    strip = scene.sequence_editor.strips.new_movie("Clip", plan["files"][case["file"]], kinds.CHANNEL, 1)
    return stage.change(strip, right=3)


def add_over(scene, plan: dict, case: dict) -> bpy.types.Strip:
    """An adjustment layer over a file."""
    add_file(scene, plan, case).channel = 2
    scene.sequence_editor.strips[-1].name = "File"
    return kinds.add_effect(scene, "Clip", "ADJUSTMENT", kinds.CHANNEL)


def add_sequencer(scene, plan: dict, case: dict) -> bpy.types.Strip:
    """A scene strip with another sequencer, which has a file."""
    inner = stage.new_scene(f"{scene.name} inner")
    add_file(inner, plan, case)
    inner.frame_start, inner.frame_end = 1, 2
    stage.show(scene)
    strip = scene.sequence_editor.strips.new_scene("Clip", inner, kinds.CHANNEL, 1)
    strip.scene_input = "SEQUENCER"
    return strip


KINDS = {
    "file": add_file,
    "film": add_film,
    "over": add_over,
    "sequencer": add_sequencer,
    "lamp": lambda s, p, _: add_lamp(s, p),
}


def rendered(scene, plan: dict, folder: Path) -> dict[str, str]:
    """The first frame of the timeline as light, and in every view."""
    file, view, files = scene.render.image_settings, scene.view_settings, {}
    file.file_format, file.color_mode, file.color_depth = "OPEN_EXR", "RGBA", "32"
    stage.render(scene, 1, 1, folder / LIGHT)
    files[LIGHT] = str(folder / LIGHT / "0001.exr")
    file.file_format, file.color_mode, file.color_depth = "PNG", "RGBA", "8"
    for name in plan["views"]:
        view.view_transform = name
        stage.render(scene, 1, 1, folder / name)
        files[name] = str(folder / name / "0001.png")
    view.view_transform = "Standard"
    return files


def paint(name: str, case: dict, plan: dict, folder: Path) -> dict:
    """Paints the strip of one case."""
    scene = stage.new_scene(f"{name} scene", *plan["size"])
    scene.render.dither_intensity = 0
    if case.get("sequencer colours"):
        scene.sequencer_colorspace_settings.name = case["sequencer colours"]
    if case.get("backdrop", True):
        stage.change(scene.sequence_editor.strips.new_image("Backdrop", plan["backdrop"], 1, 1), right=10)
    strip = KINDS[case.get("kind", "file")](scene, plan, case)
    kinds.dress(scene, plan, strip, case)
    before = rendered(scene, plan, folder / name / "before")
    try:
        bpy.ops.stylestrip.stylize_strip(strip="Clip", **plan["arguments"] | case.get("arguments", {}))
    except RuntimeError as error:  # that is how an operator's report reaches a script
        return {"error": str(error)}
    painted = next(other for other in scene.sequence_editor.strips_all if other.get("stylestrip_job"))
    return {
        "before": before,
        "after": rendered(scene, plan, folder / name / "after"),
        "is_render": kinds.part("host.ways_in").way_into(strip, scene).is_render,
        "file": str(Path(bpy.path.abspath(painted.directory)) / painted.elements[0].filename),
        "colours": painted.colorspace_settings.name,
    }


def play(plan: dict) -> dict:
    stage.enable()
    folder = Path(plan["folder"])
    bpy.context.preferences.addons[stage.EXTENSION].preferences.cache_folder = str(folder / "cache")
    return {name: paint(name, case, plan, folder) for name, case in plan["cases"].items()}


if __name__ == "__main__":
    stage.perform(play)
