"""What is not finished of a .blend file's queue, noted in a small file in its cache: that outlives Blender.

It is written when something is queued, and removed when nothing is left. A file that was never saved has no such note.
"""

import hashlib
import json
from contextlib import suppress
from pathlib import Path

import bpy
from bpy.app.handlers import persistent

from ..style_core.job import UserError
from ..style_core.whole import written
from . import jobs
from .host import handlers
from .later import leftovers

FILE = "queue-{}.json"
VERSION = 1
LATER_SECONDS = 0.5  # after which Blender has a file open that it was started with

left: list["leftovers.Entry"] = []
"""What this .blend file's queue has left over from earlier, which the person may go on with."""
problem = ""
"""Why nothing can be noted or read, a sentence; empty if it can."""
known: set[str] = set()
"""The tickets of all that this Blender has queued or forgotten: who else is in the note is left alone."""
noted: list[list[str]] | None = None
"""What was noted last, in short."""
place: Path | None = None
"""Where."""
seen: tuple[Path, tuple[int, int] | None, list["leftovers.Entry"]] | None = None
"""The note that was written or read last, the state of its file then, and what is in it."""
held = False
"""Whether the note stays as it is: who stops everything may want to go on later."""


def file(blend: Path | None = None) -> Path:
    """Where the note of a .blend file lies; that of the open one, if none is named."""
    digest = hashlib.sha256(str((blend or Path(bpy.data.filepath)).resolve()).encode()).hexdigest()[:16]
    return jobs.cache_folder() / FILE.format(digest)


def keep() -> None:
    """Notes what is not finished, if that has changed since the last time."""
    global noted, place, problem
    if held:
        return
    tasks = [(task.state, entry) for task in jobs.queue if (entry := leftovers.of(task))]
    open_ones = [entry for state, entry in tasks if state in ("waiting", "running", "failed")]
    known.update(entry.ticket for _, entry in tasks)
    # Who is painted again is no longer left over.
    again = {entry.place for _, entry in tasks}
    left[:] = [one for one in left if one.place not in again]
    in_short = [[one.ticket, one.job.output.cache, one.job.source.path] for one in open_ones]
    if not bpy.data.filepath or (not known and place is None) or in_short == noted:
        return
    before, place = place, file()
    try:
        others = [one for one in entries_in(before or place) if one.ticket not in known and one.place not in again]
        if before and before != place:
            # What was offered here goes along; what another Blender has of the old file stays with that.
            offered = {one.ticket for one in left}
            write(before, [one for one in others if one.ticket not in offered])
            others = [one for one in others if one.ticket in offered]
        write(place, others + open_ones)
        problem = ""
    except (OSError, UserError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        problem = f"The queue cannot be noted in '{place}' ({reason}): should Blender end, it is forgotten."
    noted = in_short


def write(path: Path, entries: "list[leftovers.Entry]") -> None:
    """Writes a note at once or not at all; an empty one is removed."""
    global seen
    if entries:
        put(path, entries)
    else:
        path.unlink(missing_ok=True)
    seen = path, state_of(path), entries


def put(path: Path, entries: "list[leftovers.Entry]") -> None:
    """Writes the file of a note, at once or not at all."""
    with written(path) as part:
        part.write_text(json.dumps({"version": VERSION} | leftovers.as_told(entries)), encoding="utf-8")


def entries_in(path: Path) -> "list[leftovers.Entry]":
    """The entries of a note, which is read if another Blender has written it since; raises UserError as `read` does."""
    global seen
    state = state_of(path)
    if seen is None or seen[:2] != (path, state):
        seen = path, state, read(path)
    return seen[2]


def state_of(path: Path) -> tuple[int, int] | None:
    """By what it is known whether a file was written anew; None: there is none."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_mtime_ns, state.st_ino


def read(path: Path) -> "list[leftovers.Entry]":
    """The entries of a note; none if there is no note. Raises UserError if it is none of ours."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    try:
        note = json.loads(text)
        if note["version"] != VERSION:
            raise UserError(f"it was written by another version of Stylestrip ({note['version']})")
        return leftovers.read(note)
    except (ValueError, KeyError, TypeError, UserError) as error:
        raise UserError(f"The note of what is not finished, '{path}', cannot be read ({error}): forget it.") from error


def sentence() -> str:
    """What is left over, for a person; empty if nothing is."""
    names: dict[str, list[str]] = {}
    for one in left:
        names.setdefault(one.place[0], []).append(f"'{one.strip}'")
    of_kinds = [f"{kind}{'s' * (len(own) > 1)} {', '.join(own)}" for kind, own in names.items()]
    return f"Not finished: {' and '.join(of_kinds)}." if names else ""


# What a person does with it


def go_on_with_all() -> list[UserError]:
    """Queues all that is left over; what is wrong with what cannot be: what is gone is forgotten."""
    problems, still_left = [], []
    for one in list(left):
        try:
            one.require()
        except UserError as error:
            problems.append(error)
            known.add(one.ticket)
            continue
        try:
            one.go_on()
        except UserError as error:
            problems.append(error)
            still_left.append(one)
    left[:] = still_left
    renote()
    # Where there is no painter, that is said once.
    return list({str(problem): problem for problem in problems}.values())


def forget() -> None:
    """Drops what is left over; painted frames stay in the cache."""
    global problem
    if problem and not left:
        # What can be read may be of another Blender; what cannot be removed is told when the note is written.
        with suppress(OSError):
            try:
                read(file())
            except UserError:
                file().unlink(missing_ok=True)
    known.update(one.ticket for one in left)
    left.clear()
    problem = ""
    renote()


def renote() -> None:
    """Writes the note anew."""
    global noted, place
    noted, place = None, place or (file() if bpy.data.filepath else None)
    keep()


def hold() -> None:
    """Leaves the note as it is, whatever is cancelled from now on."""
    global held
    held = True


# What happens to the file


def look() -> None:
    """Finds what the file that is open has left over."""
    global problem, noted, place, held
    left.clear()
    problem, noted, place, held = "", None, None, False
    known.clear()
    if not bpy.data.filepath:
        return
    # Where the file is saved under another name, what is left over goes along from here.
    noted, place = [], file()
    try:
        left.extend(read(place))
    except (OSError, UserError) as error:
        problem = str(error)


@persistent
def on_load(*_: object) -> None:
    """Another file is open."""
    look()


def follow() -> None:
    """Takes the note along where the file was saved: it may have a name now, or another one."""
    global noted
    noted = None
    keep()


@persistent
def on_save(*_: object) -> None:
    """The file was saved."""
    follow()


HANDLERS = (("load_post", on_load), ("save_post", on_save))


def register() -> None:
    """Watches the queue, and where there is a window the file."""
    jobs.watchers.append(keep)
    if not bpy.app.background:  # else somebody asks for what is left over
        handlers.attach(HANDLERS)
        bpy.app.timers.register(look, first_interval=LATER_SECONDS)


def unregister() -> None:
    """Watches no more; the note stays."""
    with suppress(ValueError):
        jobs.watchers.remove(keep)
    handlers.detach(HANDLERS)
    if bpy.app.timers.is_registered(look):
        bpy.app.timers.unregister(look)
