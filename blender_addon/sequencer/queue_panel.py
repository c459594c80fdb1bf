"""What the sidebar shows of paintings: that of the chosen strip, and the queue."""

import bpy
from bpy.types import Context, Panel, PropertyGroup, Strip, UILayout, UIList

from .. import jobs, unfinished
from ..sentence import draw_sentence
from ..task import Task, duration
from ..tickets import carries
from .cancel_job import CancelJob
from .queue_buttons import (
    ClearQueue,
    ForgetUnfinished,
    GoOnWithUnfinished,
    MoveInQueue,
    PauseQueue,
    RemoveFromQueue,
    ResumeQueue,
    TryAgain,
)
from .queue_rows import chosen, name_of, thumbnail

ICONS = {
    "waiting": "SORTTIME",
    "running": "BRUSH_DATA",
    "done": "CHECKMARK",
    "cancelled": "CANCEL",
    "failed": "ERROR",
}
SLOW_SECONDS = 1800.0  # left, from which on a person is told what would be faster
THUMBNAIL = 4.0  # size of the newest frame, in rows of the panel
FEWEST_ROWS, MOST_ROWS = 2, 6


def tasks_of(strip: Strip) -> list[Task]:
    """What is to be told about a strip: how far its painting is, and what is made or has failed for a region of it."""
    paintings, errands = about(strip, jobs.queue), about(strip, jobs.errands)
    # Of several paintings the one that is next; where all are over, the last.
    told = next((task for task in paintings if not task.is_over), None) or next(reversed(paintings), None)
    last = next(reversed(errands), None)
    return [task for task in (told, last) if task and (task is told or told is None or last.state != "done")]


def about(strip: Strip, tasks: list[Task]) -> list[Task]:
    """The tasks that are about a strip; by its tickets, or where an undo has taken them back by its name."""
    ticketed = [task for task in tasks if carries(strip.stylestrip, task.identifier)]
    place = strip.id_data.name, strip.name
    return ticketed or [task for task in tasks if (getattr(task, "scene", ""), name_of(task)) == place]


def draw_job(layout: UILayout, context: Context, strip: Strip | None) -> None:
    """How far the painting of a strip is, or how its last one ended."""
    for task in tasks_of(strip) if strip else ():
        if task.state == "running":
            layout.progress(factor=task.fraction, text=task.words)
            draw_stops(layout, task)
            for note in task.notes:
                draw_sentence(layout, context, note, "INFO")
        # That all is painted and up to date is said beside the button.
        elif task.words != f"'{name_of(task)}' is painted.":
            draw_sentence(layout, context, task.words, icon_of(task))
            if task.state == "waiting":
                draw_stops(layout, task)


def draw_stops(layout: UILayout, task: Task) -> None:
    """The buttons that pause and cancel a task; an errand is only cancelled."""
    row = layout.row(align=True)
    if task in jobs.queue:
        draw_pause(row)
    row.operator(CancelJob.bl_idname, icon="CANCEL").task = task.identifier


def draw_pause(row: UILayout) -> None:
    """The button that pauses the queue, or lets it go on."""
    if jobs.paused:
        row.operator(ResumeQueue.bl_idname, icon="PLAY")
    else:
        row.operator(PauseQueue.bl_idname, icon="PAUSE")


def icon_of(task: Task) -> str:
    """The icon of a task's state."""
    return "PAUSE" if task.state == "waiting" and task.stopped_for is not None else ICONS[task.state]


def slow_sentence(task: Task) -> str:
    """What would make a slow painting faster; empty if it is not slow."""
    if task.state != "running" or not task.done or (task.seconds_left or 0.0) < SLOW_SECONDS:
        return ""
    return (
        f"'{name_of(task)}' takes about {duration(task.seconds_left)} more: at half the Size it would take about a "
        "quarter of that. Cancel it, make Size smaller, and stylize it again."
    )


class SEQUENCER_UL_stylestrip_queue(UIList):
    """A row for each strip of the queue."""

    def draw_item(
        self,
        context: Context,
        layout: UILayout,
        data: PropertyGroup,
        item: PropertyGroup,
        icon: int,
        active_data: PropertyGroup,
        active_property: str,
        index: int,
    ) -> None:
        """Draws a row."""
        if index >= len(jobs.queue):
            return
        task = jobs.queue[index]
        split = layout.split(factor=0.5)
        split.label(text=item.name, icon=icon_of(task))
        if task.state == "running":
            split.progress(factor=task.fraction, text=task.short_words)
        else:
            split.label(text=task.short_words)

    def filter_items(self, context: Context, data: PropertyGroup, name: str) -> tuple[list[int], list[int]]:
        """What is being painted comes first, then what waits, and last what has ended, the newest of it first."""
        rows = getattr(data, name)
        wanted = self.filter_name and bpy.types.UI_UL_list.filter_items_by_name(
            self.filter_name, self.bitflag_filter_item, rows, "name"
        )
        return wanted or [], places_of(jobs.queue) if len(rows) == len(jobs.queue) else []


