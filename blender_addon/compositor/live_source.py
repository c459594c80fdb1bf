"""Where the frames come from that a live render paints: from that render itself, or from a second Blender.

What comes in is known to the bit in both cases: it is what a bake would have rendered.
"""

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Node, Scene

from ...style_core.job import UserError, frame_name
from ..host import upstream, versions
from ..host.changed import format_kept
from ..host.child import Child
from ..host.isolation import LIGHT, set_format, unfinished_in
from ..host.passes import VECTORS
from ..host.upstream_state import may_have_changed, require_saved
from .baking import Frames
from .node import is_ours, name_of

# How far back paint looks, in frames: there must be motion for as many.
REACH = 8
# Said when Blender did not tell that a frame was about to be composited.
NOT_TOLD = (
    "this Blender did not say when its frame was rendered, so that it could not be painted on the way: choose Cache "
    "and press Bake"
)


def is_direct(scene: Scene, node: Node) -> bool:
    """Whether what comes in is just what the render itself makes: the first view layer of this scene, whole."""
    socket = upstream.source_socket(node)
    one = socket.node
    if one.bl_idname != upstream.RENDER_LAYERS or one.mute or socket.name != "Image":
        return False
    rendered = [layer.name for layer in scene.view_layers if layer.use]
    return one.scene == scene and not scene.render.use_single_layer and rendered[:1] == [one.layer]


def shows_scenes(node: Node) -> bool:
    """Whether a scene that is rendered is among what comes in: that may have changed since, and nobody knows."""
    return any(one.bl_idname == upstream.RENDER_LAYERS for one in upstream.nodes_before(upstream.source_socket(node)))


def is_fresh(node: Node) -> bool:
    """Whether what comes in is rendered anew by each live render, as nobody knows whether it has changed."""
    return may_have_changed(upstream.nodes_before(upstream.source_socket(node)))


def require_live(scene: Scene, node: Node) -> None:
    """Raises UserError if a node cannot be painted while its scene is rendered, whatever its settings."""
    upstream.require_compositor(scene, node)
    before = upstream.nodes_before(upstream.source_socket(node))
    ours = next((one for one in before if is_ours(one) and one.node_tree.stylestrip_node.is_live), None)
    if ours:
        raise UserError(f"'{name_of(ours)}' comes before it and is painted live as well: choose Cache there, and bake")


class Source:
    """The frames of one node during one render.

    Args:
        scene: it is rendered.
        node: whose input Image is painted.
        frames: where they are to lie.
    """

    def __init__(self, scene: Scene, node: Node, frames: Frames) -> None:
        self.scene, self.node, self.frames = scene.name, node.name, frames
        self.is_direct = is_direct(scene, node)
        # Whether what lies there from other renders may show something else.
        self.is_renewed = is_fresh(node)
        self.since: int | None = None
        self.child: Child | None = None
        self.coming = range(0)
        self.taken: set[Path] = set()
        frames.folder.mkdir(parents=True, exist_ok=True)
        if frames.passes.vectors:
            (frames.folder / VECTORS).mkdir(exist_ok=True)

    def file(self, number: int) -> Path:
        """The picture of a frame of the timeline."""
        return self.frames.folder / frame_name(number, self.frames.ending)

    def motion(self, number: int) -> Path:
        """The passes of a frame, of which its motion is read."""
        return self.frames.folder / VECTORS / frame_name(number, LIGHT)

    def save(self, scene: Scene, number: int) -> None:
        """Keeps what the render has just made, before it is composited; raises UserError if that cannot be written."""
        file = scene.render.image_settings
        try:
            with unfinished_in(self.frames.folder) as place, format_kept(scene):
                part = place / self.file(number).name
                versions.set_file_format(file, upstream.FORMATS[LIGHT])
                set_format(file, LIGHT)
                bpy.data.images["Render Result"].save_render(str(part), scene=scene)
                part.replace(self.file(number))
        except (OSError, RuntimeError) as error:
            raise UserError(f"its frame cannot be kept in '{self.frames.folder}' ({str(error).strip()})") from error

    def begin(self, number: int, until: int) -> None:
        """Has a second Blender render what comes in from a frame on, unless it is there or on its way. In the main
        thread.

        Args:
            number: a frame of this render.
            until: the last one that may be wanted.
        """
        self.since = number if self.since is None else self.since
        if self.is_there(self.file(number)) or number in self.coming:
            return
        values = {"first": number, "ending": self.frames.ending} | asdict(self.frames.passes)
        self.start("render_all", range(number, until + 1), values)

    def begin_motion(self, wanted: range, since: int, until: int) -> None:
        """The same for motion alone, where the render itself makes what comes in.

        Args:
            wanted: the frames whose motion is needed now.
            since: the first frame of this render that is painted anew.
            until: the last one that may be wanted.
        """
        self.since = since
        missing = [one for one in wanted if not self.is_there(self.motion(one))]
        if not set(missing) <= set(self.coming):
            values = {"first": missing[0], "vectors": self.frames.passes.vectors}
            self.start("render_motion", range(missing[0], until + 1), values)

    def start(self, function: str, coming: range, values: dict[str, Any]) -> None:
        """Starts the second Blender for some frames; raises UserError if it could not know what is to be rendered."""
        require_saved(versions.compositor_of(bpy.data.scenes[self.scene]).nodes[self.node])
        self.end()
        # What may have changed is made in a folder of this render, and only what it shows takes the place of what is
        # there.
        folder = "" if self.is_renewed else str(self.frames.folder)
        values |= {"scene": self.scene, "node": self.node, "folder": folder, "last": coming[-1]}
        self.child, self.coming = Child(self.frames.folder, "upstream", function, values), coming

    def is_there(self, file: Path) -> bool:
        """Whether a file is as this render wants it; what the second Blender has finished is taken over."""
        if not self.is_renewed or number_of(file) < self.since:
            if file.is_file():
                return True
        elif file in self.taken:
            return True
        made = self.child and self.child.folder / file.relative_to(self.frames.folder)
        if made is None or not made.is_file():
            return False
        beside = self.child.folder / VECTORS / frame_name(number_of(file), LIGHT)
        for one in (beside, made):  # the picture comes last: it says that all is there
            if one.is_file():
                place = self.frames.folder / one.relative_to(self.child.folder)
                one.replace(place)
                self.taken.add(place)
        return True

    def require(self, file: Path) -> bool:
        """Whether a file of the second Blender is there; raises UserError if it never will be."""
        is_running = self.child is not None and self.child.is_running
        if self.is_there(file):
            return True
        if not is_running:
            problem = self.child.problem() if self.child else f"'{file}' is gone"
            raise UserError(f"what comes in could not be rendered: {problem}")
        return False

    def end(self) -> None:
        """Ends the second Blender."""
        if self.child:
            with suppress(OSError):
                self.child.end()
            self.child, self.coming = None, range(0)


def number_of(file: Path) -> int:
    """The frame that a file is named by."""
    return int(file.stem)
