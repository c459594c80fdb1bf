"""Ctrl-C on the command line: it ends what is waited for at once, and what Blender draws after the present frame."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# A polite kill counts as well.
SIGNALS = (signal.SIGINT, signal.SIGTERM)

pressed = False
"""Whether Ctrl-C came while it was only noted."""


def note(*_: object) -> None:
    """Ctrl-C was pressed."""
    global pressed
    pressed = True


def check() -> None:
    """Raises KeyboardInterrupt if Ctrl-C was noted."""
    if pressed:
        raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[None]:
    """Within, Ctrl-C raises KeyboardInterrupt; Blender would end without telling the worker."""
    global pressed
    with handled_by(signal.default_int_handler):
        yield
    pressed = False


@contextmanager
def noted() -> Iterator[None]:
    """Within, Ctrl-C waits for `check`: while Blender renders, its handlers would swallow a KeyboardInterrupt."""
    global pressed
    pressed = False
    with handled_by(note):
        yield


@contextmanager
def handled_by(handler: Callable[..., Any]) -> Iterator[None]:
    """Within, a function takes the signals."""
    before = [signal.signal(number, handler) for number in SIGNALS]
    try:
        yield
    finally:
        for number, usual in zip(SIGNALS, before, strict=True):
            # None: the handler was Blender's own, in C, which Python cannot put back.
            signal.signal(number, signal.SIG_DFL if usual is None else usual)
