"""A Neural Style node in a scene that uses much of what a render may have, painted live and baked."""

import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import live
import stage
from node import link, part, said, set_up, told_by_render


def play(plan: dict) -> dict:
    """What is written in both modes of a node: of a second view layer, over it one of another scene, half the size,
    nothing behind, motion blur, words on the picture, a compositor on the graphics card, and files of its own."""
    scene, node, result = set_up(plan)
    folder, tree = Path(plan["folder"]), node.id_data
    other = bpy.data.scenes.new("Other")
    card = bpy.data.objects["Card"]
    scene.collection.objects.unlink(card)
    other.collection.objects.link(card)
    scene.view_layers.new("Second")
    other.camera, other.render.engine, other.cycles.samples = scene.camera, "CYCLES", 1
    for own in (scene.render, other.render):
        own.resolution_x, own.resolution_y, own.resolution_percentage = 96, 64, 50
        own.film_transparent = own.use_motion_blur = True
    scene.render.use_stamp, scene.render.compositor_device = True, "GPU"
    layers, over = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("CompositorNodeAlphaOver")
    layers.scene, layers.layer = other, other.view_layers[0].name
    node.inputs["Image"].links[0].from_node.layer = "Second"
    below, above = (socket for socket in over.inputs if socket.type == "RGBA")
    tree.links.new(node.inputs["Image"].links[0].from_socket, below)
    tree.links.new(layers.outputs["Image"], above)
    tree.links.new(over.outputs[0], node.inputs["Image"])
    link(node, result)
    for name, socket in (("painted", node.outputs["Image"]), ("matte", node.outputs["Matte"])):
        written_to(tree, socket, folder / name)
    own, told = node.node_tree.stylestrip_node, {}
    for mode in ("LIVE", "CACHE"):
        own.mode = mode
        live.cache_at(folder / f"cache {mode}")
        if mode == "CACHE":
            told["problem"] = said(bpy.ops.stylestrip.bake_node, node=node.name)
        told[mode] = told_by_render(scene, folder / mode)
        for name in ("painted", "matte"):
            (folder / name).rename(folder / f"{name} {mode}")
    part("compositor.live_painter").end()
    return told


def written_to(tree: bpy.types.NodeTree, socket: bpy.types.NodeSocket, folder: Path) -> None:
    """Has a compositor write a picture of each frame by itself."""
    node = tree.nodes.new("CompositorNodeOutputFile")
    if hasattr(node, "directory"):  # since 5.0
        node.directory, node.file_name, node.format.media_type = str(folder), "", "IMAGE"
        node.file_output_items.new("RGBA", "Image")
    else:
        node.base_path = str(folder)
    node.format.file_format, node.format.color_depth = "OPEN_EXR", "32"
    tree.links.new(socket, node.inputs[0])


if __name__ == "__main__":
    stage.perform(play)
