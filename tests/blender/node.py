"""A Neural Style node in a scene's compositor: what is baked, rendered, saved and copied, and what is told of it."""

import importlib
import itertools
import sys
import time
from collections.abc import Callable
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage

KIND = "CompositorNodeStylestrip"
VALUE = "ShaderNodeValue" if bpy.app.version >= (5, 0, 0) else "CompositorNodeValue"


def part(name: str):
    """A module of the add-on."""
    return importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")


def module_watches() -> None:
    """Looks at frames in the modules too, which do not by themselves."""
    if bpy.app.module:
        part("host.handlers").attach(part("compositor.check").HANDLERS)


def new_scene(plan: dict, frames: int = 4) -> bpy.types.Scene:
    """A scene whose compositor is empty."""
    scene = stage.new_scene("Comp", *plan.get("size", (96, 64)))
    scene.frame_start, scene.frame_end = 1, frames
    scene.render.compositor_device = "CPU"
    scene.render.engine, scene.cycles.samples, scene.cycles.device = "CYCLES", 4, "CPU"
    return scene


def compositor(scene: bpy.types.Scene) -> tuple[bpy.types.NodeTree, bpy.types.NodeSocket]:
    """The compositor's nodes, and the input that takes its result."""
    if bpy.app.version >= (5, 0, 0):
        tree = bpy.data.node_groups.new("Compositor", "CompositorNodeTree")
        scene.compositing_node_group = tree
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        return tree, tree.nodes.new("NodeGroupOutput").inputs[0]
    scene.use_nodes = True
    scene.node_tree.nodes.clear()
    return scene.node_tree, scene.node_tree.nodes.new("CompositorNodeComposite").inputs[0]


