"""Run in Blender: demo_file.py [--] PLAN.json. Saves a .blend with a timeline to stylize and a node to bake.

The plan names the "file" to save, a "result" to write when that is done, and the "zip" to install first, if need be.
All that the file shows is made here and lies in it, so that it can be given to others. Save it with the oldest Blender
that shall open it.
"""

import json
import os
import sys
import traceback
from math import radians
from pathlib import Path

import bpy

EXTENSION = "bl_ext.user_default.stylestrip"
IS_GROUP = bpy.app.version >= (5, 0, 0)  # the compositor of a scene is a node group
SIZE, RATE, FRAMES = (640, 360), 24, 24
# Name, shape, place, size and colour of what is in the scene.
THINGS = (
    ("Floor", "plane", (0, 0, 0), 40, (0.32, 0.27, 0.22)),
    ("House", "cube", (-1.9, 0.4, 0.8), 1.6, (0.7, 0.22, 0.16)),
    ("Ball", "uv_sphere", (0.4, -1.4, 0.6), 1.2, (0.9, 0.62, 0.12)),
    ("Tree", "cone", (2.3, 0.9, 1.3), 2.6, (0.12, 0.42, 0.2)),
)
TURNING = "Ball"


def main(plan: dict) -> None:
    """Makes the file."""
    if plan.get("zip"):
        bpy.ops.extensions.package_install_files(filepath=plan["zip"], repo="user_default", enable_on_install=False)
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.preferences.addon_enable(module=EXTENSION)
    shot = make_shot()
    timeline = make_timeline(shot)
    make_compositor(shot)
    show(timeline)
    bpy.ops.wm.save_as_mainfile(filepath=plan["file"], compress=True)


def show(scene: bpy.types.Scene) -> None:
    """Makes a scene the window's and the sequencer's own."""
    bpy.context.window_manager.windows[0].scene = scene
    if hasattr(bpy.context.workspace, "sequencer_scene"):
        bpy.context.workspace.sequencer_scene = scene


def sized(scene: bpy.types.Scene) -> bpy.types.Scene:
    """Size, rate and length of all scenes."""
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.render.fps, scene.frame_start, scene.frame_end = RATE, 1, FRAMES
    return scene


def make_shot() -> bpy.types.Scene:
    """A few solid things in the sun, past which a camera moves."""
    scene = sized(bpy.context.scene)
    scene.name = "Shot"
    scene.view_settings.view_transform = "Standard"
    scene.render.engine, scene.cycles.samples = "CYCLES", 16  # which needs no graphics card
    scene.world = bpy.data.worlds.new("Sky")
    scene.world.color = (0.45, 0.62, 0.85)
    for thing in THINGS:
        add_thing(*thing)
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.data.energy, sun.rotation_euler = 3.0, (radians(50), radians(12), radians(30))
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.rotation_euler = (radians(77), 0, 0)
    for one in (sun, camera):
        scene.collection.objects.link(one)
    scene.camera = camera
    for frame, x in ((1, -0.9), (FRAMES, 0.9)):
        camera.location = (x, -9.5, 3.0)
        camera.keyframe_insert("location", frame=frame)
    ball = bpy.data.objects[TURNING]
    for frame, x in ((1, -0.8), (FRAMES, 1.4)):
        ball.location.x, ball.rotation_euler.y = x, x * 2
        ball.keyframe_insert("location", frame=frame)
        ball.keyframe_insert("rotation_euler", frame=frame)
    return scene


def add_thing(name: str, shape: str, place: tuple, size: float, colour: tuple) -> None:
    """One of THINGS, in a material of its own."""
    half = (
        {"radius": size / 2}
        if shape == "uv_sphere"
        else {"radius1": size / 2, "depth": size}
        if shape == "cone"
        else {"size": size}
    )
    getattr(bpy.ops.mesh, f"primitive_{shape}_add")(location=place, **half)
    one = bpy.context.object
    one.name = name
    if shape == "uv_sphere":
        one.data.shade_smooth()
    material = bpy.data.materials.new(name)
    material.diffuse_color = (*colour, 1)
    material.use_nodes = True
    surface = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    surface.inputs["Base Color"].default_value = (*colour, 1)
    surface.inputs["Roughness"].default_value = 0.6
    one.data.materials.append(material)


def make_timeline(shot: bpy.types.Scene) -> bpy.types.Scene:
    """A scene strip with picture and look chosen, and a title above it."""
    scene = sized(bpy.data.scenes.new("Timeline"))
    scene.view_settings.view_transform = "Standard"
    strips = scene.sequence_editor_create().strips
    show(scene)
    strip = strips.new_scene("Shot", shot, channel=1, frame_start=1)
    length = {"length": FRAMES - 1} if IS_GROUP else {"frame_end": FRAMES}
    title = strips.new_effect("Title", "TEXT", channel=3, frame_start=1, **length)
    title.text, title.font_size, title.location = "Select the strip 'Shot', and press Stylize", 28, (0.5, 0.06)
    own = strip.stylestrip
    own.picture, own.look, own.quality, own.style_weight = "oil-swirl", "painting", "draft", 1.2
    scene.sequence_editor.active_strip = strip
    strip.select, title.select = True, False
    return scene


def make_compositor(scene: bpy.types.Scene) -> None:
    """Render Layers through a Neural Style node, which paints all of it, and one thing in another style."""
    if IS_GROUP:
        tree = scene.compositing_node_group = bpy.data.node_groups.new("Painted", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        end = tree.nodes.new("NodeGroupOutput")
    else:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        end = tree.nodes.new("CompositorNodeComposite")
    layers, node = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("CompositorNodeStylestrip")
    layers.scene = scene
    layers.location, node.location, end.location = (-400, 100), (0, 100), (360, 100)
    tree.links.new(layers.outputs["Image"], node.inputs["Image"])
    tree.links.new(node.outputs["Image"], end.inputs[0])
    own = node.node_tree.stylestrip_node
    # Until it is baked, renders show the image as it is.
    own.if_missing = "SOURCE"
    own.settings.picture, own.settings.quality, own.settings.rest = "watercolour", "draft", True
    region = own.settings.regions.add()
    region.name, region.source, region.known_by = TURNING, "CRYPTOMATTE", "object"
    region.things.add().name = TURNING
    region.paint, region.picture = "OWN", "woodcut"


if __name__ == "__main__":
    code = 1
    try:
        asked = json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8"))
        main(asked)
        Path(asked["result"]).write_text(json.dumps({"blender": bpy.app.version_string}), encoding="utf-8")
        code = 0
    except Exception:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the 4.5 module hangs when Python ends the usual way
