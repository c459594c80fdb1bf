"""A second Blender without a window, which does one thing with a copy of this file while the window stays free."""

import json
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import bpy

from ...style_core.job import UserError
from ..client import apart, end, ending
from .half_done import fresh, tidy
from .isolation import UNFINISHED

SCRIPT = Path(__file__).with_name("child_script.py")
COPY, LOG, ANSWER = "copy.blend", "blender.log", "problem.txt"
LAST_SECONDS = 3.0  # in which a process that was killed is gone


def save_copy(path: Path) -> None:
    """Saves this file as it is now to another path, as quickly as that can be done: the window waits for it.

    Raises RuntimeError if it cannot be written.
    """
    preferences = bpy.context.preferences
    was_dirty, picture = preferences.is_dirty, preferences.filepaths.file_preview_type
    preferences.filepaths.file_preview_type = "NONE"  # else the window is drawn once more for it
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True, check_existing=False, compress=False)
    finally:
        preferences.filepaths.file_preview_type, preferences.is_dirty = picture, was_dirty


def program() -> str:
    """What runs Blender once more."""
    return sys.executable if bpy.app.module else bpy.app.binary_path


class Child:
    """Calls one function of the host in another Blender, which has this file as it is now.

    Args:
        folder: exists; for what passes between the two and what the other one has not finished, in a folder of their
            own inside it that is removed at the end: there may be several at a time.
        room: the module in blender_addon/host.
        function: in that room; it returns when all is done.
        values: its arguments, which JSON can hold: things of Blender are named.

    Raises:
        UserError: the copy cannot be written.
        OSError: the folder cannot be written.
    """

    def __init__(self, folder: Path, room: str, function: str, values: dict[str, Any]) -> None:
        tidy(folder)
        self.folder = fresh(UNFINISHED, folder)
        copy, self.log, self.answer = (self.folder / name for name in (COPY, LOG, ANSWER))
        try:
            save_copy(copy)
        except RuntimeError as error:  # that is how Blender's operators report
            self.tidy()
            reason = str(error).strip().removeprefix("Error: ")
            raise UserError(
                f"A copy of the file cannot be written to '{folder}' ({reason}): make room there, or choose another "
                "cache folder in the preferences of Stylestrip."
            ) from error
        self.begun: subprocess.Popen | None = None
        self.is_begun, self.trouble = threading.Event(), ""
        plan = {"room": room, "function": function, "values": values, "answer": str(self.answer)}
        plan["temporary"] = str(self.folder)
        # What this Blender was not allowed to run, the other one is not either.
        scripts = "--disable-autoexec" if bpy.app.autoexec_fail else "--enable-autoexec"
        command = [program(), "-b", "--factory-startup", scripts, str(copy), "--python-exit-code", "1"]
        command += ["--python", str(SCRIPT), "--", json.dumps(plan)]
        if bpy.app.module:  # which has no command line, and opens the file by itself
            command = [program(), str(SCRIPT), json.dumps(plan | {"file": str(copy)})]
        # On a busy machine that takes its time.
        threading.Thread(target=self.start, args=(command,)).start()

    def start(self, command: list[str]) -> None:
        """Starts the process."""
        try:
            with self.log.open("wb") as log:
                self.begun = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **apart()
                )
        except OSError as error:
            self.trouble = (
                f"a second Blender '{command[0]}' cannot be started ({error.strerror}): start Blender from a program "
                "file that can be run."
            )
        self.is_begun.set()

    @property
    def process(self) -> subprocess.Popen | None:
        """The process, waited for until it is started; None if it cannot be."""
        self.is_begun.wait()
        return self.begun

    @property
    def is_running(self) -> bool:
        """Whether it is being started, or still at work."""
        return not self.is_begun.is_set() or (self.begun is not None and self.begun.poll() is None)

    def problem(self) -> str:
        """Why it has failed, a sentence; read before `end`."""
        if self.trouble:
            return self.trouble
        with suppress(OSError):
            return self.answer.read_text(encoding="utf-8")
        last = ""
        with suppress(OSError):
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"a second Blender stopped unexpectedly ({ending(self.process.returncode)}). It last said: {last}"

    def end(self) -> None:
        """Ends it if it runs, and removes what has passed between the two as soon as it is gone, without waiting."""
        if self.begun:
            end(self.begun)
        try:
            threading.Thread(target=self.leave).start()
        except RuntimeError:  # Python is ending and starts no more threads
            self.leave()

    def leave(self) -> None:
        """Waits for its end, and removes what has passed between the two."""
        if self.process:
            end(self.process)  # it may have been started only now
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(LAST_SECONDS)
        self.tidy()

    def tidy(self) -> None:
        """Removes what has passed between the two."""
        # Windows keeps what a process that is ending still has open.
        shutil.rmtree(self.folder, ignore_errors=True)
