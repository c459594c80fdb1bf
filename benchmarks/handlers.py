"""What the add-on costs each frame of a render that has no Neural Style node, in the real Blender.

    .envs/runtime/bin/python -m benchmarks.handlers --blender blender-5.2

A scene with a hundred other nodes in its compositor; all that Blender calls of the add-on for a frame, with ten
messages of progress. Saved to benchmarks/results/.
"""

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks.engine import RESULTS
from benchmarks.pauses import QUICK, SCRIPTS, blocks, call, installed
from style_core.media.pictures import write_pixels


def main() -> None:
    """Measures, and saves what was found."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--blender", default=os.environ.get("BLENDER", "blender"), help="the program")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as home:
        folder, environment = Path(home), installed(given.blender, home)
        for name, size in (("style.png", (64, 64)), ("p0001.png", (96, 64))):
            write_pixels(folder / name, blocks(size, 1))
        plan = {"case": "unslowed", "frames": 1, "kind": "pictures", "film": str(folder / "p0001.png"), "folder": home}
        settings = QUICK | {"style": str(folder / "style.png")}
        command = [given.blender, "-b", "-P", str(SCRIPTS / "node.py")]
        told = call(command, plan | {"settings": settings}, environment)
    rounds = sorted(1e3 * seconds for seconds in told["seconds"])
    lines = [
        "Milliseconds a frame that the add-on takes of a render without its node, means over 1000 frames",
        f"load of the machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        f"five rounds: {', '.join(f'{one:.3f}' for one in rounds)}",
    ]
    (RESULTS / "handlers.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
