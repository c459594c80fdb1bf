"""What reaches a node in a Compositor modifier of a strip: the strip's own picture, by what stands before the node."""

import hashlib
import json
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import bpy
from bpy.types import CompositorNodeTree, Node, Scene, Strip, StripModifier

from ...style_core.job import UserError, frame_name
from . import versions
from .isolation import isolated, set_format, unfinished_in
from .strip_state import Unknown, everything
from .upstream import linked, source_socket
from .upstream_state import nodes_state
from .ways_in import FILES, MASKING, WayIn, shown_by


def way_of(strip: Strip) -> WayIn:
    """How the frames of a strip come to a node in its modifier: rendered, and not placed."""
    return WayIn("it reaches a node", covers_frame=strip.type not in FILES, within=True)


def result_of(tree: CompositorNodeTree) -> "bpy.types.NodeSocket":
    """The input that takes what a modifier's node group makes; raises UserError if it has no output."""
    result = versions.result_of_compositor(tree)
    if result is None:
        raise UserError(f"Node group '{tree.name}' has no output: add a Group Output to it.")
    return result


def numbers_of(strip: Strip, scene: Scene) -> range:
    """The frames of the timeline at which a strip is seen; raises UserError if it begins before frame 0."""
    left, right = versions.handles(shown_by(strip, scene))
    if left < 0:
        raise UserError(
            f"Strip '{strip.name}' begins at frame {left}: move it to frame 0 or later, as Blender renders nothing "
            "before that."
        )
    return range(left, right)


def render_missing(
    scene: Scene, strip: Strip, modifier: StripModifier, node: Node, folder: Path, numbers: range, ending: str
) -> Iterator[int]:
    """Renders what reaches a node at those frames of the timeline that are not in `folder` yet; gives each of them.

    Args:
        scene: the scene of the strip.
        strip: whose modifier has the node.
        modifier: of the strip; those after it are no part of what reaches the node.
        node: whose input Image is rendered.
        folder: for `000001.exr`, ..., named by frames of the timeline. A frame is complete or not there at all.
        numbers: frames of the timeline.
        ending: that of the files; see `isolation.render_missing`.

    Raises:
        UserError: Blender is rendering already, or cannot.
        OSError: the folder cannot be written.
    """
    tree = modifier.node_group
    names = [one.name for one in strip.modifiers]
    later = names[names.index(modifier.name) + 1 :]
    # Masks lie in the frame, and act on what is shown in the end: paint is as opaque as what comes in.
    off = [one.name for one in strip.modifiers if one.name in later or one.type == MASKING or one.mute]
    with (
        isolated(scene, strip, way_of(strip)) as own,
        unfinished_in(folder) as unfinished,
        linked(tree, source_socket(node), result_of(tree)),
    ):
        for one in own.scene.sequence_editor.strips_all[strip.name].modifiers:
            one.mute = one.name in off and one.name != modifier.name
        set_format(own.scene.render.image_settings, ending)
        own.scene.render.filepath = f"{unfinished}/"
        for number in numbers:
            file = folder / frame_name(number, ending)
            if not file.is_file():
                own.file(number).replace(file)
            yield number


def render_all(
    scene: str, strip: str, modifier: str, node: str, folder: str, first: int, last: int, ending: str
) -> None:
    """The same for a node that is named, from one frame to another; in a Blender that does nothing else."""
    from ..compositor import node as kind

    kind.register_kind()
    own = bpy.data.scenes[scene]
    one = own.sequence_editor.strips_all[strip]
    acts = one.modifiers[modifier]
    numbers = range(first, last + 1)
    for _ in render_missing(own, one, acts, acts.node_group.nodes[node], Path(folder), numbers, ending):
        pass


def state_of(scene: Scene, strip: Strip, modifier: StripModifier, node: Node) -> str:
    """16 hexadecimal digits that change whenever the nodes before a node, or the strip, may be drawn otherwise."""
    try:
        # Blender 5.2 warns of its own old names.
        with warnings.catch_warnings(action="ignore"):
            parts = everything(strip, scene, way_of(strip), modifier.name)
    except Unknown:
        parts = [uuid.uuid4().hex]
    own = [parts, numbers_of(strip, scene)[0], nodes_state(modifier.node_group, node)]
    return hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()[:16]
