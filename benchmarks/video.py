"""How steady painted films are, by exact flow: frames by themselves, carried paint, and paint that is held.

    .envs/runtime/bin/python -m benchmarks.video CLIPS --style PICTURE [--sintel FOLDER] [--frames N] [--clips NAME ...]
        [--large CLIPS]

CLIPS is what `benchmarks.clips` has rendered. Independent frames begin from noise, as in the paper; others begin from
the film without any paint, as Stylestrip's own do where none is carried. The error is that of Ruder et al. 2016 for a
short term: the mean over all pixels and channels of c (x - w)^2, in 0..1, where w is the painted frame before, moved
along the exact flow, and c is 0 where something came into sight. Beside it: how well the occlusions are found with
estimated flow at the clip's own size, or that of --large, where thin lines have pixels (F1; in the last line, of all
clips together), and how long a frame after the first takes beside it. Saved to benchmarks/results/.
"""

import argparse
import json
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from benchmarks.engine import RESULTS, device_name
from style_core.job import PAINTER_VERSION, Job, Look, Motion, Output, Source
from style_core.media.pictures import read_picture
from style_core.motion.consistency import sight, visible
from style_core.motion.flow import Flows
from style_core.motion.flows import Shot, flow_method
from style_core.motion.warp import grid, inside, warp
from style_core.sequence import Progress, paint_job

# As others have published them: every frame is painted until it has settled.
ALL_STEPS = {"tolerance": 0.0, "steps": 60}
MODES: dict[str, tuple[dict, dict]] = {
    "independent": ({"start": "random"}, {"carry": "none"}),
    "from the film": ({}, {"carry": "none"}),
    "previous": ({}, {"carry": "previous"} | ALL_STEPS),
    "warped": ({}, {"temporal": 0.0} | ALL_STEPS),
    "warped, held": ({}, ALL_STEPS),
    "as delivered": ({}, {}),
}


class Truth:
    """The frames of a clip, its exact flow backwards and what came into sight."""

    def __init__(self, folder: Path, count: int) -> None:
        files = sorted((folder / "frames").glob("*.png")) or sorted((folder / "final").glob("*.png"))
        self.files = files[:count]
        self.hidden = {int(file.stem): file for file in sorted((folder / "occlusion").glob("*.png"))}
        self.flow = flow_method(Motion(flow="files", flow_path=str(folder / "flow")), torch.device("cpu"))

    def backward(self, number: int, like: np.ndarray) -> np.ndarray:
        """Flow from frame `number` to the one before."""
        return self.flow(Shot(number, like), Shot(number - 1, like))

    def in_sight(self, number: int, like: np.ndarray) -> np.ndarray:
        """Where frame `number` shows what the one before did, (H, W) bool: as given, or as the flow itself tells."""
        back = self.backward(number, like)
        if number in self.hidden:
            hidden = cv2.imread(str(self.hidden[number]), cv2.IMREAD_GRAYSCALE)
            hidden = cv2.resize(hidden, like.shape[1::-1], interpolation=cv2.INTER_NEAREST)
            return (hidden == 0) & inside(grid(back) + back)
        return visible(self.flow(Shot(number - 1, like), Shot(number, like)), back) > 0.5


def paint(truth: Truth, style: Path, size: int, mode: str, folder: Path) -> tuple[list[np.ndarray], list[float]]:
    """The painted frames in one of the modes, and the seconds that each took."""
    look, motion = MODES[mode]
    job = Job(
        source=Source(path=str(truth.files[0].parent), files=tuple(file.name for file in truth.files)),
        look=Look(styles=(str(style),), **look),
        motion=Motion(**motion),
        output=Output(size=size, cache=str(folder)),
    )
    times = [time.perf_counter()]

    def tell(progress: Progress) -> None:
        if progress.finished:
            times.append(time.perf_counter())

    files = paint_job(job, tell).files
    return [read_picture(file).rgb for file in files], np.diff(times).tolist()


def error(truth: Truth, painted: list[np.ndarray]) -> float:
    """Mean over the pairs of the error of Ruder et al. for a short term."""
    found = []
    for number, (before, now) in enumerate(pairwise(painted), 2):
        moved = warp(before.astype(np.float32), truth.backward(number, now)).clip(0, 255)
        difference = np.square((now - moved) / 255) * truth.in_sight(number, now)[..., None]
        found.append(float(difference.mean()))
    return float(np.mean(found))


