"""What decides how that looks which reaches a node, as far as the compositor knows: by that a render is known again.

What happens in the scenes that are rendered is no part of it: who changes those asks for another render.
"""

import hashlib
import json
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy
from bpy.types import ID, CompositorNodeTree, Node, Scene

from . import versions
from .passes import Passes
from .strip_state import Unknown, keys_of, plain, stamp
from .upstream import nodes_before, source_socket

OF_RENDER = ("resolution_x", "resolution_y", "resolution_percentage", "engine", "use_motion_blur", "film_transparent")
# Where a node stands, and what a person sees of it.
SKIPPED = {
    "rna_type", "name", "label", "parent", "location", "location_absolute", "width", "height", "dimensions", "select",
    "show_options", "show_preview", "hide", "use_custom_color", "color", "color_tag", "show_texture", "inputs",
    "outputs", "internal_links", "warning_propagation", "bl_width_default", "debug_zone_body_lazy_function_graph",
    "debug_zone_lazy_function_graph",
}  # fmt: skip


def state_of(scene: Scene, node: Node, passes: Passes) -> str:
    """16 hexadecimal digits that change whenever the nodes before a node, their files or the frame's size do, or other
    passes are needed: what a region takes from them is no part of it, and is found in those that are there."""
    parts = [
        bpy.app.version_string,
        bpy.data.filepath,
        scene.name,
        asdict(passes),
        [getattr(scene.render, name) for name in OF_RENDER],
        *nodes_state(versions.compositor_of(scene), node),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def nodes_state(tree: CompositorNodeTree, node: Node) -> list[Any]:
    """All that is set in the nodes of a tree that come before one of them."""
    before = nodes_before(source_socket(node))
    try:
        keys = keys_of(tree)
    except Unknown:  # drivers may do anything
        keys = uuid.uuid4().hex
    return [
        source_socket(node).identifier,
        keys,
        [[one.name, one.bl_idname, values_of(one), inputs_of(one)] for one in sorted(before, key=lambda n: n.name)],
    ]


def values_of(struct: bpy.types.bpy_struct) -> dict[str, Any]:
    """What is set in a node or a part of it."""
    values = {}
    for known in struct.bl_rna.properties:
        name = known.identifier
        if name in SKIPPED or known.type == "COLLECTION" or name.startswith("bl_"):
            continue
        value = getattr(struct, name)
        if known.type == "POINTER":
            values[name] = value and (named(value) if isinstance(value, ID) else values_of(value))
        else:
            values[name] = plain(value)
    return values


def named(known: ID) -> list[Any]:
    """By what a thing of Blender is known again: its name, and its file as it is now."""
    path = getattr(known, "filepath", "")
    file = Path(bpy.path.abspath(path, library=known.library)) if path else None
    colours = getattr(known, "colorspace_settings", None)
    offset = [getattr(known, name, None) for name in ("frame_start", "frame_offset", "alpha_mode", "source")]
    return [known.name, path, stamp(file) if file and file.is_file() else None, colours and colours.name, offset]


def inputs_of(node: Node) -> list[Any]:
    """What reaches each input of a node, or what is set there."""
    return [
        [one.from_socket.node.name + "/" + one.from_socket.identifier for one in entry.links]
        or plain(getattr(entry, "default_value", None))
        for entry in node.inputs
    ]
