"""A strip as it is, for as long as something is cut out of it: without the paint that lies over it."""

import bpy
from bpy.types import Scene, Strip

from ..host.counterparts import is_paint, paint_of
from ..host.own_modifier import paint_modifier, shows_paint
from ..host.painted import siblings


class Uncovered:
    """Shows a strip, and mutes the painted ones above it and the paint in its modifier, until all is put back.

    Args:
        scene: the scene of the strip.
        strip: the one to be seen.
    """

    def __init__(self, scene: Scene, strip: Strip) -> None:
        self.scene = scene.name
        own = paint_of(scene, strip)
        paint = [one for one in siblings(scene, strip) if is_paint(one) and (one.channel > strip.channel or one in own)]
        self.before = {one.name: one.mute for one in (strip, *paint)}
        for one in paint:
            one.mute = True
        strip.mute = False
        self.strip, self.showed = strip.name, shows_paint(strip)
        if self.showed:
            paint_modifier(strip).mute = True

    def put_back(self) -> None:
        """Mutes and shows what was muted and seen; strips that are gone by now are left out."""
        scene = bpy.data.scenes.get(self.scene)
        strips = scene.sequence_editor.strips_all if scene and scene.sequence_editor else {}
        for name, mute in self.before.items():
            if name in strips:
                strips[name].mute = mute
        if self.showed and self.strip in strips and (modifier := paint_modifier(strips[self.strip])):
            modifier.mute = False
