"""Paints strips of every kind with a job that changes nothing, and renders the edit before and after."""

import importlib
import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage

CHANNEL = 4  # of the strip that is painted; what it is made of lies below, and a backdrop below that
LENGTH = 6


def add_effect(scene, name: str, kind: str, channel: int, inputs=(), start: int = 1) -> bpy.types.Strip:
    """An effect strip."""
    given = {f"input{number}": one for number, one in enumerate(inputs, 1)}
    span = {"frame_start": start, **stage.length_of_effect(start, LENGTH)}
    return scene.sequence_editor.strips.new_effect(name, kind, channel, **span, **given)


def add_film(scene, plan: dict, name: str = "Clip", channel: int = CHANNEL) -> bpy.types.Strip:
    return scene.sequence_editor.strips.new_movie(name, plan["film"], channel, 1)


def add_pictures(scene, plan: dict, name: str = "Clip", channel: int = CHANNEL, files: str = "pictures"):
    strip = scene.sequence_editor.strips.new_image(name, plan[files][0], channel, 1)
    for file in plan[files][1:]:
        strip.elements.append(Path(file).name)
    return strip


def add_picture(scene, plan: dict) -> bpy.types.Strip:
    strip = scene.sequence_editor.strips.new_image("Clip", plan["pictures"][2], CHANNEL, 1)
    return stage.change(strip, right=1 + LENGTH)


def add_sequencer(scene, plan: dict) -> bpy.types.Strip:
    inner = stage.new_scene(f"{scene.name} inner")
    add_pictures(inner, plan)
    inner.frame_start, inner.frame_end = 1, len(plan["pictures"])
    stage.show(scene)
    strip = scene.sequence_editor.strips.new_scene("Clip", inner, CHANNEL, 1)
    strip.scene_input = "SEQUENCER"
    return strip


def add_camera(scene, plan: dict) -> bpy.types.Strip:
    """A bright plane that moves across an empty world."""
    inner = stage.new_scene(f"{scene.name} inner")
    inner.render.engine, inner.render.film_transparent = "CYCLES", True
    inner.cycles.samples, inner.cycles.use_denoising = 1, False
    mesh = bpy.data.meshes.new("Plane")
    mesh.from_pydata([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)], [], [(0, 1, 2, 3)])
    material = bpy.data.materials.new("Light")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    light, output = tree.nodes.new("ShaderNodeEmission"), tree.nodes.new("ShaderNodeOutputMaterial")
    light.inputs[0].default_value = (0.2, 0.5, 0.9, 1)
    tree.links.new(light.outputs[0], output.inputs[0])
    mesh.materials.append(material)
    plane = bpy.data.objects.new("Plane", mesh)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.location.z = 8
    inner.collection.objects.link(plane)
    inner.collection.objects.link(camera)
    inner.camera = camera
    for frame, x in ((1, -2), (8, 2)):
        plane.location.x = x
        plane.keyframe_insert("location", frame=frame)
    inner.frame_start, inner.frame_end = 1, 12
    stage.show(scene)
    return scene.sequence_editor.strips.new_scene("Clip", inner, CHANNEL, 1)


def add_meta(scene, plan: dict) -> bpy.types.Strip:
    strips = scene.sequence_editor.strips
    meta = strips.new_meta("Clip", CHANNEL, 1)
    add_film(scene, plan, "Inner", 2).move_to_meta(meta)
    title = add_effect(scene, "Title", "TEXT", 3)
    title.text, title.font_size = "Meta", 20
    title.move_to_meta(meta)
    for inner in meta.strips:  # 4.5 sees how long the content is when that changes
        stage.change(inner, right=getattr(inner, stage.RIGHT))
    return stage.change(meta, left=1, right=1 + len(plan["pictures"]))


def add_clip(scene, plan: dict) -> bpy.types.Strip:
    return scene.sequence_editor.strips.new_clip("Clip", bpy.data.movieclips.load(plan["film"]), CHANNEL, 1)


