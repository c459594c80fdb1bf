"""What the options of the commands image and video say, as a job."""

import argparse
import dataclasses
from pathlib import Path

from .job import BEGINNINGS, Job, Look, Motion, Output, Region, Source, UserError, beginning_of
from .looks import find_look, presets, with_look
from .options import add_setting, frames, number, whole_numbers
from .region import FOUND
from .styles import STYLES, find_style

# Settings of the look that are one number or word.
PLAIN_SETTINGS = ("steps", "first_size", "brush_size", "rotation", "content_weight", "style_weight", "smoothness",
                  "coarse_weight", "pooling", "style_loss", "keep_colours", "keep_colours_by", "tolerance", "optimiser",
                  "learning_rate", "noise_mean", "seed")  # fmt: skip
LISTS = {"content_layers": str, "style_layers": str, "style_shares": float, "content_layer_weights": float,
         "style_layer_weights": float}  # fmt: skip


def add_look(command: argparse.ArgumentParser) -> None:
    """Options that pictures and films share."""
    command.add_argument(
        "-s",
        "--style",
        action="append",
        default=[],
        metavar="PICTURE",
        help="style picture: a file, or the name of one that comes along (see the command 'styles'); repeatable",
    )
    command.add_argument(
        "-l",
        "--look",
        metavar="NAME_OR_FILE",
        help="a look by name (see the command 'looks') or a look file (.toml); options beside it change what it says",
    )
    command.add_argument("-o", "--output", required=True, metavar="OUT", help="what to write")
    add_setting(command, Output, "size", "--size")
    add_setting(command, Output, "depth", "--depth")
    for name in PLAIN_SETTINGS:
        add_setting(command, Look, name, "--" + name.replace("_", "-"))
    for name, kind in LISTS.items():
        read, shown = (str, "LAYER") if kind is str else (number, "NUMBER")
        add_setting(command, Look, name, "--" + name.replace("_", "-"), nargs="+", type=read, metavar=shown)
    command.add_argument("--init-picture", metavar="PICTURE", help="begin from this picture")
    command.add_argument(
        "--mask", default="", metavar="FILE", help="paint only where this picture, film or folder is white"
    )
    command.add_argument("--invert-mask", action="store_true", help="paint where the mask is black")
    command.add_argument(
        "--region",
        action="append",
        default=[],
        metavar="MASK=STYLE",
        help="give the white of a mask a style picture of its own, or a look, each by name or file; nothing after = "
        "keeps the source there. For MASK, 'people' and 'faces' are found by themselves. May be repeated: later ones "
        "lie above. With -s the rest is painted too",
    )
    command.add_argument("--keep-rest", action="store_true", help="paint the regions alone, also where -s is given")
    add_setting(command, Region, "feather", "--feather")
    add_setting(command, Region, "refine", "--refine")
    add_setting(command, Region, "network", "--people-network")
    add_setting(command, Region, "network_weights", "--people-weights", metavar="FILE")
    add_setting(command, Region, "guide", "--guide")
    add_setting(command, Job, "mix", "--mix")
    add_setting(command, Job, "device", "--device")
    add_setting(command, Job, "precision", "--precision")
    command.add_argument(
        "--cache", default="", metavar="FOLDER", help="folder for finished frames (default: the user's cache)"
    )
    command.add_argument("--json", action="store_true", help="progress as one JSON object a line")


def add_motion(command: argparse.ArgumentParser) -> None:
    """Options of films."""
    command.add_argument("--frames", metavar="A-B", help="paint only these frames, counted from 1 (default: all)")
    command.add_argument(
        "--init",
        choices=BEGINNINGS,
        help="what a frame begins from: noise, the frame itself, the previous painted frame, or that frame moved along "
        "with the motion in the film (default, the steadiest)",
    )
    add_setting(command, Motion, "carry", "--carry")
    command.add_argument(
        "--rate",
        dest="output_rate",
        type=number,
        default=argparse.SUPPRESS,
        metavar="NUMBER",
        help="frames a second of a film that is made from pictures (default: 25)",
    )
    command.add_argument("--no-report", action="store_true", help="do not measure how steady the finished film is")
    add_setting(command, Motion, "steps", "--steps-per-frame", "--following-steps")
    add_setting(command, Motion, "tolerance", "--good-enough", "--following-tolerance")
    add_setting(command, Motion, "temporal", "--steadiness", "--temporal")
    add_setting(command, Motion, "long_term", "--long-term", type=whole_numbers, metavar="1,2,4")
    add_setting(command, Motion, "passes", "--passes")
    add_setting(command, Motion, "cuts", "--cuts", metavar="auto|none|LIST")
    add_setting(command, Motion, "denoise", "--denoise")
    add_setting(command, Motion, "flow", "--flow")
    add_setting(command, Motion, "flow_size", "--flow-size")
    add_setting(command, Motion, "flow_path", "--flow-path", metavar="FOLDER")
    add_setting(command, Motion, "flow_weights", "--flow-weights", metavar="FILE")


