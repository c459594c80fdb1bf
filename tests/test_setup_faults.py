"""Installing the painter: whatever goes wrong, there is the old one or the new one, a sentence, and a way on."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from installing import (
    CARD,
    MEGABYTE,
    ROOT,
    ended,
    impatience,
    imports,
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
from stylestrip.blender_addon.runtime import download, folders, setup
from stylestrip.blender_addon.runtime.check import Report
from stylestrip.blender_addon.runtime.claim import claimed, is_claimed
from stylestrip.blender_addon.runtime.folders import current
from stylestrip.blender_addon.runtime.machine import Card, Machine
from stylestrip.blender_addon.runtime.network import ANSWER_SECONDS
from stylestrip.blender_addon.runtime.python import PythonGoneError, find_python
from stylestrip.blender_addon.runtime.settling import settled
from stylestrip.blender_addon.runtime.setup import Setup
from stylestrip.blender_addon.runtime.sources import Sources
from stylestrip.blender_addon.runtime.states import State, Step, read_status
from stylestrip.style_core.job import UserError
from wheels import PYTHON, put_wheel


def test_a_download_that_is_cut_off_says_so_and_goes_on_from_there(user, shelf, monkeypatch):
    monkeypatch.setattr(download, "TRIES", 1)
    shelf.cut_after = 1 << 19
    status = ended(install(user, shelf))
    assert status.state is State.NEEDS_REPAIR
    assert "was cut off after 1 MB of 2 MB" in status.problem and "goes on from there" in status.problem
    shelf.cut_after = None
    shelf.asked.clear()
    assert ended(install(user, shelf)).state is State.READY
    assert ("/files/pip-23.2.1-py3-none-any.whl", f"bytes={1 << 19}-") in shelf.asked
    assert not any("tiny" in path for path, _ in shelf.asked), "what was whole is not asked for again"


def test_a_download_that_is_cut_off_again_and_again_comes_to_its_end_by_itself(user, shelf):
    shelf.cut_after = 1 << 19
    assert ended(install(user, shelf)).state is State.READY


def test_a_server_that_cannot_go_on_in_the_middle_begins_again(user, shelf):
    wheels = user / "wheels"
    wheels.mkdir()
    (wheels / "large-1.0-py3-none-any.whl.part").write_bytes(bytes(5000))
    shelf.ranges = False
    status = ended(install(user, shelf))
    assert (status.state, status.problem) == (State.READY, "")


def test_a_wheel_with_a_wrong_hash_is_refused_removed_and_fetched_anew(user, shelf):
    lock = shelf.lock()
    right = (shelf.folder / "large-1.0-py3-none-any.whl").read_bytes()
    (shelf.folder / "large-1.0-py3-none-any.whl").write_bytes(right[:-1] + b"x")
    status = ended(install(user, shelf, lock=lock))
    assert status.state is State.NEEDS_REPAIR
    assert "'large-1.0-py3-none-any.whl'" in status.problem and "sha256" in status.problem
    assert not list((user / "wheels").glob("large*"))
    (shelf.folder / "large-1.0-py3-none-any.whl").write_bytes(right)
    assert ended(install(user, shelf, lock=lock)).state is State.READY


def test_a_folder_of_wheels_that_lacks_one_or_has_a_false_one_is_refused_by_name(user, shelf):
    lock, large = shelf.lock(), shelf.folder / "large-1.0-py3-none-any.whl"
    given = {"lock": lock, "sources": Sources(wheels=str(shelf.folder))}
    large.write_bytes(large.read_bytes()[:-1] + b"x")
    assert f"'{large}' is not the file that Stylestrip was tested with" in ended(install(user, shelf, **given)).problem
    large.unlink()
    assert f"has no '{large.name}'" in ended(install(user, shelf, **given)).problem


def test_no_network_is_one_sentence_and_an_old_painter_goes_on_painting(old, user, shelf):
    new_version(shelf)
    nowhere = Sources(index="http://127.0.0.1:9/simple")
    status = ended(install(user, shelf, sources=nowhere))
    assert status.state is State.UPDATE_AVAILABLE
    assert "127.0.0.1:9 cannot be reached" in status.problem
    assert version(user) == "1.0"


def test_a_driver_that_is_too_old_is_told_with_both_ways_out(user, shelf):
    old = Machine("Linux", "x86_64", PYTHON, (Card("GeForce RTX 2060", "470.57.02", 6144, 7.5),))
    status = ended(install(user, shelf, machine=old))
    assert status.state is State.NEEDS_REPAIR
    assert status.problem == (
        "The driver 470.57.02 of GeForce RTX 2060 is too old for torch, which needs 525.6 or newer: update the "
        "driver of the card and try again, or choose the build 'Processor' to paint without the card."
    )
    assert ended(install(user, shelf, machine=old, wish="index")).state is State.READY


def test_a_folder_that_cannot_be_written_is_named(shelf, tmp_path):
    if os.geteuid() == 0:
        locked = Path("/proc/self")  # which even root cannot write to
    else:
        locked = tmp_path / "locked"
        locked.mkdir()
        locked.chmod(0o555)
    making = install(locked / "user", shelf)
    making.thread.join(60)
    assert making.status.state is State.NEEDS_REPAIR
    assert f"'{locked / 'user'}' cannot be written" in making.status.problem


def test_a_disk_that_has_not_enough_room_is_told_before_anything_is_fetched(user, shelf, monkeypatch):
    monkeypatch.setattr(setup, "SPARE_BYTES", 10**18)
    status = ended(install(user, shelf))
    assert status.problem.startswith("The painter needs 1000000000.0 GB in ")
    assert shelf.asked == []


FULL_DISK = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
import conftest, json
from pathlib import Path
import installing as t
from stylestrip.blender_addon.runtime import setup
setup.SPARE_BYTES = -10**9
user = Path(sys.argv[1])
making = t.Setup(sys.executable, user, t.Sources(wheels=sys.argv[2]), machine=t.CARD, lock=json.loads(sys.argv[3]),
                 check=t.imports)
making.thread.join()
print(json.dumps([making.status.state, making.status.problem, t.left_behind(user)]))
"""


