"""A render region: in it, Blender shows a node the region alone, and whole painted frames would be squeezed into it."""

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
            tree.nodes[END].inputs[1].default_value = value

    if before:
        live_window.in_main(change)
