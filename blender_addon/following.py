"""Watches strips: paint that is shown in modifiers of theirs goes along with them, and is saved with them."""

from contextlib import suppress

import bpy
from bpy.app.handlers import persistent
from bpy.types import CompositorNodeTree, Scene

from . import paint_within
from .compositor import in_strip
from .host import versions
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
    """Watches strips. Not in the module, which hangs at its end with a handler left."""
    if not bpy.app.module and versions.STRIPS_HAVE_COMPOSITORS:
        watch()


def unregister() -> None:
    """Watches no more."""
    for name, handler in HANDLERS:
        with suppress(ValueError):
            getattr(bpy.app.handlers, name).remove(handler)


def watch() -> None:
    """Looks at strips after every change from now on."""
    for name, handler in HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)
