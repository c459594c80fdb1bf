"""What of a Neural Style node changes from frame to frame: its Strength, and settings with keys."""

from collections.abc import Sequence
from dataclasses import replace

import bpy
from bpy.types import ID, CompositorNodeTree, FCurve, Node, NodeSocket

from ...style_core.curve import Curve
from ...style_core.job import Job, UserError
from ..host.keys import curves_of
from ..host.versions import compositor_of
from ..job_fields import ANIMATED, JOB_FIELDS
from ..properties import DIGITS
from .tree import STRENGTH

# What the Strength of a node multiplies.
MULTIPLIED = "style_weight"
# Nodes that have a number to give.
VALUES, ON_THE_WAY = ("CompositorNodeValue", "ShaderNodeValue"), "NodeReroute"
SETTINGS = "stylestrip_node.settings."


def with_changes(job: Job, node: Node, numbers: Sequence[int]) -> Job:
    """A node's job with its Strength, and with what has keys, frame by frame.

    Args:
        job: as the node's settings are now.
        node: a Neural Style node.
        numbers: the frames of the timeline that are painted.

    Raises:
        UserError: a driver moves one of them, the Strength comes from other nodes, or a value does not fit.
    """
    through = {}
    for name in ANIMATED:
        curve = curve_at(node.node_tree, SETTINGS + name, f"'{JOB_FIELDS[name].label}' of '{node.name}'")
        known = node.node_tree.stylestrip_node.settings.bl_rna.properties[name]
        if curve:
            through[name] = evaluated(curve, numbers, known.hard_min, known.hard_max)
    strength = strengths(node, numbers)
    usual = through.get(MULTIPLIED, [job.look.style_weight])
    if len(strength) > 1 or MULTIPLIED in through:
        through[MULTIPLIED] = [rounded(one * other) for one, other in paired(usual, strength)]
    given = {JOB_FIELDS[name].spec.name: values for name, values in through.items()}
    look = {name: values[0] for name, values in given.items() if hasattr(job.look, name)}
    look.setdefault(MULTIPLIED, rounded(usual[0] * strength[0]))
    curves = tuple(Curve(name, tuple(values)) for name, values in given.items())
    return replace(job, look=replace(job.look, **look), curves=curves)


def strengths(node: Node, numbers: Sequence[int]) -> list[float]:
    """The Strength at these frames; a single one if it is always the same. Raises UserError as above."""
    place = strength_of(node)
    if place is None:
        return [1.0]
    curve = curve_at(node.id_data, path_of(*place), f"{STRENGTH} of '{node.name}'")
    return evaluated(curve, numbers, 0.0, float("inf")) if curve else [rounded(max(place[1].default_value, 0.0))]


def strength_of(node: Node) -> tuple[Node, NodeSocket] | None:
    """The socket whose number is the Strength of a node, and the node that has it; None: its group has none.

    Raises UserError if it is computed by other nodes: only a render knows that number.
    """
    # In a scene that was copied, Blender 4.5 does not survive the question whose socket one is, but where it is linked.
    owner, socket = node, node.inputs.get(STRENGTH)
    while socket is not None and socket.is_linked:
        socket = socket.links[0].from_socket
        owner = socket.node
        if owner.bl_idname in VALUES:
            break
        if owner.bl_idname != ON_THE_WAY:
            raise UserError(
                f"{STRENGTH} of '{node.name}' comes from '{owner.name}', and is needed before anything is rendered: "
                "connect a Value node, or set it at the node itself; both may have keys."
            )
        socket = owner.inputs[0]
    return None if socket is None else (owner, socket)


def path_of(node: Node, socket: NodeSocket) -> str:
    """The data path of the number of a node's socket."""
    side = "outputs" if socket.is_output else "inputs"
    place = list(getattr(node, side)).index(socket)
    return f'nodes["{bpy.utils.escape_identifier(node.name)}"].{side}[{place}].default_value'


def curve_at(owner: ID, path: str, what: str) -> FCurve | None:
    """The F-curve of a property; None if it has no keys. Raises UserError if a driver moves it."""
    own = owner.animation_data
    if own and any(driver.data_path == path for driver in own.drivers):
        raise UserError(f"A driver moves {what}: use keys instead, or remove the driver.")
    found = [curve for curve in curves_of(own) if curve.data_path == path] if own else []
    return next((curve for curve in found if not curve.mute and len(curve.keyframe_points)), None)


def evaluated(curve: FCurve, numbers: Sequence[int], low: float, high: float) -> list[float]:
    """The values of a curve at frames of the timeline; it swings beyond its keys, and not beyond the bounds."""
    return [rounded(min(max(curve.evaluate(number), low), high)) for number in numbers]


def paired(one: Sequence[float], other: Sequence[float]) -> list[tuple[float, float]]:
    """Two rows of numbers side by side, of which one may be a single number that holds throughout."""
    longer = max(len(one), len(other))
    return [(one[min(place, len(one) - 1)], other[min(place, len(other) - 1)]) for place in range(longer)]


def rounded(value: float) -> float:
    """Blender keeps single precision; more digits are none that anybody has set."""
    return float(f"{value:.{DIGITS}g}")


def changes_of(tree: CompositorNodeTree) -> dict[str, object]:
    """What changes a node's paint from frame to frame, by which a change of that is noticed; and its Strength.

    What has keys is not what is set at the playhead.

    Args:
        tree: the inside of the node.
    """
    node, found = node_with(tree), {}
    try:
        for name in ANIMATED:
            if curve := curve_at(tree, SETTINGS + name, name):
                found[name] = words_of_curve(curve)
        if place := node and strength_of(node):
            curve = curve_at(node.id_data, path_of(*place), STRENGTH)
            found[STRENGTH] = words_of_curve(curve) if curve else rounded(place[1].default_value)
    except UserError as error:  # it cannot be baked like that, and says so when it shall be
        found[STRENGTH] = str(error)
    return found


def words_of_curve(curve: FCurve) -> list[object]:
    """The keys of a curve, and what lies between them."""
    keys = [
        [*map(rounded, (*key.co, *key.handle_left, *key.handle_right)), key.interpolation, key.easing]
        for key in curve.keyframe_points
    ]
    return [curve.extrapolation, len(curve.modifiers), *keys]


def node_with(tree: CompositorNodeTree) -> Node | None:
    """The node that a tree is the inside of."""
    groups = [group for group in bpy.data.node_groups if isinstance(group, CompositorNodeTree)]
    trees = {tree for tree in map(compositor_of, bpy.data.scenes) if tree} | set(groups)
    nodes = (node for one in trees for node in one.nodes)
    return next((node for node in nodes if getattr(node, "node_tree", None) == tree), None)
