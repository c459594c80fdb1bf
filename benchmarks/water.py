"""Renders a short clip of waves in the evening sun, whose glints come and go: what flow can follow least.

    .envs/bpy-5.2/bin/python -m benchmarks.water OUT [--frames N] [--width W]

In OUT are 0001.png and so on, 8 bits sRGB.
"""

import argparse
from pathlib import Path

import bpy

from benchmarks.clips import image_settings, render
from benchmarks.scenes import stage

RAYS = 48  # a pixel
FRAMES_A_SECOND = 24
# Sky from the horizon up: where it ends, 0..1, and its colour.
SKY = ((0.0, (1.0, 0.45, 0.16)), (0.12, (0.9, 0.5, 0.4)), (0.5, (0.08, 0.2, 0.5)))
SUN, SEA = (1.0, 0.75, 0.4), (0.005, 0.06, 0.08)


def build() -> None:
    """The sea, an island that stands still in it, and the light."""
    stage.add_camera((0, -14, 2.2), pitch=-3, lens=32)
    bpy.ops.mesh.primitive_plane_add()
    sea = bpy.context.object
    ocean = sea.modifiers.new("Ocean", "OCEAN")
    ocean.resolution, ocean.spatial_size, ocean.repeat_x, ocean.repeat_y = 12, 30, 3, 4
    ocean.wave_scale, ocean.choppiness, ocean.wind_velocity = 0.9, 1.1, 9
    sea.location = (-30, -8, 0)
    for frame in (0, FRAMES_A_SECOND):
        ocean.time = 2 + frame / FRAMES_A_SECOND
        ocean.keyframe_insert("time", frame=frame)
    for strip in curves(sea):
        strip.extrapolation = "LINEAR"
        for key in strip.keyframe_points:
            key.interpolation = "LINEAR"
    sea.data.materials.append(material("Sea", SEA, 0.08))
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=4, radius=5, location=(6, 22, -1))
    island = bpy.context.object
    island.scale = (2.2, 1, 0.9)
    roughen = island.modifiers.new("Rocks", "DISPLACE")
    roughen.texture, roughen.strength = bpy.data.textures.new("Rocks", "CLOUDS"), 2.5
    island.data.materials.append(material("Rock", (0.08, 0.06, 0.04), 0.9))
    light()


def curves(thing: bpy.types.Object) -> list[bpy.types.FCurve]:
    """The curves of a thing's keys."""
    action = thing.animation_data.action
    return list(action.layers[0].strips[0].channelbag(thing.animation_data.action_slot).fcurves)


def material(name: str, colour: tuple[float, float, float], roughness: float) -> bpy.types.Material:
    """What reflects sky and sun."""
    found = bpy.data.materials.new(name)
    found.use_nodes = True
    surface = next(node for node in found.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    surface.inputs["Base Color"].default_value = (*colour, 1)
    surface.inputs["Roughness"].default_value = roughness
    return found


def light() -> None:
    """An evening sky, and a low sun before the camera."""
    world = bpy.data.worlds.new("Sky")
    world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    sky = next(node for node in nodes if node.type == "BACKGROUND")
    ramp, ways = nodes.new("ShaderNodeValToRGB"), nodes.new("ShaderNodeSeparateXYZ")
    for place, colour in SKY[1:-1]:
        ramp.color_ramp.elements.new(place).color = (*colour, 1)
    for end in (0, -1):
        ramp.color_ramp.elements[end].position, ramp.color_ramp.elements[end].color = SKY[end][0], (*SKY[end][1], 1)
    links.new(nodes.new("ShaderNodeTexCoord").outputs["Generated"], ways.inputs["Vector"])
    links.new(ways.outputs["Z"], ramp.inputs["Fac"])
    links.new(ramp.outputs["Color"], sky.inputs["Color"])
    bpy.context.scene.world = world
    bpy.ops.object.light_add(type="SUN", rotation=(-1.35, 0.25, 0))
    sun = bpy.context.object.data
    sun.energy, sun.color, sun.angle = 5, SUN, 0.05


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("out", type=Path)
    options.add_argument("--frames", type=int, default=16)
    options.add_argument("--width", type=int, default=288)
    given = options.parse_args()
    scene = stage.empty_scene()
    build()
    scene.frame_start, scene.frame_end, scene.render.fps = 1, given.frames, FRAMES_A_SECOND
    scene.render.engine, scene.cycles.device, scene.cycles.samples = "CYCLES", "CPU", RAYS
    scene.view_settings.view_transform = "Standard"
    scene.render.resolution_x, scene.render.resolution_y = given.width, round(given.width * 9 / 16)
    settings = image_settings(scene, "IMAGE")
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGB", "8"
    render(scene, given.out.resolve())


if __name__ == "__main__":
    main()
