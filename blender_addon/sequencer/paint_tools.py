"""Operators for painted strips: to and from their sources, between their versions, and away with them."""

import bpy
from bpy.props import EnumProperty, IntProperty
from bpy.types import Context, Event, Operator, Scene, Strip

from ...style_core.job import UserError
from .. import paint_within
from ..host.counterparts import is_paint, paint_at, source_of_paint, sources_of_paint
from ..host.own_modifier import paint_modifier
from ..host.painted import siblings
from ..host.place import hand_over
from ..host.versions import active_strip, sequencer_scene
from ..host.ways_in import speed_effects_of
from ..later import paint_removal
from ..paint import pieces_of, shown_version, switch
from ..values import copy

# Kept by those who watch a list: see `StylestripSettings`.
NOT_GIVEN = ("ticket", "region_index")
NO_PAINT = "Select a painted strip, or one that was painted"


def paint_at_hand(context: Context) -> list[Strip]:
    """The painted strip that is active, or what shows the paint of the active strip; see `paint_at`."""
    strip, scene = active_strip(context), sequencer_scene(context)
    if strip is None:
        return []
    return [strip] if is_paint(strip) else paint_at(scene, strip)


class OfPaint:
    """An operator on the painted strip at hand."""

    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender asks for a set

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not paint_at_hand(context):
            cls.poll_message_set(NO_PAINT)
            return False
        return True


class SelectCounterpart(OfPaint, Operator):
    """Go from a painted strip to the strip that it was made of, where its settings are, or back to the paint"""

    bl_idname = "stylestrip.select_counterpart"
    bl_label = "Select Source or Paint"

    def execute(self, context: Context) -> set[str]:
        scene, strip = sequencer_scene(context), active_strip(context)
        other = source_of_paint(scene, strip) if is_paint(strip) else paint_at_hand(context)[0]
        if other == strip:
            self.report(
                {"INFO"}, f"'{strip.name}' is both: its paint is in its modifier '{paint_modifier(strip).name}'."
            )
            return {"FINISHED"}
        if other is None:
            self.report({"ERROR"}, f"The strip that '{strip.name}' was painted of is gone: undo its deletion.")
            return {"CANCELLED"}
        for one in scene.sequence_editor.strips_all:
            one.select = one == other
        scene.sequence_editor.active_strip = other
        return {"FINISHED"}


class ShowVersion(OfPaint, Operator):
    """Show another version of the paint; nothing is painted anew"""

    bl_idname = "stylestrip.show_version"
    bl_label = "Show Version"

    version: IntProperty(name="Version", description="Its place in the list, from 0", soft_min=0)

    def execute(self, context: Context) -> set[str]:
        painted = paint_at_hand(context)[0]
        count = len(painted.stylestrip_paint.versions)
        if not 0 <= self.version < count:
            self.report({"ERROR"}, f"'{painted.name}' has no version {self.version}; it has 0 to {count - 1}.")
            return {"CANCELLED"}
        try:
            scene = sequencer_scene(context)
            said = [switch(scene, one, self.version) for one in pieces_of(scene, painted)]
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for sentence in filter(None, said):
            self.report({"INFO"}, sentence)
        return {"FINISHED"}


class UseItsSettings(OfPaint, Operator):
    """Give the source the settings with which the shown version was painted, to go on from there"""

    bl_idname = "stylestrip.use_its_settings"
    bl_label = "Use Its Settings"

    def execute(self, context: Context) -> set[str]:
        painted = paint_at_hand(context)[0]
        source = source_of_paint(sequencer_scene(context), painted) if is_paint(painted) else painted
        if source is None:
            self.report({"ERROR"}, f"The strip that '{painted.name}' was painted of is gone: undo its deletion.")
            return {"CANCELLED"}
        version = shown_version(painted)
        if version.has_no_settings:
            sentence = f"How '{source.name}' was set for '{version.name}' is not known any more: set it by hand."
            self.report({"ERROR"}, sentence)
            return {"CANCELLED"}
        copy(version.settings, source.stylestrip, NOT_GIVEN)
        self.report({"INFO"}, f"'{source.name}' is set as '{version.name}' was.")
        return {"FINISHED"}


class DeleteCache(OfPaint, Operator):
    """Delete painted frames from the disk; this cannot be undone, but they can be painted again"""

    bl_idname = "stylestrip.delete_cache"
    bl_label = "Delete Painted Frames"
    # Not to be adjusted afterwards: what is deleted stays deleted.
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender asks for a set

    what: EnumProperty(
        name="What",
        description="Which frames are deleted",
        items=[
            ("OLD", "Versions That Are Not Shown", "The version that is seen stays"),
            (
                "ALL",
                "All, and What Shows Them",
                "The painted strip or the modifier goes, and the source is shown as it is",
            ),
        ],
    )

    def invoke(self, context: Context, event: Event) -> set[str]:
        painted = paint_at_hand(context)[0]
        self.what = "OLD" if len(painted.stylestrip_paint.versions) > 1 else "ALL"
        # Counted once, as the dialog is drawn again and again.
        scene = sequencer_scene(context)
        both = {"OLD": True, "ALL": False}
        found = {what: paint_removal.folders_of(scene, painted, only_old) for what, only_old in both.items()}
        self.sizes = {what: paint_removal.megabytes(folders) for what, folders in found.items()}
        return context.window_manager.invoke_props_dialog(self, width=400, confirm_text="Delete")

    def draw(self, context: Context) -> None:
        self.layout.prop(self, "what", expand=True)
        size = self.sizes[self.what]
        name = paint_at_hand(context)[0].name
        self.layout.label(text=f"'{name}': {size:.1f} MB on the disk.", icon="INFO")
        self.layout.label(text="This cannot be undone.", icon="BLANK1")

    def execute(self, context: Context) -> set[str]:
        scene, painted = sequencer_scene(context), paint_at_hand(context)[0]
        folders = paint_removal.folders_of(scene, painted, only_old=self.what == "OLD")
        size, name = paint_removal.megabytes(folders), painted.name
        try:
            paint_removal.remove_folders(folders)
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if self.what == "OLD":
            for one in pieces_of(scene, painted):
                forget_old(one)
        else:
            uncover(scene, painted)
        self.report({"INFO"}, f"{size:.1f} MB of '{name}' are deleted.")
        return {"FINISHED"}


def forget_old(painted: Strip) -> None:
    """Leaves a painted strip the version alone that it shows."""
    own = painted.stylestrip_paint
    for index in reversed(range(len(own.versions))):
        if index != own.shown:
            own.versions.remove(index)
    own.shown = 0


def uncover(scene: Scene, painted: Strip) -> None:
    """Removes paint in all its pieces, painted strips or modifiers, and shows what it was made of."""
    for one in pieces_of(scene, painted):
        if not is_paint(one):
            paint_within.remove(one)
            one.stylestrip_paint.versions.clear()
            continue
        sources = sources_of_paint(scene, one)
        channel = one.channel
        if sources:
            hand_over(scene, one, sources[0])
        siblings(scene, one).remove(one)
        for source in sources:
            source.channel = min(source.channel, channel)
            for shown in (source, *speed_effects_of(source, scene)):
                shown.mute = False
            scene.sequence_editor.active_strip = source


CLASSES = (SelectCounterpart, ShowVersion, UseItsSettings, DeleteCache)


register, unregister = bpy.utils.register_classes_factory(CLASSES)
