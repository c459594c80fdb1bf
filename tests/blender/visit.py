"""A person in Blender's window: simulated events, step by step, and pictures of the screen."""

import subprocess
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy
import numpy as np
import stage

SETTLE = 0.6  # seconds in which Blender draws what has changed
TEMPLATE = "startup/bl_app_templates_system/Video_Editing/startup.blend"

Place = tuple[float, float]


class Visit:
    """What is done in the window; each step yields the seconds until the next."""

    def __init__(self, plan: dict) -> None:
        self.plan, self.told = plan, {}
        self.window = bpy.context.window_manager.windows[0]

    def open_workspace(self) -> Iterator[float]:
        """The Video Editing workspace, with the add-on switched on."""
        stage.enable()
        view = bpy.context.preferences.view
        view.show_splash, view.smooth_view = False, 0
        with bpy.context.temp_override(window=self.window):
            bpy.ops.workspace.append_activate(
                idname="Video Editing", filepath=str(Path(bpy.utils.system_resource("SCRIPTS")) / TEMPLATE)
            )
        yield SETTLE
        self.window = bpy.context.window_manager.windows[0]

    def picture(self, name: str) -> str:
        """A picture of the whole screen."""
        path = str(Path(self.plan["folder"]) / f"{name}.png")
        subprocess.run(["import", "-window", "root", path], check=True)
        self.told[name] = path
        return path

    def screen(self, name: str) -> np.ndarray:
        """What the screen shows, (H, W, 3) in 0..1, rows counted upwards as Blender counts places."""
        image = bpy.data.images.load(self.picture(name))
        pixels = np.empty(image.size[0] * image.size[1] * image.channels, np.float32)
        image.pixels.foreach_get(pixels)
        size = *image.size[::-1], image.channels
        bpy.data.images.remove(image)
        return pixels.reshape(size)[..., :3]

    def event(self, kind: str, value: str, place: Place, **keys: object) -> None:
        """One event at a place in the window."""
        self.window.event_simulate(kind, value, x=round(place[0]), y=round(place[1]), **keys)

    def key(self, kind: str, place: Place, **keys: object) -> Iterator[float]:
        """A key, pressed and released."""
        self.event(kind, "PRESS", place, **keys)
        yield 0.05
        self.event(kind, "RELEASE", place, **keys)
        yield 0.05

    def drag(self, places: list[Place], button: str = "LEFTMOUSE", **keys: object) -> Iterator[float]:
        """From one place to the next with a button held down."""
        self.event("MOUSEMOVE", "NOTHING", places[0], **keys)
        yield 0.05
        self.event(button, "PRESS", places[0], **keys)
        for place in places[1:]:
            yield 0.05
            self.event("MOUSEMOVE", "NOTHING", place, **keys)
        yield 0.05
        self.event(button, "RELEASE", places[-1], **keys)
        yield 0.05

    def wait(self, until: Callable[[], bool], seconds: float) -> Iterator[float]:
        """Until something is so, or too much time has passed."""
        while not until() and seconds > 0:
            seconds -= 0.1
            yield 0.1

    def steps(self) -> Iterator[float]:
        """The whole visit."""
        raise NotImplementedError


def begin(kind: type[Visit]) -> None:
    """Lets a visit begin as soon as the window is there; Blender goes on drawing between its steps."""
    visit = kind(stage.plan())
    steps = visit.steps()

    def go_on() -> float:
        try:
            return next(steps)
        except StopIteration:
            stage.perform(lambda plan: visit.told)
        except Exception:
            visit.told["error"] = traceback.format_exc()
            stage.perform(lambda plan: visit.told)
        return 0.0

    # A file that is opened ends all other timers.
    bpy.app.timers.register(go_on, first_interval=2.0, persistent=True)