def add_mask(scene, plan: dict) -> bpy.types.Strip:
    mask = bpy.data.masks.new("Mask")
    layer = mask.layers.new(name="Layer")
    spline = layer.splines.new()
    spline.use_cyclic = True
    spline.points.add(3)
    for point, place in zip(spline.points, ((0.2, 0.3), (0.3, 0.7), (0.8, 0.6), (0.7, 0.25)), strict=True):
        point.co = point.handle_left = point.handle_right = place
    mask.frame_start, mask.frame_end = 1, 12
    return scene.sequence_editor.strips.new_mask("Clip", mask, CHANNEL, 1)


def add_text(scene, plan: dict) -> bpy.types.Strip:
    text = add_effect(scene, "Clip", "TEXT", CHANNEL)
    text.text, text.font_size, text.use_shadow = "Title", 24, True
    for frame, size in ((1, 16), (6, 40)):
        text.font_size = size
        text.keyframe_insert("font_size", frame=frame)
    return text


def add_colour(scene, plan: dict) -> bpy.types.Strip:
    colour = add_effect(scene, "Clip", "COLOR", CHANNEL)
    for frame, shade in ((1, (0.1, 0.2, 0.7)), (6, (0.9, 0.4, 0.1))):
        colour.color = shade
        colour.keyframe_insert("color", frame=frame)
    return colour


def add_over_film(kind: str):
    def add(scene, plan: dict) -> bpy.types.Strip:
        film = add_film(scene, plan, "Film", 2)
        strip = add_effect(scene, "Clip", kind, CHANNEL, [film])
        if kind == "SPEED":
            strip.speed_control, strip.speed_factor = "MULTIPLY", 2.0
        return strip

    return add


def add_cross(scene, plan: dict) -> bpy.types.Strip:
    return add_effect(
        scene, "Clip", "CROSS", CHANNEL, [add_film(scene, plan, "A", 2), add_pictures(scene, plan, "B", 3)]
    )


def add_adjustment(scene, plan: dict) -> bpy.types.Strip:
    add_film(scene, plan, "Film", 2)
    strip = add_effect(scene, "Clip", "ADJUSTMENT", CHANNEL)
    strip.modifiers.new("Bright", "BRIGHT_CONTRAST").bright = 10
    return strip


def add_multicam(scene, plan: dict) -> bpy.types.Strip:
    add_film(scene, plan, "Film", 2)
    add_pictures(scene, plan, "Other", 3, "transparent")
    strip = add_effect(scene, "Clip", "MULTICAM", CHANNEL)
    strip.multicam_source = 2
    return strip


KINDS = {
    "film": add_film, "pictures": add_pictures, "picture": add_picture, "scene sequencer": add_sequencer,
    "scene camera": add_camera, "meta": add_meta, "movie clip": add_clip, "mask": add_mask, "text": add_text,
    "colour": add_colour, "cross": add_cross, "speed effect": add_over_film("SPEED"),
    "blur": add_over_film("GAUSSIAN_BLUR"), "glow": add_over_film("GLOW"), "adjustment": add_adjustment,
    "multicam": add_multicam,
    "transparent": lambda scene, plan: add_pictures(scene, plan, files="transparent"),
}  # fmt: skip


def retime(scene, strip, speed: float) -> None:
    """Sets the speed of a strip as an editor does."""
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    before, area.type = area.type, "SEQUENCE_EDITOR"
    region = next(region for region in area.regions if region.type == "WINDOW")
    for other in scene.sequence_editor.strips_all:
        other.select = other == strip
    scene.sequence_editor.active_strip = strip
    with bpy.context.temp_override(window=window, area=area, region=region, scene=scene):
        assert bpy.ops.sequencer.retiming_segment_speed_set(speed=speed) == {"FINISHED"}
    area.type = before


def add_modifier(scene, strip, kind: str) -> None:
    modifier = strip.modifiers.new(kind, kind)
    if kind == "BRIGHT_CONTRAST":
        modifier.bright, modifier.contrast = 12, 10
    if kind == "COLOR_BALANCE":
        modifier.color_balance.gain = (1.2, 0.9, 0.8)
    if kind == "MASK":
        helper = add_effect(scene, "Stencil", "TEXT", 7)
        helper.text, helper.font_size, helper.mute = "###", 50, True
        modifier.input_mask_type, modifier.input_mask_strip = "STRIP", helper


