"""The preferences: the painter's state and its buttons, where it comes from, and where painted frames go."""

from collections.abc import Callable
from pathlib import Path

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, StringProperty
from bpy.types import AddonPreferences, Context, UILayout

from . import EXTENSION
from .later import painter, painter_panel
from .properties import RELATIVE
from .runtime.builds import AUTOMATIC, BUILDS, FROM_INDEX, TORCH_INDEX

further: list[Callable[[UILayout, Context], None]] = []
"""Draw what stands below the painter."""


def preferences() -> "StylestripPreferences":
    """The extension's preferences."""
    return bpy.context.preferences.addons[EXTENSION].preferences


def user_folder() -> Path:
    """The only folder beside the caches that the extension writes to."""
    return Path(bpy.utils.extension_path_user(EXTENSION, path="", create=True))


def settings() -> "painter.Settings":
    """What they say about the painter."""
    own = preferences()
    wheels = bpy.path.abspath(own.wheels) if own.wheels else ""
    return painter.Settings(
        bpy.path.abspath(own.python), own.build, own.index.strip(), own.torch_index.strip(), own.proxy.strip(), wheels
    )


def changed(own: "StylestripPreferences", context: Context) -> None:
    """What an installation has said is about another choice."""
    painter.forget()


class StylestripPreferences(AddonPreferences):
    """What holds for all files."""

    bl_idname = EXTENSION

    python: StringProperty(
        name="Python",
        description="A Python with torch; empty: the one that Stylestrip installed",
        subtype="FILE_PATH",
        update=changed,
    )
    build: EnumProperty(
        name="Build",
        description="Which torch is installed: what paint is computed on",
        items=[
            (AUTOMATIC, "Automatic", "What this machine can run, the fastest first"),
            (FROM_INDEX, "Package Index", "What the package index has for this system, all of it with known hashes"),
            *((name, build.name, build.about[0].upper() + build.about[1:]) for name, build in BUILDS.items()),
        ],
        update=changed,
    )
    index: StringProperty(
        name="Package Index",
        description="A mirror of the package index; empty: the one that pip is set to, or asks by itself",
        update=changed,
    )
    torch_index: StringProperty(
        name="PyTorch's Index",
        description=f"A mirror of PyTorch's own index; empty: {TORCH_INDEX}",
        update=changed,
    )
    proxy: StringProperty(
        name="Proxy",
        description="Such as http://proxy.studio:8080; empty: the one of pip's settings or of the system",
        update=changed,
    )
    wheels: StringProperty(
        name="Folder of Wheels",
        description="Installs from this folder, without a network: build.py package --wheels makes one",
        subtype="DIR_PATH",
        update=changed,
    )
    cache_folder: StringProperty(
        name="Cache",
        description="Where painted frames go; empty: beside the .blend file",
        subtype="DIR_PATH",
        options=RELATIVE,
    )
    cache_limit: FloatProperty(
        name="Limit (GB)",
        description="When a painting has ended and more than this is kept, what was longest unused is removed, and "
        "never what the open file shows or its queue needs. 0: no limit, nothing that is finished is removed by "
        "itself",
        min=0.0,
        soft_max=1000.0,
        precision=1,
        step=100,
    )
    show_sources: BoolProperty(name="Where It Comes From", description="Index, proxy, build, or a folder of wheels")

    def draw(self, context: Context) -> None:
        """The painter's state and buttons, and the settings."""
        box = self.layout.box()
        painter_panel.draw(box, context)
        column = box.column()
        column.enabled = not painter.is_busy()
        column.prop(self, "python")
        icon = "DOWNARROW_HLT" if self.show_sources else "RIGHTARROW"
        row = column.row()
        row.alignment = "LEFT"
        row.prop(self, "show_sources", icon=icon, emboss=False)
        if self.show_sources:
            for name in ("build", "index", "torch_index", "proxy", "wheels"):
                column.prop(self, name)
        for draw in further:
            draw(self.layout, context)


def register() -> None:
    bpy.utils.register_class(StylestripPreferences)


def unregister() -> None:
    if painter.is_loaded:
        painter.cancel()
    if painter_panel.is_loaded:
        painter_panel.redraw_no_more()
    bpy.utils.unregister_class(StylestripPreferences)
