"""blender -b FILE.blend --command stylestrip --strip NAME --style PICTURE: paints strips and saves the file."""

import argparse
import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Scene, Strip

from ..style_core.job import BEGINNINGS, UserError, beginning_of
from ..style_core.options import FAILED, WRONG_INPUT, OneSentence, code_of, number, whole_number
from . import cache_command, driver, interrupt, jobs, migration, setup_command, unfinished
from .command_output import Display, JsonLines, TerminalLine
from .compositor.baking import Bake
from .host import versions
from .host.counterparts import is_paint, paint_at, source_of_paint
from .host.own_modifier import shows_paint
from .host.strips import why_not_paintable
from .host.versions import sequencer_scene
from .host.ways_in import way_into
from .job_fields import JOB_FIELDS, REGION_FIELDS
from .named_looks import named_look
from .paint import StylestripVersion, shown_version
from .painted_settings import changes
from .painting import Painting
from .painting import begin as begin_painting
from .settings import StylestripSettings

# Exit codes; 130 is what shells expect of a program that was stopped by Ctrl-C.
DONE, CANCELLED = 0, 130
INTERRUPTED = "Cancelled before anything was painted."

# Those of regions hold for all of them.
SETTINGS = JOB_FIELDS | REGION_FIELDS
# What is not said again of strips that are gone on with.
NOT_AGAIN = ("style", "mask", "look", "init", "put_it", *SETTINGS)
# What settings are called as well: their names in the painter's own command line.
OTHER_NAMES = {
    "steps_per_frame": "--following-steps",
    "good_enough": "--following-tolerance",
    "steadiness": "--temporal",
}


def parser() -> argparse.ArgumentParser:
    """The command's options; settings take their words and bounds from the job's description."""
    about = "Paints strips in the style of a picture."
    others = "stylestrip setup installs the painter, stylestrip doctor tries it, stylestrip cache says how much is kept"
    options = OneSentence(prog="stylestrip", description=about, epilog=f"{others}; all know --help.")
    which = options.add_mutually_exclusive_group(required=True)
    strip = "the strip to paint, or a pattern such as 'shot_*'; may be repeated"
    which.add_argument("--strip", action="append", metavar="NAME", help=strip)
    which.add_argument("--all", action="store_true", help="all strips that are seen and have a picture")
    which.add_argument("--resume", action="store_true", help="go on with what was not finished of this file")
    which.add_argument("--list", action="store_true", help="say which strips there are and how each would be painted")
    style = "style picture: a file, or the name of one that comes along, such as oil-swirl; may be repeated"
    options.add_argument("--style", action="append", metavar="PICTURE", help=style)
    options.add_argument("--mask", metavar="FILE", help="paint where this is white, not in the strips' own regions")
    look = "a look instead of the strips' own: one that comes along, one that was saved in Blender, or a .toml file"
    options.add_argument("--look", metavar="NAME", help=look)
    init = "--start and --carry in one word: what a frame begins from"
    options.add_argument("--init", choices=BEGINNINGS, help=init)
    place = "where the paint goes, kept with the strips (default: as they are set)"
    options.add_argument("--put-it", choices=place_words(), help=place)
    options.add_argument("--scene", metavar="NAME", help="the scene of the strips (default: the file's own)")
    options.add_argument("--output", metavar="FILE.blend", help="save to this file instead of the one that is open")
    options.add_argument("--json", action="store_true", help="progress as one JSON object a line")
    for name, field in SETTINGS.items():
        flags, text = ["--" + name.replace("_", "-")], field.description.replace("%", "%%")
        flags += [OTHER_NAMES[name]] if name in OTHER_NAMES else []
        if field.kind is bool:
            options.add_argument(*flags, action=argparse.BooleanOptionalAction, help=text)
        else:
            choices = field.spec.metadata["choices"]
            # Without a metavar argparse would print all the choices twice.
            shown = {"choices": choices} if choices else {"metavar": "N"}
            kind = {int: whole_number, float: number}.get(field.kind, field.kind)
            options.add_argument(*flags, type=kind, help=text, **shown)
    return options


def place_words() -> dict[str, str]:
    """Where paint may go in this Blender, by a word for the command."""
    known = StylestripSettings.bl_rna.properties["place"].enum_items.keys()
    return {key.lower(): key for key in known}


def run(arguments: list[str]) -> int:
    """Paints, saves, and returns the exit code; or does what a command named first says."""
    if arguments[:1] and arguments[0] in setup_command.COMMANDS:
        return setup_command.run(arguments[0], arguments[1:])
    if arguments[:1] == [cache_command.COMMAND]:
        return cache_command.run(arguments[1:])
    try:
        given = parser().parse_args(arguments)
    except SystemExit as ended:  # argparse has said what is wrong; Blender must end with the code
        return int(ended.code or 0)
    display = JsonLines() if given.json else TerminalLine()
    migration.migrate()
    with interrupt.interruptible():
        try:
            with interrupt.noted():
                if given.list:
                    return show(given, display)
                painter = Run(given, display)
                painter.begin()
        except UserError as error:
            display.wrong(str(error))
            return code_of(error)
        except KeyboardInterrupt:
            display.wrong(INTERRUPTED)
            return CANCELLED
        painter.paint()
    return painter.code()