def change(strip, **values: object) -> None:
    """Sets properties of a strip; an effect has the handles of what it acts on."""
    inputs = [getattr(strip, f"input_{number + 1}") for number in range(getattr(strip, "input_count", 0))]
    for name, value in values.items():
        for one in inputs if inputs and name in ("left", "right") else [strip]:
            stage.change(one, **{name: value})


def dress(scene, plan: dict, strip, case: dict) -> None:
    """Does to a strip what a case says."""
    change(strip, **case.get("change", {}))
    stage.change(strip.transform, **case.get("transform", {}))
    stage.change(strip.crop, **case.get("crop", {}))
    if "colours" in case:
        strip.colorspace_settings.name = case["colours"]
    if "modifier" in case:
        add_modifier(scene, strip, case["modifier"])
    if "retime" in case:
        retime(scene, strip, case["retime"])
    if "shown_through" in case:
        speed = add_effect(scene, "Faster", "SPEED", CHANNEL + 1, [strip])
        speed.speed_control, speed.speed_factor = "MULTIPLY", case["shown_through"]
        stage.change(speed.transform, **case.get("speed_transform", {}))
    for name, keys in case.get("keys", {}).items():
        owner, _, attribute = name.rpartition(".")
        target = getattr(strip, owner) if owner else strip
        for frame, value in keys:
            setattr(target, attribute, value)
            target.keyframe_insert(attribute, frame=frame)
    if case.get("meta"):
        stage.put_into_meta(scene, strip)


def rendered(scene, frames: list[int], folder: Path) -> list[str]:
    """Pictures of the timeline at these frames, rendered in a row as a film is.

    Blender 5.2 shows slowed strips by what it has cached: a frame by itself may be another one than within a film.
    """
    stage.render(scene, frames[0], frames[-1], folder)
    return [str(folder / f"{frame:04d}.png") for frame in frames]


def paint(name: str, case: dict, plan: dict, folder: Path) -> dict:
    """Paints the strip of one case."""
    scene = stage.new_scene(f"{name} scene")
    scene.render.film_transparent, scene.render.dither_intensity = True, 0
    if case.get("backdrop", True):
        backdrop = scene.sequence_editor.strips.new_image("Backdrop", plan["backdrop"], 1, 1)
        stage.change(backdrop, right=40)
    strip = KINDS[case["kind"]](scene, plan)
    dress(scene, plan, strip, case)
    left, right = getattr(strip, stage.LEFT), getattr(strip, stage.RIGHT)
    right = min(right, left + LENGTH)
    change(strip, right=right)
    frames = [left, left + 1, right - 1]
    before = rendered(scene, frames, folder / name / "before")
    try:
        outcome = bpy.ops.stylestrip.stylize_strip(strip="Clip", **plan["arguments"])
    except RuntimeError as error:  # that is how an operator's report reaches a script
        return {"error": str(error)}
    after = rendered(scene, frames, folder / name / "after")
    painted = next(other for other in scene.sequence_editor.strips_all if other.get("stylestrip_job"))
    return {
        "outcome": sorted(outcome),
        "said": part("jobs").latest.message,
        "way": part("host.ways_in").way_into(strip, scene).sentence,
        "before": before,
        "after": after,
        "span": [[left, right], [getattr(painted, stage.LEFT), getattr(painted, stage.RIGHT)]],
        "muted": sorted(other.name for other in scene.sequence_editor.strips_all if other.mute),
    }


def part(name: str):
    """A module of the add-on."""
    return importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")


def play(plan: dict) -> dict:
    stage.enable()
    folder = Path(plan["folder"])
    bpy.context.preferences.addons[stage.EXTENSION].preferences.cache_folder = str(folder / "cache")
    return {name: paint(name, case, plan, folder) for name, case in plan["cases"].items()}


if __name__ == "__main__":
    stage.perform(play)
