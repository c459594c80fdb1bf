"""What decides how that looks which reaches a node, as far as the compositor knows: by that a render is known again.

What happens in the scenes that are rendered is no part of it, nor what is tracked or keyed in masks: who changes those
asks for another render, and live renders make one by themselves (see `may_have_changed`).
"""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy
from bpy.types import ID, CompositorNodeTree, Image, Mask, MovieClip, Node, Scene

from ...style_core.job import UserError
from . import versions
from .images import pixels_of
from .passes import Passes
from .strip_state import Unknown, keys_of, plain, stamp
from .upstream import RENDER_LAYERS, nodes_before, source_socket

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
    return [source_socket(node).identifier, keys_in(tree), states_of(nodes_before(source_socket(node)))]


def keys_in(known: ID) -> Any:
    """The keys of a node tree; drivers may do anything."""
    try:
        return keys_of(known)
    except Unknown:
        return uuid.uuid4().hex


def states_of(nodes: Iterable[Node]) -> list[Any]:
    """All that is set in nodes, and in those inside them."""
    return [
        [one.name, one.bl_idname, values_of(one), inputs_of(one)] for one in sorted(nodes, key=lambda one: one.name)
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
    """By what a thing of Blender is known again: its name, and what it holds or its files hold now."""
    if isinstance(known, CompositorNodeTree):
        return [known.name, keys_in(known), states_of(known.nodes)]
    if isinstance(known, Mask):
        return [known.name, keys_in(known), known.frame_start, [plain_layer(layer) for layer in known.layers]]
    if isinstance(known, Scene):  # which of its frames are rendered changes none of them
        return [known.name]
    colours = getattr(known, "colorspace_settings", None)
    offset = [getattr(known, name, None) for name in ("frame_start", "frame_offset", "alpha_mode", "source")]
    pixels = pixels_of(known) if isinstance(known, Image) else []
    return [known.name, files_of(known), colours and colours.name, offset, pixels]


def files_of(known: ID) -> list[Any]:
    """The path of an image or a clip, and by what its file is known again; of numbered ones, all of them."""
    path = getattr(known, "filepath", "")
    if not path:
        return []
    file = Path(bpy.path.abspath(path, library=known.library))
    if getattr(known, "source", "") != "SEQUENCE":
        return [path, stamp(file) if file.is_file() else None]
    parts = re.fullmatch(r"(.*?)(\d*)(\D*)", file.stem)
    one = re.compile(rf"{re.escape(parts[1])}\d+{re.escape(parts[3] + file.suffix)}")
    found = file.parent.iterdir() if file.parent.is_dir() else ()
    stamps = sorted(stamp(each) for each in found if one.fullmatch(each.name) and each.is_file())
    return [path, hashlib.sha256(json.dumps(stamps).encode()).hexdigest()]


def plain_layer(layer: bpy.types.MaskLayer) -> list[Any]:
    """A layer of a mask, as it is at this frame."""
    splines = [[values_of(spline), [values_of(point) for point in spline.points]] for spline in layer.splines]
    return [values_of(layer), layer.name, splines]


def require_saved(node: Node) -> None:
    """Raises UserError if an image that a node's frames are made of holds what only this Blender knows: a second one,
    which has a copy of the file, would render it without that."""
    held = [(one, known) for one in nodes_before(source_socket(node)) for known in held_by(one)]
    for one, known in held:
        if isinstance(known, Image) and known.is_dirty:
            raise UserError(
                f"Image '{known.name}' of node '{one.name}' has been painted on and is not saved: save it in the image "
                "editor (Alt S), or pack it."
            )


def may_have_changed(nodes: Iterable[Node]) -> bool:
    """Whether what nodes show may have changed though their state is the same."""
    return any(one.bl_idname == RENDER_LAYERS or any(is_unknown(one, known) for known in held_by(one)) for one in nodes)


def held_by(node: Node) -> Iterator[ID]:
    """What a node shows or takes something from."""
    for known in node.bl_rna.properties:
        value = getattr(node, known.identifier) if known.type == "POINTER" else None
        if isinstance(value, ID):
            yield value


def is_unknown(node: Node, known: ID) -> bool:
    """Whether a thing of Blender that a node holds may have changed, and nobody knows."""
    if isinstance(known, CompositorNodeTree):
        return may_have_changed(known.nodes)
    if isinstance(known, Image):
        return known.type not in ("IMAGE", "MULTILAYER", "UV_TEST")
    # Other nodes take from a clip what is tracked in it.
    return not (isinstance(known, MovieClip) and node.bl_idname == "CompositorNodeMovieClip")


def inputs_of(node: Node) -> list[Any]:
    """What reaches each input of a node, or what is set there."""
    return [
        [one.from_socket.node.name + "/" + one.from_socket.identifier for one in entry.links]
        or plain_input(getattr(entry, "default_value", None))
        for entry in node.inputs
    ]


def plain_input(value: Any) -> Any:
    """What is set in an input, which may be a thing of Blender."""
    return named(value) if isinstance(value, ID) else plain(value)
