"""The strip that is being painted: one job at a time, driven by a timer in the window or by a loop without one."""

import os
import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import bpy
from bpy.app.handlers import persistent
from bpy.types import Scene, Strip

from ..style_core import protocol
from ..style_core.job import Job, UserError
from .client import Message, Worker
from .host import versions
from .host.painted import add_painted_strip
from .host.strips import source_of
from .preferences import preferences, user_folder
from .runtime import find_python, worker_environment

POLL_SECONDS = 0.1
CANCEL_SECONDS = 5.0  # until a worker that was asked to stop, and does not, is ended
CANCELLED = "Cancelled. Finished frames are kept."


@dataclass
class Painting:
    """One strip on its way to being painted."""

    identifier: str
    scene: str
    strip: str
    left: int
    frames: list[int]
    job: Job
    done: int = 0
    total: int = 0
    fraction: float = 0.0
    seconds_left: float | None = None
    state: str = "running"
    """running, done, cancelled or failed."""
    message: str = ""
    """For a failed painting, the sentence that says why."""
    details: str = ""
    """For a report: where it failed."""
    wrong_input: bool = False
    """For a failed painting, whether what was asked for is to blame."""
    cancelled_at: float | None = None
    """When Cancel was pressed, by the monotonic clock."""
    folder: Path | None = None
    """Where the painted frames are, as soon as all are there."""
    result: str = ""
    """The name of the painted strip."""

    @property
    def words(self) -> str:
        """Where it is, for a person."""
        if self.state != "running":
            return self.message
        if self.cancelled_at is not None:
            return "Cancelling ..."
        if self.folder:
            return "Painted, and waiting for the render to end"
        if not self.total or self.seconds_left is None:
            return "Getting ready"
        left = self.seconds_left
        time_left = f"{left:.0f} s" if left < 90 else f"{left / 60:.0f} min"
        return f"Frame {min(self.done + 1, self.total)} of {self.total}, {time_left} left"


worker: Worker | None = None
latest: Painting | None = None


def is_running() -> bool:
    """Whether a strip is being painted."""
    return latest is not None and latest.state == "running"


def cache_folder() -> Path:
    """Where painted frames go: the chosen folder, else beside the .blend file, else the extension's own folder."""
    chosen = preferences().cache_folder
    # "//" is beside the .blend file, which a file that was never saved has no place for.
    if chosen and (bpy.data.filepath or not chosen.startswith("//")):
        return Path(bpy.path.abspath(chosen))
    if bpy.data.filepath:
        return Path(bpy.data.filepath).parent / "stylestrip_cache"
    return user_folder() / "cache"


def start(scene: Scene, strip: Strip, job: Job, frames: list[int]) -> Painting:
    """Sends a strip's job to the worker. Raises UserError if one is running or there is no painter."""
    global latest
    if is_running():
        raise UserError(f"'{latest.strip}' is being painted: wait for it, or cancel it.")
    identifier = uuid.uuid4().hex
    ready_worker().run(identifier, job)
    strip.stylestrip.ticket = identifier
    left = versions.handles(strip)[0]
    latest = Painting(identifier, scene.name, strip.name, left, frames, job, total=len(set(frames)))
    if not bpy.app.background and not bpy.app.timers.is_registered(on_timer):
        bpy.app.timers.register(on_timer, first_interval=POLL_SECONDS, persistent=True)
    return latest


def ready_worker() -> Worker:
    """The worker, started if there is none or the last one has died. Raises UserError if there is no painter."""
    global worker
    python = find_python(bpy.path.abspath(preferences().python), user_folder(), os.environ)
    if worker is not None and (not worker.is_alive or worker.python != python):
        close_worker()
    if worker is None:
        try:
            worker = Worker(python, user_folder(), worker_environment(os.environ))
        except OSError as error:
            raise UserError(
                f"The painter's Python '{python}' cannot be run ({error.strerror}): choose another one in the "
                "preferences of Stylestrip."
            ) from error
    return worker


def on_timer() -> float | None:
    """Takes in what the worker has said, and shows it."""
    # Only here: whoever waits for a painting holds the window up, and with it the end of the render.
    advance(hold=is_rendering())
    redraw()
    return POLL_SECONDS if is_running() else None


def is_rendering() -> bool:
    """Whether Blender is rendering in the background of its window, which a new strip would disturb."""
    return bpy.app.is_job_running("RENDER")


def wait(painting: Painting, tell: Callable[[Painting], None] = lambda painting: None) -> None:
    """Waits for the end of a painting; Ctrl-C cancels it, and once more ends the worker."""
    while painting.state == "running":
        try:
            advance()
            tell(painting)
            time.sleep(POLL_SECONDS / 2)
        except KeyboardInterrupt:
            cancel()
    tell(painting)


def advance(hold: bool = False) -> None:
    """Takes in what the worker has said about the painting; `hold` leaves the timeline alone for now."""
    try:
        for message in worker.poll() if worker else ():
            # Once all is painted, not even the worker's death matters.
            if is_running() and not latest.folder and message.get("id") in (latest.identifier, None):
                take(latest, message)
        if is_running() and latest.folder and not hold:
            deliver(latest, latest.folder)
        if is_running() and latest.cancelled_at is not None:
            give_up_in_time(latest.cancelled_at)
    except Exception as error:
        # Whatever it is, a painting that is called running must not hang for ever; the person gets a sentence.
        latest.state, latest.details = "failed", traceback.format_exc()
        latest.message = f"Stylestrip failed ({type(error).__name__}: {error}). Painted frames are kept."
        traceback.print_exc()