def test_a_disk_that_fills_while_wheels_are_installed_leaves_nothing_and_says_so(shelf, tmp_path):
    put_wheel(shelf.folder, "larger", 8 * MEGABYTE)
    place = tmp_path / "small disk"
    place.mkdir()
    code = FULL_DISK.format(root=str(ROOT), tests=str(ROOT / "tests"))
    # A disk of six megabytes, in a view of the file system that only this process has.
    script = f"mount -t tmpfs -o size=6m small '{place}' && exec \"$@\""
    command = ["unshare", "-rm", "sh", "-c", script, "sh", sys.executable, "-c", code]
    done = subprocess.run(
        [*command, str(place), str(shelf.folder), json.dumps(shelf.lock())], capture_output=True, text=True
    )
    if done.returncode and "unshare" in done.stderr:
        pytest.skip("this system gives no disks to users")
    state, problem, left = json.loads(done.stdout.splitlines()[-1])
    assert (state, left) == (State.NEEDS_REPAIR, [])
    assert "the disk is full: free some space and press Install again" in problem or "is full: free" in problem


def test_a_python_that_is_removed_under_the_runtime_is_told_and_mended_without_a_download(old, user, shelf):
    python = find_python("", user, {})
    for link in python.parent.glob("python*"):
        link.unlink()
        link.symlink_to("/gone/blender/5.1/python")
    with pytest.raises(PythonGoneError, match="press Repair"):
        find_python("", user, {})
    assert settled(user, shelf.lock()).state is State.NEEDS_REPAIR
    shelf.asked.clear()
    assert ended(install(user, shelf, repair=True)).state is State.READY
    assert shelf.asked == []
    assert version(user) == "1.0"


def test_a_package_that_lost_a_file_is_installed_anew_by_repair(old, user, shelf):
    folder = user / current(user).folder
    (folders.site_packages(folder) / "large_data.bin").unlink()
    status = ended(install(user, shelf, repair=True))
    assert (status.state, status.problem) == (State.READY, "")
    assert (folders.site_packages(user / current(user).folder) / "large_data.bin").is_file()


def test_a_repair_that_fails_does_not_say_that_all_is_well(old, user, shelf):
    (folders.site_packages(user / current(user).folder) / "large_data.bin").unlink()
    nowhere = Sources(index="http://127.0.0.1:9/simple")
    status = ended(install(user, shelf, repair=True, sources=nowhere))
    assert status.state is State.NEEDS_REPAIR
    assert "cannot be reached" in status.problem


def test_a_new_painter_that_does_not_work_does_not_take_the_place_of_one_that_does(old, user, shelf):
    new_version(shelf)
    status = ended(install(user, shelf, check=lambda python, *_: Report(python, "It does not paint: press Repair.")))
    assert (status.state, status.problem) == (State.UPDATE_AVAILABLE, "It does not paint: press Repair.")
    assert version(user) == "1.0"


def test_an_error_that_nobody_has_thought_of_ends_the_installation_with_a_sentence(old, user, shelf):
    new_version(shelf)
    status = ended(install(user, shelf, check=lambda *_: int("no number")))
    assert status.problem.startswith("Installing failed unexpectedly (ValueError: invalid literal")
    assert (version(user), left_behind(user)) == ("1.0", [])


