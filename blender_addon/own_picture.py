"""The file browser for a style picture of one's own, which opens as soon as that is chosen in the gallery."""

from collections.abc import Iterator
from pathlib import Path

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Event, Operator, PropertyGroup

from .gallery import FILE, watchers

SOON = 0.01  # seconds until the gallery is closed

asked: tuple[str, ...] = ()
"""Whose picture is chosen: what names the settings, as Blender has no path to them that outlives the browser."""


class OwnPicture(Operator):
    """Choose a picture file whose style is painted"""

    bl_idname = "stylestrip.own_picture"
    bl_label = "Choose Picture"
    bl_options = {"INTERNAL", "UNDO"}  # noqa: RUF012 - Blender asks for a set

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_image: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context: Context, event: Event) -> set[str]:
        # Else Blender proposes the .blend file's own name.
        self.filepath = bpy.path.abspath("//") if bpy.data.filepath else ""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Context) -> set[str]:
        settings = found()
        if settings is None or not Path(self.filepath).is_file():
            self.report({"ERROR"}, f"'{self.filepath}' is no file: choose a picture.")
            return {"CANCELLED"}
        saved = bpy.data.filepath and not self.filepath.startswith("//")
        settings.style = relative(self.filepath) if saved else self.filepath
        return {"FINISHED"}


def relative(path: str) -> str:
    """A path as Blender's own buttons write it, where files are to be relative."""
    try:
        return bpy.path.relpath(path) if bpy.context.preferences.filepaths.use_relative_paths else path
    except ValueError:  # on another drive
        return path


def places() -> Iterator[tuple[tuple[str, ...], PropertyGroup]]:
    """All settings with a style picture, of strips, nodes and their regions, and what names each of them."""
    whole = []
    for scene in bpy.data.scenes:
        for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
            whole.append((("strip", scene.name, strip.name), strip.stylestrip))
    for tree in bpy.data.node_groups:
        if tree.bl_idname == "CompositorNodeTree":
            whole.append((("node", tree.name), tree.stylestrip_node.settings))
    for names, own in whole:
        yield names, own
        for region in own.regions:
            yield (*names, region.name), region


def found() -> PropertyGroup | None:
    """The settings whose picture is chosen; None if they are gone."""
    return next((own for names, own in places() if names == asked), None)


def ask(settings: PropertyGroup) -> None:
    """Opens the browser where a person has chosen a picture of their own and there is none yet."""
    global asked
    # A script that gives other settings their values has no pointer in a panel.
    region = bpy.context.region
    if settings.picture != FILE or settings.style or region is None or bpy.app.background:
        return
    asked = next((names for names, own in places() if own == settings), ())
    if not asked:  # a copy of settings, which belong to a version
        return
    bpy.app.timers.register(open_browser, first_interval=SOON)


def open_browser() -> None:
    """Opens it, once Blender has closed the gallery."""
    for window in bpy.context.window_manager.windows[:1]:
        with bpy.context.temp_override(window=window):
            bpy.ops.stylestrip.own_picture("INVOKE_DEFAULT")


def register() -> None:
    bpy.utils.register_class(OwnPicture)
    watchers.append(ask)


def unregister() -> None:
    watchers.remove(ask)
    bpy.utils.unregister_class(OwnPicture)
