"""What tests of the painter's installation share: a user folder, a shelf of wheels, and a painter that is there."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stylestrip.blender_addon.runtime import download
from stylestrip.blender_addon.runtime.check import Report
from stylestrip.blender_addon.runtime.folders import current, venv_python
from stylestrip.blender_addon.runtime.machine import Card, Machine
from stylestrip.blender_addon.runtime.python import find_python
from stylestrip.blender_addon.runtime.setup import Setup
from stylestrip.blender_addon.runtime.sources import Sources
from stylestrip.blender_addon.runtime.states import State, Status, read_status, write_status
from wheels import PYTHON, Shelf, put_wheel, shelf_at

ROOT = Path(__file__).resolve().parent.parent
CARD = Machine("Linux", "x86_64", PYTHON, (Card("Card", "580.65.06", 8192, 8.9),))
TINY, LARGE = "tiny", "large"
MEGABYTE = 1 << 20


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """The extension's own folder; its name has a space and letters that are not Latin."""
    folder = tmp_path / "Пользователь 用户"
    folder.mkdir()
    return folder


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """A server with two packages, one of them of two megabytes."""
    with shelf_at(tmp_path / "shelf") as made:
        put_wheel(made.folder, TINY)
        put_wheel(made.folder, LARGE, 2 * MEGABYTE)
        yield made


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between tries."""
    monkeypatch.setattr(download, "WAIT_SECONDS", (0.0, 0.0, 0.0))


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user folder in which the first versions are installed."""
    place = tmp_path_factory.mktemp("made")
    with shelf_at(place / "shelf") as shelf:
        put_wheel(shelf.folder, TINY)
        put_wheel(shelf.folder, LARGE, 2 * MEGABYTE)
        assert ended(install(place, shelf)).state is State.READY
    return place


@pytest.fixture
def old(user: Path, made_once: Path) -> Path:
    """The user folder with a painter of the first versions in it."""
    shutil.copytree(made_once, user, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("shelf"))
    python = venv_python(user / current(user).folder)
    write_status(user, read_status(user)._replace(python=str(python)))
    return user


def imports(python: Path, made_in: Path | None, running: object) -> Report:
    """What stands for the check of torch: the tiny package and the large one are imported."""
    code = f"import {TINY}, {LARGE}; open({LARGE}.__file__.replace('.py', '_data.bin')); print({TINY}.version)"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    if done.returncode:
        return Report(python, f"The painter does not work ({done.stderr.strip().splitlines()[-1]}): press Repair.")
    return Report(python, device="a card", versions=f"tiny {done.stdout.strip()}")


def install(user: Path, shelf: Shelf, **given: object) -> Setup:
    """Begins an installation from the shelf."""
    values = {
        "sources": Sources(index=f"{shelf.url}/simple"),
        "machine": CARD,
        "lock": shelf.lock(),
        "check": imports,
    } | given
    return Setup(sys.executable, user, **values)


def both(shelf: Shelf) -> Sources:
    """The shelf as the package index and as PyTorch's."""
    return Sources(f"{shelf.url}/simple", shelf.url)


def ended(making: Setup) -> Status:
    """The status after an installation."""
    making.thread.join(120)
    assert making.done
    assert read_status(making.user_folder) == making.status or "Another Blender" in making.status.problem
    return making.status


def wait_for(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still waiting after {seconds:g} s"
        time.sleep(0.005)


def version(user: Path) -> str:
    """Of the package in the runtime that counts."""
    code = f"import {TINY}; print({TINY}.version)"
    return subprocess.run([find_python("", user, {}), "-c", code], capture_output=True, text=True).stdout.strip()


def new_version(shelf: Shelf) -> None:
    """The next version of the package takes the place of the first."""
    (shelf.folder / f"{TINY}-1.0-py3-none-any.whl").unlink()
    put_wheel(shelf.folder, TINY, version="2.0")


def left_behind(user: Path) -> list[str]:
    """Runtimes that do not count."""
    kept = current(user)
    return [one.name for one in (user / "runtimes").glob("*") if not kept or f"runtimes/{one.name}" != kept.folder]
