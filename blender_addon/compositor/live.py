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
from .baking import frames_of, job_of, put
from .live_place import arrange, folder_of
from .live_source import NOT_TOLD, Source, require_live
from .node import name_of
from .node_passes import enabled
from .region import REASON, squeezes

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
        if self.frames.passes.vectors and scene.frame_step > 1:
            # Between frames that are left out there is no pass.
            passes = replace(self.frames.passes, vectors="")
            folder = self.frames.folder.with_name(FOLDER.format(state_of(scene, node, passes)))
            self.frames = replace(self.frames, folder=folder, passes=passes)
        self.job = job_of(scene, node, self.frames)
        if self.job.waits_for:
            raise UserError(f"{self.job.waits_for}, for which all frames must be there: choose Cache and press Bake")
        self.job = replace(self.job, output=replace(self.job.output, report=False))
        self.source, self.step = Source(scene, node, self.frames), scene.frame_step
        own.is_of_strip, own.shift = False, 0  # it may have come out of a strip's modifier
        arrange(self.tree, ENDINGS.get(own.settings.depth, self.frames.ending), self.frames.size is not None)
        self.folder = folder_of(self.tree)
        # What the film that is painted began with, and what of it has come.
        self.numbers: list[int] = []
        if own.paints_now and own.count and own.is_fresh:
            self.baked = range(own.first, own.last + 1)
        else:
            self.baked = range(0)
        self.painted: list[int] = []
        self.served: int | None = None
        live_painter.begin()

    @property
    def is_direct(self) -> bool:
        """Whether the render itself makes what comes in."""
        return self.source.is_direct

    def before(self, number: int) -> None:
        """A frame is about to be rendered: what does not come from that is painted now."""
        self.served = None
        if not self.is_direct:
            self.begin_source(number, number)
            self.wait(lambda: self.source.require(self.source.file(number)), number, "waiting for what comes in")
            self.paint(number)

    def begin_source(self, number: int, earliest: int) -> None:
        """Has what comes in rendered from a frame on."""
        live_window.in_main(lambda: self.source.begin(number, earliest), take_back=lambda _: self.source.end())

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
        if not follows:
            self.numbers = self.continued(number)
        else:
            self.numbers = [*self.numbers, number]
        found = self.ask(number, only_known=True)
        if found and not follows:
            self.numbers = self.chain(int(Path(found["beginning"]).stem), number)
        if not found:
            if self.frames.passes.vectors and len(self.numbers) > 1:
                since = self.painted[0] if self.painted else number
                self.begin_source(since, self.numbers[0])
                for one in self.numbers[-2:]:
                    self.wait(lambda one=one: self.source.require(self.source.motion(one)), number, "looking at motion")
            found = self.ask(number, only_known=False)
        path = Path(found["path"])
        put(path, self.folder / frame_name(number, path.suffix))
        self.served = number
        self.painted.append(number)
        how = "was painted already" if found["was_known"] else f"is painted ({time.monotonic() - began:.1f} s)"
        begins = len(self.numbers) == 1 and not found["was_known"]
        how += ", and does not follow from the frame before it" if begins and number > self.first else ""
        live_window.tell(f"Frame {number} of '{self.name}' {how}.", print_it=True)

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
        """What a frame that begins a render goes on from: the bake, if it ends just before it, or nothing."""
        if number - self.step in self.baked:
            return self.chain(self.baked[0], number)
        return [number]

    def ask(self, number: int, only_known: bool) -> Message | None:
        """The painter's answer on the newest frame."""
        names = tuple(self.source.file(one).name for one in self.numbers)
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


def why_not_live(scene: Scene, node: Node) -> str:
    """Why a node cannot be painted live, a sentence for its panel; empty if it can."""
    own = node.node_tree.stylestrip_node
    if squeezes(scene, node):
        return REASON
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
