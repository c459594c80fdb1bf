"""Paint in a modifier of its strip: laid there, moved along, cut, switched, and taken away."""

import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import stage
from kinds import KINDS, LENGTH, change, dress, part, rendered


def begin(plan: dict) -> Path:
    """The add-on with a cache of its own."""
    stage.enable()
    if bpy.app.module:
        for room in ("following", "compositor.check", "compositor.check_strips"):
            part("host.handlers").attach(part(room).HANDLERS)
    folder = Path(plan["folder"])
    part("preferences").preferences().cache_folder = str(folder / "cache")
    return folder


def strip_of(name: str, case: dict, plan: dict) -> tuple[bpy.types.Scene, bpy.types.Strip]:
    """The strip of a case, above a backdrop; its paint is to go into a modifier."""
    scene = stage.new_scene(f"{name} scene")
    scene.render.film_transparent, scene.render.dither_intensity, scene.render.compositor_device = True, 0, "CPU"
    backdrop = scene.sequence_editor.strips.new_image("Backdrop", plan["backdrop"], 1, 1)
    stage.change(backdrop, right=60)
    strip = KINDS[case["kind"]](scene, plan)
    dress(scene, plan, strip, case)
    left, right = getattr(strip, stage.LEFT), getattr(strip, stage.RIGHT)
    change(strip, right=min(right, left + LENGTH))
    strip.stylestrip.place = "MODIFIER"
    return scene, strip


def empty_modifier(strip: bpy.types.Strip) -> bpy.types.StripModifier:
    """A Compositor modifier that changes nothing: what Blender itself makes of a strip that has one."""
    tree = bpy.data.node_groups.new("Nothing", "CompositorNodeTree")
    for way in ("INPUT", "OUTPUT"):
        tree.interface.new_socket("Image", in_out=way, socket_type="NodeSocketColor")
    given, result = tree.nodes.new("NodeGroupInput"), tree.nodes.new("NodeGroupOutput")
    tree.links.new(given.outputs[0], result.inputs[0])
    modifier = strip.modifiers.new("Nothing", "COMPOSITOR")
    modifier.node_group = tree
    return modifier


def paint(name: str, case: dict, plan: dict, folder: Path) -> dict:
    """A strip rendered as it is, with a modifier that changes nothing, and with a job in one that changes nothing."""
    scene, strip = strip_of(name, case, plan)
    left, right = getattr(strip, stage.LEFT), getattr(strip, stage.RIGHT)
    frames = [left, left + 1, right - 1]
    told = {"before": rendered(scene, frames, folder / name / "before")}
    nothing = empty_modifier(strip)
    told["nothing"] = rendered(scene, frames, folder / name / "nothing")
    strip.modifiers.remove(nothing)
    set_before = values(strip)
    try:
        told["outcome"] = sorted(bpy.ops.stylestrip.stylize_strip(strip="Clip", **plan["arguments"]))
    except RuntimeError as error:  # that is how an operator's report reaches a script
        return {"error": str(error)}
    told["after"] = rendered(scene, frames, folder / name / "after")
    told["said"], told["way"] = part("jobs").latest.message, part("host.ways_in").way_into(strip, scene).sentence
    own = part("host.own_modifier").paint_modifier(strip)
    own.mute = True
    told["muted"] = rendered(scene, frames, folder / name / "muted")
    told["same"] = values(strip) == set_before
    told["strips"] = sorted(one.name for one in scene.sequence_editor.strips_all if one.get("stylestrip_job"))
    return told


def values(strip: bpy.types.Strip) -> list:
    """All that a person sees set at a strip."""
    place, crop = strip.transform, strip.crop
    own = [strip.mute, strip.channel, strip.blend_type, strip.blend_alpha, getattr(strip, stage.LEFT)]
    own += [place.offset_x, place.scale_x, place.rotation, crop.min_x, crop.max_y, getattr(strip, stage.RIGHT)]
    return [*own, strip.color_multiply, strip.color_saturation]


