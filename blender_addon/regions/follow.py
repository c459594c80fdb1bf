"""The operators that follow an object through its strip, and go to where it should be corrected."""

import bpy
from bpy.props import IntProperty
from bpy.types import Context, Scene, Strip

from ...style_core.job import UserError
from ..host import versions
from ..host.moments import moments_of
from ..later import object_following
from ..task import Task
from .asking import AsksWorker
from .keyframes import chosen_object
from .list_regions import ForOneRegion, ForRegions
from .settings import StylestripRegion


class ForObject(ForOneRegion):
    """What works on the chosen region if it is an object that was cut out."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        if not super().poll(context):
            return False
        region = chosen_object(versions.active_strip(context))
        if region is None or not region.keyframes:
            cls.poll_message_set("Cut the object out first")
            return False
        return True


class FollowObject(AsksWorker, ForObject):
    """Follow the object through the whole strip, from the frames in which it was cut out, forwards and backwards"""

    bl_idname = "stylestrip.follow_object"
    bl_label = "Follow"

    def ask(self, scene: Scene, strip: Strip, own: StylestripRegion) -> Task:
        return object_following.begin(scene, strip, own)


class GoToFrame(ForRegions):
    """Go to this frame, to look at the object there and to correct it"""

    bl_idname = "stylestrip.go_to_frame"
    bl_label = "Go to Frame"

    __annotations__ = {"number": IntProperty(name="Frame", description="The frame of the strip's source, from 1")}

    def execute(self, context: Context) -> set[str]:
        scene, strip = versions.sequencer_scene(context), versions.active_strip(context)
        try:
            moments = moments_of(strip, scene)
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if self.number not in moments:
            self.report({"WARNING"}, f"Frame {self.number} of the source is not in the strip as it is now.")
            return {"CANCELLED"}
        scene.frame_set(moments[self.number])
        return {"FINISHED"}


class RemoveKeyframe(ForObject):
    """Forget what was cut out in this frame; the object is followed from the others"""

    bl_idname = "stylestrip.remove_keyframe"
    bl_label = "Remove Frame"

    __annotations__ = {"number": IntProperty(name="Frame", description="The frame of the strip's source, from 1")}

    def execute(self, context: Context) -> set[str]:
        keyframes = chosen_object(versions.active_strip(context)).keyframes
        places = [place for place, keyframe in enumerate(keyframes) if keyframe.frame == self.number]
        for place in places:
            keyframes.remove(place)
        if not places:
            known = ", ".join(str(one.frame) for one in keyframes)
            self.report({"ERROR"}, f"Nothing was cut out in frame {self.number} of the source; it was in {known}.")
            return {"CANCELLED"}
        return {"FINISHED"}


CLASSES = (FollowObject, GoToFrame, RemoveKeyframe)


register, unregister = bpy.utils.register_classes_factory(CLASSES)
