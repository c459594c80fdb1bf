"""What is loaded when it is first asked for, so that Blender starts hardly later with the extension than without it.

Blender must be told of properties, operators, panels and menus. What these need only when somebody uses them is
imported from here, as in `from .later import painter`, and used as the module itself: `painter.status(...)`. As
annotations are read when the extension is enabled, those that name something of it stand in quotes.
"""

import importlib
import sys
from typing import Any

from . import EXTENSION


class Later:
    """Stands for a module that is loaded when something of it is first asked for, which may be in any thread."""

    __slots__ = ("__name__",)  # so that nothing is put here which would not reach the module

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self.__name__), name)

    @property
    def is_loaded(self) -> bool:
        """Whether something of it was asked for: else it has nothing to be ended."""
        return self.__name__ in sys.modules


def own(name: str) -> Later:
    """A module of the extension's host side."""
    return Later(f"{__package__}.{name}")


kept = Later(f"{EXTENSION}.style_core.kept")

command = own("command")
disk = own("disk")
leftovers = own("leftovers")
painter = own("painter")
painter_panel = own("painter_panel")
painting = own("painting")
paint_removal = own("paint_removal")

folders = own("runtime.folders")

outlines = own("host.outlines")
projections = own("host.projections")
upstream = own("host.upstream")
upstream_strip = own("host.upstream_strip")

cut_drawing = own("regions.cut_drawing")
cut_results = own("regions.cut_results")
cut_targets = own("regions.cut_targets")
cutting = own("regions.cutting")
finding = own("regions.finding")
mask_making = own("regions.mask_making")
object_following = own("regions.object_following")
over_picture = own("regions.over_picture")
tint = own("regions.tint")
uncovered = own("regions.uncovered")

outlook = own("sequencer.outlook")
paint_state = own("sequencer.paint_state")

both_sides = own("preview.both_sides")
frames = own("preview.frames")
previewing = own("preview.previewing")
sources = own("preview.sources")
textures = own("preview.textures")

baking = own("compositor.baking")
live = own("compositor.live")
live_render = own("compositor.live_render")
render_words = own("compositor.render_words")
live_source = own("compositor.live_source")
node_passes = own("compositor.node_passes")
strip_baking = own("compositor.strip_baking")
