"""The preferences: which Python paints, whether it can, and where painted frames go."""

import os
import sys
from pathlib import Path

import bpy
from bpy.props import StringProperty
from bpy.types import AddonPreferences, Context, Operator

from ..style_core.job import UserError
from . import EXTENSION
from .installation import Installation
from .properties import RELATIVE
from .runtime import CHECKED, Check, find_python
from .sentence import draw_sentence

POLL_SECONDS = 0.25

installation: Installation | None = None
check: Check | None = None


def user_folder() -> Path:
    """The only folder beside the caches that the extension writes to."""
    return Path(bpy.utils.extension_path_user(EXTENSION, path="", create=True))


def preferences() -> "StylestripPreferences":
    """The extension's preferences."""
    return bpy.context.preferences.addons[EXTENSION].preferences


def state() -> tuple[str, str]:
    """An icon and a sentence about the painter."""
    if installation and not installation.done:
        return "SORTTIME", f"{installation.step}: {installation.log[-1][:100] if installation.log else '...'}"
    if installation and installation.problem:
        return "ERROR", installation.problem
    try:
        python = find_python(bpy.path.abspath(preferences().python), user_folder(), os.environ)
    except UserError as error:
        return "ERROR", str(error)
    if check and check.python == python:
        if check.report is None:
            return "SORTTIME", "Checking ..."
        if check.report.problem:
            return "ERROR", check.report.problem
        return "CHECKMARK", f"Ready on {check.report.device} ({check.report.versions})"
    return "INFO", f"Found: {python}. Press Check to try it."


def forget_installation(chosen: "StylestripPreferences", context: Context) -> None:
    """Drops an installation that has ended: what the person chose or asked since is what counts."""
    global installation
    if installation and installation.done:
        installation = None


class StylestripPreferences(AddonPreferences):
    """What holds for all files."""

    bl_idname = EXTENSION

    python: StringProperty(
        name="Python",
        description="A Python with torch; empty: the one that Stylestrip installed",
        subtype="FILE_PATH",
        update=forget_installation,
    )
    cache_folder: StringProperty(
        name="Cache",
        description="Where painted frames go; empty: beside the .blend file",
        subtype="DIR_PATH",
        options=RELATIVE,
    )

    def draw(self, context: Context) -> None:
        """The state of the painter, its buttons, and the two paths."""
        icon, sentence = state()
        box = self.layout.box()
        box.label(text="Painter", icon="BRUSH_DATA")
        draw_sentence(box, context, sentence, icon)
        row = box.row()
        if installation and not installation.done:
            row.operator(CancelInstallation.bl_idname)
        else:
            row.operator(InstallRuntime.bl_idname)
        row.operator(CheckRuntime.bl_idname)
        box.prop(self, "python")
        self.layout.prop(self, "cache_folder")


class InstallRuntime(Operator):
    """Download torch and its companions (about 3 GB) into the extension's own folder"""

    bl_idname = "stylestrip.install_runtime"
    bl_label = "Install"

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not bpy.app.online_access:
            cls.poll_message_set("Allow Online Access in Preferences > System to install the painter")
            return False
        return installation is None or installation.done

    def execute(self, context: Context) -> set[str]:
        global installation, check
        check = None  # it was about a Python that is replaced now
        installation = Installation(sys.executable, user_folder())
        bpy.app.timers.register(redraw, first_interval=POLL_SECONDS)
        return {"FINISHED"}


class CancelInstallation(Operator):
    """Stop the download and remove what was installed so far"""

    bl_idname = "stylestrip.cancel_installation"
    bl_label = "Cancel Installation"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return installation is not None and not installation.done

    def execute(self, context: Context) -> set[str]:
        installation.cancel()
        return {"FINISHED"}


class CheckRuntime(Operator):
    """Start the painter's Python and see whether it has everything"""

    bl_idname = "stylestrip.check_runtime"
    bl_label = "Check"

    def execute(self, context: Context) -> set[str]:
        global check
        forget_installation(preferences(), context)
        try:
            python = find_python(bpy.path.abspath(preferences().python), user_folder(), os.environ)
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        CHECKED.clear()
        check = Check(python)
        bpy.app.timers.register(redraw, first_interval=POLL_SECONDS)
        return {"FINISHED"}


def redraw() -> float | None:
    """Shows the state again while something is going on."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "PREFERENCES":
                area.tag_redraw()
    busy = (installation and not installation.done) or (check and check.report is None)
    return POLL_SECONDS if busy else None


CLASSES = (StylestripPreferences, InstallRuntime, CancelInstallation, CheckRuntime)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    if installation and not installation.done:
        installation.cancel()
    if bpy.app.timers.is_registered(redraw):
        bpy.app.timers.unregister(redraw)
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
