#!/usr/bin/env python3
"""Paints strips of many .blend files with Stylestrip, one file after the other, and says what became of each.

    python3 batch.py --blender blender A.blend B.blend --strip 'shot_*' --style oil-swirl -- --size 512 --steadiness 2

What stands after -- are options of the command: `blender -b FILE --command stylestrip --help` lists them. Called again,
it goes on with what was not finished, and leaves alone what is done. Needs Python 3.11 and a Blender with Stylestrip.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

# Exit codes of the command, by what they mean; ours are the same, of the worst file.
DONE, FAILED, WRONG_INPUT, STOPPED = 0, 1, 2, 130
WORDS = {DONE: "painted", FAILED: "failed", WRONG_INPUT: "wrong input", STOPPED: "stopped"}
# What the command says where there is nothing to do.
NOTHING_LEFT, ALL_PAINTED = "Nothing of this file was left unfinished.", "All that are have been painted"


def parser() -> argparse.ArgumentParser:
    """The options of this script."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("files", nargs="+", type=Path, metavar="FILE.blend", help="files with strips to paint")
    options.add_argument("--blender", default="blender", metavar="PATH", help="the Blender program (default: blender)")
    options.add_argument(
        "--strip", action="append", metavar="NAME", help="strips, or a pattern (default: all unpainted)"
    )
    options.add_argument(
        "--style", metavar="PICTURE", help="a file or a name such as oil-swirl (default: the strips' own)"
    )
    options.add_argument("--output", type=Path, metavar="FOLDER", help="save there under the same names, not in place")
    return options


def main(arguments: list[str]) -> int:
    """Paints all files; the exit code of the worst."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    given, further = parser().parse_args(arguments[:at]), arguments[at + 1 :]
    if given.output:
        given.output.mkdir(parents=True, exist_ok=True)
    codes = {}
    for file in given.files:
        begun = time.monotonic()
        codes[file] = paint(given, file, further)
        print(f"{file}: {WORDS.get(codes[file], 'failed')} after {time.monotonic() - begun:.0f} s", flush=True)
        if codes[file] == STOPPED:
            break
    print(f"\n{sum(code == DONE for code in codes.values())} of {len(given.files)} files are painted.")
    return max(codes.values(), default=DONE)


def paint(given: argparse.Namespace, file: Path, further: list[str]) -> int:
    """Goes on with what was left of a file, and then begins what was not; the exit code."""
    place = given.output / file.name if given.output else file
    if given.output and (other := painted_from(place, file)):
        print(f"{file}: '{place}' is painted from '{other}': name another folder with --output.", file=sys.stderr)
        return WRONG_INPUT
    output = ["--output", str(place)] if given.output else []
    code, _ = call(given.blender, latest(file, place), ["--resume", *output])
    if code != DONE:
        return code
    which = [part for name in given.strip for part in ("--strip", name)] if given.strip else ["--all"]
    style = ["--style", given.style] if given.style else []
    code, said = call(given.blender, latest(file, place), [*which, *style, *output, *further])
    return DONE if any(ALL_PAINTED in one for one in said) else code


def painted_from(place: Path, file: Path) -> str:
    """The other file that a place is for; empty if there is none, and then it is noted beside the place that it is for
    this one."""
    note = place.with_name(place.name + ".from")
    known = note.read_text(encoding="utf-8") if note.is_file() else ""
    if known and known != str(file.resolve()):
        return known
    note.write_text(str(file.resolve()), encoding="utf-8")
    return ""


def latest(file: Path, place: Path) -> Path:
    """What to open: the file as it was painted so far, or the file itself if that was changed since."""
    both = place.is_file() and file.is_file()
    return place if both and place.stat().st_mtime_ns >= file.stat().st_mtime_ns else file


def call(blender: str, file: Path, options: list[str]) -> tuple[int, list[str]]:
    """Runs the command and passes on what it says; its exit code, and its notes and errors."""
    command = [blender, "-b", str(file), "--command", "stylestrip", *options, "--json"]
    said, is_done = [], False
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
            for line in process.stdout or ():
                told = read(line)
                if told.get("type") in ("note", "error"):
                    said.append(told["message"])
                is_done = is_done or told.get("type") == "done" or NOTHING_LEFT in told.get("message", "")
                show(file, told)
        # Whatever is no code of the command, such as that of a Blender that has crashed, is a failure; and so is an end
        # without a word of what was done.
        is_told = process.returncode in WORDS and (process.returncode != DONE or is_done)
        return process.returncode if is_told else FAILED, said
    except FileNotFoundError:
        print(f"There is no Blender '{blender}': name one with --blender PATH.", file=sys.stderr)
        return WRONG_INPUT, said
    except KeyboardInterrupt:  # Blender has got it as well, and keeps what is finished
        return STOPPED, said


def read(line: str) -> dict:
    """One line of the command; Blender's own are left aside."""
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def show(file: Path, told: dict) -> None:
    """Tells a person what a person wants to know."""
    if told.get("type") in ("done", "error") or (
        told.get("type") == "note" and not told["message"].startswith(NOTHING_LEFT)
    ):
        print(f"{file}: {told['message']}", flush=True)
    elif told.get("type") == "progress" and told["done"] == told["total"]:
        print(f"{file}: '{told['source']}', {told['done']} of {told['total']} frames", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
