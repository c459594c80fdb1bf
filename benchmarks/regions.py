"""How well mattes follow an object: mean region similarity J, clip by clip, from a rectangle and from a true mask.

    .envs/runtime/bin/python -m benchmarks.regions --data FOLDER [--clips NAME ...] [--frames N] [--sheets FOLDER]

J is the intersection of a matte and the true mask over their union, a mean over the first frames, that which is given
among them (Perazzi et al. 2016); a frame in which both are empty counts as 1. Given are the box of the first frame's
true mask, grown by 3 pixels, that mask itself, or the true masks of the first and of the last frame; of the last, only
the frames between them are counted. `region_clips.py` tells of the clips. Beside it stand how many frames a second are
followed from one keyframe, how sure the tracker was (its correlation with J), and how long a cut takes at 1920 x 1080.
"""

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.engine import RESULTS, device_name
from benchmarks.region_clips import CLIPS, FRAMES, Footage
from style_core.regions.following import Followed, follow
from style_core.regions.grabcut import Cutout

# How far the box is grown, in pixels. The clips that were filmed as they are.
GROWN = 3
FILMED = ("car-shadow", "dance-twirl")
# The size at which cuts are timed, and the frames that a sheet shows.
LARGE, SHOWN = (1920, 1080), (1, 10, 25, FRAMES)


def likeness(matte: np.ndarray, mask: np.ndarray) -> float:
    """J of a matte (H, W) uint8 and a true mask (H, W) bool."""
    inside = matte > 127
    union = np.count_nonzero(inside | mask)
    return float(np.count_nonzero(inside & mask) / union) if union else 1.0


def box_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    """The box of a mask, grown: x, y, width and height."""
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return x - GROWN, y - GROWN, width + 2 * GROWN, height + 2 * GROWN


def cut(rgb: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The matte of what lies in the box of a mask."""
    cutout = Cutout(rgb)
    cutout.draw_rectangle(box_of(mask))
    return cutout.matte()


def followed(footage: Footage, keyframes: Mapping[int, np.ndarray]) -> tuple[list[Followed], float]:
    """The object in all frames, and how many were followed in a second."""
    since = time.perf_counter()
    found = list(follow(lambda number: footage.frames[number - 1], range(1, len(footage.frames) + 1), keyframes))
    return found, (len(found) - len(keyframes)) / (time.perf_counter() - since)


def measured(name: str, footage: Footage, sheets: Path | None) -> dict:
    """One row of the table."""
    truth = [mask.astype(np.uint8) * 255 for mask in footage.masks]
    first, last = cut(footage.frames[0], footage.masks[0]), len(truth)
    runs = {"rectangle": {1: first}, "mask": {1: truth[0]}, "two masks": {1: truth[0], last: truth[-1]}}
    row: dict = {"clip": name, "frames": last, "cut": likeness(first, footage.masks[0])}
    for run, keyframes in runs.items():
        found, speed = followed(footage, keyframes)
        each = [likeness(one.matte, mask) for one, mask in zip(found, footage.masks, strict=True)]
        row[run] = float(np.mean(each[1:-1] if run == "two masks" else each))
        row[f"{run}: last"] = each[-1]
        if run == "mask":
            row["frames a second"] = speed
            row["sure"] = float(np.corrcoef(each[1:], [one.confidence for one in found[1:]])[0, 1])
        if sheets:
            write_sheet(sheets / f"{name}-{run.replace(' ', '-')}.png", footage, found)
    return row


def write_sheet(path: Path, footage: Footage, found: list[Followed]) -> None:
    """Some frames with what was found in full light, its outline in green and the true one in red."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = []
    for number in sorted({min(one, len(found)) for one in SHOWN}):
        rgb, matte = footage.frames[number - 1], found[number - 1].matte
        lit = (rgb * (0.35 + 0.65 / 255 * matte[..., None])).astype(np.uint8)
        for mask, colour in ((matte > 127, (0, 255, 0)), (footage.masks[number - 1], (255, 0, 0))):
            outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
            cv2.drawContours(lit, outlines, -1, colour, 1)
        shown.append(lit)
    shown += [np.zeros_like(shown[0])] * (len(shown) % 2)
    rows = [np.hstack(shown[at : at + 2]) for at in range(0, len(shown), 2)]
    cv2.imwrite(str(path), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))


def seconds_of_a_cut(footage: Footage) -> dict[str, float]:
    """How long the first cut of a large picture takes, and one more stroke after it; the median of five strokes."""
    rgb = cv2.resize(footage.frames[0], LARGE, interpolation=cv2.INTER_CUBIC)
    mask = cv2.resize(footage.masks[0].astype(np.uint8), LARGE, interpolation=cv2.INTER_NEAREST) > 0
    since = time.perf_counter()
    cutout = Cutout(rgb)
    cutout.draw_rectangle(box_of(mask))
    cutout.matte()
    first, strokes = time.perf_counter() - since, []
    x, y, width, height = box_of(mask)
    for number in range(5):
        cutout.draw_stroke(((x + width * (0.3 + 0.1 * number), y + height / 2),), 12.0, number % 2 == 0)
        since = time.perf_counter()
        cutout.matte()
        strokes.append(time.perf_counter() - since)
    return {"rectangle": first, "stroke": float(np.median(strokes))}


def mean(rows: list[dict], key: str) -> float:
    """Of one column."""
    return float(np.mean([row[key] for row in rows]))


COLUMNS = ("cut", "rectangle", "rectangle: last", "mask", "mask: last", "two masks", "sure")


def table_of(rows: list[dict]) -> Table:
    """J of all clips, and their means."""
    table = Table("clip", "frames", *COLUMNS, "frames a second", title="J, from what is given in the first frame")
    groups = {"mean of those filmed": [row for row in rows if row["clip"] in FILMED], "mean of all": rows}
    means = [
        {"clip": name, "frames": ""} | {key: mean(group, key) for key in (*COLUMNS, "frames a second")}
        for name, group in groups.items()
        if group
    ]
    for row in (*rows, *means):
        values = (f"{row[key]:.3f}" for key in COLUMNS)
        table.add_row(row["clip"], str(row["frames"]), *values, f"{row['frames a second']:.1f}")
    return table


def main() -> None:
    """Prints the table and writes it to `results`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the test data")
    parser.add_argument("--clips", nargs="+", choices=CLIPS, default=list(CLIPS), help="only these; nothing is written")
    parser.add_argument("--frames", type=int, default=FRAMES, help="of each clip, at most")
    parser.add_argument("--sheets", type=Path, help="a folder for pictures of what was found")
    given = parser.parse_args()
    console, rows = Console(width=140), []
    for name in given.clips:
        whole = CLIPS[name](given.data)
        footage = Footage(whole.frames[: given.frames], whole.masks[: given.frames])
        rows.append(measured(name, footage, given.sheets))
        console.print({key: round(value, 3) if isinstance(value, float) else value for key, value in rows[-1].items()})
    cuts = seconds_of_a_cut(CLIPS[FILMED[0]](given.data))
    size = " x ".join(map(str, LARGE))
    said = f"At {size} the first cut takes {cuts['rectangle']:.2f} s, one more stroke {cuts['stroke']:.2f} s."
    console.print(table_of(rows), said)
    if len(rows) == len(CLIPS) and given.frames >= FRAMES:
        results = {"device": device_name("cpu"), "rows": rows, "seconds of a cut": cuts}
        (RESULTS / "regions.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
        with (RESULTS / "regions.txt").open("w", encoding="utf-8") as text:
            Console(file=text, width=140).print(table_of(rows), said)


if __name__ == "__main__":
    main()