def objects(scene: bpy.types.Scene) -> None:
    """A cube that moves in front of a wall, before a camera that moves."""

    def mesh(name: str, size: float, place: tuple[float, float, float]) -> bpy.types.Object:
        corners = [(x * size, y * size, 0) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        data = bpy.data.meshes.new(name)
        data.from_pydata(corners, [], [(0, 1, 2, 3)])
        one = bpy.data.objects.new(name, data)
        one.location = place
        scene.collection.objects.link(one)
        return one

    wall, card = mesh("Wall", 4, (0, 0, -3)), mesh("Card", 0.5, (0, 0, -1))
    for one, colour in ((wall, (0.2, 0.5, 0.8, 1)), (card, (3.0, 0.4, 0.1, 1))):
        material = bpy.data.materials.new(one.name)
        material.use_nodes = True
        nodes = material.node_tree.nodes
        nodes.clear()
        light, out = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
        texture = nodes.new("ShaderNodeTexVoronoi")
        texture.inputs["Scale"].default_value = 4
        mix = nodes.new("ShaderNodeMixRGB")
        mix.blend_type, mix.inputs[0].default_value, mix.inputs[1].default_value = "MULTIPLY", 0.7, colour
        material.node_tree.links.new(texture.outputs["Color"], mix.inputs[2])
        material.node_tree.links.new(mix.outputs[0], light.inputs["Color"])
        material.node_tree.links.new(light.outputs[0], out.inputs[0])
        one.data.materials.append(material)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    for one, distance in ((card, 0.08), (camera, 0.03)):
        for frame in (-10, 30):
            one.location.x = distance * frame
            one.keyframe_insert("location", frame=frame)


def source(scene: bpy.types.Scene, tree: bpy.types.NodeTree, plan: dict) -> bpy.types.NodeSocket:
    """What comes in: a film, pictures, a clip or Render Layers."""
    kind, frames = plan["kind"], scene.frame_end
    if kind == "layers":
        objects(scene)
        node = tree.nodes.new("CompositorNodeRLayers")
        node.scene, node.layer = scene, scene.view_layers[0].name
        return node.outputs["Image"]
    if kind == "clip":
        node = tree.nodes.new("CompositorNodeMovieClip")
        node.clip = bpy.data.movieclips.load(plan["film"])
        return node.outputs["Image"]
    node = tree.nodes.new("CompositorNodeImage")
    node.image = bpy.data.images.load(plan["film"])
    if kind == "pictures":
        node.image.source = "SEQUENCE"
    node.frame_duration, node.frame_start = frames, plan.get("start", 1)
    node.use_cyclic, node.use_auto_refresh = plan.get("cyclic", False), True
    node.frame_offset = plan.get("offset", 0)
    return node.outputs["Image"]


def set_up(plan: dict) -> tuple[bpy.types.Scene, bpy.types.Node, bpy.types.NodeSocket]:
    """A scene with a source that goes through a Neural Style node; with the result, which is not linked yet."""
    stage.enable()
    module_watches()
    part("preferences").preferences().cache_folder = f"{plan['folder']}/cache"
    scene = new_scene(plan, plan.get("frames", 4))
    tree, result = compositor(scene)
    incoming = source(scene, tree, plan)
    tree.links.new(incoming, result)
    node = tree.nodes.new(KIND)
    tree.links.new(incoming, node.inputs["Image"])
    own = node.node_tree.stylestrip_node.settings
    for name, value in plan["settings"].items():
        setattr(own, name, value)
    return scene, node, result


def render(scene: bpy.types.Scene, folder: Path, light: bool = True) -> list[str]:
    """Renders all frames of a scene; the files that there are."""
    file = scene.render.image_settings
    file.file_format, file.color_mode = ("OPEN_EXR", "RGBA") if light else ("PNG", "RGBA")
    if light:
        file.color_depth, file.exr_codec = "32", "ZIP"
    folder.mkdir(exist_ok=True)
    scene.render.filepath = f"{folder}/"
    try:
        bpy.ops.render.render(animation=True, scene=scene.name)
    except RuntimeError as error:
        print(f"render: {error}")
    return sorted(str(path) for path in folder.iterdir())


def said(operator: Callable[..., set[str]], **arguments: object) -> str:
    """What an operator refuses with; empty if it does not."""
    try:
        operator(**arguments)
    except RuntimeError as error:
        return str(error).strip()
    return ""


def link(node: bpy.types.Node, result: bpy.types.NodeSocket) -> None:
    """Lets the node's image be the result."""
    node.id_data.links.new(node.outputs["Image"], result)


def bake_and_render(plan: dict) -> dict:
    """The frames without the node, with it, and what was told."""
    scene, node, result = set_up(plan)
    folder = Path(plan["folder"])
    before = render(scene, folder / "before")
    link(node, result)
    problem = said(bpy.ops.stylestrip.bake_node, node=node.name)
    own = node.node_tree.stylestrip_node
    after = render(scene, folder / "after")
    return {
        "before": before,
        "after": after,
        "problem": problem,
        "told": part("compositor.check").told,
        "painted": [own.first, own.last, own.folder, own.ending],
        "linked": result.links[0].from_node.name == node.name,
        "range": [scene.frame_start, scene.frame_end],
        "vectors": len(list((folder / "cache").glob("render-*/vectors/*.exr"))),
        "never removed": never_removed(folder / "cache"),
    }


def never_removed(cache: Path) -> list[str]:
    """The folders of a cache that no button or command gives back to the disk."""
    kept = importlib.import_module(f"{stage.EXTENSION}.style_core.kept")
    known = {one.folder for one in kept.contents(cache)}
    return sorted(one.name for one in cache.iterdir() if one.is_dir() and one not in known)


def told_by_render(scene: bpy.types.Scene, folder: Path) -> dict:
    """What a render writes and tells."""
    return {"files": [Path(file).stem for file in render(scene, folder)], "told": list(part("compositor.check").told)}


def missing(plan: dict) -> dict:
    """A render of frames that are not painted, painted otherwise, or gone, by each choice of the node."""
    scene, node, result = set_up(plan)
    folder = Path(plan["folder"])
    before = render(scene, folder / "before")
    link(node, result)
    own = node.node_tree.stylestrip_node
    told = {"before": before}
    own.if_missing = "SOURCE"
    told["never baked"] = told_by_render(scene, folder / "never")
    bpy.ops.stylestrip.bake_node(node=node.name, frame_start=1, frame_end=3)
    for choice in ("SOURCE", "STOP"):
        own.if_missing = choice
        told[f"outside {choice}"] = told_by_render(scene, folder / f"outside {choice}")
    told["path"] = scene.render.filepath
    own.file(2).unlink()
    scene.frame_end = 3
    for choice in ("SOURCE", "STOP"):
        own.if_missing = choice
        told[f"gone {choice}"] = told_by_render(scene, folder / f"gone {choice}")
    bpy.ops.stylestrip.bake_node(node=node.name, frame_start=1, frame_end=3)
    told["again"] = told_by_render(scene, folder / "again")
    own.settings.style_weight *= 2
    own.if_missing = "SOURCE"
    told["old SOURCE"] = told_by_render(scene, folder / "old SOURCE")
    own.if_missing = "STOP"
    told["old STOP"] = told_by_render(scene, folder / "old STOP")
    node.mute = True
    told["muted"] = told_by_render(scene, folder / "muted")
    node.mute = False
    node.id_data.links.new(node.inputs["Image"].links[0].from_socket, result)
    told["not linked"] = told_by_render(scene, folder / "not linked")
    return told


def refused(plan: dict) -> dict:
    """What cannot be baked, and with which words."""
    scene, node, _ = set_up(plan)
    bake, told = bpy.ops.stylestrip.bake_node, {}
    told["no such node"] = said(bake, node="Nobody")
    told["frames"] = said(bake, node=node.name, frame_start=5, frame_end=3)
    own = node.node_tree.stylestrip_node
    # Without steps no style is looked for.
    own.settings.steps, own.settings.style = 1, "/no/such.png"
    told["style"] = said(bake, node=node.name)
    own.settings.steps, own.settings.style = plan["settings"]["steps"], plan["settings"]["style"]
    scene.render.use_multiview = True
    told["views"] = said(bake, node=node.name)
    scene.render.use_multiview = False
    file = node.inputs["Image"].links[0].from_node.image
    kept, file.filepath = file.filepath, "/no/such.mp4"
    file.reload()
    told["film"] = said(bake, node=node.name)
    file.filepath = kept
    file.reload()
    link = node.inputs["Image"].links[0]
    node.id_data.links.remove(link)
    told["nothing"] = said(bake, node=node.name)
    told["count"] = own.count
    told["in a group"] = in_a_group(scene, node.id_data)
    return told


def in_a_group(scene: bpy.types.Scene, tree: bpy.types.NodeTree) -> str:
    """What is said of a node in a node group of the compositor, where that is open in the node editor."""
    inner = bpy.data.node_groups.new("Inner", "CompositorNodeTree")
    node = inner.nodes.new(KIND)
    inner.nodes.active = node
    group = tree.nodes.new("CompositorNodeGroup")
    group.node_tree = inner
    tree.nodes.active = group
    area = bpy.context.window.screen.areas[0]
    area.ui_type = "CompositorNodeTree"
    area.spaces.active.node_tree = tree
    area.spaces.active.path.append(inner, node=group)
    with bpy.context.temp_override(window=bpy.context.window, area=area, scene=scene):
        assert bpy.context.active_node == node
        return said(bpy.ops.stylestrip.bake_node)


def kept(plan: dict) -> dict:
    """A baked node that is saved, loaded, copied, appended, linked and converted."""
    scene, node, result = set_up(plan)
    folder = Path(plan["folder"])
    link(node, result)
    node.inputs["Mix"].default_value = 0.75
    bpy.ops.stylestrip.bake_node(node=node.name)
    first = render(scene, folder / "first")
    name, scene_name = node.name, scene.name
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "one.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(folder / "one.blend"))
    told = {"first": first}
    scene = bpy.data.scenes[scene_name]
    node = part("host.versions").compositor_of(scene).nodes[name]
    told["loaded"] = [node.bl_idname, node.inputs["Mix"].default_value, node.node_tree.stylestrip_node.count]
    told["fresh"] = node.node_tree.stylestrip_node.is_fresh
    told["after loading"] = render(scene, folder / "loaded")
    twin = scene.copy()
    tree = part("host.versions").compositor_of(twin)
    if tree == node.id_data:  # since 5.0 scenes may share one
        tree = tree.copy()
    double = tree.nodes[name]
    told["twin"] = [double.node_tree.name != node.node_tree.name, double.node_tree.stylestrip_node.count]
    double.node_tree.stylestrip_node.settings.style_weight *= 3
    told["apart"] = [double.node_tree.stylestrip_node.is_fresh, node.node_tree.stylestrip_node.is_fresh]
    bpy.data.scenes.remove(twin)
    told["converted"] = [part("compositor.convert").as_group(node).bl_idname]
    plain = part("host.versions").compositor_of(scene).nodes[name]
    told["converted"] += [plain.inputs["Mix"].default_value, plain.outputs["Image"].is_linked]
    told["told"] = told_by_render(scene, folder / "converted told")["told"]
    bpy.ops.preferences.addon_disable(module=stage.EXTENSION)
    told["without"] = render(scene, folder / "without")
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=False)
    stage.enable()
    for is_linked in (False, True):
        with bpy.data.libraries.load(str(folder / "one.blend"), link=is_linked) as (_, here):
            here.scenes = [scene_name]
        one = here.scenes[0]
        found = part("host.versions").compositor_of(one).nodes[name]
        key = "linked" if is_linked else "appended"
        told[key] = [
            found.bl_idname,
            found.node_tree.stylestrip_node.count,
            str(found.node_tree.stylestrip_node.file(1)),
        ]
        if is_linked:
            with bpy.context.temp_override(scene=one):
                told["bake linked"] = said(bpy.ops.stylestrip.bake_node, node=name)
    return told


