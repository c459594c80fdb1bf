"""Clicks through the real window as a person does: the tab, the Stylize button, undo; and takes pictures of it."""

import importlib
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage

SETTLE = 1.0  # seconds in which Blender draws what has changed
PATIENCE = 200.0
CLICKS = 4  # a machine that is busy may lose one
TAB_INSET, TAB_STEP = 10, 20  # pixels: where the tabs stand in the sidebar, and how finely they are tried


class Visit:
    """What is done in the window, step by step; each step yields the seconds until the next."""

    def __init__(self, plan: dict) -> None:
        self.plan, self.told = plan, {}
        self.window = bpy.context.window_manager.windows[0]

    def picture(self, name: str) -> None:
        """A picture of the whole screen."""
        path = str(Path(self.plan["folder"]) / f"{name}.png")
        subprocess.run(["import", "-window", "root", path], check=True)
        self.told[name] = path

    def click(self, x: float, y: float) -> Iterator[float]:
        """Clicks at a place that Blender counts from below; it must draw the button under the pointer in between."""
        place = [str(round(x)), str(round(self.window.height - y))]
        subprocess.Popen(["xdotool", "mousemove", *place])
        yield SETTLE
        subprocess.Popen(["xdotool", "click", "1"])
        yield SETTLE

    def area(self) -> bpy.types.Area:
        """The timeline."""
        areas = [a for a in self.window.screen.areas if a.type == "SEQUENCE_EDITOR"]
        return max(areas, key=lambda area: (area.spaces.active.view_type == "SEQUENCER", area.width))

    def sidebar(self) -> bpy.types.Region:
        """Its sidebar."""
        return next(region for region in self.area().regions if region.type == "UI")

    def open_workspace(self) -> Iterator[float]:
        """The Video Editing workspace with a strip, and the timeline's sidebar open."""
        stage.enable()
        template = "startup/bl_app_templates_system/Video_Editing/startup.blend"
        path = str(Path(bpy.utils.system_resource("SCRIPTS")) / template)
        with bpy.context.temp_override(window=self.window):
            bpy.ops.workspace.append_activate(idname="Video Editing", filepath=path)
        yield SETTLE
        self.window = bpy.context.window_manager.windows[0]
        scene = stage.new_scene("Cut", *self.plan["resolution"])
        strip = scene.sequence_editor.strips.new_movie("Clip", self.plan["film"], 1, 1)
        stage.change(strip, right=1 + self.plan["frames"])
        scene.frame_end = self.plan["frames"]
        scene.sequence_editor.active_strip, strip.select = strip, True
        for name, value in self.plan["settings"].items():
            setattr(strip.stylestrip, name, value)
        bpy.context.preferences.view.show_splash = False
        timeline = self.area().spaces.active
        timeline.show_region_ui = True
        timeline.timeline_overlay.show_strip_source = False  # a path that is another one on every machine
        with bpy.context.temp_override(window=self.window, area=self.area(), region=self.area().regions[-1]):
            bpy.ops.sequencer.view_all()
            bpy.ops.ed.undo_push(message="Ready")
        yield SETTLE

    def open_tab(self) -> Iterator[float]:
        """Tries the sidebar's edge from above until the add-on's tab is in front."""
        region = self.sidebar()
        for y in range(region.y + region.height - TAB_STEP, region.y, -TAB_STEP):
            if region.active_panel_category == "Stylestrip":
                break
            yield from self.click(region.x + region.width - TAB_INSET, y)
        self.told["tab"] = region.active_panel_category
        yield SETTLE

    def steps(self) -> Iterator[float]:
        """The whole visit."""
        jobs = importlib.import_module(f"{stage.EXTENSION}.blender_addon.jobs")
        yield from self.open_workspace()
        yield from self.open_tab()
        self.picture("ready")
        region = self.sidebar()
        for _ in range(CLICKS):
            if jobs.latest is None:
                yield from self.click(region.x + region.width / 2, region.y + region.height - self.plan["button"])
        begun = time.monotonic()
        while time.monotonic() - begun < PATIENCE and jobs.is_running():
            if jobs.latest.done and "painting" not in self.told:
                self.picture("painting")
            yield 0.1
        self.told["state"] = jobs.latest.state if jobs.latest else "never begun"
        self.told["message"] = jobs.latest.message if jobs.latest else ""
        yield 2 * SETTLE
        self.picture("painted")
        self.told["after"] = self.strips()
        for operator in ("undo", "redo"):
            with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
                getattr(bpy.ops.ed, operator)()
            yield SETTLE
            self.told[operator] = self.strips()

    def strips(self) -> list:
        """Name and mute of every strip, and the add-on's mark."""
        editor = bpy.data.scenes["Cut"].sequence_editor
        return sorted([strip.name, strip.mute, bool(strip.get("stylestrip_job"))] for strip in editor.strips)


def go_on() -> float:
    """Takes the next step of the visit; Blender goes on drawing until the one after."""
    try:
        return next(STEPS)
    except StopIteration:
        stage.perform(lambda plan: VISIT.told)
    except Exception:
        VISIT.told["error"] = traceback.format_exc()
        stage.perform(lambda plan: VISIT.told)
    return 0.0


VISIT = Visit(stage.plan())
STEPS = VISIT.steps()
bpy.app.timers.register(go_on, first_interval=2.0)
