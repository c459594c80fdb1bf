"""The pictures of the Neural Style node in docs/pictures/, as pictures.py has those of the video editor."""

import sys
from collections.abc import Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage
from cutting import PATIENCE, part
from pictures import Picturing
from visit import SETTLE, begin


class Composing(Picturing):
    """A visit with a small scene, whose render goes through a Neural Style node to the result."""

    settings: dict[str, object] = {"size": 0, "steps": 30}  # noqa: RUF012 - a visit has its own
    frames = 1
    editor = 0.6
    """How much of the window the node editor is, beside the image editor."""

    def steps(self) -> Iterator[float]:
        stage.enable()
        view = bpy.context.preferences.view
        view.show_splash, view.smooth_view, view.render_display_type = False, 0, "NONE"
        folder = Path(self.plan["folder"])
        part("preferences").preferences().cache_folder = str(folder / "cache")
        from node_scene import composited  # it looks for the add-on

        self.scene, self.node = composited((320, 264), 64)
        self.own = self.node.node_tree.stylestrip_node
        self.scene.frame_end, self.scene.render.filepath = self.frames, str(folder / "painted")
        for name, value in self.settings.items():
            setattr(self.own.settings, name, value)
        self.prepare()
        bpy.ops.wm.save_as_mainfile(filepath=str(folder / "things.blend"))
        yield SETTLE
        self.window = bpy.context.window_manager.windows[0]
        for kind in ("PROPERTIES", "OUTLINER", "DOPESHEET_EDITOR"):
            yield from self.close(kind)
        (area,) = self.window.screen.areas[-1:]
        with bpy.context.temp_override(window=self.window, area=area):
            bpy.ops.screen.area_split(direction="VERTICAL", factor=1 - self.editor)
        yield SETTLE
        self.shown, self.edited = sorted(self.window.screen.areas, key=lambda one: one.x)[-2:]
        self.shown.ui_type, self.edited.ui_type = "IMAGE_EDITOR", "CompositorNodeTree"
        yield SETTLE
        self.edited.spaces.active.show_region_asset_shelf = False
        yield from self.act()
        yield 2 * SETTLE
        self.keep()
        part("compositor.live_painter").end()

    def prepare(self) -> None:
        """What is set before the window is laid out."""

    def bake(self) -> Iterator[float]:
        """Presses the node's button, and waits."""
        with self.override(self.edited, "UI"):
            bpy.ops.stylestrip.bake_node("INVOKE_DEFAULT", node=self.node.name)
        yield from self.worked()

    def render(self, frame: int) -> Iterator[float]:
        """Renders one frame as F12 does."""
        self.scene.frame_set(frame)
        bpy.ops.render.render("INVOKE_DEFAULT", scene=self.scene.name)
        yield SETTLE
        yield from self.wait(lambda: not bpy.app.is_job_running("RENDER"), PATIENCE)

    def show_image(self, name: str = "Render Result") -> Iterator[float]:
        """The render or another image, as large as it goes."""
        self.shown.spaces.active.image = bpy.data.images[name]
        yield SETTLE
        with self.override(self.shown, "WINDOW"):
            bpy.ops.image.view_all(fit_view=True)

    def show_nodes(self) -> None:
        """All nodes in view."""
        with self.override(self.edited, "WINDOW"):
            bpy.ops.node.view_all()


class NodeAdd(Composing):
    """The Add menu with the node in it."""

    def prepare(self) -> None:
        layers, result = self.node.inputs["Image"].links[0].from_socket, self.node.outputs["Image"].links[0].to_socket
        self.node.id_data.links.new(layers, result)
        self.node.id_data.nodes.remove(self.node)

    def act(self) -> Iterator[float]:
        self.edited.spaces.active.show_region_ui = False
        yield from self.render(1)
        yield from self.show_image()
        self.show_nodes()
        region = next(one for one in self.edited.regions if one.type == "WINDOW")
        place = region.x + region.width * 0.45, region.y + region.height * 0.8
        yield from self.click(place)  # the splash screen is in the way
        with self.override(self.edited, "WINDOW"):
            bpy.ops.wm.call_menu(name="NODE_MT_category_compositor_filter")


class NodeViewer(Composing):
    """The paint of a node that was baked, as the Viewer node shows it."""

    settings: dict[str, object] = {"size": 0, "steps": 60, "picture": "oil-swirl"}  # noqa: RUF012

    def prepare(self) -> None:
        tree = self.node.id_data
        viewer = tree.nodes.new("CompositorNodeViewer")
        viewer.location = (320, -60)
        tree.links.new(self.node.outputs["Image"], viewer.inputs["Image"])

    def act(self) -> Iterator[float]:
        yield from self.open_tab(self.edited)
        yield from self.bake()
        yield from self.render(1)
        self.show_nodes()
        yield 3 * SETTLE
        yield from self.show_image("Viewer Node")


class NodeMissing(Composing):
    """A render of a frame that was not baked tells so."""

    settings: dict[str, object] = {"size": 0, "steps": 10, "picture": "oil-swirl"}  # noqa: RUF012
    frames = 2

    def act(self) -> Iterator[float]:
        yield from self.open_tab(self.edited)
        yield from self.bake()
        self.own.if_missing = "SOURCE"
        self.show_nodes()
        yield from self.render(1)
        yield from self.show_image()
        self.event("MOUSEMOVE", "NOTHING", (self.shown.x + self.shown.width * 0.5, self.shown.y + 240))
        yield SETTLE
        yield from self.render(5)


class NodeRegions(Composing):
    """Two things of a scene in two styles, beside the node and the list of its regions."""

    editor = 0.64
    styles = (("Monkey", "oil-swirl"), ("Ring", "mosaic"))

    def prepare(self) -> None:
        own = self.own.settings
        for name, style in self.styles:
            region = own.regions.add()
            region.name, region.source, region.paint, region.picture = name, "CRYPTOMATTE", "OWN", style
            region.things.add().name = name
        own.region_index = 1

    def act(self) -> Iterator[float]:
        yield from self.bake()
        yield from self.render(1)
        yield from self.show_image()
        yield from self.open_tab(self.edited)
        yield from self.open_panel(self.edited, "NODE_PT_stylestrip_regions")
        self.show_nodes()


class Live(Composing):
    """A render that waits for its frame to be painted by a Neural Style node."""

    settings: dict[str, object] = {"size": 0, "steps": 60}  # noqa: RUF012
    frames, waits_for = 48, 1
    """How many there are, and in which it is looked at."""

    def prepare(self) -> None:
        self.own.mode = "LIVE"

    def act(self) -> Iterator[float]:
        yield from self.open_tab(self.edited)
        self.show_nodes()
        bpy.ops.render.render("INVOKE_DEFAULT", animation=True, scene=self.scene.name)
        live = part("compositor.live_window")
        yield from self.wait(
            lambda: f"frame {self.waits_for} of" in live.words and "step 9" in live.words, PATIENCE * 3
        )
        yield from self.show_image()


PICTURES = {
    "node-add": NodeAdd,
    "node-viewer": NodeViewer,
    "node-missing": NodeMissing,
    "node-regions": NodeRegions,
    "live": Live,
}

if __name__ == "__main__":
    begin(PICTURES[stage.plan()["name"]])
