"""What the worker and its client say to each other: one JSON object a line, over the worker's stdin and stdout.

The worker speaks first, with HELLO. Then the client sends RUN, PREVIEW, MATTE, OUTLINE, ARRIVE, FORGET, CUT, SHOW,
CANCEL or QUIT. The worker does one thing after the other, and answers a RUN or MATTE with any number of PROGRESS and
FRAME messages and exactly one of DONE, CANCELLED or ERROR, a PREVIEW likewise with PICTURE messages among them, an
OUTLINE likewise with OUTLINES for DONE, and an ARRIVE with ARRIVED for DONE. CUT and SHOW are done between two steps of
other work. A CUT is answered with exactly one of CUT_DONE, CANCELLED or ERROR; of those that wait, the newest alone is
done, and the others are CANCELLED. A SHOW is answered with SHOWN or ERROR. A closed stdin means QUIT: a worker never
outlives its client. What libraries print goes to stderr, which is the log.
"""

import json
from typing import Any

# Raised when a message changes so that an older side would misread it.
PROTOCOL_VERSION = 1

# worker -> client
HELLO = "hello"  # protocol: int, version: str, pid: int
# id, stage: str, frame, done, total, step, steps: int, loss: float|null, seconds_left: float|null, notes: [str] (what a
# person should know by now, though it goes on)
PROGRESS = "progress"
# id, number: int, path: str (of a picture of a frame that is not finished; whoever reads it removes it)
PICTURE = "picture"
FRAME = "frame"  # id, number: int (of the source, from 1), path: str, done: int, total: int, notes: as of PROGRESS
# id, folder: str, frames: int, reused: int, seconds: float, device, output: str, notes: [str] (what a person should
# know, though all went well); of a RUN also report: str; of a PREVIEW also files: [str], in the order of the frames
DONE = "done"
# id, overlay, matte: str (as asked), size: [width, height] of the source's picture, share: float (how much of the
# picture the object is, 0..1), seconds: float
CUT_DONE = "cut_done"
# id, folder: str (of the mattes), size: [width, height], outlines: {frame: [{"points": [[[x, y] of a point, of its
# handle before and of its handle after], ...], "is_hole": bool, "is_there": bool}, ...], ...}, alike at all frames
OUTLINES = "outlines"
# id, path: str (of the painted frame; empty where only what is known was asked for, and it is not), beginning: str (the
# picture that its film began with), was_known: bool (whether it was in the cache)
ARRIVED = "arrived"
SHOWN = "shown"  # id, path: str (as asked)
CANCELLED = "cancelled"  # id, done: int, total: int
# id (null: about no job), message: str (a sentence for the person), details: str (for a report),
# wrong_input: bool (what was asked for is to blame, and not the painter, or too little room on the disk or memory)
ERROR = "error"

# client -> worker
RUN = "run"  # id: str, job: object (a Job)
# id: str, job: {"job": object (a Job, the whole of it), "first", "last": int (the frames to paint), "pictures": str (a
# folder for PICTURE files that exists; empty: none are wanted)}
PREVIEW = "preview"
MATTE = "matte"  # id: str, job: object (a MatteJob); a folder of NNNNNN.png comes, and of an object confidence.json
# id: str, job: {"mattes": object (a MatteJob), "frames": [int, ...] (the key frames), "tolerance": float (in pixels)}
OUTLINE = "outline"
# id: str, arrival: {"job": object (a Job whose growing source has the frames up to this one), "render": str,
# "only_known": bool}
ARRIVE = "arrive"
FORGET = "forget"  # what was kept for ARRIVE is not needed any more: it is let go after that; there is no answer
# id: str, source: object (a Source), frame: int, rectangle: [x, y, width, height] or null, strokes: [{"points":
# [[x, y], ...], "radius": float, "keep": bool}, ...], begin: path of a matte to start from or "", overlay, matte: path
# to write or ""; in pixels of the source's picture, from its upper left corner.
CUT = "cut"
SHOW = "show"  # id: str, source: object (a Source), frame: int, path: str; a picture of 960 pixels at most comes
CANCEL = "cancel"  # id: str
QUIT = "quit"

FINAL = frozenset({DONE, CUT_DONE, OUTLINES, ARRIVED, SHOWN, CANCELLED, ERROR})

# The worker sends PROGRESS at most this often, so that a slow reader is never drowned.
PROGRESS_INTERVAL_SECONDS = 0.2


class ProtocolError(Exception):
    """The other side said something that is no message of this protocol."""


def encode(kind: str, **values: Any) -> str:
    """One message as a line of text, newline included."""
    return json.dumps({"type": kind, **values}, separators=(",", ":")) + "\n"


def decode(line: str) -> dict[str, Any]:
    """The message of one line; raises ProtocolError if it is none."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"Not a message: {line[:200]!r} ({error}).") from error
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise ProtocolError(f"A message without a type: {line[:200]!r}.")
    return message


def check_hello(message: dict[str, Any]) -> None:
    """Raises ProtocolError unless `message` is the greeting of a worker that speaks this version."""
    if message.get("type") != HELLO:
        raise ProtocolError(f"The worker began with {message.get('type')!r} instead of its greeting.")
    if message.get("protocol") != PROTOCOL_VERSION:
        raise ProtocolError(
            f"The worker speaks protocol {message.get('protocol')}, this add-on speaks {PROTOCOL_VERSION}: "
            "install both from the same version of Stylestrip."
        )
