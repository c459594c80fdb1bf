"""python -m style_core mask: the mattes of an object, of all people or of all faces, one picture for each frame."""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .job import MatteJob, Output, Source, UserError, digest
from .options import INTERRUPTED, add_setting, frames, stop_on_request, whole_number
from .region import Keyframe, Region, least_sure
from .setting import convert

if TYPE_CHECKING:  # torch comes late
    from .cutting import Stroke


def add_mask(commands: "argparse._SubParsersAction") -> None:
    """The command and its options."""
    mask = commands.add_parser("mask", help="make the mattes of an object, of people or of faces, one for each frame")
    mask.add_argument("source", metavar="CLIP", help="a film, a picture or a folder of pictures")
    what = mask.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--rect",
        metavar="X,Y,W,H",
        type=rectangle,
        help="cut out what lies in this rectangle, in pixels from the upper left corner, and follow it",
    )
    what.add_argument(
        "--start",
        metavar="[N=]MASK",
        action="append",
        default=[],
        help="follow what is white in this picture, which belongs to frame N; may be repeated with other frames",
    )
    what.add_argument("--people", action="store_true", help="find all people")
    what.add_argument("--faces", action="store_true", help="find all faces")
    mask.add_argument("-o", "--output", required=True, metavar="FOLDER", help="where the mattes go, as NNNNNN.png")
    mask.add_argument(
        "--frame",
        metavar="N",
        type=whole_number,
        help="the frame of --rect or --start (default: the first of --frames)",
    )
    mask.add_argument(
        "--strokes",
        metavar="FILE.json",
        default="",
        help='correct the cut of --rect: a list of {"points": [[x, y], ...], "radius": 8, "keep": true}',
    )
    mask.add_argument("--frames", metavar="A-B", help="only these frames, counted from 1 (default: all)")
    add_setting(mask, Region, "refine", "--refine")
    add_setting(mask, Region, "network", "--people-network")
    add_setting(mask, Region, "network_weights", "--people-weights", metavar="FILE")
    add_setting(mask, MatteJob, "device", "--device")
    mask.add_argument(
        "--cache", default="", metavar="FOLDER", help="folder for what was found (default: the user's cache)"
    )
    mask.add_argument("--json", action="store_true", help="progress as one JSON object a line")
    mask.set_defaults(command=make_mask)


def rectangle(text: str) -> tuple[float, ...]:
    """Four numbers between commas; raises argparse's error if they are none."""
    try:
        x, y, width, height = map(float, text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no rectangle such as 40,30,200,120 (x,y,width,height)") from None
    return x, y, width, height


def make_mask(options: argparse.Namespace) -> int:
    """Makes the mattes with progress on the terminal; returns the exit code."""
    from .matting import make_mattes
    from .progress import shown
    from .sequence import Cancelled

    stopped = stop_on_request()
    job = described(options)
    job.require_inputs()
    with shown(options.json) as display:
        try:
            mattes = make_mattes(job, display.progress, stopped)
        except Cancelled:
            display.cancelled()
            return INTERRUPTED
        display.found(mattes, least_sure(mattes.confidence))
    return 0


def described(options: argparse.Namespace) -> MatteJob:
    """The job that the options describe; an object in a rectangle is cut out for it."""
    given = vars(options)
    if not options.rect and not options.start and options.frame is not None:
        raise UserError("--frame says in which frame the object of --rect or --start is: leave it out.")
    if options.strokes and not options.rect:
        raise UserError("--strokes corrects the cut of --rect: give that too.")
    first, last = frames(options.frames)
    source = Source(path=options.source, first=first, last=last)
    names = "refine", "network", "network_weights"
    settings = {name: given[f"region_{name}"] for name in names if f"region_{name}" in given}
    device = {"device": given["mattejob_device"]} if "mattejob_device" in given else {}
    kind = "people" if options.people else "faces" if options.faces else "object"
    job = MatteJob(source=source, output=Output(path=options.output, cache=options.cache), **device)
    frame = first if options.frame is None else options.frame
    keyframes = (cut_out(options, job, frame),) if options.rect else tuple(known(text, frame) for text in options.start)
    return replace(job, region=Region(matte=kind, keyframes=keyframes, **settings))


def known(text: str, frame: int) -> Keyframe:
    """A keyframe as --start describes it: MASK, or N=MASK for another frame than `frame`."""
    number, equals, path = text.partition("=")
    return Keyframe(int(number), path) if equals and number.isdecimal() else Keyframe(frame, text)


def cut_out(options: argparse.Namespace, job: MatteJob, frame: int) -> Keyframe:
    """The object in the rectangle of --rect, as --strokes corrects it, cut out and kept in the cache."""
    from .cache import cache_root
    from .cutting import Cut, Cutter
    from .regions.finding import FOLDER

    job.source.require_inputs()
    cut = Cut(source=job.source, frame=frame, rectangle=options.rect, strokes=strokes(options.strokes))
    made_from = digest([job.source.fingerprint_parts(), frame, options.rect, *map(asdict, cut.strokes)])
    matte = str(cache_root(job) / FOLDER / "cuts" / f"{made_from[:16]}.png")
    cutter = Cutter()
    if not cutter.cut(cut)["share"]:
        drawn = ",".join(f"{value:g}" for value in options.rect)
        raise UserError(
            f"Nothing was found in the rectangle {drawn}: draw it closer around the object, or use --strokes."
        )
    cutter.cut(replace(cut, matte=matte))
    return Keyframe(frame, matte)


def strokes(path: str) -> "tuple[Stroke, ...]":
    """The strokes in a file; none where no file is named. Raises UserError if it cannot be read."""
    from .cutting import Stroke

    if not path:
        return ()
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"The strokes '{path}' cannot be read ({error}): write a list of strokes as JSON.") from error
    return convert(tuple[Stroke, ...], found, path)