def twins(plan: dict) -> dict:
    """A baked node and a copy of it, which is baked otherwise: what each shows."""
    scene, node, result = set_up(plan)
    folder, versions = Path(plan["folder"]), part("host.versions")
    link(node, result)
    bpy.ops.stylestrip.bake_node(node=node.name)
    told = {"first": render(scene, folder / "first")}
    twin = scene.copy()
    if versions.compositor_of(twin) == node.id_data:  # since 5.0 scenes may share one
        twin.compositing_node_group = node.id_data.copy()
    double = versions.compositor_of(twin).nodes[node.name]
    double.node_tree.stylestrip_node.settings.style_weight *= 30
    with bpy.context.temp_override(scene=twin):
        told["problem"] = said(bpy.ops.stylestrip.bake_node, node=double.name)
    told["first again"], told["copy"] = render(scene, folder / "again"), render(twin, folder / "copy")
    told["told"] = list(part("compositor.check").told)
    return told


def again(plan: dict) -> dict:
    """What is rendered once more, and what is not."""
    scene, node, result = set_up(plan)
    link(node, result)
    folder = Path(plan["folder"])

    def baked(**arguments: object) -> list[dict[str, int]]:
        bpy.ops.stylestrip.bake_node(node=node.name, **arguments)
        kinds = "render-*/0*", "node-*/0*"
        return [
            {f"{file.parent.name}/{file.name}": file.stat().st_mtime_ns for file in (folder / "cache").glob(kind)}
            for kind in kinds
        ]

    told = {"first": baked(frame_start=1, frame_end=2), "more": baked(), "same": baked()}
    before = scene.camera.location.y
    scene.camera.location.y = before + 0.5
    told["again"] = baked(render_again=True)
    scene.render.resolution_percentage = 50
    told["smaller"] = baked()
    own = node.node_tree.stylestrip_node
    told["small"] = list(bpy.data.images.load(str(own.file(1))).size)
    told["fresh"] = own.problem(1)
    return told


