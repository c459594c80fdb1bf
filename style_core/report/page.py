"""The report as one page that needs nothing else."""

import base64
import html
import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ..whole import write_bytes
from .evaluation import Report

# (name in the summary, title, what it means).
ROWS = (
    ("warp_error_ruder", "Warping error (Ruder et al.)",
     "How much paint changes where the film has not: mean square over all pixels, 0 to 1. Below 0.001 is steady."),
    ("warp_error_lai", "Warping error (Lai et al.)",
     "The same as a mean over the pixels that were in sight."),
    ("e_stab", "Stability (e_stab)", "The root of the first. Frames painted each by itself come to about 0.3."),
    ("static_flicker", "Flicker of what stands still",
     "Standard deviation over time, in steps of 255, after the first second. Below 1 nothing is seen."),
    ("drift", "Drift of colour", "The farthest that the mean colour went from the shot's first frame (L*a*b*), beyond "
     "what the film did. Below 2 nothing is seen."),
    ("content_loss", "Content loss", "How far shapes are from the film's."),
    ("style_loss", "Style loss", "How far strokes and colours are from the painting's."),
    ("style_last_to_first", "Style at the end beside the beginning",
     "1 is as strong as at first; far above 1 the style fades."),
    ("style_worst_to_first", "Style at its weakest beside the beginning",
     "The same where it is farthest from the painting."),
)  # fmt: skip
PLOTS = (
    ("ruder", "Warping error (Ruder et al.)"),
    ("flicker", "Flicker of what stands still, of 255"),
    ("drift", "Drift of the mean colour, L*a*b*"),
    ("content_loss", "Content loss"),
    ("style_loss", "Style loss"),
)
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 150, 70, 22
THUMBNAIL = 240
STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse } td, th { padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; font-weight: 600 }
td.about { opacity: .75 } svg { width: 100%; height: auto } svg text { font-size: 11px; fill: currentColor }
.line { fill: none; stroke: #2f7de1; stroke-width: 1.5 } .dot { fill: #2f7de1 }
.axis { stroke: currentColor; opacity: .35 } .cut { stroke: #d9822b; stroke-dasharray: 3 3 } img { max-width: 100% }
"""


def write_report(report: Report, path: Path, title: str) -> None:
    """Writes the page to `path`, and its numbers as JSON beside it; raises UserError if that cannot be done."""
    write_bytes(path.with_suffix(".json"), json.dumps(report.as_json(), indent=1).encode())
    write_bytes(path, page(report, title).encode())


def is_about(path: Path, numbers: range) -> bool:
    """Whether there is a report at `path`, and on these frames."""
    try:
        known = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return path.is_file() and [frame["number"] for frame in known["frames"]] == list(numbers)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def page(report: Report, title: str) -> str:
    """The whole page."""
    summary, name = report.summary(), html.escape(title)
    rows = "".join(
        f'<tr><td>{label}</td><td class="number">{shown(summary[key])}</td><td class="about">{about}</td></tr>'
        for key, label, about in ROWS
    )
    plots = "".join(f"<h3>{label}</h3>{plot(report, key)}" for key, label in PLOTS if report.values(key))
    cuts = [str(frame.number) for frame in report.frames[1:] if frame.begins_shot]
    shots = f"Shots begin at {', '.join(cuts)} (dashed)." if cuts else "One shot."
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{name}</title>'
    return (
        f'<!doctype html><html lang="en"><head>{head}<style>{STYLE}</style></head><body><h1>{name}</h1>'
        f"<p>{len(report.frames)} frames, measured at {report.size[0]} x {report.size[1]} pixels. {shots}</p>"
        f"<table>{rows}</table><h2>Frame by frame</h2>{plots}<h2>Frames</h2>{sheet(report)}</body></html>"
    )


def shown(value: float | None) -> str:
    """A number with three digits that count."""
    return "-" if value is None else f"{value:.3g}"


def plot(report: Report, name: str) -> str:
    """A line over the frames, as SVG."""
    points = [(frame.number, getattr(frame, name)) for frame in report.frames if getattr(frame, name) is not None]
    first, last = report.frames[0].number, report.frames[-1].number
    top = max(value for _, value in points) or 1.0

    def x(number: int) -> float:
        return LEFT + (number - first) / max(1, last - first) * (WIDTH - LEFT - 10)

    def y(value: float) -> float:
        return (HEIGHT - BOTTOM) - value / top * (HEIGHT - BOTTOM - 12)

    line = " ".join(f"{x(number):.1f},{y(value):.1f}" for number, value in points)
    dots = "".join(
        f'<circle class="dot" cx="{x(n):.1f}" cy="{y(v):.1f}" r="2"/>' for n, v in points if len(points) < 40
    )
    cuts = "".join(
        f'<line class="cut" x1="{x(f.number):.1f}" x2="{x(f.number):.1f}" y1="8" y2="{y(0)}"/>'
        for f in report.frames[1:] if f.begins_shot
    )  # fmt: skip
    axes = (
        f'<line class="axis" x1="{LEFT}" x2="{WIDTH - 10}" y1="{y(0)}" y2="{y(0)}"/>'
        f'<text x="{LEFT - 6}" y="{y(top) + 4}" text-anchor="end">{top:.3g}</text>'
        f'<text x="{LEFT - 6}" y="{y(0) + 4}" text-anchor="end">0</text>'
        f'<text x="{LEFT}" y="{HEIGHT - 6}">{first}</text>'
        f'<text x="{WIDTH - 10}" y="{HEIGHT - 6}" text-anchor="end">{last}</text>'
    )
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}">{axes}{cuts}<polyline class="line" points="{line}"/>{dots}</svg>'


def sheet(report: Report) -> str:
    """Source above painted, as a picture inside the page."""
    columns = [np.vstack([thumbnail(source), thumbnail(paint)]) for _, source, paint in report.pictures]
    rows = [columns[i : i + 4] for i in range(0, len(columns), 4)]
    blank = np.zeros_like(columns[0])
    whole = np.vstack([np.hstack([*row, *[blank] * (min(4, len(columns)) - len(row))]) for row in rows])
    words = f"{numbers(report.pictures)}: the film's above, painted below."
    return f'<p>{words}</p><img alt="{words}" src="data:image/jpeg;base64,{encoded(whole)}">'


def numbers(pictures: Sequence[tuple[int, np.ndarray, np.ndarray]]) -> str:
    """Which frames are shown."""
    return "Frames " + ", ".join(str(number) for number, _, _ in pictures)


def thumbnail(picture: np.ndarray) -> np.ndarray:
    """(H, W, 3) with a width of THUMBNAIL pixels."""
    height = round(picture.shape[0] * THUMBNAIL / picture.shape[1])
    return cv2.resize(picture, (THUMBNAIL, height), interpolation=cv2.INTER_AREA)


def encoded(picture: np.ndarray) -> str:
    """(H, W, 3) uint8 RGB as JPEG in base64."""
    done, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])
    assert done, "JPEG takes every picture of 8 bits"
    return base64.b64encode(data.tobytes()).decode("ascii")
