"""A Neural Style node whose Strength and settings change through the film: the jobs that a bake makes of them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import node as nodes
import stage


def strengths(plan: dict) -> dict:
    """The job of each case, and whether the paint is said to be old after a change."""
    scene, node, result = nodes.set_up(plan)
    nodes.link(node, result)
    changing, tree = nodes.part("compositor.changing"), node.id_data
    own, socket = node.node_tree.stylestrip_node, node.inputs["Strength"]
    numbers = range(scene.frame_start, scene.frame_end + 1)
    baking, told = nodes.part("compositor.baking"), {}

    def job() -> dict:
        frames = baking.frames_of(scene, node, numbers, Path(plan["folder"]) / "cache")
        try:
            made = baking.job_of(scene, node, frames)
        except Exception as error:
            return {"problem": str(error)}
        return {
            "style": made.look.style_weight,
            "content": made.look.content_weight,
            "curves": {curve.setting: curve.values for curve in made.curves},
        }

    told["usual"] = job()
    nodes.bpy.ops.stylestrip.bake_node(node=node.name)
    told["painted"] = own.problem(1)
    own.settings.style_weight, socket.default_value = 3.0, 0.5
    told["half"], told["changed"] = job(), own.problem(1)
    for frame, value in ((1, 0.0), (4, 3.0)):
        socket.default_value = value
        socket.keyframe_insert("default_value", frame=frame)
        own.settings.content_weight = 1 + frame
        node.node_tree.keyframe_insert("stylestrip_node.settings.content_weight", frame=frame)
    for curve in changing.curves_of(tree.animation_data) + changing.curves_of(node.node_tree.animation_data):
        for key in curve.keyframe_points:
            key.interpolation = "LINEAR"
    told["keyed"] = job()
    nodes.bpy.ops.stylestrip.bake_node(node=node.name)
    told["fresh"] = own.problem(1)
    scene.frame_set(3)
    told["later"] = own.problem(1)
    changing.curves_of(node.node_tree.animation_data)[0].keyframe_points[1].co[1] = 7.0
    told["moved key"] = own.problem(1)
    value, reroute = tree.nodes.new(nodes.VALUE), tree.nodes.new("NodeReroute")
    value.outputs[0].default_value = 2.0
    tree.links.new(value.outputs[0], reroute.inputs[0])
    tree.links.new(reroute.outputs[0], socket)
    told["value node"] = job()
    maths = tree.nodes.new("ShaderNodeMath")
    tree.links.new(maths.outputs[0], socket)
    told["computed"] = job()
    tree.links.remove(socket.links[0])
    socket.driver_add("default_value")
    told["driven"] = job()
    return told


if __name__ == "__main__":
    stage.perform(strengths)
