"""blender -b FILE.blend --command stylestrip --strip NAME --style PICTURE: paints a strip and saves the file."""

import argparse
import json
import sys

import bpy

from ..style_core.job import UserError
from . import jobs
from .host.strips import source_of
from .host.versions import sequencer_scene
from .job_fields import JOB_FIELDS
from .settings import job_of

DONE, FAILED, WRONG_INPUT, CANCELLED = 0, 1, 2, 130


def parser() -> argparse.ArgumentParser:
    """The command's options; settings take their words and bounds from the job's description."""
    options = argparse.ArgumentParser(prog="stylestrip", description="Paints a strip in the style of a picture.")
    options.add_argument("--strip", required=True, metavar="NAME", help="the strip to paint")
    options.add_argument("--style", action="append", metavar="PICTURE", help="style picture; may be repeated")
    options.add_argument("--mask", metavar="FILE", help="paint only where this picture or film is white")
    options.add_argument("--scene", metavar="NAME", help="the scene of the strip (default: the file's own)")
    options.add_argument("--json", action="store_true", help="progress as one JSON object a line")
    for name, field in JOB_FIELDS.items():
        flag = "--" + name.replace("_", "-")
        text = field.description.replace("%", "%%")
        if field.kind is bool:
            options.add_argument(flag, action="store_true", help=text)
        else:
            choices = field.spec.metadata["choices"] or None
            options.add_argument(flag, type=field.kind, choices=choices, help=text)
    return options


def run(arguments: list[str]) -> int:
    """Paints, saves, and returns the exit code."""
    try:
        given = parser().parse_args(arguments)
    except SystemExit as ended:  # argparse has said what is wrong; Blender must end with the code
        return int(ended.code or 0)
    try:
        painting = begin(given)
    except UserError as error:
        return say_wrong(given, str(error), WRONG_INPUT)
    told = Teller(given.json)
    jobs.wait(painting, told)
    if painting.state == "cancelled":
        return say_wrong(given, painting.message, CANCELLED)
    if painting.state == "failed":
        return say_wrong(given, painting.message, FAILED)
    bpy.ops.wm.save_mainfile()
    print(json.dumps({"type": "done"}) if given.json else f"{painting.message} Saved {bpy.data.filepath}", flush=True)
    return DONE


def begin(given: argparse.Namespace) -> jobs.Painting:
    """Starts the job that the options describe; raises UserError."""
    if not bpy.data.filepath:
        raise UserError("No .blend file is open: call blender -b FILE.blend --command stylestrip ...")
    scene = bpy.data.scenes.get(given.scene) if given.scene else sequencer_scene(bpy.context)
    if scene is None or not scene.sequence_editor:
        raise UserError(f"The scene '{given.scene or (scene and scene.name)}' has no sequencer strips: name another.")
    strip = scene.sequence_editor.strips_all.get(given.strip)
    if strip is None:
        names = ", ".join(f"'{s.name}'" for s in scene.sequence_editor.strips_all)
        raise UserError(f"There is no strip '{given.strip}' in scene '{scene.name}'; there are {names or 'none'}.")
    source, frames = source_of(strip, scene)
    values = {name: getattr(given, name) for name in JOB_FIELDS if getattr(given, name) not in (None, False)}
    styles = tuple(given.style or ())
    cache = jobs.cache_folder(scene)
    job = job_of(scene, strip, source, cache, styles=styles, mask=given.mask or "", overrides=values)
    return jobs.start(scene, strip, job, frames)


def say_wrong(given: argparse.Namespace, sentence: str, code: int) -> int:
    """Says what went wrong and passes the code on."""
    if given.json:
        print(json.dumps({"type": "error", "message": sentence}), flush=True)
    print(f"stylestrip: {sentence}", file=sys.stderr, flush=True)
    return code


class Teller:
    """Says how far the painting is, once for every change worth a line."""

    def __init__(self, as_json: bool) -> None:
        self.as_json, self.last = as_json, -1

    def __call__(self, painting: jobs.Painting) -> None:
        percent = int(100 * painting.fraction)
        if percent == self.last:
            return
        self.last = percent
        if self.as_json:
            values = {"done": painting.done, "total": painting.total, "seconds_left": painting.seconds_left}
            print(json.dumps({"type": "progress", "percent": percent, **values}), flush=True)
        elif sys.stdout.isatty():
            print(f"\r{percent:3d} %  {painting.words}    ", end="\n" if percent == 100 else "", flush=True)
        elif percent % 5 == 0:
            print(f"{percent:3d} %  {painting.words}", flush=True)


command = None


def register() -> None:
    global command
    command = bpy.utils.register_cli_command("stylestrip", run)


def unregister() -> None:
    bpy.utils.unregister_cli_command(command)
