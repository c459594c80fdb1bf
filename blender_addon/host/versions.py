"""All that differs between Blender 4.5 and 5.x. No other file of the add-on asks for Blender's version."""

from typing import Any

import bpy
from bpy.types import (
    CompositorNodeTree,
    Context,
    ImageFormatSettings,
    Node,
    NodeSocket,
    NodeTreeInterfaceSocket,
    PropertyGroup,
    Scene,
    Strip,
    StripModifier,
    bpy_struct,
)

# Blender 5.2 has new names for a strip's times; the old ones warn and go in 6.0.
NEW_STRIP_TIMES = bpy.app.version >= (5, 2, 0)

# Blender 4.5 draws masks without their last pixel, in the upper right corner: it shows what the memory held before.
MASKS_LACK_A_PIXEL = bpy.app.version < (5, 0, 0)

# Until 5.0 modifiers act on the frame with a strip in its place, since then on the strip's own picture, before flips.
MODIFIERS_SEE_THE_FRAME = bpy.app.version < (5, 0, 0)

# Since 5.0 strips have Compositor modifiers, whose node group makes another picture of the strip's own.
STRIPS_HAVE_COMPOSITORS = bpy.app.version >= (5, 0, 0)


def sequencer_scene(context: Context) -> Scene:
    """The scene whose strips the video editor shows; since 5.0 it need not be the window's scene."""
    return getattr(context, "sequencer_scene", None) or context.scene


def handles(strip: Strip) -> tuple[int, int]:
    """First visible frame of a strip on the timeline, and the one after its last."""
    if NEW_STRIP_TIMES:
        return strip.left_handle, strip.right_handle
    return strip.frame_final_start, strip.frame_final_end


def set_right_handle(strip: Strip, frame: int) -> None:
    """Ends a strip before `frame`."""
    if NEW_STRIP_TIMES:
        strip.right_handle = frame
    else:
        strip.frame_final_end = frame


def set_left_handle(strip: Strip, frame: int) -> None:
    """Begins a strip at `frame`; its content stays where it is."""
    if NEW_STRIP_TIMES:
        strip.left_handle = frame
    else:
        strip.frame_final_start = frame


def set_content_start(strip: Strip, frame: int) -> None:
    """Moves a strip in time, so that its content begins at `frame`; what is trimmed away stays as long."""
    if NEW_STRIP_TIMES:
        strip.content_start = frame
    else:
        strip.frame_start = frame


def content_span(strip: Strip) -> tuple[float, int]:
    """Where on the timeline a strip's trimmed content begins, and its length in timeline frames."""
    if NEW_STRIP_TIMES:
        return strip.content_start, strip.content_duration
    return strip.frame_start, strip.frame_duration


def content_trim(strip: Strip) -> tuple[int, int]:
    """Frames of the source that are cut off for good at its start and its end; none of strips without a source."""
    name = "content_trim" if NEW_STRIP_TIMES else "animation_offset"
    return getattr(strip, f"{name}_start", 0), getattr(strip, f"{name}_end", 0)


def active_strip(context: Context) -> Strip | None:
    """The strip that the sequencer's panels are about."""
    scene = sequencer_scene(context)
    return active_in(scene) if scene and scene.sequence_editor else None


def active_in(scene: Scene) -> Strip | None:
    """The active strip of a scene's sequencer, and in the place of sound the picture that it belongs to: Blender 5.2
    leaves the sound active when it has added a film."""
    strip = scene.sequence_editor.active_strip
    return strip and (picture_of_sound(scene, strip) or strip if strip.type == "SOUND" else strip)


