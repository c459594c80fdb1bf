"""The Python environments in .envs/: the runtime that paints, and the bpy modules to test with."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from style_core.file_lock import lock

from . import ROOT, BuildError
from .console import run_quietly, say
from .pip import install

OLDEST_PYTHON = (3, 11)
STAMP = ".stylestrip-ready"  # written last: the environment holds the pins whose digest it names
UNFINISHED = ".stylestrip-unfinished"  # there while pip is at work: what it left behind is not trusted
WAIT_SECONDS = 1.0
TAKEN = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)  # what systems say of a lock that somebody has
PROBE = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
INVENTORY = (
    "import json; from importlib.metadata import distributions as d; "
    "print(json.dumps({x.name.lower().replace('_', '-'): x.version for x in d()}))"
)


@dataclass(frozen=True)
class Environment:
    """One environment: its name, what goes into it, and the Python it needs (None: the one that runs build.py)."""

    name: str
    groups: tuple[str, ...]
    version: tuple[int, int] | None = None

    @property
    def folder(self) -> Path:
        return ROOT / ".envs" / self.name

    @property
    def python(self) -> Path:
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


RUNTIME = Environment("runtime", ("runtime", "test"))
BPY_45 = Environment("bpy-4.5", ("bpy-4.5",), (3, 11))
BPY_52 = Environment("bpy-5.2", ("bpy-5.2",), (3, 13))
BPYS = (BPY_52, BPY_45)
DOCS = Environment("docs", ("docs",))  # made when pages are built for the first time


class NoPythonError(BuildError):
    """The Python version that an environment needs is not on this machine."""


def pins(groups: Sequence[str]) -> list[str]:
    """The pinned requirements of dependency groups, as pyproject.toml lists them."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    return [pin for group in groups for pin in table[group]]


def ensure(environment: Environment) -> Path:
    """The environment's Python, made or repaired if need be. Raises BuildError where that cannot be."""
    wanted = pins(environment.groups)
    if not is_ready(environment, wanted):
        with alone(environment):
            make(environment, wanted)
    say(f"Environment {environment.name}: ready.")
    return environment.python


@contextmanager
def alone(environment: Environment) -> Iterator[None]:
    """No other build.py makes this environment within; waits for one that does."""
    try:
        environment.folder.parent.mkdir(exist_ok=True)
        file = environment.folder.with_name(f".{environment.name}.lock").open("ab")
    except OSError as error:
        raise BuildError(f"'{error.filename}' cannot be made ({error.strerror}): check the disk.") from error
    with file:
        waits = False
        while True:
            try:
                lock(file.fileno())
                break
            except OSError as error:
                if error.errno not in TAKEN:  # a disk that knows no locks
                    raise BuildError(f"'{file.name}' cannot be locked ({error.strerror}): use a local disk.") from error
                if not waits:
                    say(f"Environment {environment.name}: another build.py is making it; waiting for that ...")
                waits = True
                time.sleep(WAIT_SECONDS)
        yield


def make(environment: Environment, wanted: Sequence[str]) -> None:
    """Makes or repairs an environment, unless another one has meanwhile."""
    if is_ready(environment, wanted):
        return
    if (environment.folder / UNFINISHED).exists():
        say(f"Environment {environment.name}: an earlier installation was interrupted; beginning again.")
        shutil.rmtree(environment.folder)
    if not environment.python.exists():
        create(environment)
    if not holds(environment, wanted):
        fill(environment, wanted)
    (environment.folder / STAMP).write_text(digest(wanted), encoding="utf-8")
    (environment.folder / UNFINISHED).unlink(missing_ok=True)


def ensure_all() -> dict[str, Path]:
    """The runtime and every bpy environment that this machine has a Python for; the Pythons by name."""
    pythons = {RUNTIME.name: ensure(RUNTIME)}
    for environment in BPYS:
        try:
            pythons[environment.name] = ensure(environment)
        except NoPythonError as reason:
            say(f"Environment {environment.name}: left out. {reason}")
    return pythons


def is_ready(environment: Environment, wanted: Sequence[str]) -> bool:
    """Whether the stamp says that these very pins are installed."""
    stamp = environment.folder / STAMP
    finished = stamp.is_file() and not (environment.folder / UNFINISHED).exists()
    return finished and environment.python.exists() and stamp.read_text(encoding="utf-8") == digest(wanted)


