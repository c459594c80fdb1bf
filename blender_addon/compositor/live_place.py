"""Where the frames lie that a node shows which is painted live: always the same folder, into which each is laid."""

from pathlib import Path

from bpy.types import CompositorNodeTree

from ...style_core.job import frame_name
from .. import connection, jobs
from . import tree as inside

FOLDER = "node-live-{}"


def arrange(tree: CompositorNodeTree, ending: str = "", as_image: bool | None = None) -> None:
    """Lets the inside of a node show what its mode asks for: the frames that were baked, or any that are laid into its
    own folder. In the main thread.

    Args:
        tree: the inside.
        ending: of the files that will be laid there; empty: as before.
        as_image: whether they are as large as what comes in, or fill the scene's frame; None: as before.
    """
    own = tree.stylestrip_node
    # In a strip's modifier nothing waits for a frame to be painted, and those that are go along with the strip.
    if own.is_of_strip or not (own.is_live or own.paints_now):
        if own.count:
            files = [frame_name(number - own.shift, own.ending) for number in range(own.first, own.last + 1)]
            inside.show_frames(tree, own.file(own.first).parent, files, own.first, as_image)
        return
    if not own.place:
        own.place = connection.new_identifier()[:16]
    baked = own.ending if own.count and own.is_fresh else ""
    ending = ending or baked or own.live_ending or ".png"
    own.live_ending = ending
    inside.show_any(tree, folder_of(tree), ending, as_image)
    lay_baked(tree, ending)


def folder_of(tree: CompositorNodeTree) -> Path:
    """The folder of a node that is painted live."""
    return jobs.cache_folder() / FOLDER.format(tree.stylestrip_node.place)


def clear(tree: CompositorNodeTree, number: int) -> None:
    """Takes away what an earlier render has laid there for a frame: without its paint, the image is seen."""
    for file in folder_of(tree).glob(frame_name(number, ".*")):
        file.unlink(missing_ok=True)


def lay_baked(tree: CompositorNodeTree, ending: str) -> None:
    """Lays what was baked by these settings into a node's folder, for the viewer."""
    from .baking import put

    own, folder = tree.stylestrip_node, folder_of(tree)
    folder.mkdir(parents=True, exist_ok=True)
    if not own.count or not own.is_fresh or own.ending != ending or own.file(own.first).parent == folder:
        return
    for number in range(own.first, own.last + 1):
        file = own.file(number)
        if file.is_file():
            put(file, folder / file.name)