def described(options: argparse.Namespace) -> Job:
    """The job that the options describe."""
    given = vars(options)

    def part(kind: type, **more: object) -> dict[str, object]:
        names = {f.name: f"{kind.__name__.lower()}_{f.name}" for f in dataclasses.fields(kind)}
        values = {name: given[dest] for name, dest in names.items() if dest in given}
        return {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()} | more

    first, last = frames(given.get("frames"))
    start, carry = beginning(options)
    named = find_look(options.look).settings if options.look else {}
    styles = {"styles": tuple(map(find_style, options.style))} if options.style else {}
    look = Look(**named | part(Look, **styles, **start))
    return Job(
        source=Source(path=options.source, first=first, last=last),
        look=look,
        regions=regions(options, look, part(Region)),
        rest=bool(options.region and options.style and not options.mask and not options.keep_rest),
        motion=Motion(**part(Motion, **carry)),
        output=Output(
            **part(Output, path=options.output, cache=options.cache, report=not given.get("no_report", False))
        ),
        **part(Job),
    )


def regions(options: argparse.Namespace, look: Look, edge: dict[str, object]) -> tuple[Region, ...]:
    """What --mask and --region say; `look` is that of the job, `edge` the settings that all of them share."""
    if options.invert_mask and not options.mask:
        raise UserError("--invert-mask says how --mask is meant: give that too.")
    whole = (Region(mask=options.mask, invert=options.invert_mask, **edge),) if options.mask else ()
    return (*whole, *(region(text, look, edge) for text in options.region))


def region(text: str, look: Look, edge: dict[str, object]) -> Region:
    """A region as --region describes it: MASK=STYLE, MASK=LOOK, or MASK= for what is kept as it is; `edge` has the
    settings that all share."""
    mask, equals, named = text.rpartition("=")
    if not Path(mask).exists():  # the sign may be in the name of the picture as well
        mask, equals, named = text.partition("=")
    if not equals:
        raise UserError(f"--region is '{text}': write MASK=STYLE, or MASK= to keep the source there.")
    found = mask in FOUND and not Path(mask).exists()
    edge = edge | ({"matte": mask, "name": mask} if found else {"mask": mask})
    if not named:
        return Region(strength=0.0, **edge)
    if named.endswith(".toml") or named.lower() in presets():
        return Region(look=with_look(look, find_look(named)), **edge)
    style = style_of(text, named)
    return Region(look=dataclasses.replace(look, styles=(style,), style_shares=()), **edge)


def style_of(text: str, named: str) -> str:
    """The style picture that --region `text` names; raises UserError if there is none such."""
    try:
        style = find_style(named)
    except UserError:
        style = ""
    if not style or not Path(style).exists():
        raise UserError(
            f"--region is '{text}', but '{named}' is neither a picture that exists nor a look: name a picture, a look "
            f"file (.toml), or one of {', '.join((*presets(), *STYLES))}."
        )
    return style


def beginning(options: argparse.Namespace) -> tuple[dict[str, str], dict[str, str]]:
    """What --init and --init-picture say about the look's start, and about what a frame takes over."""
    if options.init_picture and options.init in ("random", "content"):
        raise UserError(f"--init {options.init} and --init-picture exclude each other: leave one of them out.")
    start = {"start": "picture", "start_picture": options.init_picture} if options.init_picture else {}
    if not options.init:
        return start, {}
    if "motion_carry" in options:
        raise UserError(f"--init {options.init} says what is carried, and so does --carry: leave one of them out.")
    begun = beginning_of(options.init)
    return start | begun.get("look", {}), begun["motion"]
