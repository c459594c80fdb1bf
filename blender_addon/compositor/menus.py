"""Where the Neural Style node is found: among the filters of the compositor's Add menu, and so by its search."""

import bpy
from bpy.types import Context, Menu

from .node import CompositorNodeStylestrip
from .tree import NAME


def draw_entry(menu: Menu, context: Context) -> None:
    """The entry among the filters."""
    menu.layout.separator()
    button = menu.layout.operator("node.add_node", text=NAME, icon=CompositorNodeStylestrip.bl_icon)
    button.type, button.use_transform = CompositorNodeStylestrip.bl_idname, True


def register() -> None:
    bpy.types.NODE_MT_category_compositor_filter.append(draw_entry)


def unregister() -> None:
    bpy.types.NODE_MT_category_compositor_filter.remove(draw_entry)
