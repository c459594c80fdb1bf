"""How long Blender's window stands still for the add-on, in the real window.

    .envs/runtime/bin/python -m benchmarks.pauses --blender blender-5.2 [--frames N]

Two things are measured of each visit in tests/blender/pauses.py. First the longest time in one go that the add-on's own
code holds the window's thread, of the processor and by the clock: each call of its timers, handlers, operators and
panels. Then how late a timer comes at worst, with and without the add-on at work: that has Blender's own drawing in it,
and whatever else the machine does. Needs `xvfb-run` or a `with-display`, which give a program a screen. Saved to
benchmarks/results/.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.engine import RESULTS, device_name
from build_steps import package
from build_steps.blender import virtual_screen
from style_core.media.pictures import write_pixels

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "tests" / "blender"
LARGE, SMALL = (1920, 1080), (32, 18)
RENDERED = 8  # frames that are rendered apart
# Painted at once: what is measured is not the painter.
QUICK = {"size": 0, "steps": 0, "carry": "none", "device": "cpu"}


def blocks(size: tuple[int, int], seed: int) -> np.ndarray:
    """A picture of blocks in any colours, (H, W, 3) uint8."""
    grid = np.random.default_rng(seed).integers(0, 255, (size[1] // 2, size[0] // 2, 3), dtype=np.uint8)
    return grid.repeat(2, axis=0).repeat(2, axis=1)


def write_sequence(folder: Path, count: int) -> str:
    """A folder of so many small pictures."""
    folder.mkdir()
    for number in range(1, count + 1):
        write_pixels(folder / f"{number:05d}.png", blocks(SMALL, number))
    return str(folder)


def write_large(folder: Path) -> str:
    """A large picture in a folder."""
    folder.mkdir()
    write_pixels(folder / "large.png", blocks(LARGE, 1))
    return str(folder / "large.png")


def material(folder: Path, visit: str, frames: int) -> dict[str, Any]:
    """What a visit needs, made in a folder: the plan that its script reads."""
    write_pixels(folder / "style.png", blocks((64, 64), 2))
    plan = {"visit": visit, "settings": QUICK | {"style": str(folder / "style.png")}, "folder": str(folder)}
    if visit == "previewed":
        return plan | {"picture": write_large(folder / "large")}
    count = frames if visit == "many frames" else RENDERED
    return plan | {"pictures": write_sequence(folder / "pictures", count)}


VISITS = ("many frames", "rendered", "previewed")


def rows_of(visit: str, told: dict[str, Any]) -> dict[str, Any]:
    """What a visit has measured, in milliseconds."""
    what, (_, cpu, clock) = max(told["slices"].items(), key=lambda one: one[1][1])
    late = {when: milliseconds(max(times)) for when, times in told["jitter"].items()}
    return {"visit": visit, "longest": what, "processor": milliseconds(cpu), "clock": milliseconds(clock), "late": late}


def milliseconds(seconds: float) -> float:
    """Seconds in milliseconds, to a tenth."""
    return round(1000 * seconds, 1)


def table_of(rows: list[dict[str, Any]]) -> Table:
    """The longest pauses side by side."""
    table = Table("visit", "longest call", "processor", "clock", "timer late at worst", title="Pauses in milliseconds")
    for row in rows:
        late = ", ".join(f"{when} {time:g}" for when, time in row["late"].items())
        table.add_row(row["visit"], row["longest"], f"{row['processor']:g}", f"{row['clock']:g}", late)
    return table


def call(command: list[str], plan: dict[str, Any], environment: dict[str, str]) -> dict[str, Any]:
    """Runs a script in Blender with a plan; what it tells."""
    folder = Path(plan["folder"])
    file, result = folder / "plan.json", folder / "result.json"
    file.write_text(json.dumps(plan | {"result": str(result)}))
    subprocess.run([*command, "--", str(file)], env=environment, check=True, capture_output=True)
    told = json.loads(result.read_text())
    if "error" in told:
        raise RuntimeError(told["error"])
    return told


def installed(blender: str, home: str) -> dict[str, str]:
    """The environment of a Blender whose user folder, in `home`, has the extension; it paints with this Python."""
    environment = os.environ | {"BLENDER_USER_RESOURCES": f"{home}/user", "STYLESTRIP_PYTHON": sys.executable}
    archive = Path(home) / "stylestrip.zip"
    package.write_zip(archive, ROOT)
    install = [blender, "-b", "--python-exit-code", "9", "-P", str(SCRIPTS / "install.py")]
    call(install, {"zip": str(archive), "folder": home}, environment)
    return environment


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--blender", required=True)
    options.add_argument("--frames", type=int, default=2000, help="of the longest strip")
    given = options.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as home:
        environment = installed(given.blender, home)
        seen = [*virtual_screen(), given.blender, "--enable-event-simulate", "-P", str(SCRIPTS / "pauses.py")]
        for visit in VISITS:
            folder = Path(home) / visit.replace(" ", "-")
            folder.mkdir()
            rows.append(rows_of(visit, call(seen, material(folder, visit, given.frames), environment)))
    console = Console(width=160, record=True)
    console.print(table_of(rows))
    RESULTS.mkdir(exist_ok=True)
    # How many programs wanted the processor, a minute's mean: the clock and the timer depend on it.
    found = {"machine": device_name("cpu"), "load": round(os.getloadavg()[0], 1), "frames": given.frames, "rows": rows}
    (RESULTS / "pauses.json").write_text(json.dumps(found, indent=2) + "\n")
    (RESULTS / "pauses.txt").write_text(console.export_text())


if __name__ == "__main__":
    main()
