"""Draws mattes of strips, and what Blender itself shows of the same masks."""

import importlib
import sys
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import stage

FRAME = 320, 180
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
    scene = stage.new_scene(name, *FRAME)
    mask = leaf_mask(scene, case.get("moving", True))
    files = case.get("files", plan["white"])
    strip = add_pictures(scene, "Clip", files, case)
    if "meta" in case:
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
    found = draw(scene, strip, mask, case, folder / "matte")
    told = {"blender": pictures(scene, frames, folder / "blender"), "is_still": found.is_still, "path": str(found.path)}
    own = stage.new_scene(name + " own", *FRAME)
    again = add_pictures(own, "Matte", files_by_number(found, len(plan["white"])), case)
    if "meta" in case:
        stage.put_into_meta(own, again)
        dress(again.parent_meta(), case["meta"])
    names = [str(found.path)] if found.is_still else [str(file) for file in sorted(found.path.iterdir())]
    return told | {"own": pictures(own, frames, folder / "own"), "mattes": names}


def draw(scene, strip, mask, case: dict, folder: Path):
    """Draws a matte, and lets Blender show the same."""
    mattes = host("mattes")
    if case["draw"] == "modifier_mask":
        for time in case.get("times", ["ABSOLUTE"]):
            add_modifier(strip, mask, time)
        return mattes.modifier_mask(scene, strip, folder)
    if case["draw"] == "strip_matte":
        other = add_pictures(scene, "Other", case["other"], {"transform": case["placed"]}, 5)
        if case.get("modifier"):
            add_modifier(strip, other)
            other.mute = True
            return mattes.modifier_mask(scene, strip, folder)
        other.blend_type = "MULTIPLY"
        return mattes.strip_matte(scene, strip, "Other", folder)
    found = getattr(mattes, case["draw"])(scene, strip, mask, folder, time=case.get("time", "ABSOLUTE"))
    if "time" in case:
        add_modifier(strip, mask, case["time"])
    else:
        multiply(scene, mask)
    return found


def files_by_number(found, count: int) -> list[str]:
    """A matte for every frame of the source; where none was drawn, any."""
    if found.is_still:
        return [str(found.path)]
    drawn = sorted(found.path.iterdir())
    wanted = [found.path / f"{number:06d}.png" for number in range(1, count + 1)]
    return [str(file if file in drawn else drawn[0]) for file in wanted]


# What a person has, and finds as it was


def state(scene: bpy.types.Scene, mask: bpy.types.Mask) -> dict:
    """All that a matte might disturb."""
    kinds = {name: getattr(bpy.data, name) for name in dir(bpy.data)}
    kinds = {name: data for name, data in kinds.items() if isinstance(data, bpy.types.bpy_prop_collection)}
    kinds.pop("all_ids", None)
    points = [point for layer in mask.layers for spline in layer.splines for point in spline.points]
    window, editor = bpy.context.window_manager.windows[0], scene.sequence_editor
    return {
        "data": {name: sorted(one.name for one in data) for name, data in kinds.items()},
        "users": [mask.users, scene.users],
        "frames": [scene.frame_current, scene.frame_start, scene.frame_end],
        "window": [window.scene.name, [area.ui_type for area in window.screen.areas]],
        "sequencer": getattr(getattr(window.workspace, "sequencer_scene", None), "name", ""),
        "strips": [(strip.name, strip.select, strip.mute, strip.blend_type) for strip in editor.strips_all],
        "active": editor.active_strip.name,
        "points": [[*point.co, *point.handle_left, *point.handle_right, point.weight] for point in points],
        "render": [str(value) for value in values_of(scene.render) + values_of(scene.render.image_settings)],
        "view": [str(value) for value in values_of(scene.view_settings)],
    }


def values_of(settings: bpy.types.bpy_struct) -> list:
    """The plain values of settings."""
    plain = [known for known in settings.bl_rna.properties if known.type not in ("POINTER", "COLLECTION")]
    return [getattr(settings, known.identifier) for known in plain if not getattr(known, "is_array", False)]


