"""The operator that makes a plain node group of a Neural Style node."""

import bpy
from bpy.types import Context, Node, Operator

from .node import active_node

KEPT = ("label", "location", "width", "mute", "use_custom_color", "color", "parent")


class ConvertToGroup(Operator):
    """Make a plain node group of this node: it shows the painted frames in any Blender, with or without Stylestrip, and cannot be baked any more"""  # noqa: E501

    bl_idname = "stylestrip.convert_to_group"
    bl_label = "Convert to Group"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender asks for a set

    @classmethod
    def poll(cls, context: Context) -> bool:
        node = active_node(context)
        if node is None:
            cls.poll_message_set("Select a Neural Style node")
            return False
        if not node.node_tree.stylestrip_node.count:
            cls.poll_message_set("Bake the node first: a plain group only shows frames that are painted")
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        as_group(active_node(context))
        return {"FINISHED"}


def as_group(node: Node) -> Node:
    """Puts a plain group with the same inside, links and values in the place of a node."""
    nodes, links = node.id_data.nodes, node.id_data.links
    plain = nodes.new("CompositorNodeGroup")
    plain.node_tree = node.node_tree
    for name in KEPT:
        setattr(plain, name, getattr(node, name))
    for old, new in zip(node.inputs, plain.inputs, strict=True):
        if old.links:
            links.new(old.links[0].from_socket, new)
        elif hasattr(new, "default_value"):
            new.default_value = old.default_value
    for old, new in zip(node.outputs, plain.outputs, strict=True):
        for target in [link.to_socket for link in old.links]:
            links.new(new, target)
    name = node.name
    nodes.remove(node)
    plain.name = name
    nodes.active = plain
    return plain


register, unregister = bpy.utils.register_classes_factory((ConvertToGroup,))
