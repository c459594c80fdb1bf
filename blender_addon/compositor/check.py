"""Looks at every frame that is rendered whether its paint is there: what is not is told, and never just black."""

import bpy
from bpy.app.handlers import persistent
from bpy.types import Node, Scene

from ..host import handlers, versions
from ..later import live_render, render_words, upstream
from . import hiding
from .node import name_of, nodes_of
from .settings import SOURCE

# Blender ends a render of pictures when it cannot write one: nothing can lie below what is no folder.
NOWHERE = "{}/Stylestrip stops the render"

watched: dict[str, list[tuple[str, str]]] = {}
"""By scene that is rendered: the nodes that count, as their compositor or group and their name."""
stopped: dict[str, str] = {}
"""By scene whose render is to stop: where it writes else."""
told: list[str] = []
"""What was wrong in the last render, a sentence for each frame and node."""


def nodes_that_count(scene: Scene) -> list[Node]:
    """The Neural Style nodes of a scene's compositor that something of its render depends on."""
    tree = versions.compositor_of(scene)
    if tree is None or not scene.render.use_compositing:
        return []
    ours = nodes_of(tree)
    if not ours:
        return []
    result = versions.result_of_compositor(tree)
    ends = [link.from_socket for link in (result.links if result else ())]
    files = [one for one in tree.nodes if one.bl_idname == upstream.FILE_OUTPUT and not one.mute]
    ends += [link.from_socket for one in files for entry in one.inputs for link in entry.links]
    needed = {one.name for end in ends for one in upstream.nodes_before(end)}
    return [node for node in ours if not node.mute and (node.id_data != tree or node.name in needed)]


def sentence(node: Node, frame: int, problem: str) -> str:
    """What is wrong with a frame."""
    return f"Frame {frame} of '{name_of(node)}': {problem}."


@persistent
def on_render_begin(scene: Scene, *_: object) -> None:
    """A render begins: the nodes that count are found once."""
    watched.pop(scene.name, None)
    stopped.pop(scene.name, None)
    told.clear()
    found = nodes_that_count(scene)
    if found:
        watched[scene.name] = [(node.id_data, node.name) for node in found]
        hiding.hide(scene, found)
        live_render.begin(scene, found, on_words)


@persistent
def on_frame(scene: Scene, *_: object) -> None:
    """A frame is about to be rendered."""
    for node in watched_nodes(scene):
        if live_render.of(scene, node):
            complain(scene, node, live_render.before(scene, node))
        else:
            look_at(scene, node)


def look_at(scene: Scene, node: Node) -> None:
    """Tells what is wrong with the paint of a node that shows its cache."""
    if hiding.is_hidden(scene, node):
        complain(scene, node, hiding.why_hidden(scene, node))
        return
    problem = node.node_tree.stylestrip_node.problem(scene.frame_current)
    complain(scene, node, problem, "Press Bake at the node.")


def watched_nodes(scene: Scene) -> list[Node]:
    """The nodes of a scene that is rendered."""
    return [tree.nodes[name] for tree, name in watched.get(scene.name, ())]


def on_words(message: str) -> None:
    """Blender says how far a render is, in which a frame has to be painted between its render and its compositor."""
    if not watched or not live_render.frames or not live_render.is_composing(message):
        return
    name, number = live_render.frames[-1]
    scene = bpy.data.scenes[name]
    for node in watched_nodes(scene):
        if live_render.of(scene, node):
            complain(scene, node, live_render.composing(scene, node, number))


@persistent
def on_frame_end(scene: Scene, *_: object) -> None:
    """A frame is rendered and composited."""
    for node in watched_nodes(scene):
        if live_render.of(scene, node):
            complain(scene, node, live_render.after(scene, node))
    if watched:
        live_render.frames[:] = [one for one in live_render.frames if one[0] != scene.name]


def complain(scene: Scene, node: Node, problem: str, advice: str = "") -> None:
    """Tells what is wrong with a node's paint, if anything is, and does what the node says about that."""
    if not problem:
        return
    if problem == live_render.STOPPED:  # whoever did that knows it, and most often Blender has heard of it too
        print(f"Stylestrip: {problem}.", flush=True)
        stop(scene)
        return
    words = " ".join(filter(None, (sentence(node, scene.frame_current, problem), advice)))
    if words in told:
        return
    tell(words)
    if node.node_tree.stylestrip_node.if_missing != SOURCE:
        stop(scene)


def tell(words: str) -> None:
    """Says what is wrong at once, and once more when the render is over."""
    told.append(words)
    print(f"Stylestrip: {words}", flush=True)


def stop(scene: Scene) -> None:
    """Ends a render of several pictures before this one is written."""
    if scene.name not in stopped:
        stopped[scene.name] = scene.render.filepath
        scene.render.filepath = NOWHERE.format(__file__)


@persistent
def on_render_end(scene: Scene, *_: object) -> None:
    """A render is over, one way or the other."""
    if scene.name in stopped:  # whatever else may fail
        scene.render.filepath = stopped.pop(scene.name)
    watched.pop(scene.name, None)
    if live_render.is_loaded:
        live_render.end(scene)
    hiding.show(scene)
    if told and not bpy.app.background:
        bpy.app.timers.register(show_told, first_interval=0.1)


def show_told() -> None:
    """Says in the window what was wrong, where a person looks."""
    lines = told[:8] + ([f"... and {len(told) - 8} more."] if len(told) > 8 else [])

    def draw(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
        for line in lines:
            menu.layout.label(text=line)

    bpy.context.window_manager.popup_menu(draw, title="Frames without their paint", icon="ERROR")


HANDLERS = (
    ("render_init", on_render_begin),
    ("render_pre", on_frame),
    ("render_post", on_frame_end),
    ("render_complete", on_render_end),
    ("render_cancel", on_render_end),
)


def register() -> None:
    """Watches for renders."""
    handlers.attach_in_program(HANDLERS)


def unregister() -> None:
    """Watches no more."""
    handlers.detach(HANDLERS)
    if render_words.is_loaded:
        render_words.listen_no_more()
