"""A Neural Style node during one render: each frame is painted on the way, and laid where the node's inside finds it.

What comes in is known before a frame is rendered (films and all that a second Blender renders), or as soon as it is
rendered and not composited yet (Render Layers). The painter has the frames that have come so far, as a bake has all of
them: both paint the same, to the bit.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bpy.types import Node, Scene

from ...style_core import protocol
from ...style_core.job import Job, Motion, Region, UserError, frame_name
from .. import jobs
from ..client import Message
from ..host.footage import FOLDER
from ..host.upstream_state import state_of
from . import live_painter, live_window
from .baking import frames_of, is_baked_from, job_of
from .hiding import why_hidden
from .live_place import arrange, lay
from .live_source import NOT_TOLD, REACH, Source, require_live
from .node import name_of
from .node_passes import enabled
from .settings import words_of

WAIT_SECONDS = 0.05
# How painted frames end, by the depth that is chosen.
ENDINGS = {"png8": ".png", "png16": ".png", "exr": ".exr"}


class Live:
    """One node during one render.

    Args:
        scene: it is rendered.
        node: a Neural Style node of its compositor.
        render: by which the render is known.

    Raises:
        UserError: it cannot be painted live, or there is no painter.
    """

    def __init__(self, scene: Scene, node: Node, render: str) -> None:
        require_live(scene, node)
        self.name, self.render, self.tree = name_of(node), render, node.node_tree
        own = self.tree.stylestrip_node
        self.frames = frames_of(scene, node, range(scene.frame_start, scene.frame_end + 1), jobs.cache_folder())
        if scene.frame_step > 1:
            # Another film than that of all frames; between frames that are left out there is no pass.
            passes = replace(self.frames.passes, vectors="")
            folder = FOLDER.format(f"{state_of(scene, node, passes)}-{scene.frame_step}")
            self.frames = self.frames._replace(folder=self.frames.folder.with_name(folder), passes=passes)
        if is_baked_from(self.frames.folder):
            raise UserError("its frames are in the queue: wait until they are baked, or cancel that there")
        self.job = job_of(scene, node, self.frames)
        if self.job.waits_for:
            raise UserError(f"{self.job.waits_for}, for which all frames must be there: choose Cache and press Bake")
        self.job = replace(self.job, output=replace(self.job.output, report=False))
        self.source, self.step = Source(scene, node, self.frames), scene.frame_step
        # Blender does not say whether it renders one frame or all: a single one is that under the playhead.
        self.playhead = scene.frame_current
        own.is_of_strip, own.shift = False, 0  # it may have come out of a strip's modifier
        arrange(self.tree, ENDINGS.get(own.settings.depth, self.frames.ending), self.frames.size is not None)
        self.painted_by = words_of(own)
        # What the film that is painted began with, and what of it has come.
        self.numbers: list[int] = []
        self.painted: list[int] = []
        self.served: int | None = None
        live_painter.begin()
        live_window.folders.add(self.frames.folder)

    @property
    def is_direct(self) -> bool:
        """Whether the render itself makes what comes in."""
        return self.source.is_direct

    def before(self, number: int) -> None:
        """A frame is about to be rendered: what does not come from that is painted now."""
        self.served = None
        if not self.is_direct:
            self.begin_source(lambda: self.source.begin(number, self.until(number)))
            self.wait(lambda: self.source.require(self.source.file(number)), number, "waiting for what comes in")
            self.paint(number)

    def begin_source(self, begin: Callable[[], None]) -> None:
        """Has what comes in rendered."""
        live_window.in_main(begin, take_back=lambda _: self.source.end())

    def until(self, number: int) -> int:
        """The last frame that may come after this one: of a single frame, nobody waits for others."""
        is_film = bool(self.painted) or number == self.first != self.playhead
        return max(number, self.frames.numbers[-1]) if is_film else number

    def rendered(self, scene: Scene, number: int) -> None:
        """A frame is rendered, and about to be composited."""
        self.source.save(scene, number)
        self.paint(number)

    def after(self, number: int) -> None:
        """A frame is composited; raises UserError if it was not painted, as nobody said when."""
        if self.is_direct and self.served != number:
            raise UserError(NOT_TOLD)

    def paint(self, number: int) -> None:
        """Paints a frame and lays it where it is shown."""
        began = time.monotonic()
        follows = bool(self.numbers) and number == self.numbers[-1] + self.step
        self.numbers = [*self.numbers, number] if follows else [number]
        found = self.ask(self.numbers, only_known=True)
        if not follows:
            self.numbers = self.chain(beginning_of(found), number) if found else self.continued(number)
        if not found:
            if self.frames.passes.vectors and len(self.numbers) > 1:
                self.look_at_motion(number)
            found = self.ask(self.numbers, only_known=False)
        path = Path(found["path"])
        lay(self.tree, [(number, path)], self.painted_by, beginning_of(found))
        self.served = number
        self.painted.append(number)
        how = "was painted already" if found["was_known"] else f"is painted ({time.monotonic() - began:.1f} s)"
        begins = len(self.numbers) == 1 and not found["was_known"]
        how += ", and does not follow from the frame before it" if begins and number > self.first else ""
        live_window.tell(f"Frame {number} of '{self.name}' {how}.", print_it=True)

    def look_at_motion(self, number: int) -> None:
        """Waits for the motion that paint is carried along by to a frame."""
        wanted = range(self.numbers[-2], number + 1)
        if self.is_direct:
            since, until = min([*self.painted, number]), self.until(number)
            wanted = range(max(since - REACH, self.numbers[0], number - 2 * REACH), number + 1)
            self.begin_source(lambda: self.source.begin_motion(wanted, since, until))
        for one in wanted:
            self.wait(lambda one=one: self.source.require(self.source.motion(one)), number, "looking at motion")

    @property
    def first(self) -> int:
        """The first frame that is rendered where all are."""
        return self.frames.numbers[0]

    def chain(self, first: int, last: int) -> list[int]:
        """The frames of the film that began with one, where their pictures are all there; else the last alone."""
        numbers = list(range(first, last + 1, self.step))
        is_whole = numbers and numbers[-1] == last and all(self.source.file(one).is_file() for one in numbers)
        return numbers if is_whole else [last]

    def continued(self, number: int) -> list[int]:
        """The film that a frame goes on with which begins a render: that whose paint ends just before it, or none."""
        before = number - self.step
        known = self.ask([before], only_known=True) if self.source.file(before).is_file() else None
        # A single frame that looks otherwise now must not undo the paint of those after it.
        if known and (number == self.first or not file_after(Path(known["path"])).is_file()):
            numbers = self.chain(beginning_of(known), number)
            if len(numbers) > 1 and self.ask(numbers[:-1], only_known=True):
                return numbers
        return [number]

    def ask(self, numbers: list[int], only_known: bool) -> Message | None:
        """The painter's answer on the newest of some frames that follow each other."""
        number = numbers[-1]
        names = tuple(self.source.file(one).name for one in numbers)
        job = replace(self.job, source=replace(self.job.source, files=names))

        def tell(message: Message) -> None:
            if message["type"] == protocol.PROGRESS and message["steps"]:
                live_window.tell(f"{self.place_of(number)}, step {message['step']} of {message['steps']}")

        if not only_known:
            live_window.tell(self.place_of(number))
        return live_painter.paint(job, self.render, only_known, tell, live_window.is_stopped)

    def place_of(self, number: int) -> str:
        """Where the render is, for a person."""
        until = f" of {self.frames.numbers[-1]}" if number in self.frames.numbers else ""
        return f"{self.name}: painting frame {number}{until}"

    def wait(self, until: Callable[[], bool], number: int, what: str) -> None:
        """Waits for something of a frame."""
        live_window.tell(f"{self.name}: {what}, frame {number}")
        while not until():
            if live_window.is_stopped():
                raise live_painter.Stopped
            time.sleep(WAIT_SECONDS)

    def end(self) -> None:
        """The render is over."""
        self.source.end()


def beginning_of(found: Message) -> int:
    """The frame that the film began with whose paint was found."""
    return int(Path(found["beginning"]).stem)


def file_after(file: Path) -> Path:
    """Where the next frame of a film is painted."""
    return file.with_name(frame_name(int(file.stem) + 1, file.suffix))


def why_not_live(scene: Scene, node: Node) -> str:
    """Why a node cannot be painted live, a sentence for its panel; empty if it can."""
    own = node.node_tree.stylestrip_node
    if reason := why_hidden(scene, node):
        return reason[0].upper() + reason[1:]
    if not node.inputs["Image"].links:
        return "Connect what shall be painted to Image"
    try:
        require_live(scene, node)
    except UserError as error:
        return str(error)
    # No file is looked at for a panel: a job without any says what has to wait for all frames.
    regions = tuple(
        Region(name=one.name, matte="file", mask=one.path, refine=one.refine)
        if one.source == "FILE"
        else Region(name=one.name, matte="people")
        for one in enabled(own)
    )
    motion = Motion(passes=own.settings.passes, denoise=own.settings.denoise)
    waits = Job(motion=motion, regions=regions).waits_for
    return f"{waits}, for which all frames must be there: choose Cache and press Bake" if waits else ""
