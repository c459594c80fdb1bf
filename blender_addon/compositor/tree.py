"""What is inside a Neural Style node: a plain node group, which shows painted frames with or without the add-on.

Image, Mask, Mix ───────┐
painted frames ── fitted to Image ── mixed over Image by Mask * Mix ──> Image, Matte
"""

from pathlib import Path

import bpy
from bpy.types import CompositorNodeTree, Image, Node, NodeSocket

from ...style_core.job import frame_name
from ..host import versions
from ..host.painted import LINEAR_ALPHA, USUAL_ALPHA, blend_relative, number_in
from ..host.ways_in import LINEAR_COLOURS, LINEAR_ENDINGS, USUAL_COLOURS

NAME = "Neural Style"
# Nodes inside that are found again by their names.
FRAMES, FIT, BEGIN, END = "Painted Frames", "Fit", "From Frame", "To Frame"
SPACING = 180.0
# Of its sockets: what the settings of a strip are called that do the same.
MIX, STRENGTH = "Mix", "Strength"
# How far the slider of the strength goes.
MOST_STRENGTH = 4.0
# What takes alpha out of colours, sets it, and multiplies it in again.
RESHAPED = ("PremulKey", "SetAlpha", "PremulKey")
# Further from frame 0 than any frame is.
EVER = 1e7
# Blender counts no further.
MOST_FRAMES = 1048574


def new_tree(name: str = NAME) -> CompositorNodeTree:
    """The inside of a node that has no painted frames yet: the image goes through it as it is."""
    tree = bpy.data.node_groups.new(name, "CompositorNodeTree")
    tree.interface.new_socket("Image", in_out="INPUT", socket_type="NodeSocketColor")
    for share, words in (
        ("Mask", "Where paint is seen, from 0 to 1"),
        (MIX, "How much of the paint is seen; the rest is the image as it is. Costs no painting to change"),
    ):
        socket = tree.interface.new_socket(share, description=words, in_out="INPUT", socket_type="NodeSocketFloat")
        socket.subtype, socket.min_value, socket.max_value, socket.default_value = "FACTOR", 0.0, 1.0, 1.0
    strength = tree.interface.new_socket(
        STRENGTH,
        description="How strongly the picture's strokes and colours are painted, beside what the look says; less keeps "
        "more of the image. It is painted in, so that a change or keys ask for another Bake",
        in_out="INPUT",
        socket_type="NodeSocketFloat",
    )
    strength.min_value, strength.max_value, strength.default_value = 0.0, MOST_STRENGTH, 1.0
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    tree.interface.new_socket("Matte", in_out="OUTPUT", socket_type="NodeSocketFloat")
    wire(tree)
    return tree


def wire(tree: CompositorNodeTree) -> None:
    """Puts the nodes into a new inside."""
    given = add(tree, "NodeGroupInput", 0, 0)
    frames = add(tree, "CompositorNodeImage", 0, -2, FRAMES)
    painted = fitted(tree, frames.outputs["Image"], given.outputs["Image"])
    matte = share(tree, given.outputs["Mask"], given.outputs[MIX], 1)
    shown = share(tree, while_there(tree, painted), matte, 6)
    mix = add(tree, "ShaderNodeMix", 7, 0)
    mix.data_type, mix.blend_type, mix.clamp_factor = "RGBA", "MIX", True
    sockets = {socket.identifier: socket for socket in (*mix.inputs, *mix.outputs)}
    tree.links.new(shown, sockets["Factor_Float"])
    tree.links.new(given.outputs["Image"], sockets["A_Color"])
    tree.links.new(painted, sockets["B_Color"])
    result = add(tree, "NodeGroupOutput", 8, 0)
    tree.links.new(sockets["Result_Color"], result.inputs["Image"])
    tree.links.new(shown, result.inputs["Matte"])


def add(tree: CompositorNodeTree, kind: str, column: int, row: int, name: str = "") -> Node:
    """A node at a place of its own."""
    node = tree.nodes.new(kind)
    node.location = column * SPACING, row * SPACING
    if name:
        node.name = node.label = name
    return node


