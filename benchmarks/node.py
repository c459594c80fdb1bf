"""How steady a baked node is: by the motion that Blender knows, and by motion that is looked for in the frames.

    .envs/runtime/bin/python -m benchmarks.node CLIPS --style PICTURE [--size N] [--clips NAME ...]

CLIPS is what `benchmarks.node_clips` has rendered. The error is that of `benchmarks.video`, by flow that is more exact
than what either knows. Saved to benchmarks/results/.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from benchmarks.engine import RESULTS, device_name
from benchmarks.video import Truth, error
from style_core.job import Job, Look, Motion, Output, Source
from style_core.media.pictures import read_picture
from style_core.sequence import paint_job

WAYS = ("dis-fine", "vector pass")


def painted(clip: Path, style: Path, size: int, way: str) -> list[np.ndarray]:
    """The frames of a bake, painted with motion from one of WAYS."""
    baked = clip / "baked"
    files = tuple(sorted(file.name for file in baked.glob("[0-9]*.exr")))
    motion = Motion(flow="files", flow_path=str(baked / "vectors")) if way == "vector pass" else Motion(flow=way)
    with tempfile.TemporaryDirectory() as cache:
        job = Job(
            source=Source(str(baked), files),
            look=Look(styles=(str(style),)),
            motion=motion,
            output=Output(size=size, cache=cache),
        )
        return [read_picture(file).rgb for file in paint_job(job, lambda progress: None).files]


def table_of(rows: list[dict]) -> Table:
    """The errors side by side."""
    table = Table("clip", "frames", *WAYS, "vector pass : dis-fine", title="Error")
    mean = {way: float(np.mean([row[way] for row in rows])) for way in WAYS}
    for row in (*rows, {"clip": "mean", "frames": "", **mean}):
        estimated, exact = (row[way] for way in WAYS)
        table.add_row(row["clip"], str(row["frames"]), f"{estimated:.6f}", f"{exact:.6f}", f"{exact / estimated:.2f}")
    return table


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("clips", type=Path)
    options.add_argument("--style", type=Path, required=True)
    options.add_argument("--size", type=int, default=192)
    options.add_argument("--clips", dest="names", nargs="*", help="only these")
    given = options.parse_args()
    console, rows = Console(width=120), []
    for clip in sorted(folder for folder in given.clips.iterdir() if (folder / "baked").is_dir()):
        if given.names and clip.name not in given.names:
            continue
        frames = len(list((clip / "baked").glob("[0-9]*.exr")))
        truth, row = Truth(clip, frames), {"clip": clip.name, "frames": frames}
        for way in WAYS:
            row[way] = error(truth, painted(clip, given.style, given.size, way))
            console.print(clip.name, way, f"{row[way]:.6f}")
        rows.append(row)
    console.print(table_of(rows))
    results = {"device": device_name("cuda" if torch.cuda.is_available() else "cpu"), "rows": rows}
    (RESULTS / "node.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    with (RESULTS / "node.txt").open("w", encoding="utf-8") as text:
        Console(file=text, width=120).print(table_of(rows))


if __name__ == "__main__":
    main()
