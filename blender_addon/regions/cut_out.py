"""The operator that cuts a thing out of the picture that is shown: a rectangle, strokes, Enter."""

import math
from pathlib import Path
from tempfile import TemporaryDirectory

import bpy
from bpy.props import BoolProperty
from bpy.types import Context, Event, Operator, Region

from ...style_core.job import UserError
from .. import connection, jobs
from ..arrays import np
from ..host.versions import active_strip
from ..later import cut_drawing, cut_results, cut_targets, cutting, uncovered
from .keyframes import strip_named
from .list_regions import why_no_regions

EDITORS = ("SEQUENCE_EDITOR", "IMAGE_EDITOR", "CLIP_EDITOR")
FIRST = "Drag a rectangle around the thing     |     Wheel, middle mouse: zoom and pan     |     Esc: cancel"
THEN = (
    "Drag: belongs to it     |     Ctrl-drag or right-drag: does not     |     [ ]: size of the brush     |     "
    "Ctrl-Z: take back     |     R: new rectangle     |     Enter: accept     |     Esc: cancel"
)
# What the editor goes on doing: zoom and pan.
NAVIGATION = {
    *("MIDDLEMOUSE", "WHEELUPMOUSE", "WHEELDOWNMOUSE", "TRACKPADPAN", "TRACKPADZOOM", "NDOF_MOTION", "HOME"),
    *("NUMPAD_1", "NUMPAD_2", "NUMPAD_4", "NUMPAD_8", "NUMPAD_PLUS", "NUMPAD_MINUS", "NUMPAD_PERIOD"),
}
MOVES = {"MOUSEMOVE", "INBETWEEN_MOUSEMOVE"}
BUTTONS = {"LEFTMOUSE", "RIGHTMOUSE"}
TICK_SECONDS = 0.05
BRUSH, LEAST, MOST, GROWTH = 14.0, 2.0, 300.0, 1.2  # pixels of the screen
LEAST_RECTANGLE = 4.0  # pixels of the screen; less is a click

# The one that is at work.
running: "CutOut | None" = None


