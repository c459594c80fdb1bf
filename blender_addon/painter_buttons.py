"""The buttons of the preferences that install, try, mend and remove the painter."""

from pathlib import Path

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Operator

from ..style_core.job import UserError
from . import connection, jobs
from .compositor import live_painter
from .later import folders, painter, painter_panel
from .preferences import preferences, settings, user_folder
from .runtime.sizes import in_megabytes


class PainterButton(Operator):
    """A button that moves the painter's state; what is wrong is reported as a sentence."""

    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender reads it

    def execute(self, context: Context) -> set[str]:
        try:
            self.perform()
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        painter_panel.redraw_soon()
        return {"FINISHED"}

    def perform(self) -> None:
        """What the button does."""
        raise NotImplementedError


class Install(PainterButton):
    """Install torch and its companions into the extension's own folder; an earlier painter works until then"""

    bl_idname = "stylestrip.install_painter"
    bl_label = "Install"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return is_idle(cls) and may_install(cls)

    def perform(self) -> None:
        painter.install(settings())
        preferences().python = ""  # what is installed shall be what paints


class Repair(PainterButton):
    """Mend the painter: without a download where Blender was moved or updated, else by installing it anew"""

    bl_idname = "stylestrip.repair_painter"
    bl_label = "Repair"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return is_idle(cls) and may_install(cls)

    def perform(self) -> None:
        end_painters()  # what they run on is replaced
        painter.install(settings(), repair=True)
        preferences().python = ""


def is_idle(button: type[Operator]) -> bool:
    """Whether nothing is being painted; a button that cannot be pressed says why."""
    if jobs.is_at_work():
        button.poll_message_set(jobs.BUSY)
        return False
    return True


def end_painters() -> None:
    """Ends the workers, which wait for something to do."""
    connection.close(at_once=True)
    live_painter.end()


def may_install(button: type[Operator]) -> bool:
    """Whether something can be installed now; a button that cannot be pressed says why."""
    if not bpy.app.online_access and not preferences().wheels:
        button.poll_message_set("Allow Online Access in Preferences > System, or name a folder of wheels below")
        return False
    return not painter.is_busy()


class Cancel(PainterButton):
    """Stop at once; what was downloaded is kept to go on with, and an earlier painter stays in use"""

    bl_idname = "stylestrip.cancel_painter"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not painter.is_busy():
            cls.poll_message_set("It is another Blender that is installing")
        return painter.is_busy()

    def perform(self) -> None:
        painter.cancel()


class Check(PainterButton):
    """Start the painter's Python, see whether it has everything, and paint five steps"""

    bl_idname = "stylestrip.check_painter"
    bl_label = "Check"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return not painter.is_busy()

    def perform(self) -> None:
        painter.begin_check(settings())


class Remove(PainterButton):
    """Remove the installed painter and what was downloaded for it; painted frames stay"""

    bl_idname = "stylestrip.remove_painter"
    bl_label = "Remove"

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not is_idle(cls):
            return False
        if folders.current(user_folder()) is None:
            cls.poll_message_set("Stylestrip has installed nothing; a Python of your own is not removed")
            return False
        return not painter.is_busy()

    def invoke(self, context: Context, event: Event) -> set[str]:
        size = in_megabytes(folders.size_of(user_folder() / folders.RUNTIMES))
        return context.window_manager.invoke_confirm(
            self, event, title="Remove the painter?", message=f"This frees {size}. Painted frames stay."
        )

    def perform(self) -> None:
        end_painters()
        painter.remove()


class ChoosePython(PainterButton):
    """Paint with a Python of your own that has torch, instead of the one that Stylestrip installs"""

    bl_idname = "stylestrip.choose_python"
    bl_label = "Choose Python..."

    filepath: StringProperty(subtype="FILE_PATH")

    @classmethod
    def poll(cls, context: Context) -> bool:
        return not painter.is_busy()

    def invoke(self, context: Context, event: Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def perform(self) -> None:
        path = Path(self.filepath)
        if path.is_dir():  # of an environment, or of one that build.py has made
            found = [folders.venv_python(place) for place in (path, path / ".envs" / "runtime")]
            path = next((python for python in found if python.is_file()), path)
        if not path.is_file():
            raise UserError(
                f"'{self.filepath}' holds no Python: choose its program, such as bin/python, or the folder of its "
                "environment."
            )
        preferences().python = str(path)
        painter.begin_check(settings())


class CopyReport(PainterButton):
    """Copy versions, device, state and the last installation's words, to be pasted into a report"""

    bl_idname = "stylestrip.copy_report"
    bl_label = "Copy Report"

    def perform(self) -> None:
        bpy.context.window_manager.clipboard = painter.report(settings())
        self.report({"INFO"}, "The report is copied: paste it where you ask for help.")


CLASSES = (Install, Repair, Cancel, Check, Remove, ChoosePython, CopyReport)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
