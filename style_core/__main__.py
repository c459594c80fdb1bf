"""The command line: python -m style_core image | video | mask | evaluate | run | fetch | looks | serve | doctor."""

import argparse
import dataclasses
import json
import os
import sys
from pathlib import Path

from .doctor import why_incomplete
from .job import FLOWS, Job, Look, Motion, Source, UserError
from .looks import find_look, presets
from .mask_command import add_mask
from .options import INTERRUPTED, WRONG_INPUT, OneSentence, add_setting, frames, stop_on_request
from .paint_options import BEGINNINGS, add_look, add_motion, described
from .region import PEOPLE_NETWORKS


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    # Threads that wait shall sleep: waiting awake, they take the processor from Blender and from a second job, and each
    # of two jobs becomes ten times slower. Read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    options = parser().parse_args(arguments)
    try:
        return options.command(options)
    except UserError as error:
        return fail(options, str(error))
    except ImportError as error:
        return fail(options, why_incomplete(error))


def fail(options: argparse.Namespace, sentence: str) -> int:
    """Says what is wrong on stderr, and for machines on stdout."""
    if getattr(options, "json", False):
        print(json.dumps({"type": "error", "message": sentence}), flush=True)
    print(f"stylestrip: {sentence}", file=sys.stderr)
    return WRONG_INPUT


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = OneSentence(prog="style_core", description="Paints pictures and films in the style of a picture.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    image = commands.add_parser("image", help="paint one picture")
    image.add_argument("source", metavar="CONTENT", help="the picture to paint")
    add_look(image)
    image.add_argument("--init", choices=BEGINNINGS[:2], help="begin from noise, or from the picture itself (default)")
    image.set_defaults(command=paint_image)

    video = commands.add_parser("video", help="paint a film or a folder of pictures")
    video.add_argument("source", metavar="CLIP", help="a film or a folder of pictures")
    add_look(video)
    add_motion(video)
    video.set_defaults(command=paint_video)

    add_mask(commands)

    evaluate = commands.add_parser("evaluate", help="measure how steady and how strongly a film is painted")
    evaluate.add_argument("painted", metavar="PAINTED", help="the painted film or folder")
    evaluate.add_argument("--source", required=True, metavar="CLIP", help="what it was painted from")
    evaluate.add_argument("--frames", metavar="A-B", help="these frames of the source (default: all)")
    evaluate.add_argument("--flow", default="", metavar="FOLDER", help="exact flow, as for --flow-path of 'video'")
    evaluate.add_argument("-s", "--style", action="append", default=[], metavar="PICTURE",
                          help="style picture: content and style losses are measured too")  # fmt: skip
    evaluate.add_argument("-l", "--look", metavar="NAME_OR_FILE", help="the look that it was painted in")
    evaluate.add_argument("-o", "--output", metavar="FILE.html", help="the page to write (default: beside PAINTED)")
    add_setting(evaluate, Motion, "cuts", "--cuts", metavar="auto|none|LIST")
    add_setting(evaluate, Job, "device", "--device")
    evaluate.add_argument("--json", action="store_true", help="the numbers on stdout as one JSON object")
    evaluate.set_defaults(command=measure_film)

    run = commands.add_parser("run", help="paint the job that a JSON file describes")
    run.add_argument("job", metavar="JOB.json", type=Path)
    run.add_argument("--json", action="store_true", help="progress as one JSON object a line")
    run.set_defaults(command=paint_description)

    fetching = commands.add_parser("fetch", help="get the weights of a large network from the internet, once")
    fetching.add_argument("name", choices=[*(name for name in FLOWS if name.startswith("raft")), *PEOPLE_NETWORKS[1:]])
    fetching.set_defaults(command=fetch_network)

    looks = commands.add_parser("looks", help="list the looks that --look knows by name")
    looks.set_defaults(command=list_looks)

    serve = commands.add_parser("serve", help="take jobs over stdin and stdout (used by Blender)")
    serve.set_defaults(command=serve_jobs)

    doctor = commands.add_parser("doctor", help="show device, versions, weights and memory, and what is missing")
    doctor.add_argument("--json", action="store_true", help="as one JSON object")
    doctor.set_defaults(command=show_health)
    return top


def paint_image(options: argparse.Namespace) -> int:
    """Paints one picture to a file."""
    from .media.clip import open_clip
    from .media.delivery import refuse_inputs
    from .media.pictures import check_writable, read_picture, write_picture

    job = described(options)
    job.require_inputs()
    count = open_clip(job.source.path).count
    if count != 1:
        raise UserError(f"'{job.source.path}' has {count} frames: use the command 'video' for films and folders.")
    output = Path(options.output)
    check_writable(output)
    refuse_inputs(output, job)
    code, result = paint(
        dataclasses.replace(job, output=dataclasses.replace(job.output, path="")), options.json, str(output)
    )
    if result:
        write_picture(output, read_picture(result.files[0]))
    return code


def paint_video(options: argparse.Namespace) -> int:
    """Paints a film or a folder of pictures."""
    return paint(described(options), options.json)[0]


def measure_film(options: argparse.Namespace) -> int:
    """Measures a painted film and writes the report."""
    from .engine.painter import Painter, choose_device, read_styles
    from .media.clip import frame_range, open_clip
    from .report.evaluation import default_output, evaluate
    from .report.page import write_report

    first, last = frames(options.frames)
    source, painted = open_clip(options.source), open_clip(options.painted)
    numbers = frame_range(Source(path=options.source, first=first, last=last), source)
    if painted.count != len(numbers):
        raise UserError(
            f"'{options.painted}' has {painted.count} frames, but {len(numbers)} of '{options.source}' are compared "
            "with it: name the frames that it was painted from with --frames."
        )
    given = vars(options)
    flow = {"flow": "files", "flow_path": options.flow} if options.flow else {"flow": "dis-fast"}
    motion = Motion(**flow, **({"cuts": given["motion_cuts"]} if "motion_cuts" in given else {}))
    named = find_look(options.look).settings if options.look else {}
    look = Look(**named | {"styles": tuple(options.style)})
    device = choose_device(given.get("job_device", Job().device))
    painter = Painter(look, read_styles(look), device, Job().precision) if look.styles else None

    def frame(number: int) -> "Frame":  # noqa: F821 - loaded late
        return painted.read(number - numbers.start + 1)

    size = frame(numbers.start).size
    report = evaluate(numbers, lambda n: source.read(n).resized(*size), frame, motion, painter)
    path = Path(options.output) if options.output else default_output(Path(options.painted))
    write_report(report, path, f"{Path(options.painted).name}, painted from {Path(options.source).name}")
    if options.json:
        print(json.dumps(report.as_json()))
    else:
        for name, value in report.summary().items():
            print(f"{name:22} {'-' if value is None else format(value, '.4g')}")
        print(f"Report: {path}")
    return 0


def paint_description(options: argparse.Namespace) -> int:
    """Paints the job in a file."""
    try:
        text = options.job.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The job file '{options.job}' cannot be read ({error}).") from error
    return paint(Job.from_json(text), options.json)[0]


def paint(job: Job, as_json: bool, output: str = "") -> tuple[int, "Result | None"]:  # noqa: F821 - torch comes late
    """Paints a job with progress on the terminal; returns the exit code and what was made."""
    from .progress import shown
    from .sequence import Cancelled, paint_job

    stopped = stop_on_request()
    job.require_inputs()
    with shown(as_json) as display:
        try:
            result = paint_job(job, display.progress, stopped)
        except Cancelled:
            display.cancelled()
            return INTERRUPTED, None
        display.done(result, output or job.output.path)
    return 0, result


def fetch_network(options: argparse.Namespace) -> int:
    """Gets the weights of a network: the call itself is the person's consent."""
    from rich.progress import Progress

    from .motion.flows import raft
    from .regions import semantic

    home, option = (semantic, "--people-network") if options.name in semantic.URLS else (raft, "--flow")
    print(f"Getting {home.URLS[options.name]} ...", file=sys.stderr)
    with Progress(transient=True) as bar:
        task = bar.add_task(options.name, total=None)
        path = home.fetch_weights(
            options.name, lambda done, total: bar.update(task, completed=done, total=total or None)
        )
    print(f"The weights of {options.name} are in {path}; {option} {options.name} finds them there.")
    return 0


def list_looks(options: argparse.Namespace) -> int:
    """Prints the looks that come with the program."""
    for key, look in presets().items():
        print(f"{key:14} {look.about}")
    return 0


def serve_jobs(options: argparse.Namespace) -> int:
    """Serves a client until it is gone."""
    from .worker import serve

    return serve()


def show_health(options: argparse.Namespace) -> int:
    """Prints the report; the exit code tells whether anything is missing."""
    from .doctor import examine

    findings = examine()
    if options.json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            print(f"{finding.name:14} {finding.value}" + (f"\n{'':14} -> {finding.remedy}" if finding.remedy else ""))
    return 1 if any(finding.remedy for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
