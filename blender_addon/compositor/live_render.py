"""The renders on their way that have nodes which are painted live, and which of their frames is being rendered."""

import traceback
from collections.abc import Callable

import bpy
from bpy.types import Node, Scene

from ...style_core.job import UserError
from .. import connection, interrupt
from . import live_painter, live_window, render_words
from .hiding import why_hidden
from .live import Live
from .live_painter import Stopped
from .live_place import arrange, clear, folder_of, lay
from .tree import FRAMES

# What Blender says of a render when a frame is about to be composited.
COMPOSITING = "Compositing"
# What is wrong with a frame that a person did not want to wait for.
STOPPED = "the render was stopped"
# The same, where it waited for a window that did nothing any more.
HELD = (
    f"it waited for Blender's window, which has done nothing for {live_window.PATIENCE_SECONDS:.0f} s and may be saving"
    " or closing: render this frame again"
)

lives: dict[str, dict[str, Live | str]] = {}
"""By scene, then by node: its way to paint, or why it has none."""
frames: list[tuple[str, int]] = []
"""The frames that are being rendered, as scene and number: a scene may be rendered within another."""
said = (COMPOSITING,)
"""The same in the languages in which it may be said."""


def is_live(node: Node) -> bool:
    """Whether frames of a node may have to be painted while they are rendered."""
    own = node.node_tree.stylestrip_node
    return own.is_live or own.paints_now


def begin(scene: Scene, nodes: list[Node], on_words: Callable[[str], None]) -> None:
    """A render begins; what is said of it is told to `on_words` where a node has to be painted within a frame."""
    global said
    end(scene)
    wanted = [node for node in nodes if is_live(node) and not why_hidden(scene, node)]
    if not wanted:
        return
    said = COMPOSITING, bpy.app.translations.pgettext_rpt(COMPOSITING)
    live_window.begin()
    render = connection.new_identifier()
    lives[scene.name] = {node.name: ready(scene, node, render) for node in wanted}
    if any(isinstance(live, Live) and live.is_direct for live in lives[scene.name].values()):
        render_words.listen(on_words)


def ready(scene: Scene, node: Node, render: str) -> Live | str:
    """How a node is painted during a render, or why it is not."""
    if node.node_tree.nodes[FRAMES].image is None:
        return "its inside has no image any more: choose its mode once more"
    try:
        return live_window.in_main(lambda: begun(scene, node, render), take_back=Live.end)
    except Exception as error:
        return reason(error)


def begun(scene: Scene, node: Node, render: str) -> Live:
    """A node's way to paint; where it has none, what is baked is shown all the same. In the main thread."""
    own = node.node_tree.stylestrip_node
    try:
        return Live(scene, node, render)
    except Exception:
        if own.paints_now and own.count:
            arrange(node.node_tree, own.ending)
        raise


def reason(error: Exception) -> str:
    """What has gone wrong, as the end of a sentence."""
    if isinstance(error, Stopped):
        return STOPPED if live_window.is_wanted() else HELD
    if isinstance(error, (UserError, OSError)):
        return str(error).rstrip(".")
    traceback.print_exception(error)
    return f"Stylestrip has a fault ({type(error).__name__}: {error}), of which the console says more"


def of(scene: Scene, node: Node) -> Live | str | None:
    """How a node is painted now; None: it shows its cache."""
    return lives.get(scene.name, {}).get(node.name)


def before(scene: Scene, node: Node) -> str:
    """A frame is about to be rendered; what is wrong with it, as the end of a sentence, or empty."""
    tree, number = node.node_tree, scene.frame_current
    frames.append((scene.name, number))
    try:
        clear(tree, number)
        if is_baked(node, number):
            own = tree.stylestrip_node
            lay(tree, [(number, own.file(number))], own.painted_by, own.first)
            return ""
    except OSError as error:
        return f"its frame cannot be laid into '{folder_of(tree)}' ({error.strerror}): make room there"
    return done(scene, node, lambda live: live.before(number))


def is_baked(node: Node, number: int) -> bool:
    """Whether a frame is shown as it was baked, and not painted now."""
    own = node.node_tree.stylestrip_node
    return own.paints_now and not own.problem(number)


def composing(scene: Scene, node: Node, number: int) -> str:
    """A frame is rendered, and about to be composited; what is wrong with it."""
    live = of(scene, node)
    if isinstance(live, str) or not live.is_direct or live.served == number:
        return ""
    if is_baked(node, number):
        return ""
    return done(scene, node, lambda live: live.rendered(scene, number))


def after(scene: Scene, node: Node) -> str:
    """A frame is composited; what was wrong with it."""
    number = scene.frame_current
    if is_baked(node, number) or isinstance(of(scene, node), str):
        return ""
    return done(scene, node, lambda live: live.after(number))


def done(scene: Scene, node: Node, work) -> str:
    """Does something for a frame of a node; what has gone wrong, as the end of a sentence, or empty."""
    live = of(scene, node)
    if isinstance(live, str):
        return live
    try:
        with interrupt.passed_on():
            work(live)
        return ""
    except Exception as error:
        problem = reason(error)
    live.end()
    lives[scene.name][node.name] = problem  # so it is for all frames to come
    return problem


def is_composing(message: str) -> bool:
    """Whether Blender says that a frame is about to be composited."""
    return any(word in message for word in said)


def end(scene: Scene) -> None:
    """A render is over, one way or the other."""
    frames[:] = [one for one in frames if one[0] != scene.name]
    for live in lives.pop(scene.name, {}).values():
        if not isinstance(live, str):
            live.end()
    if not lives:
        render_words.listen_no_more()
        live_painter.rest()
        live_window.end()
