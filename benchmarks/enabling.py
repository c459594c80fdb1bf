"""How long it takes to enable the extension in Blender, and how much of that is Python's compiling at the first time.

    .envs/runtime/bin/python -m benchmarks.enabling --blender blender-5.2 [--times N]

Time of the processor in the thread that enables, as others may work on the machine. Saved to benchmarks/results/.
"""

import argparse
import json
import os
import platform
import subprocess
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.engine import RESULTS
from build_steps import package

ROOT = Path(__file__).resolve().parent.parent
INSTALL = ROOT / "tests" / "blender" / "install.py"
CODE = """
import sys, time, bpy
began = time.thread_time()
bpy.ops.preferences.addon_enable(module="bl_ext.user_default.stylestrip")
spent = time.thread_time() - began
heavy = [name for name in ("torch", "cv2", "av") if name in sys.modules]
open({out!r}, "w").write(f"{{spent}} {{len(heavy)}} {{bpy.app.version_string}}")
"""


DISABLE = """
import bpy
bpy.ops.preferences.addon_disable(module="bl_ext.user_default.stylestrip")
bpy.ops.wm.save_userpref()
"""


def enable(blender: str, folder: Path, environment: dict[str, str]) -> tuple[float, str]:
    """(seconds, Blender's version) of one start. Raises RuntimeError if something heavy was loaded."""
    out = folder / "told.txt"
    command = [blender, "-b", "--python-expr", CODE.format(out=str(out))]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    spent, heavy, version = out.read_text().split(maxsplit=2)
    if int(heavy):
        raise RuntimeError("Enabling loads torch, OpenCV or PyAV into Blender.")
    return float(spent), version


def main() -> None:
    """Measures, and saves what was found."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--blender", default=os.environ.get("BLENDER", "blender"), help="the program")
    options.add_argument("--times", type=int, default=7, help="how many starts")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as home:
        folder, archive = Path(home), Path(home) / "stylestrip.zip"
        package.write_zip(archive, ROOT)
        own = os.environ | {"BLENDER_USER_RESOURCES": str(folder / "user")}
        plan = folder / "plan.json"
        plan.write_text(json.dumps({"zip": str(archive), "folder": str(folder), "result": str(folder / "result.json")}))
        subprocess.run([given.blender, "-b", "-P", INSTALL, "--", plan], env=own, check=True, capture_output=True)
        subprocess.run([given.blender, "-b", "--python-expr", DISABLE], env=own, check=True, capture_output=True)
        for compiled in (folder / "user").rglob("__pycache__"):
            for file in compiled.iterdir():
                file.unlink()
        found = [enable(given.blender, folder, own) for _ in range(given.times + 1)]
    (first, version), later = found[0], [spent for spent, _ in found[1:]]
    lines = [
        f"Blender {version}, {platform.machine()}, processor time to enable the extension, milliseconds",
        f"load of the machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        f"the first time, with compiling: {first * 1e3:.0f}",
        f"after that, median of {len(later)}: {median(later) * 1e3:.0f} (least {min(later) * 1e3:.0f})",
    ]
    (RESULTS / "enabling.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
