"""Draws mattes of strips, and what Blender itself shows of the same masks."""

import importlib
import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage

# An outline as points and handles around its centre, clockwise, in shares of the longer side of the frame.
LEAF = (
    ((-0.20, 0.00), (-0.20, -0.12), (-0.20, 0.12)),
    ((0.02, 0.16), (-0.08, 0.18), (0.12, 0.14)),
    ((0.22, 0.02), (0.20, 0.10), (0.24, -0.06)),
    ((0.00, -0.15), (0.10, -0.17), (-0.10, -0.13)),
)
# Frame: (shift along x, shift along y, size, feather).
MOVES = {1: (0.42, 0.50, 1.0, 0.06), 7: (0.60, 0.46, 1.3, 0.02)}


def host(name: str):
    """A module of the add-on's host side."""
    return importlib.import_module(f"{stage.EXTENSION}.blender_addon.host.{name}")


def add_layer(mask: bpy.types.Mask, name: str) -> bpy.types.MaskLayer:
    """A layer with a closed outline whose points are to be placed."""
    layer = mask.layers.new(name=name)
    spline = layer.splines.new()
    spline.use_cyclic = True
    spline.points.add(len(LEAF) - len(spline.points))
    return layer


def place(layer: bpy.types.MaskLayer, x: float, y: float, size: float, feather: float) -> None:
    """Places the points of a layer."""
    for point, spots in zip(layer.splines[0].points, LEAF, strict=True):
        point.handle_type, point.select, point.weight = "FREE", True, feather
        for name, spot in zip(("co", "handle_left", "handle_right"), spots, strict=True):
            setattr(point, name, (x + size * spot[0], y + size * spot[1]))


def key(mask: bpy.types.Mask) -> None:
    """Keys the shape of the active layer as the mask editor does."""
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    before, area.type = area.type, "IMAGE_EDITOR"
    area.spaces.active.mode, area.spaces.active.mask = "MASK", mask
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        assert bpy.ops.mask.shape_key_insert() == {"FINISHED"}
    area.type = before


def leaf_mask(scene: bpy.types.Scene, moving: bool = True) -> bpy.types.Mask:
    """A feathered leaf with a hole of 70 %, that moves and grows."""
    mask = bpy.data.masks.new("Leaf")
    leaf, hole = add_layer(mask, "leaf"), add_layer(mask, "hole")
    hole.blend, hole.alpha = "SUBTRACT", 0.7
    place(hole, 0.5, 0.5, 0.4, 0.0)
    mask.layers.active = leaf
    for frame, values in MOVES.items() if moving else list(MOVES.items())[:1]:
        scene.frame_set(frame)
        place(leaf, *values)
        if moving:
            key(mask)
    scene.frame_set(1)
    return mask


def set_up(plan: dict, name: str, case: dict):
    """A scene with a white strip in its place, and the mask."""
    scene = stage.new_scene(name, *case.get("frame", (320, 180)))
    mask = leaf_mask(scene, case.get("moving", True))
    files = case.get("files", plan["white"])
    strip = add_pictures(scene, "Clip", files, case)
    if case.get("meta"):
        stage.put_into_meta(scene, strip)
        dress(strip.parent_meta(), case["meta"])
    return scene, strip, mask


def add_pictures(scene, name: str, files: list[str], case: dict, channel: int = 1):
    """A strip of pictures in its place."""
    strip = scene.sequence_editor.strips.new_image(name, files[0], channel, case.get("start", 1))
    for file in files[1:]:
        strip.elements.append(Path(file).name)
    dress(strip, case)
    return strip


def unmoved(case: dict) -> dict:
    """A strip's changes without those of its times."""
    return {name: value for name, value in case.get("change", {}).items() if name not in stage.NAMES}


def dress(strip: bpy.types.Strip, case: dict) -> None:
    """Gives a strip its place, crop and times."""
    stage.change(strip, **case.get("change", {}))
    stage.change(strip.transform, **case.get("transform", {}))
    stage.change(strip.crop, **case.get("crop", {}))
    for name, keys in case.get("keys", {}).items():
        for frame, value in keys:
            setattr(strip.transform, name, value)
            strip.transform.keyframe_insert(name, frame=frame)


def add_modifier(strip, mask, time: str = "ABSOLUTE") -> None:
    """Masks a strip by a modifier."""
    modifier = strip.modifiers.new("Mask", "MASK")
    if isinstance(mask, bpy.types.Mask):
        modifier.input_mask_type, modifier.input_mask_id, modifier.mask_time = "ID", mask, time
    else:
        modifier.input_mask_type, modifier.input_mask_strip = "STRIP", mask


def multiply(scene, mask) -> None:
    """Multiplies the frame with a mask, as an editor does with a mask strip."""
    over = scene.sequence_editor.strips.new_mask("Over", mask, 9, 1)
    over.blend_type = "MULTIPLY"


def pictures(scene, frames: list[int], folder: Path) -> list[str]:
    """What Blender shows at these frames."""
    stage.render(scene, min(frames), max(frames), folder)
    return [str(folder / f"{frame:04d}.png") for frame in frames]


def compare(plan: dict, name: str, case: dict) -> dict:
    """What Blender shows of a strip in its mask, and of our matte in the strip's place."""
    scene, strip, mask = set_up(plan, name, case)
    folder, frames = Path(plan["folder"]) / name, case.get("frames", [1, 4, 7])
    mattes = host("mattes")
    if case["draw"] == "modifier_mask":
        for time in case.get("times", ["ABSOLUTE"]):
            add_modifier(strip, mask, time)
        found = mattes.modifier_mask(scene, strip, folder / "matte")
    else:
        found = getattr(mattes, case["draw"])(scene, strip, mask, folder / "matte")
        multiply(scene, mask)
    told = {"blender": pictures(scene, frames, folder / "blender"), "is_still": found.is_still, "path": str(found.path)}
    own = stage.new_scene(name + " own", *case.get("frame", (320, 180)))
    files = [str(found.path)] if found.is_still else [str(file) for file in sorted(found.path.glob("*.png"))]
    # The first matte is that of the strip's first frame that is seen.
    left, right = (getattr(strip, handle) for handle in (stage.LEFT, stage.RIGHT))
    again = add_pictures(own, "Matte", files, case | {"start": left, "change": unmoved(case) | {"right": right}})
    if case.get("meta"):
        stage.put_into_meta(own, again)
        dress(again.parent_meta(), case["meta"])
    return told | {"own": pictures(own, frames, folder / "own"), "mattes": files}


def play(plan: dict) -> dict:
    stage.enable()
    return {name: compare(plan, name, case) for name, case in plan["cases"].items()}


if __name__ == "__main__":
    stage.perform(play)