def occlusions(truth: Truth) -> tuple[int, int, int] | None:
    """Pixels that have come into sight and were found to, with the flow of a job; that were found to; and that have."""
    if not truth.hidden:
        return None
    flows, right, found, true = Flows(Motion(), torch.device("cpu")), 0, 0, 0
    shots = [Shot(number, read_picture(file).rgb) for number, file in enumerate(truth.files, 1)]
    for before, now in pairwise(shots):
        if now.number in truth.hidden:
            guess = sight(*flows.between(before, now), before.rgb, now.rgb).seen < 0.5
            hidden = cv2.imread(str(truth.hidden[now.number]), cv2.IMREAD_GRAYSCALE) > 127
            right, found, true = right + (guess & hidden).sum(), found + guess.sum(), true + hidden.sum()
    flows.close()
    return int(right), int(found), int(true)


def score(*counts: tuple[int, int, int]) -> float:
    """F1 of the occlusions of some clips."""
    right, found, true = (sum(each) for each in zip(*counts, strict=True))
    return 2 * right / max(1, found + true)


def measured(name: str, truth: Truth, options: argparse.Namespace, console: Console) -> dict:
    """One row of the table."""
    large = options.large and options.large / name
    seen = Truth(large, options.frames) if large and large.is_dir() else truth
    row: dict = {"clip": name, "frames": len(truth.files), "occlusions": occlusions(seen)}
    with tempfile.TemporaryDirectory() as folder:
        for mode in MODES:
            painted, times = paint(truth, options.style, options.size, mode, Path(folder))
            row[mode] = error(truth, painted)
            row[f"{mode}: following beside first"] = float(np.mean(times[1:]) / times[0])
            console.print(name, mode, f"{row[mode]:.6f}", [round(t, 1) for t in times])
    return row


def table_of(rows: list[dict]) -> Table:
    """The errors, with what they are beside independent frames and beside warped starts."""
    table = Table("clip", *MODES, "held : independent", "held : warped", "F1", "following : first", title="Error")
    means = {mode: float(np.mean([row[mode] for row in rows])) for mode in MODES}
    known = [row["occlusions"] for row in rows if row["occlusions"]]
    for row in (*rows, {"clip": "mean", "occlusions": None, **means}):
        held, own = row["warped, held"], known if row["clip"] == "mean" else [row["occlusions"]]
        found = f"{score(*own):.2f}" if own and own[0] else "-"
        ratio = row.get("as delivered: following beside first")
        table.add_row(row["clip"], *(f"{row[mode]:.5f}" for mode in MODES), f"1 : {row['independent'] / held:.0f}",
                      f"1 : {row['warped'] / held:.1f}", found, "-" if ratio is None else f"{ratio:.2f}")  # fmt: skip
    return table


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("clips", type=Path)
    options.add_argument("--sintel", type=Path, help="folder of an MPI-Sintel clip with its flow")
    options.add_argument("--style", type=Path, required=True)
    options.add_argument("--frames", type=int, default=6)
    options.add_argument("--size", type=int, default=256)
    options.add_argument("--clips", dest="names", nargs="*", help="only these")
    options.add_argument("--large", type=Path, help="the same clips, larger, for the occlusions alone")
    given = options.parse_args()
    console = Console(width=180)
    folders = {folder.name: folder for folder in sorted(given.clips.iterdir()) if folder.is_dir()}
    folders |= {given.sintel.name: given.sintel} if given.sintel else {}
    rows = [
        measured(name, Truth(folder, given.frames), given, console)
        for name, folder in folders.items()
        if not given.names or name in given.names
    ]
    device = device_name("cuda" if torch.cuda.is_available() else "cpu")
    made = f"{given.frames} frames of each at {given.size} pixels, painter {PAINTER_VERSION}, {device}"
    console.print(table_of(rows), made)
    results = {"device": device, "painter": PAINTER_VERSION, "rows": rows}
    (RESULTS / "video.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    with (RESULTS / "video.txt").open("w", encoding="utf-8") as text:
        Console(file=text, width=180).print(table_of(rows), made)


if __name__ == "__main__":
    main()