def mixed(plan: dict) -> dict:
    """How the mask and the mix act, and the matte that comes out."""
    scene, node, result = set_up(plan)
    folder = Path(plan["folder"])
    link(node, result)
    bpy.ops.stylestrip.bake_node(node=node.name)
    told = {"whole": render(scene, folder / "whole")}
    node.inputs["Mix"].default_value = 0.25
    told["quarter"] = render(scene, folder / "quarter")
    node.inputs["Mix"].default_value = 1.0
    mask = node.id_data.nodes.new("CompositorNodeEllipseMask")
    node.id_data.links.new(mask.outputs[0], node.inputs["Mask"])
    told["masked"] = render(scene, folder / "masked")
    node.id_data.links.new(node.outputs["Matte"], result)
    told["matte"] = render(scene, folder / "matte")
    node.id_data.links.new(node.inputs["Image"].links[0].from_socket, result)
    told["source"] = render(scene, folder / "source")
    return told


def frames_looked_at(scene: bpy.types.Scene, count: int) -> None:
    """What Blender calls of the add-on while it renders so many frames."""
    check = part("compositor.check")
    check.on_render_begin(scene)
    for _ in range(count):
        check.on_frame(scene)
        check.on_frame_end(scene)
    check.on_render_end(scene)


def calls_of(scene: bpy.types.Scene) -> int:
    """How many functions are called for a frame, after the first."""
    counts = []
    for frames in (1, 2):
        called = []
        sys.setprofile(lambda _, event, __, called=called: called.append(event))
        frames_looked_at(scene, frames)
        sys.setprofile(None)
        counts.append(sum(event in ("call", "c_call") for event in called))
    return counts[1] - counts[0]


