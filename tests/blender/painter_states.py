"""In the real window, the preferences in every state that the painter can have, each with a picture of it.

`python3 build.py docs --pictures painter` puts the pictures into docs/pictures/.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import stage
from cutting import part
from visit import SETTLE, Visit, begin

QUALITY = "84"
PATIENCE = 240.0


class PainterStates(Visit):
    """Somebody who installs the painter, cancels, chooses a Python, and lets it be checked."""

    def steps(self) -> Iterator[float]:
        yield from self.open_preferences()
        yield from self.keep("not-installed")
        yield from self.install_and_cancel()
        yield from self.lose()
        yield from self.choose()
        yield from self.outdate()

    def open_preferences(self) -> Iterator[float]:
        """The add-on's preferences fill the window; nothing is installed or named."""
        stage.enable()
        os.environ.pop("STYLESTRIP_PYTHON", None)
        context, name = bpy.context, stage.EXTENSION
        if "lock" in self.plan:  # a test installs something smaller than torch
            part("painter").read_lock = part("runtime.setup").read_lock = lambda: self.plan["lock"]
        context.preferences.view.show_splash = False
        context.preferences.system.use_online_access = True
        largest = max(self.window.screen.areas, key=lambda area: area.width * area.height)
        largest.type = "PREFERENCES"
        context.preferences.active_section = "ADDONS"
        context.window_manager.addon_search = "Stylestrip"
        yield SETTLE
        with context.temp_override(window=self.window, area=largest, region=largest.regions[-1]):
            bpy.ops.screen.screen_full_area(use_hide_panels=False)
            bpy.ops.preferences.addon_expand(module=name)
        for own, value in self.plan["settings"].items():
            setattr(part("preferences").preferences(), own, value)
        yield from self.wait(lambda: part("painter").outlook and part("painter").outlook.done, PATIENCE)

    def keep(self, name: str, height: int = 640) -> Iterator[float]:
        """Writes down the state, and what the window shows of it, so many pixels from its upper edge."""
        yield 2 * SETTLE
        now = part("painter").status(part("preferences").settings())
        self.told[name] = [str(now.state), now.problem, now.note]
        area = next(one for one in self.window.screen.areas if one.type == "PREFERENCES")
        pictures = self.told.setdefault("pictures", [])
        place = Path(self.plan["folder"]) / f"painter-{len(pictures) + 1}-{name}.jpg"
        height = min(area.height, height)
        top = self.window.height - area.y - area.height
        crop = f"{area.width}x{height}+{area.x}+{top}"
        subprocess.run(["import", "-window", "root", "-crop", crop, "+repage", "-quality", QUALITY, place], check=True)
        pictures.append(str(place))

    def press(self, name: str, **values: object) -> None:
        """A button, with what it needs."""
        getattr(bpy.ops.stylestrip, name)("EXEC_DEFAULT", **values)

    def install_and_cancel(self) -> Iterator[float]:
        """An installation that is on its way, and then cancelled."""
        painter = part("painter")
        self.press("install_painter")
        self.told["told at once"] = str(painter.status(part("preferences").settings()).state)
        yield from self.wait(lambda: painter.setup.done or painter.setup.status.fraction > self.plan["share"], PATIENCE)
        yield from self.keep("installing")
        self.press("cancel_painter")
        yield from self.wait(lambda: painter.setup.done, PATIENCE)
        yield from self.keep("cancelled")

    def lose(self) -> Iterator[float]:
        """An installed painter whose Python is gone."""
        painter, folders = part("painter"), part("runtime.folders")
        folders.set_current(painter.user_folder(), folders.Current(f"{folders.RUNTIMES}/0", "cuda13", "any"))
        yield from self.keep("needs-repair")

    def choose(self) -> Iterator[float]:
        """A Python of one's own, which is checked at once."""
        self.press("choose_python", filepath=self.plan["painter"])
        yield from self.keep("checking")
        yield from self.wait(lambda: not part("painter").is_busy(), PATIENCE)
        yield from self.keep("ready")

    def outdate(self) -> Iterator[float]:
        """A painter that an older version of the extension has made."""
        painter, folders = part("painter"), part("runtime.folders")
        runtimes = painter.user_folder() / folders.RUNTIMES
        runtimes.mkdir(exist_ok=True)
        (runtimes / "1").symlink_to(Path(self.plan["painter"]).parent.parent)
        folders.set_current(painter.user_folder(), folders.Current("runtimes/1", "cuda13", "of an older version"))
        part("preferences").preferences().python = ""
        yield from self.keep("not-checked")
        self.press("check_painter")
        yield from self.wait(lambda: not painter.is_busy(), PATIENCE)
        yield from self.keep("update-available")
        yield from self.fill_the_disk()
        self.press("remove_painter")
        self.told["removed"] = str(painter.status(part("preferences").settings()).state)

    def fill_the_disk(self) -> Iterator[float]:
        """What earlier work has left, and the dialog that removes what is old of it."""
        disk, year_ago = part("disk"), time.time() - 365 * 24 * 3600
        cache, film = disk.places().unsaved, Path(self.plan["folder"]) / "film.blend"
        bpy.ops.wm.save_as_mainfile(filepath=str(film))
        beside = disk.places().cache
        for folder, megabytes in ((cache / ("0" * 32), 160), (beside / ("1" * 32), 2300), (beside / ("2" * 32), 410),
                                  (beside / "mattes" / ("3" * 16), 36)):  # fmt: skip
            folder.mkdir(parents=True)
            with (folder / "000001.png").open("wb") as file:
                file.truncate(megabytes * 1_000_000)  # takes no room: nothing is written
            (folder / "job.json").touch()
            for place in (*folder.iterdir(), folder):
                os.utime(place, (year_ago, year_ago))
        (beside / ("2" * 32)).touch()
        disk.forget_sizes()
        disk.sizes().thread.join()
        yield from self.keep("on-the-disk", 780)
        area = next(one for one in self.window.screen.areas if one.type == "PREFERENCES")
        self.event("MOUSEMOVE", "NOTHING", (area.x + area.width / 2, area.y + area.height * 0.6))
        yield SETTLE
        with bpy.context.temp_override(window=self.window, area=area, region=area.regions[-1]):
            bpy.ops.stylestrip.clean_up("INVOKE_DEFAULT")
        yield from self.keep("clean-up", 780)
        yield from self.key("ESC", (area.x + area.width / 2, area.y + area.height * 0.6))
        self.told["cleaned"] = sorted(one.folder.name[0] for one in disk.clean_up(30))


begin(PainterStates)