def places_of(tasks: list[Task]) -> list[int]:
    """In which row each task is shown."""
    begun = {"running": 0, "waiting": 1}
    shown = sorted(
        range(len(tasks)),
        key=lambda place: (begun.get(tasks[place].state, 2), -place if tasks[place].is_over else place),
    )
    return [shown.index(place) for place in range(len(tasks))]


def draw_unfinished(layout: UILayout, context: Context) -> None:
    """What is left over from earlier, if anything is, and the question what to do with it."""
    if not unfinished.left and not unfinished.problem:
        return
    box = layout.box()
    if unfinished.problem:
        draw_sentence(box, context, unfinished.problem, "ERROR")
    if unfinished.left:
        draw_sentence(box, context, unfinished.sentence(), "RECOVER_LAST")
    row = box.row()
    if unfinished.left:
        row.operator(GoOnWithUnfinished.bl_idname, icon="PLAY")
    row.operator(ForgetUnfinished.bl_idname)


class SEQUENCER_PT_stylestrip_queue(Panel):
    """Strips that are painted one after the other."""

    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Stylestrip"
    bl_label = "Queue"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return bool(jobs.queue)

    def draw(self, context: Context) -> None:
        draw_list(self.layout, context)
        draw_buttons(self.layout)
        draw_running(self.layout, context)
        draw_chosen(self.layout, context)


def draw_list(layout: UILayout, context: Context) -> None:
    """The rows, and what orders them."""
    row = layout.row()
    count = min(max(FEWEST_ROWS, len(jobs.queue)), MOST_ROWS)
    manager = context.window_manager
    row.template_list(
        SEQUENCER_UL_stylestrip_queue.__name__,
        "",
        manager,
        "stylestrip_queue",
        manager,
        "stylestrip_queue_index",
        rows=count,
    )
    column = row.column(align=True)
    column.operator(RemoveFromQueue.bl_idname, text="", icon="REMOVE")
    if len(jobs.queue) > 1:
        task = chosen(context)
        column = column.column(align=True)
        column.enabled = task is not None and task.state == "waiting"
        for direction, icon in (("UP", "TRIA_UP"), ("DOWN", "TRIA_DOWN")):
            column.operator(MoveInQueue.bl_idname, text="", icon=icon).direction = direction


def draw_running(layout: UILayout, context: Context) -> None:
    """What is being painted: its newest frame, how far it is, and how fast."""
    task = next((task for task in jobs.queue if task.state == "running"), None)
    if task is None:
        return
    row = layout.row()
    if thumbnail():
        row.template_icon(icon_value=thumbnail(), scale=THUMBNAIL)
    column = row.column(align=True)
    column.label(text=f"'{name_of(task)}'")
    for words in task.words.split(", "):
        column.label(text=words[:1].upper() + words[1:])
    if task.seconds_per_frame is not None:
        column.label(text=f"{task.seconds_per_frame:.1f} s a frame")
    for sentence in filter(None, (slow_sentence(task), *task.notes)):
        draw_sentence(layout, context, sentence, "INFO")


def draw_buttons(layout: UILayout) -> None:
    """What a person does with all of it."""
    row = layout.row(align=True)
    draw_pause(row)
    row.operator(CancelJob.bl_idname, icon="CANCEL")
    row.operator(ClearQueue.bl_idname, text="Clear", icon="TRASH")


def draw_chosen(layout: UILayout, context: Context) -> None:
    """What became of the strip in the chosen row, or why it waits."""
    task = chosen(context)
    if task is None or task.state == "running":
        return
    draw_sentence(layout, context, f"{name_of(task)}: {task.words}" if not task.is_over else task.words, icon_of(task))
    if task.state in ("failed", "cancelled"):
        layout.operator(TryAgain.bl_idname, icon="FILE_REFRESH")


register, unregister = bpy.utils.register_classes_factory(
    (SEQUENCER_UL_stylestrip_queue, SEQUENCER_PT_stylestrip_queue)
)
