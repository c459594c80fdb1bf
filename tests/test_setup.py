"""Installing the painter: it ends ready with a Python that is found, an update replaces it only when it is whole."""

import shutil
import subprocess
import sys

import pytest
from installing import (
    TINY,
    both,
    ended,
    impatience,
    install,
    left_behind,
    made_once,
    new_version,
    old,
    shelf,
    user,
    version,
    wait_for,
)
from stylestrip.blender_addon.runtime import folders
from stylestrip.blender_addon.runtime import lock as lock_module
from stylestrip.blender_addon.runtime.folders import current, venv_python
from stylestrip.blender_addon.runtime.machine import Card, Machine
from stylestrip.blender_addon.runtime.python import find_python
from stylestrip.blender_addon.runtime.settling import settled
from stylestrip.blender_addon.runtime.sources import Sources
from stylestrip.blender_addon.runtime.states import TRANSITIONS, State, Status, Step, follow, read_status, write_status
from wheels import PYTHON, put_wheel


def test_install_ends_ready_with_a_python_that_is_found_and_nothing_besides(user, shelf):
    status = ended(install(user, shelf))
    assert (status.state, status.problem, status.device) == (State.READY, "", "a card")
    assert version(user) == "1.0"
    assert status == settled(user, shelf.lock()), "another Blender, or this one tomorrow, sees the same"
    assert left_behind(user) == []
    assert not (user / "wheels").exists(), "gigabytes that nobody needs any more"
    assert "large-1.0" in (user / "setup.log").read_text()


def test_progress_is_told_in_bytes_with_the_time_left_and_where_they_come_from(user, shelf):
    shelf.slow = 0.01
    making = install(user, shelf)
    wait_for(lambda: making.status.step is Step.DOWNLOADING and making.status.seconds_left and making.status.done)
    status = making.status
    assert 0 < status.done <= status.total
    assert shelf.url.removeprefix("http://") in status.detail and ".whl" in status.detail
    making.cancel()
    ended(making)


def test_a_folder_of_wheels_is_installed_without_a_network(user, shelf, tmp_path):
    lock = shelf.lock()
    status = ended(install(user, shelf, lock=lock, sources=Sources(wheels=str(shelf.folder))))
    assert (status.state, status.problem) == (State.READY, "")
    assert shelf.asked == []
    assert len(list(shelf.folder.glob("*.whl"))) == 3, "the folder is as it was"


def test_a_mirror_is_asked_for_what_is_locked(user, shelf):
    lock = shelf.lock()
    status = ended(install(user, shelf, lock=lock))
    assert (status.state, status.problem) == (State.READY, "")
    assert "/simple/tiny/" in [path for path, _ in shelf.asked]


def test_a_build_of_pytorchs_index_comes_from_its_best_folder_with_all_that_it_needs(user, shelf, monkeypatch):
    monkeypatch.setattr(lock_module, "TORCH", (TINY,))
    lock = shelf.lock()
    (shelf.folder / f"{TINY}-1.0-py3-none-any.whl").unlink()
    put_wheel(shelf.folder, TINY, version="1.0+cu128", needs="companion==3.0; platform_system == 'Linux'")
    put_wheel(shelf.folder, "companion", version="3.0")
    older = Machine("Linux", "x86_64", PYTHON, (Card("Card", "570.86", 8192, 8.9),))
    status = ended(install(user, shelf, machine=older, lock=lock, sources=both(shelf)))
    assert (status.state, status.problem, status.versions) == (State.READY, "", "tiny 1.0+cu128")
    assert [path for path, _ in shelf.asked if path.endswith("/tiny/")] == ["/cu129/tiny/", "/cu128/tiny/"]
    assert (folders.site_packages(user / current(user).folder) / "companion.py").is_file()


def test_a_build_that_pytorchs_index_does_not_have_is_told_with_the_way_out(user, shelf, monkeypatch):
    monkeypatch.setattr(lock_module, "TORCH", (TINY,))
    status = ended(install(user, shelf, wish="cuda12", sources=both(shelf)))
    assert status.state is State.NEEDS_REPAIR
    assert f"'{shelf.url}' has no tiny 1.0 for Linux" in status.problem
    assert "choose the Build 'Package Index'" in status.problem


def test_newer_wheels_are_an_update_and_the_old_painter_works_until_the_new_one_is_whole(old, user, shelf):
    new_version(shelf)
    assert settled(user, shelf.lock()).state is State.UPDATE_AVAILABLE
    shelf.slow = 0.01
    making = install(user, shelf)
    wait_for(lambda: making.status.step is Step.INSTALLING or making.done)
    assert version(user) == "1.0"
    assert ended(making).state is State.READY
    assert version(user) == "2.0"
    assert left_behind(user) == []


def test_what_version_0_1_made_is_used_until_it_is_updated(user, shelf):
    old = user / "runtime"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", old], check=True)
    (old / "stylestrip-runtime.json").write_text("{}")
    assert find_python("", user, {}) == venv_python(old)
    assert settled(user, shelf.lock()).state is State.UNCHECKED
    assert ended(install(user, shelf)).state is State.READY
    assert not old.exists()


def test_removing_leaves_nothing_and_says_that_nothing_is_installed(old, user, shelf):
    folders.remove_runtime(user)
    assert settled(user, shelf.lock()).state is State.NOT_INSTALLED
    assert not (user / "runtimes").exists()


# The states


def test_a_state_that_cannot_follow_is_a_mistake():
    with pytest.raises(ValueError, match="'checking' cannot follow on 'not installed'"):
        follow(Status(), State.CHECKING)
    assert set(TRANSITIONS) == set(State)


def test_a_status_is_read_as_it_was_written_and_a_broken_one_is_none(user):
    status = Status(State.READY, device="a card", speed="5 steps in 0.4 s")
    write_status(user, status)
    assert read_status(user) == status
    (user / "painter-state.json").write_text('{"state": "wild"}')
    assert read_status(user) == Status()
    shutil.rmtree(user)
    assert read_status(user) == Status()
