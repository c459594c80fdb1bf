"""What was hidden a frame before: rays through the middles of the pixels, against every triangle of a scene."""

from collections.abc import Iterator
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils.bvhtree import BVHTree

# A ray that ends this near before a point, as a part of its way, has met the point: coordinates have 24 bits.
NEAR = 1e-4


@dataclass(frozen=True)
class Moment:
    """A scene in one frame; places in metres, in the world's coordinates."""

    corners: np.ndarray  # (triangles, 3, 3), the corners of each; triangles keep their numbers from frame to frame
    tree: BVHTree
    camera: np.ndarray  # (4, 4) from the camera's coordinates to the world's
    view: np.ndarray  # (2,) of a plane one metre before the camera, half of what is seen to the right and up


def occlusions(scene: bpy.types.Scene, size: tuple[int, int]) -> Iterator[tuple[int, np.ndarray]]:
    """For each frame but the first, from the last on, where it shows what the frame before does not.

    Args:
        scene: with frames and camera; all meshes of triangles.
        size: width and height in pixels.

    Yields:
        The frame's number, and (H, W) bool: whether the surface point in the pixel's middle was behind another one or
        beyond the picture's borders.
    """
    now = None
    for frame in range(scene.frame_end, scene.frame_start - 1, -1):
        scene.frame_set(frame)
        before = moment(scene, size)
        if now:
            numbers, shares = look(now, size)
            yield frame + 1, is_hidden(before, (before.corners[numbers] * shares[..., None]).sum(axis=-2))
        now = before


def moment(scene: bpy.types.Scene, size: tuple[int, int]) -> Moment:
    """The scene as it is now."""
    graph = bpy.context.evaluated_depsgraph_get()
    corners = np.concatenate([triangles(thing.evaluated_get(graph)) for thing in scene.objects if thing.type == "MESH"])
    tree = BVHTree.FromPolygons(corners.reshape(-1, 3).tolist(), np.arange(corners.size // 3).reshape(-1, 3).tolist())
    lens = scene.camera.data
    view = np.array(size) / max(size) * lens.sensor_width / lens.lens / 2
    return Moment(corners, tree, np.array(scene.camera.evaluated_get(graph).matrix_world), view)


def triangles(thing: bpy.types.Object) -> np.ndarray:
    """The corners of a thing's triangles, (triangles, 3, 3), in the world's coordinates."""
    places, order = np.zeros(3 * len(thing.data.vertices)), np.zeros(len(thing.data.loops), np.int32)
    thing.data.vertices.foreach_get("co", places)
    thing.data.loops.foreach_get("vertex_index", order)
    return moved(np.array(thing.matrix_world), places.reshape(-1, 3))[order].reshape(-1, 3, 3)


def moved(matrix: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Places (..., 3) after a transformation (4, 4)."""
    return places @ matrix[:3, :3].T + matrix[:3, 3]


def look(now: Moment, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """What is seen in the middle of each pixel: a triangle's number (H, W), and the shares of its corners (H, W, 3)."""
    x, y = (((np.arange(side) + 0.5) / side * 2 - 1) * half for side, half in zip(size, now.view, strict=True))
    right, up = np.meshgrid(x, -y)
    eye, ahead = now.camera[:3, 3], np.stack([right, up, np.full_like(up, -1)], axis=-1) @ now.camera[:3, :3].T
    met = [now.tree.ray_cast(eye, way)[::2] for way in ahead.reshape(-1, 3).tolist()]
    places = np.array([place for place, _ in met]).reshape(ahead.shape)
    numbers = np.array([number for _, number in met]).reshape(right.shape)
    return numbers, shares_of(places, now.corners[numbers])


def shares_of(places: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Barycentric coordinates (..., 3) of places (..., 3) in triangles with these corners (..., 3, 3)."""
    opposite = np.roll(corners, -2, axis=-2) - np.roll(corners, -1, axis=-2)
    across = np.cross(opposite, places[..., None, :] - np.roll(corners, -1, axis=-2))
    whole = across.sum(axis=-2, keepdims=True)
    return (across * whole).sum(axis=-1) / np.square(whole).sum(axis=-1)


def is_hidden(before: Moment, places: np.ndarray) -> np.ndarray:
    """Which places (H, W, 3) cannot be seen, (H, W) bool: behind something, or beyond the picture's borders."""
    seen_from = moved(np.linalg.inv(before.camera), places)
    beyond = (np.abs(seen_from[..., :2]) > before.view * -seen_from[..., 2:]).any(axis=-1)
    ways = places - before.camera[:3, 3]
    free = [before.tree.ray_cast(before.camera[:3, 3], way)[3] or np.inf for way in ways.reshape(-1, 3).tolist()]
    behind = np.reshape(free, beyond.shape) < np.linalg.norm(ways, axis=-1) * (1 - NEAR)
    return beyond | behind
