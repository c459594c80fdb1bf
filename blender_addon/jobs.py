"""The strip that is being painted: one job at a time, driven by a timer in the window or by a loop without one."""

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import bpy
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

    @property
    def words(self) -> str:
        """Where it is, for a person."""
        if self.state != "running":
            return self.message
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


def cache_folder(scene: Scene) -> Path:
    """Where painted frames go: the chosen folder, else beside the .blend file, else the extension's own folder."""
    chosen = preferences().cache_folder
    if chosen:
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
    strip.stylestrip.ticket = identifier
    ready_worker().run(identifier, job)
    left = versions.handles(strip)[0]
    latest = Painting(identifier, scene.name, strip.name, left, frames, job, total=len(set(frames)))
    if not bpy.app.background:
        bpy.app.timers.register(on_timer, first_interval=POLL_SECONDS, persistent=True)
    return latest


def ready_worker() -> Worker:
    """The worker, started if there is none or the last one has died."""
    global worker
    python = find_python(bpy.path.abspath(preferences().python), user_folder(), os.environ)
    if worker is not None and (not worker.is_alive or worker.python != python):
        worker.close()
        worker = None
    if worker is None:
        worker = Worker(python, user_folder(), worker_environment(os.environ))
    return worker


def on_timer() -> float | None:
    """Takes in what the worker has said, and shows it."""
    advance()
    redraw()
    return POLL_SECONDS if is_running() else None


def wait(painting: Painting, tell: Callable[[Painting], None] = lambda painting: None) -> None:
    """Waits for the end of a painting; Ctrl-C cancels it."""
    while painting.state == "running":
        try:
            advance()
            tell(painting)
            time.sleep(POLL_SECONDS / 2)
        except KeyboardInterrupt:
            cancel()
    tell(painting)


def advance() -> None:
    """Takes in what the worker has said about the painting."""
    for message in worker.poll() if worker else ():
        if latest and message.get("id") in (latest.identifier, None):
            take(latest, message)


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
        deliver(painting, Path(message["folder"]))
    elif kind == protocol.CANCELLED:
        painting.state = "cancelled"
        painting.message = f"Cancelled. {message['done']} finished frames are kept."
    elif kind == protocol.ERROR:
        painting.state, painting.message, painting.details = "failed", message["message"], message["details"]


def deliver(painting: Painting, folder: Path) -> None:
    """Puts the painted strip into the timeline, as one step to undo."""
    try:
        scene, strip = find(painting)
        frames, left = painting.frames, painting.left
        if versions.handles(strip)[0] != left:  # moved meanwhile: the paint goes where the strip is now
            _, frames = source_of(strip, scene)
            left = versions.handles(strip)[0]
        add_painted_strip(scene, strip, left, frames, folder, painting.job)
    except UserError as error:
        painting.state, painting.message = "failed", str(error)
        return
    painting.state, painting.fraction = "done", 1.0
    painting.message = f"'{strip.name}' is painted."
    if not bpy.app.background:
        bpy.ops.ed.undo_push(message="Stylize Strip")


def find(painting: Painting) -> tuple[Scene, Strip]:
    """The scene and strip of a painting, also when the strip was renamed; raises UserError if it is gone."""
    for scene in bpy.data.scenes:
        for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
            if strip.stylestrip.ticket == painting.identifier:
                return scene, strip
    raise UserError(
        f"The strip '{painting.strip}' was deleted while it was painted. Its frames are kept: undo, and stylize it "
        "again to get them at once."
    )


def cancel() -> None:
    """Asks the worker to stop; finished frames are kept."""
    if worker and is_running():
        worker.cancel(latest.identifier)


def redraw() -> None:
    """Shows the progress in every sequencer."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "SEQUENCE_EDITOR":
                area.tag_redraw()


def register() -> None:
    """Nothing to add: a worker is started with the first job."""


def unregister() -> None:
    """Lets the worker go."""
    global worker
    if bpy.app.timers.is_registered(on_timer):
        bpy.app.timers.unregister(on_timer)
    if worker:
        worker.close()
    worker = None
