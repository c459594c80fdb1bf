"""What a second Blender runs: one function of the host, without the add-on being switched on there."""

import importlib
import importlib.util
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = "stylestrip"
WATCH_SECONDS = 1.0
# The window's thread comes first.
NICENESS = 5


def name_the_extension() -> None:
    """Lets the extension be imported though it is not switched on."""
    spec = importlib.util.spec_from_file_location(NAME, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    sys.modules[NAME] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[NAME])


def end_with_parent() -> None:
    """Ends this Blender when the one that has started it is gone, which nobody would wait for."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)


def run(plan: dict) -> None:
    """Does what is asked for; a sentence for the person is written down."""
    tempfile.tempdir = plan["temporary"]
    if "file" in plan:
        import bpy

        bpy.ops.wm.open_mainfile(filepath=plan["file"])
    name_the_extension()
    room = importlib.import_module(f"{NAME}.blender_addon.host.{plan['room']}")
    wrong = importlib.import_module(f"{NAME}.style_core.job").UserError
    try:
        getattr(room, plan["function"])(**plan["values"])
    except (wrong, OSError) as error:
        Path(plan["answer"]).write_text(str(error), encoding="utf-8")
        raise


if sys.platform != "win32":  # where another process is no parent any more once it is gone
    os.nice(NICENESS)
    threading.Thread(target=end_with_parent, daemon=True).start()
run(json.loads(sys.argv[-1]))
