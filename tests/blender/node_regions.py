"""Regions of a Neural Style node: what of a scene is painted in which style, and what is rendered for that."""

import importlib
import json
import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import node as nodes
import stage

SWITCHES = ("vector", "cryptomatte_object", "cryptomatte_material", "cryptomatte_asset", "object_index",
            "material_index", "z", "combined")  # fmt: skip


def card(scene: bpy.types.Scene, name: str, place: tuple[float, float, float]) -> bpy.types.Object:
    """Another card, turned, so that its edges are smooth."""
    first = bpy.data.objects["Card"]
    one = first.copy()
    one.data = first.data.copy()
    one.animation_data_clear()
    one.name, one.location, one.rotation_euler.z = name, place, 0.4
    material = first.data.materials[0].copy()
    material.name = f"{name} colour"
    one.data.materials[0] = material
    scene.collection.objects.link(one)
    return one


def cards(plan: dict) -> tuple[bpy.types.Scene, bpy.types.Node, bpy.types.NodeSocket]:
    """A moving card and one behind it before a wall, through a node."""
    scene, node, result = nodes.set_up(plan | {"kind": "layers"})
    first = bpy.data.objects["Card"]
    first.rotation_euler.z, first.scale = 0.3, (0.35, 0.35, 1)
    card(scene, "Sail", (0.3, 0.05, -1.5)).pass_index = 7
    bpy.data.materials["Sail colour"].pass_index = 3
    nodes.link(node, result)
    return scene, node, result


def add(node: bpy.types.Node, source: str, *names: str, **values: object) -> bpy.types.PropertyGroup:
    """A region of a node."""
    region = node.node_tree.stylestrip_node.settings.regions.add()
    region.name, region.source = names[0] if names else source, source
    for name in names:
        region.things.add().name = name
    for name, value in values.items():
        setattr(region, name, value)
    return region


def mattes_of_blender(
    scene: bpy.types.Scene, result: bpy.types.NodeSocket, names: list[str], folder: Path
) -> list[str]:
    """What Blender's own Cryptomatte node makes of objects, as pictures."""
    layer = scene.view_layers[0]
    layer.use_pass_cryptomatte_object = True
    matte = result.id_data.nodes.new("CompositorNodeCryptomatteV2")
    matte.scene, matte.layer_name, matte.matte_id = scene, f"{layer.name}.CryptoObject", ",".join(names)
    before = result.links[0].from_socket
    result.id_data.links.new(matte.outputs["Matte"], result)
    files = nodes.render(scene, folder)
    result.id_data.links.new(before, result)
    layer.use_pass_cryptomatte_object = False
    return files


def two_styles(plan: dict) -> dict:
    """Two things in two styles; what the render was without them, and where they are."""
    scene, node, result = cards(plan)
    folder = Path(plan["folder"])
    link = result.links[0].from_socket
    node.id_data.links.new(node.inputs["Image"].links[0].from_socket, result)
    before = nodes.render(scene, folder / "before")
    node.id_data.links.new(link, result)
    for name, style in (("Card", plan["settings"]["style"]), ("Sail", plan["other"])):
        add(node, "CRYPTOMATTE", name, paint="OWN", picture="FILE", style=style, look="bold")
    layer = scene.view_layers[0]
    passes = [getattr(layer, f"use_pass_{name}") for name in SWITCHES]
    problem = nodes.said(bpy.ops.stylestrip.bake_node, node=node.name)
    told = {
        "problem": problem,
        "passes": [passes, [getattr(layer, f"use_pass_{name}") for name in SWITCHES]],
        "before": before,
        "after": nodes.render(scene, folder / "after"),
        "told": list(nodes.part("compositor.check").told),
        "feather": node.node_tree.stylestrip_node.settings.regions[0].feather,
    }
    for name in ("Card", "Sail"):
        told[name] = mattes_of_blender(scene, result, [name], folder / name)
    return told


def rendered(folder: Path) -> dict[str, int]:
    """What was rendered for nodes, and when."""
    return {str(file): file.stat().st_mtime_ns for file in (folder / "cache").glob("render-*/**/*.exr")}


def changed(plan: dict) -> dict:
    """A region that other things belong to: what is rendered for it, and what is known of that."""
    _, node, _ = cards(plan)
    folder, own = Path(plan["folder"]), node.node_tree.stylestrip_node
    region = add(node, "CRYPTOMATTE", "Card")
    bake = bpy.ops.stylestrip.bake_node
    told = {"first": nodes.said(bake, node=node.name), "rendered": [rendered(folder)], "fresh": [own.problem(1)]}
    region.things[0].name = "Sa*"
    told["fresh"].append(own.problem(1))
    told["second"] = nodes.said(bake, node=node.name)
    told["fresh"].append(own.problem(1))
    told["rendered"].append(rendered(folder))
    for known_by in ("material", "asset"):
        add(node, "CRYPTOMATTE", "Sail colour" if known_by == "material" else "Sail", known_by=known_by)
        add(node, "INDEX", known_by=known_by if known_by == "material" else "object", pass_index=7)
    node.node_tree.stylestrip_node.settings.regions["INDEX"].pass_index = 3
    sail, wall = bpy.data.objects["Sail"], bpy.data.objects["Wall"]
    sail.parent, sail.matrix_parent_inverse = wall, wall.matrix_world.inverted()
    told["third"] = nodes.said(bake, node=node.name)
    told["rendered"].append(rendered(folder))
    newest = max((folder / "cache").glob("*/job.json"), key=lambda file: file.stat().st_mtime)
    told["regions"] = json.loads(newest.read_text())["regions"]
    return told


