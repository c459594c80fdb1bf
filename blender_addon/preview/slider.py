"""The line between before and after can be dragged, and the preview put away with its cross or Esc."""

import bpy
from bpy.types import Context, Event, Gizmo, GizmoGroup, Operator
from mathutils import Matrix

from .. import jobs
from ..later import both_sides, frames, previewing
from ..regions.shown_frames import redraw
from . import loop, overlay

# Pixels of the screen: how near the pointer must be, and where the cross is.
REACH, INSET, CROSS_SIZE = 9.0, 18.0, 9.0

keys: list = []


class Away:
    """What puts the preview away; what is still being previewed is cancelled."""

    bl_label = "Put Preview Away"

    def execute(self, context: Context) -> set[str]:
        if task := previewing.running():
            jobs.cancel(task)
        loop.stop()
        frames.put_away()
        context.window_manager.stylestrip_compare = False
        redraw()
        return {"FINISHED"}


def is_shown(context: Context) -> bool:
    """Whether there is a preview to be put away, or something is compared."""
    return frames.latest is not None or context.window_manager.stylestrip_compare


class PutPreviewAway(Away, Operator):
    """Show the strip without the preview again; what is still being previewed is cancelled"""

    bl_idname = "stylestrip.put_preview_away"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return is_shown(context)


class PutAwayByKey(Away, Operator):
    """Esc in the preview"""

    bl_idname = "stylestrip.put_preview_away_by_key"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender asks for a set

    @classmethod
    def poll(cls, context: Context) -> bool:
        # There it stops the film first.
        is_playing = context.screen.is_animation_playing
        return is_shown(context) and not is_playing and both_sides.sides_of(context) is not None


class Line(Gizmo):
    """The line, which the overlay draws."""

    bl_idname = "STYLESTRIP_GT_line"

    def draw(self, context: Context) -> None:
        """The overlay has drawn it, over the preview and below all gizmos."""
        touch(self.is_highlight or self.is_modal)

    def test_select(self, context: Context, location: tuple[int, int]) -> int:
        found = overlay.line_in(context)
        scale = context.preferences.system.ui_scale
        is_near = found is not None and abs(location[0] - found[0]) <= REACH * scale
        is_near = is_near and found[1][2] <= location[1] <= found[1][3]
        if is_near != overlay.is_touched:
            context.window.cursor_set("MOVE_X" if is_near else "DEFAULT")
            touch(is_near)
        return 0 if is_near else -1

    def invoke(self, context: Context, event: Event) -> set[str]:
        self.before = context.window_manager.stylestrip_split
        context.window.cursor_modal_set("MOVE_X")
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event, tweak: set[str]) -> set[str]:
        if found := overlay.line_in(context):
            left, right = found[1][:2]
            context.window_manager.stylestrip_split = (event.mouse_region_x - left) / max(1.0, right - left)
        return {"RUNNING_MODAL"}

    def exit(self, context: Context, cancel: bool) -> None:
        context.window.cursor_modal_restore()
        if cancel:
            context.window_manager.stylestrip_split = self.before


def touch(is_touched: bool) -> None:
    """Shows whether the pointer is on the line."""
    if overlay.is_touched != is_touched:
        overlay.is_touched = is_touched
        redraw()


class STYLESTRIP_GGT_preview(GizmoGroup):
    """The line and the cross, in the sequencer's picture."""

    bl_label = "Stylestrip Preview"
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "PREVIEW"
    bl_options = {"PERSISTENT", "SCALE", "SHOW_MODAL_ALL"}  # noqa: RUF012 - Blender asks for a set

    @classmethod
    def poll(cls, context: Context) -> bool:
        return overlay.line_in(context) is not None

    def setup(self, context: Context) -> None:
        self.line = self.gizmos.new(Line.bl_idname)
        self.line.use_draw_modal = True
        self.cross = self.gizmos.new("GIZMO_GT_button_2d")
        self.cross.icon, self.cross.draw_options = "X", {"BACKDROP", "OUTLINE"}
        self.cross.scale_basis, self.cross.color, self.cross.alpha = CROSS_SIZE, (0.05, 0.05, 0.05), 0.7
        self.cross.color_highlight, self.cross.alpha_highlight = (0.8, 0.8, 0.8), 0.5
        self.cross.target_set_operator(PutPreviewAway.bl_idname)

    def draw_prepare(self, context: Context) -> None:
        found = overlay.line_in(context)
        if found:
            inset = INSET * context.preferences.system.ui_scale
            self.cross.matrix_basis = Matrix.Translation((found[1][1] - inset, found[1][3] - inset, 0.0))


CLASSES = (PutPreviewAway, PutAwayByKey, Line, STYLESTRIP_GGT_preview)


def register() -> None:
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    configuration = bpy.context.window_manager.keyconfigs.addon
    if configuration is not None:  # without a window there is none
        keymap = configuration.keymaps.new(name="Preview", space_type="SEQUENCE_EDITOR")
        keys.append((keymap, keymap.keymap_items.new(PutAwayByKey.bl_idname, "ESC", "PRESS")))


def unregister() -> None:
    for keymap, item in keys:
        keymap.keymap_items.remove(item)
    keys.clear()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