def kinds(plan: dict) -> dict:
    folder = begin(plan)
    return {name: paint(name, case, plan, folder) for name, case in plan["cases"].items()}


def negative(folder: Path) -> None:
    """Makes negatives of all painted frames, by which they are told from the source."""
    for file in [*folder.glob("cache/[0-9a-f]*/0*.png"), *folder.glob("cache/[0-9a-f]*/order-*/0*.png")]:
        image = bpy.data.images.load(str(file), check_existing=False)
        pixels = np.array(image.pixels[:]).reshape(-1, 4)
        pixels[:, :3] = 1 - pixels[:, :3]
        image.pixels.foreach_set(pixels.astype(np.float32).ravel())
        file.unlink()  # it may have another name too
        image.filepath_raw = str(file)
        image.save()
        bpy.data.images.remove(image)
    for image in bpy.data.images:
        image.reload()


class Follow:
    """A strip with its paint, which is moved about; every look is at it with and without its paint."""

    def __init__(self, plan: dict, name: str, case: dict) -> None:
        self.folder = begin(plan) if name == "first" else Path(plan["folder"])
        self.scene, self.strip = strip_of(name, case, plan)
        self.name, self.looks = name, {}
        bpy.ops.stylestrip.stylize_strip(strip="Clip", **plan["arguments"])
        negative(self.folder)

    def look(self, name: str, *frames: int) -> None:
        """Renders frames as they are, and without any paint."""
        paint_modifier = part("host.own_modifier").paint_modifier
        own = [found for one in self.scene.sequence_editor.strips_all if (found := paint_modifier(one))]
        found = {}
        for key, is_muted in (("painted", False), ("source", True)):
            for one in own:
                one.mute = is_muted
            place = self.folder / self.name / f"{name} {key}"
            found[key] = rendered(self.scene, list(frames), place)
        for one in own:
            one.mute = False
        self.looks[f"{self.name}, {name}"] = found

    def move(self, strip: bpy.types.Strip, by: int) -> None:
        setattr(strip, stage.START, getattr(strip, stage.START) + by)


def follow(plan: dict) -> dict:
    """Strips that were painted, and are moved, trimmed and cut afterwards."""
    told = {}
    first = Follow(plan, "first", {"kind": "pictures", "change": {"left": 3}})
    strip = first.strip  # frames 3 to 8
    first.look("painted", 3, 8)
    first.move(strip, 7)
    first.look("moved", 10, 15)
    stage.change(strip, left=12, right=14)
    first.look("trimmed", 12, 13)
    stage.change(strip, left=9, right=17)
    told["beyond"] = part("paint_within").unpainted(strip)
    first.look("longer", 9, 10, 15, 16)
    file = next(first.folder.glob("cache/[0-9a-f]*/000005.png"))
    content = file.read_bytes()
    file.unlink()
    rendered(first.scene, [9, 16], first.folder / "told")
    told["told"] = list(part("compositor.check").told)
    file.write_bytes(content)
    strip.split(frame=13, split_method="SOFT")
    piece = next(one for one in first.scene.sequence_editor.strips if one.channel == strip.channel and one != strip)
    told["shared"] = piece.modifiers[0].node_group == strip.modifiers[0].node_group
    first.look("cut", 12, 13)
    first.move(piece, 20)
    first.look("one piece moved", 12, 33)
    told["apart"] = piece.modifiers[0].node_group != strip.modifiers[0].node_group
    first.move(strip, -4)
    first.look("the other moved", 8, 33)
    bpy.ops.wm.save_as_mainfile(filepath=str(first.folder / "kept.blend"), copy=True)
    with bpy.data.libraries.load(str(first.folder / "kept.blend")) as (there, _):
        told["kept"] = sum(name.startswith("Clip painted") for name in there.node_groups)
    told["pace"] = [part("paint").shown_version(strip).pace == part("paint_within").pace_of(strip, first.scene)]
    strip.use_reverse_frames = True
    told["pace"].append(part("paint").shown_version(strip).pace == part("paint_within").pace_of(strip, first.scene))
    looks = first.looks
    for name, case in plan["others"].items():
        other = Follow(plan, name, case)
        left = getattr(other.strip, stage.LEFT)
        other.look("painted", left, left + 1)
        outer = other.strip.parent_meta() or other.strip
        other.move(outer, 5)
        other.look("moved", left + 5, left + 6)
        looks |= other.looks
    return told | {"looks": looks}


