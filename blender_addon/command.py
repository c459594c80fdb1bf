"""blender -b FILE.blend --command stylestrip --strip NAME --style PICTURE: paints a strip and saves the file."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Scene, Strip

from ..style_core.job import UserError
from . import interrupt, jobs
from .host.footage import footage_of
from .host.versions import sequencer_scene
from .job_fields import JOB_FIELDS, LOOKS, REGION_FIELDS
from .painting import Painting, start
from .settings import job_of

# Exit codes; 130 is what shells expect of a program that was stopped by Ctrl-C.
DONE, FAILED, WRONG_INPUT, CANCELLED = 0, 1, 2, 130
INTERRUPTED = "Cancelled before anything was painted."

# Those of regions hold for all of them.
SETTINGS = JOB_FIELDS | REGION_FIELDS
LINE_SECONDS = 5.0  # between lines of progress where there is no terminal


def parser() -> argparse.ArgumentParser:
    """The command's options; settings take their words and bounds from the job's description."""
    options = argparse.ArgumentParser(prog="stylestrip", description="Paints a strip in the style of a picture.")
    options.add_argument("--strip", required=True, metavar="NAME", help="the strip to paint")
    style = "style picture: a file, or the name of one that comes along, such as oil-swirl; may be repeated"
    options.add_argument("--style", action="append", metavar="PICTURE", help=style)
    options.add_argument("--mask", metavar="FILE", help="paint where this is white, not in the strip's own regions")
    options.add_argument("--look", choices=list(LOOKS), help="a look by name, instead of the strip's own")
    options.add_argument("--scene", metavar="NAME", help="the scene of the strip (default: the file's own)")
    options.add_argument("--output", metavar="FILE.blend", help="save to this file instead of the one that is open")
    options.add_argument("--json", action="store_true", help="progress as one JSON object a line")
    for name, field in SETTINGS.items():
        flag, text = "--" + name.replace("_", "-"), field.description.replace("%", "%%")
        if field.kind is bool:
            options.add_argument(flag, action=argparse.BooleanOptionalAction, help=text)
        else:
            choices = field.spec.metadata["choices"]
            # Without a metavar argparse would print all the choices twice.
            shown = {"choices": choices} if choices else {"metavar": "N"}
            options.add_argument(flag, type=field.kind, help=text, **shown)
    return options


def run(arguments: list[str]) -> int:
    """Paints, saves, and returns the exit code."""
    try:
        given = parser().parse_args(arguments)
    except SystemExit as ended:  # argparse has said what is wrong; Blender must end with the code
        return int(ended.code or 0)
    display = JsonLines() if given.json else TerminalLine()
    with interrupt.interruptible():
        try:
            with interrupt.noted():
                painting = begin(given)
        except UserError as error:
            display.wrong(str(error))
            return WRONG_INPUT
        except KeyboardInterrupt:
            display.wrong(INTERRUPTED)
            return CANCELLED
        if interrupt.pressed:  # when nothing was drawn any more
            jobs.cancel()
        jobs.wait(painting, display.progress)
    if painting.state != "done":
        display.wrong(painting.message)
        if painting.state == "cancelled":
            return CANCELLED
        return WRONG_INPUT if painting.wrong_input else FAILED
    return save(given.output, painting, display)


def begin(given: argparse.Namespace) -> Painting:
    """Starts the job that the options describe; raises UserError."""
    if not bpy.data.filepath:
        raise UserError("No .blend file is open: call blender -b FILE.blend --command stylestrip ...")
    scene, strip = chosen(given)
    cache = jobs.cache_folder()
    footage = footage_of(strip, scene, cache)
    values = {name: getattr(given, name) for name in SETTINGS if getattr(given, name) is not None}
    job = job_of(
        scene,
        strip,
        footage.source,
        cache,
        look=given.look or "",
        styles=tuple(given.style or ()),
        mask=given.mask or "",
        overrides=values,
        is_there=not footage.way.is_render,
    )
    return start(scene, strip, job, footage)


def chosen(given: argparse.Namespace) -> tuple[Scene, Strip]:
    """The scene and strip that the options name; raises UserError if there is none such."""
    scene = bpy.data.scenes.get(given.scene) if given.scene else sequencer_scene(bpy.context)
    if scene is None:
        names = ", ".join(f"'{other.name}'" for other in bpy.data.scenes)
        raise UserError(f"There is no scene '{given.scene}'; there are {names}.")
    strips = scene.sequence_editor.strips_all if scene.sequence_editor else {}
    strip = strips.get(given.strip)
    if strip is None:
        names = ", ".join(f"'{other.name}'" for other in strips.values())
        raise UserError(f"There is no strip '{given.strip}' in scene '{scene.name}'; there are {names or 'none'}.")
    return scene, strip


def save(output: str | None, painting: Painting, display: "TerminalLine | JsonLines") -> int:
    """Saves the file with the painted strip in it; the exit code."""
    path = str(Path(output).resolve()) if output else bpy.data.filepath
    try:
        bpy.ops.wm.save_as_mainfile(filepath=path)
    except RuntimeError as error:  # that is how Blender's operators report
        reason = str(error).strip().removeprefix("Error: ")
        display.wrong(f"'{painting.strip}' is painted, but '{path}' could not be saved ({reason}). Frames are kept.")
        return FAILED
    display.done(painting, path)
    return DONE


class TerminalLine:
    """Progress for a person: one line that changes, or now and then a line where there is no terminal."""

    def __init__(self) -> None:
        self.alive, self.told, self.last = sys.stdout.isatty(), 0.0, ""

    def progress(self, painting: Painting) -> None:
        words = f"{painting.fraction:4.0%}  {painting.words}"
        waited = time.monotonic() - self.told > LINE_SECONDS
        if painting.state != "running" or words == self.last or not (self.alive or waited):
            return
        # Spaces wipe what is left of a longer line before.
        print(f"\r{words:<{len(self.last)}}" if self.alive else words, end="" if self.alive else "\n", flush=True)
        self.told, self.last = time.monotonic(), words

    def end_line(self) -> None:
        if self.alive and self.last:
            print(flush=True)

    def done(self, painting: Painting, path: str) -> None:
        self.end_line()
        print(f"{painting.message} Saved: {path}", flush=True)

    def wrong(self, sentence: str) -> None:
        self.end_line()
        print(f"stylestrip: {sentence}", file=sys.stderr, flush=True)


class JsonLines:
    """Progress for machines: one JSON object a line."""

    def __init__(self) -> None:
        self.last: dict[str, Any] = {}

    def progress(self, painting: Painting) -> None:
        told = {"stage": painting.stage, "done": painting.done, "total": painting.total}
        told |= {"fraction": round(painting.fraction, 3)}
        if told != self.last:
            self.write("progress", **told, seconds_left=painting.seconds_left)
        self.last = told

    def done(self, painting: Painting, path: str) -> None:
        self.write("done", strip=painting.result, file=path, message=painting.message)

    def wrong(self, sentence: str) -> None:
        self.write("error", message=sentence)

    def write(self, kind: str, **values: Any) -> None:
        print(json.dumps({"type": kind, **values}), flush=True)


command: Any = None


def register() -> None:
    global command
    command = bpy.utils.register_cli_command("stylestrip", run)


def unregister() -> None:
    bpy.utils.unregister_cli_command(command)
