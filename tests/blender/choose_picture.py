"""In the window: a picture is chosen in the gallery, and others are dropped on the tab and on the timeline."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import stage
from pictures import Picturing
from visit import SETTLE, Place, begin


class Choosing(Picturing):
    """A person without a picture, and then with one."""

    def steps(self) -> Iterator[float]:
        yield from self.open_workspace()
        yield from self.close("PROPERTIES")
        scene = stage.new_scene("Cut", 96, 64)
        strip = scene.sequence_editor.strips.new_image("Clip", self.plan["content"], 1, 1)
        scene.sequence_editor.active_strip, strip.select = strip, True
        yield SETTLE
        yield from self.open_tab(self.timeline())
        yield from self.choose()
        yield from self.browse()
        sidebar, timeline = self.region("UI"), self.region("WINDOW")
        yield from self.drop((sidebar.x + sidebar.width / 2, sidebar.y + sidebar.height / 3))
        self.told["dropped on the tab"] = self.facts()
        yield from self.drop((timeline.x + timeline.width / 2, timeline.y + timeline.height / 2))
        self.told["dropped on the timeline"] = self.facts()

    def facts(self) -> list:
        """What is painted in what, and how many strips there are."""
        own = self.strip.stylestrip
        return [own.picture, Path(own.style).name, len(bpy.data.scenes["Cut"].sequence_editor.strips)]

    def region(self, kind: str) -> bpy.types.Region:
        """A part of the timeline."""
        return next(one for one in self.timeline().regions if one.type == kind)

    def choose(self) -> Iterator[float]:
        """Two clicks: on the thumbnail, and on one of the pictures that open below it."""
        sidebar = self.region("UI")
        thumbnail = sidebar.x + sidebar.width * 0.18, sidebar.y + sidebar.height - 80
        yield from self.click(thumbnail)
        self.picture("gallery")
        # One's own file is chosen at first; in the row beside it are those that come along.
        yield from self.key("DOWN_ARROW", thumbnail)
        yield SETTLE
        yield from self.key("RET", thumbnail)
        yield SETTLE
        self.told["chosen"] = self.facts()

    def browse(self) -> Iterator[float]:
        """A file browser beside, that shows one picture."""
        folder = Path(self.plan["folder"]) / "own"
        folder.mkdir()
        shutil.copyfile(self.plan["own"], folder / "own.png")
        browser = self.area("FILE_BROWSER")
        parameters = browser.spaces.active.params
        parameters.directory, parameters.display_type = str(folder).encode(), "THUMBNAIL"
        with self.override(browser, "WINDOW"):
            bpy.ops.file.refresh()
        yield 4 * SETTLE

    def drop(self, target: Place) -> Iterator[float]:
        """Drags the picture from the file browser to a place of the window."""
        files = next(one for one in self.area("FILE_BROWSER").regions if one.type == "WINDOW")
        first = files.x + 60, files.y + files.height - 60
        yield from self.click(first)
        yield from self.drag([tuple(place) for place in np.linspace(first, target, 9)])
        yield 2 * SETTLE
        self.picture(f"drop {len(self.told)}")


if __name__ == "__main__":
    begin(Choosing)
