"""A render region: in it, Blender shows a node the region alone, and whole painted frames would be squeezed into it."""

from contextlib import suppress

import bpy
from bpy.app.handlers import persistent
from bpy.types import CompositorNodeTree, Node, Scene

from ...style_core.job import UserError
from ..host import upstream
from . import live_window
from .tree import END, EVER

REASON = "a render region is on, and frames are painted whole: switch it off in the output tab"

hidden: dict[str, list[tuple[CompositorNodeTree, float]]] = {}
"""By scene that is rendered: the insides that show no paint, and until when they do else."""


def squeezes(scene: Scene, node: Node) -> bool:
    """Whether painted frames of a node would be squeezed: all that are as large as the scene's frame."""
    try:
        return scene.render.use_border and upstream.shown_by(node) is None
    except UserError:
        return False


def hide(scene: Scene, nodes: list[Node]) -> None:
    """Lets nodes show the image as it is while a scene is rendered whose paint would be squeezed."""

    def change() -> None:
        for tree in {node.node_tree for node in nodes if squeezes(scene, node)}:
            value = tree.nodes[END].inputs[1]
            hidden.setdefault(scene.name, []).append((tree, value.default_value))
            value.default_value = -EVER

    show(scene)
    if scene.render.use_border:
        live_window.in_main(change)


def show(scene: Scene) -> None:
    """Lets them show their paint again."""
    before = hidden.pop(scene.name, [])

    def change() -> None:
        for tree, value in before:
            with suppress(ReferenceError):  # another file was opened meanwhile
                tree.nodes[END].inputs[1].default_value = value

    if before:
        live_window.later_in_main(change)


def insides() -> list[tuple[CompositorNodeTree, float]]:
    """All that are hidden now, and until when they show paint else."""
    return [one for found in hidden.values() for one in found]


@persistent
def before_save(*_: object) -> None:
    """A file that is saved during a render has its paint."""
    for tree, value in insides():
        tree.nodes[END].inputs[1].default_value = value


@persistent
def after_save(*_: object) -> None:
    """It is hidden on until the render is over."""
    for tree, _ in insides():
        tree.nodes[END].inputs[1].default_value = -EVER


HANDLERS = (("save_pre", before_save), ("save_post", after_save), ("save_post_fail", after_save))


def register() -> None:
    """Watches for saves. Not in the module, which hangs at its end with a handler left."""
    if not bpy.app.module:
        watch()


def unregister() -> None:
    for name, handler in HANDLERS:
        with suppress(ValueError):
            getattr(bpy.app.handlers, name).remove(handler)


def watch() -> None:
    """Keeps what is hidden out of saved files from now on."""
    for name, handler in HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)
