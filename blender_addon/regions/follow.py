"""The operators that follow an object through its strip, and go to where it should be corrected."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import bpy
from bpy.props import IntProperty
from bpy.types import Context, Scene, Strip

from ...style_core.job import MatteJob, Output, UserError
from .. import jobs
from ..host import versions
from ..host.moments import moments_of
from ..host.painted import blend_relative
from ..host.strips import source_of
from ..task import Task
from ..tickets import find_region, find_strip
from .asking import AsksWorker, ask_for_mattes
from .keyframes import chosen_object, doubtful, knowledge
from .list_regions import ForOneRegion, ForRegions
from .settings import StylestripRegion
from .to_mask import matte_region


@dataclass(kw_only=True)
class Following(Task):
    """An object on its way through its strip."""

    errand: ClassVar[str] = "a region"

    scene: str
    strip: str
    region: str
    known: str
    """What it is followed from."""

    def deliver(self, folder: Path) -> str:
        """Gives the region its mattes, as one step to undo."""
        scene, strip = find_strip(self.identifier, self.scene, self.strip)
        region = find_region(strip, self.identifier, self.region)
        region.followed, region.followed_from = blend_relative(folder), self.known
        if not bpy.app.background:
            bpy.ops.ed.undo_push(message="Follow Object")
        more = " Look at the frames named below." if doubtful(region, scene) else ""
        return f"'{region.name}' is followed through the strip.{more}"


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
        return begin(scene, strip, own)


def begin(scene: Scene, strip: Strip, own: StylestripRegion) -> Task:
    """Asks the worker to follow an object; raises UserError if it cannot be."""
    source, _ = source_of(strip, scene)
    job = MatteJob(source, matte_region(own, scene, ""), Output(cache=str(jobs.cache_folder())))
    task = Following(scene=scene.name, strip=strip.name, region=own.name, known=knowledge(own))
    return ask_for_mattes(task, job, strip, own)


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
