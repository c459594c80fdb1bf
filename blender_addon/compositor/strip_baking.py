"""A Neural Style node in a strip's Compositor modifier on its way to being baked."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import bpy
from bpy.types import CompositorNodeTree, Node

from .. import connection, jobs
from ..host import upstream_strip, versions
from ..host.footage import FOLDER
from ..host.isolation import LIGHT
from ..host.passes import Passes
from ..host.projections import frame_size
from ..host.rendering import Rendering, RenderingApart, RenderingHere
from ..host.strips import files_of, picture_size
from ..host.upstream_state import require_saved
from .baking import Bake, Frames, job_of, queue_up, require_free
from .in_strip import Place, find_in_strip, follow, tie
from .node import name_of
from .settings import words_of
from .tree import take_alpha


@dataclass(kw_only=True, eq=False)
class BakeInStrip(Bake):
    """One node of a strip's modifier on its way to being painted."""

    of_strip: str
    """The name of the strip whose modifier has the node."""
    start: int
    """Where on the timeline the strip's content began then."""

    def prepare(self) -> Rendering | None:
        """Renders what is missing of what comes in, as the strip is now."""
        if Rendering(self.frames).is_complete:
            return None
        place, node = self.found()
        wanted = self.frames
        if bpy.app.background:
            things = place.scene, place.strip, place.modifier, node
            missing = upstream_strip.render_missing(*things, wanted.folder, wanted.numbers, wanted.ending)
            return RenderingHere(wanted, missing, "node")
        require_saved(node)
        values = {"scene": place.scene.name, "strip": place.strip.name, "modifier": place.modifier.name}
        return RenderingApart(wanted, "upstream_strip", values | {"node": node.name}, "node")

    def deliver(self, folder: Path) -> str:
        """Lets the node show the frames where its strip is by now, as one step to undo."""
        place, _ = self.found()
        told = self.show(folder)
        follow(place)
        self.push_undo()
        return told

    def note_place(self, tree: CompositorNodeTree) -> None:
        """Ties the frames of an inside to the strip."""
        take_alpha(tree)
        tie(tree.stylestrip_node, self.start)

    def found(self) -> tuple[Place, Node]:
        """The node, and where it is; raises UserError if it is gone."""
        return find_in_strip(self.identifier, self.scene, self.of_strip, self.strip)


def bake_in_strip(place: Place, node: Node, render_again: bool = False) -> BakeInStrip:
    """Puts a node of a strip's modifier into the queue, for all frames at which the strip is seen.

    Args:
        place: the modifier that the node is in.
        node: a Neural Style node.
        render_again: whether frames that were rendered before for it are rendered anew.

    Raises:
        UserError: a setting does not fit, there is no painter, or it is the node's turn and nothing can be rendered.
    """
    require_free(node)
    upstream_strip.result_of(place.modifier.node_group)
    own, scene, strip = node.node_tree.stylestrip_node, place.scene, place.strip
    is_whole = upstream_strip.way_of(strip).covers_frame
    size = frame_size(scene) if is_whole else picture_size(strip, files_of(strip, scene)[0])
    folder = jobs.cache_folder() / FOLDER.format(upstream_strip.state_of(scene, strip, place.modifier, node))
    frames = Frames(folder, upstream_strip.numbers_of(strip, scene), Passes(), tuple(size), LIGHT)
    job = job_of(scene, node, frames)
    if render_again:
        shutil.rmtree(frames.folder, ignore_errors=True)
    task = BakeInStrip(
        identifier=connection.new_identifier(),
        scene=scene.name,
        strip=name_of(node),
        of_strip=strip.name,
        start=round(versions.content_span(strip)[0]),
        frames=frames,
        job=job,
        painted_by=words_of(own),
    )
    return queue_up(task, node)
