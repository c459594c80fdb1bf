"""The painter of this Blender: its state, and what moves it. Preferences, buttons and the command ask here."""

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import bpy

from ..style_core.job import UserError
from .preferences import user_folder
from .runtime import folders
from .runtime.builds import AUTOMATIC, BUILDS
from .runtime.bundle import packages_for
from .runtime.check import Check, Report
from .runtime.claim import is_claimed
from .runtime.environment import worker_environment
from .runtime.lock import Plan, plan_for, read_lock
from .runtime.machine import choose_build, choose_for_folder
from .runtime.python import NoPythonError, PythonGoneError, find_python, is_named, named_pythons
from .runtime.reports import this_machine
from .runtime.settling import settled, state_of_whole
from .runtime.sizes import in_megabytes
from .runtime.sources import Sources, sources
from .runtime.states import BUSY, State, Status, read_status, write_status

if TYPE_CHECKING:
    from .runtime.setup import Setup

setup: "Setup | None" = None
check: Check | None = None
checked: Report | None = None
outlook: "Outlook | None" = None

SHOWN_LOG = 40
"""Lines of the log in a report."""


class Settings(NamedTuple):
    """What the preferences or the command say about the painter."""

    python: str = ""
    build: str = AUTOMATIC
    index: str = ""
    torch_index: str = ""
    proxy: str = ""
    wheels: str = ""

    @property
    def sources(self) -> Sources:
        """Where wheels come from. Raises UserError if the folder of wheels does not exist."""
        if self.wheels and not Path(self.wheels).is_dir():
            raise UserError(f"The folder of wheels '{self.wheels}' does not exist: correct the path.")
        return sources(self.index, self.torch_index, self.proxy, self.wheels)


# The state


def status(settings: Settings) -> Status:
    """The painter's state. Starts nothing, and reads no more than small files."""
    if setup and not setup.done:
        return setup.status
    user = user_folder()
    try:
        python = find_python(settings.python, user, os.environ)
        # What is bundled is, as what is named, not of our making.
        named = is_named(settings.python, user, os.environ) or folders.current(user) is None
    except NoPythonError:
        return beside(settled(user, read_lock()))
    except PythonGoneError as error:
        return beside(settled(user, read_lock()))._replace(state=State.NEEDS_REPAIR, problem=str(error))
    except UserError as error:
        return Status(State.NEEDS_REPAIR, problem=str(error))
    if check and check.python == python and check.report is None:
        return Status(State.CHECKING, python=str(python))
    if not named:
        return beside(settled(user, read_lock()))
    told = read_status(user)
    return (
        told if told.python == str(python) and told.state not in BUSY else Status(State.UNCHECKED, python=str(python))
    )


def beside(whole: Status) -> Status:
    """The state of what was made, with what the last installation of this Blender came to."""
    if setup and setup.status.problem and not whole.problem:
        return whole._replace(problem=setup.status.problem)
    return whole


def is_busy() -> bool:
    """Whether this Blender installs or checks."""
    return bool((setup and not setup.done) or (check and check.report is None))


def python_of(settings: Settings) -> Path:
    """The Python that paints; raises UserError if there is none."""
    return find_python(settings.python, user_folder(), os.environ)


def environment_of(python: Path) -> dict[str, str]:
    """The variables that a worker in a Python is started with."""
    return worker_environment(os.environ, packages_for(python))


# What moves it


def install(settings: Settings, repair: bool = False) -> None:
    """Begins an installation. Raises UserError if that cannot be.

    Args:
        repair: whether to mend what is there, without a download where that will do.
    """
    global setup
    if is_busy():
        raise UserError("An installation or a check is going on: wait until it is done, or cancel it.")
    if named := [where for where, path in named_pythons("", user_folder(), os.environ) if path]:
        raise UserError(f"{named[0]} names the Python that paints, before what is installed here: remove that first.")
    given = settings.sources
    if not given.wheels and not bpy.app.online_access:
        raise UserError(
            "Blender may not go online: allow it under Edit > Preferences > System > Network, or name a folder of "
            "wheels."
        )
    from .runtime.setup import Setup  # late: what it needs of the network takes as long to load as all the rest

    setup = Setup(sys.executable, user_folder(), given, settings.build, repair)


def begin_check(settings: Settings) -> Check:
    """Begins a check of the Python that would paint. Raises UserError if there is none."""
    global check, setup
    if is_busy():
        raise UserError("An installation or a check is going on: wait until it is done, or cancel it.")
    setup = None
    python = python_of(settings)
    made = folders.current(user_folder())
    own = made and folders.venv_python(user_folder() / made.folder) == python
    check = Check(python, user_folder() / made.folder if own else None)
    return check


