"""Renders that painted frames do not fit: in a render region Blender shows a node the region alone, into which whole
frames would be squeezed, and of two views each would get the same paint. There, nodes show the image as it is."""

from bpy.app.handlers import persistent
from bpy.types import CompositorNodeTree, Node, Scene

from ...style_core.job import UserError
from ..host import handlers
from ..later import upstream
from . import live_window
from .tree import all_insides, hide_paint, is_paint_hidden, show_paint

REGION = "a render region is on, and frames are painted whole: switch it off in the output tab"
VIEWS = "stereoscopy is switched on, and one view is painted only: switch it off in the output tab"

hidden: dict[str, list[str]] = {}
"""By scene that is rendered: the insides that show no paint. By name, as an undo makes others of them."""


def why_hidden(scene: Scene, node: Node) -> str:
    """Why painted frames of a node are not shown in a render of its scene, as the end of a sentence; empty if they
    are."""
    if scene.render.use_multiview:
        return VIEWS
    try:
        # What is as large as the scene's frame; of what comes in by itself, a region shows nothing else.
        return REGION if scene.render.use_border and upstream.shown_by(node) is None else ""
    except UserError:
        return ""


def hide(scene: Scene, nodes: list[Node]) -> None:
    """Lets nodes show the image as it is while a scene is rendered that their paint does not fit."""
    found = {node.node_tree.name_full: node.node_tree for node in nodes if why_hidden(scene, node)}

    def change() -> None:
        hidden[scene.name] = list(found)
        for tree in found.values():
            hide_paint(tree)

    show(scene)
    if found:
        live_window.in_main(change)


def is_hidden(scene: Scene, node: Node) -> bool:
    """Whether a node shows no paint in the render of a scene that is on its way."""
    return node.node_tree.name_full in hidden.get(scene.name, ())


def show(scene: Scene) -> None:
    """Lets them show their paint again."""
    if hidden.pop(scene.name, None):
        live_window.later_in_main(show_all)


def show_all() -> None:
    """Lets all show their paint that are not hidden now."""
    kept = {name for names in hidden.values() for name in names}
    for tree in all_insides():
        if is_paint_hidden(tree) and tree.name_full not in kept:
            show_paint(tree)


def insides() -> list[CompositorNodeTree]:
    """All that are hidden now."""
    names = {name for own in hidden.values() for name in own}
    return [tree for tree in all_insides() if tree.name_full in names]


@persistent
def before_save(*_: object) -> None:
    """A file that is saved during a render has its paint."""
    for tree in insides():
        show_paint(tree)


@persistent
def after_save(*_: object) -> None:
    """It is hidden on until the render is over."""
    for tree in insides():
        hide_paint(tree)


@persistent
def after_return(*_: object) -> None:
    """A state has come back, by an undo or from a file, that may be of the time of a render."""
    show_all()


HANDLERS = (
    ("save_pre", before_save),
    ("save_post", after_save),
    ("save_post_fail", after_save),
    *((name, after_return) for name in ("undo_post", "redo_post", "load_post")),
)


def register() -> None:
    """Keeps what is hidden out of saved files, and of what comes back."""
    handlers.attach_in_program(HANDLERS)


def unregister() -> None:
    """Watches no more."""
    handlers.detach(HANDLERS)