def maths(tree: CompositorNodeTree, operation: str, column: int, row: int, name: str = "") -> Node:
    """A node that computes one number from two."""
    node = add(tree, "ShaderNodeMath", column, row, name)
    node.operation = operation
    return node


def share(tree: CompositorNodeTree, one: NodeSocket, other: NodeSocket, column: int) -> NodeSocket:
    """One share of another."""
    node = maths(tree, "MULTIPLY", column, 1)
    node.use_clamp = True
    tree.links.new(one, node.inputs[0])
    tree.links.new(other, node.inputs[1])
    return node.outputs[0]


def while_there(tree: CompositorNodeTree, painted: NodeSocket) -> NodeSocket:
    """1 where there is paint, and 0 at all frames that have none, or have lost it: there the image is seen, and no
    black."""
    now = add(tree, "CompositorNodeSceneTime", 0, 3)
    # Blender shows nothing, with no alpha, for a file that is missing; after the last one, it goes on showing that.
    apart = add(tree, "CompositorNodeSeparateColor", 5, 3)
    tree.links.new(painted, apart.inputs[0])
    there = maths(tree, "GREATER_THAN", 5, 2)
    there.inputs[1].default_value = 0.0
    tree.links.new(apart.outputs["Alpha"], there.inputs[0])
    shown = there.outputs[0]
    for column, (operation, name) in enumerate((("GREATER_THAN", BEGIN), ("LESS_THAN", END)), 1):
        node = maths(tree, operation, column, 3, name)
        # No frame is both, until there are some.
        node.inputs[1].default_value = 0.0
        tree.links.new(now.outputs["Frame"], node.inputs[0])
        shown = share(tree, shown, node.outputs[0], column + 2)
    return shown


def fitted(tree: CompositorNodeTree, painted: NodeSocket, image: NodeSocket) -> NodeSocket:
    """The painted frames at the size of the image, or of the scene's frame, whatever that is by now."""
    sizes = []
    for row, socket in enumerate((image, painted)):
        size = add(tree, "CompositorNodeImageInfo", 1, -1 - row)
        apart = add(tree, "ShaderNodeSeparateXYZ", 2, -1 - row)
        tree.links.new(socket, size.inputs["Image"])
        tree.links.new(size.outputs["Resolution"], apart.inputs[0])
        sizes.append(apart.outputs)
    scale = add(tree, "CompositorNodeScale", 4, -2, FIT)
    versions.set_up_scale(scale)
    for row, axis in enumerate("XY"):
        factor = maths(tree, "DIVIDE", 3, -1 - row)
        tree.links.new(sizes[0][axis], factor.inputs[0])
        tree.links.new(sizes[1][axis], factor.inputs[1])
        tree.links.new(factor.outputs[0], scale.inputs[axis])
    tree.links.new(painted, scale.inputs["Image"])
    return scale.outputs["Image"]


def take_alpha(tree: CompositorNodeTree) -> None:
    """Lets painted frames be as opaque as the image from now on: of a strip, whatever masks it."""
    painted = tree.nodes[FIT].outputs["Image"]
    mixed = next((link.to_socket for link in painted.links if link.to_node.bl_idname == "ShaderNodeMix"), None)
    if mixed is None:
        return  # they are
    apart = add(tree, "CompositorNodeSeparateColor", 5, -1)
    given = next(one for one in tree.nodes if one.bl_idname == "NodeGroupInput")
    tree.links.new(given.outputs["Image"], apart.inputs[0])
    # Alpha is changed where it is not multiplied into the colours.
    straight, opaque, light = (add(tree, f"CompositorNode{kind}", 5, -2 - row) for row, kind in enumerate(RESHAPED))
    versions.set_kind(straight, "To Straight")
    versions.set_kind(opaque, "Replace Alpha")
    versions.set_kind(light, "To Premultiplied")
    tree.links.new(painted, straight.inputs["Image"])
    tree.links.new(straight.outputs["Image"], opaque.inputs["Image"])
    tree.links.new(apart.outputs["Alpha"], opaque.inputs["Alpha"])
    tree.links.new(opaque.outputs["Image"], light.inputs["Image"])
    tree.links.new(light.outputs["Image"], mixed)


