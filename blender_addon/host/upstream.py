"""What reaches a node of the compositor: the frames that Blender makes of it, as scene-linear pictures."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir
from typing import NamedTuple

import bpy
from bpy.types import CompositorNodeTree, Node, NodeSocket, Scene

from ...style_core.job import ScarceError, UserError, frame_name
from . import screen, versions
from .changed import format_kept, set_to
from .isolation import BYTES, LIGHT, set_format, unfinished_in
from .passes import VECTORS, Passes, keep_mattes, keep_passes, switched_on
from .ways_in import USUAL_COLOURS

FILE_OUTPUT, RENDER_LAYERS = "CompositorNodeOutputFile", "CompositorNodeRLayers"
FORMATS = {BYTES: "PNG", LIGHT: "OPEN_EXR"}
# What shows bytes as they are.
AS_THEY_ARE = {"view_transform": "Standard", "look": "None", "exposure": 0.0, "gamma": 1.0, "use_curve_mapping": False}
# Quick, and of the filters that Cycles has the narrowest.
SINGLE_RAYS = {
    "samples": 1,
    "pixel_filter_type": "GAUSSIAN",
    "filter_width": 0.01,
    "use_adaptive_sampling": False,
    "use_denoising": False,
    "max_bounces": 0,
}
# Engines that know how things move.
KNOWING_MOTION = ("CYCLES", "BLENDER_EEVEE", "BLENDER_EEVEE_NEXT")
# Nodes that leave every pixel where it is: behind them, motion is still that of the scene.
IN_PLACE = frozenset(
    f"{kind}{name}"
    for kind, names in {
        "CompositorNode": "AlphaOver BrightContrast ColorBalance ColorCorrection ColorMatte ColorSpill CombineColor "
        "CombineXYZ Composite ConvertColorSpace CryptomatteV2 CurveRGB Denoise Exposure Gamma Glare HueCorrect HueSat "
        "IDMask Invert Levels Math MixRGB Normalize Posterize PremulKey RGB RGBToBW RLayers SeparateColor SetAlpha "
        "Time Tonemap ValToRGB Value Zcombine",
        "ShaderNode": "BrightContrast Gamma HueSaturation Invert Math Mix RGBCurve ValToRGB Value",
    }.items()
    for name in names.split()
) | {"NodeReroute"}


def source_socket(node: Node, name: str = "Image") -> NodeSocket:
    """What is linked to an input of a node; raises UserError if nothing is."""
    links = node.inputs[name].links
    if not links:
        raise UserError(
            f"Nothing is connected to {name} of '{node.name}': connect what shall be painted, such as Render Layers."
        )
    return links[0].from_socket


def nodes_before(socket: NodeSocket) -> list[Node]:
    """The nodes that an output's picture is made by, that of the socket first."""
    found, waiting = {}, [socket.node]
    while waiting:
        node = waiting.pop()
        if node.name not in found:
            found[node.name] = node
            waiting += [link.from_node for entry in node.inputs for link in entry.links]
    return list(found.values())


class Shown(NamedTuple):
    """A film or picture that reaches a node by itself."""

    size: tuple[int, int]
    is_fine: bool
    """Whether Blender holds more of it than eight bits."""


def shown_by(node: Node) -> Shown | None:
    """The film or picture that reaches a node by itself, at its own size; None: something else does.

    Raises UserError if nothing is connected, or its file cannot be read.
    """
    one = source_socket(node).node
    own = getattr(one, {"CompositorNodeImage": "image", "CompositorNodeMovieClip": "clip"}.get(one.bl_idname, ""), None)
    if own is None or getattr(own, "type", "") in ("MULTILAYER", "RENDER_RESULT", "COMPOSITING"):
        return None
    if not all(own.size):
        raise UserError(
            f"'{own.name}' cannot be read from '{own.filepath}': find the file in node '{one.name}', or connect "
            "something else."
        )
    # Of clips Blender does not say how fine they are.
    is_fine = getattr(own, "is_float", True) or own.colorspace_settings.name != USUAL_COLOURS
    return Shown(tuple(own.size), is_fine)


