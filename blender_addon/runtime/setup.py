"""Installs and mends the painter in a thread: the only one who moves its state while that goes on."""

import errno
import shutil
import subprocess
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlparse

from ...style_core.job import UserError
from . import download, folders, making
from .builds import AUTOMATIC
from .check import Report, Running, check_python
from .claim import ClaimedError, claimed
from .folders import Current, current, venv_python
from .lock import INSTALLER, Plan, Wheel, plan_for, read_lock
from .machine import Machine, choose_build, choose_for_folder
from .making import Commands, Stopped
from .network import Network, heard
from .reports import this_machine
from .settling import settled, state_of_whole
from .sizes import in_megabytes
from .sources import Sources
from .states import WORKING, State, Status, Step, follow, write_status
from .torch_index import find_torch

LOG_LINES = 400
CANCELLED = "The installation was cancelled."
# What must be left on the disk besides: the system itself needs some.
SPARE_BYTES = 300_000_000

Checker = Callable[[Path, Path | None, Running], Report]


class Setup:
    """One installation, from its beginning to its end. `status` may be read at any time.

    Args:
        base_python: the Python that the environment is made with: Blender's own.
        user_folder: the extension's own folder; nothing is written elsewhere.
        sources: where the wheels come from.
        wish: the build, as `machine.choose_build` takes it.
        repair: whether mending what is there is tried first.
        machine: what is in this machine; None: looked at.
        lock: the wheels; None: those of this extension.
        check: tries a Python.
    """

    def __init__(
        self,
        base_python: str,
        user_folder: Path,
        sources: Sources,
        wish: str = AUTOMATIC,
        repair: bool = False,
        machine: Machine | None = None,
        lock: dict | None = None,
        check: Checker = check_python,
    ) -> None:
        self.base_python, self.user_folder, self.sources = base_python, user_folder, sources
        self.wish, self.repair, self.machine = wish, repair, machine
        self.lock = read_lock() if lock is None else lock
        self.check = check
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self.commands, self.checking = Commands(self.note), Running()
        self.rate = download.Rate()
        self.made: Path | None = None
        self.scratch = user_folder / folders.RUNTIMES / "scratch"
        self.status = settled(user_folder, self.lock)
        self.before = self.status
        self.done = False
        # Said before the thread has begun: whoever asks right away is told that it goes on.
        self.status = follow(self.status, State.INSTALLING, problem="", note="", step=Step.LOOKING)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def cancel(self) -> None:
        """Stops at once. What was downloaded is kept, to be gone on with; an earlier painter still counts."""
        self.commands.stop()
        self.checking.stop()

    def note(self, line: str) -> None:
        """Keeps a line of what is said."""
        if line.strip():
            self.log.append(line)

    def run(self) -> None:
        """Installs, and leaves either the new painter or what was there before."""
        try:
            self.user_folder.mkdir(parents=True, exist_ok=True)
            with claimed(self.user_folder):
                self.attempt()
                self.write_log()
        except ClaimedError as error:
            self.status = self.before._replace(problem=str(error))
        except OSError as error:
            self.status = follow(self.status, State.NEEDS_REPAIR, problem=why_not_written(error, self.user_folder))
        finally:
            self.done = True  # else no button would work until Blender ends

    def attempt(self) -> None:
        """Makes it, and writes down how that ended."""
        try:
            self.make()
        except Stopped:
            self.end("", CANCELLED + self.kept())
        except UserError as error:
            self.end(str(error))
        except OSError as error:
            self.end(why_not_written(error, self.user_folder))
        except Exception as error:
            for line in traceback.format_exc().splitlines():
                self.note(line)
            self.end(f"Installing failed unexpectedly ({type(error).__name__}: {error}): press Install again.")

    def end(self, problem: str, note: str = "") -> None:
        """What counts again after an installation that did not come to its end."""
        self.note(problem or note)
        if self.made and self.made.exists():
            shutil.rmtree(self.made, ignore_errors=True)
        shutil.rmtree(self.scratch, ignore_errors=True)
        there = current(self.user_folder)
        if there and venv_python(self.user_folder / there.folder).is_file() and self.before.state in WORKING:
            state = self.before.state
        elif there:
            state = State.NEEDS_REPAIR
        else:
            state = State.NEEDS_REPAIR if problem else State.NOT_INSTALLED
        problem = problem or (self.before.problem if state is State.NEEDS_REPAIR else "")
        follow(self.status, state)
        self.status = self.before._replace(state=state, step=Step.NONE, problem=problem, note=note)
        self.save()

    def kept(self) -> str:
        """What there is to go on with, in words."""
        size = folders.size_of(self.user_folder / folders.WHEELS)
        return f" {in_megabytes(size)} are downloaded: Install goes on from there." if size > 1e6 else ""

    def make(self) -> None:
        """All steps. Raises UserError with the reason, OSError of the disk, Stopped on Cancel."""
        folders.remove_leftovers(self.user_folder)
        self.step(Step.LOOKING)
        if self.repair and self.mended():
            return
        # A driver's program may hang where the driver does: Cancel is heard meanwhile.
        machine = self.machine or heard(self.commands.check, lambda: this_machine(version_of(self.base_python)))
        self.commands.check()
        choose = choose_for_folder if self.sources.wheels else choose_build
        choice = choose(machine, self.wish)
        plan = plan_for(machine, choice, self.lock)
        self.note(f"{choice.build}: {choice.why}")
        self.made = folders.new_folder(self.user_folder)
        self.refuse_what_cannot_be(plan)
        self.refuse_other_wheels(plan, machine)
        self.scratch.mkdir(parents=True, exist_ok=True)
        network = Network(self.sources, self.commands.check)
        if plan.missing:
            plan = self.find_missing(plan, machine, network)
        wheels = self.bring(plan.wheels, network)
        self.step(Step.ENVIRONMENT)
        if not self.made.exists():
            making.make_environment(self.commands, self.base_python, self.made, self.scratch)
        self.step(Step.INSTALLING, total=sum(wheel.installed for wheel, _ in wheels))
        making.install(self.commands, self.made, wheels, self.scratch, self.tell_installed)
        report = self.tried(self.made)
        self.commands.check()
        if report.problem:
            raise UserError(report.problem)
        self.finish(Current(self.name_of(self.made), choice.build, plan.digest, machine.python), report)

    def find_missing(self, plan: Plan, machine: Machine, network: Network) -> Plan:
        """The plan with what only PyTorch's index has; or what the folder of wheels says it had."""
        if self.sources.wheels:
            raise UserError(
                f"The folder '{self.sources.wheels}' cannot have the build '{plan.choice.build}', of which no hashes "
                "are known beforehand: choose the Build 'Package Index' under Where It Comes From."
            )
        installer = [wheel for wheel in plan.wheels if wheel.name == INSTALLER]
        ((_, pip),) = self.bring(installer, network)
        self.step(Step.ENVIRONMENT)
        making.make_environment(self.commands, self.base_python, self.made, self.scratch)
        self.step(Step.FINDING)
        return find_torch(self.commands, network, plan, machine, self.made, pip, self.scratch)

    def bring(self, wheels: tuple[Wheel, ...] | list[Wheel], network: Network) -> list[tuple[Wheel, Path]]:
        """Each wheel with its file: downloaded, or out of the folder that was brought along."""
        total = sum(wheel.size for wheel in wheels)
        self.step(Step.DOWNLOADING, total=total)
        brought = []
        for wheel in sorted(wheels, key=lambda one: one.size):
            self.commands.check()
            self.show(
                detail=f"{wheel.file} from {self.sources.wheels or urlparse(wheel.url or self.sources.index).netloc}"
            )
            if self.sources.wheels:
                path = download.take(Path(self.sources.wheels), wheel, self.tell_downloaded)
            else:
                path = download.fetch(network, wheel, self.user_folder / folders.WHEELS, self.tell_downloaded)
            brought.append((wheel, path))
        return brought

    def tell_downloaded(self, size: int) -> None:
        """So many bytes have come; here Cancel is heard."""
        self.commands.check()
        done = self.status.done + size
        self.rate.note(done)
        self.status = self.status._replace(done=done, rate=self.rate.per_second)

    def tell_installed(self, detail: str, done: int) -> None:
        """What is installed next, and how many bytes are."""
        self.rate.note(done)
        self.show(detail=detail, done=done, rate=self.rate.per_second)

    def mended(self) -> bool:
        """Whether what is there can be used again, without a download: Blender may only have been moved."""
        there = current(self.user_folder)
        folder = self.user_folder / there.folder if there else None
        if folder is None or not folder.is_dir() or there.python != version_of(self.base_python):
            return False
        self.scratch.mkdir(parents=True, exist_ok=True)
        try:
            making.mend_environment(self.commands, self.base_python, folder, self.scratch)
        except UserError:
            return False
        report = self.tried(folder)
        self.commands.check()
        if report.problem:
            self.note(report.problem)
            self.before = self.before._replace(state=State.NEEDS_REPAIR, problem=report.problem)
            self.status = follow(self.status, State.NEEDS_REPAIR)
            self.status = follow(self.status, State.INSTALLING)
            return False
        self.finish(there, report)
        return True

    def tried(self, folder: Path) -> Report:
        """What the check of an environment says."""
        self.status = follow(self.status, State.CHECKING)
        self.step(Step.CHECKING)
        return self.check(venv_python(folder), folder, self.checking)

    def finish(self, made: Current, report: Report) -> None:
        """Lets the new painter count, and only then removes what it takes the place of."""
        self.step(Step.FINISHING)
        folders.set_current(self.user_folder, made)
        self.made = None
        self.status = follow(ready(report), state_of_whole(made, self.lock))
        self.save()
        for name in (self.scratch, self.user_folder / folders.WHEELS):
            shutil.rmtree(name, ignore_errors=True)
        folders.remove_leftovers(self.user_folder)

    def refuse_what_cannot_be(self, plan: Plan) -> None:
        """Raises UserError for what would fail later: no room, or paths that are too long for Windows."""
        have = sum(min(wheel.size, download.have(self.user_folder / folders.WHEELS, wheel)) for wheel in plan.wheels)
        needed = plan.installed + SPARE_BYTES + (0 if self.sources.wheels else plan.download - have)
        free = download.free_bytes(self.user_folder)
        if free < needed:
            raise UserError(
                f"The painter needs {in_megabytes(needed)} in '{self.user_folder}', and {in_megabytes(free)} are free: "
                "free some space and press Install again."
            )
        longest = max((wheel.longest_path for wheel in plan.wheels), default=0)
        over = folders.too_long_for_windows(self.made, longest)
        if over and not folders.takes_long_paths():
            raise UserError(
                f"The path '{self.made}' is {over} letters too long for this Windows: allow long paths in it (the "
                "policy 'Enable Win32 long paths'), or choose a Python of your own in the preferences of Stylestrip."
            )

    def refuse_other_wheels(self, plan: Plan, machine: Machine) -> None:
        """Raises UserError if the folder of wheels that was brought along is for another Python or system."""
        folder = Path(self.sources.wheels)
        lacking = [wheel.file for wheel in plan.wheels if self.sources.wheels and not (folder / wheel.file).is_file()]
        if lacking:
            more = f" and {len(lacking) - 1} others" if len(lacking) > 1 else ""
            raise UserError(
                f"The folder '{folder}' has no '{lacking[0]}'{more}: take one that was made for this Blender (build.py "
                f"package --wheels --platform {machine.platform} --python {machine.python})."
            )

    def name_of(self, folder: Path) -> str:
        """A folder's place below the user folder."""
        return folder.relative_to(self.user_folder).as_posix()

    def step(self, step: Step, total: int = 0) -> None:
        """Begins a step, and writes that down: a Blender that is started again knows where it was cut off."""
        self.commands.check()
        self.rate = download.Rate()
        self.status = self.status._replace(step=step, detail="", done=0, total=total, rate=0.0)
        self.note(str(step))
        self.save()

    def show(self, **values) -> None:
        """Changes what is shown of the step."""
        if values.get("detail"):
            self.note(f"{self.status.step}: {values['detail']}")
        self.status = self.status._replace(**values)

    def save(self) -> None:
        """Writes the status down."""
        write_status(self.user_folder, self.status)

    def write_log(self) -> None:
        """Keeps what was said, for a report."""
        folders.write_whole(self.user_folder / folders.LOG_FILE, "\n".join(self.log) + "\n")


def ready(report: Report) -> Status:
    """The status of a painter that was tried."""
    return Status(
        State.CHECKING,
        python=str(report.python),
        device=report.device,
        memory=report.memory,
        versions=report.versions,
        speed=report.speed,
    )


def why_not_written(error: OSError, folder: Path) -> str:
    """A sentence for a disk that does not take what is written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT if hasattr(errno, "EDQUOT") else errno.ENOSPC):
        return f"The disk of '{folder}' is full: free some space and press Install again; what was downloaded is kept."
    where = error.filename or folder
    return f"'{where}' cannot be written ({error.strerror or error}): check who owns it, and press Install again."


def version_of(python: str) -> str:
    """The version of a Python, such as 3.13. Raises UserError if it cannot be run."""
    if python == sys.executable:
        return f"{sys.version_info.major}.{sys.version_info.minor}"
    try:
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"The Python '{python}' cannot be run ({error}): choose another one.") from error
    if done.returncode:
        raise UserError(f"'{python}' is no Python that works (exit code {done.returncode}): choose another one.")
    return done.stdout.strip()
