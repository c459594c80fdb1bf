"""The strip that is being painted, and where its painted twin goes."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

import bpy
from bpy.types import Scene, Strip

from ..style_core import protocol
from ..style_core.job import Job, UserError
from . import connection, jobs, paint_within
from .host import growing, versions
from .host.counterparts import is_paint, paint_at
from .host.footage import Footage, footage_again, footage_of
from .host.likeness import left_behind
from .host.matte_drawing import Places
from .host.own_modifier import paint_modifier
from .host.painted import Paint
from .host.rendering import Rendering, is_rendered, rendering_of
from .host.ways_in import WayIn, shown_by
from .paint import lay, note_sent, prepare
from .regions.capture import drawing_of, missing, note_drawn, with_mattes
from .strip_job import job_of
from .task import Task
from .tickets import carries, find_strip, give, ticketed_strips

# So many pictures are added to a strip at once.
FEW = 300

LOOK_SECONDS = 0.02  # in which one look at what is painted does for all rows of the queue
looked_at = 0.0
folders_there: set[tuple[str, bool]] = set()
"""What was seen then; see `painted_folders`."""

# A strip with its scene, its first frame on the timeline, and the source's frame at every frame from there on.
Piece = tuple[Scene, Strip, int, list[int]]


class AlreadyQueuedError(UserError):
    """What is asked for is under way."""


@dataclass(kw_only=True, eq=False)
class Painting(Task):
    """One strip on its way to being painted."""

    scene: str
    strip: str
    footage: Footage
    job: Job
    as_new: bool = False
    """Whether the paint goes into a strip of its own, even if there is one whose next version it could be."""
    result: str = ""
    """The name of the painted strip."""
    mattes: Places = field(default_factory=dict)
    """Where mattes of the job lie that were drawn for it."""

    @property
    def words(self) -> str:
        """Where it is, for a person."""
        if self.state == "done" and self.is_taken_back:
            return self.sentence_of_taken_back()
        return super().words

    def sentence_of_taken_back(self) -> str:
        """What is seen in the place of paint that was taken back, and how that comes again."""
        is_kept = self.folder is not None and self.folder.is_dir()
        if any(paint_at(*found) for found in ticketed_strips(self.identifier, self.scene, self.strip)[:1]):
            seen = f"An earlier version of the paint of '{self.strip}' is shown again"
            if is_kept:
                return f"{seen}. The frames of the newer one are kept: Update with its settings brings it back."
            return f"{seen}, and the frames of the newer one are deleted: Update paints it again."
        gone = f"The paint of '{self.strip}' is gone from the timeline"
        if is_kept:
            return f"{gone}. Its frames are kept: Stylize adds it again."
        return f"{gone}, and its frames are deleted: Stylize paints it again."

    @property
    def is_taken_back(self) -> bool:
        """Whether no strip has the paint any more that was added: that was undone, or deleted."""
        return self.folder is None or (self.folder.name, self.footage.way.within) not in painted_folders()

    def is_of(self, scene: Scene, strip: Strip) -> bool:
        """Whether this is about a strip."""
        return carries(strip.stylestrip, self.identifier) or (self.scene, self.strip) == (scene.name, strip.name)

    @property
    def painted_job(self) -> Job:
        """The job with the files of the mattes that were drawn for it."""
        return replace(self.job, regions=with_mattes(self.job.regions, self.mattes))

    def prepare(self) -> Rendering | None:
        """Draws and renders what is missing of the strip as it is now, since it may have changed while it waited."""
        rendered = not self.footage.way.is_render or is_rendered(self.footage)
        if not rendered or missing(self.job.regions, self.mattes):
            scene, strip = find_strip(self.identifier, self.scene, self.strip)
            cache = Path(self.job.output.cache)
            if drawing := drawing_of(self.job.regions, scene, strip, cache, self.mattes):
                return drawing
            if not rendered:
                self.footage = footage_again(strip, scene, self.footage)
                self.job = replace(self.job, source=self.footage.source)
                if rendering := rendering_of(self.footage, scene, strip):
                    return rendering
        if self.mattes:
            note_drawn(find_strip(self.identifier, self.scene, self.strip)[1], self.mattes)
        self.request = protocol.RUN, request_of(self.painted_job)
        return None

    def ready(self, folder: Path) -> Iterator[None]:
        """Lets the painted strips get as many pictures as they need."""
        pieces = self.pieces()[0]
        if self.footage.way.within:
            for _, _, paint in self.paint_of(pieces, folder):
                yield from paint_within.put_in_order(paint)
            return
        # After each bit, what Blender has may be gone: what is kept is names.
        rest = [(scene.name, strip.name, paint) for scene, strip, paint in self.paint_of(pieces, folder)]
        yield
        is_grown = False
        try:
            for scene, strip, paint in rest:
                own = growing.strip_of(scene, strip)
                if own and len(paint.files) > FEW:
                    yield from prepare(own.id_data, own, paint, self.as_new)
            is_grown = True
        finally:
            if not is_grown:
                growing.uproot({paint.mark for _, _, paint in rest})

    def paint_of(self, pieces: list[Piece], folder: Path) -> list[tuple[Scene, Strip, Paint]]:
        """The paint of each piece, with the mark under which a strip for it may grow."""
        marks = (f"{self.identifier} {place}" for place in range(len(pieces)))
        return [
            (scene, strip, Paint(folder, frames, left, mark))
            for (scene, strip, left, frames), mark in zip(pieces, marks, strict=True)
        ]

    def deliver(self, folder: Path) -> str:
        """Puts the painted strips into the timeline, as one step to undo."""
        pieces, unpainted = self.pieces()
        # The strip may have been moved or cut meanwhile: the paint goes where it is now.
        paint = self.paint_of(pieces, folder)
        try:
            painted = [
                lay(scene, strip, own, self.painted_job, self.footage.way, self.identifier, self.as_new)
                for scene, strip, own in paint
            ]
        finally:
            growing.uproot({own.mark for _, _, own in paint})
        self.result = painted[0][0].name
        forget_look()
        if not bpy.app.background:
            bpy.ops.ed.undo_push(message="Stylize Strip")
        names = " and ".join(f"'{strip.name}'" for _, strip, *_ in pieces)
        sentences = [f"{names} {'is' if len(pieces) == 1 else 'are'} painted."]
        sentences += [lost for scene, strip, *_ in pieces if (lost := sentence_of_lost(scene, strip, self.footage.way))]
        sentences += [f"'{name}' shows more frames now than at the start: stylize it again." for name in unpainted]
        return " ".join(sentences)

    def pieces(self) -> tuple[list[Piece], list[str]]:
        """What is painted, and the names of strips that show more than is: the strip, and what was cut off from it.

        Raises UserError if the strip is gone.
        """
        found = ticketed_strips(self.identifier, self.scene, self.strip)
        if not found:
            raise UserError(
                f"The strip '{self.strip}' was deleted while it was painted. Its frames are kept: undo, and stylize it "
                "again to get them at once."
            )
        pieces, unpainted = [], []
        for scene, strip in found:
            frames = self.footage.frames_now(strip, scene)
            left, _ = versions.handles(shown_by(strip, scene))
            if pieces and not self.is_cut_off(left, frames, pieces):
                continue
            if not set(frames) <= set(self.footage.frames):
                unpainted.append(strip.name)
                frames, left = self.footage.frames, self.begin_of_paint(left, frames)
            if not pieces or strip.name not in unpainted:
                pieces.append((scene, strip, left, frames))
        return pieces, unpainted

    def begin_of_paint(self, left: int, frames: list[int]) -> int:
        """Where on the timeline what is painted begins, of a strip that shows these frames from `left` on by now; where
        it shows nothing of it any more, that is where it was."""
        painted = self.footage.frames
        shared = (left + place - painted.index(one) for place, one in enumerate(frames) if one in painted)
        return next(shared, self.footage.left)

    def is_cut_off(self, left: int, frames: list[int], pieces: list[Piece]) -> bool:
        """Whether a strip is another piece of what is painted, and no copy of it, which stays as it is."""
        if not any(set(frames) & set(served) for _, _, _, served in pieces):
            return True
        # A held picture is in all pieces; where they have not been moved, that is told by the time.
        begin, right = left - self.footage.left, left + len(frames)
        is_unmoved = begin >= 0 and frames == self.footage.frames[begin : begin + len(frames)]
        return is_unmoved and all(right <= start or left >= start + len(served) for _, _, start, served in pieces)


def painted_folders() -> set[tuple[str, bool]]:
    """The names of all folders whose paint strips have, and whether in a modifier. Every draw asks for each row of
    the queue, and looks once."""
    global looked_at, folders_there
    now = time.monotonic()
    if now - looked_at > LOOK_SECONDS:
        looked_at, folders_there = now, set()
        for scene in bpy.data.scenes:
            for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
                is_within = not is_paint(strip)
                if not is_within or paint_modifier(strip) is not None:
                    names = (PurePath(one.folder).name for one in strip.stylestrip_paint.versions)
                    folders_there.update((name, is_within) for name in names)
    return folders_there


def forget_look() -> None:
    """Has what is painted be looked up anew."""
    global looked_at
    looked_at = 0.0


def sentence_of_lost(scene: Scene, strip: Strip, way: WayIn) -> str:
    """What a person must set again at the painted strip; empty if it is nothing."""
    lost = " and ".join(f"the {what}" for what in left_behind(scene, strip, way))
    return f"Of '{strip.name}' {lost} were not carried over: set them again at the painted strip." if lost else ""


def begin(scene: Scene, strip: Strip, as_new: bool = False, **given: Any) -> Painting:
    """Puts a strip into the queue as it is set now; what is `given` to `job_of` goes before that.

    Raises UserError as that and `start` do.
    """
    cache = jobs.cache_folder()
    footage = footage_of(strip, scene, cache)
    return start(scene, strip, job_of(scene, strip, footage, cache, **given), footage, as_new)


def start(scene: Scene, strip: Strip, job: Job, footage: Footage, as_new: bool = False) -> Painting:
    """Puts a strip into the queue, which renders it if need be, and sends its job to the worker.

    Raises UserError if there is no painter, or the strip's turn is now and it cannot be rendered.
    """
    earlier = [one for one in jobs.queue if isinstance(one, Painting) and one.is_of(scene, strip)]
    wanted = job, footage.way.within, as_new
    # What is drawn of its regions may have changed since; else there would be nothing to do but to wait for it.
    open_ones = [one for one in earlier if not one.is_over and not one.mattes]
    if any((one.job, one.footage.way.within, one.as_new) == wanted for one in open_ones):
        raise AlreadyQueuedError(f"Strip '{strip.name}' is in the queue already, with these settings.")
    painting = queue_up(connection.new_identifier(), scene, strip, job, footage, as_new)
    for one in earlier:
        if one.is_over:
            jobs.remove(one)  # this is the next try, or the next version
    note_sent(strip, painting.identifier)
    return painting


def go_on(ticket: str, scene: str, strip: str, job: Job, footage: Footage, as_new: bool) -> Painting:
    """Puts a strip into the queue again whose painting has not come to its end, with the settings that it had then.

    Raises UserError if the strip is gone, or as `start` does.
    """
    return queue_up(ticket, *find_strip(ticket, scene, strip), job, footage, as_new)


def queue_up(ticket: str, scene: Scene, strip: Strip, job: Job, footage: Footage, as_new: bool) -> Painting:
    """A painting that is on its way, by whose ticket its strip is found again."""
    painting = Painting(identifier=ticket, scene=scene.name, strip=strip.name, footage=footage, job=job, as_new=as_new)
    painting.total = len(set(footage.frames))
    before = strip.stylestrip.ticket
    if not carries(strip.stylestrip, ticket):
        give(strip.stylestrip, ticket)
    try:
        jobs.begin(painting, protocol.RUN, request_of(job))
    except UserError:
        strip.stylestrip.ticket = before
        raise
    return painting


def request_of(job: Job) -> dict[str, Any]:
    """A job as the worker reads it."""
    return json.loads(job.to_json())