def refused(plan: dict) -> dict:
    """Regions that cannot be known, and with which words."""
    scene, node, _ = cards(plan)
    bake, told = bpy.ops.stylestrip.bake_node, {}
    own, image = node.node_tree.stylestrip_node.settings, node.inputs["Image"]
    region = add(node, "CRYPTOMATTE")
    told["empty"] = nodes.said(bake, node=node.name)
    region.things.add().name = "Nobody"
    told["unknown"] = nodes.said(bake, node=node.name)
    region.things[0].name = "Card"
    scene.render.engine = "BLENDER_WORKBENCH"
    told["Workbench"] = nodes.said(bake, node=node.name)
    region.source = "INDEX"
    scene.render.engine = "BLENDER_EEVEE" if bpy.app.version >= (5, 0, 0) else "BLENDER_EEVEE_NEXT"
    told["EEVEE"] = nodes.said(bake, node=node.name)
    scene.render.engine = "CYCLES"
    region.known_by = "asset"
    told["asset"] = nodes.said(bake, node=node.name)
    region.source, region.known_by = "CRYPTOMATTE", "object"
    layers, tree = image.links[0].from_node, node.id_data
    scene.view_layers.new("Second")
    second, mix = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("CompositorNodeAlphaOver")
    second.scene, second.layer = scene, "Second"
    colours = [socket for socket in mix.inputs if socket.type == "RGBA"]
    for one, socket in zip((layers, second), colours, strict=True):
        tree.links.new(one.outputs["Image"], socket)
    tree.links.new(mix.outputs[0], image)
    told["two layers"] = nodes.said(bake, node=node.name)
    region.layer = "Third"
    told["another layer"] = nodes.said(bake, node=node.name)
    blur = tree.nodes.new("CompositorNodeBlur")
    tree.links.new(layers.outputs["Image"], blur.inputs["Image"])
    tree.links.new(blur.outputs["Image"], image)
    told["blurred"] = nodes.said(bake, node=node.name)
    picture = tree.nodes.new("CompositorNodeImage")
    picture.image = bpy.data.images.load(plan["settings"]["style"])
    tree.links.new(picture.outputs["Image"], image)
    told["picture"] = nodes.said(bake, node=node.name)
    try:
        region.source = "STRIP"
    except TypeError as error:
        told["of strips"] = str(error)
    told["count"] = node.node_tree.stylestrip_node.count
    own.regions.clear()
    return told


def listed(plan: dict) -> dict:
    """The list of regions, changed by the buttons of a node editor."""
    scene, node, _ = cards(plan)
    own, ops = node.node_tree.stylestrip_node.settings, bpy.ops.stylestrip
    window = bpy.context.window_manager.windows[0]
    window.scene, window.view_layer = scene, scene.view_layers[0]
    area = max(window.screen.areas, key=lambda one: one.width * one.height)
    area.ui_type = "CompositorNodeTree"
    area.spaces.active.node_tree = node.id_data
    node.id_data.nodes.active = node
    for one in scene.objects:
        one.select_set(one.name in ("Card", "Sail"))
    told = {}
    with bpy.context.temp_override(window=window, area=area, region=area.regions[0]):
        ops.add_region(source="FACES")
        ops.add_region(source="CRYPTOMATTE")
        told["of strips"] = nodes.said(ops.add_region, source="STRIP")
        region = own.regions[1]
        for known_by in ("object", "material", "asset"):
            region.known_by = known_by
            ops.add_selected_things()
            told[known_by] = [thing.name for thing in region.things]
            region.things.clear()
        ops.add_thing()
        ops.remove_thing()
        told["things"] = len(region.things)
        ops.move_region(way="UP")
        told["moved"] = [one.name for one in own.regions]
        ops.remove_region()
        told["removed"] = [one.name for one in own.regions]
        told["no things"] = ops.add_thing.poll()
    own.regions.add().name = "Faces"
    told["names"] = [one.name for one in own.regions]
    return told


CASES = {"two styles": two_styles, "changed": changed, "refused": refused, "listed": listed}

if __name__ == "__main__":
    importlib.invalidate_caches()
    stage.perform(lambda plan: CASES[plan["case"]](plan))