def picture_of_sound(scene: Scene, sound: Strip) -> Strip | None:
    """The one strip with a picture that a sound strip is connected to, or that is selected with it, or that shows the
    film which the sound is of, from the same frame on; None where there is none such, or several."""
    pictures = [one for one in scene.sequence_editor.strips_all if one.type != "SOUND"]
    # Before 5.2 Blender does not tell scripts what is connected.
    connected = [one for one in getattr(sound, "connections", ()) if one.type != "SOUND"]
    selected = [one for one in pictures if one.select]
    beside = [one for one in pictures if one.type == "MOVIE" and handles(one)[0] == handles(sound)[0]]
    path = sound.sound and bpy.path.abspath(sound.sound.filepath)
    of_film = [one for one in beside if bpy.path.abspath(one.filepath) == path]
    return next((found[0] for found in (connected, selected, of_film) if len(found) == 1), None)


# The compositor

# Since 5.0 a scene's compositor is a node group, and its result the group's own output.
COMPOSITOR_IS_A_GROUP = bpy.app.version >= (5, 0, 0)


def compositor_of(scene: Scene) -> CompositorNodeTree | None:
    """The nodes of a scene's compositor, if it has any that are used."""
    if COMPOSITOR_IS_A_GROUP:
        return scene.compositing_node_group
    return scene.node_tree if scene.use_nodes else None


def result_of_compositor(tree: CompositorNodeTree) -> NodeSocket | None:
    """The input that takes what a scene's compositor makes; None if it has no output."""
    if COMPOSITOR_IS_A_GROUP:
        ends = [node for node in tree.nodes if node.bl_idname == "NodeGroupOutput" and node.is_active_output]
        return next((socket for node in ends for socket in node.inputs if socket.type == "RGBA"), None)
    return next((node.inputs["Image"] for node in tree.nodes if node.bl_idname == "CompositorNodeComposite"), None)


def input_of(modifier: StripModifier, socket: NodeTreeInterfaceSocket) -> bpy_struct | None:
    """What holds the value of an input of a Compositor modifier, as its `value`; None before 5.2, which has no such."""
    if not hasattr(modifier, "properties"):
        return None
    return getattr(modifier.properties.inputs, socket.identifier)


def offer_to_strips(tree: CompositorNodeTree) -> None:
    """Has Blender list a node group among those for modifiers of strips; before 5.2 it lists all."""
    if hasattr(tree, "is_strip_modifier"):
        tree.is_strip_modifier = True


def set_kind(node: Node, kind: str) -> None:
    """Chooses what a node does, where that is an input of it: since 5.0."""
    node.inputs["Type"].default_value = kind


def set_up_scale(scale: Node) -> None:
    """Has a Scale node look smoothly between pixels, and know nothing of black beyond the edges."""
    if COMPOSITOR_IS_A_GROUP:
        for name, value in {"Interpolation": "Bicubic", "Extension X": "Extend", "Extension Y": "Extend"}.items():
            scale.inputs[name].default_value = value
    else:
        scale.interpolation = "BICUBIC"


def scale_to(scale: Node, by_factors: bool) -> None:
    """Has a Scale node take X and Y as factors, or stretch its image over the scene's frame."""
    if COMPOSITOR_IS_A_GROUP:
        scale.inputs["Type"].default_value = "Relative" if by_factors else "Render Size"
    else:
        scale.space = "RELATIVE" if by_factors else "RENDER_SIZE"


def set_file_format(file: ImageFormatSettings, name: str) -> None:
    """Chooses the format of files that a render writes; since 5.0 it must be among those of a kind."""
    if hasattr(file, "media_type"):
        file.media_type = "MULTI_LAYER_IMAGE" if name == "OPEN_EXR_MULTILAYER" else "IMAGE"
    file.file_format = name


# Since 5.0 what properties of add-ons hold is kept apart from what people and scripts lay down under other names.
VALUES_ARE_APART = bpy.app.version >= (5, 0, 0)


def kept_values(group: PropertyGroup) -> Any:
    """What a property group holds by its names, those included that no property has any more; None: nothing yet. It is
    read, changed and deleted from as a dictionary is."""
    return group.bl_system_properties_get() if VALUES_ARE_APART else group
