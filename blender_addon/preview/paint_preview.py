"""The operator that paints a frame or a few, with just the settings that Stylize would take."""

import bpy
from bpy.props import BoolProperty, IntProperty, StringProperty
from bpy.types import Context, Event, Operator

from ...style_core.job import UserError
from .. import driver, jobs
from ..host import versions
from ..later import frames, previewing
from ..sequencer.at_hand import has_strips

# What a script gave for one strip must not come back when the button is pressed for the next.
ONCE = {"SKIP_SAVE"}
# So many frames tell how paint moves.
SHOT = 5
MOST = 50


class PreviewStrip(Operator):
    """Paint the frame under the playhead now, as Stylize would, and show it over the strip. In the finished strip \
strokes follow from the frames before; here they begin at this frame"""

    bl_idname = "stylestrip.preview"
    bl_label = "Preview"
    # No "UNDO": nothing of the file is changed.
    bl_options = {"REGISTER"}  # noqa: RUF012 - Blender asks for a set

    __annotations__ = {
        "strip": StringProperty(name="Strip", description="Name of the strip; empty: the active one", options=ONCE),
        "frame": IntProperty(
            name="Frame", description="Frame of the timeline; not given: the one under the playhead", options=ONCE
        ),
        "frames": IntProperty(
            name="Frames",
            description="How many frames around it are painted, with the motion from one to the next",
            default=1,
            soft_min=1,
            soft_max=MOST,
            options=ONCE,
        ),
        "wait": BoolProperty(name="Wait", description="Return only when the preview is there", options=ONCE),
    }

    @classmethod
    def description(cls, context: Context, properties: "PreviewStrip") -> str:
        if properties.frames == 1:
            return cls.__doc__
        return (
            f"Paint {properties.frames} frames around the playhead, each following from the one before as in the "
            "finished strip. Move the playhead, or press Play, to see them"
        )

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not has_strips(cls, context):
            return False
        if jobs.is_on_errand():
            cls.poll_message_set("A preview or a region is being made: wait for it, or cancel it")
            return False
        return True

    def execute(self, context: Context) -> set[str]:
        scene = versions.sequencer_scene(context)
        try:
            strip = previewing.chosen(scene, self.strip)
            moment = self.frame if self.properties.is_property_set("frame") else scene.frame_current
            task = previewing.start(scene, strip, moment, self.frames)
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        context.window_manager.stylestrip_show_preview = True
        if self.wait or bpy.app.background:
            driver.wait(task)
            if task.state != "done":
                self.report({"ERROR"}, task.message)
                return {"CANCELLED"}
        return {"FINISHED"}

    def invoke(self, context: Context, event: Event) -> set[str]:
        return self.execute(context)


def leave_nothing() -> None:
    """Leaves nothing unfinished of previews that have ended, in whatever way."""
    if previewing.is_loaded:
        previewing.leave_nothing()


def register() -> None:
    bpy.utils.register_class(PreviewStrip)
    jobs.watchers.append(leave_nothing)


def unregister() -> None:
    jobs.watchers.remove(leave_nothing)
    if frames.is_loaded:
        frames.put_away()
    bpy.utils.unregister_class(PreviewStrip)