def versions(plan: dict) -> dict:
    """What is painted again, switched, put elsewhere and deleted."""
    folder = begin(plan)
    scene, strip = strip_of("versions", {"kind": "pictures"}, plan)
    film, operators = scene.sequence_editor, bpy.ops.stylestrip
    film.active_strip = strip
    arguments = plan["arguments"] | {"steps": 2, "strip": "Clip"}
    paint_modifier = part("host.own_modifier").paint_modifier

    def state() -> list:
        own = strip.stylestrip_paint
        modifier = paint_modifier(strip)
        painted = [[one.name, one.mute] for one in film.strips if one.get("stylestrip_job")]
        return [len(own.versions), own.shown, strip.mute, modifier and modifier.mute, painted]

    def seen() -> str:
        return rendered(scene, [2], folder / f"seen {len(list(folder.glob('seen *')))}")[0]

    told = {"source": seen()}
    operators.stylize_strip(**arguments)
    told["first"] = state(), seen()
    strip.stylestrip.style_weight *= 100
    operators.stylize_strip(**arguments)
    told["second"] = state(), seen()
    operators.show_version(version=0)
    told["switched"] = state(), seen()
    weight = strip.stylestrip.style_weight
    operators.use_its_settings()
    told["settings"] = strip.stylestrip.style_weight < weight
    told["select"] = sorted(operators.select_counterpart()), film.active_strip == strip
    told["mix"] = mix(strip, 0.0), seen()
    mix(strip, 1.0)
    operators.stylize_strip(place="ABOVE", **arguments)
    told["above"] = state(), seen()
    operators.stylize_strip(place="MODIFIER", **arguments)
    told["within again"] = state(), seen()
    operators.delete_cache(what="OLD")
    told["old deleted"] = state(), seen()
    film.active_strip = strip
    operators.delete_cache(what="ALL")
    told["all deleted"] = state(), seen()
    told["left"] = [len(strip.modifiers), [tree.name for tree in bpy.data.node_groups]]
    return told


