"""A small scene of solid things in a light, and a compositor around it, for pictures of the Neural Style node."""

import bpy
import node as nodes

COLOURS = {"Monkey": (0.75, 0.35, 0.16), "Ring": (0.15, 0.42, 0.55), "Floor": (0.3, 0.28, 0.25)}


def solid(name: str, place: tuple[float, float, float], turn: tuple[float, float, float]) -> bpy.types.Object:
    """What was added last, smooth and in a colour of its own."""
    one = bpy.context.object
    one.name, one.location, one.rotation_euler = name, place, turn
    one.data.shade_smooth()
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    surface = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    surface.inputs["Base Color"].default_value = (*COLOURS[name], 1)
    surface.inputs["Roughness"].default_value = 0.4
    one.data.materials.append(material)
    return one


def things(scene: bpy.types.Scene) -> None:
    """A monkey's head and a ring on a floor, before a camera."""
    bpy.ops.mesh.primitive_plane_add(size=60)
    solid("Floor", (0, 0, 0), (0, 0, 0))
    bpy.ops.mesh.primitive_monkey_add(size=2)
    head = solid("Monkey", (-1.0, 0, 0.85), (-0.35, 0, 0.5))
    head.modifiers.new("Round", "SUBSURF").render_levels = 2
    bpy.ops.mesh.primitive_torus_add(major_radius=0.8, minor_radius=0.34, major_segments=64, minor_segments=24)
    solid("Ring", (1.35, 0.5, 1.12), (1.35, 0.2, -0.5))
    light = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    light.data.energy, light.data.angle, light.rotation_euler = 2.5, 0.3, (0.6, 0.3, 0.4)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.location, camera.rotation_euler, camera.data.lens = (0.12, -7.6, 2.6), (1.36, 0, 0), 50
    for one in (light, camera):
        scene.collection.objects.link(one)
    scene.camera = camera
    scene.world = bpy.data.worlds.new("Sky")
    scene.world.use_nodes = True
    background = scene.world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value, background.inputs["Strength"].default_value = (0.55, 0.7, 0.9, 1), 0.7


def composited(size: tuple[int, int], samples: int) -> tuple[bpy.types.Scene, bpy.types.Node]:
    """The scene, one frame of it, with a Neural Style node between its render and the result."""
    scene = nodes.new_scene({"size": size}, 1)
    scene.cycles.samples = samples
    things(scene)
    tree, result = nodes.compositor(scene)
    layers, node = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new(nodes.KIND)
    layers.scene, layers.layer = scene, scene.view_layers[0].name
    layers.location, node.location, result.node.location = (-340, 120), (0, 120), (320, 120)
    tree.links.new(layers.outputs["Image"], node.inputs["Image"])
    tree.links.new(node.outputs["Image"], result)
    tree.nodes.active = node
    for one in tree.nodes:
        one.select = one == node
    return scene, node
