"""A visit that renders: a small scene of objects with a compositor, and a node in it that is painted live."""

import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage
from node import KIND, compositor, new_scene, objects, part
from visit import Visit


class Rendering(Visit):
    """A window in which a scene is rendered."""

    def set_up(self, frames: int) -> None:
        """The scene, whose compositor gives back what is rendered."""
        stage.enable()
        view = bpy.context.preferences.view
        view.show_splash, view.render_display_type = False, "AREA"
        self.folder = Path(self.plan["folder"])
        part("preferences").preferences().cache_folder = str(self.folder / "cache")
        self.scene = new_scene({"size": (96, 64)}, frames)
        objects(self.scene)
        tree, self.result = compositor(self.scene)
        self.layers = tree.nodes.new("CompositorNodeRLayers")
        self.layers.scene, self.layers.layer = self.scene, self.scene.view_layers[0].name
        tree.links.new(self.layers.outputs["Image"], self.result)

    def add_live_node(self) -> None:
        """From now on what is rendered is painted live, as the plan has it."""
        tree = self.layers.id_data
        node = tree.nodes.new(KIND)
        tree.links.new(self.layers.outputs["Image"], node.inputs["Image"])
        tree.links.new(node.outputs["Image"], self.result)
        own = node.node_tree.stylestrip_node
        for name, value in self.plan["settings"].items():
            setattr(own.settings, name, value)
        own.mode = "LIVE"