def undisturbed(plan: dict) -> dict:
    """Draws every kind of matte, and fails in every way, and tells what was changed by it."""
    keys = {"offset_x": [(1, -20), (7, 40)]}
    scene, strip, mask = set_up(plan, "Kept", {"keys": keys, "files": plan["transparent"]})
    add_pictures(scene, "Other", plan["transparent"], {"change": {"mute": True}}, 3)
    add_modifier(strip, mask)
    scene.sequence_editor.active_strip = strip
    scene.frame_set(3)
    folder, mattes, found = Path(plan["folder"]) / "kept", host("mattes"), {}
    stage.render(scene, 3, 3, folder)
    place(mask.layers[0], 0.3, 0.3, 1.0, 0.0)  # moved, and not keyed
    rendered = [save_rendered(scene, folder / "before.png")]
    before = state(scene, mask)
    ways = {
        "over the strip": lambda tell: mattes.mask_in_strip_space(scene, strip, mask, folder / "a", tell),
        "over the frame": lambda tell: mattes.mask_in_frame_space(scene, strip, mask, folder / "b", tell),
        "modifiers": lambda tell: mattes.modifier_mask(scene, strip, folder / "c", tell),
        "strip": lambda tell: mattes.strip_matte(scene, strip, "Other", folder / "d", tell=tell),
        "alpha": lambda tell: mattes.alpha_matte(scene, strip, folder / "e", tell),
    }
    for name, way in ways.items():
        told = []
        way(lambda done, total, told=told: told.append((done, total)))
        stopped = refused(lambda way=way: way(give_up))
        after = state(scene, mask)
        changed = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
        found[name] = {"told": told, "stopped": stopped, "changed": changed}
    files = sorted((folder / "e").iterdir())
    rendered.append(save_rendered(scene, folder / "after.png"))
    return {"found": found, "alpha": [str(file) for file in files], "rendered": rendered}


def save_rendered(scene: bpy.types.Scene, file: Path) -> str:
    """Saves what was rendered last of a scene."""
    bpy.data.images["Render Result"].save_render(str(file), scene=scene)
    return str(file)


def give_up(done: int, total: int) -> None:
    """Cancels."""
    raise RuntimeError("cancelled")


def refused(way) -> str:
    """What is said when something is asked for; the name of the error if it is not meant for people."""
    try:
        way()
    except Exception as error:
        return str(error) if type(error).__name__ == "UserError" else f"{type(error).__name__}: {error}"
    return "not at all"


# What cannot be


def refusals(plan: dict) -> dict:
    """Asks for what cannot be."""
    scene, strip, mask = set_up(plan, "Refused", {})
    mattes, folder = host("mattes"), Path(plan["folder"]) / "refused"
    strips = scene.sequence_editor.strips
    late = add_pictures(scene, "Late", plan["white"], {"start": 500}, 2)
    strips.new_effect("Colour", "COLOR", 3, 1, **stage.length_of_effect(1, 20)).color = (1, 1, 1)
    strips.new_effect("Speed", "SPEED", 4, 1, input1=late, **stage.length_of_effect(1, 20))
    blind = strips.new_scene("Blind", bpy.data.scenes.new("Without camera"), 5, 600)
    gone = bpy.data.masks.new("Gone")
    bpy.data.masks.remove(gone)
    broken = add_pictures(scene, "Broken", plan["white"], {}, 6)
    moving = leaf_mask(scene)
    photo = add_pictures(scene, "Photo", plan["white"][:1], {"change": {"right": 8}}, 7)
    strobed = add_pictures(scene, "Strobed", plan["white"], {"change": {"strobe": 3.0}}, 8)
    add_pictures(scene, "Half", plan["white"], {"change": {"right": 5}}, 9)
    broken.modifiers.new("Nothing", "MASK")
    ways = {
        "no mask": lambda: mattes.mask_in_strip_space(scene, strip, None, folder),
        "deleted mask": lambda: mattes.mask_in_frame_space(scene, strip, gone, folder),
        "opaque": lambda: mattes.alpha_matte(scene, strip, folder),
        "no such strip": lambda: mattes.strip_matte(scene, strip, "Nobody", folder),
        "itself": lambda: mattes.strip_matte(scene, strip, "Clip", folder),
        "at another time": lambda: mattes.strip_matte(scene, strip, "Late", folder),
        "not a picture": lambda: mattes.strip_matte(scene, strip, "Speed", folder),
        "not paintable": lambda: mattes.mask_in_strip_space(scene, blind, mask, folder),
        "no modifier": lambda: mattes.modifier_mask(scene, strip, folder),
        "modifier without mask": lambda: mattes.modifier_mask(scene, broken, folder),
        "over a photograph": lambda: mattes.mask_in_frame_space(scene, photo, moving, folder),
        "over what strobes": lambda: mattes.mask_in_strip_space(scene, strobed, moving, folder),
        "too short": lambda: mattes.strip_matte(scene, strip, "Half", folder),
        "no such channel": lambda: mattes.strip_matte(scene, strip, "Colour", folder, "red"),
    }
    said = {name: refused(way) for name, way in ways.items()}
    return said | {"during a render": during_a_render(plan, scene, ways["opaque"])}