def take(painting: Painting, message: Message) -> None:
    """Brings a painting up to date with one message."""
    kind = message["type"]
    if kind == protocol.PROGRESS:
        painting.done, painting.total = message["done"], message["total"]
        within = message["step"] / message["steps"] if message["steps"] else 0.0
        painting.fraction = (message["done"] + within) / max(1, message["total"])
        painting.seconds_left = message["seconds_left"]
    elif kind == protocol.FRAME:
        painting.done, painting.total = message["done"], message["total"]
        painting.fraction = message["done"] / max(1, message["total"])
    elif kind == protocol.DONE:
        painting.folder = Path(message["folder"])
    elif kind == protocol.CANCELLED:
        painting.state = "cancelled"
        painting.message = f"Cancelled. {message['done']} finished frames are kept."
    elif kind == protocol.ERROR:
        painting.state, painting.message, painting.details = "failed", message["message"], message["details"]
        painting.wrong_input = message["wrong_input"]


def deliver(painting: Painting, folder: Path) -> None:
    """Puts the painted strip into the timeline, as one step to undo."""
    try:
        scene, strip = find(painting)
        # The strip may have been moved or cut meanwhile: the paint goes where it is now.
        frames, left = source_of(strip, scene)[1], versions.handles(strip)[0]
        grown = not set(frames) <= set(painting.frames)
        if grown:
            frames, left = painting.frames, painting.left
        painting.result = add_painted_strip(scene, strip, left, frames, folder, painting.job).name
    except UserError as error:
        painting.state, painting.message = "failed", str(error)
        return
    painting.state, painting.fraction, painting.seconds_left = "done", 1.0, 0.0
    painting.message = f"'{strip.name}' is painted."
    if grown:
        painting.message += " It shows more frames now than at the start: stylize it again to paint them too."
    if not bpy.app.background:
        bpy.ops.ed.undo_push(message="Stylize Strip")


def find(painting: Painting) -> tuple[Scene, Strip]:
    """The scene and strip of a painting, also when the strip was renamed; raises UserError if it is gone."""
    strips = [(s, strip) for s in bpy.data.scenes if s.sequence_editor for strip in s.sequence_editor.strips_all]
    ticketed = [(s, strip) for s, strip in strips if strip.stylestrip.ticket == painting.identifier]
    # An undo may have taken the ticket back, and a copy of the strip has it too: then the name tells.
    for scene, strip in ticketed or strips:
        if (scene.name, strip.name) == (painting.scene, painting.strip):
            return scene, strip
    if ticketed:
        return ticketed[0]
    raise UserError(
        f"The strip '{painting.strip}' was deleted while it was painted. Its frames are kept: undo, and stylize it "
        "again to get them at once."
    )


def cancel() -> None:
    """Asks the worker to stop; asked a second time, or where nothing is left to stop, ends it. Frames are kept."""
    if not is_running():
        return
    if latest.cancelled_at is not None or latest.folder:
        abandon(CANCELLED)
        return
    latest.cancelled_at = time.monotonic()
    worker.cancel(latest.identifier)


def give_up_in_time(cancelled_at: float) -> None:
    """Ends a worker that was asked to stop and has not answered: it may hang, and the person must get on."""
    if time.monotonic() - cancelled_at > CANCEL_SECONDS:
        abandon(
            f"Cancelled. The painter did not answer within {CANCEL_SECONDS:g} seconds and was ended; finished frames "
            "are kept."
        )


def abandon(message: str) -> None:
    """Ends a running painting and its worker at once; finished frames are kept."""
    busy = is_running()
    if busy:
        latest.state, latest.message = "cancelled", message
    close_worker(at_once=busy)


def close_worker(at_once: bool = False) -> None:
    """Lets the worker go, if there is one, without waiting for it."""
    global worker
    leaving, worker = worker, None
    if leaving:
        leaving.let_go(at_once)


@persistent
def on_load(*_: object) -> None:
    """Another file is opened, which has no place for the strip that is being painted."""
    if is_running():
        abandon("Another file was opened. Painted frames are kept: open the first file and stylize again to go on.")


def redraw() -> None:
    """Shows the progress in every sequencer."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "SEQUENCE_EDITOR":
                area.tag_redraw()


def register() -> None:
    """Watches for other files; a worker is started only with the first job."""
    # Without a window nobody opens another file during a job, and the 4.5 module hangs at its end with a handler left.
    if not bpy.app.background:
        bpy.app.handlers.load_pre.append(on_load)


def unregister() -> None:
    """Lets the worker go."""
    if on_load in bpy.app.handlers.load_pre:
        bpy.app.handlers.load_pre.remove(on_load)
    if bpy.app.timers.is_registered(on_timer):
        bpy.app.timers.unregister(on_timer)
    abandon("Stylestrip was switched off.")