def show(given: argparse.Namespace, display: Display) -> int:
    """Says how each strip would be painted; the exit code."""
    require_file_open()
    scene = chosen_scene(given)
    for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
        display.strip(strip.name, told_of(strip, scene))
    return DONE


def told_of(strip: Strip, scene: Scene) -> str:
    """What the list says of a strip."""
    if is_paint(strip):
        source = source_of_paint(scene, strip)
        return f"This is paint of '{source.name}'." if source else "This is paint of a strip that is gone."
    left, right = versions.handles(strip)
    how = why_not_paintable(strip) or way_into(strip, scene).sentence
    painted = next(iter(paint_at(scene, strip)), None)
    painted = f" It has been painted{changed_since(strip, shown_version(painted))}." if painted else ""
    return f"Frames {left}-{right - 1} of the timeline. {how}{painted}"


def changed_since(strip: Strip, version: StylestripVersion) -> str:
    """What of a strip is set otherwise than for a version of its paint, as the end of a sentence; empty if nothing is,
    or that is not known."""
    changed = [] if version.has_no_settings else changes(strip, version.settings, version.beside)
    return f", and changed since: {', '.join(changed)}" if changed else ""


def require_file_open() -> None:
    """Raises UserError if no .blend file is open."""
    if not bpy.data.filepath:
        raise UserError("No .blend file is open: call blender -b FILE.blend --command stylestrip ...")


class Run:
    """One call of the command: strips on their way, saved one after the other.

    Args:
        given: the options.
        display: where it is told how far they are.
    """

    def __init__(self, given: argparse.Namespace, display: Display) -> None:
        require_file_open()
        self.output = Path(given.output).resolve() if given.output else Path(bpy.data.filepath)
        if not self.output.parent.is_dir():
            raise UserError(f"'{self.output}' cannot be saved, as its folder does not exist: make it, or name another.")
        self.given, self.display = given, display
        self.opened = bpy.data.filepath
        self.paintings: list[Painting | Bake] = []
        self.told: list[Painting | Bake] = []
        """Those whose end was told."""
        self.wrong = 0
        """How many strips could not be begun."""
        self.scarce = False
        """Whether that was for too little room, of one of them at least."""
        self.unsaved = False

    def begin(self) -> None:
        """Queues what the options ask for; raises UserError if nothing can be."""
        unfinished.look()
        if self.given.resume:
            self.resume()
        else:
            self.queue_strips()

    def resume(self) -> None:
        """Queues what was not finished."""
        again = [name for name in NOT_AGAIN if getattr(self.given, name) is not None]
        if again:
            flag = "--" + again[0].replace("_", "-")
            raise UserError(f"--resume paints strips with the settings that they had: leave {flag} out, or name the "
                            "strips with --strip.")  # fmt: skip
        if unfinished.problem:
            raise UserError(unfinished.problem)
        if not unfinished.left:
            there = f" Of '{self.output}' something was: call --resume with that file." if self.is_left_there else ""
            self.display.note(f"Nothing of this file was left unfinished.{there}")
        for problem in unfinished.go_on_with_all():
            self.refuse(problem)
        self.paintings = list(jobs.queue)

    @property
    def is_left_there(self) -> bool:
        """Whether the file that --output names has something left over."""
        return str(self.output) != self.opened and unfinished.file(self.output).is_file()

    def queue_strips(self) -> None:
        """Queues the strips that are named; one that cannot be painted is told, unless it is the only one."""
        scene, strips = chosen(self.given)
        for strip in strips:
            try:
                self.paintings.append(begin(scene, strip, self.given))
                self.display.note(sentence_of(self.paintings[-1]))
            except UserError as error:
                if len(strips) == 1:
                    raise
                self.refuse(error, strip.name)

    def refuse(self, error: UserError, strip: str = "") -> None:
        """A strip that cannot be painted."""
        self.wrong += 1
        self.scarce = self.scarce or not error.wrong_input
        self.display.wrong(str(error), strip)

    def paint(self) -> None:
        """Waits for the end of all strips; Ctrl-C cancels them, and once more ends the worker."""
        if interrupt.pressed:  # when nothing was drawn any more
            self.cancel()
        while len(self.told) < len(self.paintings):
            try:
                driver.advance()
                for painting in jobs.running():
                    self.display.progress(painting)
                self.tell()
                time.sleep(driver.POLL_SECONDS / 2)
            except KeyboardInterrupt:
                self.cancel()
        if unfinished.held:
            self.display.note(self.how_to_go_on())

    def how_to_go_on(self) -> str:
        """What was not finished is noted for the file that is open by now."""
        if bpy.data.filepath != self.opened:
            return f"To go on, call --resume alone with '{self.output}', which has what is painted so far."
        elsewhere = f" --output {self.given.output}" if self.given.output else ""
        return f"To go on, call the same command again, or this one with --resume{elsewhere} alone."

    def cancel(self) -> None:
        """Stops; what is not finished stays noted for another time."""
        unfinished.hold()
        for painting in reversed(self.paintings):
            jobs.cancel(painting)

    def tell(self) -> None:
        """Saves what has been painted since the last time, and tells what has failed."""
        for painting in self.paintings:
            if painting.is_over and painting not in self.told:
                self.told.append(painting)
                if painting.state == "done":
                    self.save(painting)
                else:
                    self.display.wrong(painting.message, painting.strip)

    def save(self, painting: Painting | Bake) -> None:
        """Saves the file with what was painted in it."""
        path = str(self.output)
        try:
            bpy.ops.wm.save_as_mainfile(filepath=path)
        except RuntimeError as error:  # that is how Blender's operators report
            self.unsaved = True
            reason = str(error).strip().removeprefix("Error: ")
            sentence = f"'{painting.strip}' is painted, but '{path}' could not be saved ({reason}). Frames are kept."
            self.display.wrong(sentence, painting.strip)
            return
        unfinished.follow()
        self.display.done(painting, path)

    def code(self) -> int:
        """The exit code."""
        states = [painting.state for painting in self.paintings]
        failed = [painting for painting in self.paintings if painting.state == "failed"]
        if "cancelled" in states:
            return CANCELLED
        if not failed and not self.wrong and not self.unsaved:
            return DONE
        other_reasons = self.unsaved or self.scarce or not all(painting.wrong_input for painting in failed)
        return FAILED if other_reasons or "done" in states else WRONG_INPUT