def digest(wanted: Sequence[str]) -> str:
    """Changes when a pin changes."""
    return hashlib.sha256("\n".join(sorted(wanted)).encode()).hexdigest()


def create(environment: Environment) -> None:
    """An empty virtual environment, marked unfinished before anything else."""
    base = find_python(environment.version)
    say(f"Environment {environment.name}: making it with {base} ...")
    try:
        environment.folder.mkdir(parents=True, exist_ok=True)
        (environment.folder / UNFINISHED).touch()
    except OSError as error:
        raise BuildError(f"'{environment.folder}' cannot be made ({error.strerror}): check the disk.") from error
    code, lines = run_quietly([base, "-m", "venv", environment.folder])
    if code:
        said = lines[-1] if lines else f"code {code}"
        raise BuildError(f"Making '{environment.folder}' with {base} failed ({said}): check the disk and that Python.")


def holds(environment: Environment, wanted: Sequence[str]) -> bool:
    """Whether every pin is installed in that very version, and no installation was interrupted."""
    if (environment.folder / UNFINISHED).exists():
        return False
    found = subprocess.run([environment.python, "-c", INVENTORY], capture_output=True, text=True)
    installed = json.loads(found.stdout) if found.returncode == 0 else {}
    missing = [pin for pin in wanted if installed.get(pin.partition("==")[0].lower()) != pin.partition("==")[2]]
    if not missing:
        say(f"Environment {environment.name}: found with everything in it.")
    return not missing


def fill(environment: Environment, wanted: Sequence[str]) -> None:
    """Installs the pins."""
    names = ", ".join(pin.partition("==")[0] for pin in wanted)
    say(f"Environment {environment.name}: installing {names} ...")
    (environment.folder / UNFINISHED).touch()
    install(environment.python, wanted, f"Installing into '{environment.folder}'")
    say(f"Environment {environment.name}: installed.")


def find_python(version: tuple[int, int] | None) -> Path:
    """A Python of that version that can make environments; any from 3.11 if None, the running one first."""
    for candidate in candidates(version):
        found = probe(candidate)
        if found == version or (version is None and found and found >= OLDEST_PYTHON):
            return candidate
    number = ".".join(map(str, version or OLDEST_PYTHON))
    raise NoPythonError(
        f"No Python {number} with its venv module was found: install it (python.org, your system's packages, pyenv or "
        "uv) and run this again."
    )


def candidates(version: tuple[int, int] | None) -> Iterator[Path]:
    """Where a Python of that version may be, likeliest first."""
    yield Path(sys.executable)
    if version is None:
        return
    number = ".".join(map(str, version))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for pattern in (f"{number}.*/bin/python{number}", f"{number}/bin/python{number}"):
        yield from sorted(pyenv.glob(pattern), reverse=True)
    for folder in (*os.environ.get("PATH", "").split(os.pathsep), "/usr/local/bin", "/opt/homebrew/bin", "/usr/bin"):
        found = shutil.which(f"python{number}", path=folder)
        if found and "shims" not in Path(found).parts:  # pyenv's shims answer for whichever version is switched on
            yield Path(found)
    yield from sorted(Path("/opt").glob(f"*python*{number}*/bin/python{number}"))
    yield Path(f"/Library/Frameworks/Python.framework/Versions/{number}/bin/python{number}")
    yield from asked(["py", f"-{number}", "-c", "import sys; print(sys.executable)"])
    yield from asked(["uv", "python", "find", "--no-python-downloads", number])


def asked(command: Sequence[str]) -> Iterator[Path]:
    """The path that a launcher prints, if the launcher is there and knows one."""
    if shutil.which(command[0]):
        answer = subprocess.run(command, capture_output=True, text=True)
        if answer.returncode == 0 and answer.stdout.strip():
            yield Path(answer.stdout.strip())


def probe(python: Path) -> tuple[int, int] | None:
    """Its version, or None if it does not run or cannot make environments."""
    try:
        answer = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = answer.stdout.split()
    return (int(words[0]), int(words[1])) if answer.returncode == 0 and len(words) == 2 else None
