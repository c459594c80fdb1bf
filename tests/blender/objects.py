"""Objects as regions, without a window: where they lie, what is kept of them, and what becomes of it."""

import importlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import stage

FRAME = 2


def part(name: str):
    """A module of the extension."""
    return importlib.import_module(f"{stage.EXTENSION}.{name}")


def problem(of: Callable[..., object], *given: object, **named: object) -> str:
    """What a call is refused with."""
    try:
        return f"not refused: {of(*given, **named)}"
    except (part("style_core.job").UserError, RuntimeError) as error:
        return str(error)


def play(plan: dict) -> dict:
    stage.enable()
    cache = Path(plan["folder"]) / "cache"
    part("blender_addon.preferences").preferences().cache_folder = str(cache)
    scene = stage.new_scene("Cut", *plan["resolution"])
    strip = scene.sequence_editor.strips.new_image("Clip", plan["files"][0], 1, 11, fit_method="ORIGINAL")
    for file in plan["files"][1:]:
        strip.elements.append(Path(file).name)
    stage.change(strip, right=11 + len(plan["files"]), use_flip_x=True)
    stage.change(strip.transform, **plan["transform"])
    scene.sequence_editor.active_strip = strip
    scene.frame_set(10 + FRAME)
    overlay = part("blender_addon.regions.show_region").handle
    told = {
        "poll": bpy.ops.stylestrip.cut_out.poll(),
        "overlay": overlay is not None,
        "place": place(scene, strip, plan),
    }
    told |= keep(scene, strip, plan, cache) | follow(scene, strip) | paint(strip, plan) | protect(scene, strip, plan)
    return told | to_mask(scene, strip, plan) | editors(scene, plan)


def place(scene: bpy.types.Scene, strip: bpy.types.Strip, plan: dict) -> dict:
    """Where the middle of the thing is in the preview's view, and a picture that Blender renders of it."""
    targets = part("blender_addon.regions.cut_targets")
    picture = targets.in_preview(scene, strip)
    stage.render(scene, 10 + FRAME, 10 + FRAME, Path(plan["folder"]) / "rendered")
    return {
        "view": targets.moved(picture.to_view, [plan["middle"]])[0].tolist(),
        "rendered": str(Path(plan["folder"]) / "rendered" / f"{10 + FRAME:04d}.png"),
        "frame": picture.frame,
    }


def keep(scene: bpy.types.Scene, strip: bpy.types.Strip, plan: dict, cache: Path) -> dict:
    """A region gets keyframes and loses them."""
    keyframes, strip_job = part("blender_addon.regions.keyframes"), part("blender_addon.strip_job")
    footage = part("blender_addon.host.footage").footage_of(strip, scene, cache)
    strip.stylestrip.style, told = plan["style"], {}

    def job() -> dict:
        return json.loads(strip_job.job_of(scene, strip, footage, cache).to_json())["regions"][0]

    bpy.ops.stylestrip.add_region(source="OBJECT")
    region = strip.stylestrip.regions[0]
    region.feather = 0.0
    told["no keyframe"] = problem(job)
    copies = [shutil.copy(file, f"{plan['folder']}/copy{number}.png") for number, file in enumerate(plan["mattes"])]
    kept = [keyframes.kept(Path(copy), cache) for copy in copies]
    told["kept"], told["moved"] = [str(file) for file in kept], not any(Path(copy).exists() for copy in copies)
    for number, file in ((3, kept[2]), (1, kept[1]), (1, kept[0])):
        keyframes.set_keyframe(region, number, file)
    told["job"] = job()
    bpy.ops.stylestrip.remove_keyframe(number=3)
    told["removed"] = [keyframe["frame"] for keyframe in job()["keyframes"]]
    kept[0].rename(f"{kept[0]}.away")
    told["gone"] = problem(job)
    Path(f"{kept[0]}.away").rename(kept[0])
    bpy.ops.stylestrip.go_to_frame(number=3)
    told["went"] = scene.frame_current
    return told


def follow(scene: bpy.types.Scene, strip: bpy.types.Strip) -> dict:
    """The object is followed; what is said afterwards makes that stale."""
    keyframes, region = part("blender_addon.regions.keyframes"), strip.stylestrip.regions[0]
    told = {"before": keyframes.matte_at(region, 2, scene), "outcome": sorted(bpy.ops.stylestrip.follow_object())}
    told |= {"sure": keyframes.confidences(region, scene), "followed": [keyframes.is_followed(region)]}
    module = part("blender_addon.regions.object_following")
    told["renamed"] = renamed(strip, region, lambda: module.begin(scene, strip, region))
    told["mattes"] = [keyframes.matte_at(region, number, scene) for number in (1, 2, 3, 4)]
    region.keyframes[0].frame = 4
    told["followed"].append(keyframes.is_followed(region))
    region.keyframes[0].frame = 1
    told["followed"].append(keyframes.is_followed(region))
    return told