def test_two_blenders_do_not_install_at_once(user, shelf):
    shelf.slow = 0.02
    first = install(user, shelf)
    wait_for(lambda: first.status.step is Step.DOWNLOADING)
    second = ended(install(user, shelf))
    assert second.state is State.INSTALLING, "it shows what the other one does"
    assert f"(process {os.getpid()})" in second.problem
    assert first.status.problem == ""
    first.cancel()
    ended(first)


def test_the_claim_of_a_process_that_was_killed_is_none(user, shelf):
    code = (f"import sys, time; sys.path.insert(0, {str(ROOT / 'tests')!r}); import conftest\n"
            "from pathlib import Path; from stylestrip.blender_addon.runtime.claim import claimed\n"
            f"with claimed(Path({str(user)!r})): print('mine', flush=True); time.sleep(60)")  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment) as other:
        assert other.stdout.readline() == "mine\n"
        with pytest.raises(UserError, match=f"process {other.pid}"), claimed(user):
            pass
        other.kill()
    with claimed(user):
        assert (user / "setup.lock").read_text().strip() == str(os.getpid())


@pytest.mark.parametrize("step", [Step.DOWNLOADING, Step.ENVIRONMENT, Step.INSTALLING])
def test_cancelling_is_quick_and_leaves_what_was_there(user, shelf, step):
    shelf.slow = 0.005
    making = install(user, shelf)
    wait_for(lambda: making.status.step is step or making.done)
    began = time.monotonic()
    making.cancel()
    status = ended(making)
    assert time.monotonic() - began < 3
    assert (status.state, status.problem) == (State.NOT_INSTALLED, "")
    assert status.note.startswith("The installation was cancelled.")
    assert left_behind(user) == [] and current(user) is None
    shelf.slow = 0
    assert ended(install(user, shelf)).state is State.READY


@pytest.mark.parametrize("silent_after", [-1, 1 << 16], ids=["before it answers", "in the middle of a file"])
def test_cancel_does_not_wait_for_a_server_that_is_silent(user, shelf, silent_after):
    shelf.silent_after = silent_after
    making = install(user, shelf)
    wait_for(lambda: shelf.asked and making.status.done >= (silent_after if silent_after > 0 else 0))
    began = time.monotonic()
    making.cancel()
    assert ended(making).note.startswith("The installation was cancelled.")
    assert time.monotonic() - began < ANSWER_SECONDS / 3, "no server is waited for"


KILLED = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
import conftest, json
from pathlib import Path
import installing as t
making = t.Setup(sys.executable, Path(sys.argv[1]), t.Sources(index=sys.argv[3]), machine=t.CARD,
                 lock=json.loads(sys.argv[2]), check=t.imports)
making.thread.join()
"""


@pytest.mark.parametrize("step", [one for one in Step if one is not Step.NONE and one is not Step.FINDING])
def test_a_kill_at_any_step_leaves_the_old_painter_or_the_new_one(old, user, shelf, step):
    new_version(shelf)
    lock = shelf.lock()
    shelf.slow = 0.002
    code = KILLED.format(root=str(ROOT), tests=str(ROOT / "tests"))
    command = [sys.executable, "-c", code, str(user), json.dumps(lock), f"{shelf.url}/simple"]
    with subprocess.Popen(command, start_new_session=True) as process:
        # The steps are short: what is written down of them is read as it comes.
        wait_for(lambda: read_status(user).step is step or process.poll() is not None)
        with suppress(ProcessLookupError):  # the last steps are soon over
            os.killpg(process.pid, signal.SIGKILL)
    wait_for(lambda: not is_claimed(user))  # what it was about to start held the claim for a moment more
    seen = settled(user, lock)
    assert seen.state in (State.READY, State.UPDATE_AVAILABLE)
    assert version(user) == {State.READY: "2.0", State.UPDATE_AVAILABLE: "1.0"}[seen.state]
    shelf.slow = 0
    status = ended(install(user, shelf, lock=lock))
    assert (status.state, version(user), left_behind(user)) == (State.READY, "2.0", [])


def test_a_base_python_that_cannot_be_run_is_an_error_and_leaves_nothing(user, shelf, tmp_path):
    gone = str(tmp_path / "gone")
    making = Setup(gone, user, Sources(index=f"{shelf.url}/simple"), machine=CARD, lock=shelf.lock(), check=imports)
    assert f"'{gone}' cannot be run" in ended(making).problem
    assert left_behind(user) == []
