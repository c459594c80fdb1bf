"""A Neural Style node on its way to being baked: what comes in is rendered, painted, and shown by its inside."""

import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple, TypeVar

import bpy
from bpy.types import CompositorNodeTree, Node, Scene

from ...style_core import protocol
from ...style_core.job import FRAME_ENDINGS, Job, Motion, Source, UserError, frame_name
from .. import connection, jobs
from ..host import upstream, versions
from ..host.footage import FOLDER
from ..host.isolation import BYTES, LIGHT
from ..host.links import put
from ..host.painted import blend_relative
from ..host.passes import MATTES, VECTORS, Passes
from ..host.rendering import Rendering, RenderingApart, RenderingHere
from ..host.upstream_state import require_saved, state_of
from ..painting import request_of
from ..regions.settings import RENDERED
from ..strip_job import whole_job
from ..task import Task
from . import live_window
from .changing import with_changes
from .live_place import arrange
from .node import is_ours, name_of
from .node_passes import passes_for, with_node_regions
from .settings import words_of
from .tree import all_insides

BakeKind = TypeVar("BakeKind", bound="Bake")
# Where the frames of nodes lie in the cache, named by their frames of the timeline.
SHOWN = "node-{}"


class Frames(NamedTuple):
    """What is rendered for a node."""

    folder: Path
    numbers: range
    """Frames of the timeline, by which the files are named."""
    passes: Passes
    """What of the render is kept beside them."""
    size: tuple[int, int] | None
    """That of the one picture or film that comes in by itself; None: the frame's."""
    ending: str

    @property
    def source(self) -> Source:
        """The same for the painter, which counts them from 1."""
        names = tuple(frame_name(number, self.ending) for number in self.numbers)
        return Source(str(self.folder), names, 1, len(names))


@dataclass(kw_only=True, eq=False)
class Bake(Task):
    """One node on its way to being painted."""

    scene: str
    strip: str
    """The node's name: what the queue calls it by."""
    frames: Frames
    job: Job
    painted_by: str
    """What the node was set to."""

    @property
    def result(self) -> str:
        """What shows the paint."""
        return self.strip

    def prepare(self) -> Rendering | None:
        """Renders what is missing of what comes in, as the scene is now."""
        require_unpainted(self.frames)
        if Rendering(self.frames).is_complete:
            return None
        scene, node = find_node(self.identifier, self.scene, self.strip)
        if bpy.app.background:
            wanted = self.frames
            missing = upstream.render_missing(scene, node, wanted.folder, wanted.numbers, wanted.ending, wanted.passes)
            return RenderingHere(wanted, missing, "node")
        require_saved(node)
        values = {"scene": scene.name, "node": node.name} | asdict(self.frames.passes)
        return RenderingApart(self.frames, "upstream", values, "node")

    def deliver(self, folder: Path) -> str:
        """Lets all insides that were to be painted show the frames, as one step to undo."""
        told = self.show(folder)
        self.push_undo()
        return told

    def show(self, folder: Path) -> str:
        """Lets all insides that were to be painted show the frames, and says so; raises UserError if none is left."""
        own_trees = [tree for tree in all_insides() if tree.library is None]
        trees = [tree for tree in own_trees if tree.stylestrip_node.ticket == self.identifier]
        if not trees:
            raise UserError(
                f"The node '{self.strip}' was deleted while it was painted. Its frames are kept: undo, and bake it "
                "again to get them at once."
            )
        numbers = self.frames.numbers
        place, files = lay_out(folder, numbers, Path(self.job.output.cache))
        for tree in trees:
            own = tree.stylestrip_node
            own.folder, own.ending = blend_relative(place), Path(files[0]).suffix
            own.first, own.count, own.painted_by = numbers[0], len(numbers), self.painted_by
            self.note_place(tree)
            arrange(tree, own.ending, self.frames.size is not None)
        return f"'{self.strip}' is painted: frames {numbers[0]} to {numbers[-1]}."

    def note_place(self, tree: CompositorNodeTree) -> None:
        """Notes of what the frames of an inside are."""
        tree.stylestrip_node.is_of_strip, tree.stylestrip_node.shift = False, 0

    def push_undo(self) -> None:
        """Makes a step to undo of what was done last."""
        if not bpy.app.background:
            bpy.ops.ed.undo_push(message="Bake Neural Style")


def bake(scene: Scene, node: Node, numbers: range, render_again: bool = False) -> Bake:
    """Puts a node into the queue, which renders what comes in, and sends its job to the worker.

    Args:
        scene: its compositor has the node.
        node: a Neural Style node.
        numbers: the frames of the timeline to paint.
        render_again: whether frames that were rendered before for it are rendered anew.

    Raises:
        UserError: a setting does not fit, there is no painter, or it is the node's turn and nothing can be rendered.
    """
    upstream.require_compositor(scene, node)
    require_free(node)
    own = node.node_tree.stylestrip_node
    frames = frames_of(scene, node, numbers, jobs.cache_folder())
    job = job_of(scene, node, frames)
    require_unpainted(frames)
    if render_again:
        shutil.rmtree(frames.folder, ignore_errors=True)
    ticket = connection.new_identifier()
    given = {"frames": frames, "job": job, "painted_by": words_of(own)}
    return queue_up(Bake(identifier=ticket, scene=scene.name, strip=name_of(node), **given), node)


