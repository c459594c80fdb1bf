"""In the real window, from the splash screen to a painted film: what somebody does there who has just installed it.

Every step leaves a picture; `python3 build.py docs --pictures first-steps` puts them into docs/pictures/.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage
from cutting import PATIENCE, part
from pictures import QUALITY, Picturing
from visit import SETTLE, Place, begin

WIDTH = 1200  # of the pictures, in pixels


class FirstSteps(Picturing):
    """Somebody with a film and no idea."""

    count = 12
    # Places in the sidebar, at the default size of 5.2: shares of its width, and pixels from its upper edge.
    gallery = 0.18, 80
    preview_button = 0.3, 278
    stylize_button = 0.5, 304
    # Pixels from the upper right corner of the preferences, and from the upper left one of the window.
    install_menu = 19, 45
    render_menu = 125, 13

    def steps(self) -> Iterator[float]:
        stage.enable()
        part("preferences").preferences().cache_folder = self.plan["folder"] + "/cache"
        yield from self.find_install()
        yield from self.welcome()
        yield from self.open_workspace()
        yield from self.close("FILE_BROWSER")
        yield from self.close("PROPERTIES")
        yield from self.add_film()
        yield from self.open_sidebar()
        yield from self.choose_picture()
        yield from self.see_preview()
        yield from self.stylize_and_cancel()
        yield from self.stylize_again()
        yield from self.undo_and_redo()
        yield from self.compare()
        yield from self.play_back()
        yield from self.find_render()

    def open_workspace(self) -> Iterator[float]:
        """A new file for video editing, as the splash screen and the menu File make it."""
        view = bpy.context.preferences.view
        view.show_splash, view.smooth_view = False, 0
        with bpy.context.temp_override(window=self.window):
            bpy.ops.wm.read_homefile(app_template="Video_Editing", use_splash=False)
        yield 2 * SETTLE
        self.window = bpy.context.window_manager.windows[0]

    def keep_step(self, name: str, is_left: bool = True) -> Iterator[float]:
        """Writes down what the window shows; `is_left` moves the pointer away, and the words that come with it."""
        if is_left:
            self.event("MOUSEMOVE", "NOTHING", (self.window.width / 3, self.window.height / 4))
        yield 2 * SETTLE
        place = Path(self.plan["folder"]) / f"first-steps-{len(self.told.setdefault('pictures', [])) + 1}-{name}.jpg"
        size = f"{self.window.width}x{self.window.height}+0+0"
        command = ["import", "-window", "root", "-crop", size, "+repage", "-resize", str(WIDTH), "-quality", QUALITY]
        subprocess.run([*command, str(place)], check=True)
        self.told["pictures"].append(str(place))

    def sidebar(self) -> bpy.types.Region:
        """That of the timeline."""
        return next(one for one in self.timeline().regions if one.type == "UI")

    def place(self, where: tuple[float, float]) -> Place:
        """A place in the sidebar as one of the window."""
        region = self.sidebar()
        return region.x + where[0] * region.width, region.y + region.height - where[1]

    def state(self) -> dict:
        """The strips, and what was asked for last."""
        tasks = part("jobs").queue
        strips = bpy.data.scenes["Cut"].sequence_editor.strips
        return {
            "strips": sorted([one.name, one.mute, bool(one.get("stylestrip_job"))] for one in strips),
            "jobs": [task.state for task in tasks],
            "messages": [task.message for task in tasks],
        }

    # The steps

    def find_install(self) -> Iterator[float]:
        """1: where the zip is chosen in the preferences, which fill the window here."""
        area = max(self.window.screen.areas, key=lambda area: area.width * area.height)
        kept, area.type = area.type, "PREFERENCES"
        bpy.context.preferences.active_section = "EXTENSIONS"
        yield 2 * SETTLE
        with bpy.context.temp_override(window=self.window, area=area, region=area.regions[-1]):
            bpy.ops.screen.screen_full_area(use_hide_panels=False)
        yield 2 * SETTLE
        area = next(one for one in self.window.screen.areas if one.type == "PREFERENCES")
        corner = area.x + area.width - self.install_menu[0], area.y + area.height - self.install_menu[1]
        yield from self.click(corner)
        yield from self.keep_step("install", is_left=False)
        yield from self.key("ESC", corner)
        with bpy.context.temp_override(window=self.window, area=area, region=area.regions[-1]):
            bpy.ops.screen.back_to_previous()
        yield SETTLE
        next(one for one in self.window.screen.areas if one.type == "PREFERENCES").type = kept
        yield SETTLE

    def welcome(self) -> Iterator[float]:
        """2: the splash screen, whose Video Editing is a click."""
        with bpy.context.temp_override(window=self.window):
            bpy.ops.wm.splash("INVOKE_DEFAULT")
        yield 2 * SETTLE
        yield from self.keep_step("splash")
        yield from self.key("ESC", (self.window.width / 2, self.window.height / 2))
        yield SETTLE

    def add_film(self) -> Iterator[float]:
        """3: a film is dropped onto the timeline; the operator is that of Blender's own drop."""
        scene = stage.new_scene("Cut", *self.plan["resolution"])
        scene.render.fps = self.plan["rate"]
        timeline = self.timeline()
        with self.override(timeline, "WINDOW"):
            bpy.ops.sequencer.movie_strip_add(
                filepath=self.plan["film"],
                frame_start=1,
                channel=1,
                sound=False,
                fit_method="ORIGINAL",
                move_strips=False,
            )
        strip = scene.sequence_editor.active_strip
        strip.name = "Clip"
        # A film is long, and somebody who tries takes a few frames of it.
        stage.change(strip, **{stage.START: 2 - self.plan["first"]}, left=1, right=1 + self.count)
        scene.frame_end = self.count
        scene.frame_set(self.plan["shown"])
        timeline.spaces.active.timeline_overlay.show_strip_source = False
        with self.override(timeline, "WINDOW"):
            bpy.ops.sequencer.view_all()
            bpy.ops.ed.undo_push(message="Add Movie")
        yield from self.fit_preview()
        yield from self.keep_step("film")

    def open_sidebar(self) -> Iterator[float]:
        """4: N opens the sidebar, and a click brings Stylestrip to the front."""
        timeline = self.timeline()
        yield from self.open_tab(timeline)
        self.strip.stylestrip.quality = "draft"
        for name, value in self.plan["settings"].items():
            setattr(self.strip.stylestrip, name, value)
        self.told["fresh"] = self.strip.stylestrip.picture
        yield SETTLE

    def choose_picture(self) -> Iterator[float]:
        """7: a click on the picture, and one on another."""
        place = self.place(self.gallery)
        yield from self.click(place)
        yield from self.keep_step("gallery", is_left=False)
        for key in (*["DOWN_ARROW"] * 7, "RET"):
            yield from self.key(key, place)
            yield SETTLE / 2
        self.told["chosen"] = self.strip.stylestrip.picture

    def see_preview(self) -> Iterator[float]:
        """5: a click on Preview, and paint is seen in a moment."""
        previewing = part("preview.previewing")
        yield from self.click(self.place(self.preview_button))
        yield from self.wait(lambda: previewing.newest() is not None and previewing.newest().is_over, PATIENCE)
        self.told["preview"] = previewing.newest() and previewing.newest().state
        self.told["after preview"] = self.state()
        yield 2 * SETTLE
        yield from self.keep_step("preview")

    def stylize_and_cancel(self) -> Iterator[float]:
        """6: a click on Stylize; progress is seen, and the button stops it."""
        jobs = part("jobs")
        yield from self.click(self.place(self.stylize_button))
        yield from self.wait(lambda: bool(jobs.queue) and jobs.queue[-1].done >= 2, PATIENCE)
        yield SETTLE
        yield from self.keep_step("painting")
        with self.override(self.timeline(), "UI"):
            bpy.ops.stylestrip.cancel("INVOKE_DEFAULT")
        yield from self.wait(lambda: not jobs.is_running(), PATIENCE)
        yield 2 * SETTLE
        self.told["cancelled"] = self.state()
        yield from self.keep_step("cancelled")

    def stylize_again(self) -> Iterator[float]:
        """8: Stylize goes on where it stopped."""
        jobs = part("jobs")
        yield from self.click(self.place(self.stylize_button))
        yield from self.wait(lambda: jobs.queue[-1].state == "done", 5 * PATIENCE)
        yield 2 * SETTLE
        self.told["painted"] = self.state()
        yield from self.keep_step("painted")

    def undo_and_redo(self) -> Iterator[float]:
        """One step takes the painted strip back, and one brings it again."""
        for name in ("undo", "redo"):
            with bpy.context.temp_override(window=self.window):
                getattr(bpy.ops.ed, name)()
            yield SETTLE
            self.told[name] = self.state()["strips"]
        scene, paint_state = bpy.data.scenes["Cut"], part("sequencer.paint_state")
        self.told["up to date"] = paint_state.why_out_of_date(scene, self.strip)
        self.strip.stylestrip.style_weight = 2.0
        self.told["changed"] = paint_state.why_out_of_date(scene, self.strip)
        self.told["outlook"] = part("sequencer.outlook").outlook(scene, self.strip)
        self.strip.stylestrip.style_weight = 1.0

    def compare(self) -> Iterator[float]:
        """9: before and after, with the line in the middle."""
        manager = bpy.context.window_manager
        manager.stylestrip_compare, manager.stylestrip_split = True, 0.5
        yield 3 * SETTLE
        yield from self.keep_step("before-after")
        manager.stylestrip_compare = False

    def play_back(self) -> Iterator[float]:
        """10: the space bar plays it."""
        timeline, seen = self.timeline(), set()
        region = next(one for one in timeline.regions if one.type == "WINDOW")
        middle = region.x + region.width / 2, region.y + region.height / 2
        self.event("MOUSEMOVE", "NOTHING", middle)
        yield from self.key("SPACE", middle)
        for _ in range(20):
            seen.add(bpy.data.scenes["Cut"].frame_current)
            yield 0.1
        yield from self.key("SPACE", middle)
        self.told["played"] = len(seen)

    def find_render(self) -> Iterator[float]:
        """11: the menu Render."""
        place = self.render_menu[0], self.window.height - self.render_menu[1]
        yield from self.click(place)
        yield from self.keep_step("render", is_left=False)
        yield from self.key("ESC", place)


if __name__ == "__main__":
    begin(FirstSteps)
