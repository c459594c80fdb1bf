"""The pictures of the pages, made anew from the extension as it is now."""

import ast
import json
import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from . import ROOT, BuildError, demo
from .blender import find_blender, virtual_screen
from .console import say
from .environments import RUNTIME, ensure
from .package import package
from .painted_pictures import PAINTED, make_painted
from .stamps import PICTURES, stamp

SCRIPTS = ROOT / "tests" / "blender"
WINDOW = ("-p", "0", "180", "1600", "900")  # its lower left corner and its size, at the top of the virtual screen
MOST_BYTES = 200_000
# What lists visits that leave one picture each.
LISTS = ("pictures.py", "node_pictures.py")
# A visit that leaves a picture of every step: its name, its script, and what it works on.
WALK = "first-steps"
STATES = "painter"
SCRIPTS_OF = {WALK: "first_steps.py", STATES: "painter_states.py"}
WALK_PLAN = {"resolution": (1280, 720), "rate": 24, "first": 37, "shown": 4, "settings": {}}


def make_pictures(chosen: str | None, data: Path | None, names: list[str]) -> None:
    """Makes the pictures `names`, or all; BuildError if one cannot be made.

    Args:
        chosen: the Blender to use, as --blender names it.
        data: a folder with `footage` and `style`; None: $STYLESTRIP_DATA names it.
        names: of the pictures that `listed` gives; none: all.
    """
    known = listed()
    for name in names:
        if name not in known:
            raise BuildError(f"There is no picture '{name}'; there are {', '.join(known)}.")
    data = data or Path(os.environ.get("STYLESTRIP_DATA", ROOT.parent / "shared" / "data"))
    if not (data / "footage").is_dir() or not (data / "style").is_dir():
        raise BuildError(f"There are no films and paintings in '{data}': name a folder that has them with --data.")
    python = ensure(RUNTIME)
    with TemporaryDirectory(prefix="stylestrip-docs-") as home:
        wanted = names or known
        for name in [name for name in wanted if name in PAINTED]:
            say(f"Picture: {name} ...")
            stamp(make_painted(name, python, data, Path(home) / name, PICTURES))
        if of_window := [name for name in wanted if name not in PAINTED]:
            make_of_window(of_window, program(chosen), python, data, Path(home))


def program(chosen: str | None) -> str:
    """A Blender with a window; BuildError if there is none."""
    if not virtual_screen():
        raise BuildError("There is no command 'xvfb-run', which gives Blender a virtual screen: install it.")
    blender = find_blender(chosen)
    if not blender.separator:
        raise BuildError("Only a Blender program has a window: name one with --blender PATH.")
    return blender.command[0]


def make_of_window(names: list[str], program: str, python: Path, data: Path, folder: Path) -> None:
    """Makes pictures of Blender's window, with the extension as it is now; see `make_pictures`."""
    environment = os.environ | {"BLENDER_USER_RESOURCES": f"{folder}/user", "STYLESTRIP_PYTHON": str(python)}
    install = [program, "-b", "-P", SCRIPTS / "install.py", "--"]
    perform(install, folder / "install", environment, zip=str(package()))
    demo.FOLDER.mkdir(exist_ok=True)
    rabbit = str(demo.make_clip(python))
    for name in names:
        say(f"Picture: {name} ...")
        place = folder / name
        shutil.copytree(data / "style", place)
        script = SCRIPTS / scripts()[name]
        window = [*virtual_screen(), program, "--enable-event-simulate", *WINDOW, "-P", script, "--"]
        plan = {"name": name, "films": f"{data / 'footage'}/", "rabbit": rabbit, "picture": str(place / f"{name}.jpg")}
        if name == WALK:
            plan |= WALK_PLAN | {"film": rabbit}
        if name == STATES:
            own = {"build": "index"}  # of which a part is downloaded for real
            plan |= {"painter": str(python), "share": 0.02, "settings": own}
        perform(window, place, environment, **plan)
        made = sorted(place.glob(f"{name}*.jpg"))
        for picture in made:
            keep(picture)
        stamp([picture.name for picture in made])


def keep(made: Path) -> None:
    """Puts a picture into docs/pictures/; BuildError if it is too large."""
    size = made.stat().st_size
    if size > MOST_BYTES:
        raise BuildError(f"The picture {made.name} has {size} bytes, and {MOST_BYTES} are enough: show less in it.")
    shutil.copyfile(made, PICTURES / made.name)


def listed() -> list[str]:
    """The names of all pictures."""
    return [*scripts(), *PAINTED]


def scripts() -> dict[str, str]:
    """Which script makes which picture of Blender's window; only Blender can load those that list most of them."""
    found = {}
    for script in LISTS:
        tree = ast.parse((SCRIPTS / script).read_text(encoding="utf-8"))
        assigned = {ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)}
        found |= {key.value: script for key in assigned["PICTURES"].keys}
    return found | SCRIPTS_OF


def perform(command: list[str | Path], folder: Path, environment: dict[str, str], **plan: object) -> None:
    """Runs a script of tests/blender with a plan; BuildError if it says that it failed, or nothing."""
    folder.mkdir(exist_ok=True)
    file, result = folder / "plan.json", folder / "result.json"
    file.write_text(json.dumps(plan | {"folder": str(folder), "result": str(result)}), encoding="utf-8")
    done = subprocess.run([*command, file], env=environment, cwd=folder, capture_output=True, text=True)
    told = json.loads(result.read_text(encoding="utf-8")) if result.is_file() else {"error": done.stdout + done.stderr}
    if "error" in told:
        raise BuildError(f"Blender could not do what leads to the picture:\n{told['error']}")
