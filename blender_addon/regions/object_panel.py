"""What the panels say about an object: where it was cut out, and where the painter is not sure of it."""

import bpy
from bpy.types import Context, Panel, Scene, Strip, UILayout

from ...style_core.job import least_sure
from ..host.versions import active_strip, sequencer_scene
from .cut_out import CutOut
from .follow import FollowObject, GoToFrame, RemoveKeyframe
from .keyframes import confidences, doubtful, is_followed
from .settings import StylestripRegion
from .shown_frames import moment_of, shown_frames


def draw_object(layout: UILayout, region: StylestripRegion, context: Context) -> None:
    """An object's frames, and the buttons to cut it out, follow it, and correct it."""
    scene, strip = sequencer_scene(context), active_strip(context)
    if not region.keyframes:
        layout.operator(CutOut.bl_idname, icon="GREASEPENCIL")
        return
    box = layout.column(align=True)
    for keyframe in sorted(region.keyframes, key=lambda keyframe: keyframe.frame):
        row = box.row(align=True)
        draw_frame(row, scene, strip, keyframe.frame, "cut out", "KEYTYPE_KEYFRAME_VEC")
        row.operator(RemoveKeyframe.bl_idname, text="", icon="X").number = keyframe.frame
    layout.operator(CutOut.bl_idname, text="Correct This Frame", icon="GREASEPENCIL")
    draw_following(layout, region, scene, strip)


def draw_following(layout: UILayout, region: StylestripRegion, scene: Scene, strip: Strip) -> None:
    """The button that follows an object, and what came of it."""
    sure = confidences(region, scene)
    # The strip may show more of its film than when it was followed.
    followed = is_followed(region) and set(shown_frames(scene, strip)) <= sure.keys()
    to_check = doubtful(region, scene)
    if not followed:
        text = "Follow Again" if region.followed else "Follow"
        layout.operator(FollowObject.bl_idname, text=text, icon="TRACKING_FORWARDS")
    elif to_check:
        layout.label(text="Followed: look at these frames", icon="CHECKMARK")
    else:
        is_sure = sure and not least_sure(sure)
        layout.label(text="Followed, and sure in every frame" if is_sure else "Followed", icon="CHECKMARK")
    column = layout.column(align=True)
    for number, share in to_check.items():
        draw_frame(column.row(align=True), scene, strip, number, f"check ({share:.0%} sure)", "ERROR")


def draw_frame(layout: UILayout, scene: Scene, strip: Strip, number: int, words: str, icon: str) -> None:
    """A button that goes to a frame of the source."""
    moment = moment_of(scene, strip, number)
    text = f"{f'Frame {moment}' if moment is not None else 'Not in the strip'}: {words}"
    layout.operator(GoToFrame.bl_idname, text=text, icon=icon).number = number


class CutOutPanel:
    """Stylestrip in the sidebar of an editor that shows a picture."""

    bl_region_type = "UI"
    bl_category = "Stylestrip"
    bl_label = "Stylestrip"

    def draw(self, context: Context) -> None:
        self.layout.operator(CutOut.bl_idname, icon="GREASEPENCIL")
        self.layout.label(text="Makes a mask of a thing")


class IMAGE_PT_stylestrip_cut_out(CutOutPanel, Panel):
    """In the image editor."""

    bl_space_type = "IMAGE_EDITOR"


class CLIP_PT_stylestrip_cut_out(CutOutPanel, Panel):
    """In the clip editor."""

    bl_space_type = "CLIP_EDITOR"


CLASSES = (IMAGE_PT_stylestrip_cut_out, CLIP_PT_stylestrip_cut_out)


register, unregister = bpy.utils.register_classes_factory(CLASSES)
