"""A film of what settings of movement, regions and quality change; run by the runtime's Python.

    .envs/runtime/bin/python -m build_steps.settings_film OUTPUT.webp --clip CLIP [--frame 1] [--count 6] [--size 160]

Each setting is shown at a low and at a high value, all else as usual, on the same frames of a film with a person.
"""

import argparse
import tempfile
from dataclasses import fields, replace
from functools import cache
from pathlib import Path

import numpy as np
from rich.progress import track

from style_core.job import Job, Look, Motion, Output, Source
from style_core.media.frame import Frame
from style_core.media.pictures import read_picture
from style_core.region import Region
from style_core.sequence import paint_job
from style_core.styles import find_style

from .excerpt import cut_out
from .looks_sheet import GAP, header
from .steady_film import write_webp

STYLE, OTHER_STYLE, PAIRS, QUALITY = "oil-swirl", "ink-wash", 2, 60
PEOPLE = Region(matte="people")
PEOPLE_PLAIN = Region(matte="people", look=Look(styles=(find_style(OTHER_STYLE),)))
# The part of a job, the setting, its low and its high value, and the region that it is seen in, if any.
SHOWN: tuple[tuple[str, str, object, object, Region | None], ...] = (
    ("motion", "carry", "none", "warped", None),
    ("motion", "denoise", 0.0, 1.0, None),
    ("output", "size", 96, 160, None),
    ("job", "mix", 0.3, 1.0, None),
    ("region", "feather", 1.0, 24.0, PEOPLE),
    ("region", "strength", 0.3, 1.0, PEOPLE),
    ("region", "invert", False, True, PEOPLE),
    ("region", "guide", "gram", "gradient", PEOPLE),
    ("job", "rest", False, True, PEOPLE_PLAIN),
)
# What no two small pictures tell apart, and why.
NOT_SHOWN = {
    "style_shares": "mixes several pictures",
    "content_layer_weights": "is to the layers what their choice is",
    "style_layer_weights": "is to the layers what their choice is",
    "noise_mean": "is the brightness of noise that is painted over",
    "temporal": "is seen over seconds, where a film has grain",
    "steps": "is seen in a long and lively film",
    "refine": "is seen in single hairs of a large film",
    "tolerance": "ends earlier where nothing more would be seen",
    "long_term": "is seen where something comes back from behind another",
    "passes": "is seen in the first frames of a film that ends as it began",
    "cuts": "is seen where a shot ends",
    "flow": "is seen where fine things move fast",
    "flow_size": "is seen where fine things move fast",
    "flow_path": "is a folder",
    "flow_weights": "is a file",
    "depth": "is finer than a screen",
    "full_size": "is the size of what is not painted",
    "report": "is a page beside the frames",
    "device": "is where it is computed",
    "precision": "looks the same",
    "matte": "is on the page of regions",
    "known_by": "is on the page of regions",
    "pass_index": "is a number of a render",
    "network": "needs weights that do not come along",
    "network_weights": "is a file",
}
PARTS = {"motion": Motion, "output": Output, "job": Job, "region": Region}
LABELS = {(part, spec.name): spec.metadata.get("label", "") for part, kind in PARTS.items() for spec in fields(kind)}


def job_with(job: Job, part: str, name: str, value: object, region: Region | None) -> Job:
    """The job with one of its settings changed."""
    if part == "region":
        return replace(job, regions=(replace(region, **{name: value}),))
    job = replace(job, regions=(region,) if region else ())
    if part == "job":
        return replace(job, **{name: value})
    return replace(job, **{part: replace(getattr(job, part), **{name: value})})


@cache
def painted(job: Job, size: tuple[int, int]) -> list[np.ndarray]:
    """The frames of a job, (H, W, 3) uint8, brought to a width and height."""
    files = paint_job(job, lambda progress: None).files
    return [Frame(read_picture(file).rgb).resized(*size).rgb for file in files]


def pair(job: Job, size: tuple[int, int], shown: tuple[str, str, object, object, Region | None]) -> list[np.ndarray]:
    """The frames of a setting's two values, side by side under its name."""
    part, name, *values, region = shown
    head = header([f"{LABELS[part, name]}: {said(value)}" for value in values], size[0])
    films = [painted(job_with(job, part, name, value, region), size) for value in values]
    room = ((0, GAP), (0, GAP), (0, 0))
    lines = [[np.pad(one, room, constant_values=255) for one in both] for both in zip(*films, strict=True)]
    return [np.vstack([head, np.hstack(line)]) for line in lines]


def said(value: object) -> str:
    """A value as the panel shows it."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("output", type=Path)
    options.add_argument("--clip", required=True)
    options.add_argument("--frame", type=int, default=1)
    options.add_argument("--count", type=int, default=6)
    options.add_argument("--size", type=int, default=160)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as home:
        numbers, folder = range(given.frame, given.frame + given.count), Path(home) / "frames"
        source = cut_out(given.clip, numbers, given.size, folder)
        job = Job(
            source=Source(path=str(folder), files=tuple(file.name for file in sorted(folder.iterdir()))),
            look=Look(styles=(find_style(STYLE),)),
            output=Output(size=0, cache=f"{home}/cache", report=False),
        )
        size = (source[0].shape[1], source[0].shape[0])
        cells = [pair(job, size, shown) for shown in track(SHOWN, "Painting")]
    film = []
    for frames in zip(*cells, strict=True):
        # An odd one stands beside nothing.
        frames += (np.full_like(frames[0], 255),) * (-len(frames) % PAIRS)
        padded = [np.pad(cell, ((0, 2 * GAP), (0, 3 * GAP), (0, 0)), constant_values=255) for cell in frames]
        rows = [np.hstack(padded[begin : begin + PAIRS]) for begin in range(0, len(padded), PAIRS)]
        whole = np.vstack(rows)
        film.append(whole[: whole.shape[0] // 2 * 2, : whole.shape[1] // 2 * 2])
    write_webp(film, given.output, QUALITY)


if __name__ == "__main__":
    main()
