"""What a person sees of a step: a line when it begins, a line that lives while it runs, a line when it ended."""

import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

HEARTBEAT_SECONDS = 15.0  # between signs of life where the output is a file and no terminal
REPAINT_SECONDS = 0.5
KEPT_LINES = 400
LINE_WIDTH = 100


def say(text: str) -> None:
    """One line about a step."""
    print(text, flush=True)


class LiveLine:
    """One line that tells what a long step does now: rewritten on a terminal, repeated now and then in a log."""

    def __init__(self) -> None:
        self.begun = self.shown = time.monotonic()
        self.rewrites = sys.stdout.isatty()

    def show(self, text: str) -> None:
        """Shows `text` and the seconds gone by, if it is time to."""
        now = time.monotonic()
        if now - self.shown < (REPAINT_SECONDS if self.rewrites else HEARTBEAT_SECONDS):
            return
        self.shown = now
        line = f"  {now - self.begun:4.0f} s  {text[:LINE_WIDTH]}"
        print(f"\r{line:<{LINE_WIDTH + 10}}" if self.rewrites else line, end="" if self.rewrites else "\n", flush=True)

    def clear(self) -> None:
        """Takes the line off a terminal."""
        if self.rewrites:
            print("\r" + " " * (LINE_WIDTH + 10) + "\r", end="", flush=True)


def run_quietly(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    keep: Callable[[str], bool] = lambda line: False,
    drop: Callable[[str], bool] = lambda line: False,
) -> tuple[int, list[str]]:
    """Runs `command` with its output shrunk to one living line; gives its exit code and its last lines.

    Lines that `keep` chooses are shown in full, those that `drop` chooses are forgotten. The
    command dies with us when the person presses Ctrl+C.
    """
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=pump, args=(process, lines), daemon=True).start()
    try:
        last = follow(lines, keep, drop)
        return process.wait(), last
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def pump(process: subprocess.Popen, lines: "queue.SimpleQueue[str | None]") -> None:
    """Puts each line of the process into the queue, and None after the last."""
    for line in process.stdout:
        lines.put(line.rstrip())
    lines.put(None)


def follow(
    lines: "queue.SimpleQueue[str | None]", keep: Callable[[str], bool], drop: Callable[[str], bool]
) -> list[str]:
    """Shows lines as they come, until None; gives the last of them."""
    live, last = LiveLine(), deque(maxlen=KEPT_LINES)
    while True:
        try:
            line = lines.get(timeout=REPAINT_SECONDS)
        except queue.Empty:
            line = ""
        if line is None:
            live.clear()
            return list(last)
        if line.strip() and not drop(line):
            last.append(line)
        if line and keep(line):
            live.clear()
            say(f"  {line}")
        live.show(last[-1].strip() if last else "...")
