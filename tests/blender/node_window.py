"""A Neural Style node in Blender's window: added, copied, undone, baked and rendered, as a person does it."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage
from node import KIND, compositor, new_scene, objects, part
from pictures import Picturing
from visit import SETTLE, begin

PATIENCE = 150.0
TICK = 0.02


class Compositing(Picturing):
    """The compositor is set up, used and looked at."""

    def steps(self) -> Iterator[float]:
        stage.enable()
        view = bpy.context.preferences.view
        view.show_splash, view.smooth_view = False, 0
        folder = self.folder = Path(self.plan["folder"])
        part("preferences").preferences().cache_folder = str(folder / "cache")
        scene = new_scene({"size": (192, 108)}, self.plan["frames"])
        objects(scene)
        tree, result = compositor(scene)
        layers = tree.nodes.new("CompositorNodeRLayers")
        layers.scene, layers.layer, layers.location = scene, scene.view_layers[0].name, (-500, 200)
        tree.links.new(layers.outputs["Image"], result)
        result.node.location = (300, 200)
        bpy.ops.wm.save_as_mainfile(filepath=str(folder / "comp.blend"))
        yield SETTLE
        self.window = bpy.context.window_manager.windows[0]
        area = max(self.window.screen.areas, key=lambda one: one.width * one.height)
        area.ui_type = "CompositorNodeTree"
        yield SETTLE
        yield from self.added(area, tree, layers, result)
        yield from self.copied(area, tree)
        yield from self.baked(area, scene, tree)
        yield from self.rendered(scene)

    def do(self, area: bpy.types.Area, operator: Callable[..., set[str]], *mode: str, **values: object) -> None:
        """Calls an operator as the editor itself does."""
        with self.override(area, "WINDOW"):
            operator(*mode, **values)

    def added(self, area, tree, layers, result) -> Iterator[float]:
        """From the Add menu, by its search."""
        region = next(one for one in area.regions if one.type == "WINDOW")
        middle = region.x + region.width * 0.45, region.y + region.height * 0.6
        self.do(area, bpy.ops.node.view_all)
        self.event("MOUSEMOVE", "NOTHING", middle)
        yield SETTLE
        yield from self.key("ESC", middle)  # the splash screen
        yield SETTLE
        with self.override(area, "WINDOW"):
            bpy.ops.wm.call_menu(name="NODE_MT_category_compositor_filter")
        yield SETTLE
        self.picture("menu")
        yield from self.key("ESC", middle)
        yield SETTLE
        self.event("MOUSEMOVE", "NOTHING", middle)
        yield 0.1
        yield from self.key("A", middle, shift=True)
        yield SETTLE
        for letter in "neural":
            self.window.event_simulate(letter.upper(), "PRESS", x=round(middle[0]), y=round(middle[1]), unicode=letter)
            yield 0.1
            self.window.event_simulate(letter.upper(), "RELEASE", x=round(middle[0]), y=round(middle[1]))
            yield 0.1
        yield SETTLE
        self.picture("search")
        yield from self.key("RET", middle)
        yield SETTLE
        yield from self.key("LEFTMOUSE", middle)
        yield SETTLE
        self.told["added"] = [node.name for node in tree.nodes if node.bl_idname == KIND]
        node = next((node for node in tree.nodes if node.bl_idname == KIND), None)
        if node is None:
            self.do(area, bpy.ops.node.add_node, "EXEC_DEFAULT", type=KIND)
            node = next(node for node in tree.nodes if node.bl_idname == KIND)
        node.location = (-100, 200)
        tree.links.new(layers.outputs["Image"], node.inputs["Image"])
        tree.links.new(node.outputs["Image"], result)
        for name, value in self.plan["settings"].items():
            setattr(node.node_tree.stylestrip_node.settings, name, value)
        self.do(area, bpy.ops.ed.undo_push, message="Set up")
        self.do(area, bpy.ops.node.view_all)
        yield SETTLE

    def copied(self, area, tree) -> Iterator[float]:
        """A copy has an inside of its own; undo takes it back."""
        name = tree.name
        nodes = [node for node in tree.nodes if node.bl_idname == KIND]
        for node in tree.nodes:
            node.select = node in nodes
        tree.nodes.active = nodes[0]
        self.do(area, bpy.ops.node.duplicate)
        self.do(area, bpy.ops.ed.undo_push, message="Copy")
        yield SETTLE
        tree = bpy.data.node_groups[name]
        ours = [node for node in tree.nodes if node.bl_idname == KIND]
        self.told["copies"] = len({node.node_tree.name for node in ours})
        self.do(area, bpy.ops.ed.undo)
        yield SETTLE
        self.told["after undo"] = len([node for node in bpy.data.node_groups[name].nodes if node.bl_idname == KIND])

    def baked(self, area, scene, tree) -> Iterator[float]:
        """The button is pressed; the window stays free, and the frames appear."""
        jobs = part("jobs")
        tree = bpy.data.node_groups["Compositor"]
        node = next(node for node in tree.nodes if node.bl_idname == KIND)
        for one in tree.nodes:
            one.select = one == node
        tree.nodes.active = node
        yield from self.open_tab(area)
        self.picture("before")
        with self.override(area, "UI"):
            began = time.monotonic()
            bpy.ops.stylestrip.bake_node("INVOKE_DEFAULT", node=node.name)
        self.told["press"] = time.monotonic() - began
        yield from self.wait(lambda: jobs.queue[-1].rendering is None, PATIENCE)
        self.told["words"] = jobs.queue[-1].words
        yield from self.wait(lambda: jobs.queue[-1].done >= 1 or jobs.queue[-1].is_over, PATIENCE)
        self.picture("during")
        yield from self.wait(lambda: not jobs.is_running(), PATIENCE)
        yield 2 * SETTLE
        self.told["end"] = [jobs.queue[-1].state, jobs.queue[-1].message]
        tree = bpy.data.node_groups["Compositor"]
        node = next(node for node in tree.nodes if node.bl_idname == KIND)
        own = node.node_tree.stylestrip_node
        self.told["painted"] = [own.first, own.count, own.is_fresh]
        self.told["vectors"] = len(list(self.folder.glob("cache/render-*/vectors/0*.exr")))
        self.picture("after")

    def rendered(self, scene) -> Iterator[float]:
        """F12 shows the paint; outside of the bake it is told."""
        scene = bpy.data.scenes["Comp"]
        check = part("compositor.check")
        for name, frame in (("f12", 2), ("f12 missing", scene.frame_end + 5)):
            scene.frame_set(frame)
            bpy.ops.render.render("INVOKE_DEFAULT", scene=scene.name)
            yield from self.wait(lambda: not bpy.app.is_job_running("RENDER"), PATIENCE)
            yield 3 * SETTLE
            self.told[f"told {name}"] = list(check.told)
            self.picture(name)
            yield SETTLE


begin(Compositing)