def require_free(node: Node) -> None:
    """Raises UserError if a node cannot be baked, or is being baked."""
    own = node.node_tree.stylestrip_node
    if own.id_data.library:
        raise UserError(f"Node '{name_of(node)}' is linked from another file: make it local, or bake it there.")
    if any(isinstance(one, Bake) and one.identifier == own.ticket and not one.is_over for one in jobs.queue):
        raise UserError(f"Node '{name_of(node)}' is in the queue already.")


def require_unpainted(frames: Frames) -> None:
    """Raises UserError if a render paints these frames now: two at a time would drop each other's paint."""
    if frames.folder in live_window.folders:
        raise UserError("A render paints these frames right now: wait until it has finished, and bake them then.")


def is_baked_from(folder: Path) -> bool:
    """Whether frames in a folder are in the queue to be painted."""
    return any(isinstance(one, Bake) and one.frames.folder == folder and not one.is_over for one in jobs.queue)


def queue_up(task: BakeKind, node: Node) -> BakeKind:
    """Puts a bake into the queue, by whose ticket its node is found again; raises UserError as `bake` does."""
    own = node.node_tree.stylestrip_node
    before, own.ticket = own.ticket, task.identifier
    task.total = len(task.frames.numbers)
    try:
        jobs.begin(task, protocol.RUN, request_of(task.job))
    except UserError:
        own.ticket = before
        raise
    for one in list(jobs.queue):
        if isinstance(one, Bake) and one.identifier == before and one.state in ("failed", "cancelled"):
            jobs.remove(one)  # this is the next try
    return task


def frames_of(scene: Scene, node: Node, numbers: range, cache: Path) -> Frames:
    """What is to be rendered for a node; raises UserError if nothing comes in."""
    shown, passes = upstream.shown_by(node), passes_for(scene, node)
    folder = cache / FOLDER.format(state_of(scene, node, passes))
    ending = BYTES if shown and not shown.is_fine else LIGHT
    return Frames(folder, numbers, passes, shown and shown.size, ending)


def job_of(scene: Scene, node: Node, frames: Frames) -> Job:
    """The Job that a node's settings describe; raises UserError if a value does not fit, or a picture is missing."""
    settings = node.node_tree.stylestrip_node.settings
    exact = {"flow": "files", "flow_path": str(frames.folder / VECTORS)} if frames.passes.vectors else {}
    job = whole_job(settings, scene, frames.source, frames.folder.parent, overrides=exact)
    job = with_node_regions(with_changes(job, node, frames.numbers), scene, node, frames.folder / MATTES)
    # What comes from Blender is still to be made: until then, any file stands for it.
    regions = tuple(replace(one, mask=__file__) if one.matte in RENDERED.values() else one for one in job.regions)
    replace(job, regions=regions, motion=Motion() if exact else job.motion).require_settings()
    # What a live render has painted is found again frame by frame, and a bake's paint by that.
    return job if job.waits_for else replace(job, source=replace(job.source, last=0, growing=True))


def find_node(ticket: str, scene: str, name: str) -> tuple[Scene, Node]:
    """The node that was to be painted, and its scene; raises UserError if it is gone."""
    for one in sorted(bpy.data.scenes, key=lambda one: one.name != scene):
        tree = versions.compositor_of(one)
        for node in tree.nodes if tree else ():
            if is_ours(node) and node.node_tree.stylestrip_node.ticket == ticket:
                return one, node
    raise UserError(f"The node '{name}' is gone from the compositor of scene '{scene}': undo, and bake it again.")


def named_node(ticket: str, scene: str, name: str) -> tuple[Scene, Node]:
    """The same, and where no node has the ticket, as in a file that was not saved after it, that of this name."""
    with suppress(UserError):
        return find_node(ticket, scene, name)
    own = bpy.data.scenes.get(scene)
    tree = own and versions.compositor_of(own)
    node = next((one for one in tree.nodes if is_ours(one) and name_of(one) == name), None) if tree else None
    if node is None:
        raise UserError(f"The node '{name}' is gone from the compositor of scene '{scene}': undo, and bake it again.")
    return own, node


def lay_out(painted: Path, numbers: range, cache: Path) -> tuple[Path, list[str]]:
    """A folder with painted frames under the numbers that they have on the timeline, and the names of its files.

    They are the same files once more and take no room where the disk can do that. Raises UserError if the folder cannot
    be written, or a frame is missing.
    """
    place = cache / SHOWN.format(f"{painted.name[:16]}-{numbers[0]}")
    ending = next((one for one in FRAME_ENDINGS if (painted / frame_name(1, one)).is_file()), FRAME_ENDINGS[0])
    files = [frame_name(number, ending) for number in numbers]
    try:
        place.mkdir(parents=True, exist_ok=True)
        for count, name in enumerate(files, 1):
            put(painted / frame_name(count, ending), place / name)
    except OSError as error:
        raise UserError(
            f"The painted frames cannot be laid out in '{place}' ({error.strerror}): make room there, or choose "
            "another cache folder in the preferences of Stylestrip."
        ) from error
    return place, files