def why_no_vectors(scene: Scene, node: Node) -> str:
    """Why the exact motion of what reaches a node is not known, for a person; empty if it is.

    Raises UserError if nothing is connected.
    """
    if len(layers_of(scene, node)) != 1 or has_other_scenes(scene, node):
        return "it is no picture of one view layer of this scene"
    if moving := what_moves(node):
        return f"'{moving}' may move what is in the picture"
    if scene.render.engine not in KNOWING_MOTION:
        return "this render engine knows no motion"
    return "motion blur is on" if scene.render.use_motion_blur else ""


def layers_of(scene: Scene, node: Node) -> list[str]:
    """The view layers of a scene that reach a node; raises UserError if nothing is connected."""
    before = nodes_before(source_socket(node))
    return sorted({one.layer for one in before if one.bl_idname == RENDER_LAYERS and one.scene == scene})


def has_other_scenes(scene: Scene, node: Node) -> bool:
    """Whether view layers of other scenes reach a node; raises UserError if nothing is connected."""
    return any(one.bl_idname == RENDER_LAYERS and one.scene != scene for one in nodes_before(source_socket(node)))


def what_moves(node: Node) -> str:
    """The name of a node before a node that may move what is in the picture; empty if all is where it was rendered.

    Raises UserError if nothing is connected.
    """
    return next((one.name for one in nodes_before(source_socket(node)) if one.bl_idname not in IN_PLACE), "")


def render_missing(
    scene: Scene, node: Node, folder: Path, numbers: range, ending: str, passes: Passes
) -> Iterator[int]:
    """Renders what reaches a node at those frames of the timeline that are not in `folder` yet; gives each of them.

    Args:
        scene: its compositor has the node.
        node: whose input Image is rendered.
        folder: for `000001.exr`, ..., named by frames of the timeline. A frame is complete or not there at all.
        numbers: frames of the timeline.
        ending: that of the files: LIGHT for RGBA of floats, scene-linear with the primaries of Rec.709, alpha
            multiplied in; BYTES for RGBA of 8 bits, display-referred, alpha not multiplied in.
        passes: of each frame, wanted in the folders VECTORS and MATTES inside.

    Raises:
        UserError: Blender is rendering already or cannot, or the node is not in the scene's compositor.
        OSError: the folder cannot be written.
    """
    with alone(scene, node), unfinished_in(folder) as unfinished:
        render = scene.render
        for number in numbers:
            file = folder / frame_name(number, ending)
            if not file.is_file():
                versions.set_file_format(render.image_settings, FORMATS[ending])
                set_format(render.image_settings, ending)
                render.filepath = f"{unfinished}/"
                if passes.vectors:
                    with switched_on(scene, replace(passes, mattes=())):
                        render_vectors(scene, number, folder / VECTORS / frame_name(number, LIGHT), unfinished)
                with switched_on(scene, replace(passes, vectors="")):
                    made = rendered(scene, number)
                    keep_mattes(scene, passes, folder, number, unfinished)
                made.replace(file)
            yield number


def render_all(
    scene: str, node: str, folder: str, first: int, last: int, ending: str, vectors: str, mattes: list[list[str]]
) -> None:
    """The same for a node that is named, from one frame to another; in a Blender that does nothing else. Without a
    folder, among its temporary files."""
    from ..compositor import node as kind

    kind.register_kind()
    own = bpy.data.scenes[scene]
    one = versions.compositor_of(own).nodes[node]
    place = place_for(folder, vectors)
    for _ in render_missing(own, one, place, range(first, last + 1), ending, Passes.of(vectors, mattes)):
        pass


def render_motion(scene: str, node: str, folder: str, first: int, last: int, vectors: str) -> None:
    """Renders the motion of a view layer alone, from one frame to another, where it is missing; in a Blender that does
    nothing else. Without a folder, among its temporary files."""
    from ..compositor import node as kind

    kind.register_kind()
    own, place = bpy.data.scenes[scene], place_for(folder, vectors)
    one = versions.compositor_of(own).nodes[node]
    with alone(own, one), switched_on(own, Passes(vectors)), unfinished_in(place) as unfinished:
        versions.set_file_format(own.render.image_settings, FORMATS[LIGHT])
        set_format(own.render.image_settings, LIGHT)
        own.render.filepath = f"{unfinished}/"
        for number in range(first, last + 1):
            file = place / VECTORS / frame_name(number, LIGHT)
            if not file.is_file():
                render_vectors(own, number, file, unfinished)


