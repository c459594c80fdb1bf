"""In the preferences: how much lies on the disk, a limit, and the buttons that remove what is not needed or all."""

import time
from collections.abc import Callable

import bpy
from bpy.props import BoolProperty, IntProperty
from bpy.types import Context, Event, Operator, UILayout

from ..style_core.job import UserError
from . import preferences, speed
from .later import disk, kept, painter, painter_panel
from .painter_buttons import end_painters, is_idle
from .runtime.sizes import in_megabytes
from .sentence import draw_sentence

WIDTH = 460
WORDS = {
    "painted frames": "Painted frames",
    "motion": "Motion between frames",
    "rendered strips": "Frames rendered of strips and nodes",
    "frames of nodes": "Frames that nodes show",
    "live frames": "Frames of nodes that were painted live",
    "mattes": "Mattes of regions",
    "style pictures": "Style pictures out of .blend files",
    "left half done": "What a Blender that was killed left half done",
}

listed: list["kept.Kept"] = []
"""What was found when the dialog was opened."""
needed: "disk.Needed | None" = None
"""What of it must stay."""


class CleanUp(Operator):
    """Remove frames that this file does not show and that were not used for some time; they can be painted again"""

    bl_idname = "stylestrip.clean_up"
    bl_label = "Clean Up..."
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender reads it

    days: IntProperty(
        name="Not Used for (Days)",
        description="How long ago something was last painted, or a file that shows it was opened or saved with "
        "Stylestrip. 0 removes all that this file does not show",
        default=30,
        soft_min=0,
        soft_max=3650,
    )

    @classmethod
    def poll(cls, context: Context) -> bool:
        return is_at_rest(cls)

    def invoke(self, context: Context, event: Event) -> set[str]:
        global needed
        listed[:], needed = disk.found(), disk.needed()
        return context.window_manager.invoke_props_dialog(self, width=WIDTH, confirm_text="Remove")

    def draw(self, context: Context) -> None:
        going = kept.not_used_since(listed, time.time() - self.days * kept.DAY, needed)
        self.layout.prop(self, "days")
        column = self.layout.column(align=True)
        for kind, size in kept.totals(going).items():
            if size:
                row = column.row()
                row.label(text=WORDS[kind])
                row.label(text=in_megabytes(size))
        staying = in_megabytes(kept.total(listed) - kept.total(going))
        if going:
            words = f"Removes {in_megabytes(kept.total(going))}; {staying} stay."
        else:
            words = f"Nothing is old enough that this file does not need: {staying} stay."
        draw_sentence(self.layout, context, words)
        draw_sentence(self.layout, context, "Strips of other files whose frames go must be painted again.", "INFO")

    def execute(self, context: Context) -> set[str]:
        return told(self, self.perform)

    def perform(self) -> int:
        """Removes what is old; the bytes that are free now."""
        if self.days < 0:
            raise UserError(f"Not Used for (Days) is {self.days}: it must be at least 0.")
        return kept.total(disk.clean_up(self.days))


class RemoveAll(Operator):
    """Remove the painter and everything else that Stylestrip keeps, as before it is uninstalled"""

    bl_idname = "stylestrip.remove_all"
    bl_label = "Remove All..."
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender reads it

    painter: BoolProperty(name="Painter", description="What Install has made; a Python of your own stays", default=True)
    unsaved: BoolProperty(
        name="Frames of files that were never saved", description="Strips that show them must be painted again",
        default=True,
    )  # fmt: skip
    networks: BoolProperty(
        name="Downloaded networks", description="Fetched again when a setting needs them", default=True
    )
    cache: BoolProperty(
        name="Frames of this file, and of others beside it",
        description="Strips and nodes that show them must be painted again",
        default=False,
    )

    @classmethod
    def poll(cls, context: Context) -> bool:
        return is_at_rest(cls)

    def invoke(self, context: Context, event: Event) -> set[str]:
        disk.sizes().thread.join()
        return context.window_manager.invoke_props_dialog(self, width=WIDTH, confirm_text="Remove")

    def draw(self, context: Context) -> None:
        known, where = disk.sizes(), disk.places()
        for name in ("painter", "networks", "unsaved", "cache"):
            if name == "cache" and where.cache == where.unsaved:
                continue
            row = self.layout.row()
            row.prop(self, name)
            row.label(text=in_megabytes(getattr(known, name)))
        draw_sentence(self.layout, context, "What you have cut out by hand stays.", "INFO")

    def execute(self, context: Context) -> set[str]:
        return told(self, self.perform)

    def perform(self) -> int:
        """Removes what is ticked; the bytes that are free now."""
        disk.require_rest()
        sums, where = disk.Sizes(disk.places()), disk.places()
        sums.thread.join()
        wanted = [name for name in ("painter", "networks", "unsaved", "cache") if getattr(self, name)]
        if where.cache == where.unsaved and "unsaved" in wanted and "cache" in wanted:
            wanted.remove("cache")
        if self.painter:
            end_painters()
            painter.remove()
            speed.forget()
        if self.networks:
            disk.remove_folder(where.networks)
        for name in ("unsaved", "cache"):
            if name in wanted:
                disk.remove_kept(getattr(where, name))
        return sum(getattr(sums, name) for name in wanted)


def is_at_rest(button: type[Operator]) -> bool:
    """Whether something can be removed now; a button that cannot be pressed says why."""
    if painter.is_busy():
        button.poll_message_set("An installation or a check is going on: wait until it is done, or cancel it")
        return False
    return is_idle(button)


def told(button: Operator, perform: Callable[[], int]) -> set[str]:
    """Removes something, and says how much, or what is wrong."""
    try:
        freed = perform()
    except UserError as error:
        button.report({"ERROR"}, str(error))
        return {"CANCELLED"}
    button.report({"INFO"}, f"{in_megabytes(freed)} removed.")
    painter_panel.redraw_soon()
    return {"FINISHED"}


def draw(layout: UILayout, context: Context) -> None:
    """What lies on the disk, and what is done about it."""
    own, known, where = preferences.preferences(), disk.sizes(), disk.places()
    box = layout.box()
    box.label(text="On the Disk", icon="DISK_DRIVE")
    lines = [("Painter", known.painter), ("Frames of this file, and of others beside it", known.cache)]
    if where.cache == where.unsaved:
        lines[1:] = [("Frames of files that were never saved", known.unsaved)]
    elif known.unsaved:
        lines.append(("Frames of files that were never saved", known.unsaved))
    if known.networks:
        lines.append(("Downloaded networks", known.networks))
    column = box.column(align=True)
    for words, size in lines:
        split = column.split(factor=0.6)
        split.label(text=words)
        split.label(text=in_megabytes(size) if size else "nothing" if known.done else "...")
    if not known.done:
        painter_panel.redraw_soon()
    box.prop(own, "cache_folder")
    box.prop(own, "cache_limit", text="Limit (GB)" if own.cache_limit else "No Limit (GB)")
    if disk.removed_last:
        draw_sentence(box, context, disk.removed_last, "INFO")
    row = box.row(align=True)
    row.operator(CleanUp.bl_idname)
    row.operator(RemoveAll.bl_idname)


CLASSES = (CleanUp, RemoveAll)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    preferences.further.append(draw)


def unregister() -> None:
    preferences.further.remove(draw)
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
