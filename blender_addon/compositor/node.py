"""The Neural Style node: its sockets and settings are those of the node group inside it."""

from contextlib import suppress

import bpy
from bpy.types import CompositorNodeCustomGroup, CompositorNodeTree, Context, Node, Scene, UILayout

from ..host import versions
from . import tree as inside

# What a node may be that has an inside.
GROUPS = ("CompositorNodeGroup", "CompositorNodeCustomGroup", "CompositorNodeStylestrip")


class CompositorNodeStylestrip(CompositorNodeCustomGroup):
    """Paint what comes in, in the style of a picture"""

    bl_idname = "CompositorNodeStylestrip"
    bl_label = inside.NAME
    bl_icon = "BRUSH_DATA"
    bl_width_default = 240

    @classmethod
    def poll(cls, tree: bpy.types.NodeTree) -> bool:
        return tree.bl_idname == "CompositorNodeTree"

    def init(self, context: Context | None) -> None:
        """A new node has an inside of its own."""
        self.node_tree = inside.new_tree()

    def copy(self, node: Node) -> None:
        """So has a copy: another look for it is no other look for the first one."""
        if node.node_tree:
            self.node_tree = node.node_tree.copy()
            own = self.node_tree.stylestrip_node
            own.ticket = own.place = ""
            if own.is_live or own.paints_now:
                own.mode = own.mode  # it gets a folder of its own

    def draw_buttons(self, context: Context, layout: UILayout) -> None:
        from .panel import draw_on_node  # the second Blender that renders has no panels

        draw_on_node(self, context, layout)


def is_ours(node: Node | None) -> bool:
    """Whether a node is a Neural Style node, or was one that was converted to a plain group."""
    tree = inside_of(node)
    return tree is not None and inside.FRAMES in tree.nodes and inside.FIT in tree.nodes


def inside_of(node: Node | None) -> CompositorNodeTree | None:
    """The node group inside a node, if it has one."""
    return node.node_tree if node is not None and node.bl_idname in GROUPS else None


def active_node(context: Context) -> Node | None:
    """The Neural Style node that the node editor's panels are about."""
    node = getattr(context, "active_node", None)
    return node if is_ours(node) and node.bl_idname == CompositorNodeStylestrip.bl_idname else None


def name_of(node: Node) -> str:
    """What a node is called by a person."""
    return node.label or node.name


def nodes_of(tree: CompositorNodeTree | None) -> list[Node]:
    """All Neural Style nodes of a compositor, those within its groups too."""
    found, waiting, seen = [], [tree], set()
    while waiting:
        one = waiting.pop()
        if one is None or one.name in seen:
            continue
        seen.add(one.name)
        for node in one.nodes:
            if is_ours(node):
                found.append(node)
            else:
                waiting.append(inside_of(node))
    return found


def scene_of(node: Node, context: Context) -> Scene | None:
    """The scene whose compositor a node is in, that of the context if it is there."""
    scenes = [context.scene, *bpy.data.scenes]
    return next((scene for scene in scenes if scene and versions.compositor_of(scene) == node.id_data), None)


def register_kind() -> None:
    """Lets Blender know the node; again, if it does already."""
    with suppress(ValueError):
        bpy.utils.register_class(CompositorNodeStylestrip)


def register() -> None:
    register_kind()


def unregister() -> None:
    bpy.utils.unregister_class(CompositorNodeStylestrip)
