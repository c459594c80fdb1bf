"""What all scenes need of Blender: an empty scene, painted things, a camera, and motion key by key."""

from collections.abc import Callable
from typing import Any

import bpy
import numpy as np

SENSOR = 36.0  # millimetres across


def empty_scene() -> bpy.types.Scene:
    """Blender's only scene, after all else is gone."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene


def add_camera(at: tuple[float, float, float], pitch: float, lens: float) -> bpy.types.Object:
    """A camera that looks along y, upwards by `pitch` degrees, through a lens of so many millimetres."""
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.lens, camera.data.sensor_width = lens, SENSOR
    camera.location, camera.rotation_euler = at, (np.radians(90 + pitch), 0, 0)
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    return camera


def add(name: str, points: np.ndarray, paint: bpy.types.Material, at: tuple[float, float, float] = (0, 0, 0),
        turn: float = 0.0) -> bpy.types.Object:  # fmt: skip
    """A painted thing at a place, turned about the upright axis by `turn` radians.

    Args:
        name: how the thing is called.
        points: one net (rows, columns, 3), or several (nets, rows, columns, 3) with the picture cut into columns
            between them; the picture's upper edge comes to lie along their first row.
        paint: what it is covered with.
        at: where its origin lies, in metres.
        turn: counter-clockwise seen from above.
    """
    nets = points.reshape(-1, *points.shape[-3:])
    thing = bpy.data.objects.new(name, mesh(name, nets))
    thing.data.materials.append(paint)
    thing.location, thing.rotation_euler = at, (0, 0, turn)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def mesh(name: str, nets: np.ndarray) -> bpy.types.Mesh:
    """A mesh of triangles from nets (nets, rows, columns, 3), with the picture's coordinates."""
    count, rows, columns = nets.shape[:3]
    number = np.arange(count * rows * columns).reshape(count, rows, columns)
    first, last, below, beside = number[:, :-1, :-1], number[:, 1:, 1:], number[:, 1:, :-1], number[:, :-1, 1:]
    faces = np.stack([first, below, last, first, last, beside], axis=-1).reshape(-1, 3)
    found = bpy.data.meshes.new(name)
    found.from_pydata(nets.reshape(-1, 3).tolist(), [], faces.tolist())
    places = picture_places(count, rows, columns).reshape(-1, 2)[faces]
    found.uv_layers.new(name="Picture").uv.foreach_set("vector", places.ravel())
    return found


def picture_places(count: int, rows: int, columns: int) -> np.ndarray:
    """Where in the picture the points lie, (count, rows, columns, 2), 0..1 to the right and up."""
    first, across = np.arange(count)[:, None, None], np.linspace(0, 1, columns)[None, None]
    up = np.linspace(1, 0, rows)[None, :, None]
    return np.stack(np.broadcast_arrays((first + across) / count, up), axis=-1).astype(np.float32)


def paint(name: str, picture: np.ndarray) -> bpy.types.Material:
    """Paint that shines with a picture's own colours (H, W, 3), 0..1, whatever the light: so there is no noise."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    texture, glow = nodes.new("ShaderNodeTexImage"), nodes.new("ShaderNodeEmission")
    texture.image, texture.extension = image(name, picture), "EXTEND"
    links.new(texture.outputs["Color"], glow.inputs["Color"])
    links.new(glow.outputs["Emission"], nodes.new("ShaderNodeOutputMaterial").inputs["Surface"])
    return material


def image(name: str, picture: np.ndarray) -> bpy.types.Image:
    """A picture (H, W, 3), sRGB 0..1, as Blender holds it: from the lowest row up, and with alpha."""
    height, width = picture.shape[:2]
    held = bpy.data.images.new(name, width, height)
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = picture[::-1]
    held.pixels.foreach_set(pixels.ravel())
    held.update()
    return held


def add_bend(thing: bpy.types.Object, name: str, points: np.ndarray) -> bpy.types.ShapeKey:
    """A shape key: where the points lie, in the order of `add`, while the thing is bent that way all through."""
    if not thing.data.shape_keys:
        thing.shape_key_add(name="Basis")
    key = thing.shape_key_add(name=name)
    key.slider_min, key.slider_max = -1, 1
    key.data.foreach_set("co", points.astype(np.float32).ravel())
    return key


def animate(owner: bpy.types.bpy_struct, path: str, frames: int, value: Callable[[int], Any]) -> None:
    """Keys a property in every frame, and in one before and one after them: there too the Vector pass looks."""
    for frame in range(frames + 2):
        setattr(owner, path, value(frame))
        owner.keyframe_insert(path, frame=frame)
