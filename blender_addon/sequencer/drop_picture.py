"""A picture that is dropped onto the Stylestrip tab becomes the style picture of the active strip.

On the timeline and the preview Blender adds a strip for it, as everywhere: two offers at one place would be a menu at
every picture that is added.
"""

from pathlib import Path

import bpy
from bpy.props import StringProperty
from bpy.types import Context, FileHandler, Operator

from ..gallery import FILE
from ..host.painted import blend_relative
from ..host.versions import active_strip
from .at_hand import has_paintable_strip

TAB = "Stylestrip"


class UsePicture(Operator):
    """Paint the active strip in the style of this picture"""

    bl_idname = "stylestrip.use_picture"
    bl_label = "Use as Style Picture"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}  # noqa: RUF012 - Blender asks for a set

    filepath: StringProperty(name="Picture", subtype="FILE_PATH", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: Context) -> bool:
        return has_paintable_strip(cls, context)

    def execute(self, context: Context) -> set[str]:
        own = active_strip(context).stylestrip
        own.style, own.picture = blend_relative(Path(self.filepath)), FILE
        return {"FINISHED"}


class SEQUENCER_FH_stylestrip_picture(FileHandler):
    """Takes pictures over the tab in the sequencer's sidebar."""

    bl_idname = "SEQUENCER_FH_stylestrip_picture"
    bl_label = "Style picture"
    bl_import_operator = UsePicture.bl_idname
    bl_file_extensions = ";".join(bpy.path.extensions_image)

    @classmethod
    def poll_drop(cls, context: Context) -> bool:
        region = context.region
        is_over = context.area and context.area.type == "SEQUENCE_EDITOR" and region and region.type == "UI"
        return bool(is_over and region.active_panel_category == TAB and UsePicture.poll(context))


CLASSES = (UsePicture, SEQUENCER_FH_stylestrip_picture)


register, unregister = bpy.utils.register_classes_factory(CLASSES)
