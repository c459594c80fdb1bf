"""Ctrl-C on the command line: it ends what is waited for at once, and what Blender draws after the present frame."""

import os
import signal
import sys
import threading
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
def passed_on() -> Iterator[None]:
    """Within, Ctrl-C is only noted; afterwards Blender is told of it, which ends its render by itself."""
    if threading.current_thread() is not threading.main_thread():
        yield  # where there is a window, signals are none of its concern
        return
    is_blenders_own = signal.getsignal(signal.SIGINT) is None
    with noted():
        yield
    if pressed and is_blenders_own:
        os.kill(os.getpid(), signal.SIGINT)


@contextmanager
def handled_by(handler: Callable[..., Any]) -> Iterator[None]:
    """Within, a function takes the signals."""
    before = [(number, signal.getsignal(number), taken_away(number)) for number in SIGNALS]
    for number in SIGNALS:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, usual, address in before:
            if usual is None:
                put_back(number, address)
            else:
                signal.signal(number, usual)


def taken_away(number: int) -> int | None:
    """The address of Blender's own handler of a signal, in C, which Python knows nothing of; None: it is Python's."""
    return of_c().signal(number, None) if signal.getsignal(number) is None else None


def put_back(number: int, address: int | None) -> None:
    """Lets Blender's own handler take a signal again."""
    signal.signal(number, signal.SIG_DFL)
    of_c().signal(number, address)


def of_c() -> Any:
    """The C library that Blender is using."""
    import ctypes  # late: it takes as long to load as a twentieth of the extension

    library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    library.signal.restype, library.signal.argtypes = ctypes.c_void_p, (ctypes.c_int, ctypes.c_void_p)
    return library