def unslowed(plan: dict) -> dict:
    """What looking at a frame costs where there is no Neural Style node; and a file for a render without a script."""
    scene, node, result = set_up(plan)
    link(node, result)
    bpy.ops.stylestrip.bake_node(node=node.name)
    file = scene.render.image_settings
    file.file_format = "PNG"
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(plan["folder"]) / "film.blend"))
    node.id_data.nodes.remove(node)
    tree, calls = part("host.versions").compositor_of(scene), [calls_of(scene)]
    for _ in range(100):
        tree.nodes.new("CompositorNodeBlur")
    calls.append(calls_of(scene))
    rounds = []
    for _ in range(5):
        began = time.perf_counter()
        frames_looked_at(scene, 1000)
        rounds.append((time.perf_counter() - began) / 1000)
    return {"calls": calls, "seconds": rounds}


def states(plan: dict) -> dict:
    """What changes by what the frames before a node are known again, and whether a live render makes them anew."""
    scene, node, _ = set_up(plan)
    tree, folder = node.id_data, Path(plan["folder"])
    state_of, passes = part("host.upstream_state").state_of, part("host.passes").Passes()
    is_fresh, told, known = part("compositor.live_source").is_fresh, {}, [""]

    def look(name: str) -> None:
        """Whether the state has changed since the last look, whether it stays, and whether it is made anew."""
        now, again = state_of(scene, node, passes), state_of(scene, node, passes)
        told[name] = [now != known[0], now == again, is_fresh(node)]
        known[0] = now

    film = node.inputs["Image"].links[0].from_node
    look("pictures")
    third = sorted(folder.glob("p0*.png"))[2]
    third.write_bytes(third.read_bytes() + b" ")
    look("another third picture")
    inner = bpy.data.node_groups.new("Inner", "CompositorNodeTree")
    for in_out in ("INPUT", "OUTPUT"):
        inner.interface.new_socket("Image", in_out=in_out, socket_type="NodeSocketColor")
    ends = (
        inner.nodes.new("NodeGroupInput"),
        inner.nodes.new("CompositorNodeExposure"),
        inner.nodes.new("NodeGroupOutput"),
    )
    for one, other in itertools.pairwise(ends):
        inner.links.new(one.outputs[0], other.inputs[0])
    group = tree.nodes.new("CompositorNodeGroup")
    group.node_tree = inner
    tree.links.new(film.outputs["Image"], group.inputs[0])
    tree.links.new(group.outputs[0], node.inputs["Image"])
    look("group")
    ends[1].inputs["Exposure"].default_value = 2.0
    look("inside the group")
    image = bpy.data.images.new("Drawn", 8, 8)
    film.image = image
    own, words, styles = node.node_tree.stylestrip_node, part("compositor.settings").words_of, []
    own.settings.picture, own.settings.image = "IMAGE", image
    styles.append(words(own))
    look("generated")
    image.generated_color = (1, 0, 0, 1)
    image.update()
    look("another colour")
    image.pixels[0] = 0.5
    styles.append(words(own))
    told["painted on"] = [image.is_dirty, state_of(scene, node, passes) != known[0]]
    known[0] = state_of(scene, node, passes)
    told["painted on"].append(state_of(scene, node, passes) == known[0])
    try:
        part("host.upstream_state").require_saved(node)
    except part("compositor.baking").UserError as error:
        told["painted on"].append(str(error))
    image.pack()
    styles.append(words(own))
    look("packed")
    image.pixels[1] = 0.5
    image.pack()
    styles.append(words(own))
    told["styles"] = len(set(styles))
    look("packed again")
    mask = inner.nodes.new("CompositorNodeMask")
    mask.mask = bpy.data.masks.new("Outline")
    spline = mask.mask.layers.new().splines.new()
    spline.points.add(1)
    look("mask")
    spline.points[0].co = (0.25, 0.75)
    look("another outline")
    return told


CASES = {
    "twins": twins,
    "states": states,
    "bake": bake_and_render,
    "missing": missing,
    "refused": refused,
    "kept": kept,
    "again": again,
    "mixed": mixed,
    "unslowed": unslowed,
}

if __name__ == "__main__":
    stage.perform(lambda plan: CASES[plan["case"]](plan))
