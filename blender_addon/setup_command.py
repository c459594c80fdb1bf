"""blender -b --command stylestrip setup or doctor: installs, tries, mends or removes the painter without a window."""

import argparse
import json
import sys
import time

import bpy

from ..style_core.job import UserError
from ..style_core.options import FAILED, OneSentence, code_of
from . import interrupt, painter
from .painter_panel import progress_words
from .preferences import settings
from .runtime.builds import AUTOMATIC, BUILDS, FROM_INDEX
from .runtime.states import WORKING, State, Status, Step

# Exit codes, as of the command that paints.
DONE, CANCELLED = 0, 130
POLL_SECONDS = 0.1
LINE_SECONDS = 5.0  # between lines of progress
COMMANDS = ("setup", "doctor")


def parser(command: str) -> argparse.ArgumentParser:
    """The options of one of COMMANDS."""
    about = {
        "setup": "Installs the painter: a Python with torch, in the extension's own folder.",
        "doctor": "Tries the painter: versions, device, driver, memory, weights, disk, and five steps painted.",
    }
    options = OneSentence(prog=f"stylestrip {command}", description=about[command])
    options.add_argument("--json", action="store_true", help="one JSON object a line")
    if command == "doctor":
        return options
    what = options.add_mutually_exclusive_group()
    what.add_argument("--repair", action="store_true", help="mend the painter, without a download where that will do")
    what.add_argument("--remove", action="store_true", help="remove the painter; painted frames stay")
    what.add_argument("--size", action="store_true", help="say what would be downloaded from where, and do nothing")
    builds = (AUTOMATIC, FROM_INDEX, *BUILDS)
    options.add_argument("--build", choices=builds, help="which torch; 'index': what the package index has (default: "
                         "what this machine can run)")  # fmt: skip
    options.add_argument("--wheels", metavar="FOLDER", help="install from this folder, without a network")
    options.add_argument("--index", metavar="URL", help="a mirror of the package index")
    options.add_argument("--torch-index", metavar="URL", help="a mirror of PyTorch's own index")
    options.add_argument("--proxy", metavar="URL", help="such as http://proxy.studio:8080")
    return options


def run(command: str, arguments: list[str]) -> int:
    """Does what the options ask for; the exit code."""
    try:
        given = parser(command).parse_args(arguments)
    except SystemExit as ended:  # argparse has said what is wrong; Blender must end with the code
        return int(ended.code or 0)
    teller = Teller(given.json)
    with interrupt.interruptible():
        try:
            return doctor(given, teller) if command == "doctor" else set_up(given, teller)
        except UserError as error:
            teller.end(painter.status(settings()), str(error))
            return code_of(error)


def set_up(given: argparse.Namespace, teller: "Teller") -> int:
    """Installs, mends or removes. Raises UserError where nothing can be begun."""
    names = ("build", "wheels", "index", "torch_index", "proxy")
    wanted = settings()._replace(**{name: getattr(given, name) for name in names if getattr(given, name)})
    if given.remove:
        painter.remove()
        teller.end(painter.status(wanted))
        return DONE
    outlook = painter.outlook_for(wanted)
    outlook.thread.join()
    teller.say(outlook.sentence)
    if given.size:
        return FAILED if outlook.problem else DONE
    if not wanted.wheels and not bpy.app.online_access:
        raise UserError("Blender may not go online: call it with --online-mode, or name a folder with --wheels.")
    painter.install(wanted, given.repair)
    cancelled = False
    while painter.is_busy():
        try:
            teller.progress(painter.status(wanted))
            time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            cancelled = True
            painter.cancel()
    now = painter.setup.status
    teller.end(now)
    if cancelled:
        return CANCELLED
    return DONE if now.state in WORKING and not now.problem else FAILED


def doctor(given: argparse.Namespace, teller: "Teller") -> int:
    """Tries the painter and prints the report. Raises UserError if there is none."""
    check = painter.begin_check(settings())
    try:
        while check.report is None:
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        check.cancel()
        return CANCELLED
    painter.notice()
    if given.json:
        teller.end(painter.status(settings()))
    else:
        print(painter.report(settings()), end="", flush=True)
    return FAILED if check.report.problem else DONE


class Teller:
    """Says how far it is: lines for a person, or one JSON object a line."""

    def __init__(self, as_json: bool) -> None:
        self.as_json, self.told, self.last = as_json, 0.0, Status()

    def say(self, sentence: str) -> None:
        """What a person should know."""
        print(json.dumps({"type": "note", "message": sentence}) if self.as_json else sentence, flush=True)

    def progress(self, now: Status) -> None:
        """How far it is: each step at once, and now and then in between."""
        if now.step is Step.NONE:  # it has just ended
            return
        new = (now.step, now.state) != (self.last.step, self.last.state)
        if not new and time.monotonic() - self.told < (1.0 if self.as_json else LINE_SECONDS):
            return
        self.told, self.last = time.monotonic(), now
        if self.as_json:
            told = {"state": now.state, "step": now.step, "detail": now.detail, "done": now.done, "total": now.total}
            print(json.dumps({"type": "progress", **told, "seconds_left": now.seconds_left}), flush=True)
        else:
            print(f"{progress_words(now)}  {now.detail}".rstrip(), flush=True)

    def end(self, now: Status, problem: str = "") -> None:
        """What came of it."""
        problem = problem or now.problem
        if self.as_json:
            told = {"state": now.state, "problem": problem, "note": now.note, "python": now.python}
            told |= {"device": now.device, "memory": now.memory, "versions": now.versions, "speed": now.speed}
            print(json.dumps({"type": "error" if problem else "done", **told}), flush=True)
            return
        if problem:
            print(f"stylestrip: {problem}", file=sys.stderr, flush=True)
        words = {State.READY: f"Ready on {now.device}. {now.speed}", State.NOT_INSTALLED: "Not installed."}
        print(" ".join(one for one in (words.get(now.state, f"State: {now.state}."), now.note) if one), flush=True)
