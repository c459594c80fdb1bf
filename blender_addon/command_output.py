"""What the headless command says: to a person in a terminal, or to a machine."""

import json
import sys
import time
from typing import Any, Protocol

from .compositor.baking import Bake
from .painting import Painting
from .task import REGION_STAGES, RENDERING

LINE_SECONDS = 5.0  # between lines of progress where there is no terminal
# What counts frames of its own: a share of the painting is told from then on.
BEFORE_PAINTING = (*REGION_STAGES, RENDERING)


class Display(Protocol):
    """Tells how far strips are."""

    def progress(self, painting: Painting | Bake) -> None:
        """How far one is."""

    def done(self, painting: Painting | Bake, path: str) -> None:
        """One is painted, and saved in a file."""

    def wrong(self, sentence: str, strip: str = "") -> None:
        """What has gone wrong, and with which strip."""

    def note(self, sentence: str) -> None:
        """What a person should know."""

    def strip(self, name: str, how: str) -> None:
        """How a strip would be painted."""


class TerminalLine:
    """For a person: one line that changes, or now and then a line where there is no terminal."""

    def __init__(self) -> None:
        self.alive, self.told, self.last = sys.stdout.isatty(), 0.0, ""

    def progress(self, painting: Painting | Bake) -> None:
        share = " " * 4 if painting.stage in BEFORE_PAINTING else f"{painting.fraction:4.0%}"
        words = f"{share}  {painting.strip}: {painting.words}"
        waited = time.monotonic() - self.told > LINE_SECONDS
        if painting.state != "running" or words == self.last or not (self.alive or waited):
            return
        # Spaces wipe what is left of a longer line before.
        print(f"\r{words:<{len(self.last)}}" if self.alive else words, end="" if self.alive else "\n", flush=True)
        self.told, self.last = time.monotonic(), words

    def end_line(self) -> None:
        """Leaves the line of progress."""
        if self.alive and self.last:
            print(flush=True)
        self.last = ""

    def done(self, painting: Painting | Bake, path: str) -> None:
        self.end_line()
        print(f"{painting.message} Saved: {path}", flush=True)

    def wrong(self, sentence: str, strip: str = "") -> None:
        self.end_line()
        named = "" if not strip or f"'{strip}'" in sentence else f"'{strip}': "
        print(f"stylestrip: {named}{sentence}", file=sys.stderr, flush=True)

    def note(self, sentence: str) -> None:
        print(sentence, flush=True)

    def strip(self, name: str, how: str) -> None:
        print(f"{name}: {how}", flush=True)


class JsonLines:
    """For machines: one JSON object a line; `source` is the strip or node that is painted."""

    def __init__(self) -> None:
        self.last: dict[str, Any] = {}

    def progress(self, painting: Painting | Bake) -> None:
        told = {"source": painting.strip, "stage": painting.stage, "done": painting.done, "total": painting.total}
        told |= {"fraction": round(painting.fraction, 3)}
        if told != self.last:
            self.write("progress", **told, seconds_left=painting.seconds_left)
        self.last = told

    def done(self, painting: Painting | Bake, path: str) -> None:
        self.write("done", source=painting.strip, strip=painting.result, file=path, message=painting.message)

    def wrong(self, sentence: str, strip: str = "") -> None:
        self.write("error", source=strip, message=sentence)

    def note(self, sentence: str) -> None:
        self.write("note", message=sentence)

    def strip(self, name: str, how: str) -> None:
        self.write("strip", source=name, message=how)

    def write(self, kind: str, **values: Any) -> None:
        """Writes one line."""
        print(json.dumps({"type": kind, **values}), flush=True)
