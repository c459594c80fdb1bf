"""python -m style_core evaluate: how steady and how strongly a film is painted, whoever has painted it."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from .job import Job, Look, Motion, Source, UserError
from .looks import find_look
from .options import add_setting, frames
from .styles import find_style

if TYPE_CHECKING:  # torch comes late
    from .media.clip import Clip
    from .media.frame import Frame


def add_evaluate(commands: "argparse._SubParsersAction") -> None:
    """The command and its options."""
    evaluate = commands.add_parser("evaluate", help="measure how steady and how strongly a film is painted")
    evaluate.add_argument("painted", metavar="PAINTED", help="the painted film or folder")
    evaluate.add_argument("--source", required=True, metavar="CLIP", help="what it was painted from")
    evaluate.add_argument(
        "--frames",
        metavar="A-B",
        help="these frames of the source (default: those that name PAINTED's pictures, as in 000001.png, or all)",
    )
    evaluate.add_argument("--flow", default="", metavar="FOLDER", help="exact flow, as for --flow-path of 'video'")
    evaluate.add_argument("-s", "--style", action="append", default=[], metavar="PICTURE",
                          help="style picture: content and style losses are measured too")  # fmt: skip
    evaluate.add_argument("-l", "--look", metavar="NAME_OR_FILE", help="the look that it was painted in")
    evaluate.add_argument("-o", "--output", metavar="FILE.html", help="the page to write (default: beside PAINTED)")
    add_setting(evaluate, Motion, "cuts", "--cuts", metavar="auto|none|LIST")
    add_setting(evaluate, Job, "device", "--device")
    evaluate.add_argument("--json", action="store_true", help="the numbers on stdout as one JSON object")
    evaluate.set_defaults(command=measure_film)


def measure_film(options: argparse.Namespace) -> int:
    """Measures a painted film and writes the report."""
    from .engine.painter import Painter, choose_device, read_styles
    from .media.clip import open_clip
    from .motion.flows.files import own_numbers
    from .report.evaluation import default_output, evaluate
    from .report.page import write_report

    source, painted = open_clip(options.source), open_clip(options.painted)
    numbers = compared(options, source, painted)
    require_shape(options, source, painted)
    given = vars(options)
    flow = {"flow": "files", "flow_path": options.flow} if options.flow else {"flow": "dis-fast"}
    motion = Motion(**flow, **({"cuts": given["motion_cuts"]} if "motion_cuts" in given else {}))
    named = find_look(options.look).settings if options.look else {}
    look = Look(**named | ({"styles": tuple(map(find_style, options.style))} if options.style else {}))
    device = choose_device(given.get("job_device", Job().device))
    painter = Painter(look, read_styles(look), device, Job().precision) if look.styles else None

    def frame(number: int) -> "Frame":
        return painted.read(number - numbers.start + 1)

    def content(number: int) -> "Frame":
        return source.read(number).resized(*painted.size)

    report = evaluate(numbers, content, frame, motion, painter, own=own_numbers(source))
    path = Path(options.output) if options.output else default_output(Path(options.painted))
    write_report(report, path, f"{Path(options.painted).name}, painted from {Path(options.source).name}")
    if options.json:
        print(json.dumps(report.as_json()))
    else:
        for name, value in report.summary().items():
            print(f"{name:22} {'-' if value is None else format(value, '.4g')}")
        print(f"Report: {path}")
    return 0


def compared(options: argparse.Namespace, source: "Clip", painted: "Clip") -> range:
    """The frames of the source that the painted ones are compared with, one for each; raises UserError if that cannot
    be."""
    from .media.clip import frame_range

    first, last = frames(options.frames)
    numbers = frame_range(Source(path=options.source, first=first, last=last), source)
    if painted.count != len(numbers) and options.frames is None:
        numbers = named_numbers(Path(options.painted), source.count) or numbers
    if painted.count != len(numbers):
        raise UserError(
            f"'{options.painted}' has {painted.count} frames, but {len(numbers)} of '{options.source}' are compared "
            "with it: name the frames that it was painted from with --frames."
        )
    return numbers


def named_numbers(folder: Path, count: int) -> range | None:
    """The frames that all pictures of a folder are named by; None where they have other names, or a source of so many
    frames has none of these numbers. Raises UserError if one is missing between others."""
    from .regions.matte import named_frames

    named = named_frames(folder)
    if not named or named[0] < 1 or named[-1] > count:
        return None
    numbers = range(named[0], named[-1] + 1)
    missing = sorted({*numbers} - {*named})
    if missing:
        raise UserError(
            f"'{folder}' has frames {named[0]}-{named[-1]}, but not frame {missing[0]}: paint what is missing between "
            "them, or move the others away."
        )
    return numbers


def require_shape(options: argparse.Namespace, source: "Clip", painted: "Clip") -> None:
    """Raises UserError if the painted frames are of another shape than the source's."""
    from .media.frame import is_of_shape

    (width, height), (wide, high) = source.size, painted.size
    if not is_of_shape(painted.size, source.size):
        raise UserError(
            f"'{options.painted}' has {wide} x {high} pixels, '{options.source}' {width} x {height}, which is another "
            "shape: name the film that it was painted from with --source."
        )
