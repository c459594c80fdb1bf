"""Frames of a strip on their way to being previewed, with just the settings that Stylize would take."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import bpy
from bpy.types import Scene, Strip

from ...style_core import protocol
from ...style_core.job import Job, UserError
from .. import jobs
from ..client import Message
from ..host import versions
from ..host.counterparts import is_paint, source_of_paint
from ..host.footage import Footage, footage_of
from ..host.matte_drawing import Places
from ..host.rendering import Rendering, is_rendered, rendering_of
from ..host.strips import why_not_paintable
from ..host.ways_in import shown_by
from ..regions.capture import drawing_of, note_drawn, with_mattes
from ..regions.shown_frames import redraw
from ..strip_job import job_of
from ..task import Task
from . import frames
from .frames import Picture, Previewed
from .paint_preview import MOST


@dataclass(kw_only=True, eq=False)
class Previewing(Task):
    """Some frames of a strip on their way to being painted."""

    footage: Footage
    job: Job
    numbers: range
    """The frames, as the source counts."""
    previewed: Previewed
    unfinished: TemporaryDirectory
    """For pictures of frames in work."""
    files: list[Path] = field(default_factory=list)
    """The finished frames, when all are there."""
    mattes: Places = field(default_factory=dict)
    """Where mattes of the job lie that were drawn for it."""

    @property
    def words(self) -> str:
        """How far it is, for a person."""
        return super().words if self.is_over else f"Preview: {super().words}"

    def prepare(self) -> Rendering | None:
        """Draws the mattes, and renders those of the frames that are not there if the strip is rendered at all."""
        scene, strip = self.previewed.place or (None, None)
        if strip is None:
            name = self.previewed.strip
            raise UserError(f"The strip '{name}' was deleted meanwhile: undo that, and preview it again.")
        regions, cache = self.job.regions, Path(self.job.output.cache)
        drawing = drawing_of(regions, scene, strip, cache, self.mattes)
        if missing_first := drawing or rendering_of(self.footage, scene, strip):
            return missing_first
        note_drawn(strip, self.mattes)
        job = replace(self.job, regions=with_mattes(regions, self.mattes))
        self.request = protocol.PREVIEW, request_of(job, self.numbers, self.unfinished.name)
        return None

    def take(self, message: Message) -> None:
        if message["type"] == protocol.PICTURE:
            self.show(message["number"], Path(message["path"]), is_finished=False)
            return
        if message["type"] == protocol.FRAME:
            self.show(message["number"], Path(message["path"]), is_finished=True)
        elif message["type"] == protocol.DONE:
            self.files = [Path(file) for file in message["files"]]
        super().take(message)

    def deliver(self, folder: Path) -> str:
        """Shows the finished frames."""
        for number, file in zip(self.numbers, self.files, strict=True):
            self.show(number, file, is_finished=True)
        return f"The preview of '{self.previewed.strip}' is ready."

    def show(self, number: int, file: Path, is_finished: bool) -> None:
        """Shows a frame as it is by now, if the person still wants to see it."""
        if frames.latest is self.previewed and not (self.cancelled_at and not is_finished):
            self.previewed.pictures[number] = Picture(file, is_finished)
            redraw()

    def leave(self) -> None:
        """Leaves no unfinished picture behind."""
        known = self.previewed.pictures
        for number in [number for number, picture in known.items() if not picture.is_finished]:
            del known[number]
        self.unfinished.cleanup()


def leave_nothing() -> None:
    """Leaves nothing unfinished of previews that have ended, in whatever way."""
    for task in jobs.errands:
        if isinstance(task, Previewing) and task.is_over:
            task.leave()


def running() -> Previewing | None:
    """The preview that is being painted, or is about to be."""
    task = newest()
    return None if task is None or task.is_over else task


def newest() -> Previewing | None:
    """The preview that was asked for last."""
    return next((task for task in reversed(jobs.errands) if isinstance(task, Previewing)), None)


def start(scene: Scene, strip: Strip, moment: int, count: int) -> Previewing:
    """Asks for the frames around a frame of the timeline.

    Raises UserError if the strip is not seen there or cannot be painted, an input is missing, there is no painter, or
    so many frames are no preview.
    """
    if not 1 <= count <= MOST:
        raise UserError(f"{count} frames are to be previewed: ask for 1 to {MOST}, and stylize the strip for more.")
    cache = jobs.cache_folder()
    footage = footage_of(strip, scene, cache)
    numbers = numbers_around(footage, strip, scene, moment, count)
    if footage.way.is_render and not is_rendered(footage):
        footage = footage.part(numbers)
    job = job_of(scene, strip, footage, cache)
    # On Windows, what is just being read cannot be removed; Blender does that when it ends.
    unfinished = TemporaryDirectory(prefix="stylestrip_", dir=bpy.app.tempdir, ignore_cleanup_errors=True)
    previewing = Previewing(
        total=len(numbers),
        footage=footage,
        job=job,
        numbers=numbers,
        previewed=frames.previewed_of(scene, strip, job, footage.way.is_render),
        unfinished=unfinished,
    )
    try:
        jobs.begin(previewing, protocol.PREVIEW, request_of(job, numbers, unfinished.name), urgent=True)
    except UserError:
        unfinished.cleanup()
        raise
    frames.show(previewing.previewed)
    redraw()
    return previewing


def request_of(job: Job, numbers: range, folder: str) -> dict[str, object]:
    """A preview as the worker reads it."""
    return {"job": json.loads(job.to_json()), "first": numbers[0], "last": numbers[-1], "pictures": folder}


def numbers_around(footage: Footage, strip: Strip, scene: Scene, moment: int, count: int) -> range:
    """The source's frames that a strip shows around a frame of the timeline, as many on both sides as there are.

    Raises UserError if the strip is not seen there.
    """
    left, right = versions.handles(shown_by(strip, scene))
    if not left <= moment < right:
        raise UserError(
            f"Strip '{strip.name}' is at frames {left}-{right - 1}, and frame {moment} is to be previewed: move the "
            "playhead over the strip."
        )
    first = max(left, min(moment - (count - 1) // 2, right - count))
    shown = footage.frames[first - left : first - left + count]
    return range(min(shown), max(shown) + 1)


def chosen(scene: Scene, name: str) -> Strip:
    """The strip of that name, or the active one; raises UserError if there is none such or it cannot be painted."""
    strips = scene.sequence_editor.strips_all
    strip = strips.get(name) if name else versions.active_in(scene)
    if strip is None:
        names = ", ".join(f"'{one.name}'" for one in strips)
        raise UserError(f"There is no strip '{name}'; there are {names}." if name else "Select a strip.")
    # Meant by paint is what it was painted from.
    strip = source_of_paint(scene, strip) or strip if is_paint(strip) else strip
    problem = why_not_paintable(strip)
    if problem:
        raise UserError(problem)
    return strip