def place_for(folder: str, vectors: str) -> Path:
    """A folder for frames, or the temporary files; with one inside for the passes of a view layer, if one is named."""
    place = Path(folder or gettempdir())
    if vectors:
        (place / VECTORS).mkdir(exist_ok=True)
    return place


def rendered(scene: Scene, number: int) -> Path:
    """The file of one frame; raises UserError if Blender cannot render it."""
    scene.frame_start = scene.frame_end = number
    path = Path(scene.render.frame_path(frame=number))
    path.unlink(missing_ok=True)
    problem = "the render was cancelled"
    try:
        # With write_still instead, Blender renders the frame at which the window's scene is.
        bpy.ops.render.render(animation=True, scene=scene.name)
    except RuntimeError as error:
        problem = str(error).strip()
    if not path.is_file():
        raise ScarceError(f"Blender could not render frame {number} of scene '{scene.name}': {problem}")
    return path


def render_vectors(scene: Scene, number: int, path: Path, unfinished: Path) -> None:
    """Renders a frame for its Vector pass alone, and keeps that; until then in a folder.

    In Cycles with a single ray through the middle of each pixel: a mean over the pixel would blend, at outlines, the
    motion of two things to one that nothing has.
    """
    with ExitStack() as stack:
        stack.enter_context(set_to(scene.render, "use_compositing", False))
        if scene.render.engine == "CYCLES":
            for name, value in SINGLE_RAYS.items():
                stack.enter_context(set_to(scene.cycles, name, value))
        rendered(scene, number).unlink()
        keep_passes(scene, path, unfinished)


@contextmanager
def alone(scene: Scene, node: Node) -> Iterator[None]:
    """Within, a render of the scene is what reaches the node, whole and as light; afterwards all is as before.

    Raises UserError if Blender is rendering, or the node is not in the scene's compositor.
    """
    if screen.is_rendering():
        raise UserError("Blender is rendering: wait until it has finished, and start again.")
    tree = require_compositor(scene, node)
    render = scene.render
    changed = {"use_compositing": True, "use_sequencer": False, "use_border": False, "use_stamp": False}
    changed |= {"use_overwrite": True, "use_placeholder": False, "use_file_extension": True, "dither_intensity": 0}
    with ExitStack() as stack:
        stack.enter_context(format_kept(scene))
        for name, value in (changed | {"filepath": "", "compositor_precision": "FULL"}).items():
            stack.enter_context(set_to(render, name, value))
        for name, value in AS_THEY_ARE.items():
            stack.enter_context(set_to(scene.view_settings, name, value))
        for name in ("frame_start", "frame_end"):
            stack.enter_context(set_to(scene, name, scene.frame_start))
        if shown := shown_by(node):
            size = dict(zip(("resolution_x", "resolution_y"), shown.size, strict=True)) | {"resolution_percentage": 100}
            for name, value in size.items():
                stack.enter_context(set_to(render, name, value))
        for one in tree.nodes:
            if one.bl_idname == FILE_OUTPUT:
                stack.enter_context(set_to(one, "mute", True))
        stack.enter_context(linked(tree, source_socket(node), versions.result_of_compositor(tree)))
        yield


def require_compositor(scene: Scene, node: Node) -> CompositorNodeTree:
    """The compositor of a scene, in which a node is; raises UserError if it is not, or cannot be rendered."""
    tree = versions.compositor_of(scene)
    if tree is None or node.id_data != tree:
        raise UserError(
            f"'{node.name}' is not in the compositor of scene '{scene.name}' itself: take it out of its group, or go "
            "to its scene."
        )
    if versions.result_of_compositor(tree) is None:
        raise UserError(f"The compositor of scene '{scene.name}' has no output: add one.")
    if scene.render.use_multiview:
        raise UserError("Stereoscopy is switched on, and one view is painted only: switch it off in the output tab.")
    return tree


@contextmanager
def linked(tree: CompositorNodeTree, source: NodeSocket, target: NodeSocket) -> Iterator[None]:
    """Within, one socket is linked to another that may be linked elsewhere."""
    before = target.links[0].from_socket if target.links else None
    tree.links.new(source, target)
    try:
        yield
    finally:
        if before is None:
            tree.links.remove(target.links[0])
        else:
            tree.links.new(before, target)