def show_frames(
    tree: CompositorNodeTree, folder: Path, files: list[str], first: int, as_image: bool | None = None
) -> None:
    """Lets a tree show painted frames. Never during a render: Blender 5.2 does not survive another image then.

    Args:
        tree: the inside of a node.
        folder: where they are.
        files: their names, with numbers that follow each other.
        first: the frame of the timeline of the first.
        as_image: whether they are as large as what comes in, or fill the scene's frame; None: as before.
    """
    show(tree, folder / files[0], first, len(files), as_image)


def show_any(tree: CompositorNodeTree, folder: Path, ending: str, as_image: bool | None = None) -> None:
    """Lets a tree show whatever frame lies in a folder by its number; where there is none, the image is seen."""
    show(tree, folder / frame_name(0, ending), 0, MOST_FRAMES, as_image)


def show(tree: CompositorNodeTree, file: Path, first: int, count: int, as_image: bool | None) -> None:
    """Lets a tree show so many files that are numbered on from one, which is that of a frame of the timeline."""
    if as_image is not None:
        versions.scale_to(tree.nodes[FIT], as_image)
    node = tree.nodes[FRAMES]
    image = own_image(node)
    image.name = f"{tree.name} painted"
    image.source, image.filepath = "SEQUENCE", f"{blend_relative(file.parent)}/{file.name}"
    set_colours(image, file.suffix)
    node.image = image
    node.frame_duration, node.frame_offset = count, number_in(file.name) - 1
    node.use_cyclic, node.use_auto_refresh = False, True
    image.reload()
    begin_at(tree, first)


def own_image(node: Node) -> Image:
    """An image that only this node shows: a tree that was copied shares that of the first, which shows other frames."""
    image = node.image or bpy.data.images.new(NAME, 1, 1)
    return image.copy() if node.image and image.users - image.use_fake_user > 1 else image


def begin_at(tree: CompositorNodeTree, first: int) -> None:
    """Moves the painted frames that a tree shows along the timeline."""
    node = tree.nodes[FRAMES]
    node.frame_start = first
    tree.nodes[BEGIN].inputs[1].default_value = first - 0.5
    tree.nodes[END].inputs[1].default_value = first + node.frame_duration - 0.5


def hold(tree: CompositorNodeTree) -> None:
    """Lets a tree show its one painted frame at all times."""
    tree.nodes[BEGIN].inputs[1].default_value, tree.nodes[END].inputs[1].default_value = -EVER, EVER


def hide_paint(tree: CompositorNodeTree) -> None:
    """Lets the image be seen as it is at all times, until `show_paint`."""
    tree.nodes[END].inputs[1].default_value = -EVER


def is_paint_hidden(tree: CompositorNodeTree) -> bool:
    """Whether `hide_paint` was the last."""
    return tree.nodes[END].inputs[1].default_value == -EVER


def show_paint(tree: CompositorNodeTree) -> None:
    """Shows painted frames again at their times."""
    begin = tree.nodes[BEGIN].inputs[1].default_value
    count = tree.nodes[FRAMES].frame_duration if begin else 0
    tree.nodes[END].inputs[1].default_value = EVER if begin == -EVER else begin + count


def all_insides() -> list[CompositorNodeTree]:
    """The node groups of this file and of linked ones that are, or could be, inside a Neural Style node."""
    groups = (tree for tree in bpy.data.node_groups if isinstance(tree, CompositorNodeTree))
    return [tree for tree in groups if all(name in tree.nodes for name in (FRAMES, FIT, BEGIN, END))]


def set_colours(image: Image, ending: str) -> None:
    """Has Blender read a painted frame as it was written."""
    is_linear = ending in LINEAR_ENDINGS
    image.colorspace_settings.name = LINEAR_COLOURS if is_linear else USUAL_COLOURS
    image.alpha_mode = LINEAR_ALPHA if is_linear else USUAL_ALPHA
