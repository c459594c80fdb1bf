"""The command line: python -m style_core image, video, mask, evaluate, run, fetch, looks, styles, cache, serve or
doctor."""

import argparse
import dataclasses
import json
import os
import sys
from pathlib import Path

from .cache_command import add_cache
from .doctor import why_incomplete
from .evaluate_command import add_evaluate
from .job import BEGINNINGS, FLOWS, Job, UserError
from .looks import presets
from .mask_command import add_mask
from .options import FAILED, INTERRUPTED, OneSentence, code_of, stop_on_request
from .paint_options import add_look, add_motion, described
from .region import PEOPLE_NETWORKS
from .styles import STYLES


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    # Threads that wait shall sleep: waiting awake, they take the processor from Blender and from a second job, and each
    # of two jobs becomes ten times slower. Read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    options = parser().parse_args(arguments)
    try:
        code = options.command(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # whoever reads our words has read enough, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except UserError as error:
        return fail(options, str(error), code_of(error))
    except ImportError as error:
        return fail(options, why_incomplete(error), FAILED)


def fail(options: argparse.Namespace, sentence: str, code: int) -> int:
    """Says what is wrong on stderr, and for machines on stdout; the exit code."""
    if getattr(options, "json", False):
        print(json.dumps({"type": "error", "message": sentence}), flush=True)
    print(f"stylestrip: {sentence}", file=sys.stderr)
    return code


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
    add_evaluate(commands)

    run = commands.add_parser("run", help="paint the job that a JSON file describes")
    run.add_argument("job", metavar="JOB.json", type=Path)
    run.add_argument("--json", action="store_true", help="progress as one JSON object a line")
    run.set_defaults(command=paint_description)

    fetching = commands.add_parser("fetch", help="get the weights of a large network from the internet, once")
    fetching.add_argument("name", choices=[*(name for name in FLOWS if name.startswith("raft")), *PEOPLE_NETWORKS[1:]])
    fetching.set_defaults(command=fetch_network)

    looks = commands.add_parser("looks", help="list the looks that --look knows by name")
    looks.set_defaults(command=list_looks)

    styles = commands.add_parser("styles", help="list the style pictures that --style knows by name")
    styles.set_defaults(command=list_styles)

    add_cache(commands)

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
    from .media.pictures import check_writable, is_linear, read_picture, write_picture

    job = described(options)
    job.require_inputs()
    count = open_clip(job.source.path).count
    if count != 1:
        raise UserError(f"'{job.source.path}' has {count} frames: use the command 'video' for films and folders.")
    output = Path(options.output)
    check_writable(output)
    refuse_inputs(output, job)
    # What is asked for as light is painted as light.
    depth = {"depth": "exr"} if is_linear(output) and job.output.depth == "auto" else {}
    kept = dataclasses.replace(job.output, path="", **depth)
    code, result = paint(dataclasses.replace(job, output=kept), options.json, str(output))
    if result:
        write_picture(output, read_picture(result.files[0]))
    return code


def paint_video(options: argparse.Namespace) -> int:
    """Paints a film or a folder of pictures."""
    return paint(described(options), options.json)[0]


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


def list_styles(options: argparse.Namespace) -> int:
    """Prints the style pictures that come with the program."""
    for key, style in STYLES.items():
        print(f"{key:14} {style.about}")
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