def edits(plan: dict) -> dict:
    """What an editor does to painted strips by Blender's own means, and what an Update makes of it."""
    folder = begin(plan)
    scene, strip = strip_of("edits", {"kind": "pictures", "change": {"left": 3}}, plan)  # frames 3 to 8
    strips, operators = scene.sequence_editor.strips, bpy.ops.stylestrip
    arguments = plan["arguments"] | {"steps": 1}
    own, within = part("host.own_modifier"), part("paint_within")

    def frames(one: bpy.types.Strip) -> bpy.types.Node:
        return own.paint_modifier(one).node_group.nodes["Painted Frames"]

    def seen(frame: int) -> str:
        return rendered(scene, [frame], folder / f"seen {len(list(folder.glob('seen *')))}")[0]

    operators.stylize_strip(strip="Clip", **arguments)
    told = {"first": seen(4)}
    setattr(strip, stage.START, getattr(strip, stage.START) + 10)
    strip.stylestrip.style_weight *= 100
    operators.stylize_strip(strip="Clip", **arguments)
    told["second"] = seen(14)
    scene.sequence_editor.active_strip = strip
    operators.show_version(version=0)
    told["first again"] = seen(14)
    acts = strip.modifiers.new("After", "BRIGHT_CONTRAST")
    acts.bright = 10
    told["brighter"] = seen(14)
    strip.stylestrip.style_weight /= 100
    operators.stylize_strip(strip="Clip", **arguments)
    told["brighter again"], told["way"] = seen(14), part("host.ways_in").way_into(strip, scene).sentence
    strip.modifiers.remove(acts)
    strip.split(frame=16, split_method="SOFT")
    piece = next(one for one in strips if one.channel == strip.channel and one != strip)
    before = frames(piece).image.filepath
    strip.stylestrip.style_weight *= 10
    operators.stylize_strip(strip="Clip", **arguments)
    told["pieces"] = before == frames(piece).image.filepath != frames(strip).image.filepath
    other = strips.new_image("Other", plan["backdrop"], 9, 1)
    stage.change(other, right=40)
    copied = other.modifiers.new("Copied", "COMPOSITOR")
    copied.node_group = own.paint_modifier(strip).node_group
    scene.frame_set(30)
    told["copied"] = [own.shows_paint(other), other in own.strips_within(scene)]
    told["at"] = getattr(part("preview.both_sides").painted_at(scene), "name", None)
    operators.stylize_strip(strip="Clip", place="ABOVE", **arguments)
    for one in [one for one in strips if one.get("stylestrip_job")]:
        strips.remove(one)
    told["muted"] = [strip.mute]
    operators.stylize_strip(strip="Clip", place="MODIFIER", **arguments)
    told["muted"].append(strip.mute)
    film = strips.new_movie("Film", plan["film"], 12, 1)
    stage.change(film, left=3, right=4)
    film.stylestrip.place = "MODIFIER"
    operators.stylize_strip(strip="Film", **arguments)
    stage.change(film, left=2, right=5)
    operators.stylize_strip(strip="Clip", **arguments)
    task = part("jobs").latest
    scene.name = "Renamed"
    scene.sequence_editor.active_strip = strip
    told["words"] = []
    for _ in range(2):
        part("painting").forget_look()
        told["words"].append(task.words)
        if strip.stylestrip_paint.versions:
            operators.delete_cache(what="ALL")
    told["one frame"] = within.is_held(own.paint_modifier(film).node_group), within.unpainted(film)
    return told


def mix(strip: bpy.types.Strip, value: float) -> bool:
    """Sets how much of the paint is seen, as the tab does."""
    part("paint_within").mix_of(strip.modifiers[0]).value = value
    strip.invalidate_cache("COMPOSITE")
    return True


def command(plan: dict) -> dict:
    """The command without a window: it puts paint into a modifier, and knows it when it is called again."""
    folder = begin(plan)
    scene, strip = strip_of("command", {"kind": "pictures"}, plan)
    strip.stylestrip.place = "ABOVE"
    scene.sequence_editor.strips.remove(scene.sequence_editor.strips["Backdrop"])
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "cut.blend"))
    given = [word for name, value in plan["arguments"].items() for word in (f"--{name}", str(value))]
    calls = {
        "paint": ["--strip", "Clip", "--put-it", "modifier", *given],
        "list": ["--list"],
        "all": ["--all", *given],
        "again": ["--strip", "Clip", "--put-it", "above", *given],
    }
    told = {}
    for name, arguments in calls.items():
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as errors:
            told[name] = [part("command").run(arguments)]
        bpy.ops.wm.open_mainfile(filepath=str(folder / "cut.blend"))
        scene = bpy.data.scenes["command scene"]
        stage.show(scene)
        strips = [[one.name, one.mute, len(one.modifiers)] for one in scene.sequence_editor.strips]
        told[name] += [out.getvalue() + errors.getvalue(), sorted(strips)]
    return told


CASES = {"command": command, "edits": edits, "kinds": kinds, "follow": follow, "versions": versions}

if __name__ == "__main__":
    stage.perform(lambda plan: CASES[plan["case"]](plan))
