"""Renders the clips of `benchmarks.clips` once more as a bake of the Neural Style node does, motion included.

    .envs/bpy-5.2/bin/python -m benchmarks.node_clips OUT [--clips NAME ...] [--frames N] [--width W]

OUT/NAME has what `benchmarks.clips` writes, by which is measured, and OUT/NAME/baked the frames as light, with the
Vector pass in `vectors`. With --baked, the clips are there already.
"""

import argparse
import importlib
import importlib.util
import os
import sys
from pathlib import Path

import bpy

from benchmarks import clips
from benchmarks.scenes import stage


def host(room: str):
    """A module of the add-on's host side, which need not be switched on for that."""
    if "stylestrip" not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            "stylestrip", clips.ROOT / "__init__.py", submodule_search_locations=[str(clips.ROOT)]
        )
        sys.modules["stylestrip"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["stylestrip"])
    return importlib.import_module(f"stylestrip.blender_addon.host.{room}")


def bake(name: str, out: Path, frames: int, width: int) -> None:
    """The frames and vectors of one clip."""
    scene, size = stage.empty_scene(), (width, round(width * 9 / 16))
    clips.SCENES[name].build(frames)
    clips.prepare(scene, frames, size)
    scene.cycles.samples, scene.cycles.pixel_filter_type = clips.BEAUTY_RAYS, "BOX"
    scene.render.compositor_device = "CPU"
    tree = bpy.data.node_groups.new("Compositor", "CompositorNodeTree")
    scene.compositing_node_group = tree
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    layers, node, result = (
        tree.nodes.new(kind) for kind in ("CompositorNodeRLayers", "CompositorNodeExposure", "NodeGroupOutput")
    )
    layers.scene, layers.layer = scene, scene.view_layers[0].name
    tree.links.new(layers.outputs["Image"], node.inputs["Image"])
    tree.links.new(node.outputs[0], result.inputs[0])
    upstream, numbers = host("upstream"), range(1, frames + 1)
    out.mkdir(parents=True, exist_ok=True)
    for _ in upstream.render_missing(
        scene, node, out, numbers, ".exr", vectors=not upstream.why_no_vectors(scene, node)
    ):
        pass


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("out", type=Path)
    options.add_argument("--clips", dest="names", nargs="*", default=list(clips.SCENES), help="only these")
    options.add_argument("--frames", type=int, default=8)
    options.add_argument("--width", type=int, default=clips.WIDTH)
    options.add_argument("--baked", action="store_true", help="render the frames of the bake alone")
    given = options.parse_args()
    for name in given.names:
        if not given.baked:
            clips.make_clip(name, given.out / name, given.frames, given.width)
        bake(name, given.out / name / "baked", given.frames, given.width)
    sys.stdout.flush()
    os._exit(0)  # the module takes its time at the end


if __name__ == "__main__":
    main()
