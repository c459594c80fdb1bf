"""The keys and drivers that act on strips, which a scene has for all of them."""

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
from bpy.types import ActionChannelbag, AnimData, FCurve, Scene, Strip


def place_of(strip: Strip) -> str:
    """What the data path of every key of a strip begins with."""
    return f'sequence_editor.strips_all["{bpy.utils.escape_identifier(strip.name)}"].'


# What the paths of our own settings begin with, as seen from their strip.
OURS = "stylestrip."


def keyed(scene: Scene, strip: Strip) -> list[str]:
    """What of a strip is moved by keys or drivers, such as "transform.offset_x"; our own settings are none of it."""
    own, place = scene.animation_data, place_of(strip)
    curves = [*curves_of(own), *own.drivers] if own else []
    names = [curve.data_path.removeprefix(place) for curve in curves if curve.data_path.startswith(place)]
    return [name for name in names if not name.startswith(OURS)]


def curves_of(own: AnimData) -> list[FCurve]:
    """The F-curves that act on a datablock."""
    return [curve for bag in bags_of(own) for curve in bag.fcurves]


def bags_of(own: AnimData) -> list[ActionChannelbag]:
    """Where a datablock's F-curves are."""
    action, slot = own.action, own.action_slot
    if action is None or slot is None:
        return []
    bags = [strip.channelbag(slot) for layer in action.layers for strip in layer.strips]
    return [bag for bag in bags if bag]


@contextmanager
def own_keys(scene: Scene) -> Iterator[None]:
    """Within, a copied scene has keys of its own, which may be changed."""
    own = scene.animation_data
    if own is None or own.action is None:
        yield
        return
    slot, action = own.action_slot and own.action_slot.identifier, own.action.copy()
    try:
        own.action = action
        if slot:
            own.action_slot = action.slots[slot]
        yield
    finally:
        bpy.data.actions.remove(action)


def drop_keys(scene: Scene, strip: Strip, names: tuple[str, ...]) -> None:
    """Takes from a strip the keys and drivers of all whose names begin so; the scene's keys are its own."""
    own, places = scene.animation_data, tuple(place_of(strip) + name for name in names)
    for curves in [bag.fcurves for bag in bags_of(own)] + [own.drivers] if own else []:
        for curve in [curve for curve in curves if curve.data_path.startswith(places)]:
            curves.remove(curve)