def sentence_of(painting: Painting) -> str:
    """What is about to be painted."""
    job, count = painting.job, len(set(painting.footage.frames))
    styles = {Path(style).stem: None for layer in job.layers for style in layer.look.styles}
    size = f"{job.output.size} pixels wide or high" if job.output.size else "as large as it is"
    return f"'{painting.strip}': {count} frames, {size}, in the style of {' and '.join(styles) or 'nothing'}."


def begin(scene: Scene, strip: Strip, given: argparse.Namespace) -> Painting:
    """Queues a strip as the options say; raises UserError."""
    if given.put_it:
        strip.stylestrip.place = place_words()[given.put_it]
    look, values = named_look(given.look) if given.look else (None, {})
    values |= settings_in(given)
    of_command = {"look": look, "styles": tuple(given.style or ()), "mask": given.mask or "", "overrides": values}
    return begin_painting(scene, strip, **of_command)


def settings_in(given: argparse.Namespace) -> dict[str, Any]:
    """The settings that the options name; raises UserError if two of them say different things."""
    values = {name: getattr(given, name) for name in SETTINGS if getattr(given, name) is not None}
    begun = {} if given.init is None else beginning_of(given.init)
    begun = begun.get("look", {}) | begun.get("motion", {})
    if twice := sorted(set(begun) & set(values)):
        raise UserError(f"--init {given.init} says what --{twice[0]} says too: leave one of them out.")
    return values | begun


def chosen_scene(given: argparse.Namespace) -> Scene:
    """The scene that the options name; raises UserError if there is none such."""
    scene = bpy.data.scenes.get(given.scene) if given.scene else sequencer_scene(bpy.context)
    if scene is None:
        names = ", ".join(f"'{other.name}'" for other in bpy.data.scenes)
        raise UserError(f"There is no scene '{given.scene}'; there are {names}.")
    return scene


def chosen(given: argparse.Namespace) -> tuple[Scene, list[Strip]]:
    """The scene and strips that the options name; raises UserError if there are none such."""
    scene = chosen_scene(given)
    strips = scene.sequence_editor.strips_all if scene.sequence_editor else {}
    # What has been painted is muted, and may be painted again.
    shown = [one for one in strips.values() if not is_paint(one) and (not one.mute or paint_at(scene, one))]
    seen = [one for one in shown if not why_not_paintable(one)]
    if given.all:
        # All that is left to do: what has been painted is muted, or shows its paint itself.
        if not (left := [one for one in seen if not one.mute and not shows_paint(one)]):
            done = " All that are have been painted: name those to paint again with --strip." if seen else ""
            raise UserError(f"No strip of scene '{scene.name}' is seen and has a picture.{done}")
        return scene, left
    found = []
    for wanted in given.strip:
        # A name may have signs in it that a pattern gives a meaning.
        named = [strips[wanted]] if wanted in strips else [one for one in seen if fnmatchcase(one.name, wanted)]
        if not named:
            names = ", ".join(f"'{other.name}'" for other in strips.values())
            raise UserError(f"There is no strip '{wanted}' in scene '{scene.name}'; there are {names or 'none'}.")
        # What is meant by paint is the strip whose settings it was painted with.
        found += [source_of_paint(scene, one) or one if is_paint(one) else one for one in named]
    return scene, list(dict.fromkeys(found))
