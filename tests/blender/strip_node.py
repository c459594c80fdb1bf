"""A Neural Style node in a Compositor modifier that a person has added to a strip: baked, moved along, refused."""

import sys
from contextlib import suppress
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage
from kinds import part, rendered
from within import begin, empty_modifier, strip_of


def node_in_modifier(strip: bpy.types.Strip, plan: dict) -> tuple[bpy.types.Node, bpy.types.NodeSocket]:
    """A Neural Style node behind another one, in a Compositor modifier made by hand; with what takes its image."""
    modifier = empty_modifier(strip)
    tree = modifier.node_group
    tree.name = "By Hand"
    given, result = tree.nodes["Group Input"], tree.nodes["Group Output"]
    other, node = tree.nodes.new("CompositorNodeExposure"), tree.nodes.new("CompositorNodeStylestrip")
    other.inputs["Exposure"].default_value = 0.5
    tree.links.new(given.outputs[0], other.inputs["Image"])
    tree.links.new(other.outputs[0], node.inputs["Image"])
    tree.links.new(node.outputs["Image"], result.inputs[0])
    node.node_tree.stylestrip_node.if_missing = "SOURCE"
    for name, value in plan["arguments"].items():
        setattr(node.node_tree.stylestrip_node.settings, name, value)
    return node, result.inputs[0]


def nodes(plan: dict) -> dict:
    """Nodes in modifiers, baked; and a strip that is moved and cut then."""
    folder, told = begin(plan), {}
    bake = bpy.ops.stylestrip.bake_node
    for name, case in plan["cases"].items():
        scene, strip = strip_of(name, case, plan)
        bright = strip.modifiers.new("Bright", "BRIGHT_CONTRAST")
        bright.bright = 5
        node, _ = node_in_modifier(strip, plan)
        left, right = getattr(strip, stage.LEFT), getattr(strip, stage.RIGHT)
        before = rendered(scene, list(range(left, right)), folder / name / "before")
        assert bake(strip="Clip") == {"FINISHED"}
        own = node.node_tree.stylestrip_node
        after = rendered(scene, list(range(left, right)), folder / name / "after")
        told[name] = {"before": before, "after": after, "painted": [own.first, own.last], "strip": [left, right - 1]}
    return {"cases": told} | moved_node(plan, folder)


def moved_node(plan: dict, folder: Path) -> dict:
    """A strip with a baked node that is moved and cut; the matte tells where there is paint."""
    scene, strip = strip_of("moved", {"kind": "pictures", "change": {"left": 3}}, plan)
    node, result = node_in_modifier(strip, plan)
    tree, own = node.id_data, node.node_tree.stylestrip_node
    before = rendered(scene, list(range(3, 9)), folder / "moved before")
    own.if_missing = "NOW"  # a strip shows what was baked all the same
    bpy.ops.stylestrip.bake_node(strip="Clip")
    left = part("compositor.left_over").LeftBake.of(part("jobs").queue[-1])
    setattr(strip, stage.START, getattr(strip, stage.START) + 7)
    after = rendered(scene, list(range(10, 16)), folder / "moved after")
    told = {"before": before, "after": after, "painted": [own.first, own.last], "problem": own.problem(15)}
    told["image"] = node.node_tree.nodes["Painted Frames"].image.filepath
    own.if_missing = "SOURCE"
    tree.links.new(node.outputs["Matte"], result)
    told["matte"] = rendered(scene, list(range(10, 16)), folder / "matte")
    stage.change(strip, right=18)
    told["beyond"] = rendered(scene, [17], folder / "beyond")
    told["told"] = list(part("compositor.check").told)
    own.if_missing = "STOP"
    with suppress(RuntimeError):
        rendered(scene, [15, 17], folder / "stopped")
    told["stopped"] = sorted(file.name for file in (folder / "stopped").iterdir())
    own.if_missing = "SOURCE"
    strip.split(frame=13, split_method="SOFT")
    piece = next(one for one in scene.sequence_editor.strips if one.channel == strip.channel and one != strip)
    setattr(piece, stage.START, getattr(piece, stage.START) + 20)
    told["pieces"] = rendered(scene, [10, 12, 33, 35], folder / "pieces")
    told["apart"] = piece.modifiers[0].node_group != strip.modifiers[0].node_group
    told["left"] = [list(left.place), left.node() == node]
    return {"moved": told}


def refusals(plan: dict) -> dict:
    """Nodes that cannot be baked where they are, and with which words."""
    begin(plan)
    scene, strip = strip_of("refused", {"kind": "pictures"}, plan)
    bake, told = bpy.ops.stylestrip.bake_node, {}

    def said(**arguments: object) -> str:
        try:
            bake(**arguments)
        except RuntimeError as error:
            return str(error)
        return ""

    told["no node"] = said(strip="Clip")
    node, result = node_in_modifier(strip, plan)
    tree = node.id_data
    told["no such node"] = said(strip="Clip", node="Nobody")
    other = scene.sequence_editor.strips.new_effect("Other", "COLOR", 9, frame_start=1, length=5)
    other.modifiers.new("Same", "COMPOSITOR").node_group = tree
    told["two strips"] = said(strip="Clip")
    scene.sequence_editor.strips.remove(other)
    strip_link = node.inputs["Image"].links[0]
    tree.links.remove(strip_link)
    told["nothing"] = said(strip="Clip")
    tree.nodes.remove(result.node)
    told["no output"] = said(strip="Clip")
    inner = bpy.data.node_groups.new("Inner", "CompositorNodeTree")
    inner.nodes.new("CompositorNodeStylestrip")
    tree.nodes.remove(node)
    group = tree.nodes.new("CompositorNodeGroup")
    group.node_tree = inner
    told["in a group"] = said(strip="Clip")
    return told


CASES = {"nodes": nodes, "refusals": refusals}

if __name__ == "__main__":
    stage.perform(lambda plan: CASES[plan["case"]](plan))
