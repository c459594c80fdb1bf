"""The Python that runs style_core: found, checked, and made on request. Needs no Blender, so that it can be tested."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from ..style_core.job import UserError

EXTENSION = Path(__file__).parent.parent
# A variable for scripts and farms, and the file that tells the add-on of a runtime made elsewhere.
VARIABLE, POINTER = "STYLESTRIP_PYTHON", "runtime.json"
FINISHED = "stylestrip-ready"  # written last into an environment that the add-on made
# What Blender's own Python or a launcher sets would make the worker load the wrong libraries.
UNWANTED = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV")
PROBE = "import torch, cv2, av, OpenImageIO, safetensors; print(torch.__version__)"
PROBE_SECONDS = 120
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would open a console for each child


@dataclass(frozen=True)
class Runtime:
    """A Python that was found, and where."""

    python: Path
    origin: str


def find(preference: str, user_folder: Path) -> Runtime:
    """The runtime to use; raises UserError if there is none, or if the one that was named is not there.

    Order: the path in the preferences, the variable STYLESTRIP_PYTHON, the pointer file in the extension's user
    folder, the environment that the add-on made there.
    """
    pointer = user_folder / POINTER
    named = [(preference, "the preferences"), (os.environ.get(VARIABLE, ""), VARIABLE)]
    if pointer.is_file():
        named.append((read_pointer(pointer), str(pointer)))
    for path, origin in named:
        if path:
            if not Path(path).is_file():
                raise UserError(f"The painter's Python '{path}' (from {origin}) does not exist: correct the path.")
            return Runtime(Path(path), origin)
    own = user_folder / "runtime"
    if (own / FINISHED).is_file():
        return Runtime(python_of(own), "installed by Stylestrip")
    raise UserError(
        "Stylestrip has no painter yet: open Edit > Preferences > Add-ons > Stylestrip and press Install, or give the "
        "path of a Python with torch there."
    )


def read_pointer(pointer: Path) -> str:
    """The path in a pointer file; raises UserError if it holds none."""
    try:
        return str(json.loads(pointer.read_text(encoding="utf-8"))["python"])
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"'{pointer}' does not name a Python ({error!r}): delete it or correct it.") from error


def python_of(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def environment() -> dict[str, str]:
    """The worker's environment variables: this process's, without what would mislead its Python."""
    kept = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    # Nothing is written beside the extension's own code, and text is UTF-8 on every system.
    return kept | {"PYTHONPATH": str(EXTENSION), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}


def check(runtime: Runtime) -> str:
    """The version of torch in a runtime; raises UserError that says what is missing. Takes seconds."""
    try:
        done = subprocess.run(
            [str(runtime.python), "-c", PROBE],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            check=False,
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"The painter's Python '{runtime.python}' does not run ({error}): choose another.") from error
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise UserError(
            f"The painter's Python '{runtime.python}' cannot paint ({reason}): press Install in Stylestrip's "
            "preferences, or choose a Python that has torch."
        )
    return done.stdout.strip()


def requirements() -> list[str]:
    """The pinned packages of the runtime, from the extension's own pyproject.toml."""
    project = tomllib.loads((EXTENSION / "pyproject.toml").read_text(encoding="utf-8"))
    return project["dependency-groups"]["runtime"]


class Installation:
    """Makes the runtime in the extension's user folder with Blender's own Python; polled, so that no window waits.

    An installation that was cancelled or failed leaves nothing behind.
    """

    def __init__(self, user_folder: Path) -> None:
        self.folder = user_folder / "runtime"
        self.log = user_folder / "install.log"
        user_folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        pip = [str(python_of(self.folder)), "-m", "pip", "install", "--progress-bar", "off", *requirements()]
        self.steps = iter([[sys.executable, "-m", "venv", str(self.folder)], pip])
        self.process: subprocess.Popen[bytes] | None = None
        self.start_next()

    def start_next(self) -> bool:
        """Starts the next step; False if there is none."""
        command = next(self.steps, None)
        if command is None:
            return False
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environment(), stdout=log, stderr=log, stdin=subprocess.DEVNULL, creationflags=NO_WINDOW
            )
        return True

    def poll(self) -> bool:
        """Whether it is finished; raises UserError if it failed."""
        if self.process is None or self.process.poll() is None:
            return self.process is None
        if self.process.returncode:
            self.cancel()
            raise UserError(f"Installing the painter failed ({self.last_line()}). The whole log: '{self.log}'.")
        if self.start_next():
            return False
        (self.folder / FINISHED).write_text("\n".join(requirements()), encoding="utf-8")
        self.process = None
        return True

    def last_line(self) -> str:
        """The newest line of the log, for the panel."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if self.log.exists() else []
        return lines[-1][:160] if lines else "starting"

    def cancel(self) -> None:
        """Stops, and removes what was begun."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process, self.steps = None, iter(())
        shutil.rmtree(self.folder, ignore_errors=True)
