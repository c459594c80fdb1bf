"""A render on its way that is to be painted: in this process where there is no window, else in a Blender of its own."""

import os
import time
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import bpy
from bpy.types import Scene, Strip

from ...style_core.job import ScarceError, UserError, frame_name
from .. import interrupt
from .child import Child
from .footage import Footage
from .isolation import render_missing

# How long frames are rendered in this process before somebody is told of them.
TURN_SECONDS = 0.3
STRIP = "strip"
END = object()
# What is rendered of that, for a person.
WORDS = {STRIP: "Rendering the strip", "node": "Rendering what comes in"}


class Wanted(Protocol):
    """Frames that are to be rendered."""

    folder: Path
    numbers: range
    ending: str


class Rendering:
    """Frames that appear in a folder one after the other; those that are there stay.

    Args:
        wanted: what is rendered.
        what: of what, in a word.
    """

    def __init__(self, wanted: Wanted, what: str = STRIP) -> None:
        self.folder, self.numbers, self.ending, self.what = wanted.folder, wanted.numbers, wanted.ending, what
        self.total = len(self.numbers)
        self.counted = 0
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            os.utime(self.folder)
        except OSError as error:
            raise self.unwritable(error) from error

    @property
    def words(self) -> str:
        """What is being done."""
        return WORDS[self.what]

    @property
    def cancelled(self) -> str:
        """What is kept if it is cancelled now."""
        return f"Cancelled. {self.done} of {self.total} rendered frames are kept."

    @property
    def done(self) -> int:
        """How many frames are there, one after the other from the first."""
        while self.counted < self.total and self.has(self.numbers[self.counted]):
            self.counted += 1
        return self.counted

    def has(self, number: int) -> bool:
        """Whether a frame is there."""
        return (self.folder / frame_name(number, self.ending)).is_file()

    @property
    def is_complete(self) -> bool:
        """Whether all frames are there."""
        return self.done == self.total

    def advance(self) -> None:
        """Goes on, or looks how far it is; raises UserError if that fails."""
        raise NotImplementedError

    def end(self) -> None:
        """Stops at once; finished frames are kept."""
        raise NotImplementedError

    def unwritable(self, error: OSError) -> UserError:
        """Why no frame can be written."""
        return UserError(
            f"The {self.what}'s frames cannot be rendered to '{self.folder}' ({error.strerror}): make room there, or "
            "choose another cache folder in the preferences of Stylestrip."
        )


class RenderingHere(Rendering):
    """In this process, some frames at a time; Blender does nothing else meanwhile.

    Args:
        wanted: what is rendered.
        frames: renders a frame each time it is asked for another one.
        what: of what, in a word.
    """

    def __init__(self, wanted: Wanted, frames: Generator, what: str = STRIP) -> None:
        super().__init__(wanted, what)
        self.frames = frames

    def advance(self) -> None:
        since = time.monotonic()
        try:
            with interrupt.noted():
                while time.monotonic() - since < TURN_SECONDS and not self.is_complete:
                    has_ended = next(self.frames, END) is END
                    interrupt.check()
                    if has_ended and not self.is_complete:
                        raise ScarceError(
                            f"A frame that was rendered of the {self.what} is gone from '{self.folder}': see that "
                            "nobody clears that folder, and try again."
                        )
        except OSError as error:
            raise self.unwritable(error) from error
        if self.is_complete:
            self.end()

    def end(self) -> None:
        self.frames.close()


class RenderingApart(Rendering):
    """In another Blender, of a copy of this file, so that the window stays free.

    Args:
        wanted: what is rendered.
        room: the module in blender_addon/host whose function `render_all` does it.
        values: what that is called with, beside the folder and the first and last frame.
        what: of what, in a word.
    """

    def __init__(self, wanted: Wanted, room: str, values: dict[str, Any], what: str = STRIP) -> None:
        super().__init__(wanted, what)
        values |= {"folder": str(self.folder), "first": self.numbers[0], "last": self.numbers[-1]}
        self.room, self.values = room, values | {"ending": self.ending}
        self.child: Child | None = None

    def advance(self) -> None:
        if self.child is None:  # not with the button that is pressed: to save a copy takes its time
            try:
                self.child = Child(self.folder, self.room, "render_all", self.values)
            except OSError as error:
                raise self.unwritable(error) from error
        running = self.child.is_running
        # Asked in this order: what is not there once it has ended never comes.
        if not self.is_complete and not running:
            raise ScarceError(f"The {self.what} could not be rendered: {self.child.problem()}")
        if self.is_complete:
            self.end()

    def end(self) -> None:
        if self.child:
            self.child.end()


def is_rendered(footage: Footage) -> bool:
    """Whether all frames of a strip have been rendered before."""
    return footage.folder.is_dir() and Rendering(footage).is_complete


def rendering_of(footage: Footage, scene: Scene, strip: Strip) -> Rendering | None:
    """Begins to render what is missing of a strip's frames; None if nothing is.

    Raises UserError if nothing can be written.
    """
    if not footage.way.is_render or Rendering(footage).is_complete:
        return None
    if not bpy.app.background:
        values = {"scene": scene.name, "strip": strip.name, "left": footage.left, "way": asdict(footage.way)}
        return RenderingApart(footage, "isolation", values)
    return RenderingHere(
        footage,
        render_missing(scene, strip, footage.way, footage.folder, footage.left, footage.numbers, footage.ending),
    )