def during_a_render(plan: dict, scene: bpy.types.Scene, way) -> str:
    """What is said when a matte is asked for while Blender renders."""
    said = []
    watch, handlers = host("screen"), host("handlers")
    handlers.attach(watch.HANDLERS)
    handler = lambda *_: said.append(refused(way))  # noqa: E731
    bpy.app.handlers.render_pre.append(handler)
    stage.render(scene, 1, 1, Path(plan["folder"]) / "during")
    bpy.app.handlers.render_pre.remove(handler)
    handlers.detach(watch.HANDLERS)
    return said[0]


def specials(plan: dict) -> dict:
    """An empty mask, and a colour as a matte."""
    scene, strip, mask = set_up(plan, "Special", {"moving": False})
    mattes, folder = host("mattes"), Path(plan["folder"])
    empty = bpy.data.masks.new("Empty")
    strips = scene.sequence_editor.strips
    strips.new_effect("Colour", "COLOR", 3, 1, **stage.length_of_effect(1, 7)).color = (1, 1, 1)
    found = {
        "empty": mattes.mask_in_frame_space(scene, strip, empty, folder / "empty"),
        "colour": mattes.strip_matte(scene, strip, "Colour", folder / "colour"),
        "over the strip": mattes.mask_in_strip_space(scene, strip, mask, folder / "strip"),
    }
    # What Blender draws of the mask at the size of the strip.
    own = stage.new_scene("Strip", *plan["size"])
    own.sequence_editor.strips.new_mask("Mask", mask, 1, 1)
    told = {name: [str(files.path), files.is_still] for name, files in found.items()}
    return told | {"blender": pictures(own, [1], folder / "mask")[0]}


# The way back


def outlines(plan: dict) -> dict:
    """A mask made of outlines, and what Blender draws of it."""
    module, mattes, folder = host("outlines"), host("mattes"), Path(plan["folder"])
    scene = stage.new_scene("Outlines", *plan["size"])
    strip = add_pictures(scene, "Clip", plan["white"], {})
    scene.sequence_editor.active_strip = strip
    scene.frame_set(3)
    other = leaf_mask(scene)
    scene.frame_set(3)
    place(other.layers[0], 0.3, 0.3, 1.0, 0.0)
    keys = {
        int(key): [module.Outline(np.array(one["points"]), one["is_hole"], one["is_there"]) for one in found]
        for key, found in plan["keys"].items()
    }
    before = state(scene, other)
    mask = module.add_mask("Drawn", keys, plan["size"], scene.frame_current)
    first = [list(point.co) for layer in mask.layers for point in layer.splines[0].points]
    after = state(scene, other)
    after["data"]["masks"].remove(mask.name)
    after["data"]["actions"] = before["data"]["actions"]
    found = mattes.mask_in_strip_space(scene, strip, mask, folder / "outlines")
    scene.frame_set(3)
    uneven = {1: keys[1], 7: keys[7][:1]}
    return {
        "changed": {key: [before[key], after[key]] for key in before if before[key] != after[key]},
        "moved": float(
            np.abs(np.subtract(first, [list(p.co) for one in mask.layers for p in one.splines[0].points])).max()
        ),
        "mattes": [str(found.path / f"{number:06d}.png") for number in range(1, 8)],
        "still": module.add_mask("Still", {1: keys[1]}, plan["size"], 1).animation_data is None,
        "none": refused(lambda: module.add_mask("None", {1: []}, plan["size"], 1)),
        "uneven": refused(lambda: module.add_mask("Uneven", uneven, plan["size"], 1)),
        "masks": [one.name for one in bpy.data.masks],
    }


def play(plan: dict) -> dict:
    stage.enable()
    return {
        "compared": {name: compare(plan, name, case) for name, case in plan["cases"].items()},
        "undisturbed": undisturbed(plan),
        "refused": refusals(plan),
        "special": specials(plan),
        "outlines": outlines(plan),
    }


if __name__ == "__main__":
    stage.perform(play)
