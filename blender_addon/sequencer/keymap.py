"""Keys in the sequencer: Shift+Y stylizes. People find and change them in the preferences, under Keymap."""

from dataclasses import dataclass
from typing import Any

import bpy

from .stylize_strip import StylizeStrip


@dataclass(frozen=True)
class Key:
    """A key that calls an operator."""

    operator: str
    key: str
    modifiers: dict[str, bool]


# None of them is taken by Blender in this editor.
KEYS = (Key(StylizeStrip.bl_idname, "Y", {"shift": True}),)
# The timeline's and the preview's.
KEYMAP = "SequencerCommon"

added: list[Any] = []


def register() -> None:
    """Adds the keys; without a window Blender has no keys."""
    known = bpy.context.window_manager.keyconfigs.addon
    if known is None:
        return
    keymap = known.keymaps.new(name=KEYMAP, space_type="SEQUENCE_EDITOR")
    added.extend((keymap, keymap.keymap_items.new(key.operator, key.key, "PRESS", **key.modifiers)) for key in KEYS)


def unregister() -> None:
    """Takes them away."""
    for keymap, item in added:
        keymap.keymap_items.remove(item)
    added.clear()