def renamed(strip: bpy.types.Strip, region: bpy.types.bpy_struct, begin: Callable[[], object]) -> list[str]:
    """How a task ends whose strip and region get other names on the way."""
    names, task = (strip.name, region.name), begin()
    strip.name, region.name = "Other clip", "Thing"
    part("blender_addon.driver").wait(task)
    strip.name, region.name = names
    return [task.state, task.message]


def paint(strip: bpy.types.Strip, plan: dict) -> dict:
    """The strip is painted where the object is."""
    size = max(plan["size"])
    outcome = bpy.ops.stylestrip.stylize_strip(strip="Clip", size=size, steps=4, steps_per_frame=2, device="cpu")
    painted = next(other for other in bpy.data.scenes["Cut"].sequence_editor.strips if other.get("stylestrip_job"))
    folder = Path(bpy.path.abspath(painted.directory))
    files = [str(folder / element.filename) for element in painted.elements]
    strip.mute = False
    bpy.data.scenes["Cut"].sequence_editor.strips.remove(painted)
    return {"painted": files, "stylized": sorted(outcome)}


def protect(scene: bpy.types.Scene, strip: bpy.types.Strip, plan: dict) -> dict:
    """Faces are protected, in a strip with a region and in one without."""
    bpy.ops.stylestrip.protect_faces()
    own = strip.stylestrip
    told = {"with": [region.source for region in own.regions] + [own.rest]}
    own.regions.remove(1)
    other = scene.sequence_editor.strips.new_image("Other", plan["files"][0], 5, 11)
    scene.sequence_editor.active_strip = other
    bpy.ops.stylestrip.protect_faces()
    other.stylestrip.style = plan["style"]
    footage = part("blender_addon.host.footage").footage_of(other, scene, Path(plan["folder"]))
    job = part("blender_addon.strip_job").job_of(scene, other, footage, Path(plan["folder"]))
    told["without"] = json.loads(job.to_json())
    scene.sequence_editor.strips.remove(other)
    scene.sequence_editor.active_strip = strip
    own.region_index = 0
    return {"protected": told}


def to_mask(scene: bpy.types.Scene, strip: bpy.types.Strip, plan: dict) -> dict:
    """The region becomes a mask as it is in the current frame."""
    scene.frame_set(10 + FRAME)
    region, module = strip.stylestrip.regions[0], part("blender_addon.regions.mask_making")
    told = renamed(strip, region, lambda: module.begin(scene, strip, region, 0))
    region.source = "OBJECT"
    outcome = sorted(bpy.ops.stylestrip.region_to_mask(step=2))
    wanted = part("blender_addon.regions.capture").wanted_of(region)
    draw, drawn = part("blender_addon.host.matte_drawing").draw, []
    for start in (10, 31):
        stage.change(strip, **{stage.START: start})
        drawn.append(str(draw(wanted, scene, strip, Path(plan["folder"]), lambda done, total: None)))
    again = problem(bpy.ops.stylestrip.region_to_mask, step=0)
    told = {"renamed": told, "outcome": outcome, "source": region.source, "time": region.mask_time}
    return {"mask": told | {"drawn": drawn, "again": again}}


def editors(scene: bpy.types.Scene, plan: dict) -> dict:
    """Which picture the image and the clip editor show."""
    targets, folder = part("blender_addon.regions.cut_targets"), Path(plan["folder"])
    area = bpy.context.window_manager.windows[0].screen.areas[0]
    area.type = "IMAGE_EDITOR"
    space, told = area.spaces.active, {}
    space.image = None
    told["no image"] = problem(targets.in_image_editor, space, folder)
    for name in ("file", "packed", "generated"):
        space.image = (
            bpy.data.images.load(plan["files"][0]) if name != "generated" else bpy.data.images.new("Made", 40, 20)
        )
        if name == "packed":
            space.image.pack()
        picture = targets.in_image_editor(space, folder)
        told[name] = [picture.source.path, picture.frame, list(picture.size)]
    told["whole"] = targets.moved(picture.to_view, [(0, 0), (40, 20)]).tolist()
    area.type = "CLIP_EDITOR"
    space = area.spaces.active
    space.clip = None
    told["no clip"] = problem(targets.in_clip_editor, space, scene)
    space.clip = bpy.data.movieclips.load(plan["files"][0])
    space.clip.frame_start = 5
    scene.frame_set(6)
    picture = targets.in_clip_editor(space, scene)
    told["clip"] = [picture.source.path, picture.frame, list(picture.size)]
    space.show_stable = space.clip.tracking.stabilization.use_2d_stabilization = True
    told["stable"] = problem(targets.in_clip_editor, space, scene)
    boxes = [np.array(points, float) for points in ([(-5, 3), (50, 30)], [(-5, 3), (-1, 30)])]
    told["boxes"] = [targets.box_around(points, (40, 20)) for points in boxes]
    return {"editors": told}


stage.perform(play)
