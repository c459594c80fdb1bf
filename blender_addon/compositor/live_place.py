"""Where the frames lie that a node shows which is painted live: always the same folder, into which each is laid.

Beside them it is noted by which settings each was painted and with which frame its film began, so that the mode Cache
can go on showing a film that a live render has painted.
"""

import hashlib
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from bpy.types import CompositorNodeTree

from ...style_core.job import frame_name
from ...style_core.whole import append
from .. import connection, jobs
from ..host.links import put
from ..host.painted import blend_relative
from . import tree as inside

FOLDER, TAKEN = "node-live-{}", "node-{}-{}"
# A line for each frame that was laid: its number, the settings, and the beginning of its film.
NOTES = "painted.txt"


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


def lay(tree: CompositorNodeTree, files: Iterable[tuple[int, Path]], painted_by: str, beginning: int) -> None:
    """Lays painted frames where a node finds them; raises OSError if the folder cannot be written.

    Args:
        tree: the inside of the node.
        files: numbers of the timeline, and their paint.
        painted_by: what the node was set to then, as settings.words_of has it.
        beginning: the frame that their film began with.
    """
    folder = folder_of(tree)
    for number, file in files:
        put(file, folder / frame_name(number, file.suffix))
        append(folder / NOTES, f"{number} {word_of(painted_by)} {beginning}")


def word_of(painted_by: str) -> str:
    """What a node was set to, in short."""
    return hashlib.sha256(painted_by.encode()).hexdigest()[:16]


def lay_baked(tree: CompositorNodeTree, ending: str) -> None:
    """Lays what was baked by these settings into a node's folder, for the viewer."""
    own, folder = tree.stylestrip_node, folder_of(tree)
    folder.mkdir(parents=True, exist_ok=True)
    if not own.count or not own.is_fresh or own.ending != ending or own.file(own.first).parent == folder:
        return
    files = [(number, own.file(number)) for number in range(own.first, own.last + 1)]
    lay(tree, [(number, file) for number, file in files if file.is_file()], own.painted_by, own.first)


def take_over(tree: CompositorNodeTree) -> None:
    """Has the mode Cache show the longest film that live renders have painted by what a node is set to now, where no
    bake has. Its frames get a folder of their own, as other renders lay other frames where they were."""
    from .settings import words_of

    own, folder = tree.stylestrip_node, folder_of(tree)
    if own.is_of_strip or not own.place or (own.count and own.is_fresh) or not (folder / NOTES).is_file():
        return
    painted_by = words_of(own)
    film = longest(folder, own.live_ending, word_of(painted_by))
    if not film:
        return
    place = jobs.cache_folder() / TAKEN.format(own.place, film[0])
    place.mkdir(parents=True, exist_ok=True)
    for number in film:
        put(folder / frame_name(number, own.live_ending), place / frame_name(number, own.live_ending))
    own.folder, own.ending, own.shift = blend_relative(place), own.live_ending, 0
    own.first, own.count, own.painted_by = film[0], len(film), painted_by


def longest(folder: Path, ending: str, word: str) -> list[int]:
    """The most frames that follow each other, are of one film, and were painted by the same settings."""
    lines = [line.split() for line in (folder / NOTES).read_text(encoding="utf-8").splitlines()]
    # Of a Blender that was killed the last line may be cut off.
    last = {int(line[0]): (line[1], line[2]) for line in lines if len(line) == 3}
    there = sorted(number for number, (by, _) in last.items() if by == word)
    there = [number for number in there if (folder / frame_name(number, ending)).is_file()]
    films = groupby(enumerate(there), lambda one: (last[one[1]][1], one[1] - one[0]))
    return max(([number for _, number in film] for _, film in films), key=len, default=[])