def notice() -> None:
    """Writes down what a check has found, as soon as it has."""
    global checked
    if check is None or check.report is None or check.report is checked:
        return
    checked = report = check.report
    user, made = user_folder(), folders.current(user_folder())
    if is_claimed(user):
        return  # another Blender writes there now
    own = made and str(folders.venv_python(user / made.folder)) == str(report.python)
    good = state_of_whole(made, read_lock()) if own else State.READY
    state = State.NEEDS_REPAIR if report.problem else good
    if check.running.stopped:
        state, report = State.UNCHECKED, report._replace(problem="")
    write_status(
        user,
        Status(
            state,
            problem=report.problem,
            python=str(report.python),
            device=report.device,
            memory=report.memory,
            versions=report.versions,
            speed=report.speed,
        ),
    )


def cancel() -> None:
    """Stops what is going on; never waits."""
    if setup and not setup.done:
        setup.cancel()
    if check and check.report is None:
        check.cancel()


def forget() -> None:
    """Drops what an installation has said: what the person chose since is what counts."""
    global setup
    if setup and setup.done:
        setup = None


def remove() -> None:
    """Removes the runtime. Raises UserError if it is in use."""
    global setup, check
    if is_busy() or is_claimed(user_folder()):
        raise UserError("An installation or a check is going on: wait until it is done, or cancel it.")
    try:
        folders.remove_runtime(user_folder())
    except OSError as error:
        raise UserError(
            f"'{error.filename}' cannot be removed ({error.strerror}): end other Blenders that paint, and try again."
        ) from error
    setup = check = None
    write_status(user_folder(), Status())


# What would be installed


class Outlook:
    """What Install would download, found in a thread: the drivers' programs may take a second to answer."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.plan: Plan | None = None
        self.problem = ""
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        """Looks at the machine and at the lock."""
        try:
            machine = this_machine()
            choose = choose_for_folder if self.settings.wheels else choose_build
            self.plan = plan_for(machine, choose(machine, self.settings.build), read_lock())
        except UserError as error:
            self.problem = str(error)

    @property
    def done(self) -> bool:
        """Whether it is known."""
        return bool(self.plan or self.problem)

    @property
    def sentence(self) -> str:
        """Which torch, how much, and from where; empty: not known yet."""
        if self.problem or not self.plan:
            return self.problem
        choice, given = self.plan.choice, self.settings
        about = "about " if choice.folders else ""
        try:
            there = sources(given.index, given.torch_index, given.proxy, given.wheels)
        except UserError as error:
            return str(error)
        places = [there.index, *([there.torch_index] if choice.folders else [])]
        hosts = " and ".join(place.removeprefix("https://").partition("/")[0] for place in places)
        way = (
            f"{about}{in_megabytes(self.plan.download)} to take out of '{given.wheels}'"
            if given.wheels
            else f"{about}{in_megabytes(self.plan.download)} to download from {hosts}"
        )
        what = f"{BUILDS[choice.build].name}; {choice.why}"
        sentence = f"{way}: {what}. On the disk it takes {about}{in_megabytes(self.plan.installed)}."
        return sentence[0].upper() + sentence[1:]


def outlook_for(settings: Settings) -> Outlook:
    """What Install would do now; looked at again when a setting changes."""
    global outlook
    if outlook is None or outlook.settings != settings:
        outlook = Outlook(settings)
    return outlook


# A report


def report(settings: Settings) -> str:
    """All that helps to find out what is wrong, as text to be pasted into a report."""
    now, size = status(settings), folders.size_of(user_folder() / folders.RUNTIMES)
    lines = [
        f"Stylestrip report, Blender {bpy.app.version_string}, Python {sys.version.split()[0]}",
        f"painter        {now.state}",
        *([f"problem        {now.problem}"] if now.problem else []),
        f"python         {now.python or 'none'}",
        f"user folder    {user_folder()}",
        f"installed      {in_megabytes(size) if size else 'nothing by Stylestrip'}",
        f"build          {settings.build}",
    ]
    if check and check.report and check.report.text:
        lines += ["", check.report.text]
    log = list(setup.log) if setup else read_log()
    if log:
        lines += ["", "The last installation said:", *log[-SHOWN_LOG:]]
    return "\n".join(lines) + "\n"


def read_log() -> list[str]:
    """What the last installation of any Blender said."""
    try:
        return (user_folder() / folders.LOG_FILE).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
