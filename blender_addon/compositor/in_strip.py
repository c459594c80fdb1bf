"""Neural Style nodes in Compositor modifiers of strips: which strip they are of, and where its frames are by now."""

from collections.abc import Iterator
from typing import NamedTuple

import bpy
from bpy.types import CompositorNodeTree, Node, Scene, Strip, StripModifier

from ...style_core.job import UserError
from ..host import versions
from ..host.moved import moved_by
from ..host.own_modifier import is_paint_modifier
from .node import is_ours, name_of, nodes_of
from .settings import StylestripNode
from .tree import begin_at


class Place(NamedTuple):
    """Where a node is: in the node group of a strip's modifier."""

    scene: Scene
    strip: Strip
    modifier: StripModifier

    @property
    def words(self) -> str:
        """The same for a person."""
        return f"'{self.modifier.name}' of strip '{self.strip.name}'"


def all_places() -> Iterator[Place]:
    """All modifiers of strips that have a node group, but for those that show a strip's own paint."""
    for scene in bpy.data.scenes:
        for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
            for modifier in strip.modifiers:
                if getattr(modifier, "node_group", None) and not is_paint_modifier(modifier):
                    yield Place(scene, strip, modifier)


def places_of(tree: CompositorNodeTree) -> list[Place]:
    """The modifiers that use a node group."""
    return [one for one in all_places() if one.modifier.node_group == tree]


def place_of(node: Node) -> Place | None:
    """The modifier that a node is in; None if it is in none.

    Raises UserError if it is in several, as it shows the paint of one strip.
    """
    found = places_of(node.id_data)
    if len(found) > 1:
        names = " and ".join(sorted({f"'{one.strip.name}'" for one in found}))
        raise UserError(
            f"Node '{name_of(node)}' is in a modifier of {len(found)} strips ({names}), and paint is of one: give each "
            "its own node group, with the number beside the group's name."
        )
    return next(iter(found), None)


def node_in(place: Place, name: str) -> Node:
    """The node of that name in a modifier, or the only one; raises UserError if there is none such."""
    ours = [one for one in place.modifier.node_group.nodes if is_ours(one)]
    found = [one for one in ours if name in (one.name, one.label)] if name else ours
    if len(found) != 1:
        names = ", ".join(f"'{name_of(one)}'" for one in ours) or "none"
        wanted = f"There is no Neural Style node '{name}'" if name else "Name the Neural Style node"
        raise UserError(f"{wanted} in {place.words}; there is {names}.")
    return found[0]


def find_in_strip(ticket: str, scene: str, strip: str, name: str) -> tuple[Place, Node]:
    """The node with a bake's ticket; where none has it, that of this name in the strip of this name.

    Raises UserError if it is gone.
    """
    nodes = [(place, node) for place in all_places() for node in place.modifier.node_group.nodes if is_ours(node)]
    ticketed = [one for one in nodes if one[1].node_tree.stylestrip_node.ticket == ticket]
    wanted = scene, strip, name
    named = [(p, node) for p, node in nodes if (p.scene.name, p.strip.name, name_of(node)) == wanted]
    found = next(iter(ticketed or named), None)
    if found is None:
        raise UserError(f"The node '{name}' is gone from the modifiers of strip '{strip}': undo, and bake it again.")
    return found


# What follows a strip that is moved


def tie(own: StylestripNode, start: int) -> None:
    """Ties the painted frames of a node to the strip that they are of, whose content began at `start` then."""
    own.is_of_strip, own.shift, own.from_start = True, 0, own.first - start
    own.begin, own.end = own.first, own.last + 1


def follow(place: Place) -> None:
    """Moves the painted frames of all nodes in a strip's modifier along with the strip."""
    tree = place.modifier.node_group
    tied = [node for node in nodes_of(tree) if node.node_tree.stylestrip_node.is_of_strip]
    if not any(moved(node.node_tree.stylestrip_node, place.strip) for node in tied):
        return
    if len(places_of(tree)) > 1:  # a piece that was cut off or a copy stays where it was
        # Blender miscounts the modifiers that use a group, and would take the first for unused.
        tree.use_fake_user = True
        place.modifier.node_group = tree = tree.copy()
    for node in nodes_of(tree):
        own = node.node_tree.stylestrip_node
        by = moved(own, place.strip) if own.is_of_strip else 0
        own.first, own.shift = own.first + by, own.shift + by
        own.begin, own.end = versions.handles(place.strip)
        begin_at(node.node_tree, own.first)


def moved(own: StylestripNode, strip: Strip) -> int:
    """By how many frames a strip was moved since the frames of a node were put where they are."""
    return moved_by(strip, own.first - own.from_start, own.begin, own.end)
