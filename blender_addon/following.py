"""Watches strips: paint that is shown in modifiers of theirs goes along with them, and is saved with them."""

import bpy
from bpy.app.handlers import persistent
from bpy.types import CompositorNodeTree, Scene

from . import paint_within
from .compositor import in_strip
from .host import handlers, versions
from .host.own_modifier import JOB_KEY, strips_within


@persistent
def on_change(scene: Scene, *_: object) -> None:
    """Something was changed: strips that were moved take their paint along."""
    trees = bpy.data.node_groups
    if any(JOB_KEY in tree for tree in trees):
        for strip in strips_within(scene):
            paint_within.follow(strip)
    if any(isinstance(tree, CompositorNodeTree) and tree.stylestrip_node.is_of_strip for tree in trees):
        for place in list(in_strip.all_places()):
            in_strip.follow(place)


@persistent
def on_save(*_: object) -> None:
    """The file is about to be saved: trees that no strip uses any more are left out."""
    in_use = paint_within.trees_in_use()
    for tree in bpy.data.node_groups:
        if JOB_KEY in tree:
            tree.use_fake_user = tree in in_use


HANDLERS = (("depsgraph_update_post", on_change), ("save_pre", on_save))


def register() -> None:
    """Watches strips."""
    if versions.STRIPS_HAVE_COMPOSITORS:
        handlers.attach_in_program(HANDLERS)


def unregister() -> None:
    """Watches no more."""
    handlers.detach(HANDLERS)
