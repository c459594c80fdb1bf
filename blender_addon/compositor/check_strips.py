"""Looks at every frame of the sequencer that is rendered whether the paint in modifiers of its strips is there."""

from bpy.app.handlers import persistent
from bpy.types import Node, Scene, Strip, StripModifier

from ...style_core.job import UserError
from .. import paint_within
from ..host import handlers, versions
from ..host.own_modifier import is_paint_modifier, paint_modifier, shows_paint
from ..host.ways_in import active_modifiers, shown_by
from ..later import upstream, upstream_strip
from .check import look_at, tell
from .node import nodes_of

watched: dict[str, list[tuple[str, str]]] = {}
"""By scene that is rendered: strips and their modifiers that show paint, by their names."""


def modifiers_of(strip: Strip) -> list[StripModifier]:
    """The modifiers of a strip that show paint, or are to show it."""
    with_nodes = [one for one in active_modifiers(strip) if nodes_that_count(one)]
    return with_nodes + ([paint_modifier(strip)] if shows_paint(strip) else [])


def nodes_that_count(modifier: StripModifier) -> list[Node]:
    """The Neural Style nodes of a modifier that its picture depends on: not one whose own source is rendered."""
    tree = getattr(modifier, "node_group", None)
    ours = nodes_of(tree)
    try:
        links = upstream_strip.result_of(tree).links if ours else ()
    except UserError:  # it has no output
        links = ()
    needed = {one.name for link in links for one in upstream.nodes_before(link.from_socket)}
    return [node for node in ours if not node.mute and (node.id_data != tree or node.name in needed)]


@persistent
def on_render_begin(scene: Scene, *_: object) -> None:
    """A render begins: the modifiers that count are found once."""
    watched.pop(scene.name, None)
    is_seen = scene.sequence_editor and scene.render.use_sequencer
    strips = [one for one in scene.sequence_editor.strips_all if not one.mute] if is_seen else []
    if found := [(strip.name, one.name) for strip in strips for one in modifiers_of(strip)]:
        watched[scene.name] = found


@persistent
def on_frame(scene: Scene, *_: object) -> None:
    """A frame is about to be rendered."""
    for name, modifier in watched.get(scene.name, ()):
        strip = scene.sequence_editor.strips_all[name]
        left, right = versions.handles(shown_by(strip, scene))
        if left <= scene.frame_current < right:
            look_within(scene, strip, strip.modifiers[modifier])


def look_within(scene: Scene, strip: Strip, modifier: StripModifier) -> None:
    """Tells what is wrong with the paint in a modifier."""
    if not is_paint_modifier(modifier):
        for node in nodes_that_count(modifier):
            look_at(scene, node)
    elif problem := paint_within.problem(strip, scene.frame_current):
        tell(f"Frame {scene.frame_current} of strip '{strip.name}': {problem}. It is shown as it is: press Update.")


HANDLERS = (("render_init", on_render_begin), ("render_pre", on_frame))


def register() -> None:
    """Watches for renders."""
    if versions.STRIPS_HAVE_COMPOSITORS:
        handlers.attach_in_program(HANDLERS)


def unregister() -> None:
    """Watches no more."""
    handlers.detach(HANDLERS)
