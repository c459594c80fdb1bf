"""The templates: a .blend with a timeline and a node, and a script for many files, into dist/templates/."""

import json
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from . import ROOT, BuildError
from .blender import Blender, find_blender
from .console import run_quietly, say
from .environments import BPY_45, NoPythonError, ensure, is_ready, pins
from .package import write_zip

SOURCE, FOLDER = ROOT / "templates", ROOT / "dist" / "templates"
DEMO, BATCH = "stylestrip-demo.blend", "batch.py"


def make_templates(chosen: str | None, folder: Path = FOLDER, may_install: bool = True) -> None:
    """Makes the templates in a folder; BuildError if Blender cannot.

    Args:
        chosen: the Blender that makes them, as --blender names it; None: the oldest, as each opens what older ones have
            saved.
        may_install: whether the oldest is installed if it is missing; else one that is there makes them.
    """
    blender = find_blender(chosen) if chosen else oldest(may_install)
    say(f"Templates: made by {blender.name} ...")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SOURCE / BATCH, folder / BATCH)
    with TemporaryDirectory(prefix="stylestrip-templates-") as home:
        archive, plan, result = (Path(home) / name for name in ("stylestrip.zip", "plan.json", "result.json"))
        write_zip(archive, ROOT)
        asked = {"zip": str(archive), "file": str(Path(home) / DEMO), "result": str(result)}
        plan.write_text(json.dumps(asked), encoding="utf-8")
        own = os.environ | {"BLENDER_USER_RESOURCES": str(Path(home) / "user")}
        _, lines = run_quietly(blender.running(SOURCE / "demo_file.py", plan), env=own)
        if not result.is_file():
            raise BuildError("\n  ".join([f"{blender.name} could not make '{DEMO}': it says what follows.", *lines]))
        shutil.copyfile(Path(home) / DEMO, folder / DEMO)
    say(f"Templates: {DEMO} and {BATCH} in {folder}.")


def oldest(may_install: bool) -> Blender:
    """The bpy module 4.5 where it is there, or may be made and there is a Python for it; else any Blender."""
    if not may_install and not is_ready(BPY_45, pins(BPY_45.groups)):
        say("Templates: a newer Blender makes them, and older ones may not open them; 'build.py templates' mends that.")
        return find_blender(None)
    try:
        return Blender((str(ensure(BPY_45)),), (), BPY_45.name)
    except NoPythonError:
        say("Templates: without a Python 3.11 a newer Blender makes them, and older ones may not open them.")
        return find_blender(None)