class CutOut(Operator):
    """Show where a thing is: drag a rectangle around it, and paint over what is wrong"""

    bl_idname = "stylestrip.cut_out"
    bl_label = "Cut Out"
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender asks for a set

    __annotations__ = {
        "new": BoolProperty(
            name="New Region",
            description="Begin another region, even if the chosen one is an object",
            options={"SKIP_SAVE"},
        )
    }

    @classmethod
    def poll(cls, context: Context) -> bool:
        problem = why_not(context)
        if problem:
            cls.poll_message_set(problem)
        return not problem

    def invoke(self, context: Context, event: Event) -> set[str]:
        global running
        if context.screen.is_animation_playing:
            bpy.ops.screen.animation_cancel(restore_frame=False)
        self.folder = TemporaryDirectory(prefix="stylestrip_", dir=bpy.app.tempdir)
        try:
            self.target = cut_targets.target_of(context, Path(self.folder.name))
            self.result = cut_results.result_for(self.target, self.new)
            begin = cut_results.begin_of(self.target, self.new)
            self.cut = cutting.Cutting(self.target.picture, begin, Path(self.folder.name))
            connection.ready_worker()
            if self.cut.begin:
                self.cut.ask()
        except UserError as error:
            self.folder.cleanup()
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        running = self
        of = strip_named(self.target.scene, self.target.strip) if self.target.strip else None
        self.uncovered = uncovered.Uncovered(*of) if of else None
        self.frame = bpy.data.scenes[self.target.scene].frame_current
        self.button, self.accepting = "", False
        self.brush = BRUSH * context.preferences.system.ui_scale
        self.canvas = cut_drawing.Canvas(self.target, self.cut)
        self.window = context.window
        self.timer = context.window_manager.event_timer_add(TICK_SECONDS, window=self.window)
        context.window_manager.modal_handler_add(self)
        self.point(event)
        self.show()
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> set[str]:
        try:
            if problem := self.why_lost():
                self.report({"WARNING"}, problem)
                self.end()
                return {"CANCELLED"}
            if event.type == "TIMER":
                return self.tick()
            return self.take(event)
        except UserError as error:
            self.accepting = False
            self.cut.problem = str(error)
            self.show()
            return {"RUNNING_MODAL"}
        except Exception:
            self.end()
            raise

    def cancel(self, context: Context) -> None:
        """Blender stops the operator: another file is opened, or the window closed."""
        self.end()

    def why_lost(self) -> str:
        """A sentence if what is being cut is not seen any more; else empty."""
        scene = bpy.data.scenes.get(self.target.scene)
        if not self.is_open():
            return "The editor with the picture was closed: start Cut Out again."
        if scene is None or scene.frame_current != self.frame:
            return "Another frame is shown now: start Cut Out again there."
        return ""

    def is_open(self) -> bool:
        """Whether the editor is still there."""
        is_there = self.window in list(bpy.context.window_manager.windows)
        areas = [area for area in self.window.screen.areas if area == self.target.area] if is_there else []
        return bool(areas) and self.target.region in list(areas[0].regions)

    # What the person does

    def take(self, event: Event) -> set[str]:
        """Does what a press, a key or a move asks for."""
        self.point(event)
        free = not self.button and not self.accepting
        if event.type in NAVIGATION and free:
            return {"PASS_THROUGH"}
        if event.type == "ESC" and event.value == "PRESS":
            self.end()
            return {"CANCELLED"}
        if event.type in MOVES:
            self.drag()
        elif event.type == self.button and event.value == "RELEASE":
            self.let_go()
        elif free and event.value in ("PRESS", "DOUBLE_CLICK"):
            self.press(event)
        self.show()
        return {"RUNNING_MODAL"}

    def point(self, event: Event) -> None:
        """Notes where the pointer is."""
        area, region = self.target.area, self.target.region
        x, y = event.mouse_x, event.mouse_y
        self.canvas.pointer = x - region.x, y - region.y
        # Sidebars and headers may lie over the picture.
        over = [one for one in area.regions if contains(one, x, y) and one.type != region.type]
        self.canvas.is_away = bool(over) or not contains(region, x, y)
        self.canvas.erases = event.ctrl
        self.window.cursor_modal_set("DEFAULT" if self.canvas.is_away and not self.button else "CROSSHAIR")

    def press(self, event: Event) -> None:
        """A key, or the beginning of a drag."""
        if event.type in BUTTONS and not self.canvas.is_away:
            self.begin_drag(event)
        elif event.type in ("RET", "NUMPAD_ENTER"):
            self.accept()
        elif event.type == "Z" and (event.ctrl or event.oskey):
            self.cut.take_back()
        elif event.type == "R":
            self.cut.forget()
        elif event.unicode in ("[", "]") or event.type in ("LEFT_BRACKET", "RIGHT_BRACKET"):
            smaller = event.unicode == "[" or event.type == "LEFT_BRACKET"
            self.brush = min(max(self.brush * (1 / GROWTH if smaller else GROWTH), LEAST), MOST)

    def begin_drag(self, event: Event) -> None:
        """A rectangle if there is nothing to correct yet, or else a stroke."""
        if self.cut.has_begun:
            keep = event.type == "LEFTMOUSE" and not event.ctrl
            self.canvas.stroke = cutting.Stroke(self.brush / self.scale(), keep)
            self.cut.strokes.append(self.canvas.stroke)
            self.button = event.type
            self.drag()
        elif event.type == "LEFTMOUSE":
            self.canvas.corner, self.button = self.canvas.pointer, event.type

    def drag(self) -> None:
        """Goes on with a stroke."""
        if self.canvas.stroke is not None and self.canvas.stroke.add(self.spot(self.canvas.pointer)):
            self.cut.changed = True

    def let_go(self) -> None:
        """Ends a rectangle or a stroke, and asks at once for what comes of it."""
        first, last = self.canvas.corner, self.canvas.pointer
        self.button, self.canvas.corner, self.canvas.stroke = "", None, None
        if first is not None and min(abs(first[0] - last[0]), abs(first[1] - last[1])) >= LEAST_RECTANGLE:
            self.draw_rectangle(first, last)
        if self.cut.changed:
            self.cut.ask()

    def draw_rectangle(self, first: tuple[float, float], last: tuple[float, float]) -> None:
        """A rectangle on the screen as an upright one in the picture, which may be turned."""
        (left, lower), (right, upper) = first, last
        spots = [self.spot(corner) for corner in ((left, lower), (right, lower), (right, upper), (left, upper))]
        box = cut_targets.box_around(np.array(spots), self.target.picture.size)
        if box is None:
            raise UserError("The rectangle lies beside the picture: drag it over the thing.")
        self.cut.draw_rectangle(box)

    def spot(self, place: tuple[float, float]) -> tuple[float, float]:
        """A place of the region in pixels of the picture, y down."""
        return tuple(cut_targets.moved(np.linalg.inv(self.matrix()), [place])[0].tolist())

    def matrix(self) -> np.ndarray:
        """From the picture's pixels to the region's."""
        return cut_targets.to_screen(self.target.picture, self.target.region)

    def scale(self) -> float:
        """Pixels of the screen for each of the picture."""
        return math.sqrt(abs(np.linalg.det(self.matrix()[:2, :2])))

    # What comes of it

    def tick(self) -> set[str]:
        """Hears what the worker has said, and asks for more."""
        before = self.cut.is_busy
        connection.hear()
        if self.accepting and not self.cut.is_busy:
            self.accepting = not self.cut.problem
            if self.accepting and self.result.is_ready(self.cut):
                self.report({"INFO"}, self.result.keep())
                self.end()
                return {"FINISHED"}
        elif self.cut.changed and not self.cut.is_busy:
            self.cut.ask()
        if self.cut.is_busy != before:
            self.show()
        return {"PASS_THROUGH"}

    def accept(self) -> None:
        """Asks for the matte at full size; what comes of it is kept when it is there."""
        if not self.cut.has_begun:
            raise UserError("There is nothing to accept yet: drag a rectangle around the thing first.")
        self.accepting = True
        self.cut.ask(whole=True)

    def show(self) -> None:
        """Brings what is drawn, and what is said, up to date."""
        hint = THEN if self.cut.has_begun else FIRST
        self.canvas.brush = self.brush if self.cut.has_begun else 0.0
        self.canvas.words = self.cut.problem or ("Getting ready ..." if self.cut.is_first else "")
        self.target.area.header_text_set(self.cut.problem or hint)
        self.window.workspace.status_text_set(hint)
        self.target.region.tag_redraw()

    def end(self) -> None:
        """Leaves the window as it was."""
        global running
        running = None
        if self.uncovered is not None:
            self.uncovered.put_back()
        self.canvas.remove()
        bpy.context.window_manager.event_timer_remove(self.timer)
        if self.is_open():
            self.window.cursor_modal_restore()
            self.window.workspace.status_text_set(None)
            self.target.area.header_text_set(None)
            self.target.area.tag_redraw()
        cutting.leave(self.cut, self.folder)


def contains(region: Region, x: float, y: float) -> bool:
    """Whether a place in the window lies in a region that is shown."""
    return 0 <= x - region.x < region.width and 0 <= y - region.y < region.height and region.width > 1


def why_not(context: Context) -> str:
    """A sentence if nothing can be cut out now; else empty."""
    if context.area is None or context.area.type not in EDITORS:
        return "Cut Out works in the sequencer, the image editor and the clip editor"
    if running is not None:
        return "Something is being cut out: accept it with Enter, or leave it with Esc"
    if context.area.type == "SEQUENCE_EDITOR":
        return why_no_regions(active_strip(context))
    # The worker cuts while it paints, but draws outlines only afterwards.
    return "The painter is busy: wait for it, or cancel it" if jobs.is_running() else ""


def register() -> None:
    bpy.utils.register_class(CutOut)


def unregister() -> None:
    if running is not None:
        running.end()
    bpy.utils.unregister_class(CutOut)
