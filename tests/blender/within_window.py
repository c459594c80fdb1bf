"""Paint in a strip's modifier in Blender's window: chosen, painted, moved, undone; and a node put there by hand."""

import sys
from collections.abc import Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage
from kinds import part
from pictures import Picturing
from strip_node import node_in_modifier
from visit import SETTLE, begin

PATIENCE = 150.0


class Within(Picturing):
    """A title that is painted into a modifier of its own, and another with a node."""

    def steps(self) -> Iterator[float]:
        yield from self.open_workspace()
        yield from self.close("FILE_BROWSER")
        yield from self.title()
        yield from self.painted()
        yield from self.moved()
        yield from self.node()

    def title(self) -> Iterator[float]:
        """A title in a file that is saved, the tab beside it, and the choice under More, Result."""
        folder = Path(self.plan["folder"])
        part("preferences").preferences().cache_folder = str(folder / "cache")
        scene = stage.new_scene("Cut", 192, 108)
        strip = scene.sequence_editor.strips.new_effect("Title", "TEXT", 1, frame_start=1, length=6)
        strip.text, strip.font_size = "Painted", 40
        for name, value in self.plan["settings"].items():
            setattr(strip.stylestrip, name, value)
        scene.sequence_editor.active_strip, strip.select = strip, True
        scene.frame_end = 12
        bpy.ops.wm.save_as_mainfile(filepath=str(folder / "cut.blend"))
        yield SETTLE
        with self.override(self.timeline(), "WINDOW"):
            bpy.ops.sequencer.view_all()
            bpy.ops.ed.undo_push(message="Set up")
        yield from self.move_border(self.preview(), 330)
        yield from self.open_tab(self.timeline())
        yield from self.open_panel(self.timeline(), "SEQUENCER_PT_stylestrip_further")
        yield from self.open_panel(self.timeline(), "SEQUENCER_PT_stylestrip_result")
        self.picture("choice")

    def strip_now(self) -> bpy.types.Strip:
        """The title, also after an undo."""
        return bpy.data.scenes["Cut"].sequence_editor.strips["Title"]

    def state(self) -> list:
        """How many modifiers the title has, and where the paint begins."""
        modifier = part("host.own_modifier").paint_modifier(self.strip_now())
        frames = modifier and modifier.node_group.nodes["Painted Frames"]
        return [len(self.strip_now().modifiers), frames and frames.frame_start, self.strip_now().stylestrip_paint.left]

    def painted(self) -> Iterator[float]:
        """The button is pressed; another Blender renders."""
        with self.override(self.timeline(), "UI"):
            bpy.ops.stylestrip.stylize_strip("INVOKE_DEFAULT")
        yield from self.worked()
        self.told["painted"] = self.state()
        self.picture("within")

    def moved(self) -> Iterator[float]:
        """The title is moved, as G does it; undone, and all of it undone."""
        with self.override(self.timeline(), "WINDOW"):
            bpy.ops.transform.seq_slide("EXEC_DEFAULT", value=(4, 0), snap=False)
            bpy.ops.ed.undo_push(message="Move")
        yield SETTLE
        self.told["moved"] = self.state()
        for name in ("back", "unpainted"):
            with self.override(self.timeline(), "WINDOW"):
                bpy.ops.ed.undo()
            yield SETTLE
            self.told[name] = self.state()
        for _ in range(2):
            with self.override(self.timeline(), "WINDOW"):
                bpy.ops.ed.redo()
            yield SETTLE
        self.told["again"] = self.state()

    def node(self) -> Iterator[float]:
        """A node in a modifier made by hand, and its panel."""
        strip = self.strip_now()
        strip.modifiers.clear()
        node, _ = node_in_modifier(strip, {"arguments": self.plan["settings"]})
        tree = node.id_data
        tree.is_strip_modifier, tree.nodes.active = True, node
        for place, name in enumerate(("Group Input", "Exposure", node.name, "Group Output")):
            tree.nodes[name].location = 280 * place, 0
        for one in tree.nodes:
            one.select = one == node
        area = self.timeline()
        area.ui_type = "CompositorNodeTree"
        yield SETTLE
        space = area.spaces.active
        if hasattr(space, "node_tree_sub_type"):
            space.node_tree_sub_type = "SEQUENCER"
        space.pin, space.node_tree = True, tree
        yield SETTLE
        with self.override(area, "WINDOW"):
            bpy.ops.node.view_all()
        yield from self.open_tab(area)
        self.picture("node before")
        with self.override(area, "UI"):
            self.told["active"] = bpy.context.active_node.name
            bpy.ops.stylestrip.bake_node("INVOKE_DEFAULT", node=node.name)
        yield from self.worked()
        own = part("compositor.node").nodes_of(bpy.data.node_groups[tree.name])[0].node_tree.stylestrip_node
        self.told["baked"] = [own.first, own.last, own.is_of_strip, part("jobs").queue[-1].message]
        self.picture("node after")


begin(Within)
